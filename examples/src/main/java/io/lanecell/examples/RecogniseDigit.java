package io.lanecell.examples;

import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.TopK;
import io.lanecell.loader.ModelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The best labels of a classifier with their probabilities; the softmax, which the model in the file lacks, is added to its layers. */
public final class RecogniseDigit {
    /** A handwritten digit of 8 × 8 pixels, 0 to 16, from the test half of scikit-learn's load_digits. */
    private static final int[][] IMAGE = {
            {0, 0, 0, 1, 11, 0, 0, 0},
            {0, 0, 0, 7, 8, 0, 0, 0},
            {0, 0, 1, 13, 6, 2, 2, 0},
            {0, 0, 7, 15, 0, 9, 8, 0},
            {0, 5, 16, 10, 0, 16, 6, 0},
            {0, 4, 15, 16, 13, 16, 1, 0},
            {0, 0, 0, 3, 15, 10, 0, 0},
            {0, 0, 0, 2, 16, 4, 0, 0}};

    private RecogniseDigit() {
    }

    /** Argument: the model's folder (weights/digit-rows). */
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args.length > 0 ? args[0] : "weights/digit-rows"));
        for (TopK.Entry entry : best(withProbabilities(file), pixels(IMAGE), file.labels())) {
            System.out.printf("%s  %5.1f %%%n", entry.label(), 100 * entry.score());
        }
    }

    /** The file's model with a softmax behind it. */
    static Model withProbabilities(ModelFile file) {
        List<LayerSpec> layers = new ArrayList<>(file.spec().layers());
        layers.add(new LayerSpec.Softmax());
        return Model.of(new ModelSpec(layers, file.spec().ignore()), file.weights());
    }

    /** The three likeliest digits of an image whose rows are the model's steps. */
    static List<TopK.Entry> best(Model model, float[] pixels, List<String> labels) {
        float[] probabilities = new float[model.outputSize()];
        model.newSession().run(pixels, 0, pixels.length / model.inputSize(), probabilities, 0);
        return TopK.of(probabilities, labels, 3);
    }

    /** The image row by row, between 0 and 1. */
    private static float[] pixels(int[][] image) {
        float[] pixels = new float[64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = image[i / 8][i % 8] / 16f;
        }
        return pixels;
    }
}
