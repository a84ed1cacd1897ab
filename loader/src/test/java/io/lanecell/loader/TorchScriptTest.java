package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Weights;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TorchScriptTest {
    private static final byte[] NO_CONSTANTS = PickleWriter.protocol(2).ops(")").stop();

    /** Opens a module's attributes, to be closed by {@code ub}. */
    private static PickleWriter module(PickleWriter pickle, String name) {
        return pickle.global("__torch__", name).op(')', 0x81).ops("}(");
    }

    private static PickleWriter scalar(PickleWriter pickle, String key) {
        return pickle.tensor("FloatStorage", key, 1, 0, new long[0], new long[0]);
    }

    private static TorchZip script(PickleWriter pickle) {
        return TorchZip.of(pickle.stop()).with("constants.pkl", NO_CONSTANTS).floats("0", 7);
    }

    private static <E extends WeightFileException> void assertFault(Class<E> kind, TorchZip zip, String... words) {
        String message = assertThrows(kind, zip::read).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), () -> "no '" + word + "' in: " + message);
        }
    }

    @Test
    void tensorsAreNamedByTheModulesTheyAreAttributesOf() {
        PickleWriter pickle = module(PickleWriter.protocol(2), "Net").text("training").op(0x89);
        scalar(module(pickle.text("fc"), "Linear").text("weight"), "0").ops("ub");
        Weights weights = script(scalar(pickle.text("scale"), "0").ops("ub")).read();
        assertEquals(List.of("fc.weight", "scale"), List.copyOf(weights.names()));
        assertArrayEquals(new float[]{7}, weights.get("fc.weight").toFloats());
    }

    @Test
    void listsOfTensorsAreTheSameTensorsAgainAndLeftOut() {
        PickleWriter pickle = scalar(module(PickleWriter.protocol(2), "LSTM").text("weight"), "0").op('q', 1)
                .text("_flat_weights")
                .global("torch.jit._pickle", "build_tensorlist").ops("(](").op('h', 1).ops("etR").text("names")
                .global("torch.jit._pickle", "restore_type_tag").ops("](").text("weight").ops("e").text("List[str]").op(0x86)
                .ops("Rub");
        assertEquals(List.of("weight"), List.copyOf(script(pickle).read().names()));
    }

    @Test
    void theCodeIsNeverReadWhateverItHolds() {
        PickleWriter pickle = scalar(module(PickleWriter.protocol(2), "Net").text("w"), "0").ops("ub");
        TorchZip zip = script(pickle).with("code/__torch__.py", "import os; os.system('true')".getBytes(StandardCharsets.UTF_8))
                .with("code/evil.pkl", PickleWriter.protocol(2).global("os", "system").stop());
        assertEquals(List.of("w"), List.copyOf(zip.read().names()));
    }

    @Test
    void aFrozenModulesTensorsAreItsConstants() {
        PickleWriter empty = module(PickleWriter.protocol(2), "Net").text("training").op(0x89).ops("ub");
        PickleWriter constants = scalar(PickleWriter.protocol(2).ops("("), "0").ops("t");
        TorchZip zip = TorchZip.of(empty.stop()).with("constants.pkl", constants.stop()).floats("0").with("constants/0",
                new byte[]{0, 0, (byte) 0x80, 0x3f});
        assertEquals(List.of("0"), List.copyOf(zip.read().names()));
        assertArrayEquals(new float[]{1}, zip.read().get("0").toFloats());
    }

    @Test
    void otherGlobalsAreRefusedInScriptsToo() {
        assertFault(WeightFileException.Refused.class, script(PickleWriter.protocol(2).global("os", "system")), "'os.system'");
        assertFault(WeightFileException.Refused.class,
                script(PickleWriter.protocol(2).global("torch", "FloatStorage").op(')', 0x81)),
                "torch.FloatStorage", "not run");
        assertFault(WeightFileException.Malformed.class,
                script(PickleWriter.protocol(2).global("__torch__", "Net").op('N', 0x81)),
                "with None");
        assertFault(WeightFileException.Unsupported.class,
                script(PickleWriter.protocol(2).global("__torch__", "Net").op(')', 0x81).ops("Nb")), "__setstate__", "not run");
    }

    @Test
    void classesUnderTorchAreRefusedOutsideScripts() {
        TorchZip stateDict = TorchZip.of(PickleWriter.protocol(2).global("__torch__", "Net").stop());
        assertFault(WeightFileException.Refused.class, stateDict, "'__torch__.Net'");
    }

    @Tag("long")
    @Test
    void randomDamageGivesTensorsOrATypedErrorAndNothingElse() {
        long seed = new Random().nextLong();
        System.out.println("script randomDamageGivesTensorsOrATypedErrorAndNothingElse: seed " + seed);
        Random random = new Random(seed);
        byte[] good = scalar(module(module(PickleWriter.protocol(2), "Net").text("fc"), "Linear").text("weight"), "0").ops("ubub")
                .stop();
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                TorchZip.of(bad).with("constants.pkl", NO_CONSTANTS).floats("0", 7).read();
            } catch (WeightFileException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_000, "only " + refused + " of 3000 damaged pickles were refused");
    }

    @Test
    void aModuleThatHoldsItselfIsRefused() {
        PickleWriter pickle = PickleWriter.protocol(2).global("__torch__", "Net").op(')', 0x81, 'q', 1).ops("}(").text("self")
                .op('h', 1).ops("ub");
        assertFault(WeightFileException.Malformed.class, script(pickle), "nests deeper");
    }
}
