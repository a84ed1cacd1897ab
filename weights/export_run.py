"""Computes a chain as model.json describes it, with PyTorch, from the layer objects and the tensors alone: what the exporter compares
with the module's own forward is what it then writes."""
import functools
import math
from typing import NamedTuple, Optional

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from export_files import ExportError
from export_layers import RECURRENT, batch_first_of, every, input_axes

FUNCTIONS = {
    "relu": F.relu, "relu6": F.relu6, "leaky_relu": F.leaky_relu, "elu": F.elu, "gelu": F.gelu,
    "gelu_tanh": functools.partial(F.gelu, approximate="tanh"), "silu": F.silu, "hard_swish": F.hardswish, "tanh": torch.tanh,
    "hard_tanh": F.hardtanh, "sigmoid": torch.sigmoid, "hard_sigmoid": F.hardsigmoid,
    "hard_sigmoid_keras2": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1), "softplus": F.softplus, "softsign": F.softsign,
    "identity": lambda x: x, "dropout": lambda x: x,
    "softmax": functools.partial(torch.softmax, dim=-1), "log_softmax": functools.partial(torch.log_softmax, dim=-1),
}
PARAMETERS = ("negative_slope", "alpha", "beta")


class Flow(NamedTuple):
    """What goes from layer to layer: x is (N, T, F), or (N, F) once one row of a sequence is left."""
    x: torch.Tensor
    lengths: Optional[torch.Tensor] = None      # of each sequence, where they differ
    state: tuple = ()                           # h_n and, of an LSTM, c_n of the recurrent layer just before
    before: Optional[dict] = None               # that layer


class Result(NamedTuple):
    """A chain's outputs by the names of io.safetensors, and the output's lengths where it has steps."""
    tensors: dict
    lengths: Optional[torch.Tensor]


def run_chain(layers, weights, inputs, lengths=None, state=None):
    """Runs the chain. With one recurrent layer, not in a branch, layer_output, layer_h_n and layer_c_n are its own.

    With lengths, padding is not read; the output keeps a row for each step, and a recurrent layer's, convolution's or pool's output
    is 0 in the padding.
    """
    batch_first = batch_first_of(layers)
    axes = input_axes(layers, inputs)
    x = inputs if lengths is None else without_padding(inputs, lengths, axes)
    if axes in ("TN", "TNF"):
        x = x.transpose(0, 1)
    recorded = []
    flow = run_layers(layers, weights, Flow(x, lengths), state, recorded)

    def laid_out(y):
        return y if batch_first or y.dim() < 3 else y.transpose(0, 1)
    tensors = {"output": laid_out(flow.x)}
    types = [layer["type"] for layer in layers]         # not those in branches: a branch's output is no one's output
    if len(recorded) == 1 and any(t in RECURRENT for t in types) and "attention_decoder" not in types:
        output, own_state = recorded[0]
        tensors.update(zip(("layer_output", "layer_h_n", "layer_c_n"), (laid_out(output), *own_state)))
    return Result(tensors, flow.lengths)


def run_layers(layers, weights, flow, state=None, recorded=None, place="layers"):
    recorded = [] if recorded is None else recorded
    for i, layer in enumerate(layers):
        where = f"{place}[{i}] {layer['type']!r}"
        try:
            if "branches" in layer:
                results = [run_layers(branch, weights, flow, state, recorded, f"{where} branches[{b}]")
                           for b, branch in enumerate(layer["branches"])]
                flow = joined(layer, results, where)
            elif layer["type"] in RECURRENT:
                flow = run_recurrent(layer, weights, flow, state)
                recorded.append((flow.x, flow.state))
            else:
                flow = run_layer(layer, weights, flow)
        except ExportError:
            raise
        except (RuntimeError, IndexError, KeyError, ValueError) as e:         # PyTorch's own word on shapes that do not fit
            raise ExportError(f"{where} cannot take what comes before it, {list(flow.x.shape)}: {' '.join(str(e).split())}") from e
    return flow


def joined(layer, results, where):
    shapes = [list(result.x.shape) for result in results]
    if any(shape[:-1] != shapes[0][:-1] or layer["type"] == "add" and shape != shapes[0] for shape in shapes):
        raise ExportError(f"{where}: the branches give {' and '.join(map(str, shapes))}, which do not fit each other")
    if layer["type"] == "concat":
        return Flow(torch.cat([result.x for result in results], dim=-1), results[0].lengths)
    return Flow(functools.reduce(torch.add, [result.x for result in results]), results[0].lengths)


def run_layer(layer, weights, flow):
    kind, x, lengths = layer["type"], flow.x, flow.lengths
    own = under(weights, layer["weights"]) if "weights" in layer else {}
    if kind in FUNCTIONS:
        parameters = {key: layer[key] for key in PARAMETERS if key in layer}
        return flow._replace(x=FUNCTIONS[kind](x, **parameters))
    if kind == "embedding":
        return Flow(F.embedding(x, own["weight"]), lengths)
    if kind == "linear":
        return Flow(F.linear(x, own["weight"], own.get("bias")), lengths)
    if kind == "layer_norm":
        return Flow(F.layer_norm(x, x.shape[-1:], own.get("weight"), own.get("bias"), layer.get("eps", 1e-5)), lengths)
    if kind == "batch_norm1d":
        rows = F.batch_norm(x.reshape(-1, x.shape[-1]), own["running_mean"], own["running_var"], own.get("weight"), own.get("bias"),
                            eps=layer.get("eps", 1e-5))
        return Flow(rows.view(x.shape), lengths)
    if kind in ("conv1d", "max_pool1d", "avg_pool1d"):
        return run_windows(layer, own, x, lengths)
    if kind == "transpose":
        return Flow(x.transpose(1, 2), lengths)
    if kind == "final_hidden":
        h_n = flow.state[0]
        last = [h_n[-2], h_n[-1]] if is_bidirectional(flow.before, weights) else [h_n[-1]]
        return Flow(torch.cat(last, dim=-1))
    if kind == "attention_decoder":
        return Flow(run_decoder(layer, weights, flow))
    sequences = [x] if lengths is None else [x[n:n + 1, :length] for n, length in enumerate(lengths.tolist())]
    return Flow(torch.cat([over_time(layer, weights, sequence) for sequence in sequences]))


def under(weights, prefix):
    """The tensors of one layer by their names behind its prefix."""
    dot = prefix + "." if prefix else ""
    return {name[len(dot):]: tensor for name, tensor in weights.items() if name.startswith(dot)}


def over_time(layer, weights, x):
    """(N, T, F) to (N, F)."""
    kind = layer["type"]
    if kind == "last_step":
        return x[:, -1]
    if kind == "mean_over_time":
        return x.mean(dim=1)
    if kind == "max_over_time":
        return x.max(dim=1).values
    name = layer["weights"]
    w = weights[name if name in weights else f"{name}.weight"].flatten()
    a = torch.softmax(torch.tanh(x) @ w, dim=1)
    return torch.sum(x * a.unsqueeze(-1), dim=1)


# ---------------------------------------------------------------- convolutions and pools

def run_windows(layer, own, x, lengths):
    """A convolution or a pool along the steps; with lengths, each sequence as if alone, then zeros."""
    if lengths is None:
        return Flow(windows(layer, own, x))
    results = [windows(layer, own, x[n:n + 1, :length])[0] for n, length in enumerate(lengths.tolist())]
    return Flow(nn.utils.rnn.pad_sequence(padded_to(results, windows(layer, own, x).shape[1]), batch_first=True),
                torch.tensor([len(result) for result in results]))


def padded_to(results, steps):
    """The first result lengthened with zeros, so that all steps of the padded batch are kept."""
    return [F.pad(results[0], (0, 0, 0, steps - len(results[0]))), *results[1:]]


def windows(layer, own, x):
    y = x.transpose(1, 2)
    if layer["type"] == "max_pool1d":
        y = F.max_pool1d(y, layer["kernel_size"], layer.get("stride"), layer.get("padding", 0))
    elif layer["type"] == "avg_pool1d":
        y = F.avg_pool1d(y, layer["kernel_size"], layer.get("stride"), layer.get("padding", 0),
                         count_include_pad=layer.get("count_include_pad", True))
    else:
        dilation, kernel = layer.get("dilation", 1), own["weight"].shape[-1]
        y = F.conv1d(F.pad(y, both_paddings(layer.get("padding", 0), dilation * (kernel - 1))), own["weight"], own.get("bias"),
                     layer.get("stride", 1), 0, dilation, layer.get("groups", 1))
    return y.transpose(1, 2)


def both_paddings(padding, reach):
    """[left, right] of model.json's padding; `reach` is dilation · (kernel_size − 1)."""
    if padding == "same":
        return reach // 2, reach - reach // 2
    if padding == "causal":
        return reach, 0
    return tuple(padding) if isinstance(padding, (list, tuple)) else (padding, padding)


# ---------------------------------------------------------------- recurrent layers

def run_recurrent(layer, weights, flow, state):
    own = under(weights, layer["weights"])
    if layer["type"] == "lstm" and has_options(layer, own):
        return run_lstm_with_options(layer, own, flow, state)
    net = recurrent_from(layer, own)
    given = None if state is None else tuple(state) if layer["type"] == "lstm" else state[0]
    if flow.lengths is None:
        output, state = net(flow.x, given)
    else:
        output, state = net(pack_padded_sequence(flow.x, flow.lengths, True, enforce_sorted=False), given)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=flow.x.shape[1])
    return Flow(output, flow.lengths, state if isinstance(state, tuple) else (state,), layer)


def recurrent_from(layer, own):
    """The torch.nn module of these tensors; a cell is one layer of one."""
    own = {name + "_l0" if name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") else name: tensor for name, tensor in own.items()}
    rows = {"lstm": 4, "gru": 3, "rnn": 1}[layer["type"]]
    options = {"proj_size": own["weight_hr_l0"].shape[0]} if "weight_hr_l0" in own else {}
    if layer["type"] == "rnn":
        options["nonlinearity"] = layer.get("nonlinearity", "tanh")
    net = RECURRENT[layer["type"]][0](
        own["weight_ih_l0"].shape[1], own["weight_ih_l0"].shape[0] // rows,
        sum(name.startswith("weight_ih_l") and not name.endswith("_reverse") for name in own), bias="bias_ih_l0" in own,
        batch_first=True, bidirectional="weight_ih_l0_reverse" in own, **options)
    net.to(own["weight_ih_l0"].dtype).load_state_dict(own)
    return net.eval()


def is_bidirectional(layer, weights):
    return "weight_ih_l0_reverse" in under(weights, layer["weights"])


def has_options(layer, own):
    """Whether a layer is more than torch.nn.LSTM."""
    plain = {"gate_activation": "sigmoid", "cell_activation": "tanh", "output_activation": "tanh", "coupled": False, "cell_clip": 0}
    return any(layer.get(key, value) != value for key, value in plain.items()) or any(n.startswith(("weight_c", "ln_")) for n in own)


def run_lstm_with_options(layer, own, flow, state):
    """An LSTM as other frameworks have it: one direction and one sequence after the other, step by step."""
    suffix = "" if "weight_ih" in own else "_l0"
    layers = 1 if not suffix else sum(name.startswith("weight_ih_l") and not name.endswith("_reverse") for name in own)
    directions = 2 if "weight_ih_l0_reverse" in own else 1
    hidden = own["weight_hh" + suffix].shape[0] // (3 if layer.get("coupled") else 4)
    width = own["weight_hh" + suffix].shape[1]
    batch, steps, _ = flow.x.shape
    lengths = [steps] * batch if flow.lengths is None else flow.lengths.tolist()
    x, finals = flow.x, ([], [])
    for k in range(layers):
        outputs = []
        for d in range(directions):
            names = under_suffix(own, (f"_l{k}" if suffix else "") + ("_reverse" if d else ""))
            y = x.new_zeros(batch, steps, width)
            h_n, c_n = x.new_zeros(batch, width), x.new_zeros(batch, hidden)
            for n, length in enumerate(lengths):
                h, c = (h_n[n], c_n[n]) if state is None else (state[0][k * directions + d, n], state[1][k * directions + d, n])
                for t in reversed(range(length)) if d else range(length):
                    h, c = lstm_step(layer, names, x[n, t], h, c)
                    y[n, t] = h
                h_n[n], c_n[n] = h, c
            outputs.append(y)
            finals[0].append(h_n)
            finals[1].append(c_n)
        x = torch.cat(outputs, dim=-1)
    return Flow(x, flow.lengths, (torch.stack(finals[0]), torch.stack(finals[1])), layer)


def under_suffix(own, suffix):
    return {name[:len(name) - len(suffix)] if suffix else name: tensor for name, tensor in own.items() if name.endswith(suffix)}


def lstm_step(layer, own, x, h, c):
    """c' = f∘c + i∘g, h' = o∘output(c'), with peepholes, clip, coupled gates and layer normalisation where the layer has them."""
    gate, cell, output = (FUNCTIONS[layer.get(key, usual)] for key, usual in
                          (("gate_activation", "sigmoid"), ("cell_activation", "tanh"), ("output_activation", "tanh")))
    bias = own["bias_ih"] + own["bias_hh"] if "bias_ih" in own else 0
    from_x, from_h = own["weight_ih"] @ x, own["weight_hh"] @ h
    if "ln_ih_weight" in own:
        from_x, from_h = normalised(layer, own, "ln_ih", from_x), normalised(layer, own, "ln_hh", from_h)
    sums = (from_x + from_h + bias).split(len(c))
    i, g, o = sums[0], sums[-2], sums[-1]
    peephole = "weight_ci" in own
    i = gate(i + own["weight_ci"] * c if peephole else i)
    f = 1 - i if layer.get("coupled") else gate(sums[1] + own["weight_cf"] * c if peephole else sums[1])
    c = f * c + i * cell(g)
    if layer.get("cell_clip"):
        c = c.clamp(-layer["cell_clip"], layer["cell_clip"])
    o = gate(o + own["weight_co"] * c if peephole else o)
    h = o * output(normalised(layer, own, "ln_c", c) if "ln_c_weight" in own else c)
    return own["weight_hr"] @ h if "weight_hr" in own else h, c


def normalised(layer, own, name, values):
    return F.layer_norm(values, values.shape, own[f"{name}_weight"], own.get(f"{name}_bias"), layer.get("norm_eps", 1e-5))


def run_decoder(layer, weights, flow):
    """Greedy decoding with dot attention over the encoder's output."""
    table, cell = under(weights, layer["embedding"])["weight"], under(weights, layer["cell"])
    is_lstm = flow.before["type"] == "lstm"
    net = (nn.LSTMCell if is_lstm else nn.GRUCell)(cell["weight_ih"].shape[1], cell["weight_hh"].shape[1], bias="bias_ih" in cell)
    net.to(cell["weight_ih"].dtype).load_state_dict(cell)
    h, c = flow.state[0][-1], flow.state[-1][-1]
    keys, steps = flow.x, flow.x.shape[1]
    padding = None if flow.lengths is None else torch.arange(steps)[None, :] >= flow.lengths[:, None]
    token = torch.full((len(keys),), layer["start"], dtype=torch.int64)
    outputs = []
    for _ in range(layer["steps"]):
        h, c = net(table[token], (h, c)) if is_lstm else (net(table[token], h), None)
        scores = torch.bmm(keys, h.unsqueeze(2)).squeeze(2)
        a = torch.softmax(scores if padding is None else scores.masked_fill(padding, -math.inf), dim=1)
        context = torch.bmm(a.unsqueeze(1), keys).squeeze(1)
        y = run_layers(layer["head"], weights, Flow(torch.cat([h, context], dim=1)), place="head").x
        outputs.append(y)
        token = y.argmax(dim=1)
    return torch.stack(outputs, dim=1)


# ---------------------------------------------------------------- padding

def padding_mask(steps, lengths, axes="NT"):
    """True where a position is padding: of dimensions N, T and 1 in the order of the axes."""
    mask = torch.arange(steps)[None, :] >= lengths[:, None]
    if axes.index("T") < axes.index("N"):
        mask = mask.T
    return mask.unsqueeze(axes.index("F")) if "F" in axes else mask


def without_padding(inputs, lengths, axes):
    return inputs.masked_fill(padding_mask(inputs.shape[axes.index("T")], lengths, axes), 0)


def counted(layers):
    """How many recurrent layers a chain has."""
    return sum(layer["type"] in RECURRENT for layer in every(layers))
