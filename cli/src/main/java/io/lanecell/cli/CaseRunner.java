package io.lanecell.cli;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a case on one engine and gives the outputs under the names that case directories have for them. */
final class CaseRunner {
    private static final Pattern CLOSED_LOOP = Pattern.compile("closed_loop_(\\d{1,6})");

    private final Engine engine;
    private final Chain chain;
    private final CaseInputs inputs;
    private Engine.Results results;

    CaseRunner(Engine engine, Chain chain, CaseInputs inputs) {
        this.engine = engine;
        this.chain = chain;
        this.inputs = inputs;
    }

    /** Whether {@link #produce} can be asked for that name; if so it may still find that this case has no such output. */
    static boolean knows(String name) {
        return switch (name) {
            case "output", "h_n", "c_n", "layer_output", "layer_h_n", "layer_c_n", "packed_output_data", "output_at_steps" ->
                true;
            default -> CLOSED_LOOP.matcher(name).matches();
        };
    }

    /**
     * The output of that name, if this chain with these inputs has it.
     *
     * @param order for {@code packed_output_data}: the sequences' order in a packed step
     */
    Optional<Values> produce(String name, int[] order) {
        boolean recurrent = chain.isRecurrent();
        boolean hasCellState = chain.hasCellState();
        Sequences in = inputs.sequences();
        StateTensors states = new StateTensors(chain, inputs.batched());
        Matcher closedLoop = CLOSED_LOOP.matcher(name);
        if (closedLoop.matches()) {
            return new ClosedLoop(engine, chain, inputs).forecast(Integer.parseInt(closedLoop.group(1)));
        }
        return switch (name) {
            case "output" -> Optional.of(output());
            case "h_n" -> recurrent ? Optional.of(new Values(states.hiddenShape(in.batch()), results().hN())) : Optional.empty();
            case "c_n" -> hasCellState ? Optional.of(new Values(states.cellShape(in.batch()), results().cN())) : Optional.empty();
            case "layer_h_n" -> recurrent
                    ? Optional.of(new Values(states.layerHiddenShape(in.batch()), results().hN()))
                    : Optional.empty();
            case "layer_c_n" -> hasCellState
                    ? Optional.of(new Values(states.layerCellShape(in.batch()), results().cN()))
                    : Optional.empty();
            case "layer_output" -> chain.upToRecurrent().map(this::layerOutput);
            case "packed_output_data" -> packedOutput(order);
            case "output_at_steps" -> outputAtSteps();
            default -> Optional.empty();
        };
    }

    private Engine.Results results() {
        if (results == null) {
            Sequences in = inputs.sequences();
            results = in.batch() * in.steps() == 0
                    ? new Engine.Results(new double[0], new double[0], new double[0])
                    : engine.run(in);
        }
        return results;
    }

    private Values output() {
        double[] values = results().output();
        int[] lengths = inputs.sequences().lengths();
        if (lengths != null && chain.endsWithRecurrent() && inputs.padding().value() != 0) {
            values = values.clone();
            Packing.fillPadding(values, chain.model().outputSize(), inputs.batchFirst(), inputs.sequences().steps(), lengths,
                    inputs.padding().value());
        }
        return new Values(outputShape(), values);
    }

    private int[] outputShape() {
        int width = chain.model().outputSize();
        int steps = chain.model().outputSteps(inputs.sequences().steps());
        if (chain.isPositionWise() || chain.leavesOneRow()) {
            return inputs.rowShape(width);
        }
        return chain.givesChannelsFirst() ? inputs.channelsFirstShape(steps, width) : inputs.sequenceShape(steps, width);
    }

    private Values layerOutput(Chain upToRecurrent) {
        Sequences in = inputs.sequences();
        int steps = upToRecurrent.model().outputSteps(in.steps());
        return new Values(inputs.sequenceShape(steps, upToRecurrent.model().outputSize()), engine.layerOutput(in));
    }

    private Optional<Values> packedOutput(int[] order) {
        Sequences in = inputs.sequences();
        if (in.lengths() == null || !chain.keepsSteps()) {
            return Optional.empty();
        }
        int width = chain.model().outputSize();
        double[] packed = Packing.pack(results().output(), width, inputs.batchFirst(), in.steps(), in.lengths(), order);
        return Optional.of(new Values(new int[]{packed.length / width, width}, packed));
    }

    /** (N, steps, width), whatever the layout of the output is. */
    private Optional<Values> outputAtSteps() {
        int[] steps = inputs.outputSteps();
        if (steps == null || chain.leavesOneRow() || chain.isPositionWise() || chain.givesChannelsFirst()) {
            return Optional.empty();
        }
        Sequences in = inputs.sequences();
        int width = chain.model().outputSize();
        int outputSteps = chain.model().outputSteps(in.steps());
        double[] chosen = new double[in.batch() * steps.length * width];
        for (int n = 0; n < in.batch(); n++) {
            for (int s = 0; s < steps.length; s++) {
                int from = Packing.position(n, steps[s], in.batch(), outputSteps, inputs.batchFirst());
                System.arraycopy(results().output(), from * width, chosen, (n * steps.length + s) * width, width);
            }
        }
        int[] shape = {in.batch(), steps.length, width};
        return Optional.of(new Values(inputs.batched() ? shape : Arrays.copyOfRange(shape, 1, 3), chosen));
    }
}
