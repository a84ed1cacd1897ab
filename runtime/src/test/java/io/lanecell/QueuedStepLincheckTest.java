package io.lanecell;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** A call is begun by the queue or withdrawn by somebody, whatever the interleaving: exactly one is told so. */
public class QueuedStepLincheckTest {
    private final QueuedStep<float[]> call = new QueuedStep<>(null, null, new float[1]);

    @Operation
    public boolean queueRunsIt() {
        if (call.begin()) {
            call.finish();
            return true;
        }
        return false;
    }

    @Operation(runOnce = true)
    public boolean callerCancelsIt() {
        return call.cancel(false);
    }

    @Operation
    public boolean timeoutCompletesIt() {
        return call.completeExceptionally(new IllegalStateException());
    }

    @Test
    void oneOfThoseWhoClaimACallGetsIt() {
        Interleavings.ofTwoThreads(0).check(QueuedStepLincheckTest.class);
    }
}
