package io.lanecell;

import java.util.Arrays;

/** The layers in float64 as their documentation writes them, one sequence of steps × features at a time. */
final class Formulas {
    private Formulas() {
    }

    static double[][] conv1d(double[][] x, LayerSpec.Conv1d spec, double[] weight, int outputs, int channels, int taps,
            double[] bias) {
        int steps = (x.length + spec.paddingLeft() + spec.paddingRight() - spec.dilation() * (taps - 1) - 1) / spec.stride() + 1;
        double[][] y = new double[steps][outputs];
        for (int t = 0; t < steps; t++) {
            for (int o = 0; o < outputs; o++) {
                int group = o / (outputs / spec.groups());
                y[t][o] = bias == null ? 0 : bias[o];
                for (int k = 0; k < taps; k++) {
                    int from = t * spec.stride() - spec.paddingLeft() + k * spec.dilation();
                    for (int c = 0; c < channels && from >= 0 && from < x.length; c++) {
                        y[t][o] += weight[(o * channels + c) * taps + k] * x[from][group * channels + c];
                    }
                }
            }
        }
        return y;
    }

    static double[][] pool(double[][] x, int kernel, int stride, int padding, boolean mean, boolean countPadding) {
        int steps = (x.length + 2 * padding - kernel) / stride + 1;
        double[][] y = new double[steps][x[0].length];
        for (int t = 0; t < steps; t++) {
            int from = Math.max(0, t * stride - padding);
            int to = Math.min(x.length, t * stride - padding + kernel);
            double[][] window = Arrays.copyOfRange(x, from, to);
            y[t] = mean ? mean(window) : max(window);
            for (int f = 0; f < y[t].length && mean && countPadding; f++) {
                y[t][f] *= (double) (to - from) / kernel;
            }
        }
        return y;
    }

    static double[] mean(double[][] x) {
        double[] y = new double[x[0].length];
        for (double[] row : x) {
            for (int f = 0; f < y.length; f++) {
                y[f] += row[f] / x.length;
            }
        }
        return y;
    }

    static double[] max(double[][] x) {
        double[] y = x[0].clone();
        for (double[] row : x) {
            for (int f = 0; f < y.length; f++) {
                y[f] = Math.max(y[f], row[f]);
            }
        }
        return y;
    }

    static double[] layerNorm(double[] x, double[] weight, double[] bias, double epsilon) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        double[] y = new double[x.length];
        for (int f = 0; f < x.length; f++) {
            y[f] = (x[f] - mean) / Math.sqrt(variance + epsilon) * weight[f] + bias[f];
        }
        return y;
    }

    static double[] softmax(double[] x) {
        double max = Arrays.stream(x).max().orElseThrow();
        double sum = Arrays.stream(x).map(v -> Math.exp(v - max)).sum();
        return Arrays.stream(x).map(v -> Math.exp(v - max) / sum).toArray();
    }

    static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** Σ softmax(scores)_t x_t. */
    static double[] attend(double[][] x, double[] scores) {
        double[] a = softmax(scores);
        double[] y = new double[x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int f = 0; f < y.length; f++) {
                y[f] += a[t] * x[t][f];
            }
        }
        return y;
    }
}
