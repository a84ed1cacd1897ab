package io.lanecell.reference;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidModelException;
import io.lanecell.LayerSpec;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.special.Erf;

/** A function of every number by itself: the formulas of torch.nn's activations, as {@link ActivationFunction} states them. */
final class ReferenceActivation implements ReferenceLayer.EachStep {
    private final UnivariateFunction function;

    private ReferenceActivation(UnivariateFunction function) {
        this.function = function;
    }

    static ReferenceActivation of(LayerSpec.Activation spec) {
        double parameter = Decimal.of(spec.parameter());
        if (!spec.function().parameterName().isEmpty() && !Double.isFinite(parameter)) {
            throw new InvalidModelException(spec.function().parameterName() + " must be a number, found " + parameter);
        }
        if (spec.function() == ActivationFunction.SOFTPLUS && parameter == 0) {
            throw new InvalidModelException("beta must not be 0, softplus divides by it");
        }
        return new ReferenceActivation(function(spec.function(), parameter));
    }

    /** The function with the usual parameter, as a recurrent layer takes it. */
    static UnivariateFunction function(ActivationFunction function) {
        return function(function, Decimal.of(function.defaultParameter()));
    }

    private static UnivariateFunction function(ActivationFunction function, double p) {
        return switch (function) {
            case IDENTITY -> x -> x;
            case RELU -> x -> Math.max(x, 0);
            case RELU6 -> ReferenceActivation::relu6;
            case LEAKY_RELU -> x -> x >= 0 ? x : p * x;
            case ELU -> x -> x > 0 ? x : p * Math.expm1(x);
            case GELU -> x -> 0.5 * x * (1 + Erf.erf(x / Math.sqrt(2)));
            case GELU_TANH -> x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x -> x * sigmoid(x);
            case HARD_SWISH -> x -> x * relu6(x + 3) / 6;
            case TANH -> Math::tanh;
            case HARD_TANH -> x -> Math.min(Math.max(x, -1), 1);
            case SIGMOID -> ReferenceActivation::sigmoid;
            case HARD_SIGMOID -> x -> relu6(x + 3) / 6;
            case HARD_SIGMOID_KERAS2 -> x -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case SOFTPLUS -> x -> p * x > 20 ? x : Math.log1p(Math.exp(p * x)) / p;
            case SOFTSIGN -> x -> x / (1 + Math.abs(x));
        };
    }

    /** σ(x) = 1 / (1 + e^−x). */
    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double relu6(double x) {
        return Math.min(Math.max(x, 0), 6);
    }

    @Override
    public RealVector apply(RealVector x) {
        return x.map(function);
    }
}
