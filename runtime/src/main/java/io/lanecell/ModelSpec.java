package io.lanecell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A chain of layers over named weights, before the two are bound: what {@code model.json} says.
 *
 * @param layers the layers, input first
 * @param ignore names of tensors in the weight file that no layer uses on purpose
 */
public record ModelSpec(List<LayerSpec> layers, Set<String> ignore) {
    private static final int DEEPEST = 100;
    private static final int MOST = 1_000_000;

    /** Copies both collections. */
    public ModelSpec {
        layers = List.copyOf(layers);
        ignore = Set.copyOf(ignore);
        Boolean batchFirst = null;
        checkExtent(layers, 0, 0);
        for (LayerSpec.Recurrent recurrent : recurrent(layers, new ArrayList<>())) {
            if (batchFirst != null && batchFirst != recurrent.batchFirst()) {
                throw new InvalidModelException(
                        "the chain's recurrent layers disagree about batch_first, a chain has one layout: give all the same value");
            }
            batchFirst = recurrent.batchFirst();
        }
    }

    /** Counts layers, so that whoever goes through them later neither overflows the stack nor is kept for ever. */
    private static int checkExtent(List<LayerSpec> chain, int depth, int count) {
        if (depth > DEEPEST) {
            throw new InvalidModelException(
                    "branches stand in branches more than " + DEEPEST + " deep: put the layers one after another");
        }
        int counted = count + 1;
        for (LayerSpec layer : chain) {
            counted++;
            for (List<LayerSpec> branch : branches(layer)) {
                counted = checkExtent(branch, depth + 1, counted);
            }
            if (counted > MOST) {
                throw new InvalidModelException("the chain and its branches have more than " + MOST + " layers");
            }
        }
        return counted;
    }

    private static List<List<LayerSpec>> branches(LayerSpec layer) {
        // No switch over types: its bootstrap would cost a program's start several milliseconds.
        if (layer instanceof LayerSpec.Concat concat) {
            return concat.branches();
        }
        return layer instanceof LayerSpec.Add add ? add.branches() : List.of();
    }

    /** Adds the recurrent layers of a chain and its branches. */
    private static List<LayerSpec.Recurrent> recurrent(List<LayerSpec> chain, List<LayerSpec.Recurrent> found) {
        for (LayerSpec layer : chain) {
            if (layer instanceof LayerSpec.Recurrent recurrent) {
                found.add(recurrent);
            }
            for (List<LayerSpec> branch : branches(layer)) {
                recurrent(branch, found);
            }
        }
        return found;
    }

    /** A chain that uses every tensor of its weights. */
    public static ModelSpec of(LayerSpec... layers) {
        return new ModelSpec(List.of(layers), Set.of());
    }

    /** Whether sequences are (N, T, …) rather than (T, N, …): what the chain's recurrent layers say, true without any. */
    public boolean batchFirst() {
        List<LayerSpec.Recurrent> recurrent = recurrent(layers, new ArrayList<>());
        return recurrent.isEmpty() || recurrent.getFirst().batchFirst();
    }

    /** Whether the chain begins with an embedding and so takes token indices rather than features. */
    public boolean takesTokens() {
        return !layers.isEmpty() && layers.getFirst() instanceof LayerSpec.Embedding;
    }
}
