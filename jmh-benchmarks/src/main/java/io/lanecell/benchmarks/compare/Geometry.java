package io.lanecell.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * One case of the comparison: a recurrent network and what one call of it does. A call with one step carries the state on, as a live stream
 * does; a call with more starts from a zero state.
 *
 * @param name       the case's name on the command line
 * @param cell       LSTM or GRU
 * @param inputSize  I
 * @param hiddenSize H
 * @param layers     stacked layers
 * @param directions 2 where bidirectional, else 1
 * @param steps      T, of one call
 * @param batch      N, sequences that advance together
 */
public record Geometry(String name, Cell cell, int inputSize, int hiddenSize, int layers, int directions, int steps, int batch) {
    private static final int SEQUENCE_STEPS = 100;
    private static final int BATCH_STEPS = 50;
    private static final List<String> QUICK = List.of("step-16x32", "step-128", "step-256", "seq-128", "seq-256",
            "batch16-256", "bi2-256", "gru-step-128", "gru-seq-128");

    /** Every case, in the order of the tables. */
    public static List<Geometry> all() {
        List<Geometry> all = new ArrayList<>();
        all.add(new Geometry("step-16x32", Cell.LSTM, 16, 32, 1, 1, 1, 1));
        addStepsAndSequences(all, Cell.LSTM, 64, 128, 256, 512, 1024);
        for (int hidden : new int[]{128, 256}) {
            for (int batch : new int[]{2, 4, 8}) {
                all.add(batch(batch, hidden));
            }
        }
        for (int hidden : new int[]{128, 256, 512}) {
            all.add(batch(16, hidden));
        }
        all.add(batch(64, 256));
        all.add(new Geometry("bi2-256", Cell.LSTM, 128, 256, 2, 2, SEQUENCE_STEPS, 1));
        addStepsAndSequences(all, Cell.GRU, 64, 128, 256);
        return List.copyOf(all);
    }

    /** The cases that {@code --quick} runs unless others are named. */
    public static List<Geometry> quick() {
        return all().stream().filter(geometry -> QUICK.contains(geometry.name)).toList();
    }

    /**
     * The cases of these names, in the order of the tables.
     *
     * @throws CompareException if there is no such case; the message lists those there are
     */
    public static List<Geometry> named(List<String> names) {
        List<String> known = all().stream().map(Geometry::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new CompareException("there is no case '" + name + "', the cases are " + String.join(", ", known));
            }
        }
        return all().stream().filter(geometry -> names.contains(geometry.name)).toList();
    }

    private static void addStepsAndSequences(List<Geometry> all, Cell cell, int... sizes) {
        for (int size : sizes) {
            all.add(new Geometry(cell.casePrefix() + "step-" + size, cell, size, size, 1, 1, 1, 1));
        }
        for (int size : sizes) {
            all.add(new Geometry(cell.casePrefix() + "seq-" + size, cell, size, size, 1, 1, SEQUENCE_STEPS, 1));
        }
    }

    private static Geometry batch(int batch, int hidden) {
        return new Geometry("batch" + batch + "-" + hidden, Cell.LSTM, hidden, hidden, 1, 1, BATCH_STEPS, batch);
    }

    /** Whether a call is one step from the state the last call left. */
    public boolean carriesState() {
        return steps == 1;
    }

    /** Whether the time goes into reading the weights (batch 1) rather than into arithmetic. */
    public boolean readsWeights() {
        return batch == 1;
    }

    /** Features that layer {@code layer} takes per step. */
    public int inputSizeOf(int layer) {
        return layer == 0 ? inputSize : directions * hiddenSize;
    }

    /** Features per step of the output. */
    public int outputSize() {
        return directions * hiddenSize;
    }

    /** Rows of each weight matrix: H for each gate. */
    public int gateRows() {
        return cell.gates() * hiddenSize;
    }

    /** Bytes of the weight matrices, which every step of one row reads once: 4·gates·H·(I+H) in each layer and direction. */
    public long weightBytes() {
        long bytes = 0;
        for (int layer = 0; layer < layers; layer++) {
            bytes += 4L * gateRows() * (inputSizeOf(layer) + hiddenSize) * directions;
        }
        return bytes;
    }

    /** Floating-point operations of one call in the matrix products: two for each weight, step and row. */
    public long flops() {
        return weightBytes() / 4 * 2 * steps * batch;
    }

    @Override
    public String toString() {
        return name;
    }
}
