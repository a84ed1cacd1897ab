package io.lanecell.loader;

/** Checked arithmetic on shapes that a file made up. */
final class Shapes {
    private Shapes() {
    }

    /** The number of elements, or {@code Long.MAX_VALUE} where that is beyond 2^31 - 1, unless an extent is 0. */
    static long elements(int[] shape) {
        long elements = 1;
        for (int extent : shape) {
            if (extent == 0) {
                return 0;
            }
        }
        for (int extent : shape) {
            elements *= extent;
            if (elements > Integer.MAX_VALUE) {
                return Long.MAX_VALUE;
            }
        }
        return elements;
    }
}
