package io.lanecell;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** A swap happens at once: whichever call begins after it, of any session, is the next model's. */
@Param(name = "model", gen = IntGen.class, conf = "0:1")
public class LiveModelLincheckTest {
    private static final List<Model> MODELS = models();

    private final LiveModel live = LiveModel.of(MODELS.getFirst(), SwapPolicy.MOVE);
    private final LiveSession one = live.newSession();
    private final LiveSession other = live.newSession();

    private static List<Model> models() {
        Random random = new Random(1);
        return Stream.generate(() -> Model.lstm(RandomModels.lstm(random, RandomModels.plain(1, 1)), true)).limit(2)
                .toList();
    }

    @Operation
    public int swap(@Param(name = "model") int model) {
        return MODELS.indexOf(live.swap(MODELS.get(model)));
    }

    @Operation(nonParallelGroup = "one")
    public int modelOfACallOfOneSession() {
        return modelOfACallOf(one);
    }

    @Operation(nonParallelGroup = "other")
    public int modelOfACallOfTheOther() {
        return modelOfACallOf(other);
    }

    private static int modelOfACallOf(LiveSession session) {
        Session entered = session.enter();
        session.leave();
        return MODELS.indexOf(entered.model());
    }

    @Test
    void aSwapIsAtomic() {
        Interleavings.ofTwoThreads(0).sequentialSpecification(PlainReference.class).check(LiveModelLincheckTest.class);
    }

    /** One thread's. */
    public static class PlainReference {
        private int current;

        public int swap(int model) {
            int old = current;
            current = model;
            return old;
        }

        public int modelOfACallOfOneSession() {
            return current;
        }

        public int modelOfACallOfTheOther() {
            return current;
        }
    }
}
