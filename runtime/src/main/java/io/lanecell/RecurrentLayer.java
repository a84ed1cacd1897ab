package io.lanecell;

import io.lanecell.RecurrentGeometry.Kind;
import io.lanecell.internal.kernel.Kernels;

/** torch.nn.LSTM, GRU or RNN bound to its weights, all layers and directions packed for the kernels. */
final class RecurrentLayer extends Layer {
    private final RecurrentGeometry geometry;
    private final RecurrentCell[][] cells;

    RecurrentLayer(LayerSpec.Recurrent spec, Weights weights) {
        Kind kind = spec instanceof LayerSpec.Gru ? Kind.GRU : spec instanceof LayerSpec.Rnn ? Kind.RNN : Kind.LSTM;
        if (spec instanceof LayerSpec.Lstm lstm) {
            OptionLstmCell.refuseExclusions(lstm.options(), weights);
            kind = lstm.options().coupled() ? Kind.COUPLED_LSTM : Kind.LSTM;
        }
        geometry = RecurrentGeometry.of(weights, kind);
        cells = new RecurrentCell[geometry.numLayers()][geometry.directions()];
        for (int layer = 0; layer < cells.length; layer++) {
            for (int direction = 0; direction < cells[layer].length; direction++) {
                cells[layer][direction] = cell(spec, weights, layer, geometry.suffix(layer, direction));
            }
        }
    }

    // No switch over the kinds of spec: its bootstrap would cost a program's start several milliseconds.
    private RecurrentCell cell(LayerSpec.Recurrent spec, Weights weights, int layer, String suffix) {
        if (spec instanceof LayerSpec.Gru) {
            return new GruCell(weights, geometry, layer, suffix);
        }
        if (spec instanceof LayerSpec.Rnn rnn) {
            return new RnnCell(weights, geometry, layer, suffix, isRelu(rnn));
        }
        LstmOptions options = ((LayerSpec.Lstm) spec).options();
        return OptionLstmCell.isNeeded(options, weights)
                ? new OptionLstmCell(options, weights, geometry, layer, suffix)
                : new LstmCell(weights, geometry, layer, suffix);
    }

    /** The LSTM, GRU or RNN that the tensors' shapes tell; as PyTorch makes it where they don't tell more. */
    static RecurrentLayer byItsTensors(Weights weights) {
        LayerSpec.Recurrent spec = switch (RecurrentGeometry.kindOf(weights)) {
            case LSTM, COUPLED_LSTM -> new LayerSpec.Lstm("", true);
            case GRU -> new LayerSpec.Gru("", true);
            case RNN -> new LayerSpec.Rnn("", true, ActivationFunction.TANH);
        };
        return new RecurrentLayer(spec, weights);
    }

    private static boolean isRelu(LayerSpec.Rnn rnn) {
        return switch (rnn.nonlinearity()) {
            case RELU -> true;
            case TANH -> false;
            default -> throw new InvalidModelException("an RNN's nonlinearity is '" + rnn.nonlinearity().jsonName()
                    + "' where 'tanh' or 'relu' is expected, as in torch.nn.RNN");
        };
    }

    RecurrentGeometry geometry() {
        return geometry;
    }

    RecurrentCell cell(int layer, int direction) {
        return cells[layer][direction];
    }

    @Override
    int inputSize() {
        return geometry.inputSize();
    }

    @Override
    int outputSize() {
        return geometry.outputSize();
    }

    @Override
    String steppingObstacle() {
        return geometry.bidirectional() ? "is bidirectional, its backward direction begins at the end" : null;
    }

    @Override
    void addTo(Fingerprint fingerprint) {
        fingerprint.add("recurrent").add(geometry.kind().name()).add(geometry.inputSize()).add(geometry.hiddenSize())
                .add(geometry.numLayers()).add(geometry.directions()).add(geometry.projSize());
        for (RecurrentCell[] layer : cells) {
            for (RecurrentCell cell : layer) {
                cell.addTo(fingerprint);
            }
        }
    }

    @Override
    RecurrentStage newStage(int batch, Kernels kernels, Workers workers, Stage before) {
        return new RecurrentStage(this, batch, kernels, workers);
    }
}
