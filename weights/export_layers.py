"""What a chain's layers are: model.json's layer objects, made from torch.nn modules or from the entries of chain=[...], and checked."""

from torch import nn

from export_files import ExportError, class_name

# Activations by their name in model.json: the class, and the one parameter that model.json knows, if any.
ACTIVATIONS = {
    "relu": (nn.ReLU, None), "relu6": (nn.ReLU6, None), "leaky_relu": (nn.LeakyReLU, "negative_slope"), "elu": (nn.ELU, "alpha"),
    "gelu": (nn.GELU, None), "gelu_tanh": (nn.GELU, None), "silu": (nn.SiLU, None), "hard_swish": (nn.Hardswish, None),
    "tanh": (nn.Tanh, None), "hard_tanh": (nn.Hardtanh, None), "sigmoid": (nn.Sigmoid, None),
    "hard_sigmoid": (nn.Hardsigmoid, None), "hard_sigmoid_keras2": (None, None), "softplus": (nn.Softplus, "beta"),
    "softsign": (nn.Softsign, None), "identity": (nn.Identity, None),
}
RECURRENT = {"lstm": (nn.LSTM, nn.LSTMCell), "gru": (nn.GRU, nn.GRUCell), "rnn": (nn.RNN, nn.RNNCell)}
WEIGHTED = {**RECURRENT, "embedding": (nn.Embedding,), "linear": (nn.Linear,), "conv1d": (nn.Conv1d,), "batch_norm1d": (nn.BatchNorm1d,),
            "layer_norm": (nn.LayerNorm,)}
POOLS = {"max_pool1d": (nn.MaxPool1d,), "avg_pool1d": (nn.AvgPool1d,)}
MODULES = {**WEIGHTED, **POOLS, "softmax": (nn.Softmax,), "log_softmax": (nn.LogSoftmax,),
           "dropout": (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout),
           **{kind: (cls,) for kind, (cls, _) in ACTIVATIONS.items() if cls is not None and kind != "gelu_tanh"}}
TYPE_OF = {cls: kind for kind, classes in MODULES.items() for cls in classes}

REDUCING = ("last_step", "final_hidden", "mean_over_time", "max_over_time", "attention_over_time")
BRANCHING = ("concat", "add")
OVER_TIME = (*RECURRENT, *REDUCING, *POOLS, "conv1d", "transpose", "attention_decoder")
TYPES = (*WEIGHTED, *POOLS, *ACTIVATIONS, "softmax", "log_softmax", "dropout", *REDUCING, "transpose", *BRANCHING, "attention_decoder")
LSTM_OPTIONS = ("gate_activation", "cell_activation", "output_activation", "coupled", "cell_clip", "norm_eps")
OPTIONS = {
    "lstm": ("batch_first", *LSTM_OPTIONS), "gru": ("batch_first",), "rnn": ("batch_first", "nonlinearity"),
    "conv1d": ("stride", "padding", "dilation", "groups"), "max_pool1d": ("kernel_size", "stride", "padding"),
    "avg_pool1d": ("kernel_size", "stride", "padding", "count_include_pad"), "batch_norm1d": ("eps",), "layer_norm": ("eps",),
    "concat": ("branches",), "add": ("branches",), "attention_decoder": ("embedding", "cell", "head", "start", "steps"),
    **{kind: (parameter,) for kind, (_, parameter) in ACTIVATIONS.items() if parameter},
}
# Attributes that must have this one value, and why.
SUBTLETIES = {
    "embedding": (("max_norm", None, "which rescales rows as they are read"),),
    "conv1d": (("padding_mode", "zeros", "but only zeros can pad"),),
    "max_pool1d": (("ceil_mode", False, "but a last window that is not whole is left out"), ("return_indices", False, "but only values are given"),
                   ("dilation", 1, "but a window has no gaps")),
    "avg_pool1d": (("ceil_mode", False, "but a last window that is not whole is left out"),),
    "batch_norm1d": (("track_running_stats", True, "so that each batch is normalised by itself"),),
    "softplus": (("threshold", 20, "but it is fixed at 20"),),
    "hard_tanh": (("min_val", -1.0, "but only -1..1 can be held"), ("max_val", 1.0, "but only -1..1 can be held")),
}


# ---------------------------------------------------------------- from a module

def layer_of(module, prefix):
    """The layer object of one torch.nn module; whatever its class alone does not tell is refused."""
    name = f"{prefix} ({class_name(module)})" if prefix else class_name(module)
    kind = TYPE_OF.get(type(module))
    if kind is None:
        raise ExportError(f"{name} is none of the layers that can be expressed (README.md lists them)")
    refuse_subtleties(name, module)
    if kind == "gelu" and getattr(module, "approximate", "none") == "tanh":
        kind = "gelu_tanh"
    layer = {"type": kind}
    if kind in WEIGHTED and not (kind == "layer_norm" and not module.elementwise_affine):
        layer["weights"] = prefix
    if kind in RECURRENT:
        layer["batch_first"] = getattr(module, "batch_first", True)
        if kind == "rnn" and module.nonlinearity != "tanh":
            layer["nonlinearity"] = module.nonlinearity
    elif kind == "conv1d":
        layer.update({key: number(getattr(module, key)) for key in OPTIONS[kind]})
    elif kind in POOLS:
        layer.update({key: number(getattr(module, key)) for key in OPTIONS[kind]})
    elif kind in ("batch_norm1d", "layer_norm"):
        layer["eps"] = module.eps
    elif ACTIVATIONS.get(kind, (0, None))[1]:
        layer[ACTIVATIONS[kind][1]] = float(getattr(module, ACTIVATIONS[kind][1]))
    return layer


def number(value):
    """What modules keep as (3,) is 3."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def refuse_subtleties(name, module):
    """Refuses what a layer's class does not tell: parametrised weights, an embedding that rescales its rows, a pool that rounds up."""
    kind = TYPE_OF.get(type(module))
    expected = ["weight_ih" + ("" if "Cell" in class_name(module) else "_l0")] * (kind in RECURRENT)
    expected += [n.replace("_ih", "_hh") for n in expected] + ["weight"] * (kind in ("embedding", "linear", "conv1d"))
    for tensor in expected:
        if tensor not in module.state_dict():
            raise ExportError(f"{name} has no tensor {tensor} (weight_norm or another parametrisation?); remove the parametrisation first")
    for attribute, wanted, why in SUBTLETIES.get(kind, ()):
        if getattr(module, attribute, wanted) != wanted:
            raise ExportError(f"{name} has {attribute}={getattr(module, attribute)!r}, {why}: it cannot be expressed")
    if kind == "layer_norm" and len(module.normalized_shape) != 1:
        raise ExportError(f"{name} normalises {list(module.normalized_shape)}, but only the features, the last dimension, can be normalised")


# ---------------------------------------------------------------- from chain=[...]

def given_chain(module, chain, place="layers"):
    """The layer objects of chain=[...], each entry checked against the module: "relu", ("linear", "fc"), ("max_pool1d", {"kernel_size": 2}),
    ("lstm", "cell", {"cell_activation": "relu"}), ("concat", [[...], [...]]), ("attention_decoder", {...})."""
    return [given_layer(module, entry, f"{place}[{i}]") for i, entry in enumerate(chain)]


def given_layer(module, entry, place):
    kind, *rest = (entry,) if isinstance(entry, str) or not isinstance(entry, (list, tuple)) or not entry else tuple(entry)
    where = f"{place} {kind!r}"
    if kind not in TYPES:
        raise ExportError(f"{where} is not a layer that can be expressed; those are {', '.join(TYPES)}")
    if kind in BRANCHING and rest and isinstance(rest[0], (list, tuple)):
        rest = [{"branches": rest[0]}]
    prefix = rest.pop(0) if rest and isinstance(rest[0], str) else None
    options = dict(rest.pop(0)) if rest and isinstance(rest[0], dict) else {}
    if rest:
        raise ExportError(f"{where}: {rest[0]!r} is neither the name of a part of the module nor a dict of options")
    unknown = [key for key in options if key not in OPTIONS.get(kind, ())]
    if unknown:
        raise ExportError(f"{where} has no option {unknown[0]!r}; it knows {', '.join(OPTIONS.get(kind, ())) or 'none'}")
    if kind in BRANCHING:
        branches = options.get("branches") or []
        if len(branches) < 2:
            raise ExportError(f"{where} has {len(branches)} branches, expected two or more")
        return {"type": kind, "branches": [given_chain(module, branch, f"{where} branches[{i}]") for i, branch in enumerate(branches)]}
    if kind == "attention_decoder":
        return given_decoder(module, options, where)
    if kind == "attention_over_time":
        return {"type": kind, "weights": attention_vector(module, prefix, where)}
    if kind in WEIGHTED and prefix is None and not (kind == "layer_norm" and options):
        prefix = ""
    layer = {"type": kind}
    if prefix is not None and kind in MODULES:
        own = find_part(module, prefix, where)
        foreign = kind in RECURRENT and type(own) not in TYPE_OF and not isinstance(own, nn.RNNBase)    # a cell of the caller's own
        if type(own) not in MODULES[kind] and not foreign:
            expected = " or ".join(f"nn.{t.__name__}" for t in MODULES[kind])
            raise ExportError(f"{where}: {prefix or 'the module'} is {class_name(own)}, expected {expected}")
        layer = {"type": kind, "weights": prefix, "batch_first": getattr(own, "batch_first", True)} if foreign else layer_of(own, prefix)
    if kind in POOLS:
        layer.update({key: options[key] for key in options})
        if "kernel_size" not in layer:
            raise ExportError(f"{where} needs its kernel_size, or the name of the module's nn.{MODULES[kind][0].__name__}")
    layer.update(options)
    return layer


def given_decoder(module, options, where):
    missing = [key for key in OPTIONS["attention_decoder"] if key not in options]
    if missing:
        raise ExportError(f"{where} needs {missing[0]!r}")
    for key, classes in (("embedding", (nn.Embedding,)), ("cell", (nn.LSTMCell, nn.GRUCell))):
        own = find_part(module, options[key], where)
        if type(own) not in classes:
            raise ExportError(f"{where}: {key} {options[key]} is {class_name(own)}, expected {' or '.join('nn.' + t.__name__ for t in classes)}")
        refuse_subtleties(options[key], own)
    head = given_chain(module, options["head"], f"{where} head")
    beside = next((layer["type"] for layer in head if layer["type"] in (*OVER_TIME, "embedding", "batch_norm1d", *BRANCHING)), None)
    if beside:
        raise ExportError(f"{where}: its head holds {beside!r}, but only linear, activations, layer_norm and dropout work row by row")
    return {"type": "attention_decoder", "embedding": options["embedding"], "cell": options["cell"], "head": head,
            "start": options["start"], "steps": options["steps"]}


def attention_vector(module, name, where):
    """The name of the tensor w, or the prefix in front of its .weight."""
    tensors = module.state_dict()
    if name is not None and (name in tensors or f"{name}.weight" in tensors):
        return name
    raise ExportError(f"{where} needs the name of its vector w, but the module has no tensor {name!r}")


def find_part(module, prefix, where):
    try:
        return module.get_submodule(prefix)
    except AttributeError:
        known = ", ".join(name for name, m in module.named_modules() if type(m) in TYPE_OF) or "none"
        raise ExportError(f"{where}: the module has no {prefix!r}; its layers are {known}") from None


# ---------------------------------------------------------------- from the children in order, where the forward cannot be traced

def chains_of_children(module):
    """The chains that the module's children, in the order they were made, may stand for."""
    layers = [layer_of(child, name) for name, child in leaves(module, "") if not isinstance(child, nn.Identity)]
    if not layers:
        raise ExportError(f"{class_name(module)} has no layers to derive a chain from; give chain=[...]")
    recurrent = [i for i, layer in enumerate(layers) if layer["type"] in RECURRENT]
    middles = [[]]
    if recurrent:
        # For one direction final_hidden is the same as last_step.
        both = getattr(module.get_submodule(layers[recurrent[-1]]["weights"]), "bidirectional", False)
        middles += [[{"type": "last_step"}]] + ([[{"type": "final_hidden"}]] if both else [])
    ends = [[]] if layers[-1]["type"] in ("softmax", "log_softmax") else [[], [{"type": "softmax"}], [{"type": "log_softmax"}]]
    starts = [[], [{"type": "transpose"}]] if any(layer["type"] in ("conv1d", *POOLS) for layer in layers) else [[]]
    cut = recurrent[-1] + 1 if recurrent else len(layers)
    return [start + layers[:cut] + middle + layers[cut:] + end for start in starts for middle in middles for end in ends]


def leaves(module, prefix):
    """The children in order, nn.Sequential opened."""
    for name, child in module.named_children():
        if isinstance(child, nn.Sequential):
            yield from leaves(child, prefix + name + ".")
        else:
            yield prefix + name, child


# ---------------------------------------------------------------- what holds for any chain

def check_layers(layers, place="layers", inside=False, reduced=False, recurrent=False):
    """Refuses layers that cannot stand where they are; returns whether steps are left. `recurrent`: a recurrent layer is just before."""
    for i, layer in enumerate(layers):
        kind, where = layer["type"], f"{place}[{i}] {layer['type']!r}"
        if kind == "embedding" and (i > 0 or inside):
            raise ExportError(f"{where} must come first")
        if kind in OVER_TIME and kind != "transpose" and reduced:
            raise ExportError(f"{where} needs a sequence, but an earlier layer kept one row of it")
        if kind == "final_hidden" and not recurrent:
            raise ExportError(f"{where} must directly follow an lstm, gru or rnn")
        if kind == "attention_decoder" and (not recurrent or layers[i - 1]["type"] not in ("lstm", "gru")):
            raise ExportError(f"{where} must directly follow an lstm or gru, whose output it attends to")
        if kind == "transpose" and (inside or i not in (0, len(layers) - 1) or i > 0 and reduced):
            raise ExportError(f"{where} can only be the first layer (the input is (N, C, T)) or the last (the output is)")
        if kind in BRANCHING:
            kept = [check_layers(branch, f"{where} branches[{b}]", True, reduced, recurrent) for b, branch in enumerate(layer["branches"])]
            if len(set(kept)) > 1:
                raise ExportError(f"{where}: some branches keep the steps and some do not")
            reduced = not kept[0]
        reduced = reduced or kind in REDUCING
        recurrent = kind in RECURRENT
    if not layers and not inside:
        raise ExportError("the chain has no layers")
    layouts = {layer["batch_first"] for layer in every(layers) if layer["type"] in RECURRENT}
    if not inside and len(layouts) > 1:
        raise ExportError("the chain's recurrent layers differ in batch_first, expected one layout throughout")
    if not inside and layouts == {False} and any(layer["type"] == "transpose" for layer in layers):
        raise ExportError("a transpose is between (N, C, T) and (N, T, C), but the chain's recurrent layers have batch_first=False")
    return not reduced


def every(layers):
    """All layers, those inside branches too, in order."""
    for layer in layers:
        yield layer
        for branch in layer.get("branches", []):
            yield from every(branch)


def batch_first_of(layers):
    """The layout of a chain's sequences: its recurrent layers agree in it; True where there is none."""
    return next((layer["batch_first"] for layer in every(layers) if layer["type"] in RECURRENT), True)


def input_axes(layers, inputs):
    """What the input's dimensions are: N sequences, T steps, F features; NT for tokens; a dot where the chain does not say."""
    batch_first = batch_first_of(layers)
    if layers[0]["type"] == "embedding":
        return ("NT" if batch_first else "TN") if inputs.dim() == 2 else "." * inputs.dim()
    if inputs.dim() != 3:
        return "." * inputs.dim()
    return "NFT" if layers[0]["type"] == "transpose" else "NTF" if batch_first else "TNF"


def used_tensors(layers, names):
    """The names of the tensors that the layers use, in the state dict's order."""
    used = set()
    for layer in every(layers):
        prefixes = [layer[key] for key in ("weights", "embedding", "cell") if key in layer]
        prefixes += [own["weights"] for own in layer.get("head", []) if "weights" in own]
        for prefix in prefixes:
            if layer["type"] == "attention_over_time":
                used.add(prefix if prefix in names else f"{prefix}.weight")
            else:
                used.update(name for name in names if not prefix or name.startswith(prefix + "."))
    return [name for name in names if name in used]


def chain_text(layers):
    """A chain on one line: lstm lstm → last_step → linear fc."""
    def text(layer):
        if "branches" in layer:
            return layer["type"] + "(" + " | ".join(chain_text(branch) or "as it is" for branch in layer["branches"]) + ")"
        return layer["type"] + (f" {layer['weights']}" if layer.get("weights") else "")
    return " → ".join(map(text, layers))
