package io.lanecell.benchmarks.peers;

import io.lanecell.benchmarks.compare.Cell;
import io.lanecell.benchmarks.compare.Task;

/** Weights in the layouts that peers take. An order says, for each of a peer's gates, where PyTorch has it. */
final class Gates {
    private Gates() {
    }

    /** ONNX's i o f c, or z r h. */
    static int[] onnxOrder(Cell cell) {
        return switch (cell) {
            case LSTM -> new int[]{0, 3, 1, 2};
            case GRU -> new int[]{1, 0, 2};
        };
    }

    /** oneDNN's i f g o, or u r o, whose u is PyTorch's z. */
    static int[] oneDnnOrder(Cell cell) {
        return switch (cell) {
            case LSTM -> new int[]{0, 1, 2, 3};
            case GRU -> new int[]{1, 0, 2};
        };
    }

    /** Both directions of one tensor. */
    static float[] directions(Task task, String kind, int layer, int[] order) {
        float[][] parts = new float[task.geometry().directions()][];
        for (int direction = 0; direction < parts.length; direction++) {
            parts[direction] = ordered(task.weight(kind, layer, direction), order);
        }
        return concatenate(parts);
    }

    /** A tensor with its gates, each a block of rows, in another order. */
    static float[] ordered(float[] tensor, int[] order) {
        float[] reordered = new float[tensor.length];
        int gate = tensor.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(tensor, order[i] * gate, reordered, i * gate, gate);
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
