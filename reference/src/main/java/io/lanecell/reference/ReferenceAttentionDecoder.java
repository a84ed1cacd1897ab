package io.lanecell.reference;

import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import io.lanecell.LstmOptions;
import io.lanecell.Tensor;
import java.util.Arrays;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/** A greedy decoder with dot-product attention (Luong et al. 2015) over the output H of the layer before it. */
final class ReferenceAttentionDecoder implements ReferenceLayer {
    private final ReferenceEmbedding embedding;
    private final Cell cell;
    private final Chain head;
    private final int logits;
    private final int start;
    private final int steps;

    private ReferenceAttentionDecoder(LayerSpec.AttentionDecoder spec, ReferenceEmbedding embedding, Cell cell, Chain head,
            int logits) {
        this.embedding = embedding;
        this.cell = cell;
        this.head = head;
        this.logits = logits;
        this.start = spec.start();
        this.steps = spec.steps();
    }

    /** torch.nn.LSTMCell or torch.nn.GRUCell, as the tensors' shapes say. */
    static ReferenceRecurrent cell(LayerWeights weights) {
        Tensor hh = weights.matrix("weight_hh");
        if (hh.dim(0) == 4 * hh.dim(1)) {
            return ReferenceRecurrent.lstm(LstmOptions.PYTORCH, weights);
        }
        if (hh.dim(0) == 3 * hh.dim(1)) {
            return ReferenceRecurrent.gru(weights);
        }
        throw new InvalidModelException("tensor '" + weights.fullName("weight_hh") + "' has shape " + Arrays.toString(hh.shape())
                + " where an LSTMCell needs (4·hidden_size, hidden_size), a GRUCell (3·hidden_size, hidden_size): check that the"
                + " weights are the cell's");
    }

    /**
     * A decoder whose parts fit one another.
     *
     * @param memory the layer that it follows
     * @param logits what the head gives
     */
    static ReferenceAttentionDecoder of(LayerSpec.AttentionDecoder spec, ReferenceRecurrent memory, ReferenceEmbedding embedding,
            ReferenceRecurrent cell, Chain head, int logits) {
        RecurrentGeometry from = memory.geometry();
        RecurrentGeometry to = cell.geometry();
        refuse(from.kind() != to.kind() || from.numDirections() != 1 || from.hiddenStateSize() != to.hiddenSize()
                || from.cellStateSize() != to.cellStateSize(),
                "its cell, " + to + ", must go on from the final state of the layer before it, " + from
                        + ": that must be of one direction, of the same kind and hidden_size, without projection");
        refuse(embedding.embeddingDim() != to.inputSize(), "its embedding gives " + embedding.embeddingDim()
                + " features but its cell takes " + to.inputSize() + ": check their weights");
        int tokens = embedding.numEmbeddings();
        refuse(logits > tokens, "its head gives " + logits + " logits but its embedding has rows for " + tokens
                + " tokens: give one that knows every token");
        refuse(spec.start() < 0 || spec.start() >= tokens,
                "start is " + spec.start() + ", outside its embedding's 0 to " + (tokens - 1) + ": give a token it knows");
        refuse(spec.steps() < 1, "steps must be 1 or more, found " + spec.steps());
        return new ReferenceAttentionDecoder(spec, embedding, cell.onlyCell(), head, logits);
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new InvalidModelException(why);
        }
    }

    @Override
    public int outputSize() {
        return logits;
    }

    @Override
    public int stepsAfter(int inputSteps, String place) {
        return steps;
    }

    @Override
    public Sequence forward(Sequence memory, RunStates states) {
        RealVector[] h = memory.own();
        State state = memory.finalStates().getFirst();
        int token = start;
        RealVector[] out = new RealVector[steps];
        for (int step = 0; step < steps; step++) {
            state = cell.step(embedding.of(token), state);
            RealVector query = state.h();
            double[] scores = Arrays.stream(h).mapToDouble(query::dotProduct).toArray();
            RealVector a = ReferenceSoftmax.SOFTMAX.apply(new ArrayRealVector(scores)); // over the encoder's steps
            RealVector context = Steps.weightedSum(a, h);
            out[step] = head.forward(Sequence.ofRow(query.append(context)), states).steps()[0];
            token = argmax(out[step]);
        }
        return Sequence.of(out, steps);
    }

    /** The first of the largest; as in torch.argmax NaN is larger than any number. */
    private static int argmax(RealVector y) {
        int best = 0;
        for (int i = 1; i < y.getDimension(); i++) {
            best = Double.compare(y.getEntry(i) + 0.0, y.getEntry(best) + 0.0) > 0 ? i : best; // + 0.0 makes −0 a 0
        }
        return best;
    }
}
