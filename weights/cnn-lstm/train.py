"""Trains the rhythm classifier of this folder: two convolutions with pools and an LSTM over a synthetic one-lead trace.

    /usr/bin/python3 weights/cnn-lstm/train.py     (ten seconds; apt-get install python3-torch)

Input (N, 1, 256): 2.56 seconds at 100 Hz of an ECG-like signal, a sum of bumps per beat (P, QRS, T) with baseline wander and noise. It is
made up, with no patient in it, and says nothing of real ECGs. Four classes: regular; fast; a premature broad beat; a beat left out. Test
traces come from the same generator with another seed. Writes the case directory and training.json (the figures).
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
sys.path.insert(0, str(HERE.parent))            # the exporter lies one folder up
from export import export_case, write_whole

CLASSES = ["regular", "fast", "premature beat", "beat left out"]
USUAL = ((-0.16, 0.025, 0.15), (0, 0.012, 1.0), (0.03, 0.012, -0.25), (0.24, 0.045, 0.3))      # a beat's bumps: seconds, width, height
BROAD = ((0, 0.045, -0.9), (0.09, 0.05, 0.8))
SEED, UPDATES, BATCH, STEPS, RATE, TRACES = 23, 500, 32, 256, 100, 3000


class CnnLstm(nn.Module):
    def __init__(self, hidden=20):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 8, 7, padding=3, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(4),
            nn.Conv1d(8, 16, 5, padding=2, stride=2, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.AvgPool1d(2))
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, len(CLASSES))

    def forward(self, x):
        y = self.features(x)                    # (N, 16, 16)
        out, _ = self.lstm(y.permute(0, 2, 1))
        return self.fc(out[:, -1])


def uniform(low, high):
    return low + (high - low) * float(torch.rand(()))


def trace(kind):
    t = torch.arange(STEPS, dtype=torch.float64) / RATE
    period = uniform(0.34, 0.42) if kind == 1 else uniform(0.55, 0.75)
    beats = [uniform(0.1, 0.3) + k * period for k in range(-1, 9)]
    beats = [b + uniform(-0.015, 0.015) for b in beats if b < STEPS / RATE + 0.3]
    inside = [k for k, b in enumerate(beats) if 0.5 < b < 2.0]
    odd = inside[int(torch.randint(len(inside), ()))]
    if kind == 3:
        del beats[odd]
    x = torch.zeros_like(t)
    for k, beat in enumerate(beats):
        broad = kind == 2 and k == odd
        at = beat - (0.3 * period if broad else 0)
        for shift, width, height in BROAD if broad else USUAL:
            x += height * torch.exp(-0.5 * ((t - at - shift) / width) ** 2)
    x += 0.1 * torch.sin(2 * math.pi * uniform(0.2, 0.5) * t + uniform(0, 6.28)) + 0.08 * torch.randn(STEPS).double()
    return (uniform(0.8, 1.2) * x).float()


def traces(count):
    kinds = torch.randint(len(CLASSES), (count,))
    return torch.stack([trace(int(kind)) for kind in kinds])[:, None], kinds


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    x, y = traces(TRACES)
    model = CnnLstm()
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.1)      # small weights, small rounding errors
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _ in range(UPDATES):
        rows = torch.randint(len(x), (BATCH,))
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    torch.manual_seed(SEED + 1)
    x, y = traces(1000)
    with torch.no_grad():
        accuracy = (model(x).argmax(1) == y).double().mean().item()

    export_case(model, x[:8], HERE, labels=CLASSES, seed=SEED)
    write_whole(HERE / "training.json", json.dumps({
        "data": "synthetic, see train.py", "seed": SEED, "updates": UPDATES, "train_traces": TRACES, "test_traces": 1000,
        "test_accuracy": round(accuracy, 4), "classes_of_the_case": [CLASSES[i] for i in y[:8]], "torch": torch.__version__}, indent=1) + "\n")
    print(f"test accuracy {accuracy:.4f} (guessing: {1 / len(CLASSES):.2f})")


if __name__ == "__main__":
    main()
