package io.lanecell.loader;

import io.lanecell.Weights;
import java.util.List;

/**
 * A weight file's tensors, and what was done to them.
 *
 * @param weights the tensors, in PyTorch's layouts
 * @param remarks a sentence for each conversion: what was renamed, transposed, reordered or left out; empty where the file is
 *                PyTorch's own
 */
public record Loaded(Weights weights, List<String> remarks) {
}
