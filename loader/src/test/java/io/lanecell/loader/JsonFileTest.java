package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFileTest {
    @TempDir
    Path folder;

    private void assertFault(byte[] content, String... words) throws IOException {
        Path file = Files.write(folder.resolve("x.json"), content);
        ModelFileException e = assertThrows(ModelFileException.class, () -> JsonFile.read(file));
        assertEquals(file, e.file());
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), () -> "no '" + word + "' in: " + e.getMessage());
        }
    }

    private void assertFault(String content, String... words) throws IOException {
        assertFault(content.getBytes(StandardCharsets.UTF_8), words);
    }

    @Test
    void whatPythonWritesIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("x.json"), "{\"a\": NaN, \"b\": -Infinity, \"c\": [1, \"é\"]}\n");
        assertTrue(Double.isNaN(JsonFile.read(file).get("a").doubleValue()));
        assertEquals(Double.NEGATIVE_INFINITY, JsonFile.read(file).get("b").doubleValue());
        assertEquals("é", JsonFile.read(file).get("c").get(1).stringValue());
    }

    @Test
    void badJsonIsNamedWithItsPlace() throws IOException {
        assertFault("", "empty");
        assertFault("  \n", "empty");
        assertFault("{\n  \"a\": }", "not valid JSON", "line 2");
        assertFault("{} {}", "not valid JSON");
        assertFault("{\"a\": 1, \"a\": 2}", "\"a\"");
        assertFault("{\"\\u001b[31m\": 1, \"\\u001b[31m\": 2}", "\\u001b[31m");
        assertFault("[".repeat(100_000), "epth");
        assertFault("9".repeat(1000), "not valid JSON");
        assertFault(new byte[]{'"', (byte) 0xff, '"'}, "UTF-8");
    }

    @Test
    void messagesAreOursAndNotTheJsonLibrarys() throws IOException {
        assertFault("{\"a\":".repeat(100), "Document nesting depth (65) is more than the 64 allowed");
        assertFault("[" + "9".repeat(2000) + "]", "Number value length (2000) is more than the 64 allowed");
        assertFault("{\"a\": 1, // why\n\"b\": 2}", "maybe a (non-standard) comment? (line 1");
        assertFault("{\"a\": [1,]}", "expected a value (line 1");
        assertFault("[", "is not valid JSON: Unexpected end-of-input: expected close marker for Array (line 1, column 2)");
        assertFault("{} x", "Unrecognized token 'x': expected a value (line 1");
        assertFault("{\"a\": 1}".getBytes(StandardCharsets.UTF_16LE), "not valid JSON");
        assertFault("{\"ä\": 1}".getBytes(StandardCharsets.ISO_8859_1),
                "is not UTF-8 text, byte 2 is part of no character: save it as UTF-8");
    }

    @Test
    void theMarkThatEditorsOnWindowsBeginAFileWithIsPassedOver() throws IOException {
        Path file = Files.writeString(folder.resolve("x.json"), "\ufeff{\"a\": 1}");
        assertEquals(1, JsonFile.read(file).get("a").intValue());
    }

    @Test
    void aDescriptionOfMillionsOfValuesIsRefusedBeforeItFillsTheMemory() throws IOException {
        for (String item : List.of("[],", "{},", "{\"a\":1},", "11,")) {
            Path file = Files.writeString(folder.resolve("x.json"), "[" + item.repeat((12 << 20) / item.length()) + "1]");
            long before = Allocation.ofThisThread();
            ModelFileException e = assertThrows(ModelFileException.class, () -> JsonFile.read(file));
            assertTrue(e.getMessage().contains("is more than the 400000 allowed"), e.getMessage());
            long allocated = Allocation.ofThisThread() - before;
            assertTrue(allocated < 4L * Files.size(file) + (64 << 20), allocated + " bytes for " + item);
        }
    }

    @Test
    void filesThatAreTooLargeOrMissingAreNamed() throws IOException {
        assertFault(new byte[(16 << 20) + 1], "more than 16777216 bytes");
        Path missing = folder.resolve("missing.json");
        ModelFileException e = assertThrows(ModelFileException.class, () -> JsonFile.read(missing));
        assertEquals(missing + ": there is no such file, check the path", e.getMessage());
        assertTrue(assertThrows(ModelFileException.class, () -> JsonFile.read(folder)).getMessage().contains("is a folder"));
    }
}
