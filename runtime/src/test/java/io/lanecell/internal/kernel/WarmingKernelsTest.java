package io.lanecell.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.internal.warmup.WarmUpThread;
import org.junit.jupiter.api.Test;

class WarmingKernelsTest {
    @Test
    void everyOperationBeginsOnTheScalarKernelAndGoesOverToTheVectorKernel() throws Exception {
        WarmingKernels kernels = new WarmingKernels();
        for (Operation operation : Operation.values()) {
            assertFalse(kernels.isWarm(operation), operation + " is warm before its first use");
            new ScratchCalls(operation).call(operation, kernels);
        }
        WarmUpThread.await();
        for (Operation operation : Operation.values()) {
            assertTrue(kernels.isWarm(operation), operation + " never went over to the vector kernel");
        }
    }

    @Test
    void whatIsNotUsedIsNotWarmed() throws Exception {
        WarmingKernels kernels = new WarmingKernels();
        new ScratchCalls(Operation.MAX).call(Operation.MAX, kernels);
        WarmUpThread.await();
        for (Operation operation : Operation.values()) {
            assertTrue(kernels.isWarm(operation) == (operation == Operation.MAX), operation.toString());
        }
    }
}
