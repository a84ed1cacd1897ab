package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.View;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is larger than a Java array, in files of zeros that take no room on the disk. */
class LargeClaimsTest {
    private static final long TWO_GB = Integer.MAX_VALUE - 7L;

    @TempDir
    Path folder;

    private static View view(long elements, long offset, int[] shape, long... strides) {
        return new View(new Storage("0", DType.F64, elements, 0, elements), offset, shape, strides);
    }

    private static Tensor materialise(Source source, View view) {
        return StridedView.materialise(source, "w", view, source.content().slice(0, view.storage().elements() * 8));
    }

    @Test
    void aViewOfMoreThan2GigabytesThatMustBeCopiedIsUnsupported() {
        Source source = Fault.zeros(folder.resolve("x.pt"), 1200L << 20);
        assertFault(WeightFileException.Unsupported.class, () -> materialise(source, view(9, 0, new int[]{1 << 28}, 0)),
                "tensor 'w' of shape [268435456] is a view of more than 2 GB", ".contiguous()");
        assertFault(WeightFileException.Malformed.class, () -> materialise(source, view(9, 0, new int[]{1 << 16, 1 << 15}, 0, 0)),
                "has too many elements, at most 2147483647");
        assertFault(WeightFileException.Malformed.class, () -> materialise(source, view(9, 0, new int[]{1 << 30}, 0)), "memory");
        assertEquals("F64[1048576]", materialise(source, view(1 << 20, 0, new int[]{1 << 20}, 1)).toString());
        source.close();
    }

    @Test
    void aViewMayReachTheLastElementOfItsStorageAndNoFurther() {
        Source source = Source.of(Path.of("x.pt"), new byte[96]);
        assertEquals(6, materialise(source, view(12, 1, new int[]{2, 3}, 8, 1)).size());
        assertEquals(6, materialise(source, view(12, 0, new int[]{2, 3}, 1, 5)).size());
        assertEquals(1, materialise(source, view(12, 11, new int[]{1, 1}, Long.MAX_VALUE, 99)).size());
        assertEquals(0, materialise(source, view(12, 99, new int[]{0, 5}, Long.MAX_VALUE, 99)).size());
        assertEquals(1, materialise(source, view(12, 11, new int[0])).size());
        for (View beyond : List.of(view(12, 2, new int[]{2, 3}, 8, 1), view(12, 1, new int[]{2, 3}, 1, 5),
                view(12, 12, new int[0]),
                view(12, 0, new int[]{2}, 12), view(12, 0, new int[]{2}, Long.MAX_VALUE),
                view(12, Long.MAX_VALUE, new int[]{1}, 0),
                view(12, 1, new int[]{3, 3}, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2), view(0, 0, new int[]{1}, 1))) {
            assertFault(WeightFileException.Malformed.class, () -> materialise(source, beyond), "tensor 'w' of shape",
                    "reaches past its storage of "
                            + beyond.storage().elements() + " elements",
                    "offset " + beyond.offset());
        }
    }

    @Test
    void elementsAreTakenByTheirStridesWhateverTheirOrder() {
        byte[] bytes = new byte[40];
        for (int i = 0; i < 40; i++) {
            bytes[i] = (byte) i;
        }
        Source source = Source.of(Path.of("x.pt"), bytes);
        for (long[] strides : new long[][]{{1, 2, 6}, {12, 4, 1}, {0, 1, 3}, {6, 0, 2}, {12, 1, 3}}) {
            Storage storage = new Storage("0", DType.U8, 40, 0, 40);
            Tensor tensor = StridedView.materialise(source, "w", new View(storage, 2, new int[]{2, 3, 4}, strides),
                    source.content());
            long[] expected = new long[24];
            for (int i = 0; i < 24; i++) {
                expected[i] = 2 + i / 12 * strides[0] + i / 4 % 3 * strides[1] + i % 4 * strides[2];
            }
            assertArrayEquals(expected, tensor.toLongs());
        }
    }

    @Test
    void aBigEndianArrayOfMoreThan2GigabytesIsUnsupported() {
        byte[] text = "{'descr': '>f8', 'fortran_order': False, 'shape': (268435455,)}".getBytes(StandardCharsets.US_ASCII);
        byte[] header = new byte[10 + text.length];
        System.arraycopy(NumpyHeader.MAGIC, 0, header, 0, 6);
        header[6] = 1;
        header[8] = (byte) text.length;
        System.arraycopy(text, 0, header, 10, text.length);
        Source just = Fault.zeros(folder.resolve("just.npy"), header.length + 8 * 268435455L, header);
        // One of this size would be read, so the budget is taken away that it would need.
        just.charge(2 * just.size() + (48 << 20) - 9, "the rest");
        assertFault(WeightFileException.Malformed.class, () -> new NumpyReader().read(just), "memory");
        just.close();
        header[10 + text.length - 4] = '6';
        Source large = Fault.zeros(folder.resolve("large.npy"), header.length + 8 * 268435456L, header);
        assertFault(WeightFileException.Unsupported.class, () -> new NumpyReader().read(large),
                "its array takes 2147483648 bytes",
                "can be converted");
        large.close();
    }

    @Test
    void whatOtherLibrariesReadHasAtMost2Gigabytes() throws IOException {
        Path file = folder.resolve("x.h5");
        Source large = Fault.zeros(file, TWO_GB);
        assertFault(WeightFileException.Unsupported.class, () -> new KerasH5Reader().read(large), "holds more than 2 GB of HDF5");
        large.close();
        try (FileChannel channel = FileChannel.open(file); Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, TWO_GB, arena);
            Source source = Source.of(file, new byte[1]);
            assertFault(WeightFileException.Unsupported.class, () -> Supervised.read(source, bytes, "HDF5", buffer -> buffer),
                    "holds more than 2 GB of HDF5");
            assertFault(WeightFileException.Malformed.class,
                    () -> Supervised.read(source, bytes.asSlice(1), "HDF5", buffer -> buffer), "memory");
            assertFault(WeightFileException.Unsupported.class, () -> new ProtoMessage(source, bytes), "larger than the 2 GB");
            assertEquals(0, new ProtoMessage(source, bytes.asSlice(1)).field());
        }
    }

    @Test
    void tensorsInAnotherLayoutHaveAtMost2Gigabytes() {
        Source source = Source.of(Path.of("x"), new byte[1]);
        assertFault(WeightFileException.Unsupported.class, () -> TensorLayouts.array(source, "tensor 'w'", TWO_GB),
                "tensor 'w' takes 2147483640 bytes, more than the 2147483639");
        assertEquals(9, TensorLayouts.array(source, "tensor 'w'", 9).length);
        assertFault(WeightFileException.Malformed.class, () -> TensorLayouts.zeros(source, DType.U8, 1 << 16, 1 << 15),
                "shape [65536, 32768] has too many elements");
        assertFault(WeightFileException.Malformed.class, () -> TensorLayouts.zeros(source, DType.F32, 1 << 24), "memory");
        Tensor tall = Tensor.ofBytes(DType.U8, new int[]{1 << 30, 0}, MemorySegment.ofArray(new byte[0]));
        assertFault(WeightFileException.Malformed.class, () -> TensorLayouts.concat(source, 0, List.of(tall, tall)),
                "joined give an extent of 2147483648");
    }

    @Test
    void anIndexOfMoreThan64MegabytesIsRefusedUnread() {
        Source source = Fault.zeros(folder.resolve("x.json"), (64L << 20) + 1, (byte) '{');
        assertFault(WeightFileException.Malformed.class, () -> new SafetensorsIndexReader().read(source),
                "has 67108865 bytes, an index has at most 67108864");
        source.close();
    }

    @Test
    void shapesCountTheirElementsWithoutOverflow() {
        assertEquals(1, Shapes.elements(new int[0]));
        assertEquals(6, Shapes.elements(new int[]{2, 3}));
        assertEquals(Integer.MAX_VALUE, Shapes.elements(new int[]{Integer.MAX_VALUE, 1}));
        assertEquals(Long.MAX_VALUE, Shapes.elements(new int[]{1 << 30, 2}));
        assertEquals(Long.MAX_VALUE, Shapes.elements(new int[]{1 << 30, 1 << 30, 1 << 30, 1 << 30}));
        assertEquals(0, Shapes.elements(new int[]{1 << 30, 1 << 30, 1 << 30, 0}));
    }

    @Test
    void theReasonOfALibrarysFailureIsFoundBehindAtMost20Others() {
        Source source = Source.of(Path.of("x"), new byte[1]);
        for (int depth : new int[]{0, 19, 20, 21}) {
            List<RuntimeException> chain = new ArrayList<>(List.of(new RuntimeException("level 0")));
            for (int i = 1; i <= depth; i++) {
                chain.add(new RuntimeException("level " + i, chain.getLast()));
            }
            assertFault(WeightFileException.Malformed.class,
                    () -> Supervised.read(source, MemorySegment.ofArray(new byte[1]), "HDF5", buffer -> {
                        throw chain.getLast();
                    }), "is not valid HDF5: level " + Math.max(0, depth - 20));
            source.release(24 << 20);
        }
        assertThrows(WeightFileException.Malformed.class,
                () -> Supervised.read(source, MemorySegment.ofArray(new byte[0]), "HDF5", java.nio.ByteBuffer::get));
    }
}
