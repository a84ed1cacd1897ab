package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One operation of the vector kernel warmed in the background; when it ends, calls go over to it. */
@Name("io.lanecell.WarmUp")
@Label("Kernel Warm-Up")
@Category("Lanecell")
@Description("An operation of the vector kernel called on scratch data until it is compiled; at its end calls switch from the scalar kernel")
@StackTrace(false)
public final class WarmUpEvent extends Event {
    @Label("Operation")
    public String operation;

    @Label("Switched")
    @Description("Whether calls went over to the vector kernel; if not, the scalar one goes on serving")
    public boolean switched;
}
