package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.loader.PickleValue.Global;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The closed list of names that a state dict's pickle may ask for. */
final class TorchGlobals {
    /** What a name stands for. */
    enum Kind {
        /** torch._utils._rebuild_tensor_v2. */
        REBUILD_TENSOR,
        /** torch._utils._rebuild_tensor, from before PyTorch 0.4. */
        REBUILD_TENSOR_V1,
        /** torch._utils._rebuild_parameter. */
        REBUILD_PARAMETER,
        /** collections.OrderedDict. */
        ORDERED_DICT,
        /** torch.Size. */
        SIZE,
        /** torch.device. */
        DEVICE,
        /** A class of storages, torch.FloatStorage and the like. */
        STORAGE,
        /** A class of tensors, torch.FloatTensor and the like, which files from before PyTorch 0.2 name. */
        TENSOR,
        /** torch.float32 and the like, which a checkpoint may hold beside its tensors. */
        DTYPE,
        /** Lightning's dict of hyperparameters or argparse's Namespace, as one more dict. */
        RECORD,
        /** In TorchScript archives: torch.jit._pickle.restore_type_tag, a value and what its type is called. */
        TYPE_TAG,
        /** In TorchScript archives: torch.jit._pickle.build_tensorlist and the like, a list of one type. */
        TYPED_LIST,
        /** In TorchScript archives: the class of a module, anything under {@code __torch__}. */
        MODULE
    }

    private static final String JIT = "torch.jit._pickle.";
    private static final Map<String, Global> KNOWN = new HashMap<>();
    private static final Map<String, Global> SCRIPT = new HashMap<>();

    static {
        know("torch._utils._rebuild_tensor_v2", Kind.REBUILD_TENSOR, null);
        know("torch._utils._rebuild_tensor", Kind.REBUILD_TENSOR_V1, null);
        know("torch._utils._rebuild_parameter", Kind.REBUILD_PARAMETER, null);
        know("collections.OrderedDict", Kind.ORDERED_DICT, null);
        know("torch.Size", Kind.SIZE, null);
        know("torch.device", Kind.DEVICE, null);
        know("argparse.Namespace", Kind.RECORD, null);
        for (String home : List.of("pytorch_lightning.utilities.parsing", "lightning.pytorch.utilities.parsing",
                "lightning_fabric.utilities.data", "lightning.fabric.utilities.data")) {
            know(home + ".AttributeDict", Kind.RECORD, null);
        }
        for (String script : List.of("restore_type_tag", "build_tensorlist", "build_intlist", "build_doublelist",
                "build_boollist")) {
            Kind kind = script.equals("restore_type_tag") ? Kind.TYPE_TAG : Kind.TYPED_LIST;
            SCRIPT.put(JIT + script, new Global(kind, JIT + script, null));
        }
        dtype(DType.F64, "DoubleStorage", "float64");
        dtype(DType.F32, "FloatStorage", "float32");
        dtype(DType.F16, "HalfStorage", "float16");
        dtype(DType.BF16, "BFloat16Storage", "bfloat16");
        dtype(DType.I64, "LongStorage", "int64");
        dtype(DType.I32, "IntStorage", "int32");
        dtype(DType.I16, "ShortStorage", "int16");
        dtype(DType.I8, "CharStorage", "int8");
        dtype(DType.U8, "ByteStorage", "uint8");
        dtype(DType.BOOL, "BoolStorage", "bool");
    }

    /** Names of tensors that are genuine but of types we don't have: complex, quantized, float8, uint16 … */
    private static final Set<String> OTHER_TENSORS = Set
            .of("torch.ComplexFloatStorage", "torch.ComplexDoubleStorage", "torch.QInt8Storage", "torch.QUInt8Storage",
                    "torch.QInt32Storage", "torch.QUInt4x2Storage", "torch.QUInt2x4Storage", "torch.storage.UntypedStorage",
                    "torch.storage._UntypedStorage", "torch.storage.TypedStorage", "torch.storage._TypedStorage",
                    "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_qtensor", "torch._utils._rebuild_sparse_tensor");

    private TorchGlobals() {
    }

    private static void know(String name, Kind kind, DType dtype) {
        KNOWN.put(name, new Global(kind, name, dtype));
    }

    private static void dtype(DType dtype, String storage, String name) {
        know("torch." + storage, Kind.STORAGE, dtype);
        know("torch." + name, Kind.DTYPE, dtype);
        String tensor = storage.replace("Storage", "Tensor");
        know("torch." + tensor, Kind.TENSOR, dtype);
        know("torch.cuda." + tensor, Kind.TENSOR, dtype);
    }

    /**
     * The global of that name, or a refusal: nothing is looked up anywhere but in the list.
     *
     * @param pickle what messages call the pickle
     * @param script whether it is a TorchScript archive's, which may name its modules' classes as well
     */
    static Global find(Source source, String pickle, boolean script, String module, String name, long offset) {
        String full = module + "." + name;
        Global global = KNOWN.get(full);
        if (global == null && script) {
            global = full.startsWith("__torch__.") ? new Global(Kind.MODULE, full, null) : SCRIPT.get(full);
        }
        if (global != null) {
            return global;
        }
        String where = " (byte " + offset + " of " + pickle + ")";
        if (OTHER_TENSORS.contains(full)) {
            throw source.unsupported("holds a tensor of a kind that is not read: its pickle asks for " + full + where
                    + ", convert it to float32 before torch.save");
        }
        throw source.refused("its pickle asks for " + Quote.of(full) + where + ", which no state dict needs and which was not"
                + " run: save the tensors alone, torch.save(model.state_dict(), file)");
    }
}
