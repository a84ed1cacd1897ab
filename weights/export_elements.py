"""The tensors of a traced forward as elements of the chain's steps.

Every tensor on the way is a Step of the chain and, for each of its elements, the number of that step's element which it shows. So
whatever only moves numbers about (indexing, view, permute, cat of h_n's rows, squeeze, padding and its removal) is done to the
element numbers themselves, and what is left is compared with what a layer gives or takes.
"""
import itertools
import operator

import torch

from export_files import ExportError
from export_layers import RECURRENT
from export_run import both_paddings


class Step:
    """One layer of the chain to be, after its parent; without a layer it is the parent itself. Its result is (N, T, F), (N, F) or, of
    tokens, (N, T): `shape`."""

    def __init__(self, layer, parent, shape):
        self.layer, self.parent, self.shape = layer, parent, tuple(shape)
        self.selected = {}                      # rule → Step, so that two uses of one selection are one layer

    def numbers(self):
        return torch.arange(max(1, torch.Size(self.shape).numel())).view(self.shape) if self.shape else torch.arange(1)

    def line(self):
        """This step and those before it, nearest first."""
        step = self
        while step is not None:
            yield step
            step = step.parent

    def nearest(self):
        """The nearest step with a layer: itself, unless it only hands its parent on."""
        return next((step for step in self.line() if step.layer is not None or step.parent is None), self)


class Meaning:
    """A tensor of the trace: element numbers `ids` of a step. `parts`: what it was joined from, if the step alone does not explain it."""

    def __init__(self, step, ids, parts=None):
        self.step, self.ids, self.parts = step, ids, parts


class Packed:
    """A PackedSequence of what `meaning` is."""

    def __init__(self, step):
        self.step = step


class Parameter:
    """A parameter of the module by its name."""

    def __init__(self, name, value):
        self.name, self.value = name, value


class Elements:
    """What can be said of tensors by their element numbers. Readings fill in module, lengths, input, value (of the node that is being
    read, on the example) and place."""

    def refuse(self, what):
        raise ExportError(f"{what}: it cannot be expressed{self.place}")

    def layers_between(self, ancestor, step):
        layers = []
        for one in step.line():
            if one is ancestor:
                break
            if one.layer is not None:
                if one.layer["type"].startswith("_"):
                    self.place = one.layer.get("place", self.place)
                    self.refuse(one.layer["what"])
                layers.insert(0, one.layer)
        return layers

    def settled(self, meaning, what):
        """The same with a step whose every element is shown, each once: a selection becomes last_step, final_hidden, …"""
        if isinstance(meaning, (Packed, tuple)):
            self.refuse(f"{what} is a {'packed sequence' if isinstance(meaning, Packed) else 'tuple'}, expected a tensor")
        if not isinstance(meaning, Meaning):
            self.refuse(f"{what} does not come from the forward's input")
        step, ids = meaning.step, meaning.ids
        whole = step.numbers().flatten()
        is_state = step.layer is not None and step.layer["type"] in ("_h_n", "_c_n")
        one_step = ids.dim() == 2 and len(step.shape) == 3 and step.shape[1] == 1       # of T = 1, out[:, -1] is all there is
        if not is_state and not one_step and torch.equal(ids.flatten().sort().values, whole):
            return meaning
        for rule, layer, chosen, parent in self.selections(step):
            if torch.equal(ids.flatten().sort().values, chosen.flatten().sort().values):
                if rule not in step.selected:
                    step.selected[rule] = Step(layer, parent, chosen.shape)
                table = torch.full((len(whole),), -1)
                table[chosen.flatten()] = torch.arange(chosen.numel())
                return Meaning(step.selected[rule], table[ids])
        if meaning.parts is not None:
            return self.joined(*meaning.parts)
        return self.refuse(f"{what} is {self.described(meaning)}")

    def described(self, meaning):
        step = meaning.step
        if step.layer is not None and step.layer["type"] == "_c_n":
            return "the cell state c_n, which the chain does not hand on"
        if step.layer is not None and step.layer["type"] == "_h_n":
            return (f"a selection of h_n, {list(meaning.ids.shape)} of {list(step.shape)}, other than the last layer's final state "
                    "(h_n[-1]; of both directions cat([h_n[-2], h_n[-1]], 1))")
        return f"a selection, {list(meaning.ids.shape)} of {list(step.shape)}, other than the last step"

    def selections(self, step):
        """(rule, layer, the elements it keeps, parent) of the selections that layers stand for."""
        numbers = step.numbers()
        if step.layer is not None and step.layer["type"] == "_h_n":
            last = torch.cat([numbers[-2], numbers[-1]], dim=-1) if step.layer["bidirectional"] else numbers[-1]
            yield "final_hidden", {"type": "final_hidden"}, last, step.parent
            return
        if len(step.shape) != 3:
            return
        rows = torch.arange(step.shape[0])
        ends = torch.full_like(rows, step.shape[1] - 1) if self.lengths is None or step.shape[1] < self.lengths.max() else self.lengths - 1
        yield "last_step", {"type": "last_step"}, numbers[rows, ends], step
        own = step.nearest().layer or {}
        if own.get("type") in RECURRENT and self.is_bidirectional(own):
            half = step.shape[2] // 2
            yield "final_hidden", {"type": "final_hidden"}, torch.cat([numbers[rows, ends, :half], numbers[:, 0, half:]], dim=-1), step
        if own.get("type") == "conv1d" and own["stride"] == 1 and step.layer is own and own["padding"] != "same":
            left, right = both_paddings(own["padding"], 0)
            for cut in range(1, right + 1):             # a causal convolution that pads both ends and cuts the right one off
                yield f"cut {cut}", {**own, "padding": [left, right - cut]}, numbers[:, :step.shape[1] - cut], step.parent

    def is_bidirectional(self, layer):
        return getattr(self.module.get_submodule(layer["weights"]), "bidirectional", False)

    def moved(self, name, args, kwargs):
        """A tensor whose numbers were only moved about: the same is done to the element numbers."""
        first = args[0]
        if not isinstance(first, Meaning):
            self.refuse(f"{name} of something that does not come from the forward's input")
        ids = first.ids
        if name in ("expand", "expand_as", "repeat") or any(isinstance(a, Meaning) for a in args[1:]) and name not in ("view_as", "reshape_as"):
            self.refuse(f"{name} with sizes or positions that the chain cannot follow")
        rest = [a.ids if isinstance(a, Meaning) else a.value if isinstance(a, Parameter) else a for a in args[1:]]
        result = operator.getitem(ids, *rest) if name == "getitem" else getattr(ids.contiguous(), name)(*rest, **kwargs)
        if isinstance(result, torch.Tensor):
            return Meaning(first.step, result)
        return tuple(Meaning(first.step, part) for part in result)

    def runs_along(self, meaning, dim, axis):
        """Whether going along a dimension goes along the step's T, or F, from its first to its last, and along nothing else."""
        shape = meaning.step.shape
        size = shape[-1] if axis == "F" else shape[1]
        stride = 1 if axis == "F" or len(shape) == 2 else shape[2]
        ids = meaning.ids.movedim(dim, -1)
        return ids.shape[-1] == size and torch.equal(ids, ids[..., :1] + stride * torch.arange(size))

    def rows(self, meaning, what):
        """For tensors whose last dimension is the features: the number of the row of each."""
        if not self.runs_along(meaning, -1, "F"):
            self.refuse(f"{what} works along the last dimension of {list(meaning.ids.shape)}, which is not the features")
        return torch.div(meaning.ids[..., 0], meaning.step.shape[-1], rounding_mode="floor")

    def row_wise(self, layer, meaning, width, what):
        rows = self.rows(meaning, what)
        return Meaning(Step(layer, meaning.step, (*meaning.step.shape[:-1], width)), rows.unsqueeze(-1) * width + torch.arange(width))

    def elementwise(self, layer, meaning, what):
        meaning = self.settled(meaning, f"the input of {what}")
        return Meaning(Step(layer, meaning.step, meaning.step.shape), meaning.ids)

    def arranged(self, meaning, axes, what):
        """Refuses unless the dimensions stand in this order."""
        meaning = self.settled(meaning, f"the input of {what}")
        numbers = meaning.step.numbers()
        if numbers.dim() != len(axes) or not torch.equal(meaning.ids, numbers.permute(["NTF".index(a) for a in axes] if len(axes) == 3 else [0, 1])):
            named = next((order for order in itertools.permutations("NTF") if numbers.dim() == 3
                          and torch.equal(meaning.ids, numbers.permute(["NTF".index(a) for a in order]))), None)
            is_laid = f"({', '.join(named)})" if named else f"{list(meaning.ids.shape)} of a result {list(meaning.step.shape)}"
            self.refuse(f"{what} takes ({', '.join(axes)}), N sequences, T steps, F features, but gets {is_laid}")
        return meaning

    def is_type(self, meaning, kind):
        return meaning.step.layer is not None and meaning.step.layer["type"] == kind

    def is_mask(self, meaning, mask, of_padding=False):
        """Whether a constant is 1 at the sequences' steps and 0 in their padding, or the contrary."""
        shape = meaning.step.shape
        if self.lengths is None or len(shape) != 3 or not fits(mask, meaning.ids):
            return False
        t, n = torch.div(meaning.ids, shape[2], rounding_mode="floor") % shape[1], torch.div(meaning.ids, shape[1] * shape[2], rounding_mode="floor")
        return torch.equal(mask.expand(meaning.ids.shape).double(), ((t < self.lengths[n]) != of_padding).double())

    def joined(self, parts, dim, place):
        """torch.cat along the features: a concat of branches."""
        self.place = place
        parts = [self.settled(part, "what is joined") for part in parts]
        if not all(self.runs_along(part, dim, "F") for part in parts):
            self.refuse(f"cat with dim={dim}, which is not the features'")
        rows = [torch.div(part.ids.select(dim, 0), part.step.shape[-1], rounding_mode="floor") for part in parts]
        if any(not torch.equal(rows[0], other) or len(part.step.shape) != len(parts[0].step.shape) for other, part in zip(rows, parts)):
            self.refuse("cat of tensors that are not laid out alike")
        width = sum(part.step.shape[-1] for part in parts)
        own = self.branching("concat", [part.step for part in parts], (*parts[0].step.shape[:-1], width))
        return Meaning(own, (rows[0].unsqueeze(-1) * width + torch.arange(width)).movedim(-1, dim))

    def branching(self, kind, steps, shape):
        lines = [set(step.line()) for step in steps]
        ancestor = next((step for step in steps[0].line() if all(step in line for line in lines)), None)
        if ancestor is not None and ancestor.layer is not None and ancestor.layer["type"].startswith("_"):
            ancestor = ancestor.parent
        branches = [self.layers_between(ancestor, step) for step in steps]
        if ancestor is self.input and any(branch and branch[0]["type"] == "embedding" for branch in branches):
            self.refuse(f"{kind} of two embeddings of the tokens, but a chain has one, at its beginning")
        flat = []
        for i, branch in enumerate(branches):           # x + f(x) + g(x) is one sum, cat of a cat one cat
            nested = len(branch) == 1 and branch[0]["type"] == kind and (i == 0 or kind == "concat")
            flat += branch[0]["branches"] if nested else [branch]
        return Step({"type": kind, "branches": flat}, ancestor, shape)


def fits(small, large):
    """Whether a tensor can be expanded to the other's shape."""
    try:
        small.expand(large.shape)
        return True
    except RuntimeError:
        return False
