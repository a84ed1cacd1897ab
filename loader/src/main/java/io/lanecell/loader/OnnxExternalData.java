package io.lanecell.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Files beside an ONNX model that hold its larger tensors. A model may come from a stranger: they must lie in its own folder. */
final class OnnxExternalData {
    private final Source source;
    private final Map<String, MemorySegment> files = new HashMap<>();

    OnnxExternalData(Source source) {
        this.source = source;
    }

    /** {@code size} bytes of the file that {@code entries} name: location, offset, length. */
    MemorySegment bytes(String where, Map<String, String> entries, long size) {
        String location = entries.getOrDefault("location", "");
        MemorySegment file = files.computeIfAbsent(location, name -> open(where, name));
        long offset = number(where, entries, "offset", 0);
        long length = number(where, entries, "length", size);
        if (length != size) {
            throw source.malformed(where + " takes " + length + " bytes of " + Quote.of(location) + ", its type and shape need "
                    + size);
        }
        if (offset > file.byteSize() || size > file.byteSize() - offset) {
            throw source.truncated(where + " needs " + size + " bytes from " + offset + " on of " + Quote.of(location)
                    + ", which has " + file.byteSize() + ": copy that file again");
        }
        return file.asSlice(offset, size);
    }

    private long number(String where, Map<String, String> entries, String key, long otherwise) {
        String text = entries.get(key);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw source
                    .malformed(where + " has " + Quote.of(text) + " as the " + key + " of its external data, expected a number");
        }
        return Long.parseLong(text);
    }

    private MemorySegment open(String where, String location) {
        Path folder = source.file().toAbsolutePath().normalize().getParent();
        try {
            Path path = folder.resolve(location).normalize();
            boolean inside = Quote.isPlain(location) && path.startsWith(folder) && !path.equals(folder);
            if (!inside || path.toFile().exists() && !path.toRealPath().startsWith(folder.toRealPath())) {
                throw source.refused(where + " lies in " + Quote.of(location)
                        + ", expected a file inside the model's own folder: copy it there");
            }
            return Source.read(path).bytes();
        } catch (InvalidPathException e) {
            throw source.malformed(where + " lies in " + Quote.of(location) + ", which can't be the name of a file");
        } catch (IOException e) {
            throw source.malformed(where + " lies in " + Quote.of(location) + ", which can't be found: " + Source.reason(e));
        }
    }
}
