package io.lanecell.cli;

import io.lanecell.DType;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import io.lanecell.loader.CommonPrefix;
import io.lanecell.loader.Narrowing;
import io.lanecell.loader.NumpyWriter;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code convert}: a weight file of any format to safetensors or npz. */
@Command(name = "convert", mixinStandardHelpOptions = true, description = "Writes a weight file's tensors as safetensors or NumPy's npz, and says what was renamed, transposed, narrowed or left out.")
final class ConvertCommand implements Callable<Integer> {
    /** What {@code --dtype} may be. */
    enum Target {
        F32(DType.F32), BF16(DType.BF16), F16(DType.F16), INT8(null);

        private final DType dtype;

        Target(DType dtype) {
            this.dtype = dtype;
        }
    }

    @Parameters(index = "0", paramLabel = "IN", description = "A weight file in any format that is read.")
    private Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file to write; its ending, .safetensors or .npz, says how.")
    private Path out;

    @Option(names = "--dtype", paramLabel = "TYPE", description = "f32, bf16 or f16 for all floating-point tensors; as they are without it.")
    private Target dtype;

    @Option(names = "--strip-prefix", paramLabel = "PREFIX", description = "Takes PREFIX off every name that begins with it, for instance module.")
    private String stripPrefix;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        String ending = out.getFileName() == null ? "" : out.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean numpy = ending.endsWith(".npz");
        if (!numpy && !ending.endsWith(".safetensors")) {
            throw new ParameterException(spec.commandLine(),
                    "OUT is " + out + ", expected a name that ends in .safetensors or .npz");
        }
        if (dtype == Target.INT8) {
            throw new ParameterException(spec.commandLine(), "--dtype int8 is not written yet, choose f32, bf16 or f16");
        }
        WeightFile.Content content = read();
        Weights weights = content.weights();
        List<String> report = new ArrayList<>(content.remarks());
        if (stripPrefix != null) {
            long renamed = weights.names().stream().filter(name -> name.startsWith(stripPrefix)).count();
            weights = weights.withoutPrefix(stripPrefix);
            report.add("renamed " + count(renamed) + ": took '" + stripPrefix + "' off");
        }
        if (dtype != null) {
            Narrowing narrowing = Narrowing.of(weights, dtype.dtype);
            weights = narrowing.weights();
            report.addAll(narrowing.report());
        }
        write(weights.tensors(), numpy);
        print(content, weights, report);
        return Main.FINE;
    }

    private WeightFile.Content read() {
        try (TerminalProgress bar = new TerminalProgress("reading")) {
            return WeightFile.open(in, bar);
        }
    }

    private void write(Map<String, Tensor> tensors, boolean numpy) {
        try (TerminalProgress bar = new TerminalProgress("writing")) {
            if (numpy) {
                NumpyWriter.write(out, tensors, bar);
            } else {
                SafetensorsWriter.write(out, tensors, Map.of(), bar);
            }
        }
    }

    private void print(WeightFile.Content content, Weights weights, List<String> report) {
        PrintWriter to = spec.commandLine().getOut();
        to.println(OneLine.of(in + " (" + InspectCommand.inWords(content.format()) + ") to " + out + ": "
                + count(weights.names().size())));
        if (report.isEmpty()) {
            report.add("nothing was renamed, transposed, narrowed or left out");
        }
        CommonPrefix.of(weights).ifPresent(common -> report.add(common.explanation()));
        report.forEach(line -> to.println("  " + OneLine.of(line)));
        to.flush();
    }

    private static String count(long tensors) {
        return tensors + (tensors == 1 ? " tensor" : " tensors");
    }
}
