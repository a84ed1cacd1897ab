package io.lanecell.benchmarks.peers;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST_ITER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST_ITER_C;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST_LAYER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_ITER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_ITER_C;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_LAYER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS_ITER;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS_LAYER;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.lanecell.benchmarks.compare.Cell;
import io.lanecell.benchmarks.compare.CompareException;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.rnn_direction;
import org.bytedeco.dnnl.lbr_gru_forward;
import org.bytedeco.dnnl.lstm_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * One layer of oneDNN's LSTM primitive, or of its GRU that multiplies h before the reset (lbr), as PyTorch does. The weights are in the
 * layout that the primitive itself chose.
 */
final class OneDnnLayer implements AutoCloseable {
    /** The LSTM's gates; the GRU has three, but n has a bias for x and one for h. */
    private static final int BIASES = 4;

    private final Geometry geometry;
    private final int input;
    private final engine engine;
    private final stream stream;
    private final dnnl_stream streamHandle;
    private final primitive primitive;
    private final dnnl_primitive handle;
    private final Map<Integer, memory> memories = new LinkedHashMap<>();
    private final dnnl_exec_arg_t[] arguments = new dnnl_exec_arg_t[2];
    private final int argumentCount;
    /** Native memory, which lives as long as Java refers to it. */
    private final List<Pointer> alive = new ArrayList<>();
    private final List<FloatPointer> states = new ArrayList<>();
    private int parity;

    /**
     * Binds layer {@code layer} of a task.
     *
     * @param source (T, N, I) of this layer
     * @param result (T, N, D·H)
     */
    OneDnnLayer(engine engine, stream stream, Task task, int layer, FloatPointer source, FloatPointer result) {
        this.engine = engine;
        this.stream = stream;
        streamHandle = stream.get();
        geometry = task.geometry();
        input = geometry.inputSizeOf(layer);
        Geometry g = geometry;
        memory.desc sourceDesc = desc(memory.format_tag.tnc, g.steps(), g.batch(), input);
        memory.desc resultDesc = desc(memory.format_tag.tnc, g.steps(), g.batch(), g.outputSize());
        memory.desc stateDesc = g.carriesState()
                ? desc(memory.format_tag.ldnc, 1, g.directions(), g.batch(), g.hiddenSize())
                : kept(new memory.desc());
        memory.desc biasDesc = desc(memory.format_tag.ldgo, 1, g.directions(), BIASES, g.hiddenSize());
        memories.put(DNNL_ARG_SRC_LAYER, kept(new memory(sourceDesc, engine, source)));
        memories.put(DNNL_ARG_DST_LAYER, kept(new memory(resultDesc, engine, result)));
        memories.put(DNNL_ARG_BIAS, kept(new memory(biasDesc, engine, filled(bias(task, layer)))));
        primitive = switch (g.cell()) {
            case LSTM -> lstm(task, layer, sourceDesc, stateDesc, biasDesc, resultDesc);
            case GRU -> gru(task, layer, sourceDesc, stateDesc, biasDesc, resultDesc);
        };
        handle = primitive.get();
        bindCalls(stateDesc);
        argumentCount = memories.size();
    }

    private primitive lstm(Task task, int layer, memory.desc source, memory.desc state, memory.desc bias, memory.desc result) {
        lstm_forward.primitive_desc chosen = kept(new lstm_forward.primitive_desc(engine, prop_kind.forward_inference, direction(),
                source, state, state, anyLayout(input), anyLayout(geometry.hiddenSize()), bias, result, state, state));
        bindWeights(task, layer, chosen.weights_layer_desc(), chosen.weights_iter_desc());
        return new lstm_forward(chosen);
    }

    private primitive gru(Task task, int layer, memory.desc source, memory.desc state, memory.desc bias, memory.desc result) {
        lbr_gru_forward.primitive_desc chosen = kept(new lbr_gru_forward.primitive_desc(engine, prop_kind.forward_inference,
                direction(), source, state, anyLayout(input), anyLayout(geometry.hiddenSize()), bias, result, state));
        bindWeights(task, layer, chosen.weights_layer_desc(), chosen.weights_iter_desc());
        return new lbr_gru_forward(chosen);
    }

    private rnn_direction direction() {
        return geometry.directions() == 2 ? rnn_direction.bidirectional_concat : rnn_direction.unidirectional_left2right;
    }

    /** Weights of that many inputs, in whichever layout the primitive likes best. */
    private memory.desc anyLayout(int inputs) {
        return desc(memory.format_tag.any, 1, geometry.directions(), inputs, geometry.cell().gates(), geometry.hiddenSize());
    }

    private memory.desc desc(memory.format_tag tag, long... extents) {
        return kept(new memory.desc(extents, memory.data_type.f32, tag));
    }

    private <T extends Pointer> T kept(T pointer) {
        alive.add(pointer);
        return pointer;
    }

    private FloatPointer filled(float[] values) {
        return kept(new FloatPointer(values));
    }

    /** oneDNN takes the sum of PyTorch's two biases, but for the GRU's n, whose h part has one of its own behind the others. */
    private float[] bias(Task task, int layer) {
        int hidden = geometry.hiddenSize();
        int[] order = Gates.oneDnnOrder(geometry.cell());
        int summed = geometry.cell() == Cell.GRU ? 2 : BIASES;
        float[] bias = new float[geometry.directions() * BIASES * hidden];
        for (int direction = 0; direction < geometry.directions(); direction++) {
            float[] ofInput = Gates.ordered(task.weight("bias_ih", layer, direction), order);
            float[] ofHidden = Gates.ordered(task.weight("bias_hh", layer, direction), order);
            int at = direction * BIASES * hidden;
            System.arraycopy(ofInput, 0, bias, at, ofInput.length);
            for (int i = 0; i < summed * hidden; i++) {
                bias[at + i] += ofHidden[i];
            }
            System.arraycopy(ofHidden, summed * hidden, bias, at + ofInput.length, ofHidden.length - summed * hidden);
        }
        return bias;
    }

    private void bindWeights(Task task, int layer, memory.desc ofInput, memory.desc ofHidden) {
        memories.put(DNNL_ARG_WEIGHTS_LAYER, reordered(task, "weight_ih", layer, input, ofInput));
        memories.put(DNNL_ARG_WEIGHTS_ITER, reordered(task, "weight_hh", layer, geometry.hiddenSize(), ofHidden));
    }

    /** From PyTorch's layout, gates × outputs × inputs. */
    private memory reordered(Task task, String kind, int layer, int inputs, memory.desc wanted) {
        float[] weights = Gates.directions(task, kind, layer, Gates.oneDnnOrder(geometry.cell()));
        memory.desc plainDesc = desc(memory.format_tag.ldgoi, 1, geometry.directions(), inputs, geometry.cell().gates(),
                geometry.hiddenSize());
        memory plain = kept(new memory(plainDesc, engine, filled(weights)));
        memory packed = kept(new memory(kept(wanted), engine));
        reorder reorder = kept(new reorder(plain, packed));
        reorder.execute(stream, plain, packed);
        stream._wait();
        return packed;
    }

    /** Even and odd calls have arguments of their own: a call reads its state where the call before wrote it. */
    private void bindCalls(memory.desc stateDesc) {
        memory[] hidden = carried(stateDesc, geometry.carriesState());
        memory[] cell = carried(stateDesc, geometry.carriesState() && geometry.cell().hasMemory());
        for (int i = 0; i < 2; i++) {
            if (hidden.length > 0) {
                memories.put(DNNL_ARG_SRC_ITER, hidden[i]);
                memories.put(DNNL_ARG_DST_ITER, hidden[1 - i]);
            }
            if (cell.length > 0) {
                memories.put(DNNL_ARG_SRC_ITER_C, cell[i]);
                memories.put(DNNL_ARG_DST_ITER_C, cell[1 - i]);
            }
            arguments[i] = arguments();
        }
    }

    private memory[] carried(memory.desc stateDesc, boolean exists) {
        memory[] pair = new memory[exists ? 2 : 0];
        for (int i = 0; i < pair.length; i++) {
            FloatPointer state = filled(new float[geometry.directions() * geometry.batch() * geometry.hiddenSize()]);
            states.add(state);
            pair[i] = kept(new memory(stateDesc, engine, state));
        }
        return pair;
    }

    private dnnl_exec_arg_t arguments() {
        dnnl_exec_arg_t array = new dnnl_exec_arg_t(memories.size());
        int at = 0;
        for (Map.Entry<Integer, memory> entry : memories.entrySet()) {
            array.position(at++).arg(entry.getKey()).memory(entry.getValue().get());
        }
        return array.position(0);
    }

    /** One call. */
    void execute() {
        int status = dnnl_primitive_execute(handle, streamHandle, argumentCount, arguments[parity]);
        if (status != dnnl_success) {
            throw new CompareException("oneDNN's primitive failed with status " + status);
        }
        parity = 1 - parity;
    }

    /** Makes the carried state zero. */
    void reset() {
        for (FloatPointer state : states) {
            state.put(new float[(int) state.limit()], 0, (int) state.limit());
        }
    }

    @Override
    public void close() {
        primitive.close();
        alive.forEach(Pointer::close);
    }
}
