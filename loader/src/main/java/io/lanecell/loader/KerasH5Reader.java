package io.lanecell.loader;

import io.lanecell.Weights;

/** Keras' legacy {@code .h5}: variables under {@code model_weights} by name, and the model's description as an attribute. */
final class KerasH5Reader implements WeightReader {
    private static final String CONFIG = "model_config";

    @Override
    public Weights read(Source source) {
        if (source.size() > Supervised.MOST_BYTES) { // before all of it is read into memory
            throw source.unsupported(Supervised.TOO_LARGE.formatted("HDF5"));
        }
        Hdf5Content content = Hdf5Content.read(source, source.bytes());
        String config = content.texts().get(CONFIG);
        if (config == null) {
            throw source.unsupported("is HDF5 without Keras' description of the model (attribute " + CONFIG
                    + "), as save_weights writes it: save the whole model with model.save");
        }
        return new KerasModel(source, new KerasVariables.Named(source, content.datasets(), content.unread()))
                .convert(config, "model_weights/");
    }
}
