package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** An LSTM's part of a session: every layer's and direction's state, stacked and joined as torch.nn.LSTM does it. */
final class LstmStage extends Stage {
    private final LstmGeometry geometry;
    private final int batch;
    private final LstmDirection[][] layers;
    // What one layer hands to the next: one step's rows, or a whole sequence's once there was a run.
    private float[] below = new float[0];
    private float[] above = new float[0];

    LstmStage(Lstm lstm, int batch, Kernels kernels) {
        geometry = lstm.geometry();
        this.batch = batch;
        layers = new LstmDirection[geometry.numLayers()][geometry.directions()];
        for (int layer = 0; layer < layers.length; layer++) {
            for (int direction = 0; direction < layers[layer].length; direction++) {
                layers[layer][direction] = new LstmDirection(lstm.direction(layer, direction), geometry.layerInputSize(layer),
                        geometry.hiddenSize(), geometry.projSize(), direction == 1, batch, kernels);
            }
        }
        if (layers.length > 1) {
            below = new float[batch * geometry.outputSize()];
            above = new float[batch * geometry.outputSize()];
        }
    }

    @Override
    void step(float[] in, int inOffset, float[] out, int outOffset) {
        float[] from = in;
        int fromOffset = inOffset;
        for (int layer = 0; layer < layers.length; layer++) {
            boolean last = layer == layers.length - 1;
            float[] to = last ? out : layer % 2 == 0 ? below : above;
            layers[layer][0].step(from, fromOffset, to, last ? outOffset : 0);
            from = to;
            fromOffset = 0;
        }
    }

    @Override
    void run(SequenceShape shape, float[] in, int inOffset, float[] out, int outOffset) {
        int size = shape.batch * shape.steps * geometry.outputSize();
        if (layers.length > 1 && below.length < size) {
            below = new float[size];
            above = new float[size];
        }
        float[] from = in;
        int fromOffset = inOffset;
        for (int layer = 0; layer < layers.length; layer++) {
            boolean last = layer == layers.length - 1;
            float[] to = last ? out : layer % 2 == 0 ? below : above;
            int toOffset = last ? outOffset : 0;
            for (int direction = 0; direction < geometry.directions(); direction++) {
                layers[layer][direction].run(shape, from, fromOffset, to, toOffset, geometry.outputSize(),
                        direction * geometry.outputSizePerDirection());
            }
            from = to;
            fromOffset = toOffset;
        }
        shape.zeroPadding(out, outOffset, geometry.outputSize());
    }

    @Override
    void reset() {
        for (LstmDirection[] layer : layers) {
            for (LstmDirection direction : layer) {
                direction.reset();
            }
        }
    }

    /** Writes the last layer's hidden state, its directions side by side: (N, D · (P or H)). */
    void finalHidden(float[] out, int outOffset) {
        LstmDirection[] last = layers[layers.length - 1];
        int size = geometry.outputSizePerDirection();
        for (int direction = 0; direction < last.length; direction++) {
            for (int n = 0; n < batch; n++) {
                last[direction].getHidden(n, out, outOffset + n * geometry.outputSize() + direction * size);
            }
        }
    }

    /** Copies h out as (L·D, N, P or H) and c as (L·D, N, H). */
    void getState(float[] h, int hOffset, float[] c, int cOffset) {
        for (LstmDirection[] layer : layers) {
            for (LstmDirection direction : layer) {
                for (int n = 0; n < batch; n++) {
                    direction.getHidden(n, h, hOffset);
                    direction.getCell(n, c, cOffset);
                    hOffset += geometry.outputSizePerDirection();
                    cOffset += geometry.hiddenSize();
                }
            }
        }
    }

    /** Copies the state in, laid out as {@link #getState} gives it. */
    void setState(float[] h, int hOffset, float[] c, int cOffset) {
        for (LstmDirection[] layer : layers) {
            for (LstmDirection direction : layer) {
                for (int n = 0; n < batch; n++) {
                    direction.setState(n, h, hOffset, c, cOffset);
                    hOffset += geometry.outputSizePerDirection();
                    cOffset += geometry.hiddenSize();
                }
            }
        }
    }

    /** Floats of all hidden states, of the whole batch. */
    int hiddenStateSize() {
        return batch * geometry.numLayers() * geometry.directions() * geometry.outputSizePerDirection();
    }

    /** Floats of all cell states, of the whole batch. */
    int cellStateSize() {
        return batch * geometry.numLayers() * geometry.directions() * geometry.hiddenSize();
    }
}
