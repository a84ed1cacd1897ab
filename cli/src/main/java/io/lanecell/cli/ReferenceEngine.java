package io.lanecell.cli;

import io.lanecell.reference.ReferenceModel;

/** The float64 reference. */
final class ReferenceEngine implements Engine {
    private final ReferenceModel model;

    ReferenceEngine(Chain chain) {
        this.model = ReferenceModel.of(chain.spec(), chain.weights());
    }

    @Override
    public Results run(Sequences sequences) {
        ReferenceModel.Result result = result(sequences);
        return new Results(result.output(), result.hN(), result.cN());
    }

    @Override
    public double[] layerOutput(Sequences sequences) {
        return result(sequences).layerOutput();
    }

    private ReferenceModel.Result result(Sequences in) {
        return in.tokens() != null
                ? model.run(in.tokens(), in.batch(), in.steps(), in.lengths(), in.h0(), in.c0())
                : model.run(in.features(), in.batch(), in.steps(), in.lengths(), in.h0(), in.c0());
    }
}
