"""What the functions, methods and operators in a traced forward mean as layers of the chain."""
import torch

from export_attention import Attention
from export_elements import Meaning, Packed, Parameter, Step, fits
from export_layers import ACTIVATIONS, number

MOVING = {"getitem", "view", "reshape", "permute", "transpose", "swapaxes", "swapdims", "movedim", "t", "contiguous", "squeeze", "unsqueeze",
          "flatten", "unflatten", "select", "narrow", "chunk", "split", "tensor_split", "unbind", "clone", "gather", "index_select", "take_along_dim",
          "expand", "expand_as", "repeat", "flip", "view_as", "reshape_as"}
NOTHING = {"detach", "float", "double", "to", "type", "type_as", "cpu", "cuda", "requires_grad_", "contiguous", "clone", "long", "int"}
SAME_NAME = {
    "__add__": "add", "iadd": "add", "__radd__": "add", "__mul__": "mul", "__rmul__": "mul", "imul": "mul", "multiply": "mul", "truediv": "div",
    "__truediv__": "div", "true_divide": "div", "__matmul__": "matmul", "__rmatmul__": "matmul", "bmm": "matmul", "mv": "matmul",
    "concat": "cat", "concatenate": "cat", "__getitem__": "getitem", "hardswish": "hard_swish", "hardtanh": "hard_tanh",
    "hardsigmoid": "hard_sigmoid", "special_expit": "sigmoid", "alpha_dropout": "dropout", "feature_dropout": "dropout",
    "dropout1d": "dropout", "dropout2d": "dropout",
}


class Functions(Attention):
    """A method do_NAME for each function, method or operator of that name; activations and what only moves numbers have none."""

    def function_call(self, name, args, kwargs):
        if name.endswith("_") and not name.startswith("_"):
            name = name[:-1]                    # in place
        name = SAME_NAME.get(name, name)
        kwargs = {key: value for key, value in kwargs.items() if key not in ("inplace", "memory_format")}
        if not args and "input" in kwargs:
            args = (kwargs.pop("input"),)
        if name == "getattr":
            return self.attribute(*args)
        if name == "getitem" and isinstance(args[0], (tuple, list)):
            return args[0][args[1]]
        if isinstance(args[0], Parameter) and name in MOVING | NOTHING:
            return Parameter(args[0].name, self.value)
        if name in ("zeros_like", "new_zeros"):
            return torch.zeros_like(self.value)
        if not any(isinstance(a, (Meaning, Packed, Parameter, tuple, list)) for a in (*args, *kwargs.values())):
            return self.value                   # of constants only
        if name in NOTHING:
            return args[0]
        if name in MOVING:
            return self.moved(name, args, kwargs)
        handler = getattr(self, f"do_{name}", None)
        if handler is not None:
            return handler(args, kwargs)
        if name in ACTIVATIONS:
            return self.activation(name, args, kwargs)
        return self.refuse(f"{name} is not a layer")

    def attribute(self, owner, name):
        if isinstance(owner, Meaning) and name in ("T", "mT"):
            return Meaning(owner.step, getattr(owner.ids, name))
        if isinstance(owner, tuple) and name in ("values", "indices"):
            return owner[0 if name == "values" else 1]
        return self.refuse(f"{name} of a tensor")

    def activation(self, name, args, kwargs):
        parameter = ACTIVATIONS[name][1]
        positional = {"leaky_relu": ["negative_slope"], "elu": ["alpha"], "softplus": ["beta", "threshold"], "hard_tanh": ["min_val", "max_val"]}
        options = {**dict(zip(positional.get(name, []), args[1:])), **kwargs}
        layer = {"type": name}
        if parameter:
            layer[parameter] = float(options.pop(parameter, getattr(ACTIVATIONS[name][0](), parameter)))
        if name == "gelu" and options.pop("approximate", "none") == "tanh":
            layer["type"] = "gelu_tanh"
        fixed = {"threshold": 20, "min_val": -1.0, "max_val": 1.0}
        for key, value in options.items():
            if value != fixed.get(key):
                self.refuse(f"{name} with {key}={value}")
        return self.elementwise(layer, args[0], name)

    def do_softmax(self, args, kwargs, kind="softmax"):
        return self.softmax({"type": kind}, args[0], kind, args[1] if len(args) > 1 else kwargs.get("dim"))

    def do_log_softmax(self, args, kwargs):
        return self.do_softmax(args, kwargs, "log_softmax")

    def do_dropout(self, args, kwargs):
        p = args[1] if len(args) > 1 else kwargs.get("p", 0.5)
        if p and (args[2] if len(args) > 2 else kwargs.get("training", kwargs.get("train", True))):
            self.refuse("dropout that is active at inference (training=self.training is missing)")
        return self.elementwise({"type": "dropout"}, args[0], "dropout")

    def do_layer_norm(self, args, kwargs):
        named = dict(zip(("input", "normalized_shape", "weight", "bias", "eps"), args), **kwargs)
        if len(named["normalized_shape"]) != 1 or named.get("weight") is not None or named.get("bias") is not None:
            self.refuse("layer_norm as a function with weights, or of more than the features; use nn.LayerNorm")
        return self.row_wise({"type": "layer_norm", "eps": named.get("eps", 1e-5)}, self.settled(args[0], "layer_norm's input"),
                             self.value.shape[-1], "layer_norm")

    def do_linear(self, args, kwargs):
        named = dict(zip(("input", "weight", "bias"), args), **kwargs)
        weight, bias = named["weight"], named.get("bias")
        prefix = weight.name.rpartition(".")[0] if isinstance(weight, Parameter) and weight.name.split(".")[-1] == "weight" else None
        if prefix is None or bias is not None and getattr(bias, "name", None) != (prefix + "." if prefix else "") + "bias":
            self.refuse("linear as a function of parameters not named weight and bias; use nn.Linear")
        return self.row_wise({"type": "linear", "weights": prefix}, self.settled(named["input"], "linear's input"), self.value.shape[-1], "linear")

    def pooling(self, kind, args, kwargs):
        named = dict(zip(("input", "kernel_size", "stride", "padding"), args), **kwargs)
        kernel = number(named.pop("kernel_size"))
        meaning, stride, padding = named.pop("input"), number(named.pop("stride", None)) or kernel, number(named.pop("padding", 0))
        counted = named.pop("count_include_pad", True)
        unusual = [key for key, value in named.items() if value and not (key == "dilation" and number(value) == 1)]
        if unusual:
            self.refuse(f"{kind} with {unusual[0]}={named[unusual[0]]}")
        if isinstance(meaning, Meaning) and meaning.ids.dim() == 3 and kernel == meaning.ids.shape[-1] and self.value.shape[-1] == 1 and not padding:
            return self.adaptive("max" if kind == "max_pool1d" else "mean", meaning, 1, kind)        # over all steps there are
        layer = {"type": kind, "kernel_size": kernel, "stride": stride, "padding": padding}
        return self.windows({**layer, "count_include_pad": counted} if kind == "avg_pool1d" else layer, meaning, kind)

    def do_max_pool1d(self, args, kwargs):
        return self.pooling("max_pool1d", args, kwargs)

    def do_avg_pool1d(self, args, kwargs):
        return self.pooling("avg_pool1d", args, kwargs)

    def do_adaptive_max_pool1d(self, args, kwargs):
        return self.adaptive("max", args[0], (*args[1:], *kwargs.values())[0], "adaptive_max_pool1d")

    def do_adaptive_avg_pool1d(self, args, kwargs):
        return self.adaptive("mean", args[0], (*args[1:], *kwargs.values())[0], "adaptive_avg_pool1d")

    def do_pad(self, args, kwargs):
        named = dict(zip(("input", "pad", "mode", "value"), args), **kwargs)
        if named.get("mode", "constant") != "constant" or named.get("value") or len(named["pad"]) != 2:
            self.refuse("padding with anything but zeros at the ends of the steps")
        return self.padded(named["input"], named["pad"])

    def reduction(self, kind, args, kwargs):
        dim = args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("axis"))
        keepdim = bool(args[2] if len(args) > 2 else kwargs.get("keepdim", False))
        return self.over_time(kind, args[0], dim, keepdim, kind)

    def do_mean(self, args, kwargs):
        return self.reduction("mean", args, kwargs)

    def do_sum(self, args, kwargs):
        return self.reduction("sum", args, kwargs)

    def do_amax(self, args, kwargs):
        return self.reduction("max", args, kwargs)

    def do_max(self, args, kwargs):
        if not isinstance(self.value, tuple):
            self.refuse("max other than along the steps")
        return self.reduction("max", args, kwargs), None

    def do_pack_padded_sequence(self, args, kwargs):
        named = dict(zip(("input", "lengths", "batch_first", "enforce_sorted"), args), **kwargs)
        if self.lengths is None:
            self.refuse("the forward packs its sequences by their lengths; give lengths=[...] to export it: without them")
        lengths = named["lengths"]
        if isinstance(lengths, Meaning) or not torch.equal(torch.as_tensor(lengths), self.lengths):
            self.refuse("the forward packs by other lengths than those given")
        axes = "NTF" if named.get("batch_first") else "TNF"
        return Packed(self.arranged(named["input"], axes, "pack_padded_sequence").step)

    def do_pad_packed_sequence(self, args, kwargs):
        named = dict(zip(("sequence", "batch_first", "padding_value", "total_length"), args), **kwargs)
        step = named["sequence"].step
        time = 1 if named.get("batch_first") else 0
        own = Step(None, step, (step.shape[0], self.value[0].shape[time], step.shape[2]))
        return Meaning(own, own.numbers() if time else own.numbers().transpose(0, 1)), self.lengths

    def do_add(self, args, kwargs):
        alpha = kwargs.get("alpha", 1)
        if isinstance(args[0], int) and args[0] == 0:           # Python's sum([...]) begins with 0
            return args[1]
        if alpha != 1 or not all(isinstance(a, Meaning) for a in args[:2]):
            self.refuse("adding a constant, a parameter or a multiple")
        first, second = (self.settled(a, "what is added") for a in args[:2])
        if first.ids.shape != second.ids.shape or first.step.shape != second.step.shape or not torch.equal(first.ids, second.ids):
            self.refuse(f"adding {list(first.ids.shape)} and {list(second.ids.shape)}, which are not laid out alike")
        return Meaning(self.branching("add", [first.step, second.step], first.step.shape), first.ids)

    def do_cat(self, args, kwargs):
        parts = list(args[0])
        dim = args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("axis", 0))
        if all(isinstance(part, Meaning) and part.step is parts[0].step for part in parts):
            return Meaning(parts[0].step, torch.cat([part.ids for part in parts], dim), parts=(parts, dim, self.place))
        return self.joined(parts, dim, self.place)

    def do_stack(self, args, kwargs):
        parts = list(args[0])
        if not all(isinstance(part, Meaning) and part.step is parts[0].step for part in parts):
            self.refuse("stack of different tensors")
        return Meaning(parts[0].step, torch.stack([part.ids for part in parts], *args[1:], **kwargs))

    def do_hstack(self, args, kwargs):
        return self.do_cat((args[0], 1), {})

    def do_mul(self, args, kwargs):
        first, second = args[:2]
        if not isinstance(first, Meaning) or isinstance(second, Meaning) and self.is_type(first, "_weights"):
            first, second = second, first
        if isinstance(first, Meaning) and isinstance(second, Meaning):
            if self.is_type(second, "_weights"):
                return self.weighted(self.settled(first, "what is weighted"), second)
            for x, gate in ((first, second), (second, first)):
                if self.is_type(gate, "sigmoid") and gate.step.parent is x.step and torch.equal(gate.ids, x.ids):
                    return self.elementwise({"type": "silu"}, x, "x · sigmoid(x)")
            self.refuse("multiplying two tensors")
        if isinstance(first, Meaning) and isinstance(second, torch.Tensor) and self.is_mask(first, second):
            layer = {"type": "_masked", "what": "a product with a mask of the lengths", "place": self.place}
            return Meaning(Step(layer, first.step, first.step.shape), first.ids)
        return self.refuse("multiplying by a number or a parameter")

    def do_div(self, args, kwargs):
        total, by = args[:2]
        if isinstance(total, Meaning) and self.is_type(total, "_sum") and total.step.layer["masked"] and isinstance(by, torch.Tensor):
            counts = torch.div(total.ids, total.step.shape[-1], rounding_mode="floor")
            if fits(by, total.ids) and torch.equal(by.expand(total.ids.shape).long(), self.lengths[counts]):
                return Meaning(Step({"type": "mean_over_time"}, total.step.parent.parent, total.step.shape), total.ids)
        return self.refuse("dividing")
