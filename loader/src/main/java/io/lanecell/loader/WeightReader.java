package io.lanecell.loader;

import io.lanecell.Weights;

/** One weight format. */
interface WeightReader {
    /** Every tensor of the file under the name it has there. */
    Weights read(Source source);
}
