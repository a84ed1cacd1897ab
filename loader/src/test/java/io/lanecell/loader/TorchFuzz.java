package io.lanecell.loader;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** PyTorch's formats: damaged files with right checksums, any pickle and grammatical ones inside right archives. */
final class TorchFuzz {
    private static final float[] NUMBERS = {1, 2, 3, 4, 5, 6};
    private static final byte[] NO_CONSTANTS = PickleWriter.protocol(2).ops(")").stop();

    private TorchFuzz() {
    }

    static FuzzTarget zip() {
        List<byte[]> files = new ArrayList<>(List.of(archive(good()).bytes(), archive(good()).deflated().bytes(),
                archive(checkpoint()).with("version", "3\n".getBytes(StandardCharsets.UTF_8))
                        .with("byteorder", "little".getBytes(StandardCharsets.UTF_8)).bytes()));
        files.addAll(FuzzSeeds.golden("formats/pt", name -> name.endsWith(".pt") && !name.contains("legacy")));
        return new FuzzTarget("pytorch-zip", 20, 4096, FuzzSeeds::read,
                List.of(choices -> Checksums.ofZip(Damage.of(files, choices)), choices -> Checksums.ofZip(choices.rest()),
                        choices -> archive(choices.rest()).bytes(),
                        choices -> container(choices, PickleProgram.of(choices, false)).bytes(),
                        choices -> archive(Repeated.pickle(choices)).bytes()),
                files);
    }

    static FuzzTarget legacy() {
        List<byte[]> files = new ArrayList<>(List.of(LegacyFile.of(body(), "0", NUMBERS).bytes()));
        files.addAll(FuzzSeeds.golden("formats/pt", name -> name.contains("legacy") && name.endsWith(".pt")));
        return new FuzzTarget("pytorch-legacy", 16, 4096, FuzzSeeds::read,
                List.of(choices -> Damage.of(files, choices), choices -> legacy(choices, choices.rest()),
                        choices -> legacy(choices, PickleProgram.of(choices, false)),
                        choices -> legacy(choices, Repeated.pickle(choices))),
                files);
    }

    static FuzzTarget script() {
        PickleWriter module = PickleWriter.protocol(2).global("__torch__", "Net").op(')', 0x81).ops("}(").text("weight")
                .tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{3, 1}).ops("ub");
        List<byte[]> files = new ArrayList<>(List.of(script(module.stop(), NO_CONSTANTS).bytes()));
        files.addAll(FuzzSeeds.golden("model/gru_tagger", name -> name.equals("model_script.pt")));
        return new FuzzTarget("torchscript", 12, 4096, FuzzSeeds::read,
                List.of(choices -> Checksums.ofZip(Damage.of(files, choices)),
                        choices -> script(choices.rest(), NO_CONSTANTS).bytes(),
                        choices -> script(PickleProgram.of(choices, true), PickleProgram.of(choices, false)).bytes()),
                files);
    }

    static FuzzTarget tar() {
        Choices none = new Choices(new byte[0]);
        byte[] storages = TarProgram.storages(none);
        byte[] tensors = TarProgram.tensors(none);
        byte[] pickle = PickleWriter.protocol(2).ops("}(").text("w").text("3").ops("Q").text("tied").text("3").ops("Qu").stop();
        byte[] python2 = TarFile.joined(TarFile.count(1), PickleWriter.protocol(2).ops("I1\n").text("cpu")
                .global("torch", "FloatStorage").op(0x87).stop(), TarFile.longs(6), TarFile.floats(NUMBERS),
                "(lp1\n.".getBytes(StandardCharsets.US_ASCII));
        byte[] view = TarFile.joined(TarFile.count(1), TarFile.tensor(3, 1, 2, 2, 2, 1, 3, 1));
        List<byte[]> files = List.of(TarFile.of(storages, tensors, pickle).bytes(),
                TarFile.of(python2, view, PickleProgram.ofTar(none)).bytes(),
                TarFile.of(storages, tensors, checkpoint()).bytes());
        return new FuzzTarget("pytorch-tar", 16, 8192, FuzzSeeds::read,
                List.of(choices -> Checksums.ofTar(Damage.of(files, choices)),
                        choices -> TarProgram.archive(choices, choices.rest(), tensors, pickle),
                        choices -> TarProgram.archive(choices, storages, choices.rest(), pickle),
                        choices -> TarProgram.archive(choices, storages, tensors, choices.rest()),
                        choices -> TarProgram.archive(choices, Damage.of(List.of(storages, python2), choices), view, pickle),
                        choices -> TarProgram.archive(choices, storages, Damage.of(List.of(tensors, view), choices), pickle),
                        choices -> TarProgram.archive(choices, storages, tensors, PickleProgram.ofTar(choices)),
                        TarProgram::of, TarProgram::repeated),
                files);
    }

    private static PickleWriter body() {
        return PickleWriter.protocol(2).ops("}(").text("w").tensor("FloatStorage", "0", 6, 0, new long[]{2, 3}, new long[]{1, 2})
                .ops("u");
    }

    private static byte[] good() {
        return body().stop();
    }

    private static byte[] checkpoint() {
        return PickleWriter.protocol(4).ops("}(").text("epoch").number(3).text("state_dict").ops("}(").text("w")
                .tensor("FloatStorage", "0", 6, 0, new long[]{6}, new long[]{1}).ops("uu").stop();
    }

    private static TorchZip archive(byte[] pickle) {
        return TorchZip.of(pickle).floats("0", NUMBERS).floats("1", NUMBERS).with("data/2", new byte[48]);
    }

    /** An archive whose other records may be missing, of another size, deflated, or strange. */
    private static TorchZip container(Choices choices, byte[] pickle) {
        TorchZip zip = choices.oneIn(8) ? TorchZip.of(pickle).with("data/0", choices.bytes(24)) : archive(pickle);
        if (choices.oneIn(8)) {
            zip.deflated();
        }
        if (choices.oneIn(8)) {
            zip.with(choices.of(List.of("byteorder", "data/1", "constants.pkl", "x/data.pkl", "version")), choices.bytes(8));
        }
        return zip;
    }

    private static TorchZip script(byte[] pickle, byte[] constants) {
        return archive(pickle).with("constants.pkl", constants).floats("x", NUMBERS).with("constants/0", new byte[24]);
    }

    /** The three pickles before, the keys and storages behind. */
    private static byte[] legacy(Choices choices, byte[] pickle) {
        LegacyFile file = LegacyFile.start().with(pickle);
        boolean odd = choices.oneIn(8);
        file.keys(odd ? new String[]{"0", "0"} : new String[]{"0", "1", "2"});
        for (int i = 0; i < 3; i++) {
            file.floats(odd ? choices.number() : 6, NUMBERS);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(file.bytes());
        out.writeBytes(new byte[choices.oneIn(4) ? 24 : 0]);
        return out.toByteArray();
    }
}
