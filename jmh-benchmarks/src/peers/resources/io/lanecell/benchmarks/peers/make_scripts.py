"""Writes lstm.pt and gru.pt: PyTorch's LSTM and GRU as TorchScript with their weights as inputs, so that one file serves every size.

Run: python3 make_scripts.py (PyTorch 1.13 or newer; newer ones read what older ones wrote).
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


class Gru(torch.nn.Module):
    """torch.nn.GRU (forward) and torch.nn.GRUCell (cell), likewise."""

    def forward(self, x: Tensor, h: Tensor, weights: List[Tensor], layers: int, bidirectional: bool) -> Tuple[Tensor, Tensor]:
        return torch.gru(x, h, weights, True, layers, 0.0, False, bidirectional, False)

    @torch.jit.export
    def cell(self, x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
        return torch.gru_cell(x, h, w_ih, w_hh, b_ih, b_hh)


if __name__ == "__main__":
    here = Path(__file__).parent
    torch.jit.script(Lstm().eval()).save(str(here / "lstm.pt"))
    torch.jit.script(Gru().eval()).save(str(here / "gru.pt"))
