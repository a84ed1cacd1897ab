package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.Arrays;

/** An attention decoder's part: the cell's own stage, whose state lasts as long as a call, and the head's, stepped token by token. */
final class AttentionDecoderStage extends Stage {
    private static final int PARTIALS = 16;

    private final AttentionDecoder layer;
    private final int batch;
    private final int hidden;
    private final Kernels kernels;
    private final Stage encoder;
    private final Stage cell;
    private final float[][] cellState;
    private final StageChain head;
    private final float[] partials = new float[PARTIALS];
    private final float[] encoderH;
    private final float[] encoderC;
    private final int[] tokens;
    private final float[] embedded;
    private final float[] h;
    /** h and context of each sequence, the head's input. */
    private final float[] joined;
    private final float[] logits;
    private float[] scores = new float[0];
    private SequenceShape after;

    AttentionDecoderStage(AttentionDecoder layer, int batch, Kernels kernels, Stage before) {
        this.layer = layer;
        this.batch = batch;
        this.kernels = kernels;
        encoder = before;
        hidden = layer.hiddenSize();
        cell = layer.cell().newStage(batch, kernels, null, null);
        StateLayout layout = new StateLayout();
        cell.placeState(layout);
        cellState = layout.newState();
        head = new StageChain(layer.head(), batch, kernels, null, null);
        encoderH = new float[encoder.hiddenStateSize()];
        encoderC = new float[encoder.cellStateSize()];
        tokens = new int[batch];
        embedded = new float[batch * layer.embedding().outputSize()];
        h = new float[batch * hidden];
        joined = new float[batch * 2 * hidden];
        logits = new float[batch * layer.outputSize()];
    }

    @Override
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset) {
        throw new AssertionError("a model with a layer that needs the whole sequence was stepped");
    }

    @Override
    SequenceShape plan(SequenceShape shape) {
        if (after == null) {
            after = shape.another();
        }
        after.set(layer.steps(), null);
        if (scores.length < shape.longest) {
            scores = new float[shape.longest];
        }
        return after;
    }

    @Override
    void run(float[][] state, SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        encoder.getState(state, encoderH, 0, encoderC, 0);
        int lastLayer = layer.lastLayer(batch);
        cell.setState(cellState, encoderH, lastLayer, encoderC, encoderC.length == 0 ? 0 : lastLayer);
        Arrays.fill(tokens, layer.start());
        for (int s = 0; s < layer.steps(); s++) {
            for (int n = 0; n < batch; n++) {
                layer.embedding().lookUp(tokens[n], embedded, n * layer.embedding().outputSize());
            }
            cell.step(cellState, batch, embedded, 0, h, 0);
            for (int n = 0; n < batch; n++) {
                System.arraycopy(h, n * hidden, joined, 2 * n * hidden, hidden);
                attend(shape, n, in, inOffset, joined, (2 * n + 1) * hidden);
            }
            head.step(cellState, batch, joined, 0, logits, 0);
            int size = layer.outputSize();
            for (int n = 0; n < batch; n++) {
                tokens[n] = TopK.argmax(logits, n * size, size);
                System.arraycopy(logits, n * size, out, outOffset + after.row(n, s) * size, size);
            }
        }
    }

    /** Writes the context of sequence {@code n}: a = softmax(H · h) over its steps, Σ a_t H_t. */
    private void attend(SequenceShape shape, int n, float[] in, int inOffset, float[] context, int to) {
        int length = shape.length(n);
        int first = inOffset + shape.row(n, 0) * hidden;
        int stride = length > 1 ? (shape.row(n, 1) - shape.row(n, 0)) * hidden : 0;
        kernels.dots(in, first, stride, length, h, n * hidden, hidden, scores, 0, partials);
        kernels.softmax(scores, 0, length, scores, 0);
        AttentionOverTime.weightedSum(kernels, scores, shape, n, in, inOffset, hidden, context, to);
    }
}
