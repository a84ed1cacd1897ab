#!/usr/bin/env python3
"""Exports a PyTorch model as a case directory, which Lanecell runs and proves.

A case directory holds the weights (weights.safetensors), what they mean (config.json for a single torch.nn layer, model.json for
a chain of layers), and io.safetensors: example inputs, PyTorch's outputs X, and X_f64, the same computed in float64 on the same
float32 weights and inputs. `lanecell verify DIR` then compares Lanecell's outputs with them.

Exporting your own model takes the files export*.py beside your training script (or their folder on PYTHONPATH):

    from export import export_case

    model = SentimentNet(...)                                # your trained module
    model.load_state_dict(torch.load("sentiment.pt"))
    export_case(model, example_tokens, "sentiment",          # a small batch, shaped as your forward takes it
                labels=["negative", "positive"])

The chain of layers is read from the module's forward, traced by torch.fx, and its output is compared with the module's own before
anything is written. What cannot be expressed is refused by name and source line. Where a forward cannot be traced (a loop over an
LSTMCell), chain=[...] says what it does: [("embedding", "embedding"), ("lstm", "lstm"), ("last_step",), ("linear", "fc")].

Random models of any geometry, to prove an installation:  export.py random --help
Needs PyTorch 1.13 or newer, 2.x included (Debian: apt-get install python3-torch), and nothing else.
"""
import copy
import math
import sys
from pathlib import Path
from typing import NamedTuple, Optional

import torch
from torch import nn

from export_chain import check_names, describe_chain, resolve_chain, spoil_padding, weights_of
from export_files import ExportError, class_name, dtype_name, safetensors_bytes, state_dict_bytes, write_whole
from export_layers import input_axes
from export_run import run_chain
from export_single import ARGUMENTS, SEQUENTIAL, check_single, config_json, run_single


class Case(NamedTuple):
    """What export_case wrote."""
    directory: Path
    tensors: dict               # io.safetensors by name
    chain: Optional[list]       # the layers in model.json, None for a single layer
    checked: bool               # whether a chain's output was compared with the module's own forward


def export_case(module, inputs, directory, *, chain=None, lengths=None, enforce_sorted=False, total_length=None,
                padding_value=0.0, h0=None, c0=None, garbage_in_padding=False, vocabulary=None, labels=None, forward=None,
                extra=None, state_dict_pt=False, note="", seed=None):
    """Writes a module and PyTorch's outputs for `inputs` as a case directory and returns the Case.

    module      a layer of torch.nn (LSTM, GRU, RNN, their cells, Linear, Embedding, Conv1d, BatchNorm1d, LayerNorm, Softmax, LogSoftmax),
                or a module whose forward is a chain of layers.
    inputs      float input or integer tokens, laid out as the module takes them: (N, T, I) or (T, N, I) by batch_first, (N, C, T)
                for convolutions, (T, I) unbatched; a cell is stepped over (T, N, I) or (T, I).
    chain       the layers of a model, [("embedding", "embedding"), ("lstm", "lstm"), ("last_step",), ("linear", "fc")], where its
                forward cannot be read; README.md tells how each type is written.
    lengths     each sequence's length, in the caller's order; padding is not read (pack_padded_sequence).
    enforce_sorted, total_length, padding_value   as in pack_padded_sequence and pad_packed_sequence; for a single recurrent layer.
    h0, c0      the initial state in PyTorch's layout, c0 of LSTMs only; zeros if not given.
    garbage_in_padding   whether the input is stored with NaN in its padding, to prove that nobody reads it.
    vocabulary  {"kind": "characters" | "words", "tokens": [...], "unknown": index}; labels: a name for each output.
    forward     how to call the module, forward(module, inputs), where module(inputs) (with lengths module(inputs, lengths)) is
                not right.
    extra       extra(run) gives more tensors {name: tensor} to record; run(inputs) is the chain in float32, then in float64.
    state_dict_pt   whether to write state_dict.pt as well.

    16-bit weights are stored as they are and widened to float32 before computing; a float64 module has no X_f64.
    """
    if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
        module = module.module
    if isinstance(module, torch.jit.ScriptModule):
        raise ExportError("the module is TorchScript, whose forward cannot be traced; export the nn.Module that it was made from")
    compute_dtype = compute_dtype_of(module)
    inputs = as_input(inputs, compute_dtype)
    single = type(module) in ARGUMENTS and chain is None
    state = as_state(module, single, h0, c0, compute_dtype)
    if single and not isinstance(module, SEQUENTIAL) and lengths is not None:
        raise ExportError(f"lengths are for nn.LSTM, nn.GRU, nn.RNN and chains, but the module is {class_name(module)}")
    if not single and (total_length is not None or padding_value != 0.0 or enforce_sorted):
        raise ExportError("total_length, padding_value and enforce_sorted are for a single recurrent layer, but the module is a chain")
    if not math.isfinite(padding_value):
        raise ExportError(f"padding_value is {padding_value}, expected a finite number")
    lengths = None if lengths is None else as_lengths(lengths)
    packing = None if lengths is None else Packing(lengths, enforce_sorted, total_length, padding_value)

    copies = {compute_dtype: copied(module).cpu().to(compute_dtype).eval()}
    if compute_dtype == torch.float32:
        copies[torch.float64] = copy.deepcopy(copies[compute_dtype]).double()
    results, layers, checked, weights = [], None, False, module.state_dict()
    with torch.no_grad():
        if single:
            refuse_meaningless(vocabulary=vocabulary, labels=labels, forward=forward, extra=extra)
            check_single(module, inputs, packing, state)
            results = [run_single(m, cast(inputs, dtype), packing, cast(state, dtype)) for dtype, m in copies.items()]
            description = ("config.json", config_json(module, inputs, Path(directory).resolve().name, compute_dtype, packing, state,
                                                      garbage_in_padding, note, seed))
        else:
            layers, checked = resolve_chain(copies[compute_dtype], chain, inputs, lengths, state, forward)
            for dtype, m in copies.items():
                own = m.state_dict()
                results.append(run_chain(layers, own, cast(inputs, dtype), lengths, cast(state, dtype)).tensors)
                if extra is not None:
                    results[-1].update(extra(lambda x, own=own, dtype=dtype: run_chain(layers, own, cast(x, dtype)).tensors["output"]))
            check_names(layers, module, results[0]["output"], vocabulary, labels)
            description = ("model.json", describe_chain(layers, module, vocabulary, labels))
            weights = weights_of(module, layers)

    tensors = dict(results[0])
    for name, tensor in (results[1] if len(results) > 1 else {}).items():
        if not name.startswith("packed_"):
            tensors[name + "_f64"] = tensor
    axes = ("NTF" if getattr(module, "batch_first", False) else "TNF") if single else input_axes(layers, inputs)
    is_tokens = layers is not None and layers[0]["type"] == "embedding"
    tensors["tokens" if is_tokens else "input"] = spoil_padding(inputs, lengths, axes) if garbage_in_padding else inputs
    if lengths is not None:
        tensors["lengths"] = lengths
    if state is not None:
        tensors.update(zip(("h0", "c0"), state))

    # Everything is computed; only now is the first file touched.
    files = {"weights.safetensors": safetensors_bytes(weights, {"format": "pt"}), description[0]: description[1],
             "io.safetensors": safetensors_bytes(tensors)}
    if state_dict_pt:
        files["state_dict.pt"] = state_dict_bytes(weights)
    for name, content in files.items():
        write_whole(Path(directory) / name, content)
    return Case(Path(directory), tensors, layers, checked)


class Packing(NamedTuple):
    """What pack_padded_sequence and pad_packed_sequence are given."""
    lengths: torch.Tensor
    enforce_sorted: bool = False
    total_length: Optional[int] = None
    padding_value: float = 0.0


def copied(module):
    try:
        return copy.deepcopy(module)
    except RuntimeError as e:
        raise ExportError(f"{class_name(module)} cannot be copied (weight_norm or another parametrisation?): {str(e).splitlines()[0]}; "
                          "remove the parametrisation first, which changes no result: torch.nn.utils.remove_weight_norm(layer) or "
                          "torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight')") from e


def compute_dtype_of(module):
    """float64 for a float64 module, float32 for all others."""
    floats = {n: t.dtype for n, t in module.state_dict().items() if t.is_floating_point()}
    wide = [n for n, dtype in floats.items() if dtype == torch.float64]
    if wide and len(wide) < len(floats):
        narrow = next(n for n in floats if n not in wide)
        raise ExportError(f"tensor {wide[0]} is float64 but {narrow} is {dtype_name(floats[narrow])}; convert the module to one of them")
    return torch.float64 if wide else torch.float32


def as_input(value, dtype):
    value = torch.as_tensor(value).detach().cpu()
    if value.is_floating_point():
        return value.to(dtype)
    if value.is_complex() or value.dtype == torch.bool:
        raise ExportError(f"the input is {dtype_name(value.dtype)}, expected floats, or integers for an embedding")
    return value.to(torch.int64)


def as_state(module, single, h0, c0, dtype):
    """(h0, c0) of an LSTM, (h0,) of the others; None if there is none."""
    is_lstm = "LSTM" in type(module).__name__ if single else c0 is not None
    if (h0 is None) and c0 is not None or is_lstm and (h0 is None) != (c0 is None):
        raise ExportError(f"{'c0' if c0 is None else 'h0'} is missing: an LSTM's initial state is both h0 and c0, or neither")
    if single and c0 is not None and not is_lstm:
        raise ExportError(f"c0 is for LSTMs, but the module is {class_name(module)}")
    return None if h0 is None else tuple(as_input(tensor, dtype) for tensor in (h0, c0) if tensor is not None)


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


if __name__ == "__main__":
    import export_command
    sys.exit(export_command.main())
