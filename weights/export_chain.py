"""A chain of layers as a case: found, compared with the module's own output, and described in model.json."""
import inspect
import math
import warnings

import torch

from export_files import ExportError, class_name, dtype_name, model_json
from export_layers import RECURRENT, batch_first_of, chain_text, chains_of_children, check_layers, given_chain, input_axes, used_tensors
from export_meaning import traced_chain
from export_run import counted, padding_mask, run_chain, without_padding
from export_single import check_lengths
from export_trace import Untraceable

CLOSE = 1e-5            # of the module's own output, relative to its largest value


def resolve_chain(module, chain, inputs, lengths, state, forward):
    """The chain's layers, given or read from the forward, and whether their output was compared with the module's own."""
    if chain is not None:
        layers = given_chain(module, chain)
        check_chain(module, layers, inputs, lengths, state)
        own, failure = own_output(module, layers, inputs, lengths, state, forward)
        if own is None:
            run_chain(layers, module.state_dict(), inputs, lengths, state)
            warnings.warn(f"the chain's output was not compared with {class_name(module)}'s own: {failure}", stacklevel=3)
            return layers, False
        apart = difference(module, layers, inputs, lengths, state, own)
        if apart > CLOSE:
            raise ExportError(f"the chain {chain_text(layers)} does not give {class_name(module)}'s own output: they differ by "
                              f"{apart:.3g}, relative to the largest value")
        return layers, True
    own, failure = own_output(module, None, inputs, lengths, state, forward)
    if own is None:
        raise ExportError(f"the chain of {class_name(module)} cannot be derived without its own output ({failure}); "
                          "give chain=[...] or forward=...")
    try:
        layers = traced_chain(module, inputs, lengths, state, forward)
    except Untraceable as refusal:
        return chain_by_comparing(module, inputs, lengths, state, forward, refusal), True
    check_chain(module, layers, inputs, lengths, state)
    own, _ = own_output(module, layers, inputs, lengths, state, forward)
    apart = difference(module, layers, inputs, lengths, state, own)
    if apart > CLOSE:
        raise ExportError(f"{class_name(module)}'s forward was read as {chain_text(layers)}, which does not give its own output: they differ "
                          f"by {apart:.3g}, relative to the largest value" + (
                              "; without lengths of its own it reads the padding" if lengths is not None else ""))
    return layers, True


def chain_by_comparing(module, inputs, lengths, state, forward, refusal):
    """Where the forward cannot be traced: the children in order, if just one reading of them gives the module's own output."""
    try:
        candidates = chains_of_children(module)
    except ExportError:
        raise refusal from None
    equal = []
    for layers in candidates:
        try:
            check_chain(module, layers, inputs, lengths, state)
            own, _ = own_output(module, layers, inputs, lengths, state, forward)
            if difference(module, layers, inputs, lengths, state, own) <= CLOSE:
                equal.append(layers)
        except ExportError:
            continue                            # this reading does not fit the input's shape
    if len(equal) > 1:
        raise ExportError(f"the chain of {class_name(module)} is ambiguous: {' and '.join(map(chain_text, equal))} give the same "
                          "output here; give longer inputs, or chain=[...]")
    if not equal:
        raise ExportError(f"{refusal}; and no chain of {class_name(module)}'s layers in order gives its own output "
                          f"({'; '.join(map(chain_text, candidates))} were tried); see chain=[...]")
    return equal[0]


def check_chain(module, layers, inputs, lengths, state):
    """Refuses a chain that cannot be, or inputs that are not for it."""
    check_layers(layers)
    axes, first, recurrent = input_axes(layers, inputs), layers[0]["type"], counted(layers)
    if (first == "embedding") == inputs.is_floating_point():
        raise ExportError(f"the chain begins with {first}, but the input is {dtype_name(inputs.dtype)}")
    if "." in axes and (recurrent or first == "transpose"):
        wanted = 2 if first == "embedding" else 3
        raise ExportError(f"the input has shape {list(inputs.shape)}, expected a batch of sequences: {wanted} dimensions")
    if lengths is not None:
        check_lengths(lengths, inputs, axes)
    if state is not None and recurrent != 1:
        raise ExportError(f"h0 and c0 are for a chain of one recurrent layer, but this one has {recurrent}")
    if state is not None:
        kind = next(layer["type"] for layer in layers if layer["type"] in RECURRENT)
        if (len(state) == 2) != (kind == "lstm"):
            raise ExportError(f"c0 is {'missing' if kind == 'lstm' else 'given'}, but the recurrent layer is of type {kind}")
    if first == "embedding":
        table = len(module.state_dict()[prefixed(layers[0]["weights"], "weight")])
        real = inputs if lengths is None else without_padding(inputs, lengths, axes)
        if real.numel() and not 0 <= real.min().item() <= real.max().item() < table:
            raise ExportError(f"tokens run from {real.min().item()} to {real.max().item()}, outside the embedding's 0..{table - 1}")


def prefixed(prefix, name):
    return f"{prefix}.{name}" if prefix else name


def own_output(module, layers, inputs, lengths, state, forward):
    """What the module itself computes, or None and why it cannot be called. The chain, where it is known, says where padding is."""
    clean = inputs
    if lengths is not None:
        likely = "NT" if not inputs.is_floating_point() else "NTF"
        axes = input_axes(layers, inputs) if layers else likely
        if len(axes) == inputs.dim() and inputs.shape[axes.index("T")] >= int(lengths.max()) and inputs.shape[axes.index("N")] == len(lengths):
            clean = without_padding(inputs, lengths, axes)
    arguments = (clean,) if lengths is None else (clean, lengths)
    if forward is None:
        if state is not None:
            return None, "with h0 and c0 it takes a forward= that passes them"
        try:
            inspect.signature(module.forward).bind(*arguments)
        except (TypeError, ValueError) as e:
            return None, f"forward of these arguments: {e}"
    try:
        result = module(*arguments) if forward is None else forward(module, clean)
    except Exception as e:                      # the module is the caller's code: whatever it raises is the answer
        return None, f"{type(e).__name__}: {' '.join(str(e).split())}"
    while isinstance(result, (tuple, list)) and result:
        result = result[0]
    return (result, None) if isinstance(result, torch.Tensor) else (None, f"it returned {type(result).__name__}")


def difference(module, layers, inputs, lengths, state, own):
    """The largest difference of the chain's output from the module's own, relative to max(1, largest value), over real steps only;
    infinite where shapes differ. A view of the output (rows of all steps, a last dimension of 1 left out) is the same output."""
    tensors, real_lengths = run_chain(layers, module.state_dict(), inputs, lengths, state)
    output = tensors["output"]
    if real_lengths is not None and own.dim() == output.dim():
        axes = "NTF" if batch_first_of(layers) else "TNF"
        time = axes.index("T")
        longest = min(output.shape[time], own.shape[time])      # pad_packed_sequence stops at the longest sequence
        real = ~padding_mask(longest, real_lengths, axes[:2])
        output, own = output.narrow(time, 0, longest)[real], own.narrow(time, 0, longest)[real]
    if own.shape != output.shape and own.numel() == output.numel() and (own.dim() < output.dim() or output.shape[-1] == 1):
        own = own.reshape(output.shape)
    if output.shape != own.shape:
        return math.inf
    if output.numel() == 0 or torch.equal(output, own):
        return 0.0
    worst = ((output - own).abs().max() / max(1.0, own.abs().max().item())).item()
    return math.inf if math.isnan(worst) else worst


def weights_of(module, layers):
    """The module's tensors as they are written: all, an attention's vector w of shape (F, 1) as (F)."""
    weights = dict(module.state_dict())
    for name in [layer["weights"] for layer in layers if layer["type"] == "attention_over_time"]:
        if name in weights and weights[name].dim() == 2 and weights[name].shape[0] != 1:
            weights[name] = weights[name].flatten()
    return weights


def describe_chain(layers, module, vocabulary, labels):
    document = {"format": "lanecell-model/1", "weights": "weights.safetensors", "layers": layers}
    if vocabulary is not None:
        document["vocabulary"] = vocabulary
    if labels is not None:
        document["labels"] = list(labels)
    names = list(module.state_dict())
    used = set(used_tensors(layers, names))
    unused = [name for name in names if name not in used]
    if unused:
        document["ignore"] = unused
    return model_json(document)


def spoil_padding(inputs, lengths, axes):
    """The input with NaN in its padding; tokens stay as they are."""
    if lengths is None or not inputs.is_floating_point():
        return inputs
    return inputs.masked_fill(padding_mask(inputs.shape[axes.index("T")], lengths, axes), math.nan)


def check_names(layers, module, output, vocabulary, labels):
    """A vocabulary must fit the embedding, labels the output."""
    if labels is not None and len(labels) != output.shape[-1]:
        raise ExportError(f"there are {len(labels)} labels for {output.shape[-1]} outputs")
    if vocabulary is None:
        return
    if layers[0]["type"] != "embedding":
        raise ExportError(f"a vocabulary needs a chain that begins with an embedding, but it begins with {layers[0]['type']}")
    unknown_keys = sorted(set(vocabulary) - {"kind", "tokens", "unknown"})
    if unknown_keys or vocabulary.get("kind") not in ("characters", "words"):
        raise ExportError(f"the vocabulary has {unknown_keys[0] if unknown_keys else 'kind ' + repr(vocabulary.get('kind'))}, "
                          'expected {"kind": "characters" or "words", "tokens": [...], "unknown": index}')
    tokens, table = vocabulary.get("tokens", []), len(module.state_dict()[prefixed(layers[0]["weights"], "weight")])
    if len(tokens) != table:
        raise ExportError(f"the vocabulary has {len(tokens)} tokens for an embedding of {table}")
    repeated = next((t for i, t in enumerate(tokens) if t in tokens[:i]), None)
    if repeated is not None:
        raise ExportError(f"the vocabulary holds {repeated!r} twice")
    if vocabulary["kind"] == "characters" and any(len(t) != 1 for t in tokens):
        raise ExportError(f"vocabulary token {next(t for t in tokens if len(t) != 1)!r} is not one character")
    if not 0 <= vocabulary.get("unknown", 0) < table:
        raise ExportError(f"the vocabulary's unknown index {vocabulary['unknown']} is outside 0..{table - 1}")
