package io.lanecell.loader;

import static io.lanecell.loader.ProtoWriter.graph;
import static io.lanecell.loader.ProtoWriter.model;
import static io.lanecell.loader.ProtoWriter.node;
import static io.lanecell.loader.ProtoWriter.tensor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** ONNX, Keras' two formats and weights in JSON. */
final class ForeignFuzz {
    private static final List<String> JSON = List.of(
            "{\"layers\":[{\"type\":\"gru\",\"activation\":\"tanh\",\"shape\":[null,2],\"weights\":[[[1,2,3,4,5,6],[7,8,9,10,11,12]],"
                    + "[[0,0,0,0,0,0],[1,1,1,1,1,1]],[[1,2,3,4,5,6],[6,5,4,3,2,1]]]},{\"type\":\"dense\",\"activation\":\"relu\","
                    + "\"shape\":[null,null,1],\"weights\":[[[1],[2]],[3]]},{\"type\":\"activation\",\"activation\":\"elu\"}]}",
            "{\"layers\":[{\"type\":\"lstm\",\"shape\":[null,null,1],\"weights\":[[[1,2,3,4]],[[1,2,3,4]],[1,2,3,4]]},{\"type\":"
                    + "\"conv1d\",\"weights\":[[[[1,2]],[[3,4]]],[0,0]],\"shape\":[null,2]}]}",
            "{\"version\":\"0.5.2\",\"architecture\":\"LSTM\",\"config\":{\"input_size\":1,\"hidden_size\":1,\"num_layers\":1},"
                    + "\"weights\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}",
            "{\"state_dict\":{\"w\":[[1,2],[3,4]],\"b\":[0.5],\"n\":3,\"t\":[[1],[2,3]]}}", "{\"w\":[1e400,-1e-400,0]}");
    private static final List<String> JSON_WORDS = List.of("layers", "weights", "type", "shape", "activation", "lstm", "gru",
            "dense", "conv1d", "time-distributed-dense", "architecture", "LSTM", "config", "hidden_size", "state_dict", "\u0000",
            "é");
    private static final List<String> KERAS_WORDS = List.of("layers", "config", "class_name", "name", "LSTM", "GRU", "SimpleRNN",
            "Bidirectional", "TimeDistributed", "Dense", "Embedding", "Conv1D", "BatchNormalization", "LayerNormalization",
            "layer",
            "use_bias", "activation", "recurrent_activation", "reset_after", "dense", "lstm", "", "a\nb", "backward_layer");

    private ForeignFuzz() {
    }

    static FuzzTarget onnx() {
        TensorFileFuzz.write("data.bin", new byte[64]);
        List<byte[]> files = new ArrayList<>(List.of(
                model(graph(5, tensor("W", 0, 1, 4, 1), 5, tensor("R", 10, 1, 4, 1), 5, tensor("B", 20, 1, 8), 5,
                        tensor("P", 30, 1, 3), 1, node("LSTM", "n", "X,W,R,B,,,,P", "Y"))),
                model(graph(5, tensor("w", 0, 2, 3), 1, node("MatMul", "m", "x,w", "y")))));
        files.addAll(FuzzSeeds.golden("model/gru_tagger", name -> name.endsWith(".onnx")));
        return new FuzzTarget("onnx", 20, 4096, FuzzSeeds::read,
                List.of(OnnxProgram::of, Repeated::onnx, choices -> Damage.of(files, choices),
                        choices -> ProtoWriter.message().number(1, 8).text(2, "x").bytes(7, choices.rest()).toBytes()),
                files);
    }

    static FuzzTarget keras() {
        List<JsonNode> configs = List.of("layers.keras", "nested.keras").stream().map(ForeignFuzz::config).toList();
        byte[] weights = part(FuzzSeeds.keras("nested.keras"), KerasReader.WEIGHTS);
        byte[] config = part(FuzzSeeds.keras("nested.keras"), KerasReader.CONFIG);
        List<byte[]> files = List.of(FuzzSeeds.keras("nested.keras"), FuzzSeeds.keras("gru_before.keras"),
                keras(config, weights), FuzzSeeds.keras("layers.keras"));
        byte[] all = part(FuzzSeeds.keras("layers.keras"), KerasReader.WEIGHTS);
        return new FuzzTarget("keras", 3, 1 << 16, FuzzSeeds::read,
                List.of(choices -> keras(JsonDamage.of(configs, KERAS_WORDS, choices).toString().getBytes(StandardCharsets.UTF_8),
                        all), choices -> keras(choices.rest(), weights),
                        choices -> keras(config, Checksums.ofHdf5(Damage.of(List.of(weights), choices))),
                        choices -> Checksums.ofZip(Damage.of(files, choices)),
                        choices -> keras(Repeated.json(choices), weights)),
                files);
    }

    private static byte[] part(byte[] archive, String name) {
        return ZipDirectory.read(FuzzSeeds.source(archive)).content(name).inMemory()
                .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static JsonNode config(String name) {
        return JsonFile.parse(new String(part(FuzzSeeds.keras(name), KerasReader.CONFIG), StandardCharsets.UTF_8));
    }

    private static byte[] keras(byte[] config, byte[] weights) {
        return new TorchZip("").with(KerasReader.CONFIG, config).with(KerasReader.WEIGHTS, weights).bytes();
    }

    static FuzzTarget hdf5() {
        List<byte[]> files = List.of("latest.h5", "compressed.h5", "weights_only.h5", "layers.h5").stream().map(FuzzSeeds::keras)
                .toList();
        return new FuzzTarget("hdf5", 3, 1 << 16, FuzzSeeds::read,
                List.of(choices -> Checksums.ofHdf5(Damage.of(files, choices)), choices -> Checksums.ofHdf5(choices.rest())),
                files);
    }

    static FuzzTarget json() {
        List<JsonNode> trees = JSON.stream().map(JsonFile::parse).toList();
        return new FuzzTarget("json", 20, 4096, FuzzSeeds::read,
                List.of(choices -> JsonDamage.of(trees, JSON_WORDS, choices).toString().getBytes(StandardCharsets.UTF_8),
                        Repeated::json),
                JSON.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
    }
}
