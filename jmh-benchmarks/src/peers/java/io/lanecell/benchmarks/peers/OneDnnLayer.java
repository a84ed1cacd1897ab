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
import org.bytedeco.dnnl.lstm_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** One layer of oneDNN's LSTM primitive, its weights in the layout that the primitive itself chose. */
final class OneDnnLayer implements AutoCloseable {
    private final stream stream;
    private final dnnl_stream streamHandle;
    private final lstm_forward primitive;
    private final dnnl_primitive handle;
    private final dnnl_exec_arg_t[] arguments = new dnnl_exec_arg_t[2];
    private final int argumentCount;
    /** Native memory, which lives as long as Java refers to it. */
    private final List<Pointer> alive = new ArrayList<>();
    private final FloatPointer[] states = new FloatPointer[4];
    private int parity;

    /**
     * Binds layer {@code layer} of a task.
     *
     * @param source (T, N, I) of this layer
     * @param result (T, N, D·H)
     */
    OneDnnLayer(engine engine, stream stream, Task task, int layer, FloatPointer source, FloatPointer result) {
        this.stream = stream;
        streamHandle = stream.get();
        Geometry g = task.geometry();
        int input = g.inputSizeOf(layer);
        int hidden = g.hiddenSize();
        int directions = g.directions();
        memory.desc none = new memory.desc();
        memory.desc sourceDesc = desc(memory.format_tag.tnc, g.steps(), g.batch(), input);
        memory.desc resultDesc = desc(memory.format_tag.tnc, g.steps(), g.batch(), g.outputSize());
        memory.desc stateDesc = g.carriesState() ? desc(memory.format_tag.ldnc, 1, directions, g.batch(), hidden) : none;
        memory.desc biasDesc = desc(memory.format_tag.ldgo, 1, directions, 4, hidden);
        lstm_forward.primitive_desc chosen = new lstm_forward.primitive_desc(engine, prop_kind.forward_inference,
                directions == 2 ? rnn_direction.bidirectional_concat : rnn_direction.unidirectional_left2right, sourceDesc,
                stateDesc, stateDesc, desc(memory.format_tag.any, 1, directions, input, 4, hidden),
                desc(memory.format_tag.any, 1, directions, hidden, 4, hidden), biasDesc, resultDesc, stateDesc, stateDesc);
        primitive = new lstm_forward(chosen);
        handle = primitive.get();
        Map<Integer, memory> memories = new LinkedHashMap<>();
        memories.put(DNNL_ARG_SRC_LAYER, new memory(sourceDesc, engine, source));
        memories.put(DNNL_ARG_DST_LAYER, new memory(resultDesc, engine, result));
        memories.put(DNNL_ARG_WEIGHTS_LAYER,
                reordered(engine, Gates.directions(task, "weight_ih", layer), chosen.weights_layer_desc(), directions, input, hidden));
        memories.put(DNNL_ARG_WEIGHTS_ITER,
                reordered(engine, Gates.directions(task, "weight_hh", layer), chosen.weights_iter_desc(), directions, hidden, hidden));
        memories.put(DNNL_ARG_BIAS, new memory(biasDesc, engine, filled(bias(task, layer))));
        memory[] carried = new memory[g.carriesState() ? 4 : 0];
        for (int i = 0; i < carried.length; i++) {
            states[i] = filled(new float[directions * g.batch() * hidden]);
            carried[i] = new memory(stateDesc, engine, states[i]);
        }
        alive.addAll(List.of(none, sourceDesc, resultDesc, stateDesc, biasDesc, chosen));
        argumentCount = memories.size() + carried.length;
        for (int i = 0; i < 2; i++) {
            if (carried.length > 0) { // a call reads the state where the call before wrote it
                memories.put(DNNL_ARG_SRC_ITER, carried[2 * i]);
                memories.put(DNNL_ARG_SRC_ITER_C, carried[2 * i + 1]);
                memories.put(DNNL_ARG_DST_ITER, carried[2 * (1 - i)]);
                memories.put(DNNL_ARG_DST_ITER_C, carried[2 * (1 - i) + 1]);
            }
            arguments[i] = arguments(memories);
        }
    }

    private static memory.desc desc(memory.format_tag tag, long... extents) {
        return new memory.desc(extents, memory.data_type.f32, tag);
    }

    private FloatPointer filled(float[] values) {
        FloatPointer pointer = new FloatPointer(values);
        alive.add(pointer);
        return pointer;
    }

    /** oneDNN takes one bias, PyTorch has two. */
    private static float[] bias(Task task, int layer) {
        float[] bias = Gates.directions(task, "bias_ih", layer);
        float[] other = Gates.directions(task, "bias_hh", layer);
        for (int i = 0; i < bias.length; i++) {
            bias[i] += other[i];
        }
        return bias;
    }

    /** From PyTorch's layout, gates × outputs × inputs, whose gate order i f g o is oneDNN's too. */
    private memory reordered(engine engine, float[] weights, memory.desc wanted, int directions, int input, int hidden) {
        memory.desc plainDesc = desc(memory.format_tag.ldgoi, 1, directions, input, 4, hidden);
        memory plain = new memory(plainDesc, engine, filled(weights));
        memory packed = new memory(wanted, engine);
        reorder reorder = new reorder(plain, packed);
        reorder.execute(stream, plain, packed);
        stream._wait();
        alive.addAll(List.of(plainDesc, plain, wanted, reorder));
        return packed;
    }

    private dnnl_exec_arg_t arguments(Map<Integer, memory> memories) {
        dnnl_exec_arg_t array = new dnnl_exec_arg_t(memories.size());
        int at = 0;
        for (Map.Entry<Integer, memory> entry : memories.entrySet()) {
            array.position(at++).arg(entry.getKey()).memory(entry.getValue().get());
            alive.add(entry.getValue());
        }
        return array.position(0);
    }

    /** One call. */
    void execute() {
        int status = dnnl_primitive_execute(handle, streamHandle, argumentCount, arguments[parity]);
        if (status != dnnl_success) {
            throw new CompareException("oneDNN's LSTM primitive failed with status " + status);
        }
        parity = 1 - parity;
    }

    /** Makes the carried state zero. */
    void reset() {
        for (FloatPointer state : states) {
            if (state != null) {
                state.put(new float[(int) state.limit()], 0, (int) state.limit());
            }
        }
    }

    @Override
    public void close() {
        primitive.close();
        alive.forEach(Pointer::close);
    }
}
