package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A call of a session that took longer than the threshold, 1 ms unless the recording sets another. */
@Name("io.lanecell.SlowCall")
@Label("Slow Call")
@Category("Lanecell")
@Description("A call of a session that took longer than the event's threshold")
@Threshold("1 ms")
public final class SlowCallEvent extends Event {
    @Label("Batch")
    @Description("Sequences that advanced together")
    public int batch;

    @Label("Steps")
    @Description("Steps of the call; 1 for a single step")
    public int steps;
}
