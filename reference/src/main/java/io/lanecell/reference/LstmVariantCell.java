package io.lanecell.reference;

import io.lanecell.LstmOptions;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * One layer in one direction of an LSTM with what PyTorch's hasn't: {@link LstmOptions}, peepholes (weight_ci, weight_cf and
 * weight_co, [H] each) and layer normalisation (ln_ih and ln_hh over the gates together, ln_c over the cells). Without any of it
 * it computes what {@link LstmCell} does. The gates are i, f, g, o; coupled, i, g, o.
 */
final class LstmVariantCell implements Cell {
    private final RecurrentGeometry geometry;
    private final Affine ofInput;
    private final Affine ofHidden;
    /** b_ih + b_hh. */
    private final RealVector bias;
    private final Affine hr;
    private final boolean coupled;
    private final UnivariateFunction gate;
    private final UnivariateFunction candidate;
    private final UnivariateFunction output;
    private final double clip;
    /** Null without peepholes; {@code peepholeF} also where f is coupled to i. */
    private final RealVector peepholeI;
    private final RealVector peepholeF;
    private final RealVector peepholeO;
    /** Null without layer normalisation. */
    private final ReferenceLayerNorm normOfInput;
    private final ReferenceLayerNorm normOfHidden;
    private final ReferenceLayerNorm normOfCell;

    private LstmVariantCell(LstmOptions options, LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        this.geometry = geometry;
        int rows = geometry.rows();
        int hidden = geometry.hiddenSize();
        String suffix = geometry.suffix(layer, direction);
        double[] none = new double[rows];
        ofInput = new Affine(weights.matrix("weight_ih" + suffix, rows, geometry.inputSize(layer), geometry), none);
        ofHidden = new Affine(weights.matrix("weight_hh" + suffix, rows, geometry.hiddenStateSize(), geometry), none);
        bias = geometry.bias()
                ? new ArrayRealVector(weights.vector("bias_ih" + suffix, rows, geometry))
                        .add(new ArrayRealVector(weights.vector("bias_hh" + suffix, rows, geometry)))
                : new ArrayRealVector(rows);
        hr = LstmCell.projection(weights, geometry, layer, direction);
        coupled = options.coupled();
        gate = ReferenceActivation.function(options.gate());
        candidate = ReferenceActivation.function(options.cell());
        output = ReferenceActivation.function(options.output());
        clip = options.cellClip() == 0 ? Double.POSITIVE_INFINITY : Decimal.of(options.cellClip());
        boolean peepholes = geometry.peepholes();
        peepholeI = peepholes ? new ArrayRealVector(weights.vector("weight_ci" + suffix, hidden, geometry)) : null;
        peepholeF = peepholes && !coupled ? new ArrayRealVector(weights.vector("weight_cf" + suffix, hidden, geometry)) : null;
        peepholeO = peepholes ? new ArrayRealVector(weights.vector("weight_co" + suffix, hidden, geometry)) : null;
        boolean norms = geometry.layerNorm();
        double epsilon = Decimal.of(options.normEpsilon());
        normOfInput = norms ? norm("ln_ih", rows, suffix, weights, epsilon) : null;
        normOfHidden = norms ? norm("ln_hh", rows, suffix, weights, epsilon) : null;
        normOfCell = norms ? norm("ln_c", hidden, suffix, weights, epsilon) : null;
    }

    static LstmVariantCell of(LstmOptions options, LayerWeights weights, RecurrentGeometry geometry, int layer, int direction) {
        return new LstmVariantCell(options, weights, geometry, layer, direction);
    }

    private ReferenceLayerNorm norm(String name, int size, String suffix, LayerWeights weights, double epsilon) {
        return ReferenceLayerNorm.of(weights.vector(name + "_weight" + suffix, size, geometry),
                weights.vector(name + "_bias" + suffix, size, geometry), epsilon);
    }

    @Override
    public State step(RealVector x, State previous) {
        RealVector ofX = ofInput.apply(x);
        RealVector ofH = ofHidden.apply(previous.h());
        // W_ih x + W_hh h + b; normalised, LN(W_ih x) + LN(W_hh h) + b
        RealVector sums = normalised(normOfInput, ofX).add(normalised(normOfHidden, ofH)).add(bias);
        RealVector c = previous.c();
        RealVector i = peeping(part(sums, 0), peepholeI, c).map(gate); // i = gate(… + w_ci ⊙ c)
        RealVector f = coupled
                ? i.map(a -> 1 - a) // f = 1 − i
                : peeping(part(sums, 1), peepholeF, c).map(gate); // f = gate(… + w_cf ⊙ c)
        RealVector g = part(sums, coupled ? 1 : 2).map(candidate);
        RealVector next = f.ebeMultiply(c).add(i.ebeMultiply(g)) // c' = f ⊙ c + i ⊙ g
                .map(a -> Math.min(Math.max(a, -clip), clip)); // within ±clip
        RealVector o = peeping(part(sums, coupled ? 2 : 3), peepholeO, next).map(gate); // o = gate(… + w_co ⊙ c')
        RealVector hidden = o.ebeMultiply(normalised(normOfCell, next).map(output)); // h' = o ⊙ output(c'), or o ⊙ output(LN(c'))
        return new State(hr == null ? hidden : hr.apply(hidden), next); // the c' that goes on is not normalised
    }

    private RealVector part(RealVector sums, int gateNumber) {
        return sums.getSubVector(gateNumber * geometry.hiddenSize(), geometry.hiddenSize());
    }

    private static RealVector peeping(RealVector sum, RealVector peephole, RealVector c) {
        return peephole == null ? sum : sum.add(peephole.ebeMultiply(c));
    }

    private static RealVector normalised(ReferenceLayerNorm norm, RealVector values) {
        return norm == null ? values : norm.apply(values);
    }
}
