package io.lanecell.loader;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.PickleValue.Storage;
import io.lanecell.loader.PickleValue.View;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts the views that a pickle names and the bytes of their storages together. */
final class TorchTensors {
    private static final int BYTES_PER_TENSOR = 256;

    /** Where storages are kept. */
    interface Kept {
        /** At least the bytes of {@code storage.total()} elements, which {@code tensor} needs. */
        ByteRange bytes(String tensor, Storage storage);
    }

    private TorchTensors() {
    }

    /** The tensors; what was one tensor under two names is so again. */
    static Weights of(Source source, Map<String, View> views, Kept kept) {
        Map<View, Tensor> tied = new IdentityHashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        views.forEach((name, view) -> {
            source.charge(BYTES_PER_TENSOR, "the list of tensors");
            ByteRange bytes = view.storage().of(kept.bytes(name, view.storage()));
            tensors.put(name, tied.computeIfAbsent(view, v -> StridedView.materialise(source, name, v, bytes)));
        });
        return Weights.of(tensors);
    }
}
