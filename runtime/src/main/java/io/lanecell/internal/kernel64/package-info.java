/**
 * The kernels in float64: {@code io.lanecell.internal.kernel}'s twins. There is one source for both precisions, the float32 one. The
 * build writes the twins from it before it compiles anything (antrun in runtime/pom.xml, into target/generated-sources/float64):
 *
 * <ul>
 * <li>every class of {@code io.lanecell.internal.kernel} but those below comes here under its own name;
 * <li>every layer, stage and cell of {@code io.lanecell} that handles {@code float[]} has its twin beside it, with 64 behind its
 * name ({@code Stage64}, {@code RecurrentDirection64}); the pom lists them.
 * </ul>
 *
 * <p>What the build changes are words: {@code float} becomes {@code double}, {@code FloatVector} {@code DoubleVector}, {@code 1f}
 * {@code 1d}, {@code toFloats} {@code toDoubles}, and the few others that the pom names. A cast to float goes. So a constant that must
 * be exact in both is written in float64 behind such a cast.
 *
 * <p>Written by hand is here what differs in its mathematics: {@code GateMath} and its lanes, {@code VectorActivations} and
 * {@code VectorCells}; {@code ExactFma}; and {@code KernelSelection}, which asks its float32 twin what can run. Nobody but float64 models
 * loads any of these classes. Tests come by in the same way (target/generated-test-sources/float64).
 */
package io.lanecell.internal.kernel64;
