package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    Path folder;

    private static PickleWriter scalar(PickleWriter pickle) {
        return pickle.tensor("FloatStorage", "0", 1, 0, new long[0], new long[0]);
    }

    private WeightFile.Content open(PickleWriter pickle) throws IOException {
        Path file = folder.resolve("x.ckpt");
        Files.write(file, TorchZip.of(pickle.stop()).floats("0", 1).bytes());
        return WeightFile.open(file, Progress.NONE);
    }

    private static Weights weights(String... names) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, Tensor.of(new float[1], 1));
        }
        return Weights.of(tensors);
    }

    @Test
    void theModelIsTakenAndTheRestNamedAsLeftOut() throws IOException {
        for (String key : List.of("model_state_dict", "state_dict", "model_state", "model", "net")) {
            PickleWriter pickle = scalar(PickleWriter.protocol(2).ops("}(").text("epoch").number(3).text(key).ops("}").text("w"))
                    .ops("s");
            WeightFile.Content content = open(scalar(pickle.text("ema").ops("}").text("w")).ops("su"));
            assertEquals(List.of(key + ".w"), List.copyOf(content.weights().names()));
            assertEquals(
                    List.of("took the model from the checkpoint's key '" + key + "', left out the other keys: 'epoch', 'ema'"),
                    content.remarks());
        }
    }

    @Test
    void hyperparametersOfLightningAndArgparseAreOneMoreDict() throws IOException {
        PickleWriter pickle = scalar(PickleWriter.protocol(2).ops("}(").text("state_dict").ops("}").text("w")).ops("s")
                .text("hyper_parameters").global("pytorch_lightning.utilities.parsing", "AttributeDict").op(')', 0x81).ops("}")
                .text("lr").number(1).ops("sb").text("args").global("argparse", "Namespace").op(')', 0x81).ops("}").text("lr")
                .number(1).ops("sbu");
        assertEquals(List.of("state_dict.w"), List.copyOf(open(pickle).weights().names()));
    }

    @Test
    void settingAnItemOfSomethingThatIsNoDictIsRefused() {
        for (String target : List.of("N", ")", "]")) {
            assertThrows(WeightFileException.Malformed.class, () -> open(PickleWriter.protocol(2).ops(target + "NNs")));
        }
        assertThrows(WeightFileException.Malformed.class,
                () -> open(PickleWriter.protocol(2).global("collections", "OrderedDict").ops("NNs")));
        assertThrows(WeightFileException.Malformed.class,
                () -> open(scalar(PickleWriter.protocol(2)).ops("(").text("shape").number(1).ops("u")));
    }

    @Test
    void commonPrefixesAreExplained() {
        CommonPrefix one = CommonPrefix.of(weights("module.lstm.w", "module.fc.w")).orElseThrow();
        assertEquals("module.", one.prefix());
        assertEquals("all names begin with 'module.', put there by DataParallel: --strip-prefix module. takes it off, in Java"
                + " weights.withoutPrefix(\"module.\")", one.explanation());
        assertEquals("state_dict.model._orig_mod.",
                CommonPrefix.of(weights("state_dict.model._orig_mod.w", "state_dict.model._orig_mod.b")).orElseThrow().prefix());
        assertTrue(CommonPrefix.of(weights("module.w", "fc.w")).isEmpty());
        assertTrue(CommonPrefix.of(weights("lstm.w", "lstm.b")).isEmpty());
        assertTrue(CommonPrefix.of(weights("module")).isEmpty());
        assertTrue(CommonPrefix.of(weights()).isEmpty());
    }

    @Test
    void prefixesComeOffUnlessTwoNamesWouldCollide() {
        assertEquals(List.of("w", "other"), List.copyOf(weights("module.w", "other").withoutPrefix("module.").names()));
        InvalidModelException collision = assertThrows(InvalidModelException.class,
                () -> weights("module.w", "w").withoutPrefix("module."));
        assertTrue(collision.getMessage().contains("two tensors would be named 'w'"), collision.getMessage());
        InvalidModelException none = assertThrows(InvalidModelException.class, () -> weights("w").withoutPrefix("module."));
        assertTrue(none.getMessage().contains("no tensor's name begins with 'module.'"), none.getMessage());
    }

    @Test
    void aTensorMissedBehindAPrefixIsPointedOut() {
        String message = assertThrows(InvalidModelException.class, () -> weights("module.lstm.w").get("lstm.w")).getMessage();
        assertTrue(message.contains("behind the prefix 'module.'"), message);
        assertTrue(message.contains("--strip-prefix module."), message);
    }
}
