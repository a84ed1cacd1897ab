package io.lanecell.loader;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.View;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** NumPy's arrays: one in an {@code .npy} file, or several, named, in the zip archive that {@code .npz} is. */
final class NumpyReader implements WeightReader {
    static final String ENDING = ".npy";
    private static final int BYTES_PER_TENSOR = 512;

    @Override
    public Weights read(Source source) {
        if (source.u8(0) == (NumpyHeader.MAGIC[0] & 0xff)) {
            return Weights.of(Map.of("", array(source, "", source.content())));
        }
        ZipDirectory zip = source.zip();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String record : zip.names()) {
            if (!record.endsWith(ENDING)) {
                throw source.malformed("holds " + Quote.of(record) + " beside NumPy's arrays, expected only names that end in "
                        + ENDING);
            }
            source.charge(BYTES_PER_TENSOR, "the list of tensors");
            String name = record.substring(0, record.length() - ENDING.length());
            tensors.put(name, array(source, name, zip.content(record)));
        }
        return Weights.of(tensors);
    }

    private static Tensor array(Source source, String name, ByteRange bytes) {
        String where = name.isEmpty() ? "its array" : "array " + Quote.of(name);
        NumpyHeader header = NumpyHeader.read(source, where, bytes);
        DType dtype = header.dtype();
        long elements = Shapes.elements(header.shape());
        if (elements > Integer.MAX_VALUE) {
            throw source.malformed(where + " of shape " + Arrays.toString(header.shape()) + " has too many elements, at most "
                    + Integer.MAX_VALUE + " are allowed");
        }
        long size = elements * dtype.bytes();
        long left = bytes.size() - header.start();
        String needs = where + " of type " + dtype + " and shape " + Arrays.toString(header.shape()) + " needs " + size
                + " bytes but " + left + " follow its header";
        if (size > left) {
            throw source.truncated(needs + ", the file is cut short");
        }
        if (size < left) {
            throw source.malformed(needs + ", save one array to a file");
        }
        ByteRange data = bytes.slice(header.start(), size);
        if (header.bigEndian()) {
            data = BigEndian.swapped(source, where, data, dtype.bytes());
        }
        if (!header.fortran() || header.shape().length < 2) {
            return data.tensor(dtype, header.shape());
        }
        source.remark("transposed " + where + " from Fortran order");
        return StridedView.materialise(source, name, fortran(header, elements), data);
    }

    private static View fortran(NumpyHeader header, long elements) {
        long[] strides = new long[header.shape().length];
        long stride = 1;
        for (int i = 0; i < strides.length; i++) {
            strides[i] = stride;
            stride *= Math.max(1, header.shape()[i]);
        }
        return new View(new Storage("", header.dtype(), elements, 0, elements), 0, header.shape(), strides);
    }
}
