package io.lanecell.loader;

import io.lanecell.loader.OnnxGraph.Attribute;
import io.lanecell.loader.OnnxGraph.Node;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An ONNX file's protobuf messages to a graph. Field numbers are those of onnx.proto; what isn't needed is passed over. */
final class OnnxParser {
    private static final int BYTES_PER_OBJECT = 768;
    private static final int BYTES_PER_NUMBER = 64;
    /** Elements may come one by one, each a part that costs a segment and what protobuf makes to read it. */
    private static final int BYTES_PER_PART = 96;

    private final Source source;
    private final ProtoMessage in;

    private OnnxParser(Source source, MemorySegment bytes) {
        this.source = source;
        this.in = new ProtoMessage(source, bytes);
    }

    /** The model's main graph (ModelProto, field 7). */
    static OnnxGraph parse(Source source) {
        return new OnnxParser(source, source.bytes()).model();
    }

    private OnnxGraph model() {
        List<OnnxGraph> graphs = new ArrayList<>();
        while (in.next()) {
            if (in.field() == 7) {
                in.message(() -> graphs.add(graph()));
            } else if (in.field() == 25) {
                source.remark("a function of the model is left out: weights inside functions are not read");
                in.skip();
            } else {
                in.skip();
            }
        }
        if (graphs.size() != 1) {
            throw source.malformed("holds " + graphs.size() + " graphs, an ONNX model has one: export it again");
        }
        return graphs.getFirst();
    }

    private OnnxGraph graph() {
        OnnxGraph graph = new OnnxGraph(new ArrayList<>(), new ArrayList<>());
        while (in.next()) {
            switch (in.field()) {
                case 1 -> in.message(() -> graph.nodes().add(node()));
                case 5 -> in.message(() -> graph.initializers().add(tensor()));
                case 15 -> {
                    source.remark("a sparse initializer is left out: only dense tensors are read");
                    in.skip();
                }
                default -> in.skip();
            }
        }
        return graph;
    }

    private Node node() {
        source.charge(BYTES_PER_OBJECT, "the graph's nodes");
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, Attribute> attributes = new HashMap<>();
        String op = "";
        String domain = "";
        String name = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> inputs.add(in.text());
                case 2 -> outputs.add(in.text());
                case 3 -> name = in.text();
                case 4 -> op = in.text();
                case 5 -> in.message(() -> attribute(attributes));
                case 7 -> domain = in.text();
                default -> in.skip();
            }
        }
        return new Node(op, domain, name, inputs, outputs, attributes);
    }

    private void attribute(Map<String, Attribute> attributes) {
        source.charge(BYTES_PER_OBJECT, "the nodes' attributes");
        String name = "";
        float real = 0;
        long integer = 0;
        String text = "";
        OnnxTensor[] tensor = new OnnxTensor[1];
        List<OnnxGraph> graphs = new ArrayList<>();
        List<Float> reals = new ArrayList<>();
        List<Long> integers = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> real = in.real();
                case 3 -> integer = in.number();
                case 4 -> text = in.text();
                case 5 -> in.message(() -> tensor[0] = tensor());
                case 6, 11 -> in.message(() -> graphs.add(graph()));
                case 7 -> addReals(reals, in.packed());
                case 8 -> in.numbers(value -> add(integers, value));
                case 9 -> texts.add(in.text());
                default -> in.skip();
            }
        }
        attributes.put(name, new Attribute(real, integer, text, tensor[0], graphs, reals, integers, texts));
    }

    private void addReals(List<Float> reals, MemorySegment bytes) {
        if (bytes.byteSize() % 4 != 0) {
            throw source.malformed("an attribute's " + bytes.byteSize() + " bytes of float32 numbers are no multiple of 4");
        }
        for (long at = 0; at < bytes.byteSize(); at += 4) {
            add(reals, bytes.get(TensorLayouts.FLOAT, at));
        }
    }

    private <T> void add(List<T> list, T value) {
        source.charge(BYTES_PER_NUMBER, "a list of numbers");
        list.add(value);
    }

    private OnnxTensor tensor() {
        source.charge(BYTES_PER_OBJECT, "the list of tensors");
        String name = "";
        List<Long> dims = new ArrayList<>();
        long type = 0;
        List<MemorySegment> parts = new ArrayList<>();
        boolean[] raw = new boolean[1];
        Map<String, String> external = new LinkedHashMap<>();
        boolean outside = false;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> in.numbers(value -> add(dims, value));
                case 2 -> type = in.number();
                case 3 -> throw source.unsupported("tensor " + Quote.of(name) + " is stored in segments, which no exporter does");
                case 4, 5, 7, 10, 11 -> addPart(parts, in.packed());
                case 8 -> name = in.text();
                case 9 -> {
                    parts.clear();
                    addPart(parts, in.bytes());
                    raw[0] = true;
                }
                case 13 -> in.message(() -> entry(external));
                case 14 -> outside = in.number() == 1;
                default -> in.skip();
            }
        }
        return new OnnxTensor(name, dims, type, parts, raw[0], outside ? external : Map.of(), outside);
    }

    private void addPart(List<MemorySegment> parts, MemorySegment part) {
        source.charge(BYTES_PER_PART, "a tensor's parts");
        parts.add(part);
    }

    private void entry(Map<String, String> entries) {
        String key = "";
        String value = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.text();
                case 2 -> value = in.text();
                default -> in.skip();
            }
        }
        entries.put(key, value);
    }
}
