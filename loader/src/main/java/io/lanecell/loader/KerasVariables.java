package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;

/** Finds a Keras layer's variables among a file's datasets. */
sealed interface KerasVariables {
    /** Which part of a layer has the variables. */
    enum Part {
        LAYER, CELL, FORWARD, BACKWARD
    }

    /** Where the layers inside a model stand; {@code counts} numbers the classes seen in this model. */
    String group(String outer, String className, String name, Map<String, Integer> counts);

    /** The variables of those roles that are there; {@code wrapped}: whether the layer is inside a TimeDistributed. */
    Map<String, Tensor> find(String group, Part part, boolean wrapped, List<String> roles);

    /** The datasets in a group. */
    private static Map<String, Tensor> inside(NavigableMap<String, Tensor> datasets, String group) {
        return datasets.subMap(group + "/", group + (char) ('/' + 1));
    }

    /** Keras 3: {@code layers/lstm_1/cell/vars/0}, the second LSTM's first variable. */
    record Numbered(NavigableMap<String, Tensor> datasets) implements KerasVariables {
        @Override
        public String group(String outer, String className, String name, Map<String, Integer> counts) {
            String snake = className.replaceAll("\\W+", "").replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                    .replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
            int count = counts.merge(snake, 1, Integer::sum) - 1;
            String numbered = outer + "layers/" + snake + (count == 0 ? "" : "_" + count);
            // Not every version of Keras counts classes: some go by the layer's own name.
            String named = outer + "layers/" + name;
            return inside(datasets, numbered).isEmpty() && !inside(datasets, named).isEmpty() ? named : numbered;
        }

        @Override
        public Map<String, Tensor> find(String group, Part part, boolean wrapped, List<String> roles) {
            String path = group + (wrapped ? "/layer" : "") + switch (part) {
                case LAYER -> "";
                case CELL -> "/cell";
                case FORWARD -> "/forward_layer/cell";
                case BACKWARD -> "/backward_layer/cell";
            };
            Map<String, Tensor> found = new HashMap<>();
            for (int i = 0; i < roles.size(); i++) {
                Tensor tensor = datasets.get(path + "/vars/" + i);
                if (tensor != null) {
                    found.put(roles.get(i), tensor);
                }
            }
            return found;
        }
    }

    /** Before Keras 3: {@code model_weights/lstm/lstm/lstm_cell/kernel:0}. */
    record Named(Source source, NavigableMap<String, Tensor> datasets) implements KerasVariables {
        @Override
        public String group(String outer, String className, String name, Map<String, Integer> counts) {
            return outer + name;
        }

        @Override
        public Map<String, Tensor> find(String group, Part part, boolean wrapped, List<String> roles) {
            Map<String, Tensor> found = new HashMap<>();
            inside(datasets, group).forEach((path, tensor) -> {
                // Many layers may name one group of many datasets.
                source.charge(64 + 2L * path.length(), "the search for the layers' variables");
                String last = path.substring(path.lastIndexOf('/') + 1);
                String role = last.endsWith(":0") ? last.substring(0, last.length() - 2) : last;
                if (roles.contains(role) && inPart(path.substring(group.length()), part)) {
                    found.putIfAbsent(role, tensor);
                }
            });
            return found;
        }

        private static boolean inPart(String path, Part part) {
            return switch (part) {
                case LAYER, CELL -> true;
                case FORWARD -> Arrays.stream(path.split("/")).anyMatch(step -> step.startsWith("forward_"));
                case BACKWARD -> Arrays.stream(path.split("/")).anyMatch(step -> step.startsWith("backward_"));
            };
        }
    }
}
