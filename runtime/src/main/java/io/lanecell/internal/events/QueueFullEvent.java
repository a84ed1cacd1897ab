package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A call that found no room in a queue. */
@Name("io.lanecell.QueueFull")
@Label("Queue Full")
@Category("Lanecell")
@Description("A call that found a queue full: refused, or waiting for room as long as the event lasts")
@Enabled(false)
public final class QueueFullEvent extends Event {
    @Label("Waiting")
    @Description("Calls that were in the queue")
    public int waiting;

    @Label("Refused")
    @Description("Whether the call was refused; if not, it waited for room")
    public boolean refused;
}
