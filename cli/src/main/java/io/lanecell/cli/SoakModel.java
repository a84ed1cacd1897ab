package io.lanecell.cli;

import io.lanecell.ActivationFunction;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.reference.ReferenceModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A model with random weights and what the float64 reference makes of them. */
record SoakModel(Kind kind, Model model, ReferenceModel reference) {
    private static final boolean BATCH_FIRST = true;

    /** Small networks that go step by step, each a chain of its own. */
    enum Kind {
        /** An LSTM of two layers. */
        LSTM(ModelSpec.of(new LayerSpec.Lstm("", BATCH_FIRST))) {
            @Override
            void draw(Drawing drawing) {
                drawing.recurrent("", 4, 16, 32, 2);
            }
        },
        /** A GRU whose sizes fit no vector. */
        GRU(ModelSpec.of(new LayerSpec.Gru("", BATCH_FIRST))) {
            @Override
            void draw(Drawing drawing) {
                drawing.recurrent("", 3, 9, 33, 1);
            }
        },
        /** A plain RNN with a linear layer behind it. */
        RNN(ModelSpec.of(new LayerSpec.Rnn("rnn", BATCH_FIRST, ActivationFunction.TANH), new LayerSpec.Linear("fc"))) {
            @Override
            void draw(Drawing drawing) {
                drawing.recurrent("rnn.", 1, 7, 17, 1);
                drawing.tensor("fc.weight", 5, 17);
                drawing.tensor("fc.bias", 5);
            }
        },
        /** A causal convolution before an LSTM. */
        CONVOLUTION(ModelSpec.of(new LayerSpec.Conv1d("conv", 1, 4, 0, 1, 1), new LayerSpec.Activation(ActivationFunction.RELU),
                new LayerSpec.Lstm("lstm", BATCH_FIRST))) {
            @Override
            void draw(Drawing drawing) {
                drawing.tensor("conv.weight", 8, 3, 5);
                drawing.tensor("conv.bias", 8);
                drawing.recurrent("lstm.", 4, 8, 19, 1);
            }
        };

        private static final List<Kind> ALL = List.of(values());

        private final ModelSpec spec;

        Kind(ModelSpec spec) {
            this.spec = spec;
        }

        abstract void draw(Drawing drawing);

        /** Whether the reference can begin from a state; it can't with the steps that a convolution looks back on. */
        boolean startsFromState() {
            return this != CONVOLUTION;
        }

        /** Any of them. */
        static Kind any(SplittableRandom random) {
            return ALL.get(random.nextInt(ALL.size()));
        }
    }

    /** One of that kind, with new weights. */
    static SoakModel draw(Kind kind, SplittableRandom random) {
        Drawing drawing = new Drawing(random);
        kind.draw(drawing);
        Weights weights = Weights.of(drawing.tensors);
        return new SoakModel(kind, Model.of(kind.spec, weights), ReferenceModel.of(kind.spec, weights));
    }

    /** Tensors while they are drawn, uniform within ±0.3. */
    private static final class Drawing {
        private static final float BOUND = 0.3f;

        private final Map<String, Tensor> tensors = new LinkedHashMap<>();
        private final SplittableRandom random;

        Drawing(SplittableRandom random) {
            this.random = random;
        }

        void tensor(String name, int... shape) {
            int size = 1;
            for (int extent : shape) {
                size *= extent;
            }
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (2 * random.nextFloat() - 1) * BOUND;
            }
            tensors.put(name, Tensor.of(values, shape));
        }

        void recurrent(String prefix, int gates, int inputs, int hidden, int layers) {
            for (int layer = 0; layer < layers; layer++) {
                tensor(prefix + "weight_ih_l" + layer, gates * hidden, layer == 0 ? inputs : hidden);
                tensor(prefix + "weight_hh_l" + layer, gates * hidden, hidden);
                tensor(prefix + "bias_ih_l" + layer, gates * hidden);
                tensor(prefix + "bias_hh_l" + layer, gates * hidden);
            }
        }
    }
}
