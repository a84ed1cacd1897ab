#!/usr/bin/env python3
"""Exports a PyTorch model as a case directory, which Lanecell runs and proves.

A case directory holds the weights (weights.safetensors), what they mean (config.json for a single torch.nn layer, model.json for
a chain of layers), and io.safetensors: example inputs, PyTorch's outputs X, and X_f64, the same computed in float64 on the same
float32 weights and inputs. `lanecell verify DIR` then compares Lanecell's outputs with them.

Exporting your own model takes this one file beside your training script:

    from export import export_case

    model = SentimentNet(...)                                # your trained module
    model.load_state_dict(torch.load("sentiment.pt"))
    export_case(model, example_tokens, "sentiment",          # a small batch, shaped as your forward takes it
                chain=[("embedding", "embedding"), ("lstm", "lstm"), ("last_step",), ("linear", "fc"), ("softmax",)],
                labels=["negative", "positive"])

A chain names each step's type and, for a step with weights, the module's attribute that holds them. Without `chain` it is derived
from an nn.Sequential, or from a module whose children, in the order they were made, are the steps; what lies between LSTM and
Linear is then found by comparing with the module's own output. What cannot be expressed is refused by name.

Random models of any geometry, to prove an installation:  export.py random --help
Needs PyTorch 1.13 or newer, 2.x included (Debian: apt-get install python3-torch), and nothing else.
"""
import copy
import inspect
import json
import math
import os
import struct
import sys
import warnings
from pathlib import Path
from typing import NamedTuple, Optional

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SAFETENSORS_DTYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}

# The constructor arguments that config.json records; the layers that can be exported alone.
ARGUMENTS = {
    nn.LSTM: ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size"),
    nn.LSTMCell: ("input_size", "hidden_size", "bias"),
    nn.Linear: ("in_features", "out_features", "bias"),
    nn.Embedding: ("num_embeddings", "embedding_dim", "padding_idx"),
    nn.Softmax: ("dim",),
    nn.LogSoftmax: ("dim",),
}

# The steps of a chain that have weights, and those that stand without a module.
WEIGHTED = {"embedding": nn.Embedding, "lstm": nn.LSTM, "linear": nn.Linear}
PLAIN = ("softmax", "log_softmax", "last_step", "final_hidden", "dropout")
TYPE_OF = {nn.Embedding: "embedding", nn.LSTM: "lstm", nn.Linear: "linear", nn.Softmax: "softmax",
           nn.LogSoftmax: "log_softmax", nn.Dropout: "dropout"}


class ExportError(ValueError):
    """The model or its inputs cannot be exported; the message names the first thing that stands in the way."""


class Case(NamedTuple):
    """What export_case wrote."""
    directory: Path
    tensors: dict               # io.safetensors by name
    chain: Optional[list]       # the chain in model.json, None for a single layer
    checked: bool               # whether a chain's output was compared with the module's own forward


# ---------------------------------------------------------------- files

def safetensors_bytes(tensors, metadata=None):
    """A safetensors file: 8 bytes header length, JSON header, then the data. Widest elements first, so that all are aligned."""
    header = {"__metadata__": metadata} if metadata else {}
    data, offset = [], 0
    for name in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        tensor = tensors[name].detach().cpu().contiguous()
        if tensor.dtype not in SAFETENSORS_DTYPES:
            raise ExportError(f"tensor {name} is {tensor.dtype}, which safetensors files here do not hold; convert it first")
        bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor        # numpy has no bfloat16
        array = bits.numpy()
        raw = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {"dtype": SAFETENSORS_DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def write_whole(path, content):
    """Writes bytes or text to a file beside the target and renames it: a reader sees the old file or the new one, never half."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def state_dict_bytes(state_dict):
    """torch.save(state_dict) as bytes."""
    import io
    buffer = io.BytesIO()
    torch.save(state_dict, buffer)
    return buffer.getvalue()


def model_json(document):
    """model.json as text: a key a line, a layer a line."""
    def text(value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    lines = []
    for key, value in document.items():
        body = "[\n    " + ",\n    ".join(map(text, value)) + "\n  ]" if key == "layers" else text(value)
        lines.append(f"  {text(key)}: {body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


# ---------------------------------------------------------------- the export

def export_case(module, inputs, directory, *, chain=None, lengths=None, enforce_sorted=False, total_length=None,
                padding_value=0.0, h0=None, c0=None, garbage_in_padding=False, vocabulary=None, labels=None, forward=None,
                extra=None, state_dict_pt=False, note="", seed=None):
    """Writes a module and PyTorch's outputs for `inputs` as a case directory and returns the Case.

    module      nn.LSTM, nn.LSTMCell, nn.Linear, nn.Embedding, nn.Softmax, nn.LogSoftmax, or a module that is a chain of them.
    inputs      float input or integer tokens, laid out as the module takes them: (N, T, I) or (T, N, I) by batch_first,
                (T, I) unbatched; an nn.LSTMCell is stepped over (T, N, I) or (T, I).
    chain       the steps of a model, [("embedding", "embedding"), ("lstm", "lstm"), ("last_step",), ("linear", "fc")].
    lengths     each sequence's length, in the caller's order; padding is not read (pack_padded_sequence).
    enforce_sorted, total_length, padding_value   as in pack_padded_sequence and pad_packed_sequence; for a single nn.LSTM.
    h0, c0      the initial state in PyTorch's layout; zeros if not given.
    garbage_in_padding   whether the input is stored with NaN in its padding, to prove that nobody reads it.
    vocabulary  {"kind": "characters" | "words", "tokens": [...], "unknown": index}; labels: a name for each output.
    forward     how to call the module for the comparison with its own output, forward(module, inputs), where module(inputs)
                (with lengths module(inputs, lengths)) is not right.
    extra       extra(run) gives more tensors {name: tensor} to record; run(inputs) is the chain in float32, then in float64.
    state_dict_pt   whether to write state_dict.pt as well.

    16-bit weights are stored as they are and widened to float32 before computing; a float64 module has no X_f64.
    """
    compute_dtype = compute_dtype_of(module)
    inputs = as_input(inputs, compute_dtype)
    state = as_state(h0, c0, compute_dtype)
    single = type(module) in ARGUMENTS and chain is None
    if single and type(module) is not nn.LSTM and lengths is not None:
        raise ExportError(f"lengths are for nn.LSTM and chains, but the module is {class_name(module)}")
    if not single and (total_length is not None or padding_value != 0.0 or enforce_sorted):
        raise ExportError("total_length, padding_value and enforce_sorted are for a single nn.LSTM, but the module is a chain")
    if not math.isfinite(padding_value):
        raise ExportError(f"padding_value is {padding_value}, expected a finite number")
    packing = None if lengths is None else Packing(as_lengths(lengths), enforce_sorted, total_length, padding_value)

    copies = {compute_dtype: copy.deepcopy(module).cpu().to(compute_dtype).eval()}
    if compute_dtype == torch.float32:
        copies[torch.float64] = copy.deepcopy(copies[compute_dtype]).double()
    with torch.no_grad():
        if single:
            refuse_meaningless(vocabulary=vocabulary, labels=labels, forward=forward, extra=extra)
            steps, checked = None, False
            check_single(module, inputs, packing, state)
            results = [run_single(m, cast(inputs, dtype), packing, cast(state, dtype)) for dtype, m in copies.items()]
            description = ("config.json", config_json(module, inputs, Path(directory).resolve().name, packing, state,
                                                      garbage_in_padding, note, seed))
        else:
            steps, checked = resolve_chain(copies[compute_dtype], chain, inputs, packing, state, forward)
            results = []
            for dtype, m in copies.items():
                results.append(run_chain(m, steps, cast(inputs, dtype), packing, cast(state, dtype)))
                if extra is not None:
                    results[-1].update(extra(lambda x, m=m, dtype=dtype: run_chain(m, steps, cast(x, dtype))["output"]))
            check_names(steps, module, results[0]["output"], vocabulary, labels)
            description = ("model.json", describe_chain(steps, module, vocabulary, labels))

    tensors = dict(results[0])
    for name, tensor in (results[1] if len(results) > 1 else {}).items():
        if not name.startswith("packed_"):
            tensors[name + "_f64"] = tensor
    is_tokens = steps is not None and steps[0][0] == "embedding"
    tensors["tokens" if is_tokens else "input"] = spoil_padding(inputs, packing, module) if garbage_in_padding else inputs
    if packing is not None:
        tensors["lengths"] = packing.lengths
    if state is not None:
        tensors["h0"], tensors["c0"] = state

    # Everything is computed; only now is the first file touched.
    weights = module.state_dict()
    files = {"weights.safetensors": safetensors_bytes(weights, {"format": "pt"}), description[0]: description[1],
             "io.safetensors": safetensors_bytes(tensors)}
    if state_dict_pt:
        files["state_dict.pt"] = state_dict_bytes(weights)
    for name, content in files.items():
        write_whole(Path(directory) / name, content)
    return Case(Path(directory), tensors, steps, checked)


class Packing(NamedTuple):
    """What pack_padded_sequence and pad_packed_sequence are given."""
    lengths: torch.Tensor
    enforce_sorted: bool = False
    total_length: Optional[int] = None
    padding_value: float = 0.0


def class_name(module):
    return ("torch.nn." if type(module) in ARGUMENTS or type(module) in TYPE_OF else "") + type(module).__name__


def compute_dtype_of(module):
    """float64 for a float64 module, float32 for all others."""
    floats = {n: t.dtype for n, t in module.state_dict().items() if t.is_floating_point()}
    wide = [n for n, dtype in floats.items() if dtype == torch.float64]
    if wide and len(wide) < len(floats):
        narrow = next(n for n in floats if n not in wide)
        raise ExportError(f"tensor {wide[0]} is float64 but {narrow} is {dtype_name(floats[narrow])}; convert the module to one of them")
    return torch.float64 if wide else torch.float32


def dtype_name(dtype):
    return str(dtype).replace("torch.", "")


def as_input(value, dtype):
    value = torch.as_tensor(value).detach().cpu()
    if value.is_floating_point():
        return value.to(dtype)
    if value.is_complex() or value.dtype == torch.bool:
        raise ExportError(f"the input is {dtype_name(value.dtype)}, expected floats, or integers for an embedding")
    return value.to(torch.int64)


def as_state(h0, c0, dtype):
    if (h0 is None) != (c0 is None):
        raise ExportError(f"{'c0' if c0 is None else 'h0'} is missing: an initial state is both h0 and c0, or neither")
    return None if h0 is None else (as_input(h0, dtype), as_input(c0, dtype))


def as_lengths(lengths):
    lengths = torch.as_tensor(lengths).detach().cpu()
    if lengths.dim() != 1 or lengths.is_floating_point():
        raise ExportError(f"lengths are {dtype_name(lengths.dtype)} of shape {list(lengths.shape)}, expected a list of integers")
    return lengths.to(torch.int64)


def cast(value, dtype):
    """Floating tensors in that dtype; tokens as they are; a state's h0 and c0 each."""
    if value is None or isinstance(value, tuple):
        return value and tuple(cast(v, dtype) for v in value)
    return value.to(dtype) if value.is_floating_point() else value


def refuse_meaningless(**options):
    for name, value in options.items():
        if value is not None:
            raise ExportError(f"{name} is for a chain, but the module is a single layer; give chain=[...] to export it as a model")


def refuse_subtleties(name, module):
    """Refuses what a layer's class does not tell: parametrised weights, an embedding that rescales its rows."""
    expected = {nn.Embedding: ["weight"], nn.Linear: ["weight"], nn.LSTM: ["weight_ih_l0", "weight_hh_l0"],
                nn.LSTMCell: ["weight_ih", "weight_hh"]}.get(type(module), [])
    for tensor in expected:
        if tensor not in module.state_dict():
            raise ExportError(f"{name} has no tensor {tensor} (weight_norm or another parametrisation?); remove the parametrisation first")
    if isinstance(module, nn.Embedding) and module.max_norm is not None:
        raise ExportError(f"{name} has max_norm={module.max_norm}, which rescales rows as they are read and cannot be expressed")


# ---------------------------------------------------------------- a single layer: config.json

def check_single(module, inputs, packing, state):
    refuse_subtleties(class_name(module), module)
    if isinstance(module, nn.Embedding) and inputs.is_floating_point():
        raise ExportError("an embedding reads integers, but the input is floating point")
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        if inputs.dim() not in (2, 3):
            raise ExportError(f"the input has shape {list(inputs.shape)}, expected (T, N, I) or (N, T, I), or (T, I) unbatched")
        if packing is not None:
            check_lengths(packing.lengths, inputs, module.batch_first)
    elif state is not None:
        raise ExportError(f"h0 and c0 are for nn.LSTM and nn.LSTMCell, but the module is {class_name(module)}")
    if isinstance(module, (nn.Softmax, nn.LogSoftmax)) and module.dim not in (-1, inputs.dim() - 1):
        raise ExportError(f"{class_name(module)} has dim={module.dim}, but only the last dimension (-1) can be expressed")


def check_lengths(lengths, inputs, batch_first):
    """pack_padded_sequence of PyTorch 1.13 lets a length beyond the input pass and fails obscurely later."""
    if inputs.dim() < 2 or (inputs.is_floating_point() and inputs.dim() != 3):
        raise ExportError(f"lengths need a batch of sequences, but the input has shape {list(inputs.shape)}")
    batch, steps = (inputs.shape[0], inputs.shape[1]) if batch_first else (inputs.shape[1], inputs.shape[0])
    if len(lengths) != batch:
        raise ExportError(f"there are {len(lengths)} lengths for a batch of {batch}")
    for n, length in enumerate(lengths.tolist()):
        if not 1 <= length <= steps:
            raise ExportError(f"length {length} of sequence {n} is outside 1..{steps}, the input's steps")


def run_single(module, inputs, packing, state):
    if isinstance(module, nn.LSTM):
        return run_lstm(module, inputs, packing, state)
    if isinstance(module, nn.LSTMCell):
        outputs, step_state = [], state
        for x in inputs:
            step_state = module(x, step_state)
            outputs.append(step_state[0])
        return {"output": torch.stack(outputs), "c_n": step_state[1]}
    return {"output": module(inputs)}


def run_lstm(lstm, inputs, packing, state):
    """An nn.LSTM's outputs, through a packed sequence where lengths are given."""
    if packing is None:
        output, (h_n, c_n) = lstm(inputs, state)
        return {"output": output, "h_n": h_n, "c_n": c_n}
    packed = pack_padded_sequence(inputs, packing.lengths, lstm.batch_first, packing.enforce_sorted)
    packed_output, (h_n, c_n) = lstm(packed, state)
    output, _ = pad_packed_sequence(packed_output, lstm.batch_first, packing.padding_value, packing.total_length)
    result = {"output": output, "h_n": h_n, "c_n": c_n, "packed_input_data": packed.data,
              "packed_batch_sizes": packed.batch_sizes, "packed_output_data": packed_output.data}
    if not packing.enforce_sorted:
        result["packed_sorted_indices"] = packed.sorted_indices
        result["packed_unsorted_indices"] = packed.unsorted_indices
    return result


def config_json(module, inputs, case, packing, state, garbage_in_padding, note, seed):
    arguments = {name: getattr(module, name) for name in ARGUMENTS[type(module)]}
    if isinstance(module, nn.Linear):
        arguments["bias"] = module.bias is not None
    if "dim" in arguments:
        arguments["dim"] = -1
    dtypes = [t.dtype for t in module.state_dict().values()] or [torch.float32]
    config = {"case": case, "module": class_name(module), "args": arguments, "weights_dtype": dtype_name(dtypes[0]),
              "compute_dtype": dtype_name(compute_dtype_of(module))}
    if isinstance(module, nn.LSTM):
        batched = inputs.dim() == 3
        batch_axis = 0 if module.batch_first else 1
        config.update(
            seq_len=inputs.shape[1 - batch_axis] if batched else inputs.shape[0],
            batch=inputs.shape[batch_axis] if batched else None, batched=batched, initial_state=state is not None,
            packed=packing is not None, lengths=packing and packing.lengths.tolist(),
            enforce_sorted=packing and packing.enforce_sorted, total_length=packing and packing.total_length,
            padding_value=packing and packing.padding_value, garbage_in_padding=garbage_in_padding and packing is not None,
            input_regime="given" if seed is None else "normal", weight_scale=1.0, state_scale=1.0)
    config["training"] = False
    if isinstance(module, nn.LSTM):
        config["seed"] = seed
    config.update(torch=torch.__version__, note=note)
    return json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


# ---------------------------------------------------------------- a chain of layers: model.json

def resolve_chain(module, chain, inputs, packing, state, forward):
    """The chain's steps [(type, prefix)], given or derived, and whether its output was compared with the module's own."""
    own, failure = own_output(module, inputs, packing, state, forward)
    if chain is not None:
        steps = check_chain(module, chain)
        candidates = [steps]
    else:
        if own is None:
            raise ExportError(f"the chain of {class_name(module)} cannot be derived without its own output ({failure}); "
                              "give chain=[...] or forward=...")
        candidates = derived_chains(module)
    check_chain_input(module, candidates[0], inputs, packing, state)
    if own is None:
        warnings.warn(f"the chain's output was not compared with {class_name(module)}'s own: {failure}", stacklevel=3)
        return candidates[0], False
    differences = [difference(run_chain(module, steps, inputs, packing, state)["output"], own, packing, module, steps)
                   for steps in candidates]
    equal = [steps for steps, d in zip(candidates, differences) if d <= 1e-5]
    if len(equal) == 1:
        return equal[0], True
    if equal:
        raise ExportError(f"the chain of {class_name(module)} is ambiguous: {' and '.join(map(chain_text, equal))} give the same "
                          "output here; give longer inputs, or chain=[...]")
    if chain is not None:
        raise ExportError(f"the chain {chain_text(steps)} does not give {class_name(module)}'s own output: they differ by "
                          f"{differences[0]:.3g}, relative to the largest value")
    raise ExportError(f"no chain of {class_name(module)}'s layers gives its own output ({'; '.join(map(chain_text, candidates))} were "
                      "tried): its forward does something between them that cannot be expressed, or in another order; see chain=[...]")


def own_output(module, inputs, packing, state, forward):
    """What the module itself computes, or None and why it cannot be called."""
    clean = inputs if packing is None else without_padding(inputs, packing, batch_first_of(module))
    arguments = (clean,) if packing is None else (clean, packing.lengths)
    if forward is None:
        if state is not None:
            return None, "with h0 and c0 it takes a forward= that passes them"
        try:
            inspect.signature(module.forward).bind(*arguments)
        except TypeError as e:
            return None, f"forward of these arguments: {e}"
    try:
        result = module(*arguments) if forward is None else forward(module, clean)
    except Exception as e:                      # the module is the caller's code: whatever it raises is the answer
        return None, f"{type(e).__name__}: {e}"
    while isinstance(result, (tuple, list)) and result:
        result = result[0]
    return (result, None) if isinstance(result, torch.Tensor) else (None, f"it returned {type(result).__name__}")


def difference(output, own, packing, module, steps):
    """The largest difference relative to max(1, largest value), over real steps only; infinite where shapes differ."""
    is_sequence = not any(kind in ("last_step", "final_hidden") for kind, _ in steps)
    if is_sequence and packing is not None and own.dim() == output.dim():
        batch_first = batch_first_of(module)
        time = 1 if batch_first else 0
        longest = min(output.shape[time], own.shape[time])      # pad_packed_sequence stops at the longest sequence
        real = ~padding_mask(longest, packing, batch_first)
        output, own = output.narrow(time, 0, longest)[real], own.narrow(time, 0, longest)[real]
    if output.shape != own.shape:
        return math.inf
    if output.numel() == 0 or torch.equal(output, own):
        return 0.0
    worst = ((output - own).abs().max() / max(1.0, own.abs().max().item())).item()
    return math.inf if math.isnan(worst) else worst


def chain_text(steps):
    return " → ".join(kind + (f" {prefix}" if prefix else "") for kind, prefix in steps)


def check_chain(module, chain):
    """The caller's chain as [(type, prefix)], each step checked against the module."""
    steps, last_lstm, reduced = [], False, False
    for position, entry in enumerate(chain):
        kind, prefix = (entry if isinstance(entry, str) else entry[0]), ("" if isinstance(entry, str) or len(entry) < 2 else entry[1])
        where = f"step {position + 1} of the chain, {kind!r}"
        if kind not in WEIGHTED and kind not in PLAIN:
            raise ExportError(f"{where}, is not a layer that can be expressed; those are {', '.join([*WEIGHTED, *PLAIN])}")
        if kind in WEIGHTED:
            layer = find_layer(module, prefix, where)
            if type(layer) is not WEIGHTED[kind]:
                raise ExportError(f"{where}: {prefix or 'the module'} is {class_name(layer)}, expected nn.{WEIGHTED[kind].__name__}")
            refuse_subtleties(prefix or class_name(layer), layer)
        if kind == "embedding" and position > 0:
            raise ExportError(f"{where}, must come first")
        if kind in ("lstm", "last_step", "final_hidden") and reduced:
            raise ExportError(f"{where}, needs a sequence, but an earlier step kept one step of it")
        if kind == "last_step" and not any(k == "lstm" for k, _ in steps) or kind == "final_hidden" and not last_lstm:
            raise ExportError(f"{where}, must follow an lstm")
        reduced = reduced or kind in ("last_step", "final_hidden")
        last_lstm = kind == "lstm"
        steps.append((kind, prefix))
    if not steps:
        raise ExportError("the chain has no steps")
    layouts = {module.get_submodule(prefix).batch_first for kind, prefix in steps if kind == "lstm"}
    if len(layouts) > 1:
        raise ExportError("the chain's nn.LSTM layers differ in batch_first, expected one layout throughout")
    return steps


def find_layer(module, prefix, where):
    try:
        return module.get_submodule(prefix)
    except AttributeError:
        known = ", ".join(name for name, m in module.named_modules() if type(m) in TYPE_OF) or "none"
        raise ExportError(f"{where}: the module has no {prefix!r}; its layers are {known}") from None


def derived_chains(module):
    """The chains that the module's children, in the order they were made, may stand for."""
    steps = []
    for name, layer in leaves(module, ""):
        if isinstance(layer, nn.Identity):
            continue
        if type(layer) not in TYPE_OF:
            raise ExportError(f"{name} ({class_name(layer)}) is not a layer that can be expressed; those are "
                              f"{', '.join('nn.' + t.__name__ for t in TYPE_OF)}")
        if isinstance(layer, (nn.Softmax, nn.LogSoftmax)) and layer.dim not in (-1, 1, 2):
            raise ExportError(f"{name} ({class_name(layer)}) has dim={layer.dim}, but only the last dimension can be expressed")
        kind = TYPE_OF[type(layer)]
        steps.append((kind, name if kind in WEIGHTED else ""))
    if not steps:
        raise ExportError(f"{class_name(module)} has no layers to derive a chain from; give chain=[...]")
    middles = [[]]
    lstms = [i for i, (kind, _) in enumerate(steps) if kind == "lstm"]
    if lstms:
        bidirectional = module.get_submodule(steps[lstms[-1]][1]).bidirectional
        # For one direction final_hidden is the same as last_step.
        middles += [[("last_step", "")]] + ([[("final_hidden", "")]] if bidirectional else [])
    ends = [[]] if steps[-1][0] in ("softmax", "log_softmax") else [[], [("softmax", "")], [("log_softmax", "")]]
    cut = lstms[-1] + 1 if lstms else len(steps)
    return [check_chain(module, steps[:cut] + middle + steps[cut:] + end) for middle in middles for end in ends]


def leaves(module, prefix):
    """The children in order, nn.Sequential opened."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            yield from leaves(child, prefix + name + ".")
        else:
            yield prefix + name, child


def batch_first_of(module):
    """The layout of the first LSTM (a chain's LSTMs agree in it); True where there is none."""
    return next((m.batch_first for m in module.modules() if isinstance(m, nn.LSTM)), True)


def check_chain_input(module, steps, inputs, packing, state):
    first, prefix = steps[0]
    wanted = {"embedding": 2}.get(first, 3)
    if (first == "embedding") == inputs.is_floating_point():
        raise ExportError(f"the chain begins with {first}, but the input is {dtype_name(inputs.dtype)}")
    lstms = [p for kind, p in steps if kind == "lstm"]
    if lstms and inputs.dim() != wanted:
        raise ExportError(f"the input has shape {list(inputs.shape)}, expected a batch of sequences: {wanted} dimensions")
    if packing is not None:
        check_lengths(packing.lengths, inputs, batch_first_of(module))
    if state is not None and len(lstms) != 1:
        raise ExportError(f"h0 and c0 are for a chain of one lstm, but this one has {len(lstms)}")
    if first == "embedding":
        table = module.get_submodule(prefix).num_embeddings
        real = inputs if packing is None else without_padding(inputs, packing, batch_first_of(module))
        if real.numel() and not 0 <= real.min().item() <= real.max().item() < table:
            raise ExportError(f"tokens run from {real.min().item()} to {real.max().item()}, outside the embedding's 0..{table - 1}")


def padding_mask(steps, packing, batch_first):
    """True where a position is padding: (N, T) or (T, N)."""
    mask = torch.arange(steps)[None, :] >= packing.lengths[:, None]
    return mask if batch_first else mask.T


def without_padding(inputs, packing, batch_first):
    steps = inputs.shape[1 if batch_first else 0]
    mask = padding_mask(steps, packing, batch_first)
    return inputs.masked_fill(mask if inputs.dim() == 2 else mask[..., None], 0)


def spoil_padding(inputs, packing, module):
    """The input with NaN in its padding; tokens stay as they are."""
    if packing is None or not inputs.is_floating_point():
        return inputs
    batch_first = batch_first_of(module)
    mask = padding_mask(inputs.shape[1 if batch_first else 0], packing, batch_first)
    return inputs.masked_fill(mask[..., None], math.nan)


def run_chain(module, steps, inputs, packing=None, state=None):
    """Runs the chain from the module's parts. With one LSTM, layer_output, layer_h_n and layer_c_n are its own.

    With lengths the output keeps all steps of the input, and an LSTM's output is 0 in the padding.
    """
    batch_first = batch_first_of(module)
    time = 1 if batch_first else 0
    x = inputs if packing is None else without_padding(inputs, packing, batch_first)
    lstms = sum(kind == "lstm" for kind, _ in steps)
    layer, hidden = {}, None
    for kind, prefix in steps:
        if kind in ("embedding", "linear"):
            x = module.get_submodule(prefix)(x)
        elif kind == "lstm":
            lstm = module.get_submodule(prefix)
            full = packing and packing._replace(total_length=inputs.shape[time])
            result = run_lstm(lstm, x, full, state)
            x, hidden = result["output"], result["h_n"]
            if lstms == 1:
                layer = {"layer_output": x, "layer_h_n": hidden, "layer_c_n": result["c_n"]}
        elif kind == "last_step":
            x = x.select(time, -1) if packing is None else at_last_step(x, packing.lengths, time)
        elif kind == "final_hidden":
            x = torch.cat([hidden[-2], hidden[-1]], dim=1) if lstm.bidirectional else hidden[-1]
        elif kind == "softmax":
            x = torch.softmax(x, dim=-1)
        elif kind == "log_softmax":
            x = torch.log_softmax(x, dim=-1)
    return {"output": x, **layer}


def at_last_step(x, lengths, time):
    rows = torch.arange(len(lengths))
    return x[rows, lengths - 1] if time == 1 else x[lengths - 1, rows]


def describe_chain(steps, module, vocabulary, labels):
    layers, used = [], set()
    for kind, prefix in steps:
        layer = {"type": kind}
        if kind in WEIGHTED:
            own = module.get_submodule(prefix)
            layer["weights"] = prefix
            used.update((prefix + "." if prefix else "") + name for name in own.state_dict())
            if kind == "lstm":
                layer["batch_first"] = own.batch_first
        layers.append(layer)
    document = {"format": "lanecell-model/1", "weights": "weights.safetensors", "layers": layers}
    if vocabulary is not None:
        document["vocabulary"] = vocabulary
    if labels is not None:
        document["labels"] = list(labels)
    unused = [name for name in module.state_dict() if name not in used]
    if unused:
        document["ignore"] = unused
    return model_json(document)


def check_names(steps, module, output, vocabulary, labels):
    """A vocabulary must fit the embedding, labels the output."""
    if labels is not None and len(labels) != output.shape[-1]:
        raise ExportError(f"there are {len(labels)} labels for {output.shape[-1]} outputs")
    if vocabulary is None:
        return
    if steps[0][0] != "embedding":
        raise ExportError(f"a vocabulary needs a chain that begins with an embedding, but it begins with {steps[0][0]}")
    unknown_keys = sorted(set(vocabulary) - {"kind", "tokens", "unknown"})
    if unknown_keys or vocabulary.get("kind") not in ("characters", "words"):
        raise ExportError(f"the vocabulary has {unknown_keys[0] if unknown_keys else 'kind ' + repr(vocabulary.get('kind'))}, "
                          'expected {"kind": "characters" or "words", "tokens": [...], "unknown": index}')
    tokens, table = vocabulary.get("tokens", []), module.get_submodule(steps[0][1]).num_embeddings
    if len(tokens) != table:
        raise ExportError(f"the vocabulary has {len(tokens)} tokens for an embedding of {table}")
    repeated = next((t for i, t in enumerate(tokens) if t in tokens[:i]), None)
    if repeated is not None:
        raise ExportError(f"the vocabulary holds {repeated!r} twice")
    if vocabulary["kind"] == "characters" and any(len(t) != 1 for t in tokens):
        raise ExportError(f"vocabulary token {next(t for t in tokens if len(t) != 1)!r} is not one character")
    if not 0 <= vocabulary.get("unknown", 0) < table:
        raise ExportError(f"the vocabulary's unknown index {vocabulary['unknown']} is outside 0..{table - 1}")


if __name__ == "__main__":
    import export_command
    sys.exit(export_command.main())
