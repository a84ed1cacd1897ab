package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

    /** What stands before the groups of the layers of a model that itself is a layer. */
    String inner(String group);

    /** Keras 3: {@code layers/lstm_1/cell/vars/0}, the second LSTM's first variable. */
    record Numbered(Map<String, Tensor> datasets) implements KerasVariables {
        @Override
        public String group(String outer, String className, String name, Map<String, Integer> counts) {
            String snake = className.replaceAll("\\W+", "").replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                    .replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
            int count = counts.merge(snake, 1, Integer::sum) - 1;
            return outer + "layers/" + snake + (count == 0 ? "" : "_" + count);
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

        @Override
        public String inner(String group) {
            return group + "/";
        }
    }

    /** Before Keras 3: {@code model_weights/lstm/lstm/lstm_cell/kernel:0}. */
    record Named(Map<String, Tensor> datasets) implements KerasVariables {
        @Override
        public String group(String outer, String className, String name, Map<String, Integer> counts) {
            return outer + name;
        }

        @Override
        public Map<String, Tensor> find(String group, Part part, boolean wrapped, List<String> roles) {
            Map<String, Tensor> found = new HashMap<>();
            datasets.forEach((path, tensor) -> {
                String role = path.substring(path.lastIndexOf('/') + 1).replaceFirst(":0$", "");
                if (path.startsWith(group + "/") && roles.contains(role) && inPart(path.substring(group.length()), part)) {
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

        @Override
        public String inner(String group) {
            return group + "/";
        }
    }
}
