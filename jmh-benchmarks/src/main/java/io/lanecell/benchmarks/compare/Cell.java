package io.lanecell.benchmarks.compare;

import io.lanecell.LayerSpec;

/** What a case's network is made of. */
public enum Cell {
    /** torch.nn.LSTM: gates i f g o, states h and c. */
    LSTM("", 4, true),
    /** torch.nn.GRU: gates r z n, state h. */
    GRU("gru-", 3, false);

    private final String casePrefix;
    private final int gates;
    private final boolean hasMemory;

    Cell(String casePrefix, int gates, boolean hasMemory) {
        this.casePrefix = casePrefix;
        this.gates = gates;
        this.hasMemory = hasMemory;
    }

    /** What the names of its cases begin with. */
    String casePrefix() {
        return casePrefix;
    }

    /** Blocks of H rows in each weight matrix. */
    public int gates() {
        return gates;
    }

    /** Whether a state c goes from step to step beside h. */
    public boolean hasMemory() {
        return hasMemory;
    }

    /** The layer whose tensors have PyTorch's names without a prefix; sequences are (T, N, I). */
    LayerSpec layer() {
        return switch (this) {
            case LSTM -> new LayerSpec.Lstm("", false);
            case GRU -> new LayerSpec.Gru("", false);
        };
    }
}
