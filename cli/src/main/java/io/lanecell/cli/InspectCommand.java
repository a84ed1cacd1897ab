package io.lanecell.cli;

import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.CommonPrefix;
import io.lanecell.loader.WeightFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect}: what is in a weight file. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "Lists a weight file's tensors, and the layers recognised in them with what a step of each costs.", footer = {
        "",
        "The expected time of a step is that of reading the layer's weights at the read bandwidth of this machine,",
        "measured in half a second, and its activations; 'lanecell bench' times real steps."})
final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "A weight file: .pt, .pth or .ckpt of PyTorch, safetensors, .npz, .npy, ONNX, Keras, JSON.")
    private Path file;

    @Option(names = "--json", description = "Prints one JSON object instead of tables.")
    private boolean json;

    @Option(names = "--no-time", description = "Leaves out how long a step will take, which is measured anew each time.")
    private boolean noTime;

    @Option(names = "--strip-prefix", paramLabel = "PREFIX", description = "Takes PREFIX off every name that begins with it, for instance module.")
    private String stripPrefix;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        WeightFile.Content content = read();
        Weights weights = stripPrefix == null ? content.weights() : content.weights().withoutPrefix(stripPrefix);
        List<String> remarks = new ArrayList<>(content.remarks());
        CommonPrefix.of(weights).ifPresent(common -> remarks.add(common.explanation()));
        List<FoundLayer> layers = FoundLayer.findAll(weights);
        PrintWriter out = spec.commandLine().getOut();
        ReadBandwidth bandwidth = noTime ? null : FoundLayer.bandwidth(layers, Arithmetic.of(weights));
        if (json) {
            JsonOutput.print(out, asMap(content.format(), weights, layers, bandwidth, remarks));
        } else {
            print(out, content.format(), weights, layers, bandwidth);
            remarks.forEach(remark -> out.println(OneLine.of(remark)));
        }
        out.flush();
        return Main.FINE;
    }

    private WeightFile.Content read() {
        try (TerminalProgress bar = new TerminalProgress("reading")) {
            return WeightFile.open(file, bar);
        }
    }

    /** A format's name for people. */
    static String inWords(WeightFile.Format format) {
        return format.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void print(PrintWriter out, WeightFile.Format format, Weights weights, List<FoundLayer> layers,
            ReadBandwidth bandwidth) {
        int columns = TerminalWidth.columns(spec);
        out.println(OneLine.of(file.toString()) + " (" + inWords(format) + ")");
        new TensorTable(weights.tensors(), columns).lines().forEach(out::println);
        new LayerTable(layers, Arithmetic.of(weights), bandwidth, columns).lines().forEach(out::println);
        switch (Arithmetic.of(weights)) {
            case FLOAT64 -> out.println("all weights are float64: a model of them is computed in float64");
            case NARROWED -> out.println("some weights are float64: a model of them and others is computed in float32");
            case FLOAT32 -> {
            }
        }
    }

    private Map<String, Object> asMap(WeightFile.Format format, Weights weights, List<FoundLayer> layers,
            ReadBandwidth bandwidth, List<String> remarks) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("file", file.toString());
        all.put("format", format.name());
        all.put("tensors",
                weights.tensors().entrySet().stream().map(tensor -> tensor(tensor.getKey(), tensor.getValue())).toList());
        all.put("layers", layers.stream().map(layer -> layer.asMap(Arithmetic.of(weights), bandwidth)).toList());
        if (bandwidth != null) {
            all.put("readBandwidth", bandwidth.asList());
        }
        all.put("computedIn", Arithmetic.of(weights) == Arithmetic.FLOAT64 ? "F64" : "F32");
        all.put("narrowed", Arithmetic.of(weights) == Arithmetic.NARROWED);
        all.put("remarks", remarks);
        return all;
    }

    private static Map<String, Object> tensor(String name, Tensor tensor) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("dtype", tensor.dtype().name());
        map.put("shape", tensor.shape());
        return map;
    }
}
