package io.lanecell;

import io.lanecell.internal.kernel.Kernels;
import java.util.List;

/** Several chains over the same input, their results side by side or summed from the first to the last. */
final class Branches extends Layer {
    private final List<LayerChain> chains;
    private final boolean sum;
    private final int inputSize;
    private final int outputSize;
    private final String place;

    Branches(List<LayerChain> chains, boolean sum, String place) {
        this.chains = List.copyOf(chains);
        this.sum = sum;
        this.place = place;
        LayerChain first = chains.getFirst();
        inputSize = first.inputSize();
        int total = 0;
        for (int i = 0; i < chains.size(); i++) {
            checkBeside(first, chains.get(i), i);
            total += chains.get(i).outputSize();
        }
        outputSize = sum ? first.outputSize() : total;
    }

    private void checkBeside(LayerChain first, LayerChain other, int i) {
        if (first.leavesOneRow() != other.leavesOneRow()) {
            throw new InvalidModelException("branches[0] gives " + rows(first) + " where branches[" + i + "] gives " + rows(other)
                    + ": let all end the same way");
        }
        if (sum && first.outputSize() != other.outputSize()) {
            throw new InvalidModelException(
                    "branches[0] gives " + first.outputSize() + " features where branches[" + i + "] gives "
                            + other.outputSize() + ", a sum needs as many of each");
        }
        // Whether two branches agree may hang on the number of steps, as of a pool by 2 and a convolution of stride 2.
        int steps = 1 << 16;
        boolean agree = false;
        for (int more = 0; more < 16 && !agree; more++) {
            agree = first.outputSteps(steps + more) == other.outputSteps(steps + more);
        }
        if (!agree) {
            throw new InvalidModelException("of " + steps + " steps branches[0] gives " + first.outputSteps(steps)
                    + " where branches[" + i + "] gives " + other.outputSteps(steps) + ": let all give as many");
        }
    }

    private static String rows(LayerChain chain) {
        return chain.leavesOneRow() ? "one row for each sequence" : "a row for each step";
    }

    @Override
    int inputSize() {
        return inputSize;
    }

    @Override
    int outputSize() {
        return outputSize;
    }

    @Override
    int outputSteps(int steps) {
        return chains.getFirst().outputSteps(steps);
    }

    @Override
    boolean leavesOneRow() {
        return chains.getFirst().leavesOneRow();
    }

    @Override
    String steppingObstacle() {
        for (LayerChain chain : chains) {
            if (chain.steppingObstacle() != null) {
                return chain.steppingObstacle();
            }
        }
        return null;
    }

    @Override
    List<LayerChain> branches() {
        return chains;
    }

    @Override
    void addTo(Fingerprint fingerprint) {
        fingerprint.add("branches").add(sum).add(chains.size());
        for (LayerChain chain : chains) {
            chain.addTo(fingerprint);
        }
    }

    @Override
    Stage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        StageChain[] stages = new StageChain[chains.size()];
        for (int i = 0; i < stages.length; i++) {
            stages[i] = new StageChain(chains.get(i), batch, kernels, workers, before);
        }
        return new BranchesStage(this, stages, batch, kernels);
    }

    List<LayerChain> chains() {
        return chains;
    }

    boolean isSum() {
        return sum;
    }

    String place() {
        return place;
    }
}
