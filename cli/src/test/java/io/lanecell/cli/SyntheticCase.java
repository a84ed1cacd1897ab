package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.LayerSpec;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.reference.ReferenceModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A case directory made here, for tests that must run without PyTorch's data: a bidirectional LSTM with random weights, its
 * expectations from the float64 reference. A test alters tensors, then writes.
 */
final class SyntheticCase {
    static final int INPUT = 5;
    static final int HIDDEN = 17;
    static final int BATCH = 3;
    static final int STEPS = 6;
    static final long SEED = 20261121;

    final Map<String, Tensor> weights = new LinkedHashMap<>();
    final Map<String, Tensor> io = new LinkedHashMap<>();
    String config = """
            {"case": "synthetic", "module": "torch.nn.LSTM", "args": {"input_size": 5, "hidden_size": 17, "num_layers": 1,
             "bias": true, "batch_first": true, "dropout": 0.0, "bidirectional": true, "proj_size": 0}}
            """;

    SyntheticCase() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (String direction : new String[]{"", "_reverse"}) {
            weights.put("weight_ih_l0" + direction, uniform(random, 0.5, 4 * HIDDEN, INPUT));
            weights.put("weight_hh_l0" + direction, uniform(random, 0.5, 4 * HIDDEN, HIDDEN));
            weights.put("bias_ih_l0" + direction, uniform(random, 0.5, 4 * HIDDEN));
            weights.put("bias_hh_l0" + direction, uniform(random, 0.5, 4 * HIDDEN));
        }
        Tensor input = uniform(random, 1, BATCH, STEPS, INPUT);
        ModelSpec spec = ModelSpec.of(new LayerSpec.Lstm("", true));
        ReferenceModel.Result result = ReferenceModel.of(spec, Weights.of(weights)).run(input.toDoubles(), BATCH, STEPS, null,
                null, null);
        io.put("input", input);
        expect("output", result.output(), BATCH, STEPS, 2 * HIDDEN);
        expect("h_n", result.hN(), 2, BATCH, HIDDEN);
        expect("c_n", result.cN(), 2, BATCH, HIDDEN);
    }

    private void expect(String name, double[] values, int... shape) {
        Tensor exact = Tensor.of(values, shape);
        io.put(name, Tensor.of(exact.toFloats(), shape));
        io.put(name + "_f64", exact);
    }

    static Tensor uniform(SplittableRandom random, double scale, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-scale, scale);
        }
        return Tensor.of(values, shape);
    }

    /** Puts a changed element in the place of the old one, in float32 or float64 as the tensor is. */
    static void set(Map<String, Tensor> tensors, String name, int element, double value) {
        Tensor old = tensors.get(name);
        if (old.dtype() == DType.F64) {
            double[] values = old.toDoubles();
            values[element] = value;
            tensors.put(name, Tensor.of(values, old.shape()));
        } else {
            float[] values = old.toFloats();
            values[element] = (float) value;
            tensors.put(name, Tensor.of(values, old.shape()));
        }
    }

    /** Adds to an element. */
    static void move(Map<String, Tensor> tensors, String name, int element, double by) {
        set(tensors, name, element, tensors.get(name).toDoubles()[element] + by);
    }

    Path write(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.write(folder.resolve("weights.safetensors"), weights, Map.of());
        SafetensorsWriter.write(folder.resolve("io.safetensors"), io, Map.of());
        return folder;
    }
}
