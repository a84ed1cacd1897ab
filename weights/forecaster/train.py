"""Trains the forecaster of this folder: an LSTM reads 40 values of a series, a Linear gives the next one.

    /usr/bin/python3 weights/forecaster/train.py     (fifteen seconds; apt-get install python3-torch)

Data: a synthetic series, seeded: a daily and a weekly rhythm, as load on a service has them (24 and 168 steps), with its
overtone and a little noise. The last fifth is kept for the test. Writes the case directory and training.json (the figures). The
tensor closed_loop_60 holds 60 forecasts in a row for the first two windows: each is fed back and the window slides by one.
"""
import json
import math
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"     # repeatable sums; read when torch is imported

import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # export.py lies one folder up
from export import export_case, write_whole

SEED, EPOCHS, BATCH, WINDOW, LENGTH = 5, 25, 64, 40, 4000


class Forecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, window):
        output, _ = self.lstm(window)
        return self.head(output[:, -1])


def series():
    t = torch.arange(LENGTH, dtype=torch.float64)
    day, week = 2 * math.pi * t / 24, 2 * math.pi * t / 168
    values = 0.6 * torch.sin(day) + 0.25 * torch.sin(2 * day + 0.7) + 0.2 * torch.sin(week) + 0.02 * torch.randn(LENGTH).double()
    return values.float()


def closed_loop(run, windows, steps=60):
    """The forecasts, each fed back as the newest value of the next window."""
    forecasts = []
    for _ in range(steps):
        next_value = run(windows)
        forecasts.append(next_value)
        windows = torch.cat([windows.to(next_value.dtype)[:, 1:], next_value[:, None]], dim=1)
    return torch.cat(forecasts, dim=1)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    windows = series().unfold(0, WINDOW + 1, 1)
    cut = len(windows) * 4 // 5
    x, y = windows[:, :-1, None], windows[:, -1:]
    model = Forecaster()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for batch in torch.randperm(cut).split(BATCH):
            loss = nn.functional.mse_loss(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
    model.eval()
    # Windows that begin WINDOW steps after the training part share no value with it.
    test_x, test_y = x[cut + WINDOW:], y[cut + WINDOW:]
    with torch.no_grad():
        rmse = nn.functional.mse_loss(model(test_x), test_y).sqrt().item()
        last_value = nn.functional.mse_loss(test_x[:, -1], test_y).sqrt().item()

    examples = test_x[::100][:6]
    export_case(model, examples, HERE, chain=[("lstm", "lstm"), ("last_step",), ("linear", "head")], seed=SEED,
                extra=lambda run: {"closed_loop_60": closed_loop(run, examples[:2])})
    write_whole(HERE / "training.json", json.dumps({
        "data": "synthetic, see train.py", "seed": SEED, "epochs": EPOCHS, "one_step_rmse": round(rmse, 5),
        "last_value_rmse": round(last_value, 5), "noise": 0.02, "torch": torch.__version__}, indent=1) + "\n")
    print(f"one-step RMSE {rmse:.4f} (repeating the last value: {last_value:.4f}; the noise alone: 0.02)")


if __name__ == "__main__":
    main()
