package io.lanecell.cli;

import io.lanecell.InvalidModelException;
import io.lanecell.RecurrentGeometry;
import io.lanecell.RecurrentGeometry.Kind;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A layer recognised in a weight file by the names and shapes of its tensors.
 *
 * @param type       PyTorch's name for it; {@code Linear or Embedding} where it could be either
 * @param prefix     what stands before the tensors' names, without the dot
 * @param sizes      its sizes by PyTorch's names, in PyTorch's order
 * @param parameters numbers in its tensors
 * @param step       what a step of it costs; nothing if it can't be computed
 * @param remark     why it can't be computed, empty if it can
 */
record FoundLayer(String type, String prefix, Map<String, Object> sizes, long parameters, StepWork step,
        String remark) {
    private static final List<String> FIRST_OF_RECURRENT = List.of("weight_ih_l0", "weight_ih");
    /** A matrix without a bias is a table of embeddings or a Linear's: only its name can tell, as in embedding, word_emb, wte. */
    private static final Pattern EMBEDDING = Pattern.compile("(?i)emb[^.]*$|(^|\\.)w[tp]e$");

    /** All that is recognised, in the file's order. */
    static List<FoundLayer> findAll(Weights weights) {
        List<FoundLayer> found = new ArrayList<>();
        weights.tensors().forEach((name, tensor) -> {
            String prefix = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            String last = name.substring(name.lastIndexOf('.') + 1);
            Weights own = weights.under(prefix);
            if (FIRST_OF_RECURRENT.contains(last)) {
                found.add(recurrent(own, prefix, tensor));
            } else if (last.equals("running_mean") && tensor.rank() == 1) {
                found.add(batchNorm(own, prefix, tensor));
            } else if (last.equals("weight") && tensor.dtype().isFloating() && !own.has("running_mean")) {
                weighted(own, prefix, tensor).ifPresent(found::add);
            }
        });
        return found;
    }

    /** A measurement for each layer's step, and for all of them in turn, whose weights drive each other out of the caches. */
    static ReadBandwidth bandwidth(List<FoundLayer> layers, Arithmetic arithmetic) {
        List<Long> sizes = new ArrayList<>(layers.stream().map(layer -> layer.step().bytes(arithmetic)).toList());
        sizes.add(sizes.stream().mapToLong(Long::longValue).sum());
        return new ReadBandwidth(sizes.stream().filter(size -> size > 0).toList());
    }

    private static FoundLayer recurrent(Weights own, String prefix, Tensor inputWeight) {
        String suffix = own.has("weight_ih") ? "" : "_l0";
        Optional<Kind> kind = kind(own, suffix);
        if (kind.isEmpty()) {
            return new FoundLayer("unknown", prefix, Map.of(), parameters(own), StepWork.NONE,
                    own.has("weight_hh" + suffix)
                            ? "weight_hh" + suffix + " is " + own.get("weight_hh" + suffix)
                                    + ", expected 4 rows for each column (LSTM), 3 (GRU) or 1 (RNN)"
                            : "weight_hh" + suffix + " is missing beside weight_ih" + suffix + " " + inputWeight);
        }
        try {
            return recurrent(RecurrentGeometry.of(own, kind.get()), own, prefix);
        } catch (InvalidModelException e) {
            return new FoundLayer(kind.get().torchName() + (suffix.isEmpty() ? "Cell" : ""), prefix, Map.of(), parameters(own),
                    StepWork.NONE, e.getMessage());
        }
    }

    /** An LSTM has four rows for each unit, a GRU three, an RNN one; some tensors only an LSTM has. */
    private static Optional<Kind> kind(Weights own, String suffix) {
        Tensor recurrent = own.has("weight_hh" + suffix) ? own.get("weight_hh" + suffix) : null;
        if (recurrent == null || recurrent.rank() != 2) {
            return Optional.empty();
        }
        boolean onlyLstm = own.names().stream().anyMatch(name -> name.matches("(weight_c[ifo]|ln_).*"));
        int rows = own.has("weight_hr" + suffix) || recurrent.dim(1) == 0 ? 4 * recurrent.dim(1) : recurrent.dim(0);
        for (Kind kind : onlyLstm ? List.of(Kind.LSTM, Kind.COUPLED_LSTM) : List.of(Kind.LSTM, Kind.GRU, Kind.RNN)) {
            if (rows == kind.gates() * recurrent.dim(1)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    private static FoundLayer recurrent(RecurrentGeometry geometry, Weights own, String prefix) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("input_size", geometry.inputSize());
        sizes.put("hidden_size", geometry.hiddenSize());
        if (!geometry.cell()) {
            sizes.put("num_layers", geometry.numLayers());
        }
        if (geometry.kind() == Kind.RNN) {
            sizes.put("nonlinearity", "tanh or relu");
        }
        sizes.put("bias", geometry.bias());
        if (!geometry.cell()) {
            sizes.put("bidirectional", geometry.bidirectional());
        }
        if (geometry.kind().hasCellState()) {
            if (!geometry.cell()) {
                sizes.put("proj_size", geometry.projSize());
            }
            putIfTrue(sizes, "coupled", geometry.kind() == Kind.COUPLED_LSTM);
            putIfTrue(sizes, "peepholes", own.names().stream().anyMatch(name -> name.startsWith("weight_c")));
            putIfTrue(sizes, "layer_norm", own.names().stream().anyMatch(name -> name.startsWith("ln_")));
        }
        return new FoundLayer(geometry.kind().torchName() + (geometry.cell() ? "Cell" : ""), prefix, sizes, parameters(own),
                StepWork.of(geometry, own), "");
    }

    private static void putIfTrue(Map<String, Object> sizes, String key, boolean value) {
        if (value) {
            sizes.put(key, true);
        }
    }

    private static FoundLayer batchNorm(Weights own, String prefix, Tensor mean) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        sizes.put("num_features", mean.dim(0));
        sizes.put("affine", own.has("weight"));
        // Folded into a scale and a shift when it is packed.
        return new FoundLayer("BatchNorm1d", prefix, sizes, own.has("weight") ? 2L * mean.dim(0) : 0,
                StepWork.reading(2L * mean.dim(0)), "");
    }

    /** A layer whose tensors are weight and perhaps bias. */
    private static Optional<FoundLayer> weighted(Weights own, String prefix, Tensor weight) {
        boolean bias = own.has("bias") && own.get("bias").rank() == 1 && weight.rank() > 0
                && own.get("bias").dim(0) == weight.dim(0);
        boolean table = weight.rank() == 2 && !bias && EMBEDDING.matcher(prefix).find();
        Map<String, Object> sizes = new LinkedHashMap<>();
        String type = switch (weight.rank()) {
            case 1 -> {
                sizes.put("normalized_shape", weight.dim(0));
                yield bias ? "LayerNorm" : "LayerNorm or attention vector";
            }
            case 2 -> {
                if (table) {
                    sizes.put("num_embeddings", weight.dim(0));
                    sizes.put("embedding_dim", weight.dim(1));
                    yield "Embedding";
                }
                sizes.put(bias ? "in_features" : "columns", weight.dim(1));
                sizes.put(bias ? "out_features" : "rows", weight.dim(0));
                yield bias ? "Linear" : "Linear or Embedding";
            }
            case 3 -> {
                sizes.put("in_channels_per_group", weight.dim(1));
                sizes.put("out_channels", weight.dim(0));
                sizes.put("kernel_size", weight.dim(2));
                sizes.put("bias", bias);
                yield "Conv1d";
            }
            default -> "";
        };
        long parameters = weight.size() + (bias ? weight.dim(0) : 0L);
        StepWork step = table ? StepWork.ofRow(weight) : StepWork.reading(parameters);
        return type.isEmpty() ? Optional.empty() : Optional.of(new FoundLayer(type, prefix, sizes, parameters, step, ""));
    }

    private static long parameters(Weights own) {
        return own.tensors().values().stream().mapToLong(Tensor::size).sum();
    }

    /** For people: its sizes, or what is wrong. */
    String inWords() {
        return remark.isEmpty()
                ? sizes.entrySet().stream().map(size -> inShort(size.getKey()) + " " + size.getValue())
                        .collect(Collectors.joining(", "))
                : remark;
    }

    private static String inShort(String argument) {
        return argument.replace("num_", "").replace("_size", "");
    }

    /**
     * For {@code --json}.
     *
     * @param bandwidth null to say nothing about time
     */
    Map<String, Object> asMap(Arithmetic arithmetic, ReadBandwidth bandwidth) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put("prefix", prefix);
        map.putAll(sizes);
        map.put("parameters", parameters);
        if (step.weights() > 0) {
            map.put("bytesPerStep", step.bytes(arithmetic));
            if (bandwidth != null) {
                map.put("expectedStepMicros", step.micros(arithmetic, bandwidth));
            }
        }
        map.put("supported", remark.isEmpty());
        map.put("remark", remark);
        return map;
    }
}
