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

/** The updates of recurrent cells: passes of {@link VectorActivations}, and between them what joins their results. */
final class VectorCells {
    private VectorCells() {
    }

    /** An LSTM's cell update of one sequence, {@code units} a multiple of 16. The gates' sums become the gates. */
    static void lstm(int units, double[] gates, int gatesOffset, double[] c, int cOffset, double[] h, int hOffset) {
        for (int block = 0; block < units; block += UNITS) {
            int at = gatesOffset + 4 * block;
            VectorActivations.sigmoid(gates, at + I, gates, at + I, 3 * UNITS); // i, f and o, which lie side by side
            VectorActivations.tanh(gates, at + G, gates, at + G, UNITS);
            for (int u = 0; u < UNITS; u += LANES) { // c' = f ∘ c + i ∘ g
                DoubleVector candidate = DoubleVector.fromArray(SPECIES, gates, at + G + u);
                DoubleVector inputGate = DoubleVector.fromArray(SPECIES, gates, at + I + u);
                DoubleVector forgetGate = DoubleVector.fromArray(SPECIES, gates, at + F + u);
                DoubleVector cell = DoubleVector.fromArray(SPECIES, c, cOffset + block + u);
                forgetGate.fma(cell, inputGate.mul(candidate)).intoArray(c, cOffset + block + u);
            }
            VectorActivations.tanh(c, cOffset + block, h, hOffset + block, UNITS);
            for (int u = 0; u < UNITS; u += LANES) { // h' = o ∘ tanh(c')
                DoubleVector y = DoubleVector.fromArray(SPECIES, h, hOffset + block + u);
                DoubleVector.fromArray(SPECIES, gates, at + O + u).mul(y).intoArray(h, hOffset + block + u);
            }
        }
    }

    /** A GRU's update of a group of units of one sequence. The sums of r and z become the gates, h's part of n becomes n. */
    static void gru(int units, double[] sums, int at, double[] h, double[] hNext, int hOffset) {
        VectorActivations.sigmoid(sums, at + RZ, sums, at + RZ, 2 * units); // r and z, which lie side by side
        for (int u = 0; u < units; u += LANES) { // n_x + r ∘ n_h
            DoubleVector reset = DoubleVector.fromArray(SPECIES, sums, at + RZ + u / UNITS * 2 * UNITS + u % UNITS);
            DoubleVector ofX = DoubleVector.fromArray(SPECIES, sums, at + NX + u);
            DoubleVector.fromArray(SPECIES, sums, at + NH + u).fma(reset, ofX).intoArray(sums, at + NH + u);
        }
        VectorActivations.tanh(sums, at + NH, sums, at + NH, units);
        for (int u = 0; u < units; u += LANES) { // h' = n + z ∘ (h − n)
            DoubleVector update = DoubleVector.fromArray(SPECIES, sums, at + RZ + u / UNITS * 2 * UNITS + UNITS + u % UNITS);
            DoubleVector n = DoubleVector.fromArray(SPECIES, sums, at + NH + u);
            update.fma(DoubleVector.fromArray(SPECIES, h, hOffset + u).sub(n), n).intoArray(hNext, hOffset + u);
        }
    }

    /** A plain recurrent network's update of one sequence with tanh. */
    static void rnn(int units, double[] sums, int sumsOffset, double[] h, int hOffset) {
        VectorActivations.tanh(sums, sumsOffset, h, hOffset, units);
    }
}
