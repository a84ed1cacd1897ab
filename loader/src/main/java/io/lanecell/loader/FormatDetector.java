package io.lanecell.loader;

import io.lanecell.loader.WeightFile.Format;
import java.util.HexFormat;

/** Tells formats apart by their first bytes, and a zip's by its directory. */
final class FormatDetector {
    /** Bytes from a file's start that are enough for every format but zip. */
    static final int ENOUGH = 64;

    private static final long ZIP_LOCAL = 0x04034b50L;
    private static final long ZIP_EMPTY = 0x06054b50L;
    /** LONG1, 10 bytes, 0x1950a86a20f9469cfc6c: the first object of a legacy file (torch/serialization.py, MAGIC_NUMBER). */
    private static final byte[] LEGACY_MAGIC = HexFormat.of().parseHex("8a0a6cfc9c46f9206aa85019");

    private FormatDetector() {
    }

    static Format detect(Source source) {
        if (source.size() >= 4 && (source.u32(0) == ZIP_LOCAL || source.u32(0) == ZIP_EMPTY)) {
            return isTorchScript(source) ? Format.TORCHSCRIPT : Format.PYTORCH_ZIP;
        }
        if (isLegacy(source)) {
            return Format.PYTORCH_LEGACY;
        }
        // The header begins with '{' after its length, and a length that fills less than 5 bytes tells it from text.
        boolean safetensors = source.size() >= 9 && source.u8(8) == '{' && !looksLikeText(source);
        return safetensors ? Format.SAFETENSORS : Format.UNKNOWN;
    }

    /** Why a file of unknown format is not read. */
    static WeightFileException unknown(Source source) {
        if (source.size() == 0) {
            return source.truncated("is empty, a weight file is expected");
        }
        // ONNX is a protobuf message whose fields 1 (a small number) and 2 (a string) come first.
        if (source.size() > 4 && source.u8(0) == 0x08 && source.u8(1) < 32 && source.u8(2) == 0x12) {
            return source.unsupported("looks like an ONNX model, which is not read: save the PyTorch model's state_dict()"
                    + " with torch.save or safetensors");
        }
        return source.malformed("is no weight file that Lanecell knows (it begins with " + beginning(source)
                + "), expected a .pt file of torch.save or a .safetensors file");
    }

    private static boolean isTorchScript(Source source) {
        ZipDirectory zip;
        try {
            zip = ZipDirectory.read(source);
        } catch (WeightFileException e) {
            return false; // a broken zip: the zip reader says what is wrong with it
        }
        return zip.names().stream().anyMatch(name -> name.endsWith("/constants.pkl"));
    }

    private static boolean isLegacy(Source source) {
        if (source.size() < 2 || source.u8(0) != 0x80) {
            return false;
        }
        // After PROTO, and from protocol 4 on a FRAME.
        for (int at : new int[]{2, 11}) {
            if (source.size() >= at + LEGACY_MAGIC.length && matches(source, at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Source source, int at) {
        for (int i = 0; i < LEGACY_MAGIC.length; i++) {
            if (source.u8(at + i) != (LEGACY_MAGIC[i] & 0xff)) {
                return false;
            }
        }
        return true;
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
