package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Sessions stepped together. */
@Name("io.lanecell.StepBatch")
@Label("Step Batch")
@Category("Lanecell")
@Description("Sessions that were stepped together as one batch")
@StackTrace(false)
@Enabled(false)
public final class StepBatchEvent extends Event {
    @Label("Sessions")
    public int sessions;

    @Label("Most")
    @Description("Sessions that the batch has room for")
    public int most;
}
