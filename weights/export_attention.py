"""Attention over time in a traced forward: a = softmax over the steps of tanh(H)·w, then the sum of a_t H_t, in its usual spellings."""
import torch

from export_elements import Meaning, Parameter, Step, fits
from export_modules import Modules


class Attention(Modules):
    """The products, sums and softmax that attention is written with; none of them is a layer by itself."""

    def do_matmul(self, args, kwargs):
        first, second = args[:2]
        if isinstance(first, Meaning) and isinstance(second, Parameter) and second.value.shape[1:] in ((), (1,)):
            meaning = self.settled(first, "matmul's input")
            layer = {"type": "_vector", "weights": second.name, "place": self.place,
                     "what": f"a product with the vector {second.name} that no softmax over the steps follows"}
            product = self.row_wise(layer, meaning, 1, "matmul")
            return product if second.value.dim() == 2 else Meaning(product.step, product.ids.squeeze(-1))
        if isinstance(first, Meaning) and isinstance(second, Meaning):
            for weights, hidden, hidden_order, result in ((first, second, (0, 1, 2), (1, 0)), (second, first, (0, 2, 1), (0, 1))):
                if self.is_type(weights, "_weights") and weights.ids.dim() == hidden.ids.dim() == 3:
                    meaning = self.settled(hidden, "what is weighted")
                    n, t, f = meaning.step.shape
                    sequence = torch.arange(n * t).view(n, t)
                    if torch.equal(meaning.ids, meaning.step.numbers().permute(hidden_order)) and \
                            torch.equal(weights.ids, sequence.unsqueeze(2 - result.index(0))):
                        self.same_hidden(weights, meaning)
                        own = Step({"type": "attention_over_time", "weights": weights.step.layer["weights"]}, meaning.step, (n, f))
                        return Meaning(own, own.numbers().unsqueeze(1 + result.index(1)))
        return self.refuse("matmul other than attention's: softmax over the steps of tanh(H)·w, then the weighted sum of H")

    def attention_weights(self, meaning, what):
        scores = meaning.step
        below = scores.parent.nearest()
        if below.layer is None or below.layer["type"] != "tanh":
            self.refuse(f"{what} over the steps: the scores of attention are tanh(H)·w, but here w is applied to "
                        f"{below.layer['type'] if below.layer else 'the input'} (a Linear before the tanh, as in other attentions, cannot be had)")
        layer = {"type": "_weights", "weights": scores.layer["weights"], "what": "weights of an attention by themselves", "place": self.place}
        return Meaning(Step(layer, below.parent, scores.shape), meaning.ids)

    def same_hidden(self, weights, meaning):
        if weights.step.parent.nearest() is not meaning.step.nearest():
            self.refuse("attention weights that are not made from what they weight")

    def weighted(self, meaning, weights):
        self.same_hidden(weights, meaning)
        rows = torch.div(meaning.ids, meaning.step.shape[-1], rounding_mode="floor")
        if not fits(weights.ids, rows) or not torch.equal(weights.ids.expand(rows.shape), rows):
            self.refuse(f"weighting {list(meaning.ids.shape)} by {list(weights.ids.shape)}, which are not laid out alike")
        layer = {"type": "_weighted", "weights": weights.step.layer["weights"], "what": "weighting that no sum over the steps follows",
                 "place": self.place}
        return Meaning(Step(layer, meaning.step, meaning.step.shape), meaning.ids)

    def do_einsum(self, args, kwargs):
        equation, *operands = args[0].replace(" ", ""), *(args[1:] if not isinstance(args[1], (list, tuple)) else args[1])
        terms, _, result = equation.partition("->")
        terms = terms.split(",")
        if len(operands) == 2 and isinstance(operands[0], Meaning) and isinstance(operands[1], Meaning):
            if len(terms[0]) == 3:
                terms, operands = terms[::-1], operands[::-1]
            if len(terms[0]) == 2 and len(terms[1]) == 3 and terms[1][:2] == terms[0] and result == terms[1][0] + terms[1][2] \
                    and self.is_type(operands[0], "_weights"):
                weights = Meaning(operands[0].step, operands[0].ids.unsqueeze(-1))
                return self.over_time("sum", self.weighted(self.settled(operands[1], "what is weighted"), weights), 1, False, "einsum")
        return self.refuse(f"einsum {equation}")

    def do_masked_fill(self, args, kwargs):
        named = dict(zip(("input", "mask", "value"), args), **kwargs)
        meaning, mask = named["input"], named["mask"]
        if isinstance(meaning, Meaning) and isinstance(mask, torch.Tensor) and len(meaning.step.shape) == 3 and meaning.step.shape[-1] == 1 \
                and named["value"] <= -1e4 and self.is_mask(meaning, mask, of_padding=True):
            return meaning                      # scores of steps that are not there
        return self.refuse("masked_fill other than attention scores' padding")
