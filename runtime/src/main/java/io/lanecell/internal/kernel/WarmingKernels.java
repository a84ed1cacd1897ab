package io.lanecell.internal.kernel;

import static io.lanecell.internal.kernel.Operation.ACTIVATE;
import static io.lanecell.internal.kernel.Operation.ADD;
import static io.lanecell.internal.kernel.Operation.ADD_SCALED;
import static io.lanecell.internal.kernel.Operation.DOTS;
import static io.lanecell.internal.kernel.Operation.GRU_CELL;
import static io.lanecell.internal.kernel.Operation.GRU_STEP;
import static io.lanecell.internal.kernel.Operation.LAYER_NORM;
import static io.lanecell.internal.kernel.Operation.LSTM_CELL;
import static io.lanecell.internal.kernel.Operation.LSTM_STEP;
import static io.lanecell.internal.kernel.Operation.MAX;
import static io.lanecell.internal.kernel.Operation.MULTIPLY_JOINED;
import static io.lanecell.internal.kernel.Operation.MULTIPLY_ROW;
import static io.lanecell.internal.kernel.Operation.MULTIPLY_ROWS;
import static io.lanecell.internal.kernel.Operation.OWN_INPUTS;
import static io.lanecell.internal.kernel.Operation.RNN_CELL;
import static io.lanecell.internal.kernel.Operation.RNN_STEP;
import static io.lanecell.internal.kernel.Operation.SCALE_AND_SHIFT;
import static io.lanecell.internal.kernel.Operation.SOFTMAX;

import io.lanecell.ActivationFunction;
import io.lanecell.internal.events.Events;
import io.lanecell.internal.events.WarmUpEvent;
import io.lanecell.internal.warmup.WarmUpThread;

/**
 * The vector kernel for who can't wait for it: until an operation's vector form is compiled its scalar twin serves, from the first
 * call on. The first use of an operation has it warmed in the background; when that is done, calls go to the vector form. Nobody
 * notices but by the clock, because both give the same bits.
 */
final class WarmingKernels implements Kernels {
    private final Kernels scalar = KernelSelection.scalar();
    /**
     * What does each operation now; null before its first use. Plain reads cost nothing; a thread that still sees the twin for some calls
     * after the switch gets the same bits.
     */
    private final Kernels[] now = new Kernels[Operation.values().length];

    private Kernels use(Operation operation) {
        Kernels kernels = now[operation.ordinal()];
        return kernels != null ? kernels : begin(operation);
    }

    private synchronized Kernels begin(Operation operation) {
        if (now[operation.ordinal()] == null) {
            now[operation.ordinal()] = scalar;
            WarmUpThread.add(new Task(operation));
        }
        return scalar;
    }

    /** Whether calls of that operation go to the vector kernel. */
    boolean isWarm(Operation operation) {
        return now[operation.ordinal()] == KernelSelection.vector();
    }

    /** A class with a name, because the first lambda of a process costs its start several milliseconds. */
    private final class Task implements Runnable {
        private final Operation operation;

        Task(Operation operation) {
            this.operation = operation;
        }

        @Override
        public void run() {
            if (!Events.recordsWarmUps()) {
                warm();
                return;
            }
            WarmUpEvent event = new WarmUpEvent();
            event.operation = operation.toString();
            event.begin();
            event.switched = warm();
            event.commit();
        }

        private boolean warm() {
            Kernels vector = KernelSelection.vector();
            if (vector == null) {
                KernelSelection.warn(KernelSelection.obstacle());
                return false;
            }
            if (!WarmUp.warm(operation, scalar, vector)) {
                KernelSelection.warn("its " + operation + " didn't become fast in 20 seconds of warming: please report it, with"
                        + " the line of Lanecell.describe()");
                return false;
            }
            now[operation.ordinal()] = vector;
            return true;
        }
    }

    @Override
    public String name() {
        return KernelSelection.isFoundTooNarrow() ? scalar.name() : "vector";
    }

    @Override
    public int lanes() {
        return KernelSelection.vector() == null ? scalar.lanes() : KernelSelection.vector().lanes();
    }

    @Override
    public void multiply(PackedMatrix matrix, int from, int count, float[] x, int xOffset, int xStride, int rows, float[] start,
            int startOffset, int startStride, float[] out, int outOffset, int outStride, float[] packed) {
        use(rows == 1 ? MULTIPLY_ROW : MULTIPLY_ROWS).multiply(matrix, from, count, x, xOffset, xStride, rows, start, startOffset,
                startStride, out, outOffset, outStride, packed);
    }

    @Override
    public void multiply(PackedMatrix matrix, float[] x, int xOffset, int xStride, int inputs, float[] h, int hStride,
            int recurrent, int rows, float[] out, int outStride, float[] packed) {
        use(rows == 1 ? MULTIPLY_ROW : MULTIPLY_JOINED).multiply(matrix, x, xOffset, xStride, inputs, h, hStride, recurrent, rows,
                out, outStride, packed);
    }

    @Override
    public void lstmCell(int rows, int units, float[] gates, int gatesOffset, int gatesStride, float[] c, float[] h,
            int hStride) {
        use(LSTM_CELL).lstmCell(rows, units, gates, gatesOffset, gatesStride, c, h, hStride);
    }

    @Override
    public void lstmStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] c, float[] hNext, float[] panelSums, boolean downward) {
        use(LSTM_STEP).lstmStep(matrix, start, startOffset, x, xOffset, inputs, h, recurrent, c, hNext, panelSums, downward);
    }

    @Override
    public void gruCell(int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        use(GRU_CELL).gruCell(rows, units, sums, sumsOffset, sumsStride, h, hStride);
    }

    @Override
    public void gruStep(PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            int recurrent, float[] hNext, float[] groupSums, boolean downward) {
        use(GRU_STEP).gruStep(matrix, start, startOffset, x, xOffset, inputs, h, recurrent, hNext, groupSums, downward);
    }

    @Override
    public void rnnCell(boolean relu, int rows, int units, float[] sums, int sumsOffset, int sumsStride, float[] h, int hStride) {
        use(RNN_CELL).rnnCell(relu, rows, units, sums, sumsOffset, sumsStride, h, hStride);
    }

    @Override
    public void rnnStep(boolean relu, PackedMatrix matrix, float[] start, int startOffset, float[] x, int xOffset, int inputs,
            float[] h, int recurrent, float[] hNext, float[] panelSums, boolean downward) {
        use(RNN_STEP).rnnStep(relu, matrix, start, startOffset, x, xOffset, inputs, h, recurrent, hNext, panelSums, downward);
    }

    @Override
    public void softmax(float[] x, int xOffset, int count, float[] out, int outOffset) {
        use(SOFTMAX).softmax(x, xOffset, count, out, outOffset);
    }

    @Override
    public void activate(ActivationFunction function, float parameter, float[] x, int xOffset, float[] out, int outOffset,
            int count) {
        use(ACTIVATE).activate(function, parameter, x, xOffset, out, outOffset, count);
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] out, int outOffset, int count) {
        use(ADD_SCALED).addScaled(factor, x, xOffset, out, outOffset, count);
    }

    @Override
    public void add(float[] x, int xOffset, float[] out, int outOffset, int count) {
        use(ADD).add(x, xOffset, out, outOffset, count);
    }

    @Override
    public void max(float[] x, int xOffset, float[] out, int outOffset, int count) {
        use(MAX).max(x, xOffset, out, outOffset, count);
    }

    @Override
    public void scaleAndShift(float[] x, int xOffset, float[] scale, float[] shift, float[] out, int outOffset, int count) {
        use(SCALE_AND_SHIFT).scaleAndShift(x, xOffset, scale, shift, out, outOffset, count);
    }

    @Override
    public void layerNorm(float[] x, int xOffset, int count, float[] weight, float[] bias, float epsilon, float[] out,
            int outOffset, float[] partials) {
        use(LAYER_NORM).layerNorm(x, xOffset, count, weight, bias, epsilon, out, outOffset, partials);
    }

    @Override
    public void dots(float[] x, int xOffset, int xStride, int rows, float[] y, int yOffset, int count, float[] out, int outOffset,
            float[] partials) {
        use(DOTS).dots(x, xOffset, xStride, rows, y, yOffset, count, out, outOffset, partials);
    }

    @Override
    public void ownInputs(float[] w, int taps, int inputs, int outputs, float[] bias, float[] x, int xOffset, int tapStride,
            float[] out, int outOffset) {
        use(OWN_INPUTS).ownInputs(w, taps, inputs, outputs, bias, x, xOffset, tapStride, out, outOffset);
    }
}
