package io.lanecell.cli;

/** Something that computes a chain of layers: the runtime, or the reference that judges it. */
interface Engine {
    /** Runs the whole chain. */
    Results run(Sequences sequences);

    /** Runs the chain up to its last recurrent layer and gives that layer's output sequence. */
    double[] layerOutput(Sequences sequences);

    /**
     * What a run gives, in PyTorch's layouts.
     *
     * @param output the last layer's output
     * @param hN     the final hidden states of all recurrent layers, empty without any
     * @param cN     the final cell states of all recurrent layers, empty without any
     */
    record Results(double[] output, double[] hN, double[] cN) {
    }
}
