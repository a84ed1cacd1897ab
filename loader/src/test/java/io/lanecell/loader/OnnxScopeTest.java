package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.loader.OnnxGraph.Attribute;
import io.lanecell.loader.OnnxGraph.Node;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The few operations that only move numbers, on constants of a graph; everything else has no constant result. */
class OnnxScopeTest {
    private final OnnxScope scope = new OnnxScope(Source.of(Path.of("x.onnx"), new byte[1]), null);
    private int made;

    OnnxScopeTest() {
        float[] values = new float[24];
        IntStream.range(0, 24).forEach(i -> values[i] = i);
        scope.define("t", Tensor.of(values, 2, 3, 4));
        scope.define("m", Tensor.of(new float[]{0, 1, 2, 3, 4, 5}, 2, 3));
    }

    private static Attribute integers(long... values) {
        return new Attribute(0, values.length > 0 ? values[0] : 0, "", null, List.of(), List.of(),
                LongStream.of(values).boxed().toList(), List.of());
    }

    private String vector(long... values) {
        String name = "v" + made++;
        scope.define(name, Tensor.of(values, values.length));
        return name;
    }

    /** What a node makes of its inputs. */
    private Tensor result(String op, String domain, Map<String, Attribute> attributes, String... inputs) {
        String name = "r" + made++;
        scope.define(new Node(op, domain, "", List.of(inputs), List.of(name), attributes));
        return scope.constant(name).orElse(null);
    }

    private Tensor result(String op, Map<String, Attribute> attributes, String... inputs) {
        return result(op, "", attributes, inputs);
    }

    private void assertIs(Tensor tensor, String shape, double... elements) {
        assertEquals("F32" + shape, String.valueOf(tensor));
        assertArrayEquals(elements, tensor.toDoubles());
    }

    private static void assertNone(Tensor tensor) {
        assertEquals("null", String.valueOf(tensor));
    }

    @Test
    void onlyStandardOperationsOfConstantsHaveAConstantResult() {
        assertEquals("F32[2, 3]", result("Identity", "", Map.of(), "m").toString());
        assertEquals("F32[2, 3]", result("Identity", "ai.onnx", Map.of(), "m").toString());
        assertNone(result("Identity", "com.acme", Map.of(), "m"));
        assertNone(result("Mul", Map.of(), "m", "m"));
        assertNone(result("Identity", Map.of(), "x"));
        assertNone(result("Identity", Map.of()));
    }

    @Test
    void transposeTakesItsOrderOrTurnsAllRound() {
        assertIs(result("Transpose", Map.of(), "m"), "[3, 2]", 0, 3, 1, 4, 2, 5);
        assertEquals("F32[4, 3, 2]", result("Transpose", Map.of(), "t").toString());
        assertEquals("F32[4, 2, 3]", result("Transpose", Map.of("perm", integers(2, 0, -2)), "t").toString());
        assertNone(result("Transpose", Map.of("perm", integers(0)), "m"));
        assertNone(result("Transpose", Map.of("perm", integers(0, 0)), "m"));
        assertNone(result("Transpose", Map.of("perm", integers(0, 2)), "m"));
        assertNone(result("Transpose", Map.of("perm", integers(0, -3)), "m"));
    }

    @Test
    void dimensionsOfOneComeAndGo() {
        assertEquals("F32[1, 2, 1, 3]", result("Unsqueeze", Map.of("axes", integers(0, 2)), "m").toString());
        assertEquals("F32[2, 3, 1]", result("Unsqueeze", Map.of(), "m", vector(-1)).toString());
        assertNone(result("Unsqueeze", Map.of(), "m", vector(0, 0)));
        assertNone(result("Unsqueeze", Map.of(), "m", vector(3)));
        assertNone(result("Unsqueeze", Map.of(), "m", "x"));
        assertNone(result("Unsqueeze", Map.of(), "m", "t"));
        long[] many = LongStream.range(0, 62).toArray();
        assertEquals(64, result("Unsqueeze", Map.of(), "m", vector(many)).rank());
        assertNone(result("Unsqueeze", Map.of(), "m", vector(LongStream.range(0, 63).toArray())));
        scope.define("ones", Tensor.of(new float[]{7, 8}, 1, 2, 1));
        assertIs(result("Squeeze", Map.of(), "ones"), "[2]", 7, 8);
        assertEquals("F32[2, 1]", result("Squeeze", Map.of("axes", integers(0)), "ones").toString());
        assertEquals("F32[1, 2]", result("Squeeze", Map.of(), "ones", vector(-1)).toString());
        assertEquals("F32[1, 2, 1]", result("Squeeze", Map.of(), "ones", vector(1)).toString());
        assertNone(result("Squeeze", Map.of(), "ones", "t"));
    }

    @Test
    void vectorsOfMoreThan64NumbersOrOfFractionsAreNoAxes() {
        assertNone(result("Unsqueeze", Map.of(), "m", vector(new long[65])));
        scope.define("real", Tensor.of(new float[]{0}, 1));
        assertNone(result("Unsqueeze", Map.of(), "m", "real"));
        assertEquals("F32[2, 3]", result("Squeeze", Map.of(), "m", vector(new long[64])).toString());
    }

    @Test
    void tensorsThatAgreeAreJoined() {
        assertIs(result("Concat", Map.of("axis", integers(1)), "m", "m"), "[2, 6]", 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5);
        assertEquals("F32[4, 3]", result("Concat", Map.of("axis", integers(-2)), "m", "m").toString());
        assertEquals("F32[4, 3]", result("Concat", Map.of(), "m", "m").toString());
        assertNone(result("Concat", Map.of("axis", integers(2)), "m", "m"));
        assertNone(result("Concat", Map.of("axis", integers(-3)), "m", "m"));
        assertNone(result("Concat", Map.of(), "m", "x"));
        assertNone(result("Concat", Map.of(), "m", "t"));
        assertNone(result("Concat", Map.of(), "m", vector(1, 2)));
        scope.define("doubles", Tensor.of(new double[6], 2, 3));
        assertNone(result("Concat", Map.of(), "m", "doubles"));
        scope.define("wide", Tensor.of(new float[4], 1, 4));
        assertNone(result("Concat", Map.of(), "m", "wide"));
        scope.define("tall", Tensor.of(new float[3], 1, 3));
        assertEquals("F32[3, 3]", result("Concat", Map.of(), "m", "tall").toString());
        assertNone(result("Concat", Map.of("axis", integers(1)), "m", "tall"));
    }

    @Test
    void slicesAreTakenByInputsAndByOldAttributes() {
        assertIs(result("Slice", Map.of("starts", integers(1), "ends", integers(2)), "m"), "[1, 3]", 3, 4, 5);
        assertIs(result("Slice", Map.of("starts", integers(0), "ends", integers(-1), "axes", integers(1)), "m"), "[2, 2]", 0, 1,
                3, 4);
        assertIs(result("Slice", Map.of(), "m", vector(0, 1), vector(1, 9)), "[1, 2]", 1, 2);
        assertIs(result("Slice", Map.of(), "m", vector(-1), vector(Long.MAX_VALUE), vector(-1)), "[2, 1]", 2, 5);
        assertIs(result("Slice", Map.of(), "m", vector(-9), vector(1), vector(0)), "[1, 3]", 0, 1, 2);
        assertEquals("F32[2, 0]", result("Slice", Map.of(), "m", vector(2), vector(1), vector(1)).toString());
        assertIs(result("Slice", Map.of(), "m", vector(1), vector(3), vector(1), vector(1)), "[2, 2]", 1, 2, 4, 5);
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3), vector(1), vector(2)));
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3), vector(1), "x"));
        assertNone(result("Slice", Map.of(), "m", "x", vector(3)));
        assertNone(result("Slice", Map.of(), "m", vector(1), "x"));
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3), "x"));
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3, 4)));
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3), vector(2)));
        assertNone(result("Slice", Map.of(), "m", vector(1), vector(3), vector(-3)));
        assertNone(result("Slice", Map.of(), "m", vector(0, 0), vector(1, 1), vector(0)));
        assertNone(result("Slice", Map.of(), "m", vector(0, 0, 0), vector(1, 1, 1)));
        assertEquals("F32[2, 3]", result("Slice", Map.of(), "m", vector(-2), vector(2), vector(-2)).toString());
    }

    @Test
    void fortyStepsAreFollowedAndNoMore() {
        String last = "m";
        for (int i = 0; i < 41; i++) {
            scope.define(new Node("Identity", "", "", List.of(last), List.of("step" + i), Map.of()));
            last = "step" + i;
        }
        OnnxScope inner = new OnnxScope(Source.of(Path.of("x.onnx"), new byte[1]), scope);
        assertTrue(inner.constant("step40").isEmpty());
        assertTrue(inner.constant("step38").isEmpty(), "what was not followed once stays so");
        OnnxScopeTest fresh = new OnnxScopeTest();
        String name = "m";
        for (int i = 0; i < 40; i++) {
            name = "s" + i;
            fresh.scope
                    .define(new Node("Identity", "", "", List.of(i == 0 ? "m" : "s" + (i - 1)), List.of(name), new HashMap<>()));
        }
        assertEquals("F32[2, 3]", fresh.scope.constant(name).orElseThrow().toString());
    }

    @Test
    void namesAreLookedUpInTheGraphsAround() {
        OnnxScope inner = new OnnxScope(Source.of(Path.of("x.onnx"), new byte[1]), scope);
        assertEquals("F32[2, 3]", inner.stored("m").orElseThrow().toString());
        assertEquals("F32[2, 3]", inner.constant("m").orElseThrow().toString());
        assertTrue(inner.stored("x").isEmpty() && inner.constant("x").isEmpty());
        inner.define(new Node("Mul", "", "", List.of("m"), List.of("m"), Map.of()));
        assertTrue(inner.stored("m").isEmpty(), "what a node makes hides what has its name outside");
        assertTrue(inner.constant("m").isEmpty());
        Fault.assertFault(WeightFileException.Malformed.class, () -> scope.define("m", Tensor.of(new float[1], 1)),
                "names two tensors of one graph 'm'");
    }
}
