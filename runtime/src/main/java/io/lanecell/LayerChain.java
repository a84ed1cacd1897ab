package io.lanecell;

import java.util.List;

/**
 * Layers bound to their weights, each fed by the one before: a model, a branch of one, or a decoder's head.
 *
 * @param inputSize        features per step that it takes
 * @param steppingObstacle which layer can't go step by step and why; null if all can
 */
record LayerChain(List<Layer> layers, int inputSize, String steppingObstacle) {
    /** Features per step that it gives. */
    int outputSize() {
        return layers.isEmpty() ? inputSize : layers.getLast().outputSize();
    }

    /** Whether it gives one row for each sequence rather than steps. */
    boolean leavesOneRow() {
        for (Layer layer : layers) {
            if (layer.leavesOneRow()) {
                return true;
            }
        }
        return false;
    }

    /** Steps that it gives for that many; 0 where they are too few. Asked for in every call, which no iterator may make garbage. */
    int outputSteps(int steps) {
        int count = steps;
        for (int i = 0; i < layers.size(); i++) {
            count = count == 0 ? 0 : layers.get(i).outputSteps(count);
        }
        return count;
    }

    /** Adds what tells these layers from others. */
    void addTo(Fingerprint fingerprint) {
        fingerprint.add(layers.size());
        for (Layer layer : layers) {
            layer.addTo(fingerprint);
        }
    }

    /** Adds every layer in it that is of that kind, also within branches, in order. */
    <T extends Layer> void collect(Class<T> kind, List<T> found) {
        for (Layer layer : layers) {
            if (kind.isInstance(layer)) {
                found.add(kind.cast(layer));
            }
            for (LayerChain branch : layer.branches()) {
                branch.collect(kind, found);
            }
        }
    }
}
