package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportsTest {
    @TempDir
    Path temp;

    @Test
    void theTableHasALineForEachEngineWithItsRatioToTheBestPeer() {
        List<String> lines = ResultTable.format(Example.RESULTS).lines().map(line -> line.replaceAll(" {2,}", "|")).toList();
        assertTrue(lines.contains("case|engine|threads|median µs|quartiles|× best peer|speed|of limit|max error|B/call"),
                lines::toString);
        assertTrue(lines.contains("step-64|lanecell-vector|1|2.00|1.90–2.10|4.00|65.5 GB/s|66 %|1.3e-07|0"), lines::toString);
        assertTrue(lines.contains("|onnxruntime|1|8.00|7.60–8.40|1.00|16.4 GB/s|16 %|1.3e-07|448"), lines::toString);
        assertTrue(lines.contains("batch16-256|lanecell-vector|1|5000|4750–5250|0.80|168 GFLOP/s|140 %|1.3e-07|0"),
                lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("seq-64|lanecell-scalar|1|1235|") && !line.contains("1.00")),
                "no ratio where no peer ran");
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("REFUSED onednn on step-64")), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.contains("24 KiB (L1) 200, 256 KiB (L2) 100, 8 MiB (L3) 50")),
                lines::toString);
    }

    @Test
    void theTableSaysWhichEnginesCanNotUseTheThreadsAskedFor() {
        assertTrue(ResultTable.format(Example.results(2)).contains("fewer than the 2 threads"));
        assertFalse(ResultTable.format(Example.RESULTS).contains("fewer than the"));
    }

    @Test
    void theJsonHasWhatScriptsReadOfIt() {
        Path file = temp.resolve("results.json");
        JsonReport.write(Example.RESULTS, file);
        JsonNode document = JsonMapper.shared().readTree(file);
        assertEquals(7, document.get("results").size());
        JsonNode row = document.get("results").get(2);
        assertEquals("step-64", row.get("case").asString());
        assertEquals("onnxruntime", row.get("engine").asString());
        assertEquals(1, row.get("threads").asInt());
        assertEquals(8, row.get("medianMicros").asDouble());
        assertEquals(0.8, row.get("spreadMicros").asDouble(), 1e-9);
        assertEquals(1.25e-7, row.get("maxAbsError").asDouble());
        assertEquals(448, row.get("allocatedBytesPerCall").asDouble());
        assertTrue(document.get("results").get(6).get("ratioToBestPeer").isNull());
        assertEquals(120, document.get("machine").get("fmaGigaflops").asDouble());
        assertEquals("L2", document.get("machine").get("reads").get(1).get("level").asString());
        assertEquals(1, document.get("refused").size());
    }

    @Test
    void thePictureShowsEveryEngineEvenWhereACaseLacksOne() throws IOException {
        Path file = temp.resolve("results.png");
        Plot.write(Example.RESULTS, file);
        BufferedImage image = ImageIO.read(file.toFile());
        assertNotNull(image);
        for (String engine : Example.RESULTS.engines()) {
            int colour = Plot.colour(engine).getRGB();
            assertTrue(count(image, colour) > 50, () -> engine + " is not to be seen");
            assertNotEquals(-1, colour, "white on white");
        }
    }

    private static long count(BufferedImage image, int colour) {
        long count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += image.getRGB(x, y) == colour ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void aFileThatCanNotBeWrittenIsOneSentence() {
        Path folder = temp.resolve("missing");
        assertTrue(assertThrows(CompareException.class, () -> JsonReport.write(Example.RESULTS, folder.resolve("a.json")))
                .getMessage().contains("can't write the results to " + folder));
        assertTrue(assertThrows(CompareException.class, () -> Plot.write(Example.RESULTS, folder.resolve("a.png"))).getMessage()
                .contains("can't write the picture to " + folder));
    }
}
