package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import io.lanecell.internal.kernel.PackedMatrix;

/**
 * The cell of an LSTM that does more than PyTorch's, as {@link LstmOptions} says:
 *
 * <pre>
 *   i = gate(sum_i + p_i ∘ c)     f = gate(sum_f + p_f ∘ c), or 1 − i     g = cell(sum_g)     c' = clip(f ∘ c + i ∘ g)
 *   o = gate(sum_o + p_o ∘ c')    h' = o ∘ output(c')
 *
 *   with layer normalisation      sum = norm(W_ih x) + norm(W_hh h) + b      h' = o ∘ output(norm(c'))
 * </pre>
 *
 * Its matrix has the gates one after another, as the weights' rows have them. It goes gate by gate over whole rows, one sequence
 * after another.
 */
final class OptionLstmCell extends RecurrentCell {
    /** Scratch that {@link Kernels#layerNorm} needs, at the array's beginning. */
    private static final int PARTIALS = 16;

    /** A function with its usual parameter. */
    private record Function(ActivationFunction function, float parameter) {
        Function(ActivationFunction function) {
            this(function, SpecNumbers.toFloat(function.defaultParameter()));
        }
    }

    private final boolean coupled;
    private final Function gate;
    private final Function cell;
    private final Function output;
    private final float cellClip;
    private final float normEpsilon;
    /** Where g stands in a row of sums: i f g o, or i g o. */
    private final int candidate;
    private final PackedMatrix projection;
    private final float[] inputPeephole;
    private final float[] forgetPeephole;
    private final float[] outputPeephole;
    private final LayerNorms norms;

    /** What layer normalisation needs beside the epsilon. */
    private record LayerNorms(float[] inputWeight, float[] inputBias, float[] hiddenWeight, float[] hiddenBias,
            float[] cellWeight,
            float[] cellBias, float[] gateBias) {
    }

    OptionLstmCell(LstmOptions options, Weights weights, RecurrentGeometry geometry, int layer, String suffix) {
        super(geometry, layer, pack(weights, geometry, layer, suffix));
        coupled = options.coupled();
        gate = new Function(options.gate());
        cell = new Function(options.cell());
        output = new Function(options.output());
        cellClip = SpecNumbers.toFloat(options.cellClip());
        normEpsilon = SpecNumbers.toFloat(options.normEpsilon());
        candidate = coupled ? hiddenSize : 2 * hiddenSize;
        projection = LstmCell.projection(weights, geometry, suffix);
        inputPeephole = floatsOrNull(weights, "weight_ci" + suffix);
        forgetPeephole = floatsOrNull(weights, "weight_cf" + suffix);
        outputPeephole = floatsOrNull(weights, "weight_co" + suffix);
        norms = !LstmExtras.anyNorm(weights)
                ? null
                : new LayerNorms(weights.get("ln_ih_weight" + suffix).toFloats(), weights.get("ln_ih_bias" + suffix).toFloats(),
                        weights.get("ln_hh_weight" + suffix).toFloats(), weights.get("ln_hh_bias" + suffix).toFloats(),
                        weights.get("ln_c_weight" + suffix).toFloats(), weights.get("ln_c_bias" + suffix).toFloats(),
                        addedBiases(weights, geometry, suffix));
    }

    private static PackedMatrix pack(Weights weights, RecurrentGeometry geometry, int layer, String suffix) {
        float[] bias = LstmExtras.anyNorm(weights) ? null : addedBiases(weights, geometry, suffix);
        return PackedMatrix.of(weights.get("weight_ih" + suffix).toFloats(), weights.get("weight_hh" + suffix).toFloats(), bias,
                geometry.kind().gates() * geometry.hiddenSize(), geometry.layerInputSize(layer),
                geometry.outputSizePerDirection());
    }

    private static float[] floatsOrNull(Weights weights, String name) {
        return weights.has(name) ? weights.get(name).toFloats() : null;
    }

    /** Whether an LSTM with these options and tensors is another than PyTorch's. */
    static boolean isNeeded(LstmOptions options, Weights weights) {
        return options.gate() != ActivationFunction.SIGMOID || options.cell() != ActivationFunction.TANH
                || options.output() != ActivationFunction.TANH || options.coupled() || options.cellClip() != 0
                || LstmExtras.anyPeephole(weights) || LstmExtras.anyNorm(weights);
    }

    /** Refuses what excludes each other. */
    static void refuseExclusions(LstmOptions options, Weights weights) {
        boolean norms = LstmExtras.anyNorm(weights);
        refuse(norms && LstmExtras.anyProjection(weights), weights,
                "layer normalisation (ln_…) and a projection (weight_hr…) exclude each other: no definition of the two together is"
                        + " agreed on");
        refuse(norms && LstmExtras.anyPeephole(weights), weights,
                "layer normalisation (ln_…) and peepholes (weight_c…) exclude each other: no definition of the two together is"
                        + " agreed on");
        refuse(options.coupled() && LstmExtras.anyForgetPeephole(weights), weights,
                "coupled gates and a peephole of the forget gate (weight_cf…) exclude each other: that gate is 1 − i");
        refuse(!(options.cellClip() >= 0), weights, "cell_clip is " + options.cellClip() + " where 0 (none) or more is expected");
        refuse(norms && !(options.normEpsilon() >= 0), weights,
                "norm_eps is " + options.normEpsilon() + " where 0 or more is expected");
    }

    private static void refuse(boolean wrong, Weights weights, String why) {
        if (wrong) {
            String prefix = weights.fullName("");
            throw new InvalidModelException((prefix.isEmpty() ? "" : "under '" + prefix + "': ") + why);
        }
    }

    @Override
    String hiddenName() {
        return "an LSTM's hidden state";
    }

    @Override
    int hStride() {
        return projection == null ? units : projection.paddedOutputs();
    }

    @Override
    boolean stepsAlone() {
        return false;
    }

    /** The norms' partial sums; a row of units; hidden states before the projection; h's part of the sums, to be normalised. */
    @Override
    int scratchSize(int batch) {
        return PARTIALS + units + batch * units + batch * gates.paddedOutputs();
    }

    @Override
    void step(Kernels kernels, PackedMatrix share, float[] start, int startOffset, float[] x, int xOffset, int inputs, float[] h,
            float[] c, float[] hNext, float[] scratch, boolean downward) {
        throw new AssertionError("this cell always goes by update");
    }

    @Override
    void update(Kernels kernels, int rows, float[] sums, int sumsOffset, float[] h, float[] c, float[] scratch, float[] packed) {
        int width = gates.paddedOutputs();
        int unprojected = PARTIALS + units;
        int ofHidden = unprojected + rows * units;
        if (norms == null) {
            kernels.multiply(gates, inputSize, outputSize, h, 0, hStride(), rows, sums, sumsOffset, width, sums, sumsOffset,
                    width, packed);
        } else {
            kernels.multiply(gates, inputSize, outputSize, h, 0, hStride(), rows, gates.bias(), 0, 0, scratch, ofHidden, width,
                    packed);
        }
        for (int row = 0; row < rows; row++) {
            int at = sumsOffset + row * width;
            if (norms != null) {
                joinNormalised(kernels, sums, at, scratch, ofHidden + row * width);
            }
            remember(kernels, sums, at, c, row * units, scratch);
            if (projection == null) {
                give(kernels, sums, at, c, row * units, scratch, h, row * units);
            } else {
                give(kernels, sums, at, c, row * units, scratch, scratch, unprojected + row * units);
            }
        }
        if (projection != null) {
            kernels.multiply(projection, 0, hiddenSize, scratch, unprojected, units, rows, projection.bias(), 0, 0, h, 0,
                    hStride(), packed);
        }
    }

    /** The gates' sums out of x's part and h's, each normalised by itself. */
    private void joinNormalised(Kernels kernels, float[] sums, int at, float[] scratch, int ofHidden) {
        int count = norms.gateBias.length;
        kernels.layerNorm(sums, at, count, norms.inputWeight, norms.inputBias, normEpsilon, sums, at, scratch);
        kernels.layerNorm(scratch, ofHidden, count, norms.hiddenWeight, norms.hiddenBias, normEpsilon, scratch, ofHidden,
                scratch);
        for (int row = 0; row < count; row++) {
            sums[at + row] = sums[at + row] + scratch[ofHidden + row] + norms.gateBias[row];
        }
    }

    /** c' from the sums of i, f and g. */
    private void remember(Kernels kernels, float[] sums, int at, float[] c, int cOffset, float[] scratch) {
        addPeephole(kernels, inputPeephole, c, cOffset, sums, at);
        activate(kernels, gate, sums, at);
        float[] forget = sums;
        int f = at + hiddenSize;
        if (coupled) {
            forget = scratch;
            f = PARTIALS;
            for (int unit = 0; unit < hiddenSize; unit++) {
                forget[f + unit] = 1f - sums[at + unit];
            }
        } else {
            addPeephole(kernels, forgetPeephole, c, cOffset, sums, f);
            activate(kernels, gate, sums, f);
        }
        int g = at + candidate;
        activate(kernels, cell, sums, g);
        for (int unit = 0; unit < hiddenSize; unit++) {
            sums[g + unit] *= sums[at + unit];
        }
        kernels.multiplyAdd(forget, f, c, cOffset, sums, g, hiddenSize);
        System.arraycopy(sums, g, c, cOffset, hiddenSize);
        if (cellClip > 0) {
            clip(cellClip, c, cOffset);
        }
    }

    // Written so that NaN stays NaN.
    private void clip(float limit, float[] c, int cOffset) {
        for (int unit = cOffset; unit < cOffset + hiddenSize; unit++) {
            c[unit] = c[unit] > limit ? limit : c[unit] < -limit ? -limit : c[unit];
        }
    }

    /** h' before a projection, from c' and o's sums. */
    private void give(Kernels kernels, float[] sums, int at, float[] c, int cOffset, float[] scratch, float[] out,
            int outOffset) {
        int o = at + candidate + hiddenSize;
        addPeephole(kernels, outputPeephole, c, cOffset, sums, o);
        activate(kernels, gate, sums, o);
        if (norms == null) {
            System.arraycopy(c, cOffset, scratch, PARTIALS, hiddenSize);
        } else {
            kernels.layerNorm(c, cOffset, hiddenSize, norms.cellWeight, norms.cellBias, normEpsilon, scratch, PARTIALS,
                    scratch);
        }
        activate(kernels, output, scratch, PARTIALS);
        for (int unit = 0; unit < hiddenSize; unit++) {
            out[outOffset + unit] = sums[o + unit] * scratch[PARTIALS + unit];
        }
    }

    private void addPeephole(Kernels kernels, float[] peephole, float[] c, int cOffset, float[] sums, int offset) {
        if (peephole != null) {
            kernels.multiplyAdd(peephole, 0, c, cOffset, sums, offset, hiddenSize);
        }
    }

    private void activate(Kernels kernels, Function function, float[] x, int offset) {
        kernels.activate(function.function, function.parameter, x, offset, x, offset, hiddenSize);
    }
}
