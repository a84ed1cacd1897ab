package io.lanecell.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lanecell.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;

/** Other projects' test data beside this one, which a clone elsewhere doesn't have. */
final class ThirdParty {
    private static final Path ALL = Path.of("../../shared/thirdparty");

    private ThirdParty() {
    }

    /** Skips the test that asks, loudly, where the data is missing. */
    static Path folder(String name) {
        assumeTrue(Files.isDirectory(ALL), "SKIPPED: no third-party data at " + ALL.toAbsolutePath().normalize());
        return ALL.resolve(name);
    }

    /** The rows with their blocks, one for each gate, in the order named: block {@code order[i]} comes i-th. */
    static Tensor reordered(float[] values, int[] order, int... shape) {
        float[] to = new float[values.length];
        int block = values.length / order.length;
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, order[i] * block, to, i * block, block);
        }
        return Tensor.of(to, shape);
    }
}
