package io.lanecell.loader;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Archives as torch.save made them before version 0.2, right for the most part: storages with the keys 1 and 2, tensors with the
 * keys 3 and 4, parts of storages, and now and then a number, a type or a member that doesn't belong there.
 */
final class TarProgram {
    private static final List<String> TYPES = List.of("FloatStorage", "DoubleStorage", "HalfStorage", "LongStorage",
            "ByteStorage", "BoolStorage");
    private static final List<Integer> WIDTHS = List.of(4, 8, 2, 8, 1, 1);
    private static final List<String> OTHER_TYPES = List.of("QInt8Storage", "FloatTensor", "float32", "load");
    private static final List<String> MEMBERS = List.of("storages", "tensors", "pickle", "sys_info", "", "x".repeat(100));
    private static final int ELEMENTS = 6;

    private TarProgram() {
    }

    /** All three members are made of the choices. */
    static byte[] of(Choices choices) {
        byte[] pickle = PickleProgram.ofTar(new Choices(choices.bytes(100)));
        byte[] storages = storages(choices);
        byte[] tensors = tensors(choices);
        return archive(choices, storages, tensors, pickle);
    }

    /** The members in an archive, to which something odd may be added. */
    static byte[] archive(Choices choices, byte[] storages, byte[] tensors, byte[] pickle) {
        TarFile file = choices.oneIn(8)
                ? new TarFile().with("storages", storages).with("tensors", tensors)
                : TarFile.of(storages, tensors, pickle);
        if (choices.oneIn(8)) {
            file.with(choices.of(MEMBERS), (char) choices.below(128), choices.oneIn(2) ? 8 : choices.number() & (1L << 33) - 1,
                    choices.bytes(8));
        }
        return file.bytes();
    }

    static byte[] storages(Choices choices) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(TarFile.count(odd(choices, 2)));
        for (int i = 1; i <= 2; i++) {
            int type = choices.below(TYPES.size());
            String name = choices.oneIn(24) ? choices.of(OTHER_TYPES) : TYPES.get(type);
            out.writeBytes(TarFile.storage(odd(choices, i), name, odd(choices, ELEMENTS), new byte[ELEMENTS * WIDTHS.get(type)]));
        }
        out.writeBytes(parts(choices));
        return out.toByteArray();
    }

    /** At most two parts of storages, with the keys 5 and 6. */
    private static byte[] parts(Choices choices) {
        if (choices.oneIn(8)) {
            return PickleProgram.ofTar(choices);
        }
        PickleWriter list = PickleWriter.protocol(2).ops("](");
        int parts = choices.below(3);
        for (int i = 0; i < parts; i++) {
            list.numbers(odd(choices, 5 + i), odd(choices, 1 + choices.below(2)), odd(choices, choices.below(3)),
                    odd(choices, choices.below(5)));
        }
        return list.ops("e").stop();
    }

    static byte[] tensors(Choices choices) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(TarFile.count(odd(choices, 2)));
        for (int i = 3; i <= 4; i++) {
            int rank = choices.below(4);
            long[] numbers = new long[2 + 2 * rank];
            numbers[0] = odd(choices, rank);
            for (int axis = 0; axis < 2 * rank; axis++) {
                numbers[1 + axis] = odd(choices, choices.below(4));
            }
            numbers[1 + 2 * rank] = odd(choices, choices.below(2));
            long storage = choices.oneIn(8) ? 5 + choices.below(2) : 1 + choices.below(2);
            out.writeBytes(TarFile.tensor(odd(choices, i), odd(choices, storage), numbers));
        }
        return out.toByteArray();
    }

    /** One small thing very often: storages, tensors, parts, references, or members of the archive. */
    static byte[] repeated(Choices choices) {
        int times = Repeated.size(choices) / 16;
        byte[] storages = TarFile.joined(TarFile.count(1), TarFile.storage(1, "FloatStorage", 1, new byte[4]), TarFile.NO_PARTS);
        byte[] tensors = TarFile.joined(TarFile.count(1), TarFile.tensor(3, 1, 0, 0));
        byte[] pickle = PickleWriter.protocol(2).ops("}(").text("w").text("3").ops("Qu").stop();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (choices.below(6)) {
            case 0 -> {
                out.writeBytes(TarFile.count(times));
                for (int key = 1; key <= times; key++) {
                    out.writeBytes(TarFile.storage(key, "ByteStorage", 0, new byte[0]));
                }
                out.writeBytes(TarFile.NO_PARTS);
                storages = out.toByteArray();
            }
            case 1 -> {
                out.writeBytes(TarFile.count(times));
                for (int key = 3; key < 3 + times; key++) {
                    out.writeBytes(TarFile.tensor(key, 1, 0, 0));
                }
                tensors = out.toByteArray();
            }
            case 2 -> {
                PickleWriter list = PickleWriter.protocol(2).ops("](");
                for (int key = 2; key < 2 + times; key++) {
                    list.numbers(key, 1, 0, 1);
                }
                storages = TarFile.joined(TarFile.count(1), TarFile.storage(1, "FloatStorage", 1, new byte[4]),
                        list.ops("e").stop());
            }
            case 3 -> {
                PickleWriter list = PickleWriter.protocol(2).text("3").op('q', 0).ops("0](");
                for (int i = 0; i < 4 * times; i++) {
                    list.op('h', 0).ops("Q");
                }
                pickle = list.ops("e").stop();
            }
            case 4 -> pickle = Repeated.pickle(choices);
            default -> {
                TarFile file = new TarFile();
                for (int i = 0; i < times / 32; i++) {
                    file.with(Integer.toString(i), new byte[0]);
                }
                return file.with("storages", storages).with("tensors", tensors).with("pickle", pickle).bytes();
            }
        }
        return TarFile.of(storages, tensors, pickle).bytes();
    }

    private static long odd(Choices choices, long usual) {
        return choices.oneIn(24) ? choices.number() : usual;
    }
}
