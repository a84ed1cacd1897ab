package io.lanecell;

/** What becomes of the sessions of a {@link LiveModel} when its model is swapped. */
public enum SwapPolicy {
    /** They take their state along, at the first call that begins after the swap. The new model must have the old one's geometry. */
    MOVE,
    /** They go on with the old model until they are {@link LiveSession#reset reset}; then, and in new sessions, the new one begins. */
    FINISH
}
