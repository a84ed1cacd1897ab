package io.lanecell.loader;

import io.lanecell.Weights;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
        refuseBigEndian(source, zip, folder);
        boolean script = zip.has(folder + CONSTANTS);
        Weights weights = tensors(source, zip, folder, "data", script);
        // The weights of a frozen module are constants of its code. Other modules' constants are no part of the state dict.
        if (script && weights.names().isEmpty()) {
            source.remark("its module has no tensors of its own, as torch.jit.freeze leaves it: took the code's constants, which"
                    + " have numbers for names");
            return tensors(source, zip, folder, "constants", true);
        }
        return weights;
    }

    /** Whether the archive is a TorchScript one. */
    static boolean isScript(ZipDirectory zip) {
        return zip.names().stream().anyMatch(name -> name.endsWith(CONSTANTS));
    }

    private static Weights tensors(Source source, ZipDirectory zip, String folder, String name, boolean script) {
        String pickle = name + ".pkl";
        TorchCalls calls = new TorchCalls(source, pickle, script);
        PickleInput in = new PickleInput(source, pickle, zip.content(folder + "/" + pickle), 0);
        PickleValue root = PickleReader.read(source, in, calls);
        return TorchTensors.of(source, CheckpointNames.collect(source, root),
                (tensor, storage) -> storage(source, zip, folder + "/" + name + "/" + storage.key(), tensor, storage));
    }

    private static String folder(Source source, ZipDirectory zip) {
        List<String> pickles = zip.names().stream().filter(name -> name.endsWith(PICKLE)).toList();
        if (pickles.size() != 1) {
            throw source.malformed("is a zip archive with " + (pickles.isEmpty() ? "no" : "more than one")
                    + " data.pkl, so not a file of torch.save: save with torch.save(model.state_dict(), file)");
        }
        return pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    }

    private static void refuseBigEndian(Source source, ZipDirectory zip, String folder) {
        String name = folder + "/byteorder";
        if (!zip.has(name)) {
            return;
        }
        ByteRange content = zip.content(name);
        String order = content.size() > 16
                ? "too long"
                : new String(content.inMemory().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
        if (!order.equals("little")) {
            throw source.unsupported("its numbers' byte order is " + Quote.of(order) + ", only little is read: load and save it"
                    + " with torch on a little-endian machine");
        }
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
