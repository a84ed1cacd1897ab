/** Reads weight files and model descriptions; the only module that opens files. */
module io.lanecell.loader {
    requires transitive io.lanecell.runtime;
    requires transitive tools.jackson.databind;

    exports io.lanecell.loader;
}
