"""Exports a stack of two bidirectional LSTM layers with a Linear behind it, as torch.onnx.export writes it, and what it computes.

    /usr/bin/python3 make.py        (Debian: python3-torch, PyTorch 1.13, and python3-onnx)

stacked.onnx has the default export: constants folded, so that the LSTMs' and the Linear's matrices have no names of their own.
unfolded.onnx is the same without folding. stacked.npz holds x (2, 5, 3) and y (2, 5, 2), and the state dict.
"""

import os

import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.head = torch.nn.Sequential(torch.nn.Linear(8, 4, bias=False), torch.nn.ReLU(), torch.nn.Linear(4, 2))

    def forward(self, x):
        return self.head(self.rnn(x)[0])


torch.manual_seed(1)
model = Tagger().eval()
x = torch.randn(2, 5, 3)
for name, fold in (("stacked.onnx", True), ("unfolded.onnx", False)):
    torch.onnx.export(model, x, os.path.join(HERE, name), opset_version=14, do_constant_folding=fold, input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "n", 1: "t"}})
np.savez(os.path.join(HERE, "stacked.npz"), x=x.numpy(), y=model(x).detach().numpy(),
         **{name: tensor.numpy() for name, tensor in model.state_dict().items()})
