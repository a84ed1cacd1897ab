package io.lanecell.cli;

/**
 * What an engine is asked to run: N sequences of T steps, as features or as tokens (the other is null), in the layout of
 * the chain: (N, T, …) or (T, N, …).
 *
 * @param batch    N
 * @param steps    T
 * @param features (N, T, I) or (T, N, I)
 * @param tokens   (N, T) or (T, N)
 * @param lengths  steps of each sequence, or null if all have T
 * @param h0       initial hidden states, or null for zeros
 * @param c0       initial cell states, or null for zeros
 */
record Sequences(int batch, int steps, double[] features, long[] tokens, int[] lengths, double[] h0, double[] c0) {
}
