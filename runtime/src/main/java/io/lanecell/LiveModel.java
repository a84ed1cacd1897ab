package io.lanecell;

/**
 * A model whose weights are replaced in a running service. Its {@link LiveSession sessions} look here before every call, so a call runs
 * wholly on one model, and every call that begins after {@link #swap} has returned on the new one, or where sessions
 * {@link SwapPolicy#FINISH finish}, every sequence. The old model is garbage once no session is on it. Thread-safe; nothing to close.
 */
public final class LiveModel {
    private final SwapPolicy policy;
    private volatile Model current;

    private LiveModel(Model model, SwapPolicy policy) {
        current = model;
        this.policy = policy;
    }

    /** Begins with {@code model}. */
    public static LiveModel of(Model model, SwapPolicy policy) {
        return new LiveModel(Checks.notNull(model, "the model"), Checks.notNull(policy, "the policy"));
    }

    /** The model of calls that begin now. */
    public Model current() {
        return current;
    }

    /** What becomes of sessions when the model is swapped. */
    public SwapPolicy policy() {
        return policy;
    }

    /**
     * Makes {@code next} the model of all calls that begin from now on. Calls under way end on the model that they began with. Build the
     * model, and warm it up, before: this only exchanges a reference, and no call waits for it.
     *
     * @return the model until now
     * @throws InvalidInputException if callers would notice: another precision, input, vocabulary, output or layout of sequences, no
     *                               single steps any more; or if sessions are to move and their state doesn't fit. Nothing has changed then.
     */
    public synchronized Model swap(Model next) {
        Checks.notNull(next, "the next model");
        requireSame("precision", current.dtype(), next.dtype());
        requireSame("vocabulary", current.vocabularySize(), next.vocabularySize());
        requireSame("input size", current.inputSize(), next.inputSize());
        requireSame("output size", current.outputSize(), next.outputSize());
        requireSame("batch_first", current.spec().batchFirst(), next.spec().batchFirst());
        requireSame("ability to go step by step", current.canStep(), next.canStep());
        if (policy == SwapPolicy.MOVE) {
            requireStateFits(next);
        }
        Model old = current;
        current = next;
        return old;
    }

    private static void requireSame(String what, Object now, Object next) {
        if (!now.equals(next)) {
            throw new InvalidInputException(
                    "a model can't be swapped for one that its callers would notice: the " + what + " is " + now
                            + " now and " + next + " of the next; make another LiveModel for that one");
        }
    }

    private void requireStateFits(Model next) {
        try {
            current.newSession().moveTo(next);
        } catch (LanecellException e) {
            throw new InvalidInputException("sessions can't move to the next model, swap with a LiveModel of SwapPolicy.FINISH: "
                    + e.getMessage());
        }
    }

    /** A session for one sequence, its state zero. */
    public LiveSession newSession() {
        return newSession(1);
    }

    /**
     * A session for {@code batch} sequences that advance together, their states zero.
     *
     * @throws InvalidInputException if {@code batch} is negative
     */
    public LiveSession newSession(int batch) {
        return new LiveSession(this, batch, null);
    }

    /**
     * A session whose recurrent layers are computed by several threads, as {@link Model#newSession(int, Workers)} has it.
     *
     * @throws InvalidInputException if {@code batch} is negative or {@code workers} is null
     */
    public LiveSession newSession(int batch, Workers workers) {
        return new LiveSession(this, batch, Checks.notNull(workers, "the workers"));
    }
}
