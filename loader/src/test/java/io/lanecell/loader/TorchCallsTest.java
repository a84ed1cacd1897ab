package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.loader.PickleValue.Dict;
import io.lanecell.loader.PickleValue.Global;
import io.lanecell.loader.PickleValue.Instance;
import io.lanecell.loader.PickleValue.Items;
import io.lanecell.loader.PickleValue.Scalar;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.Tuple;
import io.lanecell.loader.PickleValue.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a pickle may call, with right arguments and every kind of wrong ones; the offset is 77 throughout. */
class TorchCallsTest {
    private static final long OFFSET = 77;
    private static final Tuple NOTHING = new Tuple(List.of());

    private final Source source = Source.of(Path.of("test.pt"), new byte[1]);
    private final TorchCalls calls = new TorchCalls(source, "data.pkl", true);

    private Global global(String name) {
        int dot = name.lastIndexOf('.');
        return calls.global(name.substring(0, dot), name.substring(dot + 1), OFFSET);
    }

    private static Tuple tuple(PickleValue... values) {
        return new Tuple(List.of(values));
    }

    private static Scalar scalar(Object value) {
        return new Scalar(value);
    }

    private Tuple id(PickleValue type, PickleValue key, PickleValue elements, PickleValue... more) {
        List<PickleValue> items = new ArrayList<>(List.of(scalar("storage"), type, key, scalar("cpu"), elements));
        items.addAll(List.of(more));
        return new Tuple(items);
    }

    private Storage storage(long elements) {
        return (Storage) calls.persistent(id(global("torch.FloatStorage"), scalar("0"), scalar(elements)), OFFSET);
    }

    private void malformed(String function, PickleValue arguments, String... words) {
        assertFault(WeightFileException.Malformed.class, () -> calls.call(global(function), arguments, OFFSET), words);
    }

    @Test
    void tensorsOfBothAgesAreViewsOfTheirStorage() {
        Storage storage = storage(12);
        Tuple shape = tuple(scalar(2L), scalar(3L));
        Tuple strides = tuple(scalar(4L), scalar(1L));
        Tuple four = tuple(storage, scalar(5L), shape, strides);
        View old = assertInstanceOf(View.class, calls.call(global("torch._utils._rebuild_tensor"), four, OFFSET));
        assertSame(storage, old.storage());
        assertEquals(5, old.offset());
        assertArrayEquals(new int[]{2, 3}, old.shape());
        assertArrayEquals(new long[]{4, 1}, old.strides());
        for (int more = 2; more <= 3; more++) {
            List<PickleValue> arguments = new ArrayList<>(four.items());
            for (int i = 0; i < more; i++) {
                arguments.add(Scalar.NONE);
            }
            PickleValue view = calls.call(global("torch._utils._rebuild_tensor_v2"), new Tuple(arguments), OFFSET);
            assertEquals(5, assertInstanceOf(View.class, view).offset());
            assertSame(view, calls.call(global("torch._utils._rebuild_parameter"), tuple(view, scalar(true), NOTHING), OFFSET));
        }
        malformed("torch._utils._rebuild_tensor", tuple(storage), "old tensor of 1 arguments, expected 4", "byte 77", "data.pkl");
        malformed("torch._utils._rebuild_tensor_v2", four, "tensor of 4 arguments, expected 6 or 7");
        malformed("torch._utils._rebuild_tensor_v2",
                tuple(storage, scalar(5L), shape, strides, NOTHING, NOTHING, NOTHING, NOTHING), "8 arguments");
        malformed("torch._utils._rebuild_parameter", tuple(storage), "parameter of something other than a tensor");
    }

    @Test
    void everyArgumentOfATensorIsChecked() {
        Storage storage = storage(12);
        Tuple two = tuple(scalar(2L));
        String rebuild = "torch._utils._rebuild_tensor";
        malformed(rebuild, tuple(two, scalar(0L), two, two), "tensor of a tuple of 1 rather than a storage");
        malformed(rebuild, tuple(storage, scalar(-1L), two, two), "the number -1 as a tensor's offset, expected a number from 0");
        malformed(rebuild, tuple(storage, scalar("x"), two, two), "the string 'x' as a tensor's offset");
        malformed(rebuild, tuple(storage, Scalar.NONE, two, two), "None as a tensor's offset");
        malformed(rebuild, tuple(storage, two, two, two), "a tuple of 1 as a tensor's offset");
        malformed(rebuild, tuple(storage, scalar(0L), new Items(), two), "a list of 0 as a tensor's shape, expected a tuple");
        malformed(rebuild, tuple(storage, scalar(0L), two, scalar(1.5)), "the number 1.5 as a tensor's strides");
        malformed(rebuild, tuple(storage, scalar(0L), tuple(scalar(true)), two), "True as a tensor's shape");
        malformed(rebuild, tuple(storage, scalar(0L), two, NOTHING), "tensor of shape [2] and strides []");
        malformed(rebuild, tuple(storage, scalar(0L), tuple(scalar(1L << 31)), two), "[2147483648], an extent is at most");
        Tuple most = tuple(scalar((1L << 31) - 1));
        assertInstanceOf(View.class, calls.call(global(rebuild), tuple(storage, scalar(0L), most, two), OFFSET));
        List<PickleValue> ones = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            ones.add(scalar(1L));
        }
        Tuple rank64 = new Tuple(List.copyOf(ones));
        View view = (View) calls.call(global(rebuild), tuple(storage, scalar(0L), rank64, rank64), OFFSET);
        assertEquals(64, view.shape().length);
        ones.add(scalar(1L));
        malformed(rebuild, tuple(storage, scalar(0L), new Tuple(ones), new Tuple(ones)),
                "has a tensor whose shape has 65 extents and 65 strides, at most 64");
        malformed(rebuild, tuple(storage, scalar(0L), two, new Tuple(ones)), "has 1 extents and 65 strides");
        malformed(rebuild, tuple(storage, scalar(0L), new Tuple(ones), two), "has 65 extents and 1 strides");
    }

    @Test
    void sizesDevicesAndNamedTuplesAreData() {
        Tuple size = tuple(scalar(3L));
        assertSame(size, calls.call(global("torch.Size"), tuple(size), OFFSET));
        malformed("torch.Size", tuple(size, size), "torch.Size of something other than a tuple");
        malformed("torch.Size", tuple(scalar(3L)), "torch.Size of something other than a tuple");
        assertSame(Scalar.NONE, calls.call(global("torch.device"), tuple(scalar("cuda"), scalar(0L)), OFFSET));
        assertEquals(new Dict(Map.of(), true), calls.call(global("collections.OrderedDict"), NOTHING, OFFSET));
        malformed("collections.OrderedDict", tuple(size), "OrderedDict with 1 arguments, expected none");
        assertEquals(size, calls.call(global("__torch__.Pair"), size, OFFSET));
    }

    @Test
    void orderedDictsOfPython2AreListsOfPairsInTheirOrder() {
        Items pairs = new Items(List.of(new Items(List.of(scalar("b"), scalar(1L))), tuple(scalar("a"), scalar(2L)),
                new Items(List.of(scalar("b"), scalar(3L)))));
        Dict dict = (Dict) calls.call(global("collections.OrderedDict"), tuple(pairs), OFFSET);
        assertTrue(dict.ordered());
        assertEquals(List.of(Map.entry("b", scalar(3L)), Map.entry("a", scalar(2L))), List.copyOf(dict.entries().entrySet()),
                "the last value of a key, at the place of the first, as Python has it");
        malformed("collections.OrderedDict", tuple(pairs, pairs), "OrderedDict with 2 arguments, expected none or a list");
        for (PickleValue bad : List.of(tuple(scalar("a")), tuple(scalar("a"), NOTHING, NOTHING), new Items(), scalar("a"),
                tuple(NOTHING, scalar("a")))) {
            malformed("collections.OrderedDict", tuple(new Items(List.of(bad))),
                    "has " + bad.describe() + " in an OrderedDict, expected a key and a value", "byte 77");
        }
    }

    @Test
    void torchScriptsTagsAndListsAreData() {
        Items list = new Items();
        String jit = "torch.jit._pickle.";
        assertSame(list, calls.call(global(jit + "restore_type_tag"), tuple(list, scalar("List[int]")), OFFSET));
        malformed(jit + "restore_type_tag", tuple(list), "tags a type with 1 arguments, expected 2");
        for (String kind : List.of("build_tensorlist", "build_intlist", "build_doublelist", "build_boollist")) {
            assertSame(list, calls.call(global(jit + kind), tuple(list), OFFSET));
            malformed(jit + kind, tuple(list, list), "typed list of something other than a list");
            malformed(jit + kind, tuple(scalar(1L)), "typed list of something other than a list");
        }
    }

    @Test
    void callsOfWhatIsNoFunctionAreRefused() {
        assertFault(WeightFileException.Malformed.class, () -> calls.call(NOTHING, NOTHING, OFFSET), "calls a tuple of 0",
                "byte 77");
        malformed("torch.Size", new Items(), "calls torch.Size with a list of 0 rather than a tuple");
        for (String name : List.of("torch.FloatStorage", "torch.float16", "argparse.Namespace")) {
            assertFault(WeightFileException.Refused.class, () -> calls.call(global(name), NOTHING, OFFSET), name, "not run",
                    "byte 77 of data.pkl");
        }
        assertFault(WeightFileException.Refused.class, () -> calls.create(global("torch.Size"), NOTHING, OFFSET), "torch.Size");
        assertFault(WeightFileException.Malformed.class, () -> calls.create(scalar("x"), NOTHING, OFFSET),
                "makes an object of the string 'x' with a tuple of 0");
        assertFault(WeightFileException.Malformed.class, () -> calls.create(global("__torch__.M"), scalar(1L), OFFSET),
                "object of __torch__.M with the number 1");
        assertFault(WeightFileException.Malformed.class, () -> calls.create(global("__torch__.M"), tuple(NOTHING), OFFSET),
                "with a tuple of 1");
    }

    @Test
    void aModulesAttributesAreADict() {
        Instance module = assertInstanceOf(Instance.class, calls.create(global("__torch__.M"), NOTHING, OFFSET));
        assertEquals("__torch__.M", module.type());
        calls.setAttributes(module, new Dict(Map.of("a", scalar(1L)), false), OFFSET);
        assertEquals(Map.of("a", scalar(1L)), module.attributes());
        assertFault(WeightFileException.Unsupported.class, () -> calls.setAttributes(module, NOTHING, OFFSET), "'__torch__.M'",
                "byte 77 of data.pkl", "__setstate__", "not run");
        Dict ordered = assertInstanceOf(Dict.class, calls.create(global("argparse.Namespace"), NOTHING, OFFSET));
        calls.setAttributes(ordered, new Dict(Map.of("a", scalar(1L)), false), OFFSET);
        assertEquals(Map.of(), ordered.entries());
        assertFault(WeightFileException.Malformed.class, () -> calls.setAttributes(ordered, NOTHING, OFFSET),
                "sets a tuple of 0 as the attributes of a dict of 0, only an OrderedDict may have some");
    }

    @Test
    void aPersistentIdIsAStorageAndNothingElse() {
        Global type = global("torch.HalfStorage");
        Storage expected = new Storage("k", io.lanecell.DType.F16, 9, 0, 9);
        assertEquals(expected, calls.persistent(id(type, scalar("k"), scalar(9L)), OFFSET));
        assertEquals(expected, calls.persistent(id(type, scalar("k"), scalar(9L), Scalar.NONE), OFFSET));
        assertEquals(Map.of("k", expected), calls.storages());
        for (PickleValue id : List.of(NOTHING, tuple(scalar("storage"), type, scalar("k"), scalar("cpu")), scalar("k"),
                id(type, scalar("k"), scalar(9L), Scalar.NONE, Scalar.NONE),
                tuple(scalar("module"), type, scalar("k"), scalar("cpu"), scalar(9L)),
                tuple(scalar(7L), type, scalar("k"), scalar("cpu"), scalar(9L)),
                tuple(NOTHING, type, scalar("k"), scalar("cpu"), scalar(9L)))) {
            assertFault(WeightFileException.Malformed.class, () -> calls.persistent(id, OFFSET),
                    "has " + id.describe() + " as a persistent id, expected a storage's 5 or 6 items", "byte 77");
        }
        storageFault(id(global("torch.Size"), scalar("k"), scalar(9L)), "torch.Size as a storage's class");
        storageFault(id(scalar("x"), scalar("k"), scalar(9L)), "the string 'x' as a storage's class");
        storageFault(id(type, scalar(5L), scalar(9L)), "the number 5 as a storage's key, expected a string");
        storageFault(id(type, scalar("m"), scalar(-1L)), "the number -1 as a storage's size");
        storageFault(id(type, scalar("m"), scalar(Long.MAX_VALUE / 8 + 1)), "storage of 1152921504606846976 elements");
        assertEquals(Long.MAX_VALUE / 8,
                ((Storage) calls.persistent(id(type, scalar("m"), scalar(Long.MAX_VALUE / 8)), OFFSET)).elements());
        storageFault(id(type, scalar("k"), scalar(8L)), "storage 'k' first with 9 elements of type F16, then with 8 of type F16");
    }

    private void storageFault(Tuple id, String words) {
        assertFault(WeightFileException.Malformed.class, () -> calls.persistent(id, OFFSET), words, "byte 77");
    }

    @Test
    void aPartOfAStorageLiesInsideIt() {
        Global type = global("torch.FloatStorage");
        PickleValue k = scalar("k");
        assertEquals(new Storage("k", io.lanecell.DType.F32, 9, 4, 5),
                calls.persistent(id(type, k, scalar(9L), tuple(scalar("v"), scalar(4L), scalar(5L))), OFFSET));
        assertEquals(new Storage("k", io.lanecell.DType.F32, 9, 9, 0),
                calls.persistent(id(type, k, scalar(9L), tuple(scalar("v"), scalar(9L), scalar(0L))), OFFSET));
        storageFault(id(type, k, scalar(9L), tuple(scalar("v"), scalar(10L), scalar(0L))), "part of 0 elements from 10 on");
        storageFault(id(type, k, scalar(9L), tuple(scalar("v"), scalar(4L), scalar(6L))),
                "6 elements from 4 on in a storage of 9");
        storageFault(id(type, k, scalar(9L), tuple(k, scalar(4L))), "a tuple of 2 as a part of a storage, expected 3 items");
        storageFault(id(type, k, scalar(9L), scalar(4L)), "the number 4 as a part of a storage");
        storageFault(id(type, k, scalar(9L), tuple(k, scalar(-4L), scalar(1L))), "first element of a part");
        storageFault(id(type, k, scalar(9L), tuple(k, scalar(4L), Scalar.NONE)), "the size of a part");
    }

    @Test
    void whatIsBuiltIsChargedFor() {
        Global type = global("torch.FloatStorage");
        Tuple id = id(type, scalar("k"), scalar(9L));
        assertFault(WeightFileException.Malformed.class, () -> forever(() -> calls.persistent(id, OFFSET)),
                "data.pkl would take");
        for (Runnable endless : List.<Runnable>of(() -> calls.create(global("__torch__.M"), NOTHING, OFFSET),
                () -> calls.call(global("collections.OrderedDict"), NOTHING, OFFSET),
                () -> calls.call(global("torch._utils._rebuild_tensor"),
                        tuple(new Storage("k", io.lanecell.DType.F32, 9, 0, 9), scalar(0L), NOTHING, NOTHING), OFFSET))) {
            source.release(8 << 20);
            assertFault(WeightFileException.Malformed.class, () -> forever(endless), "data.pkl would take far more memory");
        }
        source.release(96);
        Items twoPairs = new Items(List.of(tuple(scalar("a"), NOTHING), tuple(scalar("b"), NOTHING)));
        assertFault(WeightFileException.Malformed.class,
                () -> calls.call(global("collections.OrderedDict"), tuple(twoPairs), OFFSET), "memory");
        source.release(288);
        calls.call(global("collections.OrderedDict"), tuple(twoPairs), OFFSET);
        source.release(96);
        Instance module = new Instance("M");
        Dict two = new Dict(Map.of("a", scalar(1L), "b", scalar(2L)), false);
        assertFault(WeightFileException.Malformed.class, () -> calls.setAttributes(module, two, OFFSET), "memory");
        source.release(192);
        calls.setAttributes(module, two, OFFSET);
    }

    private static void forever(Runnable step) {
        for (int i = 0; i < 2_000_000; i++) {
            step.run();
        }
    }

    @Test
    void everyValueSaysWhatItIs() {
        assertEquals("the string 'x'", scalar("x").describe());
        assertEquals("True", scalar(true).describe());
        assertEquals("False", scalar(false).describe());
        assertEquals("the number 7", scalar(7L).describe());
        assertEquals("None", Scalar.NONE.describe());
        assertEquals("a list of 0", new Items().describe());
        assertEquals("a dict of 1", new Dict(Map.of("a", NOTHING), true).describe());
        assertEquals("torch.Size", global("torch.Size").describe());
        assertEquals("an object of type 'M'", new Instance("M").describe());
        assertEquals("a storage", storage(1).describe());
        assertEquals("a tensor", new View(storage(1), 0, new int[0], new long[0]).describe());
    }
}
