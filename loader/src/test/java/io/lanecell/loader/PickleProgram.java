package io.lanecell.loader;

import java.util.List;

/**
 * Pickles that are grammatical for the most part: values inside values, tensors over storages, calls of the globals on the list,
 * and now and then an opcode, a number or a name that doesn't belong there.
 */
final class PickleProgram {
    private static final List<String> KEYS = List.of("weight", "bias", "lstm.weight_ih_l0", "state_dict", "model", "state",
            "param_groups", "", "a.b", "0", "é\n", "_metadata");
    private static final List<String> STORAGES = List.of("FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage",
            "LongStorage", "ByteStorage", "BoolStorage", "CharStorage", "ComplexFloatStorage", "float32");
    private static final List<String[]> GLOBALS = List.of(new String[]{"collections", "OrderedDict"},
            new String[]{"torch._utils", "_rebuild_tensor_v2"}, new String[]{"torch._utils", "_rebuild_tensor"},
            new String[]{"torch._utils", "_rebuild_parameter"}, new String[]{"torch", "Size"}, new String[]{"torch", "device"},
            new String[]{"torch", "FloatStorage"}, new String[]{"argparse", "Namespace"}, new String[]{"torch", "float32"},
            new String[]{"torch.jit._pickle", "build_tensorlist"}, new String[]{"torch.jit._pickle", "restore_type_tag"},
            new String[]{"__torch__", "Net"}, new String[]{"__torch__.torch.nn", "Linear"}, new String[]{"os", "system"},
            new String[]{"builtins", "eval"});
    private static final String OPCODES = "(.0123]}lduesatRbQhjqrNJKMXGcCBT)\u0080\u0081\u0085\u0086\u0087\u0088\u0089\u008a\u008b"
            + "\u008c\u008d\u008e\u0093\u0094\u0095IFSVLgpioP\u0082\u0090\u008f\u0091\u0092\u0096\u0097\u0098";
    private static final int DEEPEST = 6;
    private static final int LONGEST = 4096;

    /** Whose pickle it is. */
    private enum Kind {
        STATE_DICT, MODULE, TAR
    }

    private final Choices choices;
    private final Kind kind;
    private final PickleWriter out;

    private PickleProgram(Choices choices, Kind kind) {
        this.choices = choices;
        this.kind = kind;
        this.out = PickleWriter.protocol(2 + choices.below(4));
    }

    /** @param module whether it is a TorchScript archive's, an object with attributes */
    static byte[] of(Choices choices, boolean module) {
        return of(choices, module ? Kind.MODULE : Kind.STATE_DICT);
    }

    /** A tar archive's, which refers to tensors and storages by the keys 1 to 4. */
    static byte[] ofTar(Choices choices) {
        return of(choices, Kind.TAR);
    }

    private static byte[] of(Choices choices, Kind kind) {
        PickleProgram program = new PickleProgram(choices, kind);
        program.root();
        return program.out.stop();
    }

    private void root() {
        if (kind == Kind.MODULE && !choices.oneIn(16)) {
            module(0);
        } else if (choices.oneIn(4)) {
            value(0);
        } else {
            dict(0);
        }
    }

    private void value(int depth) {
        if (choices.oneIn(24)) {
            out.op(OPCODES.charAt(choices.below(OPCODES.length())));
        }
        if (depth >= DEEPEST || out.size() > LONGEST || !choices.more()) {
            out.op('N');
            return;
        }
        switch (choices.below(16)) {
            case 0, 1, 2, 3, 4 -> tensor();
            case 5 -> dict(depth + 1);
            case 6 -> list(depth + 1);
            case 7 -> tuple(depth + 1);
            case 8 -> out.op(choices.of(List.of((int) 'N', 0x88, 0x89, (int) ')')));
            case 9 -> out.number(choices.number());
            case 10 -> out.text(choices.of(KEYS));
            case 11 -> call(depth + 1);
            case 12 -> storage();
            case 13 -> module(depth + 1);
            case 14 -> out.op('h', choices.below(4));
            default -> put(depth + 1);
        }
    }

    private void put(int depth) {
        value(depth);
        if (choices.oneIn(2)) {
            out.op(0x94);
        } else {
            out.op('q', choices.below(4));
        }
    }

    private void dict(int depth) {
        if (choices.oneIn(3)) {
            out.global("collections", "OrderedDict").ops(")R");
        } else {
            out.ops("}");
        }
        out.ops("(");
        while (choices.more() && !choices.oneIn(5)) {
            if (choices.oneIn(8)) {
                out.number(choices.number());
            } else {
                out.text(choices.of(KEYS));
            }
            value(depth);
        }
        out.ops("u");
    }

    private void list(int depth) {
        out.ops("](");
        while (choices.more() && !choices.oneIn(4)) {
            value(depth);
        }
        out.ops("e");
    }

    private void tuple(int depth) {
        out.ops("(");
        while (choices.more() && !choices.oneIn(4)) {
            value(depth);
        }
        out.ops("t");
    }

    /** A global of the list called with any arguments, or made with its attributes set. */
    private void call(int depth) {
        String[] global = choices.of(GLOBALS);
        out.global(global[0], global[1]);
        tuple(depth);
        out.op(choices.oneIn(4) ? 0x81 : 'R');
        if (choices.oneIn(3)) {
            value(depth);
            out.ops("b");
        }
    }

    private void module(int depth) {
        out.global("__torch__", "Net").op(')', 0x81).ops("}(");
        while (choices.more() && !choices.oneIn(4)) {
            out.text(choices.of(KEYS));
            value(depth + 1);
        }
        out.ops("ub");
    }

    private void storage() {
        if (kind == Kind.TAR) {
            reference();
            return;
        }
        out.storage(choices.of(STORAGES), Integer.toString(choices.below(3)), elements());
    }

    /** Storages have 6 elements; most tensors fit them, some don't. */
    private void tensor() {
        if (kind == Kind.TAR && !choices.oneIn(8)) {
            reference();
            return;
        }
        int rank = choices.below(4);
        long[] shape = new long[rank];
        long[] strides = new long[choices.oneIn(32) ? choices.below(4) : rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = choices.oneIn(12) ? choices.number() : choices.below(4);
        }
        for (int i = 0; i < strides.length; i++) {
            strides[i] = choices.oneIn(12) ? choices.number() : choices.below(4);
        }
        long offset = choices.oneIn(12) ? choices.number() : choices.below(2);
        out.tensor(choices.of(STORAGES), Integer.toString(choices.below(3)), elements(), offset, shape, strides);
        if (choices.oneIn(16)) {
            out.op(OPCODES.charAt(choices.below(OPCODES.length())));
        }
    }

    private void reference() {
        out.text(Long.toString(choices.oneIn(16) ? choices.number() : 1 + choices.below(4))).ops("Q");
    }

    private long elements() {
        return choices.oneIn(10) ? choices.number() : 6;
    }
}
