/** PyTorch's recurrent layers in float64, written to be read beside PyTorch's documentation. */
@SuppressWarnings("requires-automatic") // commons-math3 has no module descriptor; its name is that of its jar
module io.lanecell.reference {
    requires transitive io.lanecell.runtime;
    requires commons.math3;

    exports io.lanecell.reference;
}
