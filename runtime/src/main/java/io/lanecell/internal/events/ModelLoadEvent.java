package io.lanecell.internal.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A chain of layers bound to its weights. */
@Name("io.lanecell.ModelLoad")
@Label("Model Load")
@Category("Lanecell")
@Description("A chain of layers bound to its weights: checked and packed")
@StackTrace(false)
public final class ModelLoadEvent extends Event {
    @Label("Layers")
    public int layers;

    @Label("Weights")
    @Description("Numbers in all tensors that the model was made from")
    public long weights;

    @Label("Precision")
    public String precision;

    @Label("Kernel")
    @Description("vector or scalar")
    public String kernel;
}
