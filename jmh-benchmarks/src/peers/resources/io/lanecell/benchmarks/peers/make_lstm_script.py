"""Writes lstm.pt: PyTorch's LSTM as TorchScript with its weights as inputs, so that one file serves every size.

Run: python3 make_lstm_script.py (PyTorch 1.13 or newer; newer ones read what older ones wrote).
"""
from pathlib import Path
from typing import List, Tuple

import torch
from torch import Tensor


class Lstm(torch.nn.Module):
    """torch.nn.LSTM (forward) and torch.nn.LSTMCell (cell), in the form that those modules call."""

    def forward(self, x: Tensor, h: Tensor, c: Tensor, weights: List[Tensor], layers: int,
                bidirectional: bool) -> Tuple[Tensor, Tensor, Tensor]:
        return torch.lstm(x, [h, c], weights, True, layers, 0.0, False, bidirectional, False)

    @torch.jit.export
    def cell(self, x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor,
             b_hh: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.lstm_cell(x, [h, c], w_ih, w_hh, b_ih, b_hh)


if __name__ == "__main__":
    torch.jit.script(Lstm().eval()).save(str(Path(__file__).with_name("lstm.pt")))
