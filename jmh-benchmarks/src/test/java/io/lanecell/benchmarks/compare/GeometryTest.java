package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GeometryTest {
    @Test
    void everyCaseHasTheGeometryThatItsNameSays() {
        assertEquals(
                List.of("step-16x32", "step-64", "step-128", "step-256", "step-512", "step-1024", "seq-64", "seq-128", "seq-256",
                        "seq-512", "seq-1024", "batch2-128", "batch4-128", "batch8-128", "batch2-256", "batch4-256", "batch8-256",
                        "batch16-128", "batch16-256", "batch16-512", "batch64-256", "bi2-256",
                        "gru-step-64", "gru-step-128", "gru-step-256", "gru-seq-64", "gru-seq-128", "gru-seq-256"),
                Geometry.all().stream().map(Geometry::name).toList());
        assertEquals(new Geometry("step-16x32", Cell.LSTM, 16, 32, 1, 1, 1, 1), Example.geometry("step-16x32"));
        assertEquals(new Geometry("step-1024", Cell.LSTM, 1024, 1024, 1, 1, 1, 1), Example.geometry("step-1024"));
        assertEquals(new Geometry("seq-512", Cell.LSTM, 512, 512, 1, 1, 100, 1), Example.geometry("seq-512"));
        assertEquals(new Geometry("batch4-256", Cell.LSTM, 256, 256, 1, 1, 50, 4), Example.geometry("batch4-256"));
        assertEquals(new Geometry("bi2-256", Cell.LSTM, 128, 256, 2, 2, 100, 1), Example.geometry("bi2-256"));
        assertEquals(new Geometry("gru-step-64", Cell.GRU, 64, 64, 1, 1, 1, 1), Example.geometry("gru-step-64"));
        assertEquals(new Geometry("gru-seq-256", Cell.GRU, 256, 256, 1, 1, 100, 1), Example.geometry("gru-seq-256"));
    }

    @Test
    void casesAreRunInTheOrderOfTheTableHoweverTheyAreNamed() {
        assertEquals(List.of("step-64", "seq-64", "bi2-256"),
                Geometry.named(List.of("bi2-256", "seq-64", "step-64", "seq-64")).stream().map(Geometry::name).toList());
    }

    @Test
    void anUnknownCaseIsRefusedWithThoseThereAre() {
        String message = assertThrows(CompareException.class, () -> Geometry.named(List.of("step-64", "step-65"))).getMessage();
        assertTrue(message.contains("'step-65'") && message.contains("batch16-512"), message);
    }

    @Test
    void theQuickCasesAreOfEveryKind() {
        List<String> quick = Geometry.quick().stream().map(Geometry::name).toList();
        for (String kind : List.of("step", "seq", "batch", "bi2", "gru-step", "gru-seq")) {
            assertTrue(quick.stream().anyMatch(name -> name.startsWith(kind)), kind);
        }
    }

    @Test
    void bytesAndOperationsAreThoseOfTheMatrices() {
        assertEquals(16L * 32 * (16 + 32), Example.geometry("step-16x32").weightBytes());
        assertEquals(8L * 32 * (16 + 32), Example.geometry("step-16x32").flops());
        assertEquals(8L * 256 * 512 * 50 * 16, Example.geometry("batch16-256").flops());
        assertEquals(12L * 64 * (64 + 64), Example.geometry("gru-seq-64").weightBytes());
        assertEquals(6L * 64 * (64 + 64) * 100, Example.geometry("gru-seq-64").flops());
        long bytes = 2 * (16L * 256 * (128 + 256) + 16L * 256 * (512 + 256));
        assertEquals(bytes, Example.geometry("bi2-256").weightBytes());
        assertEquals(bytes / 2 * 100, Example.geometry("bi2-256").flops());
    }
}
