"""Trains the digit classifier of this folder: an LSTM reads an 8×8 image row by row, its last step names the digit.

    /usr/bin/python3 weights/digit-rows/train.py     (ten seconds; apt-get install python3-torch python3-sklearn)

Data: the 1797 handwritten digits that scikit-learn ships (UCI, optical recognition), pixels scaled to 0..1; every fifth image is
kept for the test. Writes the case directory (16 test images) and training.json (the figures).
"""
import json
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"     # repeatable sums; read when torch is imported

import torch
from sklearn.datasets import load_digits
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # export.py lies one folder up
from export import export_case, write_whole

SEED, EPOCHS, BATCH = 11, 60, 32


class DigitRows(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.lstm = nn.LSTM(8, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 10)

    def forward(self, rows):
        output, _ = self.lstm(rows)
        return self.fc(output[:, -1])


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    digits = load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32)
    targets = torch.tensor(digits.target)
    test = torch.arange(len(images)) % 5 == 4
    x, y = images[~test], targets[~test]
    model = DigitRows()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(images[test]).argmax(1) == targets[test]).double().mean().item()

    export_case(model, images[test][:16], HERE, chain=[("lstm", "lstm"), ("last_step",), ("linear", "fc")],
                labels=[str(digit) for digit in range(10)], seed=SEED)
    write_whole(HERE / "training.json", json.dumps({
        "data": "sklearn.datasets.load_digits", "seed": SEED, "epochs": EPOCHS, "test_images": int(test.sum()),
        "test_accuracy": round(accuracy, 4), "digits_of_the_case": targets[test][:16].tolist(),
        "torch": torch.__version__}, indent=1) + "\n")
    print(f"test accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
