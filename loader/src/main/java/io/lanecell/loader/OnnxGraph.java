package io.lanecell.loader;

import java.util.List;
import java.util.Map;

/** What is needed of an ONNX graph: its tensors, and the nodes that use them. */
record OnnxGraph(List<OnnxTensor> initializers, List<Node> nodes) {
    /** An operation; an input or output that is left away has the empty name. */
    record Node(String op, String domain, String name, List<String> inputs, List<String> outputs,
            Map<String, Attribute> attributes) {
        boolean is(String standardOp) {
            return op.equals(standardOp) && (domain.isEmpty() || domain.equals("ai.onnx"));
        }

        String input(int i) {
            return i < inputs.size() ? inputs.get(i) : "";
        }

        /** What to call it: its own name, or that of the first output it has. */
        String title() {
            return !name.isEmpty()
                    ? name
                    : outputs.stream().filter(output -> !output.isEmpty()).findFirst().orElse(op);
        }

        long integer(String attribute, long otherwise) {
            return attributes.containsKey(attribute) ? attributes.get(attribute).integer() : otherwise;
        }

        String text(String attribute, String otherwise) {
            return attributes.containsKey(attribute) ? attributes.get(attribute).text() : otherwise;
        }
    }

    /** A named argument; only the parts of its type are filled. */
    record Attribute(float real, long integer, String text, OnnxTensor tensor, List<OnnxGraph> graphs, List<Float> reals,
            List<Long> integers, List<String> texts) {
    }
}
