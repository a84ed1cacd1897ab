"""Writes small Keras files with h5py in the layouts of Keras 3 (.keras) and Keras 2 (.h5), with numbers that say where they stand.

    /usr/bin/python3 make.py        (Debian: python3-h5py)

Element i of every variable is (i % 97) / 64 + the variable's number, so the tests can say where each must end up.
"""

import io
import json
import os
import zipfile

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def values(number, *shape):
    size = int(np.prod(shape, dtype=np.int64))
    return ((np.arange(size) % 97) / 64 + number).astype(np.float32).reshape(shape)


def layer(class_name, name, **config):
    return {"class_name": class_name, "config": {"name": name, **config}}


# class, name, config, Keras 3 part, Keras 2 path below the layer, then variable: (number, shape)
LAYERS = [
    (layer("Embedding", "embedding"), "", "embedding", [("embeddings", 1, (5, 3))]),
    (layer("Bidirectional", "both", layer=layer("LSTM", "lstm"), merge_mode="concat"), "forward_layer/cell",
     "both/forward_lstm/lstm_cell", [("kernel", 2, (3, 8)), ("recurrent_kernel", 3, (2, 8)), ("bias", 4, (8,))]),
    (None, "backward_layer/cell", "both/backward_lstm/lstm_cell",
     [("kernel", 5, (3, 8)), ("recurrent_kernel", 6, (2, 8)), ("bias", 7, (8,))]),
    (layer("LSTM", "second"), "cell", "second/lstm_cell_1",
     [("kernel", 8, (4, 12)), ("recurrent_kernel", 9, (3, 12)), ("bias", 10, (12,))]),
    (layer("GRU", "gru", reset_after=True), "cell", "gru/gru_cell",
     [("kernel", 11, (3, 6)), ("recurrent_kernel", 12, (2, 6)), ("bias", 13, (2, 6))]),
    (layer("LSTM", "third", use_bias=False, recurrent_activation="hard_sigmoid"), "cell", "third/lstm_cell_2",
     [("kernel", 14, (2, 8)), ("recurrent_kernel", 15, (2, 8))]),
    (layer("SimpleRNN", "rnn", activation="relu"), "cell", "rnn/simple_rnn_cell",
     [("kernel", 16, (2, 3)), ("recurrent_kernel", 17, (3, 3)), ("bias", 18, (3,))]),
    (layer("Conv1D", "conv", activation="linear", padding="same"), "", "conv", [("kernel", 19, (2, 3, 4)), ("bias", 20, (4,))]),
    (layer("BatchNormalization", "bn", epsilon=0.001), "", "bn",
     [("gamma", 21, (4,)), ("beta", 22, (4,)), ("moving_mean", 23, (4,)), ("moving_variance", 24, (4,))]),
    (layer("LayerNormalization", "ln", epsilon=1e-5, center=False), "", "ln", [("gamma", 25, (4,))]),
    (layer("Dropout", "dropout"), "", "dropout", []),
    (layer("Conv2D", "image"), "", "image", [("kernel", 26, (1, 1, 1, 1))]),
    (layer("TimeDistributed", "steps", layer=layer("Dense", "inner", activation="relu")), "layer", "steps",
     [("kernel", 27, (4, 3)), ("bias", 28, (3,))]),
    (layer("Dense", "dense", activation="softmax"), "", "dense", [("kernel", 29, (3, 2)), ("bias", 30, (2,))]),
]
NUMBERED = ["embedding", "bidirectional", "bidirectional", "lstm", "gru", "lstm_1", "simple_rnn", "conv1d", "batch_normalization",
            "layer_normalization", "dropout", "conv2d", "time_distributed", "dense"]


def config(layers=None):
    layers = layers or [layer("InputLayer", "input")] + [entry[0] for entry in LAYERS if entry[0]]
    return json.dumps({"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}})


def archive(name, description, write):
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        write(file)
    with zipfile.ZipFile(os.path.join(HERE, name), "w") as zip_file:
        for entry, content in (("metadata.json", b'{"keras_version": "3.9.0"}'), ("config.json", description.encode()),
                               ("model.weights.h5", weights.getvalue())):
            zip_file.writestr(zipfile.ZipInfo(entry, (2026, 1, 1, 0, 0, 0)), content)


def numbered(file):
    for (_, part, _, variables), group in zip(LAYERS, NUMBERED):
        path = "layers/" + group + ("/" + part if part else "") + "/vars"
        file.require_group(path)
        for i, (_, number, shape) in enumerate(variables):
            file[path + "/" + str(i)] = values(number, *shape)


def named(file):
    file.attrs["keras_version"] = "2.15.0"
    file.attrs["backend"] = "tensorflow"
    file.attrs["model_config"] = config()
    for description, _, path, variables in LAYERS:
        top = path.split("/")[0]
        group = file.require_group("model_weights/" + top)
        group.attrs["weight_names"] = np.array([(path + "/" + name + ":0").encode() for name, _, _ in variables])
        for name, number, shape in variables:
            group[path + "/" + name + ":0"] = values(number, *shape)


def nested(file):
    file["layers/functional/layers/dense/vars/0"] = values(1, 2, 3)
    file["layers/dense/vars/0"] = values(2, 3, 1)


def gru_before(file):
    file["layers/gru/cell/vars/0"] = values(1, 3, 6)
    file["layers/gru/cell/vars/1"] = values(2, 2, 6)
    file["layers/gru/cell/vars/2"] = values(3, 6)


archive("layers.keras", config(), numbered)
with h5py.File(os.path.join(HERE, "layers.h5"), "w") as legacy:
    named(legacy)
with h5py.File(os.path.join(HERE, "weights_only.h5"), "w") as bare:
    bare["a"] = values(1, 2)
with h5py.File(os.path.join(HERE, "compressed.h5"), "w") as packed:
    packed.attrs["model_config"] = config()
    packed.create_dataset("model_weights/dense/kernel:0", data=values(1, 8, 8), compression="gzip")
for name, options in (("chunked", {"chunks": (4, 8)}), ("shuffled", {"chunks": (4, 8), "shuffle": True, "compression": "gzip"})):
    with h5py.File(os.path.join(HERE, name + ".h5"), "w") as pieces:
        pieces.attrs["model_config"] = config([layer("Dense", "dense")])
        pieces.create_dataset("model_weights/dense/dense/kernel:0", data=values(1, 8, 8), **options)
with h5py.File(os.path.join(HERE, "compound.h5"), "w") as compound:
    compound.attrs["model_config"] = config([layer("Dense", "dense")])
    compound["model_weights/dense/dense/kernel:0"] = np.zeros((2, 3), np.dtype([("re", "f4"), ("im", "f4")]))
    compound["model_weights/dense/dense/bias:0"] = np.zeros(3, np.float32)
with h5py.File(os.path.join(HERE, "latest.h5"), "w", libver="latest") as latest:
    latest.attrs["model_config"] = config([layer("Dense", "dense")])
    for i in range(12):
        latest["model_weights/other" + str(i) + "/x"] = values(i, 2)
    latest["model_weights/dense/dense/kernel:0"] = values(1, 3, 2)
    latest["model_weights/dense/dense/bias:0"] = values(2, 2)
archive("nested.keras", config([{"class_name": "Functional", "config": {"name": "inside", "layers": [layer("Dense", "dense")]}},
                                layer("Dense", "dense")]), nested)
archive("gru_before.keras", config([layer("GRU", "gru", reset_after=False)]), gru_before)

with h5py.File(os.path.join(HERE, "types.h5"), "w") as types:
    for i, kind in enumerate(("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f4", ">i4")):
        types[kind] = np.arange(3 + i).astype(kind)
    types["text"] = np.array([b"abc"])
    types["empty"] = np.zeros((0, 3), np.float32)
    types["scalar"] = np.float32(7)
    types["f4_again"] = types["f4"]
    types["link"] = h5py.SoftLink("/absent")
    types["kind"] = np.dtype("f4")
    types.attrs["model_config"] = np.float32(1)
    three = h5py.h5t.STD_I32LE.copy()
    three.set_precision(24)
    three.set_size(3)
    h5py.h5d.create(types.id, b"i3", three, h5py.h5s.create_simple((2,)))
for name, shape in (("extent", (2 ** 40,)), ("elements", (2 ** 16, 2 ** 15))):
    with h5py.File(os.path.join(HERE, name + ".h5"), "w") as large:
        large.create_dataset("x", shape, "f4", chunks=(1,) * (len(shape) - 1) + (1024,))
with h5py.File(os.path.join(HERE, "unwritten.h5"), "w") as unwritten:
    unwritten.create_dataset("x", (3,), "f4")
with h5py.File(os.path.join(HERE, "attributes.h5"), "w") as attributes:
    attributes.attrs["model_config"] = np.arange(3)
for levels in (16, 17):
    with h5py.File(os.path.join(HERE, "levels" + str(levels) + ".h5"), "w") as deep:
        deep["g/" * levels + "x"] = np.float32(1)
