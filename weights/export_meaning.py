"""What a traced forward means as a chain of layers, or why it is none."""
import torch
from torch import nn

from export_elements import Meaning, Parameter, Step
from export_files import ExportError, class_name
from export_functions import Functions
from export_trace import first_line, trace


def traced_chain(module, inputs, lengths, state, forward):
    """The layer objects of the module's forward."""
    calls, returned = trace(module, inputs, lengths, forward)
    layouts = {1: ["N"], 2: ["NF"], 3: ["NTF", "TNF", "NFT"]} if inputs.is_floating_point() else {1: ["N"], 2: ["NT", "TN"]}
    if inputs.dim() not in layouts:
        raise ExportError(f"the input has shape {list(inputs.shape)}, expected a batch of sequences, or of rows")
    readings = [Reading(module, inputs, lengths, state, layout) for layout in layouts[inputs.dim()]]
    for reading in readings:
        try:
            return reading.chain(calls, returned)
        except ExportError as e:
            reading.refusal = e
    refusal = max(readings, key=lambda reading: reading.reached).refusal      # of the layout that explains most, the usual one first
    if inputs.is_floating_point() and inputs.dim() < 3 and any(isinstance(m, nn.RNNBase) for m in module.modules()):
        raise ExportError(f"{refusal}; sequences of one feature are given as (N, T, 1), with forward=lambda module, x: module(x.squeeze(-1))")
    raise refusal


class Reading(Functions):
    """One attempt to read the trace, with the input laid out as (N, T, F), (T, N, F), or (N, F, T)."""

    def __init__(self, module, inputs, lengths, state, layout):
        self.module, self.lengths, self.state, self.layout = module, lengths, state, layout
        canonical = [axis for axis in "NTF" if axis in layout]
        self.input = Step(None, None, [inputs.shape[layout.index(axis)] for axis in canonical])
        self.input_ids = self.input.numbers().permute([canonical.index(axis) for axis in layout])
        self.meanings, self.reached, self.refusal, self.place = {}, 0, None, ""

    def chain(self, calls, returned):
        for self.reached, call in enumerate(calls):
            self.place, self.value = call.place, call.value
            try:
                self.meanings[call.node] = self.meaning_of(call)
            except ExportError:
                raise
            except (RuntimeError, TypeError, IndexError, KeyError, ValueError, AttributeError) as e:
                self.refuse(f"{getattr(call.node.target, '__name__', call.node.target)} is used in a way that cannot be followed ({first_line(e)})")
        return self.finished(self.of(returned))

    def meaning_of(self, call):
        node = call.node
        args, kwargs = self.of(node.args), self.of(node.kwargs)
        if node.op == "placeholder":
            return Meaning(self.input, self.input_ids)
        path = str(node.target).removeprefix("module").lstrip(".")
        if node.op == "get_attr":
            return call.value if path.startswith("_constant") else Parameter(path, call.value)
        if node.op == "call_module":
            return self.module_call(path, args, kwargs)
        return self.function_call(node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target)), args, kwargs)

    def of(self, a):
        if isinstance(a, torch.fx.Node):
            return self.meanings[a]
        if isinstance(a, slice):
            return slice(self.of(a.start), self.of(a.stop), self.of(a.step))
        if isinstance(a, (tuple, list)):
            return type(a)(map(self.of, a)) if not hasattr(a, "_fields") else tuple(map(self.of, a))
        return {key: self.of(item) for key, item in a.items()} if isinstance(a, dict) else a

    def finished(self, meaning):
        while isinstance(meaning, (tuple, list)) and meaning:
            meaning = meaning[0]
        self.place = ""
        if not isinstance(meaning, Meaning):
            raise ExportError(f"{class_name(self.module)}'s forward returns something that does not come from its input")
        meaning = self.settled(meaning, "the forward's result")
        order = [0, 1, 2] if len(meaning.step.shape) == 3 and self.layout != "TNF" and self.layout != "TN" else [1, 0, 2]
        numbers = meaning.step.numbers()
        wanted = numbers.permute(order) if numbers.dim() == 3 else numbers
        end = []
        if not torch.equal(meaning.ids.flatten(), wanted.flatten()):
            if numbers.dim() == 3 and order[0] == 0 and torch.equal(meaning.ids, numbers.transpose(1, 2)):
                end = [{"type": "transpose"}]
            else:
                self.refuse(f"the result, {list(meaning.ids.shape)}, is laid out otherwise than the input")
        start = [{"type": "transpose"}] if self.layout == "NFT" else []
        layers = start + self.layers_between(None, meaning.step) + end
        if not [layer for layer in layers if layer["type"] != "transpose"]:
            raise ExportError(f"{class_name(self.module)}'s forward has no layers")
        return layers
