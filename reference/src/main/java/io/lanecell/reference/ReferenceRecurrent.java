package io.lanecell.reference;

import io.lanecell.ActivationFunction;
import io.lanecell.InvalidModelException;
import io.lanecell.LstmOptions;
import io.lanecell.reference.RecurrentGeometry.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.RealVector;

/**
 * torch.nn.LSTM, GRU or RNN, or one of their cells stepped along a sequence: cells stacked in layers, in one or both directions.
 * What one cell computes is in {@link LstmCell}, {@link LstmVariantCell}, {@link GruCell} and {@link RnnCell}.
 */
final class ReferenceRecurrent implements ReferenceLayer {
    private final RecurrentGeometry geometry;
    /** By layer, then direction. */
    private final Cell[][] cells;

    private ReferenceRecurrent(RecurrentGeometry geometry, CellMaker maker) {
        this.geometry = geometry;
        this.cells = new Cell[geometry.numLayers()][geometry.numDirections()];
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            for (int direction = 0; direction < geometry.numDirections(); direction++) {
                cells[layer][direction] = maker.make(layer, direction);
            }
        }
    }

    private interface CellMaker {
        Cell make(int layer, int direction);
    }

    /** Infers the geometry from names and shapes, and checks every shape against it, as {@link #gru} and {@link #rnn} do. */
    static ReferenceRecurrent lstm(LstmOptions options, LayerWeights weights) {
        RecurrentGeometry geometry = RecurrentGeometry.inferredFrom(weights, Kind.LSTM, options.coupled() ? 3 : 4);
        refuseExclusive(options, geometry, weights);
        boolean plain = options.equals(LstmOptions.PYTORCH) && !geometry.peepholes() && !geometry.layerNorm();
        return new ReferenceRecurrent(geometry, (layer, direction) -> plain
                ? LstmCell.of(weights, geometry, layer, direction)
                : LstmVariantCell.of(options, weights, geometry, layer, direction));
    }

    static ReferenceRecurrent gru(LayerWeights weights) {
        RecurrentGeometry geometry = RecurrentGeometry.inferredFrom(weights, Kind.GRU, 3);
        return new ReferenceRecurrent(geometry, (layer, direction) -> GruCell.of(weights, geometry, layer, direction));
    }

    static ReferenceRecurrent rnn(ActivationFunction nonlinearity, LayerWeights weights) {
        if (nonlinearity != ActivationFunction.TANH && nonlinearity != ActivationFunction.RELU) {
            throw new InvalidModelException("nonlinearity must be tanh or relu, found " + nonlinearity.jsonName());
        }
        RecurrentGeometry geometry = RecurrentGeometry.inferredFrom(weights, Kind.RNN, 1);
        return new ReferenceRecurrent(geometry,
                (layer, direction) -> RnnCell.of(weights, geometry, layer, direction, nonlinearity));
    }

    private static void refuseExclusive(LstmOptions options, RecurrentGeometry geometry, LayerWeights weights) {
        if (geometry.layerNorm() && geometry.projSize() > 0) {
            throw new InvalidModelException(
                    "layer normalisation (ln_ih_weight …) and a projection (weight_hr) exclude each other:"
                            + " no definition normalises a projected hidden state; remove one of them");
        }
        if (geometry.layerNorm() && geometry.peepholes()) {
            throw new InvalidModelException("layer normalisation (ln_ih_weight …) and peepholes (weight_ci …) exclude each other:"
                    + " no definition says which side of the norm a peephole joins; remove one of them");
        }
        boolean forgetPeephole = weights.names().stream().anyMatch(name -> name.startsWith("weight_cf"));
        if (options.coupled() && forgetPeephole) {
            throw new InvalidModelException("a coupled lstm and the peephole '" + weights.fullName("weight_cf")
                    + "…' exclude each other: f = 1 − i has no sum of its own that could look at c; remove one of them");
        }
        if (!(options.cellClip() >= 0)) {
            throw new InvalidModelException("cell_clip must be above 0, or 0 for none, found " + options.cellClip());
        }
    }

    RecurrentGeometry geometry() {
        return geometry;
    }

    /** The cell of a layer that is a torch.nn.LSTMCell or GRUCell. */
    Cell onlyCell() {
        return cells[0][0];
    }

    @Override
    public int inputSize() {
        return geometry.inputSize();
    }

    @Override
    public int outputSize() {
        return geometry.outputSize();
    }

    @Override
    public Sequence forward(Sequence x, RunStates states) {
        RealVector[] input = x.own();
        List<State> finalStates = new ArrayList<>();
        for (int layer = 0; layer < geometry.numLayers(); layer++) {
            RealVector[] output = new RealVector[input.length];
            finalStates.clear();
            for (int direction = 0; direction < geometry.numDirections(); direction++) {
                State s = states.take();
                for (int i = 0; i < input.length; i++) {
                    int t = direction == 0 ? i : input.length - 1 - i; // the reverse direction begins at the sequence's last step
                    s = cells[layer][direction].step(input[t], s);
                    output[t] = direction == 0 ? s.h() : output[t].append(s.h());
                }
                states.leave(s);
                finalStates.add(s);
            }
            input = output; // a layer's input is the hidden state of the layer below; dropout between them is for training only
        }
        RealVector[] steps = Sequence.padded(input, x.steps().length);
        states.leaveOutput(steps);
        return new Sequence(steps, x.length(), List.copyOf(finalStates));
    }
}
