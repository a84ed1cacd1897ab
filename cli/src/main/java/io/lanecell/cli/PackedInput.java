package io.lanecell.cli;

import java.util.Optional;

/** What pack_padded_sequence makes of a case's input and lengths; no engine has a part in it. */
final class PackedInput {
    private final CaseInputs inputs;
    private final int[] order;

    /** @param order the sequences' order in a packed step */
    PackedInput(CaseInputs inputs, int[] order) {
        this.inputs = inputs;
        this.order = order;
    }

    /** Whether {@link #produce} can be asked for that name. */
    static boolean knows(String name) {
        return switch (name) {
            case "packed_batch_sizes", "packed_sorted_indices", "packed_unsorted_indices", "packed_input_data" -> true;
            default -> false;
        };
    }

    /** The tensor of that name, if the case has lengths. */
    Optional<Values> produce(String name) {
        int[] lengths = inputs.asGiven().lengths();
        if (lengths == null) {
            return Optional.empty();
        }
        return switch (name) {
            case "packed_batch_sizes" -> Optional.of(Values.of(Packing.batchSizes(lengths)));
            case "packed_sorted_indices" -> Optional.of(Values.of(order));
            case "packed_unsorted_indices" -> Optional.of(Values.of(Packing.unsortedIndices(order)));
            case "packed_input_data" -> data(lengths);
            default -> Optional.empty();
        };
    }

    private Optional<Values> data(int[] lengths) {
        Sequences in = inputs.asGiven();
        if (in.features() == null || inputs.channelsFirst()) {
            return Optional.empty();
        }
        int width = in.features().length / (in.batch() * in.steps());
        double[] packed = Packing.pack(in.features(), width, inputs.batchFirst(), in.steps(), lengths, order);
        return Optional.of(new Values(new int[]{packed.length / width, width}, packed));
    }
}
