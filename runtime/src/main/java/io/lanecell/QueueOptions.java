package io.lanecell;

/**
 * How a {@link StepQueue} gathers. Start from {@link #DEFAULT}, which never waits for company: what arrives while one batch is computed makes
 * the next.
 *
 * @param most         sessions stepped as one batch at most: 1 to {@code capacity}
 * @param capacity     calls that may wait at once, {@code most} or more; beyond it {@code submit} waits and {@code trySubmit} refuses
 * @param gatherMicros µs that a call waits for others at most before its batch begins, less once {@code most} are there: 0 or more. The system's
 *                     timer adds some 50 µs to whatever is not 0.
 */
public record QueueOptions(int most, int capacity, long gatherMicros) {
    /** Batches of up to 64, 1,024 calls waiting, no waiting for company. */
    public static final QueueOptions DEFAULT = new QueueOptions(64, 1_024, 0);

    /** One minute: whoever waits longer for company has mistaken the unit. */
    private static final long MOST_MICROS = 60_000_000;

    /** @throws InvalidInputException if a number is out of its range */
    public QueueOptions {
        if (most < 1 || capacity < most) {
            throw new InvalidInputException("a queue that steps up to " + most + " sessions at once, with " + capacity
                    + " calls waiting, can't be: at once must be 1 or more, and as many must be able to wait");
        }
        if (gatherMicros < 0 || gatherMicros > MOST_MICROS) {
            throw new InvalidInputException(
                    "a queue can't gather for " + gatherMicros + " µs: 0 to " + MOST_MICROS + " is expected");
        }
    }

    /** The same with another number of sessions a batch. */
    public QueueOptions withMost(int sessions) {
        return new QueueOptions(sessions, capacity, gatherMicros);
    }

    /** The same with room for another number of waiting calls. */
    public QueueOptions withCapacity(int calls) {
        return new QueueOptions(most, calls, gatherMicros);
    }

    /** The same with another time of gathering, in µs. */
    public QueueOptions withGatherMicros(long micros) {
        return new QueueOptions(most, capacity, micros);
    }
}
