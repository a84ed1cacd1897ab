"""The command line of export.py: random models, and state dicts of which only the file is at hand."""
import argparse
import sys
import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from export import ExportError, export_case

DTYPES = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16, "bfloat16": torch.bfloat16}


class Recurrent(nn.Module):
    """What the random models share: the LSTM, begun from a state and over packed lengths where they are given."""

    def __init__(self, a):
        super().__init__()
        self.lstm = recurrent(a)

    def sequence(self, x, lengths, state):
        lstm = self.lstm
        if lengths is None:
            return lstm(x, state)
        packed = pack_padded_sequence(x, lengths, lstm.batch_first, enforce_sorted=False)
        output, state = lstm(packed, state)
        return pad_packed_sequence(output, lstm.batch_first)[0], state


class Classifier(Recurrent):
    """LSTM, last step, Linear."""

    def __init__(self, a):
        super().__init__(a)
        self.fc = nn.Linear(features(a), a.classes)

    def forward(self, x, lengths=None, state=None):
        output, _ = self.sequence(x, lengths, state)
        if not self.lstm.batch_first:
            output = output.transpose(0, 1)
        last = output[:, -1] if lengths is None else torch.stack([output[n, length - 1] for n, length in enumerate(lengths)])
        return self.fc(last)


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
        _, (h_n, _) = self.sequence(self.embedding(tokens), lengths, state)
        last = torch.cat([h_n[-2], h_n[-1]], dim=1) if self.lstm.bidirectional else h_n[-1]
        return torch.softmax(self.fc(last), dim=1)


CHAINS = {
    "classifier": (Classifier, [("lstm", "lstm"), ("last_step",), ("linear", "fc")]),
    "char-lm": (CharLm, [("embedding", "embedding"), ("lstm", "lstm"), ("linear", "fc")]),
    "text-classifier": (TextClassifier, [("embedding", "embedding"), ("lstm", "lstm"), ("final_hidden",), ("linear", "fc"), ("softmax",)]),
}


def recurrent(a):
    return nn.LSTM(a.input_size, a.hidden_size, a.num_layers, bias=not a.no_bias, batch_first=a.batch_first, dropout=a.dropout,
                   bidirectional=a.bidirectional, proj_size=a.proj_size)


def features(a):
    return (a.proj_size or a.hidden_size) * (2 if a.bidirectional else 1)


def random_case(a):
    """A random model of the geometry asked for, exported with random inputs: the same seed gives the same case."""
    torch.manual_seed(a.seed)
    lengths = random_lengths(a)
    batch, steps = (len(lengths), max(max(lengths), a.steps)) if lengths else (a.batch, a.steps)
    chain = None
    if a.chain:
        model, chain = CHAINS[a.chain][0](a), CHAINS[a.chain][1]
    else:
        model = {"LSTM": lambda: recurrent(a),
                 "LSTMCell": lambda: nn.LSTMCell(a.input_size, a.hidden_size, bias=not a.no_bias),
                 "Linear": lambda: nn.Linear(a.input_size, a.hidden_size, bias=not a.no_bias),
                 "Embedding": lambda: nn.Embedding(a.vocabulary, a.hidden_size),
                 "Softmax": lambda: nn.Softmax(dim=-1),
                 "LogSoftmax": lambda: nn.LogSoftmax(dim=-1)}[a.module]()
    model.to(DTYPES[a.dtype])
    time_first = a.module == "LSTMCell" if not a.chain and a.module != "LSTM" else not a.batch_first
    shape = [steps] if a.unbatched else [steps, batch] if time_first else [batch, steps]
    tokens = a.module == "Embedding" if not a.chain else a.chain != "classifier"
    inputs = torch.randint(a.vocabulary, shape) if tokens else torch.randn(*shape, a.input_size, dtype=torch.float64)
    h0 = c0 = None
    if a.initial_state:
        rows = [] if a.module == "LSTMCell" else [a.num_layers * (2 if a.bidirectional else 1)]
        rows += [] if a.unbatched else [batch]
        h0 = torch.randn(*rows, a.proj_size or a.hidden_size, dtype=torch.float64)
        c0 = torch.randn(*rows, a.hidden_size, dtype=torch.float64)

    def forward(m, x):
        dtype = next(m.parameters()).dtype
        return m(x, lengths, None if h0 is None else (h0.to(dtype), c0.to(dtype)))

    return export_case(model, inputs, a.out, chain=chain, lengths=lengths, total_length=a.total_length,
                       padding_value=a.padding_value, h0=h0, c0=c0, garbage_in_padding=lengths is not None, forward=forward if chain else None,
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
    chain = [tuple(step.split(":")) for step in a.chain.split(",")] if a.chain else None
    model = nn.Module()
    for prefix in [step[1] for step in chain if len(step) > 1] if chain else [""]:
        layer = layer_from(state_dict, prefix, a)
        if not chain:
            model = layer
        else:
            owner = model
            *path, name = prefix.split(".")
            for part in path:
                if not hasattr(owner, part):
                    owner.add_module(part, nn.Module())
                owner = getattr(owner, part)
            owner.add_module(name, layer)
    first = model if not chain else model.get_submodule(chain[0][1]) if len(chain[0]) > 1 else model
    if isinstance(first, nn.Embedding):
        inputs = torch.randint(first.num_embeddings, [a.batch, a.steps])
    else:
        inputs = torch.randn(a.batch, a.steps, first.in_features if isinstance(first, nn.Linear) else first.input_size)
    if isinstance(first, nn.LSTMCell) or not a.batch_first and not isinstance(first, nn.Linear):
        inputs = inputs.transpose(0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # a model rebuilt from its tensors has no forward to compare with
        return export_case(model, inputs, a.out, chain=chain, seed=a.seed, note=f"from {a.file}, random inputs of seed {a.seed}")


def layer_from(state_dict, prefix, a):
    """The layer that tensors of these names and shapes belong to, in their dtype."""
    dot = prefix + "." if prefix else ""
    own = {name[len(dot):]: tensor for name, tensor in state_dict.items() if name.startswith(dot) and "." not in name[len(dot):]}
    if "weight_ih_l0" in own:
        layers = sum(n.startswith("weight_ih_l") and not n.endswith("_reverse") for n in own)
        projection = own["weight_hr_l0"].shape[0] if "weight_hr_l0" in own else 0
        layer = nn.LSTM(own["weight_ih_l0"].shape[1], own["weight_ih_l0"].shape[0] // 4, layers, bias="bias_ih_l0" in own,
                        batch_first=a.batch_first, bidirectional="weight_ih_l0_reverse" in own, proj_size=projection)
    elif "weight_ih" in own:
        layer = nn.LSTMCell(own["weight_ih"].shape[1], own["weight_ih"].shape[0] // 4, bias="bias_ih" in own)
    elif "weight" in own and own["weight"].dim() == 2:
        embedding = a.chain and any(step.split(":")[:2] == ["embedding", prefix] for step in a.chain.split(","))
        rows, columns = own["weight"].shape
        layer = nn.Embedding(rows, columns) if embedding else nn.Linear(columns, rows, bias="bias" in own)
    else:
        raise ExportError(f"{prefix or 'the state dict'} holds {', '.join(own or state_dict) or 'no tensors'}: no layer that can be rebuilt; "
                          "name the layers with --chain type:prefix,...")
    layer.to(next(iter(own.values())).dtype)
    try:
        layer.load_state_dict(own)
    except RuntimeError as e:
        raise ExportError(f"{prefix or 'the state dict'} is not a whole {type(layer).__name__}: {' '.join(str(e).split())}") from e
    return layer


def arguments():
    parser = argparse.ArgumentParser(prog="export.py", description="Case directories from real PyTorch; to export your own model, "
                                     "import export_case from this file (see its docstring).")
    commands = parser.add_subparsers(dest="command", required=True)
    r = commands.add_parser("random", help="a random model of any geometry, with random inputs")
    what = r.add_mutually_exclusive_group()
    what.add_argument("--module", choices=["LSTM", "LSTMCell", "Linear", "Embedding", "Softmax", "LogSoftmax"], default="LSTM")
    what.add_argument("--chain", choices=list(CHAINS))
    r.add_argument("--input-size", type=int, default=5, help="also the embedding's width in a chain, and Linear's in_features")
    r.add_argument("--hidden-size", type=int, default=13, help="also Linear's out_features and Embedding's embedding_dim")
    r.add_argument("--num-layers", type=int, default=1)
    r.add_argument("--no-bias", action="store_true")
    r.add_argument("--batch-first", action="store_true")
    r.add_argument("--bidirectional", action="store_true")
    r.add_argument("--proj-size", type=int, default=0)
    r.add_argument("--dropout", type=float, default=0.0)
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
    s.add_argument("--chain", help="embedding:embedding,lstm:lstm,last_step,linear:fc (type:prefix); not for a single layer")
    s.add_argument("--batch-first", action="store_true")
    s.add_argument("--steps", type=int, default=7)
    s.add_argument("--batch", type=int, default=3)
    for command in (r, s):
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
