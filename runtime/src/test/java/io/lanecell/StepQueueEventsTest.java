package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a queue tells Flight Recorder. */
@Timeout(120)
class StepQueueEventsTest {
    private static final String BATCH = "io.lanecell.QueueBatch";
    private static final String FULL = "io.lanecell.QueueFull";
    private static final long HELD_MILLIS = 20;
    private static final Model MODEL = Model.lstm(RandomModels.lstm(new Random(1), RandomModels.plain(3, 17)), true);

    /** One call that is held while others fill the queue, one is refused, one waits for room, and all are run. */
    private static List<RecordedEvent> record(Path folder, String... events) throws Exception {
        try (Recording recording = new Recording()) {
            for (String event : events) {
                recording.enable(event);
            }
            recording.start();
            RecordingStepper stepper = new RecordingStepper().gated();
            try (StepQueue<float[]> queue = StepQueue.of(MODEL, new QueueOptions(2, 3, 0), stepper)) {
                queue.submit(MODEL.newSession(), 0);
                stepper.awaitFirstBatch();
                for (int i = 1; i <= 3; i++) {
                    queue.submit(MODEL.newSession(), i);
                }
                assertThrows(QueueFullException.class, () -> queue.trySubmit(MODEL.newSession(), 4));
                CompletableFuture<float[]> output = new CompletableFuture<>();
                Thread thread = Thread.ofPlatform().start(() -> {
                    try {
                        output.complete(queue.submit(MODEL.newSession(), 5).join());
                    } catch (InterruptedException e) {
                        output.completeExceptionally(e);
                    }
                });
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                Thread.sleep(HELD_MILLIS);
                stepper.open();
                output.join();
            }
            recording.stop();
            Path file = folder.resolve("queue.jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        }
    }

    private static List<RecordedEvent> only(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
    }

    @Test
    void aRecordingTellsWhatWasGatheredHowLongItWaitedAndWhenTheQueueWasFull(@TempDir Path folder) throws Exception {
        List<RecordedEvent> events = record(folder, BATCH, FULL);
        List<RecordedEvent> batches = only(events, BATCH);
        assertEquals(5, batches.stream().mapToInt(event -> event.getInt("calls")).sum());
        RecordedEvent second = batches.get(1);
        assertEquals(2, second.getInt("calls"));
        assertEquals(2, second.getInt("most"));
        // The third of the line, and the one that waited for room if it was quick to take it.
        assertTrue(second.getInt("leftWaiting") == 1 || second.getInt("leftWaiting") == 2, second::toString);
        assertTrue(second.getDuration("firstWaited").toMillis() >= HELD_MILLIS / 2, second::toString);
        List<RecordedEvent> full = only(events, FULL);
        assertEquals(List.of(3, 3), full.stream().map(event -> event.getInt("waiting")).toList());
        RecordedEvent refused = full.stream().filter(event -> event.getBoolean("refused")).findFirst().orElseThrow();
        RecordedEvent waited = full.stream().filter(event -> !event.getBoolean("refused")).findFirst().orElseThrow();
        assertTrue(waited.getDuration().toMillis() >= HELD_MILLIS / 2, waited::toString);
        assertTrue(refused.getStackTrace().getFrames().stream()
                .anyMatch(frame -> frame.getMethod().getName().equals("trySubmit")), refused::toString);
    }

    @Test
    void whoDoesNotAskForThemDoesNotGetThem(@TempDir Path folder) throws Exception {
        List<RecordedEvent> events = record(folder, "io.lanecell.ModelLoad");
        assertEquals(List.of(), only(events, BATCH));
        assertEquals(List.of(), only(events, FULL));
    }
}
