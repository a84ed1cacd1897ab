package io.lanecell.reference;

import io.lanecell.LayerSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/** torch.nn.MaxPool1d and torch.nn.AvgPool1d, for a sequence of steps of channels. */
abstract sealed class ReferencePool1d implements ReferenceLayer.Windowed {
    private final Window window;

    private ReferencePool1d(Window window) {
        this.window = window;
    }

    static ReferencePool1d of(LayerSpec.MaxPool1d spec) {
        return new Max(Window.ofPool(spec.kernelSize(), spec.stride(), spec.padding()));
    }

    static ReferencePool1d of(LayerSpec.AvgPool1d spec) {
        return new Average(Window.ofPool(spec.kernelSize(), spec.stride(), spec.padding()), spec.countPadding());
    }

    @Override
    public Window window() {
        return window;
    }

    @Override
    public RealVector at(int t, RealVector[] x) {
        List<RealVector> inside = new ArrayList<>(); // the window's steps but for the padding
        for (int k = 0; k < window.kernelSize(); k++) {
            int step = window.step(t, k);
            if (step >= 0 && step < x.length) {
                inside.add(x[step]);
            }
        }
        return of(inside);
    }

    abstract RealVector of(List<RealVector> inside);

    /** The largest of each channel, NaN if one is NaN. Padding counts as −∞, so not at all. */
    private static final class Max extends ReferencePool1d {
        Max(Window window) {
            super(window);
        }

        @Override
        RealVector of(List<RealVector> inside) {
            return Steps.largest(inside);
        }
    }

    /** The mean of each channel, with the padding's zeros counted ({@code count_include_pad}) or not. */
    private static final class Average extends ReferencePool1d {
        private final boolean countPadding;

        Average(Window window, boolean countPadding) {
            super(window);
            this.countPadding = countPadding;
        }

        @Override
        RealVector of(List<RealVector> inside) {
            return Steps.sum(inside).mapDivide(countPadding ? window().kernelSize() : inside.size());
        }
    }
}
