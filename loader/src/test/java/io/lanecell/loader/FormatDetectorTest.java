package io.lanecell.loader;

import static io.lanecell.loader.Fault.assertFault;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lanecell.loader.WeightFile.Format;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The first bytes of each format, whole, cut and almost right. */
class FormatDetectorTest {
    private static Format detect(byte[] bytes) {
        return FormatDetector.detect(Source.of(Path.of("test"), bytes));
    }

    private static Format detect(String text) {
        return detect(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    /** {@code start}, then zeros. */
    private static byte[] padded(String start, int size) {
        return Arrays.copyOf(hex(start), size);
    }

    @Test
    void aFileShorterThanItsSignatureIsOfNoFormat() {
        assertEquals(Format.UNKNOWN, detect(""));
        assertEquals(Format.UNKNOWN, detect("PK\3"));
        assertEquals(Format.PYTORCH_ZIP, detect("PK\3\4"), "the zip reader says what is wrong with it");
        assertEquals(Format.PYTORCH_ZIP, detect("PK\5\6"));
        assertEquals(Format.UNKNOWN, detect("PK\7\10"));
        assertEquals(Format.UNKNOWN, detect(hex("89484446 0d0a1a")));
        assertEquals(Format.HDF5, detect(hex("89484446 0d0a1a0a")));
        assertEquals(Format.UNKNOWN, detect(hex("89484446 0d0a1a0b")));
        assertEquals(Format.UNKNOWN, detect(hex("934e554d50")));
        assertEquals(Format.NUMPY, detect(hex("934e554d5059")));
        assertEquals(Format.UNKNOWN, detect(hex("934e554d505a")));
    }

    @Test
    void legacyFilesBeginWithTheirMagicNumberInAnyProtocol() {
        String magic = "8a0a6cfc9c46f9206aa85019";
        assertEquals(Format.PYTORCH_LEGACY, detect(hex("8002" + magic)));
        assertEquals(Format.PYTORCH_LEGACY, detect(hex("8004 950e00000000000000" + magic)));
        assertEquals(Format.UNKNOWN, detect(hex("8102" + magic)));
        assertEquals(Format.UNKNOWN, detect(hex("8002" + magic.substring(0, 22))));
        assertEquals(Format.UNKNOWN, detect(hex("800200" + magic)));
        assertEquals(Format.UNKNOWN, detect(hex("80")));
    }

    @Test
    void safetensorsBeginWithALengthAndABrace() {
        assertEquals(Format.SAFETENSORS, detect(padded("0200000000000000 7b", 10)));
        assertEquals(Format.SAFETENSORS, detect(padded("0200000000000000 7b", 9)));
        assertEquals(Format.UNKNOWN, detect(padded("0200000000000000", 8)));
        assertEquals(Format.UNKNOWN, detect(padded("0200000000000000 5b", 10)));
        assertEquals(Format.UNKNOWN, detect("aaaaaaaa{\"weight_map\""), "text, although its ninth byte is a brace");
    }

    @Test
    void jsonBeginsWithABraceBehindSpacesOfEveryKind() {
        assertEquals(Format.JSON, detect("{}"));
        assertEquals(Format.JSON, detect(" \t\r\n{\"layers\": []}"));
        assertEquals(Format.UNKNOWN, detect(" \t\r\n["));
        assertEquals(Format.UNKNOWN, detect(" \t\r\n"));
        assertEquals(Format.JSON, detect(" ".repeat(65_535) + "{"));
        assertEquals(Format.UNKNOWN, detect(" ".repeat(65_536) + "{"), "only the first 65536 bytes are searched");
    }

    @Test
    void anIndexIsJsonWithItsKeyAmongTheFirst65536Bytes() {
        assertEquals(Format.SAFETENSORS_INDEX, detect("{\"weight_map\": {}}"));
        assertEquals(Format.SAFETENSORS_INDEX, detect("\n\n {\"weight_map\": {}}"));
        assertEquals(Format.JSON, detect("{\"weight_maps\": {}}"));
        assertEquals(Format.JSON, detect("{\"x\": 1}"));
        assertEquals(Format.JSON, detect("{\"x\":1"), "shorter than 8 bytes");
        assertEquals(Format.UNKNOWN, detect("[\"weight_map\"]"));
        assertEquals(Format.SAFETENSORS_INDEX, detect("{" + " ".repeat(65_536 - 13) + "\"weight_map\""));
        assertEquals(Format.JSON, detect("{" + " ".repeat(65_536 - 12) + "\"weight_map\""));
        assertEquals(Format.SAFETENSORS_INDEX, detect("\t\t\t\t\t\t\t\t{\"weight_map\""));
        assertEquals(Format.UNKNOWN, detect("\b\t\t\t\t\t\t\t\t{\"weight_map\""));
    }

    @Test
    void anOnnxModelBeginsWithASmallVersionAndAFieldOfTheModel() {
        for (String second : new String[]{"12", "1a", "22", "28", "32", "3a", "42"}) {
            assertEquals(Format.ONNX, detect(hex("0808" + second + "0000")), second);
        }
        assertEquals(Format.UNKNOWN, detect(hex("0808 12 00")), "no more than 4 bytes");
        assertEquals(Format.UNKNOWN, detect(hex("0908 12 0000")));
        assertEquals(Format.ONNX, detect(hex("081f 12 0000")));
        assertEquals(Format.UNKNOWN, detect(hex("0820 12 0000")));
        assertEquals(Format.UNKNOWN, detect(hex("0808 0a 0000")));
    }

    @Test
    void zipsAreToldApartByTheNamesInThem() {
        assertEquals(Format.PYTORCH_ZIP, detect(zip("data.pkl")));
        assertEquals(Format.PYTORCH_ZIP, detect(padded("504b0506", 22)), "an archive without files");
        assertEquals(Format.TORCHSCRIPT, detect(zip("data.pkl", "constants.pkl")));
        assertEquals(Format.NUMPY_ZIP, detect(zip("a.npy", "b.npy")));
        assertEquals(Format.PYTORCH_ZIP, detect(zip("a.npy", "b.pkl")));
        assertEquals(Format.KERAS, detect(top("config.json")));
        assertEquals(Format.KERAS, detect(top("model.weights.h5")));
    }

    private static byte[] zip(String... names) {
        TorchZip zip = new TorchZip();
        for (String name : names) {
            zip.with(name, new byte[3]);
        }
        return zip.bytes();
    }

    private static byte[] top(String name) {
        return new TorchZip().top(name, new byte[3]).bytes();
    }

    @Test
    void whatIsUnknownIsToldByItsBeginning() {
        assertFault(WeightFileException.Truncated.class, () -> {
            throw FormatDetector.unknown(Source.of(Path.of("test"), new byte[0]));
        }, "test: is empty");
        assertFault(WeightFileException.Malformed.class, () -> {
            throw FormatDetector.unknown(Source.of(Path.of("test"), hex("0102 ff")));
        }, "it begins with 01 02 ff)");
        assertFault(WeightFileException.Malformed.class, () -> {
            throw FormatDetector.unknown(Source.of(Path.of("test"), hex("0102030405060708 09")));
        }, "it begins with 01 02 03 04 05 06 07 08)", "expected a .pt file");
    }

    @Test
    void pyTorchsFormatsAndNumPysKeepTheirNamesAndOthersAreConverted() {
        Set<Format> others = EnumSet.allOf(Format.class).stream().filter(format -> !format.isPyTorch())
                .collect(Collectors.toSet());
        assertEquals(EnumSet.of(Format.ONNX, Format.KERAS, Format.HDF5, Format.JSON, Format.UNKNOWN), others);
    }
}
