package io.lanecell.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WholeModelTest {
    @ParameterizedTest
    @CsvSource({"cnn_lstm, 1, 2", "cnn_lstm, 17, 9", "cnn_lstm, 33, 20", "attention, 1, 1", "attention, 17, 9",
            "attention, 33, 18"})
    void enginesAgreeBeforeTheyAreTimed(String model, int hidden, int steps) {
        WholeModel.of(model, hidden, steps).checkThatEnginesAgree();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cnn_lstm", "attention"})
    void theRecurrentPartIsTimedOnWhatTheLayersBeforeItGive(String model) {
        WholeModel whole = WholeModel.of(model, 17, 8);
        float[] out = new float[whole.recurrentSteps * whole.recurrent.outputSize()];
        whole.recurrent.newSession().run(whole.recurrentInput, 0, whole.recurrentSteps, out, 0);
        assertEquals(model.equals("cnn_lstm") ? 4 : 8, whole.recurrentSteps);
        assertArrayEquals(whole.recurrentInput, WholeModel.of(model, 17, 8).recurrentInput, "the same in every process");
        for (float x : out) {
            assertTrue(Math.abs(x) < 1 && x != 0, "a hidden state of an LSTM that has seen something: " + x);
        }
    }
}
