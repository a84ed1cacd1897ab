package io.lanecell.loader;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The fuzz targets without Jazzer: always the same inputs, made from the same seeds, so that a build doesn't depend on luck.
 * {@code -Dfuzz.seed=…} takes other ones. {@link FuzzCampaign} searches on.
 */
@Tag("long")
class FuzzShortRunTest {
    private static final int INPUTS_PER_SHARE = 100;
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    private static final List<String> READERS = ReaderFuzz.NAMES;

    @ParameterizedTest
    @FieldSource("READERS")
    void damagedFilesGiveTensorsOrATypedErrorAndNothingElse(String reader) {
        FuzzTarget target = ReaderFuzz.target(reader);
        List<byte[]> seeds = target.seeds();
        seeds.forEach(seed -> run(target, seed));
        SplittableRandom random = new SplittableRandom(SEED ^ reader.hashCode());
        int inputs = INPUTS_PER_SHARE * target.share();
        for (int i = 0; i < inputs; i++) {
            run(target, input(target, seeds, random));
        }
    }

    /** One of the seeds with a few bytes changed, or a shape with any choices. */
    private static byte[] input(FuzzTarget target, List<byte[]> seeds, SplittableRandom random) {
        if (random.nextInt(3) > 0 && !target.shapes().isEmpty()) {
            byte[] input = new byte[2 + random.nextInt(250)];
            random.nextBytes(input);
            input[0] = (byte) (1 + random.nextInt(target.shapes().size()));
            return input;
        }
        byte[] input = seeds.get(random.nextInt(seeds.size()));
        input = Arrays.copyOf(input, random.nextInt(8) == 0 ? 1 + random.nextInt(input.length) : input.length);
        for (int changes = random.nextInt(4); changes > 0 && input.length > 1; changes--) {
            input[1 + random.nextInt(input.length - 1)] = (byte) random.nextInt(256);
        }
        return input;
    }

    private static void run(FuzzTarget target, byte[] input) {
        try {
            target.run(input);
        } catch (RuntimeException | Error e) {
            String shown = HexFormat.of().formatHex(input, 0, Math.min(input.length, 4096));
            throw new AssertionError(target.name() + " gave " + e + " for the input " + shown + " (seed " + SEED + ")", e);
        }
    }
}
