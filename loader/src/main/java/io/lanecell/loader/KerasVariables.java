package io.lanecell.loader;

import io.lanecell.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.stream.IntStream;

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

    /** The type of one of these variables that is there but holds no numbers of ours, with the variable's path. */
    Optional<Map.Entry<String, String>> unread(String group, Part part, boolean wrapped, List<String> roles);

    /** The datasets in a group. */
    private static <T> Map<String, T> inside(NavigableMap<String, T> datasets, String group) {
        return datasets.subMap(group + "/", group + (char) ('/' + 1));
    }

    /** Keras 3: {@code layers/lstm_1/cell/vars/0}, the second LSTM's first variable. */
    record Numbered(NavigableMap<String, Tensor> datasets, NavigableMap<String, String> unread) implements KerasVariables {
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
            String path = path(group, part, wrapped);
            Map<String, Tensor> found = new HashMap<>();
            for (int i = 0; i < roles.size(); i++) {
                Tensor tensor = datasets.get(path + i);
                if (tensor != null) {
                    found.put(roles.get(i), tensor);
                }
            }
            return found;
        }

        @Override
        public Optional<Map.Entry<String, String>> unread(String group, Part part, boolean wrapped, List<String> roles) {
            String path = path(group, part, wrapped);
            return IntStream.range(0, roles.size()).mapToObj(i -> path + i).filter(unread::containsKey).findFirst()
                    .map(variable -> Map.entry(variable, unread.get(variable)));
        }

        private static String path(String group, Part part, boolean wrapped) {
            return group + (wrapped ? "/layer" : "") + switch (part) {
                case LAYER -> "";
                case CELL -> "/cell";
                case FORWARD -> "/forward_layer/cell";
                case BACKWARD -> "/backward_layer/cell";
            } + "/vars/";
        }
    }

    /** Before Keras 3: {@code model_weights/lstm/lstm/lstm_cell/kernel:0}. */
    record Named(Source source, NavigableMap<String, Tensor> datasets, NavigableMap<String, String> unread)
            implements
                KerasVariables {
        @Override
        public String group(String outer, String className, String name, Map<String, Integer> counts) {
            return outer + name;
        }

        @Override
        public Map<String, Tensor> find(String group, Part part, boolean wrapped, List<String> roles) {
            Map<String, Tensor> found = new HashMap<>();
            inside(datasets, group).forEach((path, tensor) -> {
                // Many layers may name one group of many datasets.
                String role = role(path);
                if (roles.contains(role) && inPart(path.substring(group.length()), part)) {
                    found.putIfAbsent(role, tensor);
                }
            });
            return found;
        }

        @Override
        public Optional<Map.Entry<String, String>> unread(String group, Part part, boolean wrapped, List<String> roles) {
            return inside(unread, group).entrySet().stream()
                    .filter(entry -> roles.contains(role(entry.getKey()))
                            && inPart(entry.getKey().substring(group.length()), part))
                    .findFirst();
        }

        /** What the variable at a path is in its layer: {@code kernel} for {@code …/kernel:0}. */
        private String role(String path) {
            source.charge(64 + 2L * path.length(), "the search for the layers' variables");
            String last = path.substring(path.lastIndexOf('/') + 1);
            return last.endsWith(":0") ? last.substring(0, last.length() - 2) : last;
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
