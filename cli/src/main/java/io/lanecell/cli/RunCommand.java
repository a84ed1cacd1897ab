package io.lanecell.cli;

import io.lanecell.InvalidInputException;
import io.lanecell.InvalidModelException;
import io.lanecell.Tensor;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.SafetensorsWriter;
import io.lanecell.loader.WeightFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}: a model over the tensors in one file, its outputs into another. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Runs a model on the tensors of a file and writes its outputs to another.", footer = {
        "", "The input file holds 'input' or 'tokens', and if wanted 'h0', 'c0', 'lengths', in PyTorch's layouts.",
        "The output file will hold 'output', 'h_n' where the model is recurrent, 'c_n' where it has an LSTM, in float32, or in float64 where all weights are."})
final class RunCommand implements Callable<Integer> {
    private static final List<String> OUTPUTS = List.of("output", "h_n", "c_n");

    @Parameters(paramLabel = "MODEL", description = "A case directory, a model.json or a weight file.")
    private Path modelPath;

    @Option(names = "--input", required = true, paramLabel = "IN.safetensors", description = "The inputs.")
    private Path input;

    @Option(names = "--output", required = true, paramLabel = "OUT.safetensors", description = "Where the outputs go; written whole or not at all.")
    private Path output;

    @Mixin
    private KernelsOption kernels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        ModelFile file;
        Map<String, Tensor> tensors;
        try (TerminalProgress bar = new TerminalProgress("reading")) {
            file = ModelFile.open(modelPath, bar);
            tensors = WeightFile.open(input, bar).weights().tensors();
        }
        Map<String, Tensor> results = results(file, tensors, ModelSource.padding(modelPath));
        try (TerminalProgress bar = new TerminalProgress("writing")) {
            SafetensorsWriter.write(output, results, Map.of(), bar);
        }
        file.assumptions().forEach(spec.commandLine().getErr()::println);
        return Main.FINE;
    }

    /** What the model gives for the inputs; whichever is at fault is named by its file. */
    private Map<String, Tensor> results(ModelFile file, Map<String, Tensor> tensors, Padding padding) {
        try (TerminalProgress bar = new TerminalProgress("running")) {
            BoundCase bound = BoundCase.of(file.spec(), file.weights(), tensors, kernels.choice());
            CaseInputs inputs = new CaseInputs(bound.chain(), bound.tensors(), padding);
            CaseRunner runner = new CaseRunner(new RuntimeEngine(bound.chain(), bar), bound.chain(), inputs);
            Map<String, Tensor> results = new LinkedHashMap<>();
            for (String name : OUTPUTS) {
                runner.produce(name, new int[0])
                        .ifPresent(values -> results.put(name, values.toTensor(bound.chain().model().dtype())));
            }
            return results;
        } catch (InvalidModelException e) {
            throw new InvalidModelException(modelPath + ": " + e.getMessage());
        } catch (InvalidInputException e) {
            throw new InvalidInputException(input + ": " + e.getMessage());
        }
    }
}
