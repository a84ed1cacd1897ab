"""A single torch.nn layer as a case: config.json, and PyTorch's outputs for it."""
import json

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from export_files import ExportError, class_name, dtype_name
from export_layers import number, refuse_subtleties

# The constructor arguments that config.json records; the layers that can be exported alone.
RECURRENT_ARGUMENTS = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
ARGUMENTS = {
    nn.LSTM: (*RECURRENT_ARGUMENTS, "proj_size"),
    nn.GRU: RECURRENT_ARGUMENTS,
    nn.RNN: (*RECURRENT_ARGUMENTS, "nonlinearity"),
    nn.LSTMCell: ("input_size", "hidden_size", "bias"),
    nn.GRUCell: ("input_size", "hidden_size", "bias"),
    nn.RNNCell: ("input_size", "hidden_size", "bias", "nonlinearity"),
    nn.Linear: ("in_features", "out_features", "bias"),
    nn.Embedding: ("num_embeddings", "embedding_dim", "padding_idx"),
    nn.Conv1d: ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
    nn.BatchNorm1d: ("num_features", "eps", "momentum", "affine", "track_running_stats"),
    nn.LayerNorm: ("normalized_shape", "eps", "elementwise_affine"),
    nn.Softmax: ("dim",),
    nn.LogSoftmax: ("dim",),
}
SEQUENTIAL = (nn.LSTM, nn.GRU, nn.RNN)
CELLS = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)


def check_single(module, inputs, packing, state):
    refuse_subtleties(class_name(module), module)
    if isinstance(module, nn.Embedding) and inputs.is_floating_point():
        raise ExportError("an embedding reads integers, but the input is floating point")
    if isinstance(module, (*SEQUENTIAL, *CELLS)):
        if inputs.dim() not in (2, 3):
            raise ExportError(f"the input has shape {list(inputs.shape)}, expected (T, N, I) or (N, T, I), or (T, I) unbatched")
        if packing is not None:
            check_lengths(packing.lengths, inputs, "NTF" if module.batch_first else "TNF")
    elif state is not None:
        raise ExportError(f"h0 and c0 are for recurrent layers and cells, but the module is {class_name(module)}")
    if isinstance(module, (nn.Softmax, nn.LogSoftmax)) and module.dim not in (-1, inputs.dim() - 1):
        raise ExportError(f"{class_name(module)} has dim={module.dim}, but only the last dimension (-1) can be expressed")


def check_lengths(lengths, inputs, axes):
    """pack_padded_sequence of PyTorch 1.13 lets a length beyond the input pass and fails obscurely later."""
    if inputs.dim() != len(axes) or "T" not in axes:
        raise ExportError(f"lengths need a batch of sequences, but the input has shape {list(inputs.shape)}")
    batch, steps = inputs.shape[axes.index("N")], inputs.shape[axes.index("T")]
    if len(lengths) != batch:
        raise ExportError(f"there are {len(lengths)} lengths for a batch of {batch}")
    for n, length in enumerate(lengths.tolist()):
        if not 1 <= length <= steps:
            raise ExportError(f"length {length} of sequence {n} is outside 1..{steps}, the input's steps")


def run_single(module, inputs, packing, state):
    if isinstance(module, SEQUENTIAL):
        return run_sequences(module, inputs, packing, state)
    if isinstance(module, CELLS):
        outputs, step_state = [], given_state(module, state)
        for x in inputs:
            step_state = module(x, step_state)
            outputs.append(step_state[0] if isinstance(step_state, tuple) else step_state)
        return {"output": torch.stack(outputs), **({"c_n": step_state[1]} if isinstance(step_state, tuple) else {})}
    return {"output": module(inputs)}


def given_state(module, state):
    """A state as the module's forward takes it: LSTMs (h0, c0), others h0."""
    return None if state is None else tuple(state) if isinstance(module, (nn.LSTM, nn.LSTMCell)) else state[0]


def run_sequences(module, inputs, packing, state):
    """A recurrent layer's outputs, through a packed sequence where lengths are given."""
    if packing is None:
        output, final = module(inputs, given_state(module, state))
    else:
        packed = pack_padded_sequence(inputs, packing.lengths, module.batch_first, packing.enforce_sorted)
        packed_output, final = module(packed, given_state(module, state))
        output, _ = pad_packed_sequence(packed_output, module.batch_first, packing.padding_value, packing.total_length)
    result = {"output": output, **dict(zip(("h_n", "c_n"), final if isinstance(final, tuple) else (final,)))}
    if packing is not None:
        result.update({"packed_input_data": packed.data, "packed_batch_sizes": packed.batch_sizes, "packed_output_data": packed_output.data})
        if not packing.enforce_sorted:
            result["packed_sorted_indices"] = packed.sorted_indices
            result["packed_unsorted_indices"] = packed.unsorted_indices
    return result


def config_json(module, inputs, case, compute_dtype, packing, state, garbage_in_padding, note, seed):
    arguments = {name: number(getattr(module, name)) for name in ARGUMENTS[type(module)]}
    if isinstance(module, nn.LayerNorm):
        arguments["normalized_shape"] = list(module.normalized_shape)
    if isinstance(module, (nn.Linear, nn.Conv1d)):
        arguments["bias"] = module.bias is not None
    if "dim" in arguments:
        arguments["dim"] = -1
    dtypes = [t.dtype for t in module.state_dict().values()] or [torch.float32]
    config = {"case": case, "module": class_name(module), "args": arguments, "weights_dtype": dtype_name(dtypes[0]),
              "compute_dtype": dtype_name(compute_dtype)}
    if isinstance(module, SEQUENTIAL):
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
    if isinstance(module, SEQUENTIAL):
        config["seed"] = seed
    config.update(torch=torch.__version__, note=note)
    return json.dumps(config, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
