package io.lanecell.loader;

import io.lanecell.Weights;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * One reader under fuzzing. An input's first byte chooses a shape, the rest is what the file of that shape is made of: shape 0
 * is the file itself.
 *
 * @param name   what the reader reads
 * @param share  how many of a campaign's inputs it gets, in proportion: slow readers get fewer
 * @param length the longest input in bytes
 * @param reader what is done with a file
 * @param shapes ways to a file that bytes alone would hardly find
 * @param files  good and bad files to start from
 */
record FuzzTarget(String name, int share, int length, Reader reader, List<Shape> shapes, List<byte[]> files) {
    /** Makes a file of a fuzzer's choices. */
    interface Shape {
        byte[] file(Choices choices);
    }

    /** What is tested. */
    interface Reader {
        /** The file's tensors; whatever is wrong with the file must come out as one of our exceptions. */
        Weights read(byte[] file);
    }

    /** The inputs to start from: each file as it is, and for every shape some choices. */
    List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] file : files) {
            seeds.add(input(0, file));
        }
        java.util.Random random = new java.util.Random(1);
        for (int shape = 1; shape <= shapes.size(); shape++) {
            for (int size : new int[]{0, 8, 30, 100, 300}) {
                byte[] choices = new byte[size];
                random.nextBytes(choices);
                seeds.add(input(shape, choices));
            }
        }
        return seeds;
    }

    private static byte[] input(int shape, byte[] rest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(shape);
        out.writeBytes(rest);
        return out.toByteArray();
    }

    /** Makes a file of the input, has it read, and throws an AssertionError where the reader broke its promise. */
    void run(byte[] input) {
        Choices choices = new Choices(input);
        int shape = choices.below(1 + shapes.size());
        FuzzOracle.check(shape == 0 ? choices.rest() : shapes.get(shape - 1).file(choices), reader);
    }
}
