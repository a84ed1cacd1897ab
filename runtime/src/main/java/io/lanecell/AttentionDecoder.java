package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** A greedy decoder with dot-product attention (Luong et al. 2015); see {@link LayerSpec.AttentionDecoder}. */
final class AttentionDecoder extends Layer {
    private final RecurrentLayer encoder;
    private final Embedding embedding;
    private final RecurrentLayer cell;
    private final LayerChain head;
    private final int start;
    private final int steps;

    AttentionDecoder(RecurrentLayer encoder, Embedding embedding, RecurrentLayer cell, LayerChain head, int start, int steps) {
        this.encoder = encoder;
        this.embedding = embedding;
        this.cell = cell;
        this.head = head;
        this.start = start;
        this.steps = steps;
        RecurrentGeometry own = cell.geometry();
        refuse(own.inputSize() != embedding.outputSize(), "its cell, " + own + ", takes " + own.inputSize()
                + " features where its embedding gives " + embedding.outputSize());
        refuse(head.layers().isEmpty(), "its head is empty, expected layers from h and context to the logits");
        refuse(head.inputSize() != 2 * own.hiddenSize(),
                "its head takes " + head.inputSize() + " features where h and context are "
                        + 2 * own.hiddenSize());
        refuse(head.outputSize() > embedding.rowCount(), "its head gives logits of " + head.outputSize()
                + " tokens where its embedding knows " + embedding.rowCount() + ", from which the next step starts");
        refuse(start < 0 || start >= embedding.rowCount(), "its start token is " + start + " where its embedding knows 0 to "
                + (embedding.rowCount() - 1));
        refuse(steps < 1, "its steps are " + steps + ", expected 1 or more");
    }

    /** Refuses a cell that can't start from the state of the layer before the decoder. */
    static void requirePair(RecurrentGeometry from, RecurrentGeometry own) {
        refuse(from.bidirectional(),
                "the layer before it, " + from + ", is bidirectional: its cell can start from one direction only");
        refuse(own.numLayers() != 1 || own.bidirectional(), "its cell is " + own + ", expected one layer in one direction");
        refuse(from.projSize() > 0 || own.projSize() > 0,
                "a projection on " + (own.projSize() > 0 ? "its cell, " + own : "the layer before it, " + from)
                        + ", leaves no state of the same size for both: leave proj_size out");
        refuse(own.kind() != from.kind() || own.kind() == RecurrentGeometry.Kind.RNN, "its cell is " + own
                + " where the layer before it is " + from + ": both must be LSTMs of PyTorch's gates, or both GRUs");
        refuse(own.hiddenSize() != from.hiddenSize(), "its cell, " + own + ", has hidden size " + own.hiddenSize()
                + " where the layer before it, " + from + ", has " + from.hiddenSize() + ": they must be equal");
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new InvalidModelException(why);
        }
    }

    @Override
    int inputSize() {
        return encoder.outputSize();
    }

    @Override
    int outputSize() {
        return head.outputSize();
    }

    @Override
    int outputSteps(int inputSteps) {
        return steps;
    }

    @Override
    String steppingObstacle() {
        return "needs the whole sequence to attend to";
    }

    @Override
    void addTo(Fingerprint fingerprint) {
        fingerprint.add("attention decoder").add(start).add(steps);
        embedding.addTo(fingerprint);
        cell.addTo(fingerprint);
        head.addTo(fingerprint);
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new AttentionDecoderStage(this, batch, kernels, before);
    }

    /** Where the last of the encoder's layers begins in its state of {@code batch} sequences. */
    int lastLayer(int batch) {
        return (encoder.geometry().numLayers() - 1) * batch * hiddenSize();
    }

    Embedding embedding() {
        return embedding;
    }

    RecurrentLayer cell() {
        return cell;
    }

    LayerChain head() {
        return head;
    }

    int hiddenSize() {
        return cell.outputSize();
    }

    int start() {
        return start;
    }

    int steps() {
        return steps;
    }
}
