package io.lanecell.cli;

import io.lanecell.KernelUnavailableException;
import io.lanecell.LanecellException;
import io.lanecell.Tensor;
import io.lanecell.loader.CaseDirectory;
import io.lanecell.loader.JsonFile;
import io.lanecell.loader.ModelFile;
import io.lanecell.loader.WeightFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code verify}: proves on PyTorch's own outputs that a model is computed right. */
@Command(name = "verify", mixinStandardHelpOptions = true, description = "Runs cases and compares every output with what PyTorch gave.", footer = {
        "", "A case directory holds weight files, a config.json or model.json that says what they mean, and io.safetensors",
        "with inputs and PyTorch's outputs X and X_f64. Ends with exit code 1 if a case fails."})
final class VerifyCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Case directories.")
    private List<Path> directories;

    @Option(names = "--model", paramLabel = "model.json", description = "Describes the cases, in place of their own model.json or config.json.")
    private Path model;

    @Option(names = "--json", description = "Prints one JSON array instead of lines.")
    private boolean json;

    @Mixin
    private KernelsOption kernels;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (model != null) {
            ModelSource.padding(Optional.of(model)); // a description that can't be read is no case's fault
        }
        List<CaseDirectory> cases = directories.stream().map(VerifyCommand::open).toList();
        PrintWriter out = spec.commandLine().getOut();
        List<CaseReport> reports = new ArrayList<>();
        try (TerminalProgress bar = new TerminalProgress("verifying")) {
            for (CaseDirectory directory : cases) {
                if (cases.size() > 1) {
                    bar.at(reports.size(), cases.size());
                }
                CaseReport report = verify(directory);
                reports.add(report);
                if (!json) {
                    bar.hide();
                    out.println(report.line());
                    out.flush();
                }
            }
        }
        long ok = reports.stream().filter(CaseReport::ok).count();
        if (json) {
            JsonOutput.print(out, reports.stream().map(CaseReport::asMap).toList());
        } else {
            out.println(ok + " ok, " + (reports.size() - ok) + " failed");
            out.flush();
        }
        return ok == reports.size() ? Main.FINE : Main.CHECK_FAILED;
    }

    /** Refuses what is no case directory before any case is run. */
    private static CaseDirectory open(Path path) {
        CaseDirectory directory = CaseDirectory.open(path);
        WeightFile.detect(path.resolve("io.safetensors"));
        return directory;
    }

    private CaseReport verify(CaseDirectory directory) {
        String name = directory.path().toString();
        List<String> skipped = List.of();
        try {
            CaseWeights weights = CaseWeights.readAll(directory);
            skipped = weights.skipped();
            Optional<Path> description = Optional.ofNullable(model).or(directory::modelJson).or(directory::configJson);
            ModelFile file = open(directory, description, weights);
            Map<String, Tensor> tensors = directory.io().tensors();
            BoundCase bound = BoundCase.of(file.spec(), file.weights(), tensors, kernels.choice());
            CaseVerifier verifier = new CaseVerifier(bound.chain(), bound.tensors(), ModelSource.padding(description));
            List<String> notes = notes(file, bound, verifier);
            if (model == null) {
                description.flatMap(own -> absentWeights(own, directory)).ifPresent(notes::add);
            }
            return new CaseReport(name, verifier.checks(), skipped, notes, "");
        } catch (KernelUnavailableException e) {
            throw e; // not the case's fault
        } catch (LanecellException e) {
            return CaseReport.failed(name, skipped, e.getMessage());
        }
    }

    private static ModelFile open(CaseDirectory directory, Optional<Path> description, CaseWeights weights) {
        if (weights.file().isEmpty()) { // layers without weights, or weights that lie elsewhere
            return ModelFile.open(description.orElse(directory.path()));
        }
        return description.isPresent()
                ? ModelFile.open(description.get(), weights.file().get())
                : ModelFile.open(weights.file().get());
    }

    /** All weight files there are were verified; a description that names another would fail where it is run. */
    private static Optional<String> absentWeights(Path description, CaseDirectory directory) {
        JsonNode named = JsonFile.read(description).path("weights");
        boolean absent = named.isString() && directory.weightFiles().keySet().stream()
                .noneMatch(file -> file.getFileName().toString().equals(named.stringValue()));
        return absent
                ? Optional.of(description.getFileName() + " names weights " + named + ", and there is no such file beside it")
                : Optional.empty();
    }

    private static List<String> notes(ModelFile file, BoundCase bound, CaseVerifier verifier) {
        List<String> notes = new ArrayList<>(file.assumptions());
        if (bound.chain().arithmetic() == Arithmetic.NARROWED) {
            notes.add("float64 weights among others, computed in float32");
        }
        if (!verifier.unknown().isEmpty()) {
            notes.add("unknown tensors not compared: " + String.join(", ", verifier.unknown()));
        }
        return notes;
    }
}
