package io.lanecell.benchmarks.compare;

import java.util.List;

/** Made-up results of three cases, one of them without libtorch. */
final class Example {
    static final MachineLimits LIMITS = new MachineLimits(
            List.of(new MachineLimits.Read(24, 200), new MachineLimits.Read(256, 100),
                    new MachineLimits.Read(8192, 50), new MachineLimits.Read(262_144, 20)),
            120);
    static final Results RESULTS = results(1);

    private Example() {
    }

    static Geometry geometry(String name) {
        return Geometry.named(List.of(name)).getFirst();
    }

    static Results results(int threads) {
        return new Results(new Machine("Abacus 3000", 2, "25", "lanecell 0"), LIMITS, "made up", threads,
                List.of(row("step-64", "lanecell-vector", 2, 0), row("step-64", "reference", 500, 4096),
                        row("step-64", "onnxruntime", 8, 448), row("step-64", "libtorch", 32, 1024),
                        row("batch16-256", "lanecell-vector", 5000, 0), row("batch16-256", "onnxruntime", 4000, 448),
                        row("seq-64", "lanecell-scalar", 1234.5, 0)),
                List.of("onednn on step-64: it is 1.0e+00 off the reference, 1e-04 is allowed; not timed"));
    }

    private static CaseResult row(String geometry, String engine, double micros, double bytes) {
        return new CaseResult(geometry(geometry), engine, 1, micros, micros * 0.95, micros * 1.05, 1.25e-7, bytes);
    }
}
