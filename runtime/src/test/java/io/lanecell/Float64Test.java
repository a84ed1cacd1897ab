package io.lanecell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which precision a model computes in, and what the other precision's calls are told. What it computes, the twins of other tests prove. */
class Float64Test {
    private static Map<String, Tensor> linear(Tensor weight, Tensor bias) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", weight);
        tensors.put("bias", bias);
        return tensors;
    }

    private static Model linear(Map<String, Tensor> tensors, String... ignore) {
        return Model.of(new ModelSpec(List.of(new LayerSpec.Linear("")), java.util.Set.of(ignore)), Weights.of(tensors));
    }

    @Test
    void onlyWeightsThatAreAllFloat64AreComputedInFloat64() {
        Tensor wide = Tensor.of(new double[]{1, 2}, 1, 2);
        Tensor narrow = Tensor.of(new float[]{1, 2}, 1, 2);
        assertEquals(DType.F64, linear(linear(wide, Tensor.of(new double[1], 1))).dtype());
        assertEquals(DType.F32, linear(linear(wide, Tensor.of(new float[1], 1))).dtype());
        assertEquals(DType.F32, linear(linear(narrow, Tensor.of(new double[1], 1))).dtype());
        assertEquals(DType.F32, linear(linear(narrow, Tensor.of(new float[1], 1))).dtype());
    }

    @Test
    void tensorsThatNoLayerUsesAndWholeNumbersHaveNoSay() {
        Map<String, Tensor> tensors = linear(Tensor.of(new double[]{1, 2}, 1, 2), Tensor.of(new double[1], 1));
        tensors.put("step", Tensor.of(new float[]{3}, 1));
        assertEquals(DType.F64, linear(tensors, "step").dtype());
        Model norm = Model.of(ModelSpec.of(new LayerSpec.BatchNorm1d("", 1e-5)),
                Weights.of(Map.of("running_mean", Tensor.of(new double[3], 3), "running_var", Tensor.of(new double[]{1, 1, 1}, 3),
                        "num_batches_tracked", Tensor.of(new long[]{7}))));
        assertEquals(DType.F64, norm.dtype());
        assertEquals(DType.F64, norm.with(KernelChoice.SCALAR).dtype());
    }

    @Test
    void digitsBeyondFloat32ReachTheOutput() {
        Model model = linear(linear(Tensor.of(new double[]{1, 1e-12}, 1, 2), Tensor.of(new double[]{1e-13}, 1)));
        double[] out = new double[1];
        for (KernelChoice choice : KernelChoice.values()) {
            model.with(choice).newSession().step(new double[]{1, 1}, 0, out, 0);
            assertEquals(Math.fma(1e-12, 1, 1 + 1e-13), out[0]);
        }
    }

    @Test
    void optionsMeanTheDecimalsTheyWereWrittenAs() {
        Map<String, Tensor> tensors = linear(Tensor.of(new double[]{1}, 1, 1), Tensor.of(new double[1], 1));
        Model model = Model.of(ModelSpec.of(new LayerSpec.Linear(""), new LayerSpec.Activation(ActivationFunction.LEAKY_RELU)),
                Weights.of(tensors));
        double[] out = new double[1];
        model.newSession().step(new double[]{-1}, 0, out, 0);
        assertEquals(-0.01, out[0]);
    }

    @Test
    void aFloat64ModelRefusesFloatsAndSaysWhatToCall() {
        Session session = RandomModels64.model(new Random(1), RandomModels.plain(2, 3), true).newSession();
        float[] x = new float[4];
        float[] h = new float[6];
        assertRefused("computes in float64", "double[]", () -> session.step(x, 0, h, 0), () -> session.run(x, 0, 2, h, 0),
                () -> session.run(x, 0, 2, null, h, 0), () -> session.getState(h, 0, h, 3), () -> session.setState(h, 0, h, 3),
                () -> session.step(new int[1], 0, h, 0), () -> session.run(new int[1], 0, 1, null, h, 0),
                () -> session.step(FloatBuffer.wrap(x), FloatBuffer.wrap(h)),
                () -> session.run(FloatBuffer.wrap(x), 2, null, FloatBuffer.wrap(h)));
    }

    @Test
    void aFloat32ModelRefusesDoublesAndSaysWhatToCall() {
        Session session = RandomModels.model(new Random(1), RandomModels.plain(2, 3), true).newSession();
        double[] x = new double[4];
        double[] h = new double[6];
        assertRefused("computes in float32", "float[]", () -> session.step(x, 0, h, 0), () -> session.run(x, 0, 2, h, 0),
                () -> session.run(x, 0, 2, null, h, 0), () -> session.getState(h, 0, h, 3), () -> session.setState(h, 0, h, 3),
                () -> session.step(new int[1], 0, h, 0), () -> session.run(new int[1], 0, 1, null, h, 0),
                () -> session.step(DoubleBuffer.wrap(x), DoubleBuffer.wrap(h)),
                () -> session.run(DoubleBuffer.wrap(x), 2, null, DoubleBuffer.wrap(h)));
    }

    private static void assertRefused(String what, String remedy, Executable... calls) {
        for (Executable call : calls) {
            String message = assertThrows(InvalidInputException.class, call).getMessage();
            assertTrue(message.contains(what) && message.contains("call the same method with " + remedy), message);
        }
    }

    /** A float32 model's program, in a JVM that tells what it loads. */
    @Test
    void aFloat32ModelLoadsNoClassOfTheFloat64Path() throws IOException, InterruptedException {
        String loaded = loadedBy("f32");
        assertTrue(loaded.contains("io.lanecell.ChainBinding ") && loaded.contains("io.lanecell.internal.kernel.VectorKernels "));
        assertTrue(!loaded.matches("(?s).*io\\.lanecell\\.(\\w+64|internal\\.kernel64\\.\\w+)\\b.*"), loaded);
        assertTrue(loadedBy("f64").contains("io.lanecell.internal.kernel64.VectorKernels "),
                "what the names above would look like");
    }

    private static String loadedBy(String precision) throws IOException, InterruptedException {
        Process java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xlog:class+load",
                "--add-modules=jdk.incubator.vector", "-Dlanecell.warmup=off", "-cp", System.getProperty("java.class.path"),
                OneStep.class.getName(),
                precision).redirectErrorStream(true).start();
        StringBuilder ours = new StringBuilder();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(java.getInputStream()))) {
            lines.lines().filter(line -> line.contains(" io.lanecell.")).forEach(line -> ours.append(line).append('\n'));
        }
        assertEquals(0, java.waitFor(), ours::toString);
        return ours.toString();
    }

    /** What the JVMs above run. */
    static final class OneStep {
        public static void main(String[] args) {
            if (args[0].equals("f32")) {
                linear(linear(Tensor.of(new float[]{1, 2}, 1, 2), Tensor.of(new float[1], 1))).newSession().step(new float[2], 0,
                        new float[1], 0);
            } else {
                linear(linear(Tensor.of(new double[]{1, 2}, 1, 2), Tensor.of(new double[1], 1))).newSession().step(new double[2],
                        0, new double[1], 0);
            }
        }
    }
}
