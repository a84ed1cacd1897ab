package io.lanecell.cli;

import io.lanecell.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Holds the runtime and the reference against every expected tensor of a case. */
final class CaseVerifier {
    private static final String FLOAT64_SUFFIX = "_f64";

    private final Map<String, Tensor> tensors;
    private final CaseInputs inputs;
    private final CaseRunner runtime;
    private final CaseRunner reference;
    private final Arithmetic arithmetic;
    private final int[] order;

    /** @param tensors the case's inputs and expected outputs */
    CaseVerifier(Chain chain, Map<String, Tensor> tensors, Padding padding) {
        this.tensors = tensors;
        this.inputs = new CaseInputs(chain, tensors, padding.keepsSteps() ? paddingShownBy(tensors, chain) : padding);
        this.runtime = new CaseRunner(new RuntimeEngine(chain), chain, inputs);
        this.reference = new CaseRunner(new ReferenceEngine(chain), chain, inputs);
        this.arithmetic = chain.arithmetic();
        this.order = packedOrder();
    }

    /** Every comparison that the expected tensors ask for. */
    List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        for (String name : expectedNames()) {
            if (PackedInput.knows(name)) {
                checks.add(packing(name));
            } else if (CaseRunner.knows(name)) {
                checks.addAll(engines(name));
            }
        }
        return checks;
    }

    /** Tensors that are neither inputs nor expectations this version knows. */
    List<String> unknown() {
        return expectedNames().stream().filter(name -> !PackedInput.knows(name) && !CaseRunner.knows(name)).toList();
    }

    /** The names of expected tensors, without the suffix. */
    private Set<String> expectedNames() {
        Set<String> names = new LinkedHashSet<>();
        for (String name : tensors.keySet()) {
            if (!CaseInputs.NAMES.contains(name)) {
                String base = name.endsWith(FLOAT64_SUFFIX) ? name.substring(0, name.length() - FLOAT64_SUFFIX.length()) : name;
                names.add(CaseRunner.knows(base) || PackedInput.knows(base) ? base : name);
            }
        }
        return names;
    }

    private Check packing(String name) {
        Tensor expected = tensors.containsKey(name) ? tensors.get(name) : tensors.get(name + FLOAT64_SUFFIX);
        Optional<Values> actual = new PackedInput(inputs, order).produce(name);
        if (actual.isEmpty()) {
            return Check.failed(name, Check.PACKING, "is expected but this case has no lengths to pack by");
        }
        return wrongShape(name, Check.PACKING, expected, actual.get())
                .orElseGet(() -> Comparison.exact(name, expected, actual.get().values()));
    }

    private List<Check> engines(String name) {
        Tensor x = tensors.get(name);
        Tensor x64 = tensors.get(name + FLOAT64_SUFFIX);
        if (x != null && x64 != null && !Arrays.equals(x.shape(), x64.shape())) {
            return List.of(Check.failed(name, Check.PYTORCH, "is " + x + " but " + name + FLOAT64_SUFFIX + " is " + x64));
        }
        Optional<Values> ours = runtime.produce(name, order);
        Optional<Values> exact = reference.produce(name, order);
        if (ours.isEmpty() || exact.isEmpty()) {
            return List.of(Check.failed(name, Check.RUNTIME, "is expected but this model with these inputs doesn't produce it"));
        }
        Tensor either = x != null ? x : x64;
        Optional<Check> wrong = wrongShape(name, Check.RUNTIME, either, ours.get())
                .or(() -> wrongShape(name, Check.REFERENCE, either, exact.get()));
        if (wrong.isPresent()) {
            return List.of(wrong.get());
        }
        Comparison comparison = new Comparison(name, x, x64, arithmetic);
        List<Check> checks = new ArrayList<>();
        checks.add(comparison.runtime(ours.get().values()));
        checks.add(comparison.reference(exact.get().values()));
        if (comparison.hasBoth()) {
            checks.add(comparison.pytorch(ours.get().values()));
        }
        return checks;
    }

    private static Optional<Check> wrongShape(String name, String engine, Tensor expected, Values actual) {
        if (Arrays.equals(expected.shape(), actual.shape())) {
            return Optional.empty();
        }
        return Optional.of(Check.failed(name, engine, "has shape " + Arrays.toString(actual.shape()) + ", expected "
                + Arrays.toString(expected.shape())));
    }

    /** A chain's description doesn't say how its outputs were padded; an expectation that has every step shows it. */
    private static Padding paddingShownBy(Map<String, Tensor> tensors, Chain chain) {
        for (String name : List.of("layer_output", "layer_output_f64", "output", "output_f64")) {
            Tensor expected = tensors.get(name);
            boolean hasSteps = name.startsWith("layer_")
                    ? chain.upToRecurrent().filter(Chain::keepsSteps).isPresent()
                    : chain.keepsSteps();
            if (expected != null && expected.rank() == 3 && hasSteps) {
                return new Padding(false, OptionalInt.of(expected.dim(chain.spec().batchFirst() ? 1 : 0)), 0);
            }
        }
        return Padding.AS_INPUT;
    }

    /** PyTorch may order sequences of equal length as it likes, so its order is taken if it is one. */
    private int[] packedOrder() {
        int[] lengths = inputs.asGiven().lengths();
        if (lengths == null) {
            return new int[0];
        }
        Tensor given = tensors.get("packed_sorted_indices");
        boolean usable = given != null && !given.dtype().isFloating() && Packing.isDescending(given.toLongs(), lengths);
        return usable ? Arrays.stream(given.toLongs()).mapToInt(Math::toIntExact).toArray() : Packing.sortedIndices(lengths);
    }
}
