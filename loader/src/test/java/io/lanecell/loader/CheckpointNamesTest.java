package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lanecell.DType;
import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Instance;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tensors of a pickled object are taken, and under which names. */
class CheckpointNamesTest {
    private static final View TENSOR = new View(new Storage("0", DType.F32, 1, 0, 1), 0, new int[0], new long[0]);

    private final Source source = Source.of(Path.of("x.pt"), new byte[1]);

    private static Dict dict(Object... entries) {
        Map<Object, PickleValue> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put(entries[i], (PickleValue) entries[i + 1]);
        }
        return new Dict(map, false);
    }

    private List<String> names(PickleValue root) {
        return List.copyOf(CheckpointNames.collect(source, root).keySet());
    }

    @Test
    void namesArePathsOfKeysAndIndices() {
        assertEquals(List.of(""), names(TENSOR));
        assertEquals(List.of("a", "b.0", "b.1.c", "7", "null"), names(dict("a", TENSOR, "b",
                new Items(List.of(TENSOR, dict("c", TENSOR))),
                7L, TENSOR, null, TENSOR, "text", new Scalar("x"))));
        assertEquals(List.of("0", "1.0"), names(new Tuple(List.of(TENSOR, new Items(List.of(TENSOR))))));
    }

    @Test
    void anOptimizersStateIsLeftOutAndADictWithOneOfItsKeysIsNot() {
        assertEquals(List.of("w"), names(dict("w", TENSOR, "optimizer", dict("state", TENSOR, "param_groups", TENSOR))));
        assertEquals(List.of("a.state"), names(dict("a", dict("state", TENSOR))));
        assertEquals(List.of("a.param_groups"), names(dict("a", dict("param_groups", TENSOR))));
    }

    @Test
    void theModelUnderItsKeyMayBeEmptyAndAlone() {
        assertEquals(List.of(), names(dict("state_dict", dict())));
        assertEquals(List.of("took the model from the checkpoint's key 'state_dict'"), source.remarks());
        assertEquals(List.of("model.w"), names(dict("net", dict("x", TENSOR), "model", dict("w", TENSOR))));
        assertEquals("took the model from the checkpoint's key 'model', left out the other keys: 'net'",
                source.remarks().getLast());
        assertEquals(List.of("model.0"), names(dict("model", new Items(List.of(TENSOR)))), "no dict, so one key like others");
        assertEquals(2, source.remarks().size());
    }

    @Test
    void whatHoldsNoTensorsIsRefusedUnlessItIsAnEmptyDictOrModule() {
        assertEquals(List.of(), names(dict()));
        assertEquals(List.of(), names(new Instance("M")));
        for (PickleValue root : List.of(new Items(), new Tuple(List.of()), Scalar.NONE, dict("a", Scalar.NONE))) {
            assertFault(WeightFileException.Malformed.class, () -> names(root),
                    "holds no tensors, its pickle is " + root.describe());
        }
    }

    @Test
    void aModulesTensorsAndModulesAreTakenAndItsListsAreNot() {
        Instance inner = new Instance("Inner", Map.of("w", TENSOR));
        Instance outer = new Instance("Outer", new LinkedHashMap<>());
        outer.attributes().put("b", TENSOR);
        outer.attributes().put("inner", inner);
        outer.attributes().put("_flat_weights", new Items(List.of(TENSOR)));
        outer.attributes().put("training", new Scalar(true));
        assertEquals(List.of("b", "inner.w"), names(outer));
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        assertFault(WeightFileException.Malformed.class, () -> names(dict("a", dict("b", TENSOR), "a.b", TENSOR)),
                "two tensors come out as 'a.b'");
    }

    @Test
    void thirtyTwoLevelsAreReadAndNoMore() {
        for (boolean list : new boolean[]{true, false}) {
            PickleValue nested = TENSOR;
            for (int i = 0; i < 32; i++) {
                nested = list ? new Items(List.of(nested)) : dict("a", nested);
            }
            assertEquals(1, names(nested).size());
            PickleValue deeper = list ? new Tuple(List.of(nested)) : new Items(List.of(nested));
            assertFault(WeightFileException.Malformed.class, () -> names(deeper), "nests deeper than 32 levels");
        }
        Instance module = new Instance("M", Map.of("w", TENSOR));
        for (int i = 0; i < 31; i++) {
            module = new Instance("M", Map.of("m", module));
        }
        assertEquals(1, names(module).size());
        Instance deeper = new Instance("M", Map.of("m", module));
        assertThrows(WeightFileException.Malformed.class, () -> names(deeper));
        PickleValue model = dict("a", TENSOR);
        for (int i = 0; i < 30; i++) {
            model = dict("a", model);
        }
        assertEquals(1, names(dict("model", model)).size());
        PickleValue deep = dict("model", dict("a", model));
        assertFault(WeightFileException.Malformed.class, () -> names(deep), "32 levels");
    }

    @Test
    void aValueThatRefersToItselfOverAndOverIsRefusedInTime() {
        PickleValue twice = TENSOR;
        for (int i = 0; i < 30; i++) {
            twice = new Items(List.of(twice, twice));
        }
        PickleValue root = twice;
        assertFault(WeightFileException.Malformed.class, () -> names(root), "naming the tensors of data.pkl would take");
    }
}
