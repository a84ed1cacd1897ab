package io.lanecell.cli;

import io.lanecell.KernelChoice;
import io.lanecell.Model;
import io.lanecell.loader.ModelFile;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What {@code bench --cold} starts again and again: a program that gets a model and calls it, and afterwards tells when it did what.
 * It names few classes, uses no lambda and no string concatenation before its last call, because what it loads itself would count as ours.
 */
public final class ColdProgram {
    /** Calls recorded at most; a power of two. */
    private static final int MOST_CALLS = 1 << 21;
    private static final int FILE_ARGUMENT = 4;
    static final String BLOCKING = "blocking";
    private static final int BUFFER = 1 << 16;

    private final ColdCall call;
    private final int[] startMicros;
    private final int[] nanos;
    private int calls;

    private ColdProgram(ColdCall call, int most) {
        this.call = call;
        startMicros = new int[most];
        nanos = new int[most];
    }

    /**
     * {@code empty}, or {@code blocking} to wait for {@link Model#warmUp()} or anything else, kernels, seconds of calling, nanoseconds from one call to the next (0 for back to back) and the model: a
     * file, or an LSTM's I, H, layers and directions. Writes to standard output what {@link ColdLaunch} reads.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        long main = System.nanoTime();
        if (args.length == 1) {
            write(main, main, main, main, null);
            return;
        }
        Model model = model(args, KernelChoice.valueOf(args[1]));
        if (args[0].equals(BLOCKING)) {
            model.warmUp();
        }
        long loaded = System.nanoTime();
        ColdCall call = new ColdCall(model);
        long start = System.nanoTime();
        call.run();
        long first = System.nanoTime();
        long lasting = (long) (1e9 * Double.parseDouble(args[2]));
        ColdProgram program = null;
        if (lasting > 0) {
            long every = Long.parseLong(args[3]);
            program = new ColdProgram(call, every == 0 ? MOST_CALLS : (int) Math.min(MOST_CALLS, 2 + lasting / every));
            program.callOn(main, start, first, every, lasting);
        }
        write(main, loaded, start, first, program);
    }

    private static Model model(String[] args, KernelChoice choice) {
        if (args.length == FILE_ARGUMENT + 1) {
            return ModelFile.open(Path.of(args[FILE_ARGUMENT])).model(choice);
        }
        return Model.of(RandomLstm.SPEC, RandomLstm.weights(Integer.parseInt(args[4]), Integer.parseInt(args[5]),
                Integer.parseInt(args[6]), Integer.parseInt(args[7])), choice);
    }

    /** Goes on after the first call. */
    private void callOn(long main, long firstStart, long firstEnd, long every, long lasting) {
        record(firstStart - main, firstEnd - firstStart);
        long due = firstStart;
        long now = firstEnd;
        while (calls < nanos.length && now - firstStart < lasting) {
            if (every > 0) {
                due = Math.max(due + every, now);
                Pace.waitUntil(due);
            }
            long start = System.nanoTime();
            call.run();
            now = System.nanoTime();
            record(start - main, now - start);
        }
    }

    private void record(long sinceMain, long took) {
        startMicros[calls] = (int) (sinceMain / 1000);
        nanos[calls] = (int) Math.min(Integer.MAX_VALUE, took);
        calls++;
    }

    /** The moments as nanoseconds of the wall clock, which the process that started this one knows too; then the calls. */
    private static void write(long main, long loaded, long start, long first, ColdProgram program) throws IOException {
        Instant wall = Instant.now();
        long offset = wall.getEpochSecond() * 1_000_000_000L + wall.getNano() - System.nanoTime();
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, BUFFER))) {
            out.writeLong(offset + main);
            out.writeLong(offset + loaded);
            out.writeLong(offset + start);
            out.writeLong(offset + first);
            int calls = program == null ? 0 : program.calls;
            out.writeInt(calls);
            for (int i = 0; i < calls; i++) {
                out.writeInt(program.startMicros[i]);
                out.writeInt(program.nanos[i]);
            }
        }
    }
}
