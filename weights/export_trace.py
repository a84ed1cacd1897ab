"""Traces a module's forward with torch.fx: a graph of what it does, each node with its value on the example inputs and its place.

Sizes, shapes and devices are answered from the example, so that torch.zeros(layers, x.size(0), hidden) works; whatever depends on the
numbers themselves (an if on a tensor, .item()) cannot be followed and is refused with its line.
"""
import functools
import linecache
import math
import operator
import os
import sys
from typing import NamedTuple

import torch
from torch import fx, nn
from torch.nn.utils import rnn

from export_files import ExportError, class_name

PACKING = (rnn.pack_padded_sequence, rnn.pad_packed_sequence)
HERE = os.path.dirname(os.path.abspath(__file__))
TORCH = os.path.dirname(os.path.abspath(torch.__file__))


class Untraceable(ExportError):
    """The forward cannot be followed at all, which says nothing of what it computes."""


class Call(NamedTuple):
    """One node of the trace."""
    node: fx.Node
    value: object           # on the example inputs
    place: str              # for messages: the module's path, file, line and its text


class Caller(nn.Module):
    """Calls the module as export_case does; what is not the input is not traced but used as it is."""

    def __init__(self, module, arguments, forward):
        super().__init__()
        self.module = module
        self.arguments = arguments
        self.call = forward

    def forward(self, inputs):
        return self.module(inputs, *self.arguments) if self.call is None else self.call(self.module, inputs)


def trace(module, inputs, lengths=None, forward=None):
    """The forward as a list of Calls in order, and the node that it returns (or a structure of nodes)."""
    tracer = Tracer(inputs)
    caller = Caller(module, () if lengths is None else (lengths,), forward).eval()
    try:
        graph = tracer.trace(caller)
    except ExportError:
        raise
    except Exception as e:                      # the module is the caller's code: whatever it raises is the answer
        raise Untraceable(f"{class_name(module)}'s forward cannot be traced: {type(e).__name__}: {first_line(e)}{tracer.place()}") from e
    returned = next(node for node in graph.nodes if node.op == "output").args[0]
    return [tracer.calls[node] for node in graph.nodes if node in tracer.calls], returned


def first_line(error):
    return (str(error).splitlines() or [""])[0]


class Valued(fx.Proxy):
    """A proxy that knows its value: what is no tensor (a shape, a device) is that value."""

    def __getattr__(self, name):
        value = getattr(self.tracer.calls[self.node].value, name)
        if isinstance(value, torch.Tensor):
            return self.tracer.create_proxy("call_function", getattr, (self, name), {})
        return fx.proxy.Attribute(self, name) if callable(value) else value

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __len__(self):
        return len(self.tracer.calls[self.node].value)

    def __bool__(self):
        raise Untraceable(f"the forward takes a decision on a tensor's numbers, which cannot be expressed{self.tracer.place()}")

    __int__ = __float__ = __index__ = __bool__


class Tracer(fx.Tracer):
    """PyTorch's own layers are leaves; everything else is followed."""

    def __init__(self, inputs):
        super().__init__(autowrap_functions=PACKING)
        self._autowrap_search = [math, rnn]             # nn.utils.rnn.pack_padded_sequence(…) as well as the bare name
        self.inputs = inputs
        self.calls = {}                                 # node → Call
        self.modules = []                               # paths of the modules that are being followed
        self.last_place = ""
        self.computing = False                          # while a node's value is computed, nothing is traced

    def is_leaf_module(self, module, path):
        if isinstance(module, (nn.Sequential, Caller)):
            return False
        return module.__module__.startswith("torch.nn") or isinstance(module, (nn.RNNBase, nn.RNNCellBase))

    def getattr(self, attr, attr_val, parameter_proxy_cache):
        return attr_val if self.computing else super().getattr(attr, attr_val, parameter_proxy_cache)

    def call_module(self, module, forward, args, kwargs):
        if self.computing:
            return forward(*args, **kwargs)
        path = self.path_of_module(module)
        self.modules.append(path)
        try:
            return super().call_module(module, forward, args, kwargs)
        finally:
            self.modules.pop()

    def proxy(self, node):
        return Valued(node, self)

    def create_proxy(self, kind, target, args, kwargs, name=None, type_expr=None, *more, **named):
        self.last_place = self.place()
        value = self.value_of(kind, target, args, kwargs)
        if not holds_tensors(value):
            if kind == "call_method" and target in ("item", "tolist", "numpy"):
                raise Untraceable(f"the forward takes numbers out of a tensor (.{target}()), which cannot be expressed{self.last_place}")
            return tuple(value) if isinstance(value, torch.Size) else value
        proxy = super().create_proxy(kind, target, args, kwargs, name, type_expr, *more, **named)
        self.calls[proxy.node] = Call(proxy.node, value, self.last_place)
        if type(value) in (tuple, list) and target not in PACKING:                # a real tuple, so that isinstance(state, tuple) holds
            return tuple(self.create_proxy("call_function", operator.getitem, (proxy, i), {}) for i in range(len(value)))
        return proxy

    def create_arg(self, a):
        if isinstance(a, torch.Size):
            a = tuple(a)
        if isinstance(a, torch.Tensor) and not isinstance(a, nn.Parameter):
            return self.constant(a)
        return super().create_arg(a)

    def constant(self, tensor):
        """A tensor that does not come from the input (an initial state, a mask): a node of its own."""
        node = self.create_node("get_attr", f"_constant{len(self.calls)}", (), {})
        self.calls[node] = Call(node, tensor, self.place())
        return node

    def value_of(self, kind, target, args, kwargs):
        args, kwargs = self.values(args), self.values(kwargs)
        self.computing = True
        try:
            if kind == "placeholder":
                return self.inputs
            if kind == "get_attr":
                return functools.reduce(getattr, target.split("."), self.root)
            if kind == "call_module":
                return self.root.get_submodule(target)(*args, **kwargs)
            return getattr(args[0], target)(*args[1:], **kwargs) if kind == "call_method" else target(*args, **kwargs)
        finally:
            self.computing = False

    def values(self, a):
        if isinstance(a, fx.Proxy):
            return self.calls[a.node].value
        if isinstance(a, fx.Node):
            return self.calls[a].value
        if isinstance(a, (tuple, list)):
            items = [self.values(item) for item in a]
            return type(a)(*items) if hasattr(a, "_fields") else type(a)(items)
        if isinstance(a, dict):
            return {key: self.values(item) for key, item in a.items()}
        if isinstance(a, slice):
            return slice(self.values(a.start), self.values(a.stop), self.values(a.step))
        return a

    def place(self):
        """Where the caller's code is: ", in encoder (model.py:42: `x = x * 2`)"; the last place known once the trace has ended."""
        frame = sys._getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            own = os.path.dirname(os.path.abspath(file)) == HERE and os.path.basename(file).startswith("export")
            if not own and not os.path.abspath(file).startswith(TORCH):
                break
            frame = None if own and frame.f_code.co_name == "trace" else frame.f_back
        if frame is None and not self.modules:
            return self.last_place
        inside = next((path for path in reversed(self.modules) if path), "").removeprefix("module").lstrip(".")
        if frame is None:
            return f", in {inside}" if inside else ""
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        line = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}" + (f": `{text}`" if text else "")
        return f", in {inside} ({line})" if inside else f" ({line})"


def holds_tensors(value):
    if isinstance(value, (torch.Tensor, rnn.PackedSequence)):
        return True
    return isinstance(value, (tuple, list)) and not isinstance(value, torch.Size) and any(map(holds_tensors, value))
