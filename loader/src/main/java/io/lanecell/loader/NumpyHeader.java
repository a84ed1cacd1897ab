package io.lanecell.loader;

import io.lanecell.DType;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an {@code .npy} array says of itself: a Python dict in text, {@code {'descr': '<f4', 'fortran_order': False, 'shape':
 * (3, 4), }}. Only that form is read; it is never evaluated.
 *
 * @param dtype     the type of its elements
 * @param bigEndian whether their bytes have to be turned round
 * @param fortran   whether the first dimension runs fastest
 * @param shape     the extents
 * @param start     where the elements begin
 */
record NumpyHeader(DType dtype, boolean bigEndian, boolean fortran, int[] shape, long start) {
    static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST = 1 << 16;
    private static final Map<String, DType> TYPES = Map.of("f8", DType.F64, "f4", DType.F32, "f2", DType.F16, "i8", DType.I64,
            "i4",
            DType.I32, "i2", DType.I16, "i1", DType.I8, "u1", DType.U8, "b1", DType.BOOL);

    /** NumPy's name for a type, or null where it has none. */
    static String describe(DType dtype) {
        return TYPES.entrySet().stream().filter(entry -> entry.getValue() == dtype)
                .map(entry -> (dtype.bytes() == 1 ? "|" : "<") + entry.getKey()).findFirst().orElse(null);
    }

    /** Reads the header at the beginning of {@code bytes}; {@code where} is what messages call the array. */
    static NumpyHeader read(Source source, String where, ByteRange bytes) {
        if (bytes.size() < 10) {
            throw source.truncated(where + " has " + bytes.size() + " bytes, an .npy header alone has more");
        }
        ByteWindow window = new ByteWindow(bytes);
        for (int i = 0; i < MAGIC.length; i++) {
            if (window.u8(i) != (MAGIC[i] & 0xff)) {
                throw source.malformed(where + " doesn't begin as a NumPy array does");
            }
        }
        int version = window.u8(6);
        if (version < 1 || version > 3) {
            throw source.unsupported(where + " has version " + version + " of the .npy format, 1 to 3 are read");
        }
        int start = version == 1 ? 10 : 12;
        long length = version == 1 ? window.u16(8) : bytes.size() < start ? Long.MAX_VALUE : window.i32(8) & 0xffffffffL;
        if (length > bytes.size() - start) {
            throw source
                    .truncated(where + " has a header of " + length + " bytes but only " + (bytes.size() - start) + " follow");
        }
        if (length > LONGEST) {
            throw source.malformed(where + " has a header of " + length + " bytes, at most " + LONGEST + " are read");
        }
        source.charge(8 * length, where);
        byte[] text = new byte[(int) length];
        bytes.copyTo(start, MemorySegment.ofArray(text));
        return new Parser(source, where, new String(text, StandardCharsets.UTF_8)).header(start + length);
    }

    /** Goes through the text once, without looking back. */
    private static final class Parser {
        private final Source source;
        private final String where;
        private final String text;
        private int at;

        private Parser(Source source, String where, String text) {
            this.source = source;
            this.where = where;
            this.text = text;
        }

        private NumpyHeader header(long start) {
            String descr = null;
            Boolean fortran = null;
            int[] shape = null;
            expect('{');
            while (!take('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> descr = descr();
                    case "fortran_order" -> fortran = truth();
                    case "shape" -> shape = shape();
                    default -> throw malformed("the unknown key " + Quote.of(key));
                }
                if (!take(',')) {
                    expect('}');
                    break;
                }
            }
            if (descr == null || fortran == null || shape == null) {
                throw malformed("no " + (descr == null ? "descr" : fortran == null ? "fortran_order" : "shape"));
            }
            if (!text.substring(at).isBlank()) {
                throw malformed("something after its closing brace");
            }
            return new NumpyHeader(type(descr), descr.startsWith(">"), fortran, shape, start);
        }

        private String descr() {
            if (peek() == '[') {
                throw source.unsupported(where + " holds records of several fields, only plain numbers are read: save each field"
                        + " as an array of its own");
            }
            return string();
        }

        private DType type(String descr) {
            String kind = descr.isEmpty() ? "" : descr.substring(1);
            if (kind.startsWith("O")) {
                throw source.refused(where + " holds Python objects, a pickle inside, which is not read: save arrays of numbers");
            }
            DType dtype = "<>|=".indexOf(descr.isEmpty() ? '?' : descr.charAt(0)) < 0 ? null : TYPES.get(kind);
            if (dtype == null) {
                throw source.unsupported(where + " holds elements of type " + Quote.of(descr) + ", which is not read: convert it"
                        + " with astype('float32')");
            }
            return dtype;
        }

        private int[] shape() {
            List<Integer> extents = new ArrayList<>();
            expect('(');
            while (!take(')')) {
                extents.add(extent());
                if (extents.size() > SafetensorsHeader.MAX_RANK) {
                    throw malformed("more than " + SafetensorsHeader.MAX_RANK + " dimensions");
                }
                if (!take(',')) {
                    expect(')');
                    break;
                }
            }
            return extents.stream().mapToInt(Integer::intValue).toArray();
        }

        private int extent() {
            char first = peek();
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            // Python 2 wrote 3L.
            String digits = text.substring(start, at);
            if (at < text.length() && text.charAt(at) == 'L') {
                at++;
            }
            if (digits.isEmpty()) {
                throw malformed("'" + Quote.line(String.valueOf(first), 1) + "' where an extent is expected");
            }
            if (digits.length() > 10 || Long.parseLong(digits) > Integer.MAX_VALUE) {
                throw malformed("the extent " + digits + ", at most " + Integer.MAX_VALUE + " is allowed");
            }
            return Integer.parseInt(digits);
        }

        private boolean truth() {
            peek();
            for (String word : List.of("True", "False")) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw malformed("neither True nor False as fortran_order");
        }

        private String string() {
            char quote = peek();
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw malformed("'" + Quote.line(String.valueOf(quote), 1) + "' where a string is expected");
            }
            String value = text.substring(at + 1, end);
            at = end + 1;
            return value;
        }

        /** The next character that isn't a space, not taken. */
        private char peek() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
            if (at == text.length()) {
                throw malformed("no end");
            }
            return text.charAt(at);
        }

        private boolean take(char c) {
            boolean there = peek() == c;
            at += there ? 1 : 0;
            return there;
        }

        private void expect(char c) {
            if (!take(c)) {
                throw malformed("'" + Quote.line(String.valueOf(peek()), 1) + "' where '" + c + "' is expected");
            }
        }

        private WeightFileException malformed(String what) {
            return source.malformed("the header of " + where + " has " + what + " (character " + at + ")");
        }
    }
}
