package io.lanecell.loader;

import io.lanecell.KernelChoice;
import io.lanecell.Tensor;
import io.lanecell.Weights;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** model.json and config.json over fixed weights: whatever they describe is a model or a typed error. */
final class ModelJsonFuzz {
    private static final List<String> LAYERS = List.of(
            "{'type':'embedding','weights':'embedding'},{'type':'lstm','weights':'lstm','batch_first':true},{'type':'last_step'},"
                    + "{'type':'linear','weights':'fc','in_features':5},{'type':'softmax'}",
            "{'type':'concat','branches':[[{'type':'gru','weights':'gru','num_layers':1}],[{'type':'rnn','weights':'rnn',"
                    + "'nonlinearity':'relu'}],[]]},{'type':'leaky_relu','negative_slope':0.5}",
            "{'type':'conv1d','weights':'conv','padding':'same','dilation':2},{'type':'batch_norm1d','weights':'batch'},"
                    + "{'type':'max_pool1d','kernel_size':3},{'type':'transpose'},{'type':'max_over_time'}",
            "{'type':'lstm','weights':'lstm','batch_first':true},{'type':'attention_decoder','embedding':'embedding','cell':'cell',"
                    + "'start':1,'steps':7,'head':[{'type':'linear','weights':'fc'}]}",
            "{'type':'add','branches':[[{'type':'layer_norm','weights':'norm','eps':1e-3}],[]]},{'type':'dropout','p':0.5},"
                    + "{'type':'avg_pool1d','kernel_size':2},{'type':'attention_over_time','weights':'w'}");
    private static final List<String> WORDS = List.of("type", "weights", "layers", "branches", "head", "vocabulary", "labels",
            "ignore", "kind", "tokens", "words", "unknown", "lstm", "gru", "rnn", "fc", "conv", "batch", "norm", "w", "embedding",
            "cell", "batch_first", "hidden_size", "stride", "padding", "kernel_size", "dilation", "groups", "steps", "cell_clip",
            "gate_activation", "relu", "hard_tanh", "gelu", "module", "args", "torch.nn.LSTM", "torch.nn.functional.gelu", "",
            "lanecell-model/1", "\n");

    private ModelJsonFuzz() {
    }

    static FuzzTarget target() {
        List<String> files = Stream.concat(LAYERS.stream().map(layers -> "{'format':'lanecell-model/1','layers':[" + layers
                + "],'vocabulary':{'kind':'characters','tokens':['a','b','c','d','e','f','g','h','i']},'labels':['x','y','z','u'],"
                + "'ignore':['w']}"),
                Stream.of("{'module':'torch.nn.LSTM','args':{'input_size':3,'hidden_size':5,'batch_first':true}}",
                        "{'module':'torch.nn.functional.gelu','args':{'approximate':'tanh'}}"))
                .map(json -> json.replace('\'', '"')).toList();
        List<JsonNode> trees = files.stream().map(JsonFile::parse).toList();
        Weights weights = weights();
        return new FuzzTarget("model-json", 16, 4096, file -> {
            JsonNode json = JsonFile.parse(FuzzSeeds.beside("model.json"), file);
            ModelFile.bind(ModelFile.describe(FuzzSeeds.beside("model.json"), json), weights).model(KernelChoice.SCALAR);
            return weights;
        }, List.of(choices -> JsonDamage.of(trees, WORDS, choices).toString().getBytes(StandardCharsets.UTF_8), Repeated::json),
                files.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
    }

    private static Weights weights() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        recurrent(tensors, "lstm", 4, "_l0", 2);
        recurrent(tensors, "gru", 3, "_l0", 2);
        recurrent(tensors, "rnn", 1, "_l0", 2);
        recurrent(tensors, "cell", 4, "", 2);
        put(tensors, "conv.weight", 6, 2, 4);
        put(tensors, "conv.bias", 6);
        put(tensors, "norm.weight", 6);
        put(tensors, "norm.bias", 6);
        put(tensors, "batch.running_mean", 6);
        put(tensors, "batch.running_var", 6);
        put(tensors, "embedding.weight", 9, 2);
        put(tensors, "fc.weight", 4, 5);
        put(tensors, "w", 5);
        put(tensors, "weight_ih_l0", 20, 3);
        put(tensors, "weight_hh_l0", 20, 5);
        return Weights.of(tensors);
    }

    private static void recurrent(Map<String, Tensor> tensors, String prefix, int gates, String suffix, int inputs) {
        put(tensors, prefix + ".weight_ih" + suffix, gates * 5, inputs);
        put(tensors, prefix + ".weight_hh" + suffix, gates * 5, 5);
    }

    private static void put(Map<String, Tensor> tensors, String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        tensors.put(name, Tensor.of(new float[size], shape));
    }
}
