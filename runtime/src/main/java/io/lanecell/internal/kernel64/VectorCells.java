package io.lanecell.internal.kernel64;

import static io.lanecell.internal.kernel64.PackedMatrix.F;
import static io.lanecell.internal.kernel64.PackedMatrix.G;
import static io.lanecell.internal.kernel64.PackedMatrix.I;
import static io.lanecell.internal.kernel64.PackedMatrix.NH;
import static io.lanecell.internal.kernel64.PackedMatrix.NX;
import static io.lanecell.internal.kernel64.PackedMatrix.O;
import static io.lanecell.internal.kernel64.PackedMatrix.RZ;
import static io.lanecell.internal.kernel64.PackedMatrix.UNITS;
import static io.lanecell.internal.kernel64.VectorKernels.LANES;
import static io.lanecell.internal.kernel64.VectorKernels.SPECIES;

import jdk.incubator.vector.DoubleVector;

/**
 * The updates of recurrent cells. Each pass of activations is a method of its own, small enough that C2 inlines {@link VectorMath} into
 * it; float32's twin, which has less to compute, gains by writing the activations out.
 */
final class VectorCells {
    private VectorCells() {
    }

    /** An LSTM's cell update of one sequence, {@code units} a multiple of 16. The gates' sums become the gates. */
    static void lstm(int units, double[] gates, int gatesOffset, double[] c, int cOffset, double[] h, int hOffset) {
        for (int block = 0; block < units; block += UNITS) {
            int at = gatesOffset + 4 * block;
            sigmoid(gates, at + I, 3 * UNITS); // i, f and o, which lie side by side
            remember(gates, at, c, cOffset + block);
            give(gates, at, c, cOffset + block, h, hOffset + block);
        }
    }

    private static void sigmoid(double[] x, int offset, int count) {
        for (int u = 0; u < count; u += LANES) {
            VectorMath.sigmoid(DoubleVector.fromArray(SPECIES, x, offset + u)).intoArray(x, offset + u);
        }
    }

    /** c' = f ∘ c + i ∘ tanh(g). */
    private static void remember(double[] gates, int at, double[] c, int cOffset) {
        for (int u = 0; u < UNITS; u += LANES) {
            DoubleVector candidate = VectorMath.tanh(DoubleVector.fromArray(SPECIES, gates, at + G + u));
            DoubleVector inputGate = DoubleVector.fromArray(SPECIES, gates, at + I + u);
            DoubleVector forgetGate = DoubleVector.fromArray(SPECIES, gates, at + F + u);
            DoubleVector cell = DoubleVector.fromArray(SPECIES, c, cOffset + u);
            forgetGate.fma(cell, inputGate.mul(candidate)).intoArray(c, cOffset + u);
        }
    }

    /** h' = o ∘ tanh(c'). */
    private static void give(double[] gates, int at, double[] c, int cOffset, double[] h, int hOffset) {
        for (int u = 0; u < UNITS; u += LANES) {
            DoubleVector y = VectorMath.tanh(DoubleVector.fromArray(SPECIES, c, cOffset + u));
            DoubleVector.fromArray(SPECIES, gates, at + O + u).mul(y).intoArray(h, hOffset + u);
        }
    }

    /** A GRU's update of a group of units of one sequence. The sums of r and z become the gates. */
    static void gru(int units, double[] sums, int at, double[] h, double[] hNext, int hOffset) {
        sigmoid(sums, at + RZ, 2 * units); // r and z, which lie side by side
        for (int block = 0; block < units; block += UNITS) {
            mix(sums, at + RZ + 2 * block, at + NX + block, at + NH + block, h, hNext, hOffset + block);
        }
    }

    /** n = tanh(n_x + r ∘ n_h); h' = n + z ∘ (h − n). */
    private static void mix(double[] sums, int rz, int nx, int nh, double[] h, double[] hNext, int hOffset) {
        for (int u = 0; u < UNITS; u += LANES) {
            DoubleVector reset = DoubleVector.fromArray(SPECIES, sums, rz + u);
            DoubleVector ofX = DoubleVector.fromArray(SPECIES, sums, nx + u);
            DoubleVector y = VectorMath.tanh(DoubleVector.fromArray(SPECIES, sums, nh + u).fma(reset, ofX));
            DoubleVector update = DoubleVector.fromArray(SPECIES, sums, rz + UNITS + u);
            DoubleVector hidden = DoubleVector.fromArray(SPECIES, h, hOffset + u);
            update.fma(hidden.sub(y), y).intoArray(hNext, hOffset + u);
        }
    }

    /** A plain recurrent network's update of one sequence with tanh. */
    static void rnn(int units, double[] sums, int sumsOffset, double[] h, int hOffset) {
        for (int u = 0; u < units; u += LANES) {
            VectorMath.tanh(DoubleVector.fromArray(SPECIES, sums, sumsOffset + u)).intoArray(h, hOffset + u);
        }
    }
}
