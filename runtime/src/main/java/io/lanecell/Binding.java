package io.lanecell;

import java.util.List;

/** A chain bound to its weights, and the kernel it runs on, in one of the two precisions. */
interface Binding {
    /** The precision: F32 or F64. */
    DType dtype();

    /** The kernel's name. */
    String kernels();

    /** Some calls on scratch if the kernel starts cold. */
    void prime(Model model);

    /** Returns when the kernel and such calls of the model are compiled. */
    void warmUp(Model model, int batch, int steps) throws InterruptedException;

    /** The same on another kernel. */
    Binding with(KernelChoice choice);

    /** Whether the other is of the same bound layers. */
    boolean sharesWeightsWith(Binding other);

    /** See {@link LayerChain}. */
    int inputSize();

    /** See {@link LayerChain}. */
    int outputSize();

    /** See {@link LayerChain}. */
    int outputSteps(int steps);

    /** See {@link LayerChain}. */
    String steppingObstacle();

    /** Number of tokens that it knows, or 0 where it takes features. */
    int vocabularySize();

    /** The geometry of each recurrent layer, input first. */
    List<RecurrentGeometry> geometries();
}
