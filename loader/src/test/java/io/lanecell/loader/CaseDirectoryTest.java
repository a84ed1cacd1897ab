package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseDirectoryTest {
    @TempDir
    Path folder;

    @Test
    void itListsItsWeightFilesByNameWithTheirFormats() throws IOException {
        Map<String, Tensor> tensors = Map.of("w", Tensor.of(new float[]{1}, 1));
        SafetensorsWriter.write(folder.resolve("io.safetensors"), tensors, Map.of());
        SafetensorsWriter.write(folder.resolve("b.weights"), tensors, Map.of());
        Files.write(folder.resolve("a.pt"), TorchZip.of(PickleWriter.protocol(2).ops("}").stop()).bytes());
        Files.write(folder.resolve("script.pt"),
                TorchZip.of(PickleWriter.protocol(2).ops("}").stop()).with("constants.pkl", new byte[1]).bytes());
        Files.write(folder.resolve("old.pth"), PickleWriter.protocol(2).hex("8a0a6cfc9c46f9206aa85019").stop());
        Files.write(folder.resolve("model.onnx"), new byte[]{8, 7, 0x12, 0, 0});
        Files.write(folder.resolve("broken.safetensors"), new byte[3]);
        Files.writeString(folder.resolve("README.md"), "text");
        Files.writeString(folder.resolve("config.json"), "{\"module\": \"m\"}");
        Files.writeString(folder.resolve(".hidden.pt"), "text");
        Files.createDirectory(folder.resolve("folder.pt"));
        CaseDirectory directory = CaseDirectory.open(folder);
        assertEquals("[a.pt=PYTORCH_ZIP, b.weights=SAFETENSORS, broken.safetensors=UNKNOWN, model.onnx=ONNX,"
                + " old.pth=PYTORCH_LEGACY, script.pt=TORCHSCRIPT]",
                directory.weightFiles().entrySet().stream().map(entry -> entry.getKey().getFileName() + "=" + entry.getValue())
                        .toList()
                        .toString());
        assertEquals("m", directory.config().orElseThrow().get("module").stringValue());
        assertFalse(directory.hasModelJson());
        assertEquals(List.of("w"), List.copyOf(directory.io().names()));
        assertEquals(folder, directory.path());
        assertEquals(folder.getFileName().toString(), directory.name());
    }

    @Test
    void itsNameIsItsOwnHoweverItIsWritten() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("case"));
        assertEquals("case", CaseDirectory.open(sub.resolve(".")).name());
        assertEquals("case", CaseDirectory.open(sub.resolve("../case")).name());
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        CaseDirectory empty = CaseDirectory.open(folder);
        assertTrue(empty.config().isEmpty());
        assertTrue(empty.weightFiles().isEmpty());
        assertTrue(assertThrows(WeightFileException.Unreadable.class, empty::io).getMessage().contains("io.safetensors"));
        assertTrue(assertThrows(ModelFileException.class, () -> ModelFile.open(folder)).getMessage().contains("holds no model"));
        assertTrue(assertThrows(ModelFileException.class, () -> CaseDirectory.open(folder.resolve("x"))).getMessage()
                .contains("no such folder"));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertTrue(assertThrows(ModelFileException.class, () -> CaseDirectory.open(file)).getMessage().contains("is a file"));
    }

    @Test
    void theUsualWeightsAreTakenFirst() throws IOException {
        Files.writeString(folder.resolve("a.pt"), "");
        assertEquals("a.pt", preferred());
        Files.write(folder.resolve("b.pt"), TorchZip.of(PickleWriter.protocol(2).ops("}").stop()).bytes());
        assertEquals("b.pt", preferred());
        Files.writeString(folder.resolve("state_dict.pt"), "");
        assertEquals("state_dict.pt", preferred());
        Files.writeString(folder.resolve("weights.safetensors"), "");
        assertEquals("weights.safetensors", preferred());
    }

    private String preferred() {
        return CaseDirectory.open(folder).preferredWeights().orElseThrow().getFileName().toString();
    }
}
