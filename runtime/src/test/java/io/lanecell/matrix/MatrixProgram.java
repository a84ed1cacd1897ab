package io.lanecell.matrix;

import io.lanecell.ActivationFunction;
import io.lanecell.DType;
import io.lanecell.KernelChoice;
import io.lanecell.KernelUnavailableException;
import io.lanecell.Lanecell;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Session;
import java.util.List;

/**
 * What each JVM of the matrix runs, a user's program that knows nothing but the public API: prints a checksum of the outputs' bits
 * for each choice of kernels.
 */
public final class MatrixProgram {
    private static final boolean BATCH_FIRST = true;
    /** Steps of the live stream: enough that the compilers replace the code underneath several times. */
    private static final int STREAMED = 1500;

    private MatrixProgram() {
    }

    /**
     * Prints {@code choice checksum kernel} for each choice, {@code choice unavailable} where it can't run here; or for those that are named
     * alone.
     */
    public static void main(String[] args) throws InterruptedException {
        for (KernelChoice choice : KernelChoice.values()) {
            if (args.length == 0 || List.of(args).contains(choice.name())) {
                System.out.println(choice + " " + run(choice));
            }
        }
        System.out.println(Lanecell.describe());
    }

    /** The checksum of every model's outputs, and the kernel that gave them. */
    static String run(KernelChoice choice) throws InterruptedException {
        try {
            Checksum checksum = new Checksum();
            DrawnWeights weights = new DrawnWeights();
            Model streaming = streaming(weights, choice);
            stream(streaming, choice == KernelChoice.AUTO, checksum);
            for (Batch batch : batches(weights)) {
                batch.run(batch.model.with(choice), checksum);
            }
            return checksum + " " + streaming.kernels();
        } catch (KernelUnavailableException e) {
            return "unavailable";
        }
    }

    /** A model and a batch of sequences of different lengths. */
    private record Batch(Model model, int... lengths) {
        void run(Model model, Checksum checksum) {
            int batch = lengths.length;
            int steps = lengths[0];
            Session session = model.newSession(batch);
            int outputs = batch * steps * model.outputSize();
            if (model.dtype() == DType.F64) {
                double[] out = new double[outputs];
                session.run(DrawnWeights.wave(new double[batch * steps * model.inputSize()]), 0, steps, lengths, out, 0);
                checksum.add(out);
                return;
            }
            float[] out = new float[outputs];
            if (model.vocabularySize() > 0) {
                int[] tokens = new int[batch * steps];
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = i * 7 % model.vocabularySize();
                }
                session.run(tokens, 0, steps, lengths, out, 0);
            } else {
                session.run(DrawnWeights.wave(new float[batch * steps * model.inputSize()]), 0, steps, lengths, out, 0);
            }
            checksum.add(out);
        }
    }

    private static List<Batch> batches(DrawnWeights weights) {
        return List.of(
                new Batch(scalar(ModelSpec.of(new LayerSpec.Lstm("", BATCH_FIRST)),
                        weights.begin().recurrent("", 4, 17, 33, 2, true)), 5, 3),
                new Batch(scalar(ModelSpec.of(new LayerSpec.Gru("", BATCH_FIRST)),
                        weights.begin().recurrent("", 3, 33, 65, 1, false)), 4, 1, 2),
                new Batch(scalar(ModelSpec.of(new LayerSpec.Rnn("", BATCH_FIRST, ActivationFunction.RELU)),
                        weights.begin().recurrent("", 1, 3, 130, 1, true)), 3),
                new Batch(scalar(ModelSpec.of(new LayerSpec.Embedding("e"), new LayerSpec.Gru("gru", BATCH_FIRST),
                        new LayerSpec.LayerNorm("norm", 1e-5), new LayerSpec.Linear("fc"), new LayerSpec.LogSoftmax()),
                        weights.begin().draw("e.weight", 11, 5).recurrent("gru.", 3, 5, 17, 1, false)
                                .draw("norm.weight", 17).draw("norm.bias", 17).draw("fc.weight", 7, 17).draw("fc.bias", 7)),
                        6, 6, 2),
                new Batch(scalar(ModelSpec.of(new LayerSpec.Lstm("", BATCH_FIRST)),
                        weights.beginFloat64().recurrent("", 4, 9, 31, 1, true)), 4, 2));
    }

    private static Model scalar(ModelSpec spec, DrawnWeights weights) {
        return Model.of(spec, weights.end(), KernelChoice.SCALAR);
    }

    /** A causal convolution before an LSTM, which go step by step. */
    private static Model streaming(DrawnWeights weights, KernelChoice choice) {
        ModelSpec spec = ModelSpec.of(new LayerSpec.Conv1d("conv", 1, 4, 0, 1, 1),
                new LayerSpec.Activation(ActivationFunction.RELU), new LayerSpec.Lstm("lstm", BATCH_FIRST),
                new LayerSpec.Linear("fc"), new LayerSpec.Activation(ActivationFunction.SIGMOID));
        return Model.of(spec, weights.begin().draw("conv.weight", 16, 3, 5).draw("conv.bias", 16)
                .recurrent("lstm.", 4, 16, 32, 1, false).draw("fc.weight", 3, 32).draw("fc.bias", 3).end(), choice);
    }

    /** Cold, warming up in the background, and warm. */
    private static void stream(Model model, boolean waits, Checksum checksum) throws InterruptedException {
        Session session = model.newSession();
        float[] out = new float[model.outputSize()];
        float[] in = DrawnWeights.wave(new float[model.inputSize() * STREAMED]);
        for (int t = 0; t < STREAMED; t++) {
            if (waits && t == STREAMED / 2) {
                model.warmUp();
            }
            session.step(in, t * model.inputSize(), out, 0);
            checksum.add(out);
        }
    }

    /** Of the bits of all numbers that are given to it, in their order. */
    private static final class Checksum {
        private long bits = 1;

        void add(float[] values) {
            for (float value : values) {
                bits = bits * 31 + Float.floatToIntBits(value);
            }
        }

        void add(double[] values) {
            for (double value : values) {
                bits = bits * 31 + Double.doubleToLongBits(value);
            }
        }

        @Override
        public String toString() {
            return Long.toHexString(bits);
        }
    }
}
