package io.lanecell;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** The line in front of the queue's thread, under two threads in every order, is the plain list below. */
@Param(name = "call", gen = IntGen.class, conf = "0:3")
public class StepLineLincheckTest {
    private static final QueueOptions OPTIONS = new QueueOptions(2, 3, 0);
    /** The first two calls are of one session. */
    private static final int[] SESSION_OF = {0, 0, 1, 2};
    private static final Session[] SESSIONS = sessions();

    private final StepLine<float[]> line = new StepLine<>(OPTIONS);
    private final List<QueuedStep<float[]>> calls = new ArrayList<>();

    public StepLineLincheckTest() {
        for (int session : SESSION_OF) {
            calls.add(new QueuedStep<>(SESSIONS[session], null, null));
        }
    }

    private static Session[] sessions() {
        Model model = Model.lstm(RandomModels.lstm(new Random(1), RandomModels.plain(1, 1)), true);
        return new Session[]{model.newSession(), model.newSession(), model.newSession()};
    }

    @Operation
    public String offer(@Param(name = "call") int call) {
        try {
            line.offer(calls.get(call));
            return "in";
        } catch (QueueFullException e) {
            return "full";
        } catch (QueueClosedException e) {
            return "closed";
        }
    }

    @Operation
    public boolean withdraw(@Param(name = "call") int call) {
        return calls.get(call).completeExceptionally(new IllegalStateException());
    }

    /** What the queue's thread does, when it would not have to wait. */
    @Operation(nonParallelGroup = "the queue's thread")
    public String take() {
        if (line.size() == 0) {
            return "nothing";
        }
        List<QueuedStep<float[]>> batch = new ArrayList<>();
        line.take(batch);
        return named(batch);
    }

    @Operation
    public void close() {
        line.close();
    }

    @Operation(nonParallelGroup = "the queue's thread")
    public String drain() {
        return named(line.drain());
    }

    private String named(List<QueuedStep<float[]>> some) {
        return some.stream().map(call -> String.valueOf(calls.indexOf(call))).collect(Collectors.joining(" "));
    }

    @Test
    void everyInterleavingHasTheResultsOfAPlainList() {
        Interleavings.ofTwoThreads(2).sequentialSpecification(PlainLine.class).check(StepLineLincheckTest.class);
    }

    /** One thread's. */
    public static class PlainLine {
        private final List<Integer> waiting = new ArrayList<>();
        private final boolean[] gone = new boolean[SESSION_OF.length];
        private boolean closed;

        public String offer(int call) {
            if (closed) {
                return "closed";
            }
            if (waiting.size() == OPTIONS.capacity()) {
                return "full";
            }
            waiting.add(call);
            return "in";
        }

        public boolean withdraw(int call) {
            boolean first = !gone[call];
            gone[call] = true;
            return first;
        }

        public String take() {
            if (waiting.isEmpty()) {
                return "nothing";
            }
            List<Integer> batch = new ArrayList<>();
            List<Integer> left = new ArrayList<>();
            for (int call : waiting) {
                if (batch.size() == OPTIONS.most() || batch.stream().anyMatch(other -> SESSION_OF[other] == SESSION_OF[call])) {
                    left.add(call);
                } else if (withdraw(call)) {
                    batch.add(call);
                }
            }
            waiting.clear();
            waiting.addAll(left);
            return named(batch);
        }

        public void close() {
            closed = true;
        }

        public String drain() {
            String all = named(waiting);
            waiting.clear();
            return all;
        }

        private static String named(List<Integer> calls) {
            return calls.stream().map(String::valueOf).collect(Collectors.joining(" "));
        }
    }
}
