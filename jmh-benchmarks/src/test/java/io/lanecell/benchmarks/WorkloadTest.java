package io.lanecell.benchmarks;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 17, 32, 128, 130})
    void enginesAgreeBeforeTheyAreTimed(int hidden) {
        new Workload(hidden, hidden, 20).checkThatEnginesAgree();
    }

    @Test
    void theCheckFailsWhenTheEnginesSeeDifferentInputs() {
        Workload workload = new Workload(17, 17, 5);
        workload.input[0] += 0.01f;
        AssertionError error = assertThrows(AssertionError.class, workload::checkThatEnginesAgree);
        assertTrue(error.getMessage().contains("the reference says"), error::getMessage);
    }
}
