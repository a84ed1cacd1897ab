package io.lanecell.benchmarks.peers;

import io.lanecell.benchmarks.compare.Task;

/** Weights in the layouts that peers take. */
final class Gates {
    /** Where ONNX's gates i o f c are in PyTorch's i f g o. */
    private static final int[] ONNX_ORDER = {0, 3, 1, 2};

    private Gates() {
    }

    /** Both directions of one tensor, gates as PyTorch has them. */
    static float[] directions(Task task, String kind, int layer) {
        float[][] parts = new float[task.geometry().directions()][];
        for (int direction = 0; direction < parts.length; direction++) {
            parts[direction] = task.weight(kind, layer, direction);
        }
        return concatenate(parts);
    }

    /** A tensor with its gates, each a block of rows, in ONNX's order. */
    static float[] inOnnxOrder(float[] tensor) {
        float[] reordered = new float[tensor.length];
        int gate = tensor.length / 4;
        for (int i = 0; i < 4; i++) {
            System.arraycopy(tensor, ONNX_ORDER[i] * gate, reordered, i * gate, gate);
        }
        return reordered;
    }

    static float[] concatenate(float[]... parts) {
        int size = 0;
        for (float[] part : parts) {
            size += part.length;
        }
        float[] whole = new float[size];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
