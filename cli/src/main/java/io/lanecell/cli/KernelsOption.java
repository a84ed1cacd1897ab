package io.lanecell.cli;

import io.lanecell.KernelChoice;
import picocli.CommandLine.Option;

/** The {@code --kernels} option, the same wherever a model is run. */
final class KernelsOption {
    @Option(names = "--kernels", defaultValue = "auto", paramLabel = "auto|vector|scalar", description = "Which implementation of the arithmetic runs; all give the same bits (default: ${DEFAULT-VALUE}).")
    private KernelChoice kernels;

    KernelChoice choice() {
        return kernels;
    }
}
