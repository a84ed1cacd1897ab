/**
 * PyTorch's recurrent layers in float64, slow and obvious: the judge that the fast runtime is held against.
 *
 * <p>The code is written to be read beside PyTorch's documentation, one small class per
 * layer: every line of {@code LstmCell.step} carries the equation it computes, in the documentation's symbols. Three choices keep it
 * plain:
 *
 * <ul>
 * <li>One sequence at a time. A batch is a loop around {@link io.lanecell.reference.ReferenceModel}'s chain, so sequences of
 * different lengths need no packing: each is simply as long as it is.
 * <li>Linear algebra and erf are commons-math3's ({@code RealMatrix.operate}), tanh and exp are {@link java.lang.Math}'s. No arithmetic is
 * shared with the runtime, nor the code that infers a layer's geometry: an error in one can't hide in the other.
 * <li>Everything is checked before anything is computed: weights when a model is made
 * ({@link io.lanecell.InvalidModelException}), inputs when it is run ({@link io.lanecell.InvalidInputException}).
 * </ul>
 *
 * <p>PyTorch is the reference's own judge: its tests compare it with outputs that PyTorch computed in float64, to
 * 1e-12 · max(1, largest value), NaN and infinities in the same places.
 *
 * <p>Steps that a sequence's length leaves out (padding) are zero vectors wherever they enter the chain: at the input, whatever
 * the caller's array holds there, at every recurrent layer's output, as PyTorch's {@code pad_packed_sequence} makes them, and at
 * every convolution's and pool's, which treat each sequence as if it were alone. Layers that sum the steps up don't see them.
 * Layers that work step by step treat them as any other step; a Linear after an LSTM gives its bias there, as in PyTorch.
 */
package io.lanecell.reference;
