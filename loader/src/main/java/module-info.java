/** Reads weight files and model descriptions; the only module that opens files. */
@SuppressWarnings("requires-automatic") // protobuf and jhdf are no modules yet
module io.lanecell.loader {
    requires transitive io.lanecell.runtime;
    requires transitive tools.jackson.databind;
    requires static com.google.protobuf;
    requires static io.jhdf;
    requires jdk.management;

    exports io.lanecell.loader;
}
