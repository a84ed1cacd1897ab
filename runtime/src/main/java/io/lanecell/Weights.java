package io.lanecell;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors, immutable, under the names that the framework gave them ({@code lstm.weight_ih_l0} …). Thread-safe.
 */
public final class Weights {
    private final Map<String, Tensor> tensors;
    private final String prefix;
    /** Full names of tensors that were left out on purpose. */
    private final Set<String> ignored;

    private Weights(Map<String, Tensor> tensors, String prefix, Set<String> ignored) {
        this.tensors = tensors;
        this.prefix = prefix;
        this.ignored = ignored;
    }

    /** Weights holding these tensors, in this order. */
    public static Weights of(Map<String, Tensor> tensors) {
        return new Weights(Collections.unmodifiableMap(new LinkedHashMap<>(tensors)), "", Set.of());
    }

    /**
     * The tensors whose names begin with {@code prefix + "."}, without that beginning: {@code under("lstm")} holds
     * {@code weight_ih_l0} where these weights hold {@code lstm.weight_ih_l0}. An empty prefix gives these weights.
     */
    public Weights under(String prefix) {
        if (prefix.isEmpty()) {
            return this;
        }
        Map<String, Tensor> inside = new LinkedHashMap<>();
        String start = prefix + ".";
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            if (entry.getKey().startsWith(start)) {
                inside.put(entry.getKey().substring(start.length()), entry.getValue());
            }
        }
        return new Weights(Collections.unmodifiableMap(inside), this.prefix + start, ignored);
    }

    /** These weights but for the tensors of these names. */
    Weights without(Set<String> names) {
        Map<String, Tensor> rest = new LinkedHashMap<>(tensors);
        rest.keySet().removeAll(names);
        return new Weights(Collections.unmodifiableMap(rest), prefix, names);
    }

    /** The names, in the file's order. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The tensors by name, in the file's order, unmodifiable. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * The tensor of that name.
     *
     * @throws InvalidModelException if there is none; the message lists what there is
     */
    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null && ignored.contains(fullName(name))) {
            throw new InvalidModelException(
                    "tensor '" + fullName(name) + "' is named under \"ignore\" although the layer needs it:"
                            + " take it off that list");
        }
        if (tensor == null) {
            throw new InvalidModelException(
                    "tensor '" + fullName(name) + "' is missing, the weights hold " + summary() + behindPrefix(name));
        }
        return tensor;
    }

    /** Where a missing tensor stands behind a prefix, as wrappers and checkpoints put before every name: says so. */
    private String behindPrefix(String name) {
        for (String other : tensors.keySet()) {
            if (other.endsWith("." + name) && prefix.isEmpty()) {
                String before = other.substring(0, other.length() - name.length());
                return "; it is there behind the prefix '" + before + "': take that off with withoutPrefix(\"" + before
                        + "\") or convert --strip-prefix " + before;
            }
        }
        return "";
    }

    /**
     * These weights under shorter names: every tensor whose name begins with {@code start} loses that beginning, the others
     * keep theirs. Unlike {@link #under}, the start is taken letter by letter ({@code module.} has its dot) and nothing is
     * left out.
     *
     * @throws InvalidModelException if no name begins so, or a shorter name is taken already
     */
    public Weights withoutPrefix(String start) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        boolean found = false;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            boolean begins = entry.getKey().startsWith(start);
            found |= begins;
            String name = begins ? entry.getKey().substring(start.length()) : entry.getKey();
            if (renamed.put(name, entry.getValue()) != null) {
                throw new InvalidModelException("without the prefix '" + start + "' two tensors would be named '" + name
                        + "', take off another prefix");
            }
        }
        if (!found) {
            throw new InvalidModelException("no tensor's name begins with '" + start + "', the weights hold " + summary());
        }
        return new Weights(Collections.unmodifiableMap(renamed), prefix, ignored);
    }

    /** The name as the file has it, with the prefix that {@link #under} took away. */
    public String fullName(String name) {
        return prefix + name;
    }

    /** A few of the names, for messages. */
    String summary() {
        if (tensors.isEmpty()) {
            return prefix.isEmpty() ? "no tensors" : "nothing under '" + prefix.substring(0, prefix.length() - 1) + "'";
        }
        StringBuilder text = new StringBuilder();
        int shown = 0;
        for (String name : tensors.keySet()) {
            if (shown++ == 6) {
                return text + " and " + (tensors.size() - 6) + " more";
            }
            text.append(shown > 1 ? ", " : "").append(fullName(name));
        }
        return text.toString();
    }
}
