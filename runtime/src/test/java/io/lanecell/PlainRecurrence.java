package io.lanecell;

import java.util.function.DoubleUnaryOperator;

/** One layer in one direction over one sequence, from the formulas, in float64: what the tests of meaning compare with. */
final class PlainRecurrence {
    private final Weights weights;
    private final int inputSize;
    private final int hiddenSize;
    private final int outputSize;

    PlainRecurrence(Weights weights, RecurrentGeometry geometry) {
        this.weights = weights;
        inputSize = geometry.inputSize();
        hiddenSize = geometry.hiddenSize();
        outputSize = geometry.outputSizePerDirection();
    }

    double[] gru(float[] x, int steps) {
        double[] out = new double[steps * hiddenSize];
        double[] h = new double[hiddenSize];
        for (int t = 0; t < steps; t++) {
            double[] ofX = sums("weight_ih_l0", "bias_ih_l0", step(x, t));
            double[] ofH = sums("weight_hh_l0", "bias_hh_l0", h);
            for (int u = 0; u < hiddenSize; u++) {
                double r = sigmoid(ofX[u] + ofH[u]);
                double z = sigmoid(ofX[hiddenSize + u] + ofH[hiddenSize + u]);
                double n = Math.tanh(ofX[2 * hiddenSize + u] + r * ofH[2 * hiddenSize + u]);
                h[u] = (1 - z) * n + z * h[u];
                out[t * hiddenSize + u] = h[u];
            }
        }
        return out;
    }

    double[] rnn(float[] x, int steps, ActivationFunction nonlinearity) {
        double[] out = new double[steps * hiddenSize];
        double[] h = new double[hiddenSize];
        for (int t = 0; t < steps; t++) {
            double[] ofX = sums("weight_ih_l0", "bias_ih_l0", step(x, t));
            double[] ofH = sums("weight_hh_l0", "bias_hh_l0", h);
            for (int u = 0; u < hiddenSize; u++) {
                h[u] = function(nonlinearity).applyAsDouble(ofX[u] + ofH[u]);
                out[t * hiddenSize + u] = h[u];
            }
        }
        return out;
    }

    /** Outputs, then the last cell state. */
    double[][] lstm(float[] x, int steps, LstmOptions options) {
        int o = options.coupled() ? 2 * hiddenSize : 3 * hiddenSize;
        int g = o - hiddenSize;
        DoubleUnaryOperator gate = function(options.gate());
        double[] out = new double[steps * outputSize];
        double[] h = new double[outputSize];
        double[] c = new double[hiddenSize];
        for (int t = 0; t < steps; t++) {
            double[] sums = gateSums(step(x, t), h, options);
            double[] next = new double[hiddenSize];
            for (int u = 0; u < hiddenSize; u++) {
                double i = gate.applyAsDouble(sums[u] + peephole("weight_ci_l0", u) * c[u]);
                double f = options.coupled()
                        ? 1 - i
                        : gate.applyAsDouble(sums[hiddenSize + u] + peephole("weight_cf_l0", u) * c[u]);
                next[u] = f * c[u] + i * function(options.cell()).applyAsDouble(sums[g + u]);
                if (options.cellClip() > 0) {
                    next[u] = Math.max(-options.cellClip(), Math.min(options.cellClip(), next[u]));
                }
            }
            c = next;
            double[] seen = weights.has("ln_c_weight_l0") ? norm("ln_c", c, options) : c;
            double[] given = new double[hiddenSize];
            for (int u = 0; u < hiddenSize; u++) {
                given[u] = gate.applyAsDouble(sums[o + u] + peephole("weight_co_l0", u) * c[u])
                        * function(options.output()).applyAsDouble(seen[u]);
            }
            h = outputSize == hiddenSize ? given : product("weight_hr_l0", given);
            System.arraycopy(h, 0, out, t * outputSize, outputSize);
        }
        return new double[][]{out, c};
    }

    private double[] gateSums(double[] x, double[] h, LstmOptions options) {
        double[] ofX = product("weight_ih_l0", x);
        double[] ofH = product("weight_hh_l0", h);
        if (weights.has("ln_ih_weight_l0")) {
            ofX = norm("ln_ih", ofX, options);
            ofH = norm("ln_hh", ofH, options);
        }
        for (int row = 0; row < ofX.length; row++) {
            ofX[row] += ofH[row] + bias("bias_ih_l0", row) + bias("bias_hh_l0", row);
        }
        return ofX;
    }

    private double[] norm(String name, double[] x, LstmOptions options) {
        double mean = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + options.normEpsilon()) * bias(name + "_weight_l0", i)
                    + bias(name + "_bias_l0", i);
        }
        return y;
    }

    private double[] step(float[] x, int t) {
        double[] row = new double[inputSize];
        for (int k = 0; k < inputSize; k++) {
            row[k] = x[t * inputSize + k];
        }
        return row;
    }

    private double[] sums(String matrix, String bias, double[] x) {
        double[] sums = product(matrix, x);
        for (int row = 0; row < sums.length; row++) {
            sums[row] += bias(bias, row);
        }
        return sums;
    }

    private double[] product(String matrix, double[] x) {
        double[] w = weights.get(matrix).toDoubles();
        double[] y = new double[w.length / x.length];
        for (int row = 0; row < y.length; row++) {
            for (int k = 0; k < x.length; k++) {
                y[row] += w[row * x.length + k] * x[k];
            }
        }
        return y;
    }

    private double peephole(String name, int unit) {
        return bias(name, unit);
    }

    private double bias(String name, int row) {
        return weights.has(name) ? weights.get(name).toDoubles()[row] : 0;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static DoubleUnaryOperator function(ActivationFunction function) {
        return switch (function) {
            case SIGMOID -> PlainRecurrence::sigmoid;
            case TANH -> Math::tanh;
            case RELU -> x -> Math.max(x, 0);
            case HARD_SIGMOID -> x -> Math.min(Math.max(x + 3, 0), 6) / 6;
            case HARD_SIGMOID_KERAS2 -> x -> Math.min(Math.max(0.2 * x + 0.5, 0), 1);
            case SOFTSIGN -> x -> x / (1 + Math.abs(x));
            case IDENTITY -> x -> x;
            default -> throw new IllegalArgumentException(function + " has no formula here");
        };
    }
}
