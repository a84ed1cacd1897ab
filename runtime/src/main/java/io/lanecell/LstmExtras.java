package io.lanecell;

/** The names of the tensors that PyTorch's LSTM has not: see {@link LstmOptions}. */
final class LstmExtras {
    static final String[] NORMS = {"ln_ih_weight", "ln_ih_bias", "ln_hh_weight", "ln_hh_bias", "ln_c_weight", "ln_c_bias"};
    private static final String[] PEEPHOLES = {"weight_ci", "weight_cf", "weight_co"};
    private static final String[] COUPLED_PEEPHOLES = {"weight_ci", "weight_co"};

    private LstmExtras() {
    }

    /** Names of the peepholes' weights, without the layer's suffix. */
    static String[] peepholes(RecurrentGeometry.Kind kind) {
        return kind == RecurrentGeometry.Kind.COUPLED_LSTM ? COUPLED_PEEPHOLES : PEEPHOLES;
    }

    static boolean anyPeephole(Weights weights) {
        return any(weights, PEEPHOLES);
    }

    static boolean anyForgetPeephole(Weights weights) {
        return any(weights, "weight_cf");
    }

    static boolean anyProjection(Weights weights) {
        return any(weights, "weight_hr");
    }

    static boolean anyNorm(Weights weights) {
        return any(weights, NORMS);
    }

    private static boolean any(Weights weights, String... names) {
        for (String given : weights.names()) {
            for (String name : names) {
                if (given.startsWith(name)) {
                    return true;
                }
            }
        }
        return false;
    }
}
