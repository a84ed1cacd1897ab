package io.lanecell.loader;

import io.lanecell.loader.WeightFile.Format;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Tells formats apart by their first bytes, and a zip's by its directory. */
final class FormatDetector {
    /** Files of more bytes needn't be read whole. */
    static final int ENOUGH = 1 << 16;

    /** 89 'HDF' and line ends, at the start of every HDF5 file. */
    private static final long HDF5 = 0x0a1a0a0d46444889L;
    /** Producer's name and version, domain, model's version, text, graph, operator sets: ModelProto's fields 2 to 8. */
    private static final String ONNX_SECOND_TAGS = "\u0012\u001a\"(2:B";
    private static final long ZIP_LOCAL = 0x04034b50L;
    private static final long ZIP_EMPTY = 0x06054b50L;
    /** LONG1, 10 bytes, 0x1950a86a20f9469cfc6c: the first object of a legacy file (torch/serialization.py, MAGIC_NUMBER). */
    private static final byte[] LEGACY_MAGIC = HexFormat.of().parseHex("8a0a6cfc9c46f9206aa85019");

    private static final int TAR_MAGIC_AT = 257;
    private static final byte[] TAR_MAGIC = {'u', 's', 't', 'a', 'r'};
    /** The index's metadata come before its map, and are short. */
    private static final int SEARCHED = 1 << 16;

    private FormatDetector() {
    }

    static Format detect(Source source) {
        if (source.size() >= 4 && (source.u32(0) == ZIP_LOCAL || source.u32(0) == ZIP_EMPTY)) {
            return zip(source);
        }
        if (source.size() >= 8 && source.i64(0) == HDF5) {
            return Format.HDF5;
        }
        if (isLegacy(source)) {
            return Format.PYTORCH_LEGACY;
        }
        if (begins(source, 0, NumpyHeader.MAGIC)) {
            return Format.NUMPY;
        }
        if (begins(source, TAR_MAGIC_AT, TAR_MAGIC)) {
            return Format.PYTORCH_TAR;
        }
        if (isIndex(source)) {
            return Format.SAFETENSORS_INDEX;
        }
        // The header begins with '{' after its length, and a length that fills less than 5 bytes tells it from text.
        boolean safetensors = source.size() >= 9 && source.u8(8) == '{' && !looksLikeText(source);
        if (safetensors) {
            return Format.SAFETENSORS;
        }
        return isJson(source) ? Format.JSON : isOnnx(source) ? Format.ONNX : Format.UNKNOWN;
    }

    /** Why a file of unknown format is not read. */
    static WeightFileException unknown(Source source) {
        if (source.size() == 0) {
            return source.truncated("is empty, a weight file is expected");
        }
        return source.malformed("is no weight file that Lanecell knows (it begins with " + beginning(source)
                + "), expected a .pt file of torch.save, .safetensors, .npz, .npy, an ONNX or a Keras model");
    }

    private static Format zip(Source source) {
        try {
            ZipDirectory zip = source.zip();
            if (zip.has(KerasReader.WEIGHTS) || zip.has(KerasReader.CONFIG)) {
                return Format.KERAS;
            }
            boolean numpy = !zip.names().isEmpty() && zip.names().stream().allMatch(name -> name.endsWith(NumpyReader.ENDING));
            return numpy ? Format.NUMPY_ZIP : PyTorchZipReader.isScript(zip) ? Format.TORCHSCRIPT : Format.PYTORCH_ZIP;
        } catch (WeightFileException e) {
            return Format.PYTORCH_ZIP; // a broken zip: the zip reader says what is wrong with it
        }
    }

    /** ONNX is a protobuf message: field 1 (a small version) comes first, then a string, a number or a message of its. */
    private static boolean isOnnx(Source source) {
        return source.size() > 4 && source.u8(0) == 0x08 && source.u8(1) < 32 && ONNX_SECOND_TAGS.indexOf(source.u8(2)) >= 0;
    }

    private static boolean isJson(Source source) {
        for (int i = 0; i < Math.min(ENOUGH, source.size()); i++) {
            int c = source.u8(i);
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                return c == '{';
            }
        }
        return false;
    }

    private static boolean isLegacy(Source source) {
        // After PROTO, and from protocol 4 on a FRAME.
        return source.size() > 0 && source.u8(0) == 0x80 && (begins(source, 2, LEGACY_MAGIC) || begins(source, 11, LEGACY_MAGIC));
    }

    private static boolean begins(Source source, int at, byte[] start) {
        if (source.size() < at + start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if (source.u8(at + i) != (start[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** A JSON object, told from a safetensors header's length by having no control characters, that has the index's key. */
    private static boolean isIndex(Source source) {
        int shown = (int) Math.min(SEARCHED, source.size());
        if (shown < 8 || !looksLikeText(source)) {
            return false;
        }
        String text = new String(source.array(0, shown), StandardCharsets.ISO_8859_1);
        return text.strip().startsWith("{") && text.contains('"' + SafetensorsIndexReader.MAP + '"');
    }

    private static boolean looksLikeText(Source source) {
        for (int i = 0; i < 8; i++) {
            if (source.u8(i) < '\t') {
                return false;
            }
        }
        return true;
    }

    private static String beginning(Source source) {
        int shown = (int) Math.min(8, source.size());
        byte[] bytes = new byte[shown];
        for (int i = 0; i < shown; i++) {
            bytes[i] = (byte) source.u8(i);
        }
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }
}
