package io.lanecell.reference;

import java.util.List;

/**
 * A whole chain bound to its weights.
 *
 * @param embedding     the first layer of a chain that takes tokens, else null
 * @param chain         the layers after it
 * @param recurrents    the recurrent layers among them, those of branches too, in the order in which they run
 * @param inputSize     features per step that the chain takes, or {@link ReferenceLayer#ANY}; of a chain that takes tokens, the
 *                      embedding's
 * @param outputSize    features per step that the chain gives, or {@link ReferenceLayer#ANY}: as many as it takes
 * @param sequence      whether the chain gives a vector per step rather than one per sequence
 * @param channelsFirst whether the chain takes (N, C, T): it begins with a transpose
 * @param givesChannelsFirst whether it gives (N, C, T): it ends with one
 */
record BoundModel(ReferenceEmbedding embedding, Chain chain, List<ReferenceRecurrent> recurrents, int inputSize, int outputSize,
        boolean sequence, boolean channelsFirst, boolean givesChannelsFirst) {
}
