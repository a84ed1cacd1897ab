package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The kernel chosen for a model. */
@Name("io.lanecell.KernelSelection")
@Label("Kernel Selection")
@Category("Lanecell")
@Description("The kernel that a model was given, and why it isn't the vector kernel where it isn't")
@StackTrace(false)
public final class KernelSelectionEvent extends Event {
    @Label("Choice")
    @Description("AUTO, VECTOR or SCALAR, as the model was asked for")
    public String choice;

    @Label("Mode")
    @Description("VECTOR, SCALAR, or WARMING: vectors, served by the scalar kernel until they are compiled")
    public String mode;

    @Label("Obstacle")
    @Description("What keeps the vector kernel from running here, with the remedy; null if nothing does")
    public String obstacle;
}
