package io.lanecell.cli;

import io.lanecell.LayerSpec;
import java.util.List;
import java.util.stream.Stream;

/** What a layer does to the steps of a sequence, as far as that decides the shapes of tensors. */
final class LayerTraits {
    private LayerTraits() {
    }

    /** Whether it computes each row by itself, so that rows may stand in any arrangement. */
    static boolean rowWise(LayerSpec layer) {
        return switch (layer) {
            case LayerSpec.Embedding _,LayerSpec.Linear _,LayerSpec.Activation _,LayerSpec.BatchNorm1d _,LayerSpec.LayerNorm _,LayerSpec.Softmax _,LayerSpec.LogSoftmax _,LayerSpec.Dropout _ ->
                true;
            case LayerSpec.Concat(var branches) -> inside(branches).allMatch(LayerTraits::rowWise);
            case LayerSpec.Add(var branches) -> inside(branches).allMatch(LayerTraits::rowWise);
            case LayerSpec.Recurrent _,LayerSpec.Conv1d _,LayerSpec.MaxPool1d _,LayerSpec.AvgPool1d _,LayerSpec.LastStep _,LayerSpec.FinalHidden _,LayerSpec.MeanOverTime _,LayerSpec.MaxOverTime _,LayerSpec.AttentionOverTime _,LayerSpec.Transpose _,LayerSpec.AttentionDecoder _ ->
                false;
        };
    }

    /** Whether it leaves one row of each sequence. */
    static boolean leavesOneRow(LayerSpec layer) {
        return switch (layer) {
            case LayerSpec.LastStep _,LayerSpec.FinalHidden _,LayerSpec.MeanOverTime _,LayerSpec.MaxOverTime _,LayerSpec.AttentionOverTime _ ->
                true;
            case LayerSpec.Concat(var branches) -> inside(branches).anyMatch(LayerTraits::leavesOneRow);
            case LayerSpec.Add(var branches) -> inside(branches).anyMatch(LayerTraits::leavesOneRow);
            default -> false;
        };
    }

    /** Whether its output has the steps of its input, in the same layout. */
    static boolean keepsSteps(LayerSpec layer) {
        return switch (layer) {
            case LayerSpec.Conv1d _,LayerSpec.MaxPool1d _,LayerSpec.AvgPool1d _,LayerSpec.AttentionDecoder _,LayerSpec.Transpose _ ->
                false;
            case LayerSpec.Concat(var branches) -> inside(branches).allMatch(LayerTraits::keepsSteps);
            case LayerSpec.Add(var branches) -> inside(branches).allMatch(LayerTraits::keepsSteps);
            default -> !leavesOneRow(layer);
        };
    }

    /** Whether it is a recurrent layer or has one in a branch. */
    static boolean recurrent(LayerSpec layer) {
        return switch (layer) {
            case LayerSpec.Recurrent _ -> true;
            case LayerSpec.Concat(var branches) -> inside(branches).anyMatch(LayerTraits::recurrent);
            case LayerSpec.Add(var branches) -> inside(branches).anyMatch(LayerTraits::recurrent);
            default -> false;
        };
    }

    /** What its tensors' names are, or begin with before a dot. */
    static Stream<String> tensorNames(LayerSpec layer) {
        return switch (layer) {
            case LayerSpec.Recurrent recurrent -> Stream.of(recurrent.weights());
            case LayerSpec.Embedding embedding -> Stream.of(embedding.weights());
            case LayerSpec.Linear linear -> Stream.of(linear.weights());
            case LayerSpec.Conv1d conv -> Stream.of(conv.weights());
            case LayerSpec.BatchNorm1d norm -> Stream.of(norm.weights());
            case LayerSpec.LayerNorm norm -> Stream.of(norm.weights());
            case LayerSpec.AttentionOverTime attention -> Stream.of(attention.weights());
            case LayerSpec.AttentionDecoder decoder ->
                Stream.concat(Stream.of(decoder.embedding(), decoder.cell()),
                        decoder.head().stream().flatMap(LayerTraits::tensorNames));
            case LayerSpec.Concat(var branches) -> inside(branches).flatMap(LayerTraits::tensorNames);
            case LayerSpec.Add(var branches) -> inside(branches).flatMap(LayerTraits::tensorNames);
            case LayerSpec.MaxPool1d _,LayerSpec.AvgPool1d _,LayerSpec.Activation _,LayerSpec.Softmax _,LayerSpec.LogSoftmax _,LayerSpec.Dropout _,LayerSpec.LastStep _,LayerSpec.FinalHidden _,LayerSpec.MeanOverTime _,LayerSpec.MaxOverTime _,LayerSpec.Transpose _ ->
                Stream.empty();
        };
    }

    private static Stream<LayerSpec> inside(List<List<LayerSpec>> branches) {
        return branches.stream().flatMap(List::stream);
    }
}
