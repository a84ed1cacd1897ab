package io.lanecell.cli;

import io.lanecell.KernelChoice;
import io.lanecell.loader.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Start-up figures: JVMs of every kind are started in turns, so that a machine that grows slower or faster meanwhile is the same
 * for all. The first of each is thrown away, as it finds files that aren't cached yet.
 */
final class ColdBench {
    private static final String ENDS_AFTER_FIRST = "0";
    private static final String BACK_TO_BACK = "0";
    private static final String SERVING = "serving";
    private static final String AFTER_WARM_UP = "1";

    private final ColdLaunch training;
    private final ColdLaunch launch;
    private final String kernels;
    private final String seconds;
    private final String everyNanos;
    private final int launches;

    private final List<ColdRun> empty = new ArrayList<>();
    private final List<ColdRun> fromFile = new ArrayList<>();
    private final List<ColdRun> paced = new ArrayList<>();
    private final List<ColdRun> backToBack = new ArrayList<>();
    private final List<ColdRun> blocking = new ArrayList<>();

    /**
     * @param training what makes an archive for the others; null for none
     * @param seconds    how long each launch goes on calling
     * @param everyNanos from one paced call to the next
     */
    ColdBench(ColdLaunch training, ColdLaunch launch, KernelChoice kernels, double seconds, long everyNanos, int launches) {
        this.training = training;
        this.launch = launch;
        this.kernels = kernels.name();
        this.seconds = String.valueOf(seconds);
        this.everyNanos = String.valueOf(everyNanos);
        this.launches = launches;
    }

    /** Of an LSTM whose weights are in memory, and of the same in a file. */
    List<ColdFigure> run(LstmGeometry lstm) {
        Path file = Path.of(System.getProperty("java.io.tmpdir"),
                "lanecell-cold-" + ProcessHandle.current().pid() + ".safetensors");
        try {
            SafetensorsWriter.write(file, RandomLstm.weights(lstm).tensors(), Map.of());
            run(List.of(String.valueOf(lstm.inputs()), String.valueOf(lstm.hidden()), String.valueOf(lstm.layers()),
                    String.valueOf(lstm.directions())), file);
        } finally {
            file.toFile().delete();
        }
        return figures("weights in memory", true);
    }

    /** Of a model in a file. */
    List<ColdFigure> run(Path model) {
        run(List.of(model.toString()), model);
        return figures("from its file", false);
    }

    private void run(List<String> model, Path file) {
        try (TerminalProgress progress = new TerminalProgress("bench --cold")) {
            if (training != null) {
                training.run(List.of(SERVING, kernels, seconds, BACK_TO_BACK, file.toString()));
            }
            for (int i = 0; i <= launches; i++) {
                progress.at(i, launches + 1L);
                empty.add(launch.run(List.of("empty")));
                fromFile.add(launch.run(List.of(SERVING, kernels, ENDS_AFTER_FIRST, BACK_TO_BACK, file.toString())));
                paced.add(launch.run(arguments(SERVING, seconds, everyNanos, model)));
                backToBack.add(launch.run(arguments(SERVING, seconds, BACK_TO_BACK, model)));
                blocking.add(launch.run(arguments(ColdProgram.BLOCKING, AFTER_WARM_UP, BACK_TO_BACK, model)));
            }
        }
        List.of(empty, fromFile, paced, backToBack, blocking).forEach(List::removeFirst);
    }

    private List<String> arguments(String how, String lasting, String every, List<String> model) {
        List<String> arguments = new ArrayList<>(List.of(how, kernels, lasting, every));
        arguments.addAll(model);
        return arguments;
    }

    private List<ColdFigure> figures(String where, boolean andFromFile) {
        List<ColdRun> both = new ArrayList<>(paced);
        both.addAll(backToBack);
        List<ColdFigure> figures = new ArrayList<>();
        figures.add(ColdFigure.of("process start to main, an empty program with the module", ColdFigure.MILLIS, empty,
                ColdRun::main));
        figures.add(ColdFigure.of("process start to main", ColdFigure.MILLIS, both, ColdRun::main));
        figures.add(ColdFigure.of("process start to a model, " + where, ColdFigure.MILLIS, both, ColdRun::loaded));
        figures.add(ColdFigure.of("process start to first output, " + where, ColdFigure.MILLIS, both, ColdRun::firstOutput));
        if (andFromFile) {
            figures.add(ColdFigure.of("process start to first output, from .safetensors", ColdFigure.MILLIS, fromFile,
                    ColdRun::firstOutput));
        }
        figures.add(ColdFigure.of("first call", ColdFigure.MICROS, both, ColdRun::firstCallMicros));
        warming(figures, "paced", paced);
        warming(figures, "back to back", backToBack);
        figures.add(ColdFigure.of("process start to warm, blocking", ColdFigure.MILLIS, blocking, ColdRun::loaded));
        figures.add(ColdFigure.of("first call then", ColdFigure.MICROS, blocking, ColdRun::firstCallMicros));
        figures.add(ColdFigure.of("worst call in the second after it", ColdFigure.MICROS, blocking,
                run -> run.calls().worstMicros()));
        return figures;
    }

    private static void warming(List<ColdFigure> figures, String how, List<ColdRun> runs) {
        figures.add(ColdFigure.of("worst call while warming, " + how, ColdFigure.MICROS, runs,
                run -> run.calls().worstWarmingMicros()));
        figures.add(ColdFigure.of("process start to fast calls, " + how, ColdFigure.MILLIS, runs, run -> run.calls().fastAt()));
        figures.add(ColdFigure.of("a call then, " + how, ColdFigure.MICROS, runs, run -> run.calls().finalMicros()));
    }

    /** The calls of the paced launch that took the median time to become fast; for a picture. */
    ColdCalls typicalPaced() {
        return typical(paced);
    }

    /** The same back to back. */
    ColdCalls typicalBackToBack() {
        return typical(backToBack);
    }

    private static ColdCalls typical(List<ColdRun> runs) {
        return runs.stream().map(ColdRun::calls).sorted(Comparator.comparingDouble(ColdCalls::fastAt)).toList()
                .get((runs.size() - 1) / 2);
    }
}
