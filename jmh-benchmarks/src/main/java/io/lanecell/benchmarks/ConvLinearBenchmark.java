package io.lanecell.benchmarks;

import io.lanecell.KernelChoice;
import io.lanecell.LayerSpec;
import io.lanecell.Model;
import io.lanecell.ModelSpec;
import io.lanecell.Session;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.benchmarks.kernel.FmaPeakBenchmark;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A convolution of kernel 3 and a linear layer over a sequence of 128 steps, as many channels in as out. Beside the calls per
 * microsecond stand {@code megaflops}, its multiplications and additions per microsecond, and {@code shareOfPeak}, those as a share of what
 * {@link FmaPeakBenchmark}'s loop reaches here just before.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsPrepend = "--add-modules=jdk.incubator.vector")
public class ConvLinearBenchmark {
    private static final int STEPS = 128;
    private static final int TAPS = 3;

    /** The layer. */
    @Param({"conv", "conv_dilated", "depthwise", "linear"})
    public String layer;

    /** Channels in and out. */
    @Param({"64", "128", "256"})
    public int channels;

    private Session session;
    private float[] in;
    private float[] out;
    private double operations;
    private double peakPerMicrosecond;

    /** What is counted beside the calls; JMH divides it by the microseconds. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Rates {
        public double megaflops;
        public double shareOfPeak;
    }

    /** Makes the layer, and checks that both kernels agree to the bit before anything is timed. */
    @Setup
    public void prepare() {
        Random random = new Random(20_261_122);
        boolean linear = layer.equals("linear");
        boolean depthwise = layer.equals("depthwise");
        int taps = linear ? 1 : TAPS;
        int seen = depthwise ? 1 : channels;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        float[] weight = random(random, channels * seen * taps);
        tensors.put("weight", linear ? Tensor.of(weight, channels, channels) : Tensor.of(weight, channels, seen, taps));
        tensors.put("bias", Tensor.of(random(random, channels), channels));
        int dilation = layer.equals("conv_dilated") ? 2 : 1;
        LayerSpec spec = linear
                ? new LayerSpec.Linear("")
                : new LayerSpec.Conv1d("", 1, dilation, dilation, dilation, depthwise ? channels : 1);
        Model model = Model.of(ModelSpec.of(spec), Weights.of(tensors), KernelChoice.VECTOR);
        session = model.newSession();
        in = random(random, STEPS * channels);
        out = new float[STEPS * channels];
        operations = 2.0 * STEPS * channels * seen * taps;
        float[] expected = new float[out.length];
        model.with(KernelChoice.SCALAR).newSession().run(in, 0, STEPS, expected, 0);
        session.run(in, 0, STEPS, out, 0);
        if (!Arrays.equals(expected, out)) {
            throw new AssertionError("the kernels disagree on " + spec);
        }
        peakPerMicrosecond = measurePeak();
    }

    /** The best of a second: multiplications and additions per microsecond. */
    private static double measurePeak() {
        FmaPeakBenchmark peak = new FmaPeakBenchmark();
        peak.choose();
        double best = 0;
        float sink = 0;
        long end = System.nanoTime() + 1_000_000_000L;
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            sink += peak.fma();
            best = Math.max(best, FmaPeakBenchmark.FLOPS_PER_CALL / ((System.nanoTime() - start) * 1e-3));
        }
        return sink == 0 ? 0 : best;
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 16;
        }
        return values;
    }

    /** The whole sequence. */
    @Benchmark
    public float[] run(Rates rates) {
        session.run(in, 0, STEPS, out, 0);
        rates.megaflops += operations;
        rates.shareOfPeak += operations / peakPerMicrosecond;
        return out;
    }
}
