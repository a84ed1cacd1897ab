"""What the calls of torch.nn's layers in a traced forward mean as layers of the chain."""
import torch
from torch import nn

from export_elements import Elements, Meaning, Packed, Step
from export_files import ExportError, class_name
from export_layers import ACTIVATIONS, RECURRENT, TYPE_OF, layer_of, number
from export_run import both_paddings


class Modules(Elements):
    """Layers that are modules; functions of the same meaning use their methods."""

    def module_call(self, path, args, kwargs):
        module = self.module.get_submodule(path)
        what = f"{path} ({class_name(module)})" if path else class_name(module)
        meaning = args[0] if args else kwargs.get("input")
        if isinstance(module, nn.RNNCellBase):
            kind = TYPE_OF.get(type(module), "lstm")
            self.refuse(f"{what} is stepped by the forward's own loop; name the loop in chain=[...], as (\"{kind}\", \"{path}\") or as an "
                        "attention_decoder; from the forward")
        if isinstance(module, nn.Identity):
            return meaning
        if isinstance(module, (nn.Flatten, nn.Unflatten)):
            ids = self.given(meaning, what).ids
            return Meaning(meaning.step, module(ids))
        if isinstance(module, nn.ConstantPad1d) and module.value == 0:
            return self.padded(meaning, module.padding)
        if isinstance(module, (nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d)):
            return self.adaptive("max" if isinstance(module, nn.AdaptiveMaxPool1d) else "mean", meaning, module.output_size, what)
        try:
            layer = layer_of(module, path)
        except ExportError as e:
            raise ExportError(f"{e}{self.place}") from None
        if layer["type"] in RECURRENT:
            return self.recurrent(module, layer, meaning, (*args[1:], *kwargs.values()), what)
        return self.layer_call(layer, meaning, what, getattr(module, "dim", None), module)

    def given(self, meaning, what):
        if not isinstance(meaning, Meaning):
            self.settled(meaning, f"the input of {what}")
        return meaning

    def layer_call(self, layer, meaning, what, dim, module=None):
        """What a layer gives; convolutions, pools and the batch norm of sequences see (N, F, T)."""
        kind = layer["type"]
        if kind in ACTIVATIONS or kind == "dropout":
            return self.elementwise(layer, meaning, what)
        if kind in ("softmax", "log_softmax"):
            return self.softmax(layer, meaning, what, dim)
        if kind in ("conv1d", "max_pool1d", "avg_pool1d"):
            return self.windows(layer, meaning, what)
        meaning = self.settled(meaning, f"the input of {what}")
        if kind == "embedding":
            if meaning.step is not self.input or self.value.dim() != meaning.ids.dim() + 1:
                self.refuse(f"{what} reads something else than the forward's tokens")
            width = self.value.shape[-1]
            return Meaning(Step(layer, meaning.step, (*meaning.step.shape, width)), meaning.ids.unsqueeze(-1) * width + torch.arange(width))
        if kind == "batch_norm1d":
            if meaning.ids.dim() == 3:
                self.arranged(meaning, "NFT", what)
            else:
                self.rows(meaning, what)
            return Meaning(Step(layer, meaning.step, meaning.step.shape), meaning.ids)
        if kind in ("linear", "layer_norm"):
            return self.row_wise(layer, meaning, self.value.shape[-1], what)
        raise AssertionError(layer)

    def recurrent(self, module, layer, meaning, states, what):
        self.initial_state(states, what)
        if isinstance(meaning, Packed):
            step = meaning.step
        else:
            step = self.arranged(self.given(meaning, what), "NTF" if module.batch_first else "TNF", what).step
        layer["batch_first"] = not self.layout.startswith("T")          # the chain's own layout, whatever the module turns inside
        width = (getattr(module, "proj_size", 0) or module.hidden_size) * (2 if module.bidirectional else 1)
        own = Step(layer, step, (*step.shape[:2], width))
        state = self.value[1] if isinstance(self.value[1], tuple) else (self.value[1],)
        steps = [Step({"type": kind, "what": f"the final state of {what} as it is", "bidirectional": module.bidirectional}, own, s.shape)
                 for kind, s in zip(("_h_n", "_c_n"), state)]
        final = tuple(Meaning(s, s.numbers()) for s in steps)
        ids = own.numbers()
        output = Packed(own) if isinstance(meaning, Packed) else Meaning(own, ids if module.batch_first else ids.transpose(0, 1))
        return output, final if layer["type"] == "lstm" else final[0]

    def initial_state(self, states, what):
        flat = []
        for state in states:
            flat += state if isinstance(state, (tuple, list)) else [state] if state is not None else []
        for i, tensor in enumerate(flat):
            if not isinstance(tensor, torch.Tensor):
                self.refuse(f"{what} begins from a state that the forward computes")
            elif tensor.any() and not (self.state and torch.equal(tensor, self.state[i])):
                self.refuse(f"{what} begins from a state that is not zero; give it as h0= and c0=")

    def softmax(self, layer, meaning, what, dim):
        meaning = self.settled(meaning, f"the input of {what}")
        if dim is None:
            self.refuse(f"{what} does not say its dim")
        if layer["type"] == "softmax" and len(meaning.step.shape) == 3 and meaning.step.shape[-1] == 1 \
                and meaning.step.layer["type"] in ("linear", "_vector") and self.runs_along(meaning, dim, "T"):
            return self.attention_weights(meaning, what)
        if not self.runs_along(meaning, dim, "F"):
            self.refuse(f"{what} has dim={dim}, which is not the features'" + (
                "" if meaning.ids.dim() < 2 or meaning.ids.shape[dim] > 1 else " (and of size 1)"))
        return Meaning(Step(layer, meaning.step, meaning.step.shape), meaning.ids)

    def windows(self, layer, meaning, what):
        pad = None
        if isinstance(meaning, Meaning) and meaning.step.layer is not None and meaning.step.layer["type"] == "_padded":
            pad, meaning = meaning.step.layer["padding"], Meaning(meaning.step.parent, meaning.step.parent.numbers().transpose(1, 2))
            if layer["type"] != "conv1d" or layer["padding"] == "same":
                self.refuse(f"{what} takes an input that was padded by itself, which only a convolution with a padding in numbers can")
        meaning = self.arranged(self.given(meaning, what), "NFT", what)
        if pad:
            left, right = both_paddings(layer["padding"], 0)
            layer["padding"] = [left + pad[0], right + pad[1]]
        n, f, t = self.value.shape
        own = Step(layer, meaning.step, (n, t, f))
        return Meaning(own, own.numbers().transpose(1, 2))

    def padded(self, meaning, padding):
        meaning = self.arranged(self.given(meaning, "padding"), "NFT", "padding")
        own = Step({"type": "_padded", "padding": tuple(padding), "what": "padding without a convolution after it", "place": self.place},
                   meaning.step, self.value.transpose(1, 2).shape)
        return Meaning(own, own.numbers().transpose(1, 2))

    def adaptive(self, kind, meaning, size, what):
        if number(size) not in (1, (1,), [1]):
            self.refuse(f"{what} has output_size={size}, but only 1, all steps in one, can be expressed")
        return self.over_time(kind, self.arranged(self.given(meaning, what), "NFT", what), -1, True, what)

    def over_time(self, kind, meaning, dim, keepdim, what):
        meaning = self.settled(meaning, f"the input of {what}")
        if isinstance(dim, (list, tuple)) and len(dim) == 1:
            dim = dim[0]
        if not isinstance(dim, int) or len(meaning.step.shape) != 3 or not self.runs_along(meaning, dim, "T"):
            self.refuse(f"{what} with dim={dim} of {list(meaning.ids.shape)} is not along the steps")
        n, t, f = meaning.step.shape
        first = meaning.ids.select(dim, 0)
        ids = torch.div(first, t * f, rounding_mode="floor") * f + first % f
        ids = ids.unsqueeze(dim) if keepdim else ids
        if kind == "sum" and meaning.step.layer is not None and meaning.step.layer["type"] == "_weighted":
            layer, parent = {"type": "attention_over_time", "weights": meaning.step.layer["weights"]}, meaning.step.parent
        elif kind == "sum":
            layer = {"type": "_sum", "what": f"{what} along the steps", "place": self.place,
                     "masked": meaning.step.layer is not None and meaning.step.layer["type"] == "_masked"}
            parent = meaning.step
        else:
            layer, parent = {"type": f"{kind}_over_time"}, meaning.step
        return Meaning(Step(layer, parent, (n, f)), ids)
