package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/** A session that two threads use at once: a call is refused or run whole, and the state is that of those that were run. */
class SessionLincheckTest {
    private static final float[] INPUT = {0.5f};
    private static final Model MODEL = model(1);
    private static final Model NEXT = model(2);

    private static Model model(int seed) {
        Model model = Model.lstm(RandomModels.lstm(new Random(seed), RandomModels.plain(1, 1)), true).with(KernelChoice.SCALAR);
        model.newSession().step(INPUT, 0, new float[1], 0);
        return model;
    }

    /** h after steps on these models, a letter each. */
    private static float after(String models) {
        Session session = MODEL.newSession();
        for (char model : models.toCharArray()) {
            session = session.moveTo(model == 'a' ? MODEL : NEXT);
            session.step(INPUT, 0, new float[1], 0);
        }
        float[] state = new float[2];
        session.getState(state, 0, state, 1);
        return state[0];
    }

    private static void inTwoThreads(Runnable here, Runnable there) {
        Thread thread = new Thread(there);
        thread.start();
        here.run();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Counts the calls that were not refused. */
    private static Runnable counting(AtomicInteger ran, Runnable call) {
        return () -> {
            try {
                call.run();
                ran.incrementAndGet();
            } catch (ConcurrentUseException e) {
                // refused
            }
        };
    }

    @Test
    void aSessionOfTwoThreadsRefusesACallOrRunsItWhole() {
        float[] expected = {after(""), after("a"), after("aa")};
        Lincheck.runConcurrentTest(Interleavings.ofAProgram(), () -> {
            Session session = MODEL.newSession();
            AtomicInteger ran = new AtomicInteger();
            Runnable step = counting(ran, () -> session.step(INPUT, 0, new float[1], 0));
            inTwoThreads(step, step);
            float[] state = new float[2];
            session.getState(state, 0, state, 1);
            assertTrue(ran.get() > 0);
            assertEquals(expected[ran.get()], state[0]);
        });
    }

    @Test
    void aLiveSessionOfTwoThreadsLosesNoStepToASwap() {
        Set<Float> one = Set.of(after("a"), after("b"));
        Set<Float> two = Set.of(after("aa"), after("ab"), after("bb"));
        Lincheck.runConcurrentTest(Interleavings.ofAProgram(), () -> {
            LiveModel live = LiveModel.of(MODEL, SwapPolicy.MOVE);
            LiveSession session = live.newSession();
            AtomicInteger ran = new AtomicInteger();
            Runnable step = counting(ran, () -> session.step(INPUT, 0, new float[1], 0));
            inTwoThreads(() -> {
                live.swap(NEXT);
                step.run();
            }, step);
            float[] state = new float[2];
            session.getState(state, 0, state, 1);
            assertTrue((ran.get() == 1 ? one : two).contains(state[0]));
        });
    }
}
