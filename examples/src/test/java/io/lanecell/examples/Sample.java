package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.Vocabulary;
import io.lanecell.loader.WeightFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** One of the project's trained samples: the model, and what PyTorch computed with it. */
record Sample(Path folder, ModelFile file, Weights io) {
    static Sample of(String name) {
        Path folder = Path.of("../weights", name);
        return new Sample(folder, ModelFile.open(folder), WeightFile.load(folder.resolve("io.safetensors")));
    }

    JsonNode json(String name) {
        return JsonFile.read(folder.resolve(name));
    }

    Vocabulary vocabulary() {
        return file.vocabulary().orElseThrow();
    }

    /** Sequence n of the tokens, as long as {@code lengths} says, if it does. */
    int[] tokens(int n) {
        long[] all = io.get("tokens").toLongs();
        int steps = io.get("tokens").dim(1);
        int length = io.has("lengths") ? (int) io.get("lengths").toLongs()[n] : steps;
        int[] tokens = new int[length];
        for (int t = 0; t < length; t++) {
            tokens[t] = (int) all[n * steps + t];
        }
        return tokens;
    }

    /** By the rule of {@code lanecell verify}: within 1e-6 of PyTorch's float64, relative to the largest, or 4 times PyTorch's own error. */
    void assertEqualsPyTorch(String name, int offset, float[] actual) {
        double[] exact = io.get(name + "_f64").toDoubles();
        float[] torch = io.get(name).toFloats();
        double largest = 1;
        double torchError = 0;
        for (int i = 0; i < exact.length; i++) {
            largest = Math.max(largest, Math.abs(exact[i]));
            torchError = Math.max(torchError, Math.abs(torch[i] - exact[i]));
        }
        double tolerance = Math.max(1e-6 * largest, 4 * torchError);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(exact[offset + i], actual[i], tolerance, name + " element " + (offset + i));
        }
    }

    /** What a program prints, given this sample's folder. */
    List<String> printedBy(Consumer<String[]> main) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            main.accept(new String[]{folder.toString()});
        } finally {
            System.setOut(before);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(!lines.isEmpty(), "nothing printed");
        return lines;
    }
}
