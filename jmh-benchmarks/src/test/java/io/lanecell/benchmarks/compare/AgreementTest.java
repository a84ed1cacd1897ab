package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AgreementTest {
    /** Ours, with one output changed. */
    private record Wrong(float by) implements EngineProvider {
        @Override
        public String name() {
            return "wrong";
        }

        @Override
        public int threads(int threads) {
            return 1;
        }

        @Override
        public Engine open(Task task, int threads) {
            return new ForwardingEngine(Engines.own().getFirst().open(task, threads)) {
                @Override
                public void getOutput(float[] output, int offset) {
                    super.getOutput(output, offset);
                    output[offset + 3] += by;
                }
            };
        }
    }

    static List<Geometry> smallCases() {
        return Arrays.stream(Cell.values())
                .flatMap(cell -> Stream.of(new Geometry(cell + " step", cell, 7, 17, 1, 1, 1, 1),
                        new Geometry(cell + " sequence", cell, 5, 33, 1, 1, 9, 1),
                        new Geometry(cell + " batch", cell, 16, 32, 1, 1, 5, 3),
                        new Geometry(cell + ", all of it", cell, 12, 16, 2, 2, 11, 2)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("smallCases")
    void ourEnginesComputeWhatTheReferenceComputes(Geometry geometry) {
        for (int threads : new int[]{1, 2}) {
            List<String> refused = new ArrayList<>();
            var errors = new Comparison(List.of(geometry), Engines.own(), threads, Effort.QUICK).agreeing(geometry, refused);
            assertEquals(List.of(), refused);
            assertEquals(Engines.own(), List.copyOf(errors.keySet()));
            errors.forEach((engine, error) -> assertTrue(error < 2e-6, () -> engine.name() + " " + error));
        }
    }

    @ParameterizedTest
    @MethodSource("smallCases")
    void anEngineThatIsALittleOffIsRefusedAndNotTimed(Geometry geometry) {
        for (float by : new float[]{2e-4f, -1f, Float.NaN, Float.POSITIVE_INFINITY}) {
            List<String> refused = new ArrayList<>();
            var errors = new Comparison(List.of(geometry), List.of(new Wrong(by)), 1, Effort.QUICK).agreeing(geometry, refused);
            assertTrue(errors.isEmpty());
            assertEquals(1, refused.size());
            assertTrue(refused.getFirst().startsWith("wrong on " + geometry), refused::getFirst);
        }
    }

    static List<Geometry> steps() {
        return smallCases().stream().filter(Geometry::carriesState).toList();
    }

    @ParameterizedTest
    @MethodSource("steps")
    void anEngineThatForgetsItsStateIsRefused(Geometry geometry) {
        Task task = new Task(geometry);
        try (Engine forgetful = new ForwardingEngine(Engines.own().getFirst().open(task, 1)) {
            @Override
            public void call() {
                reset();
                super.call();
            }
        }) {
            assertFalse(Agreement.accepts(Agreement.maxAbsError(forgetful, task, task.expected())));
        }
    }

    @Test
    void theToleranceItselfIsAcceptedAndNotANumberIsNot() {
        assertTrue(Agreement.accepts(Agreement.TOLERANCE));
        assertFalse(Agreement.accepts(Math.nextUp(Agreement.TOLERANCE)));
        assertFalse(Agreement.accepts(Double.NaN));
    }
}
