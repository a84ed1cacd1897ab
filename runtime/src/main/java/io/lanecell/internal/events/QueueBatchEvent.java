package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Calls that a queue gathered and ran. */
@Name("io.lanecell.QueueBatch")
@Label("Queue Batch")
@Category("Lanecell")
@Description("Calls that a queue gathered and ran as one batch, until their callers had the results")
@StackTrace(false)
@Enabled(false)
public final class QueueBatchEvent extends Event {
    @Label("Calls")
    public int calls;

    @Label("Most")
    @Description("Calls that the queue runs as one batch at most")
    public int most;

    @Label("First Waited")
    @Description("How long the first of them waited in the queue")
    @Timespan(Timespan.NANOSECONDS)
    public long firstWaited;

    @Label("Left Waiting")
    @Description("Calls in the queue when this batch began, for those that follow")
    public int leftWaiting;
}
