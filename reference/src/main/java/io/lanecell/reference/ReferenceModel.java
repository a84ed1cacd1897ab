package io.lanecell.reference;

/** A chain of layers in float64. */
public final class ReferenceModel {
    private ReferenceModel() {
    }
}
