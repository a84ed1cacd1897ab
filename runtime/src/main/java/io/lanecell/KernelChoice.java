package io.lanecell;

/** Which implementation of the arithmetic a model uses. Both give the same bits. */
public enum KernelChoice {
    /** The vector kernel where this JVM can run it, else the scalar one. */
    AUTO,
    /** {@code jdk.incubator.vector}; refused where it is missing. */
    VECTOR,
    /** Plain Java. */
    SCALAR
}
