/** Recurrent inference on the Vector API: layers, sessions and kernels, with no dependency outside the JDK. */
module io.lanecell.runtime {
    requires static jdk.incubator.vector;
    requires static jdk.jfr;

    exports io.lanecell;
}
