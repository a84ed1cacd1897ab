package io.lanecell;

/** Numbers of a layer's description, which are float32 there, in the precision of a model. */
final class SpecNumbers {
    private SpecNumbers() {
    }

    /** As it is. */
    static float toFloat(float value) {
        return value;
    }

    /** As the decimal fraction it was written as: 0.01 for 0.01f, which widening would make 0.009999999776. */
    static double toDouble(float value) {
        return Double.parseDouble(Float.toString(value));
    }
}
