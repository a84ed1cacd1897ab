package io.lanecell.loader;

import io.lanecell.Weights;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code torch.save}'s format since PyTorch 1.6, and {@code torch.jit.save}'s: a zip archive with a folder that holds a pickle,
 * {@code data.pkl}, and each storage's bytes, {@code data/0} and so on. A TorchScript archive also has {@code constants.pkl},
 * with storages under {@code constants/}, and {@code code/}, which is never read.
 */
final class PyTorchZipReader implements WeightReader {
    private static final String PICKLE = "/data.pkl";
    private static final String CONSTANTS = "/constants.pkl";

    @Override
    public Weights read(Source source) {
        ZipDirectory zip = source.zip();
        String folder = folder(source, zip);
        boolean bigEndian = isBigEndian(source, zip, folder);
        boolean script = zip.has(folder + CONSTANTS);
        Weights weights = tensors(source, zip, folder, "data", script, bigEndian);
        // The weights of a frozen module are constants of its code. Other modules' constants are no part of the state dict.
        if (script && weights.names().isEmpty()) {
            source.remark("its module has no tensors of its own, as torch.jit.freeze leaves it: took the code's constants, which"
                    + " have numbers for names");
            return tensors(source, zip, folder, "constants", true, bigEndian);
        }
        return weights;
    }

    /** Whether the archive is a TorchScript one. */
    static boolean isScript(ZipDirectory zip) {
        return zip.names().stream().anyMatch(name -> name.endsWith(CONSTANTS));
    }

    private static Weights tensors(Source source, ZipDirectory zip, String folder, String name, boolean script,
            boolean bigEndian) {
        String pickle = name + ".pkl";
        TorchCalls calls = new TorchCalls(source, pickle, script);
        PickleInput in = new PickleInput(source, pickle, zip.content(folder + "/" + pickle), 0);
        PickleValue root = PickleReader.read(source, in, calls);
        Map<String, ByteRange> swapped = new HashMap<>();
        return TorchTensors.of(source, CheckpointNames.collect(source, root), (tensor, storage) -> {
            String record = folder + "/" + name + "/" + storage.key();
            ByteRange bytes = storage(source, zip, record, tensor, storage);
            return bigEndian ? swapped.computeIfAbsent(record, _ -> swapped(source, record, bytes, storage)) : bytes;
        });
    }

    private static String folder(Source source, ZipDirectory zip) {
        List<String> pickles = zip.names().stream().filter(name -> name.endsWith(PICKLE)).toList();
        if (pickles.size() != 1) {
            throw source.malformed("is a zip archive with " + (pickles.isEmpty() ? "no" : "more than one")
                    + " data.pkl, so not a file of torch.save: save with torch.save(model.state_dict(), file)");
        }
        return pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    }

    /** What the record {@code byteorder} says, which PyTorch writes since version 2.0. */
    private static boolean isBigEndian(Source source, ZipDirectory zip, String folder) {
        String name = folder + "/byteorder";
        if (!zip.has(name)) {
            return false;
        }
        ByteRange content = zip.content(name);
        String order = content.size() > 16
                ? "too long"
                : new String(content.inMemory().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
        if (!order.equals("little") && !order.equals("big")) {
            throw source.unsupported("its numbers' byte order is " + Quote.of(order) + ", little and big are read");
        }
        if (order.equals("big")) {
            source.remark("its numbers are big-endian: turned their bytes round");
        }
        return order.equals("big");
    }

    private static ByteRange swapped(Source source, String record, ByteRange bytes, PickleValue.Storage storage) {
        int width = storage.dtype().bytes();
        return BigEndian.swapped(source, "zip record " + Quote.of(record), bytes.slice(0, storage.total() * width), width);
    }

    private static ByteRange storage(Source source, ZipDirectory zip, String record, String tensor, PickleValue.Storage storage) {
        if (!zip.has(record)) {
            throw source.malformed("tensor " + Quote.of(tensor) + " needs zip record " + Quote.of(record)
                    + ", which is missing: copy or save the file again");
        }
        ByteRange bytes = zip.content(record);
        long expected = storage.total() * storage.dtype().bytes();
        if (bytes.size() < expected) {
            throw source.truncated("zip record " + Quote.of(record) + " of tensor " + Quote.of(tensor) + " has " + bytes.size()
                    + " bytes, its " + storage.total() + " elements of type " + storage.dtype() + " need " + expected);
        }
        if (bytes.size() - expected >= storage.dtype().bytes()) {
            throw source.malformed("zip record " + Quote.of(record) + " of tensor " + Quote.of(tensor) + " has " + bytes.size()
                    + " bytes, more than the " + expected + " of its " + storage.total() + " elements of type "
                    + storage.dtype());
        }
        return bytes;
    }
}
