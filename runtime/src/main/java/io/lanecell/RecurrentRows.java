package io.lanecell;

import io.lanecell.internal.kernel.Kernels;

/** Some sequences of a batch through every layer and direction, as PyTorch stacks and joins them. */
final class RecurrentRows {
    /** The first of the sequences in the batch, and the one after the last. */
    final int first;
    final int end;
    private final RecurrentGeometry geometry;
    private final RecurrentDirection[][] layers;
    private SequenceShape shape;

    RecurrentRows(RecurrentLayer recurrent, int first, int end, Kernels kernels, int unitShares) {
        this.first = first;
        this.end = end;
        geometry = recurrent.geometry();
        layers = new RecurrentDirection[geometry.numLayers()][geometry.directions()];
        for (int layer = 0; layer < layers.length; layer++) {
            for (int direction = 0; direction < layers[layer].length; direction++) {
                layers[layer][direction] = new RecurrentDirection(recurrent.cell(layer, direction), direction == 1, end - first,
                        kernels, unitShares);
            }
        }
    }

    RecurrentDirection direction(int layer, int direction) {
        return layers[layer][direction];
    }

    void placeState(StateLayout layout) {
        for (RecurrentDirection[] layer : layers) {
            for (RecurrentDirection direction : layer) {
                direction.placeState(layout, first);
            }
        }
    }

    /** One step of the first {@code rows} of these sequences; arrays hold the rows of the whole batch. */
    void step(float[][] state, int rows, float[] in, int inOffset, float[] out, int outOffset, float[] below, float[] above) {
        float[] from = in;
        int fromOffset = inOffset + first * geometry.inputSize();
        for (int layer = 0; layer < layers.length; layer++) {
            boolean last = layer == layers.length - 1;
            float[] to = last ? out : layer % 2 == 0 ? below : above;
            int toOffset = (last ? outOffset : 0) + first * geometry.outputSize();
            layers[layer][0].step(state, rows, from, fromOffset, to, toOffset);
            from = to;
            fromOffset = toOffset;
        }
    }

    /** These sequences of a whole batch's shape. */
    SequenceShape shape(SequenceShape whole) {
        if (shape == null) {
            shape = whole.part(first, end);
        }
        shape.setAs(whole);
        return shape;
    }
}
