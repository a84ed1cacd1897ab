package io.lanecell.cli;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.CaseDirectory;
import io.lanecell.loader.WeightFile;
import io.lanecell.loader.WeightFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All weight files of a case directory, which must hold the same weights.
 *
 * @param file    the first that could be read, or empty if there is none
 * @param skipped the names of those in formats that are not read, each with the reason in short
 */
record CaseWeights(Optional<Path> file, List<String> skipped) {
    /**
     * Reads every weight file. One in a format that is not read, or that wants code to be run, is skipped; a broken one is an
     * error.
     *
     * @throws InvalidModelException if two files differ in a name, shape, type or value
     * @throws WeightFileException   if a file is broken, or all there are had to be skipped
     */
    static CaseWeights readAll(CaseDirectory directory) {
        List<String> skipped = new ArrayList<>();
        Path first = null;
        Weights agreed = null;
        WeightFileException reason = null;
        Map<Path, WeightFile.Format> files = directory.weightFiles();
        boolean original = files.values().stream().anyMatch(WeightFile.Format::isPyTorch);
        for (Path file : files.keySet()) {
            if (original && !files.get(file).isPyTorch() && files.get(file) != WeightFile.Format.UNKNOWN) {
                skipped.add(file.getFileName() + " (its tensors have other names than the state dict's)");
                continue;
            }
            try {
                Weights weights = WeightFile.load(file);
                if (agreed == null) {
                    first = file;
                    agreed = weights;
                } else {
                    compare(first, agreed, file, weights);
                }
            } catch (WeightFileException.Unsupported | WeightFileException.Refused e) {
                reason = e;
                skipped.add(file.getFileName() + " (" + inShort(e) + ")");
            }
        }
        if (agreed == null && reason != null) {
            throw reason;
        }
        return new CaseWeights(Optional.ofNullable(first), List.copyOf(skipped));
    }

    /** The message without the file, which is named already, and without the remedy, which a case beside others doesn't need. */
    private static String inShort(WeightFileException e) {
        String start = e.file() + ": ";
        String message = e.getMessage().startsWith(start) ? e.getMessage().substring(start.length()) : e.getMessage();
        int remedy = message.indexOf(": ");
        return remedy < 0 ? message : message.substring(0, remedy);
    }

    private static void compare(Path first, Weights a, Path second, Weights b) {
        for (Weights[] pair : new Weights[][]{{a, b}, {b, a}}) {
            for (String name : pair[0].names()) {
                if (!pair[1].has(name)) {
                    throw differ(first, second, name, pair[0] == a ? "only the first has it" : "only the second has it");
                }
            }
        }
        a.tensors().forEach((name, tensor) -> {
            Tensor other = b.get(name);
            if (tensor.dtype() != other.dtype() || !Arrays.equals(tensor.shape(), other.shape())) {
                throw differ(first, second, name, "it is " + tensor + " and " + other);
            }
            long at = tensor.bytes().mismatch(other.bytes());
            if (at >= 0) {
                throw differ(first, second, name, "element " + at / tensor.dtype().bytes() + " has another value");
            }
        });
    }

    private static InvalidModelException differ(Path first, Path second, String name, String how) {
        return new InvalidModelException(
                "weight files " + first.getFileName() + " and " + second.getFileName() + " differ in tensor '"
                        + name + "': " + how + ", expected the same weights in all files of a case; remove the wrong one");
    }
}
