package io.lanecell.reference;

/** Numbers of a layer's description, which are float32 there, read as the decimal fraction they were written as. */
final class Decimal {
    private Decimal() {
    }

    /** 0.01 for 0.01f, which widening would make 0.009999999776: PyTorch in float64 computes with 0.01. */
    static double of(float value) {
        return Double.parseDouble(Float.toString(value));
    }
}
