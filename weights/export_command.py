"""The command line of export.py: random models, and state dicts of which only the file is at hand."""
import argparse
import json
import sys
import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from export import ExportError, export_case
from export_layers import RECURRENT

DTYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Recurrent(nn.Module):
    """What the random models share: the recurrent layer, begun from a state and over packed lengths where they are given."""

    def __init__(self, a):
        super().__init__()
        self.rnn = recurrent(a, a.recurrent)

    def sequence(self, x, lengths, state):
        rnn = self.rnn
        if lengths is None:
            return rnn(x, state)
        packed = pack_padded_sequence(x, lengths, rnn.batch_first, enforce_sorted=False)
        output, state = rnn(packed, state)
        return pad_packed_sequence(output, rnn.batch_first)[0], state


class Classifier(Recurrent):
    """LSTM, last step, Linear."""

    def __init__(self, a):
        super().__init__(a)
        self.fc = nn.Linear(features(a), a.classes)

    def forward(self, x, lengths=None, state=None):
        output, _ = self.sequence(x, lengths, state)
        if not self.rnn.batch_first:
            output = output.transpose(0, 1)
        return self.fc(output[:, -1] if lengths is None else output[torch.arange(len(lengths)), torch.as_tensor(lengths) - 1])


class CharLm(Recurrent):
    """Embedding, LSTM, Linear at each step."""

    def __init__(self, a):
        super().__init__(a)
        self.embedding = nn.Embedding(a.vocabulary, a.input_size)
        self.fc = nn.Linear(features(a), a.vocabulary)

    def forward(self, tokens, lengths=None, state=None):
        return self.fc(self.sequence(self.embedding(tokens), lengths, state)[0])


class TextClassifier(Recurrent):
    """Embedding, LSTM, the final hidden state of each direction, Linear, softmax."""

    def __init__(self, a):
        super().__init__(a)
        self.embedding = nn.Embedding(a.vocabulary, a.input_size)
        self.fc = nn.Linear(features(a), a.classes)

    def forward(self, tokens, lengths=None, state=None):
        _, final = self.sequence(self.embedding(tokens), lengths, state)
        h_n = final[0] if isinstance(final, tuple) else final
        last = torch.cat([h_n[-2], h_n[-1]], dim=1) if self.rnn.bidirectional else h_n[-1]
        return torch.softmax(self.fc(last), dim=1)


class Convolution(Recurrent):
    """Conv1d, BatchNorm1d, ReLU, MaxPool1d over (N, C, T), the recurrent layer, its last step, Linear."""

    def __init__(self, a):
        super().__init__(a)
        self.conv = nn.Conv1d(a.channels, a.input_size, a.kernel_size, a.stride, a.padding, a.dilation, bias=not a.no_bias)
        self.norm, self.pool, self.fc = randomised(nn.BatchNorm1d(a.input_size)), nn.MaxPool1d(2), nn.Linear(features(a), a.classes)

    def forward(self, x, lengths=None, state=None):
        x = self.pool(torch.relu(self.norm(self.conv(x))))
        output = self.sequence(x.permute(0, 2, 1) if self.rnn.batch_first else x.permute(2, 0, 1), lengths, state)[0]
        return self.fc(output[:, -1] if self.rnn.batch_first else output[-1])


class Attention(Recurrent):
    """Embedding, the recurrent layer, additive attention over the steps, tanh, Linear."""

    def __init__(self, a):
        super().__init__(a)
        self.embedding = nn.Embedding(a.vocabulary, a.input_size)
        self.w = nn.Parameter(torch.empty(features(a)).uniform_(-0.5, 0.5))
        self.fc = nn.Linear(features(a), a.classes)

    def forward(self, tokens, lengths=None, state=None):
        output, _ = self.sequence(self.embedding(tokens), lengths, state)
        if not self.rnn.batch_first:
            output = output.transpose(0, 1)
        scores = torch.matmul(torch.tanh(output), self.w)
        if lengths is not None:
            scores = scores.masked_fill(torch.arange(output.size(1))[None, :] >= torch.as_tensor(lengths)[:, None], float("-inf"))
        return self.fc(torch.tanh(torch.sum(output * torch.softmax(scores, dim=1).unsqueeze(-1), dim=1)))


class Tagger(CharLm):
    """Embedding, the recurrent layer, LayerNorm, Linear at each step, with a residual block."""

    def __init__(self, a):
        super().__init__(a)
        self.norm, self.block = nn.LayerNorm(features(a)), nn.Sequential(nn.Linear(features(a), features(a)), nn.GELU())

    def forward(self, tokens, lengths=None, state=None):
        x = self.norm(self.sequence(self.embedding(tokens), lengths, state)[0])
        return self.fc(x + self.block(x))


CHAINS = {"classifier": Classifier, "char-lm": CharLm, "text-classifier": TextClassifier, "cnn": Convolution, "attention": Attention,
          "tagger": Tagger}


def randomised(norm):
    """A norm as after training: its statistics are not 0 and 1."""
    nn.init.normal_(norm.running_mean)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm


def recurrent(a, kind):
    cls = RECURRENT[kind.lower()][0]
    options = {"proj_size": a.proj_size} if cls is nn.LSTM else {"nonlinearity": a.nonlinearity} if cls is nn.RNN else {}
    return cls(a.input_size, a.hidden_size, a.num_layers, bias=not a.no_bias, batch_first=a.batch_first, dropout=a.dropout,
               bidirectional=a.bidirectional, **options)


def cell(a, kind):
    options = {"nonlinearity": a.nonlinearity} if kind == "RNNCell" else {}
    return getattr(nn, kind)(a.input_size, a.hidden_size, bias=not a.no_bias, **options)


def features(a):
    return (a.recurrent == "LSTM" and a.proj_size or a.hidden_size) * (2 if a.bidirectional else 1)


def random_case(a):
    """A random model of the geometry asked for, exported with random inputs: the same seed gives the same case."""
    torch.manual_seed(a.seed)
    lengths = random_lengths(a)
    batch, steps = (len(lengths), max(max(lengths), a.steps)) if lengths else (a.batch, a.steps)
    if a.chain:
        model = CHAINS[a.chain](a)
    else:
        model = {"Linear": lambda: nn.Linear(a.input_size, a.hidden_size, bias=not a.no_bias),
                 "Embedding": lambda: nn.Embedding(a.vocabulary, a.hidden_size),
                 "Conv1d": lambda: nn.Conv1d(a.channels, a.hidden_size, a.kernel_size, a.stride, a.padding, a.dilation, bias=not a.no_bias),
                 "BatchNorm1d": lambda: randomised(nn.BatchNorm1d(a.channels)),
                 "LayerNorm": lambda: nn.LayerNorm(a.input_size),
                 "Softmax": lambda: nn.Softmax(dim=-1),
                 "LogSoftmax": lambda: nn.LogSoftmax(dim=-1)}.get(
                     a.module, lambda: cell(a, a.module) if a.module.endswith("Cell") else recurrent(a, a.module))()
    model.to(DTYPES[a.dtype])
    is_cell = not a.chain and a.module.endswith("Cell")
    channels_first = a.chain == "cnn" or not a.chain and a.module in ("Conv1d", "BatchNorm1d")
    time_first = is_cell or not a.chain and a.module in ("LSTM", "GRU", "RNN") and not a.batch_first or bool(a.chain) and not a.batch_first
    shape = [steps] if a.unbatched else [steps, batch] if time_first and not channels_first else [batch, steps]
    tokens = a.module == "Embedding" if not a.chain else a.chain not in ("classifier", "cnn")
    if tokens:
        inputs = torch.randint(a.vocabulary, shape)
    elif channels_first:
        inputs = torch.randn(batch, a.channels, steps, dtype=torch.float64)
    else:
        inputs = torch.randn(*shape, a.input_size, dtype=torch.float64)
    h0 = c0 = None
    if a.initial_state:
        rows = [] if is_cell else [a.num_layers * (2 if a.bidirectional else 1)]
        rows += [] if a.unbatched else [batch]
        has_cells = "LSTM" in (a.recurrent if a.chain else a.module)
        h0 = torch.randn(*rows, has_cells and a.proj_size or a.hidden_size, dtype=torch.float64)
        c0 = torch.randn(*rows, a.hidden_size, dtype=torch.float64) if has_cells else None

    def forward(m, x):
        dtype = next(m.parameters()).dtype
        state = None if h0 is None else h0.to(dtype) if c0 is None else (h0.to(dtype), c0.to(dtype))
        return m(x, lengths, state)

    return export_case(model, inputs, a.out, lengths=lengths, total_length=a.total_length,
                       padding_value=a.padding_value, h0=h0, c0=c0, garbage_in_padding=lengths is not None, forward=forward if a.chain else None,
                       state_dict_pt=a.state_dict, seed=a.seed, note=f"random, seed {a.seed}")


def random_lengths(a):
    if a.lengths is None:
        return None
    if a.lengths == "random":
        return torch.randint(1, a.steps + 1, [a.batch]).tolist()
    return [int(length) for length in a.lengths.split(",")]


def state_dict_case(a):
    """A case from a state dict's file alone: layers are rebuilt from the tensors' names and shapes, inputs are random."""
    torch.manual_seed(a.seed)
    try:
        state_dict = torch.load(a.file, map_location="cpu", weights_only=True)
    except Exception as e:
        raise ExportError(f"{a.file} does not load as a state dict: {type(e).__name__}: {str(e).splitlines()[0]}") from e
    chain = given_entries(a.chain)
    model = nn.Module()
    if chain is None:
        model = layer_from(state_dict, "", None, a)
    for kind, prefix in prefixes(chain or []):
        owner = model
        *path, name = prefix.split(".")
        for part in path:
            if not hasattr(owner, part):
                owner.add_module(part, nn.Module())
            owner = getattr(owner, part)
        if kind == "attention_over_time" and prefix in state_dict:
            owner.register_parameter(name, nn.Parameter(state_dict[prefix]))
        elif not hasattr(owner, name):
            owner.add_module(name, layer_from(state_dict, prefix, "linear" if kind == "attention_over_time" else kind, a))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # a model rebuilt from its tensors has no forward to compare with
        return export_case(model, random_inputs(model, chain, a), a.out, chain=chain, seed=a.seed,
                           note=f"from {a.file}, random inputs of seed {a.seed}")


def given_entries(text):
    """--chain: embedding:embedding,lstm:lstm,last_step,linear:fc, or the entries of chain=[...] in JSON."""
    if not text or not text.lstrip().startswith("["):
        return [tuple(step.split(":")) for step in text.split(",")] if text else None
    try:
        return json.loads(text)
    except ValueError as e:
        raise ExportError(f"--chain is not JSON: {e}") from e


def prefixes(chain):
    """(type, prefix) of every part of the model that the chain names."""
    for entry in chain:
        kind, *rest = (entry,) if isinstance(entry, str) else tuple(entry)
        for item in rest:
            if isinstance(item, str):
                yield kind, item
            elif isinstance(item, list):
                for branch in item:
                    yield from prefixes(branch)
            elif kind == "attention_decoder":
                yield "embedding", item["embedding"]
                yield "cell", item["cell"]
                yield from prefixes(item["head"])


def random_inputs(model, chain, a):
    """Inputs for the first layer with weights; (N, C, T) where the chain begins with a transpose."""
    first = model if not chain else model.get_submodule(next(prefixes(chain))[1])
    if isinstance(first, nn.Embedding):
        inputs = torch.randint(first.num_embeddings, [a.batch, a.steps])
    elif isinstance(first, (nn.Conv1d, nn.BatchNorm1d)):
        width = first.in_channels if isinstance(first, nn.Conv1d) else first.num_features
        return torch.randn(*([a.batch, width, a.steps] if not chain or chain[0] in ("transpose", ("transpose",), ["transpose"]) else
                             [a.batch, a.steps, width]))
    else:
        width = next(getattr(first, n) for n in ("in_features", "input_size", "normalized_shape") if hasattr(first, n))
        inputs = torch.randn(a.batch, a.steps, width[0] if isinstance(width, tuple) else width)
    sequential = [m for m in model.modules() if isinstance(m, nn.RNNBase)]
    time_first = isinstance(first, nn.RNNCellBase) and not chain or sequential and not a.batch_first
    return inputs.transpose(0, 1) if time_first else inputs


def layer_from(state_dict, prefix, kind, a):
    """The layer that tensors of these names and shapes belong to, in their dtype; `kind` is the chain's word for it, if there is one."""
    dot = prefix + "." if prefix else ""
    own = {name[len(dot):]: tensor for name, tensor in state_dict.items() if name.startswith(dot) and "." not in name[len(dot):]}
    weight = own.get("weight")
    if "weight_ih_l0" in own or "weight_ih" in own:
        layer = recurrent_from_tensors(own, prefix, a)
    elif "running_mean" in own:
        layer = nn.BatchNorm1d(len(own["running_mean"]), affine=weight is not None)
    elif weight is not None and weight.dim() == 3:
        layer = nn.Conv1d(weight.shape[1], weight.shape[0], weight.shape[2], bias="bias" in own)
    elif weight is not None and weight.dim() == 1:
        layer = nn.LayerNorm(len(weight))
    elif weight is not None and weight.dim() == 2:
        rows, columns = weight.shape
        layer = nn.Embedding(rows, columns) if kind == "embedding" else nn.Linear(columns, rows, bias="bias" in own)
    else:
        raise ExportError(f"{prefix or 'the state dict'} holds {', '.join(own or state_dict) or 'no tensors'}: no layer that can be rebuilt; "
                          "name the layers with --chain type:prefix,...")
    layer.to(next(iter(own.values())).dtype)
    try:
        layer.load_state_dict(own)
    except RuntimeError as e:
        raise ExportError(f"{prefix or 'the state dict'} is not a whole {type(layer).__name__}: {' '.join(str(e).split())}") from e
    return layer


def recurrent_from_tensors(own, prefix, a):
    """An LSTM, GRU, RNN or cell: as many gates as the hidden size goes into the rows, 4, 3 or 1."""
    suffix = "_l0" if "weight_ih_l0" in own else ""
    rows, inputs = own["weight_ih" + suffix].shape
    projection = own["weight_hr_l0"].shape[0] if "weight_hr_l0" in own else 0
    gates = 4 if projection else rows // own.get("weight_hh" + suffix, torch.zeros(1, rows)).shape[1]
    if gates not in (4, 3, 1):
        raise ExportError(f"{prefix or 'the state dict'} has {rows} rows for a hidden size of {own['weight_hh' + suffix].shape[1]}, expected 4, 3 "
                          "or 1 times as many (LSTM, GRU, RNN)")
    kind = {4: "lstm", 3: "gru", 1: "rnn"}[gates]
    options = {"nonlinearity": a.nonlinearity} if gates == 1 else {}
    if not suffix:
        return RECURRENT[kind][1](inputs, rows // gates, bias="bias_ih" in own, **options)
    if projection:
        options["proj_size"] = projection
    layers = sum(n.startswith("weight_ih_l") and not n.endswith("_reverse") for n in own)
    return RECURRENT[kind][0](inputs, rows // gates, layers, bias="bias_ih_l0" in own, batch_first=a.batch_first,
                              bidirectional="weight_ih_l0_reverse" in own, **options)


def arguments():
    parser = argparse.ArgumentParser(prog="export.py", description="Case directories from real PyTorch; to export your own model, "
                                     "import export_case from this file (see its docstring).")
    commands = parser.add_subparsers(dest="command", required=True)
    r = commands.add_parser("random", help="a random model of any geometry, with random inputs")
    what = r.add_mutually_exclusive_group()
    what.add_argument("--module", default="LSTM", choices=[
        "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell", "Linear", "Embedding", "Conv1d", "BatchNorm1d", "LayerNorm", "Softmax",
        "LogSoftmax"])
    what.add_argument("--chain", choices=list(CHAINS))
    r.add_argument("--recurrent", choices=["LSTM", "GRU", "RNN"], default="LSTM", help="the recurrent layer of a chain")
    r.add_argument("--input-size", type=int, default=5, help="also the embedding's width in a chain, and Linear's in_features")
    r.add_argument("--hidden-size", type=int, default=13, help="also Linear's out_features and Embedding's embedding_dim")
    r.add_argument("--num-layers", type=int, default=1)
    r.add_argument("--no-bias", action="store_true")
    r.add_argument("--batch-first", action="store_true")
    r.add_argument("--bidirectional", action="store_true")
    r.add_argument("--proj-size", type=int, default=0)
    r.add_argument("--dropout", type=float, default=0.0)
    r.add_argument("--channels", type=int, default=3, help="of a convolution's input")
    r.add_argument("--kernel-size", type=int, default=3)
    r.add_argument("--stride", type=int, default=1)
    r.add_argument("--padding", type=int, default=1)
    r.add_argument("--dilation", type=int, default=1)
    r.add_argument("--vocabulary", type=int, default=17, help="the embedding's rows")
    r.add_argument("--classes", type=int, default=4)
    r.add_argument("--steps", type=int, default=7)
    r.add_argument("--batch", type=int, default=3)
    r.add_argument("--unbatched", action="store_true")
    r.add_argument("--lengths", help="3,5,1 or random; the padding then holds NaN")
    r.add_argument("--total-length", type=int)
    r.add_argument("--padding-value", type=float, default=0.0)
    r.add_argument("--initial-state", action="store_true")
    r.add_argument("--dtype", choices=list(DTYPES), default="float32")
    r.add_argument("--state-dict", action="store_true", help="write state_dict.pt as well")
    s = commands.add_parser("state-dict", help="a state dict's file: its layers are rebuilt, inputs are random")
    s.add_argument("file")
    s.add_argument("--chain", help="embedding:embedding,lstm:lstm,last_step,linear:fc (type:prefix), or the entries of chain=[...] in JSON; "
                   "not for a single layer")
    s.add_argument("--batch-first", action="store_true")
    s.add_argument("--steps", type=int, default=7)
    s.add_argument("--batch", type=int, default=3)
    for command in (r, s):
        command.add_argument("--nonlinearity", choices=["tanh", "relu"], default="tanh", help="of an RNN")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--out", required=True)
    return parser


def main(argv=None):
    a = arguments().parse_args(argv)
    try:
        case = random_case(a) if a.command == "random" else state_dict_case(a)
    except (ExportError, OSError) as e:
        print(f"export.py: {e}", file=sys.stderr)
        return 2
    print(f"{case.directory}: {len(case.tensors)} tensors")
    return 0
