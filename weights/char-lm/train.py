"""Trains the character-level language model of this folder: Embedding, 2-layer LSTM, Linear.

    /usr/bin/python3 weights/char-lm/train.py        (5 minutes on one core; apt-get install python3-torch)

Text: the GNU General Public License, version 3, as Debian's base-files ships it in /usr/share/common-licenses, runs of blanks
squeezed. Greedy text therefore reads like a licence. Writes the case directory, generations.json (prompts and the greedy text
that PyTorch gives for them) and training.json (the figures). Same seed, same machine, same PyTorch: the same bytes.
"""
import hashlib
import json
import math
import os
import re
import sys
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"     # repeatable sums; read when torch is imported

import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # export.py lies one folder up
from export import export_case, write_whole

SOURCE = Path("/usr/share/common-licenses/GPL-3")
SEED, EPOCHS, BATCH, STEPS, FRESH = 20240601, 130, 16, 64, 0.1
PROMPTS = ["The ", "This program is free software", "You may convey", "If you ", "a"]


class CharLM(nn.Module):
    def __init__(self, characters, embedding=32, hidden=128):
        super().__init__()
        self.embedding = nn.Embedding(characters, embedding)
        self.lstm = nn.LSTM(embedding, hidden, num_layers=2, batch_first=True)
        self.fc = nn.Linear(hidden, characters)

    def forward(self, tokens, state=None):
        output, state = self.lstm(self.embedding(tokens), state)
        return self.fc(output), state


def train(model, text):
    """Truncated backpropagation: BATCH readers walk through the text side by side, each keeping its state.

    At each window a reader forgets it with probability FRESH, so that the model also knows how to begin from zeros, as prompts do.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    stretch = len(text) // BATCH
    windows = (stretch - 1) // STEPS - 1
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * windows, eta_min=1e-4)
    for epoch in range(EPOCHS):
        # A new offset each epoch, so that windows and readers do not always break at the same characters.
        shifted = torch.roll(text, -int(torch.randint(len(text), ())))[:stretch * BATCH].view(BATCH, stretch)
        state, total = None, 0.0
        for window in range(windows):
            part = shifted[:, window * STEPS:window * STEPS + STEPS + 1]
            logits, state = model(part[:, :-1], state)
            kept = (torch.rand(BATCH, 1) >= FRESH).float()
            state = tuple(s.detach() * kept for s in state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: {total / windows:.3f} nats a character", flush=True)
    return total / windows


@torch.no_grad()
def greedy(model, characters, prompt, length):
    """The prompt's most likely continuation, the state carried, and the smallest gap between the two best logits."""
    tokens, state, text, margin = torch.tensor([[characters.index(c) for c in prompt]]), None, "", math.inf
    for _ in range(length):
        logits, state = model(tokens, state)
        best = torch.topk(logits[0, -1], 2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        tokens = best.indices[:1][None]
        text += characters[tokens.item()]
    return text, margin


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    start = time.time()
    text = re.sub(r"[ \t]+", " ", SOURCE.read_text(encoding="utf-8"))
    characters = sorted(set(text))
    tokens = torch.tensor([characters.index(c) for c in text])
    model = CharLM(len(characters))
    loss = train(model, tokens)
    model.eval()

    examples = torch.stack([tokens[first:first + 40] for first in (1000, 20000)])
    export_case(model, examples, HERE, chain=[("embedding", "embedding"), ("lstm", "lstm"), ("linear", "fc")],
                vocabulary={"kind": "characters", "tokens": characters}, seed=SEED)
    generations = []
    wide = CharLM(len(characters)).double()
    wide.load_state_dict(model.state_dict())
    for prompt in PROMPTS:
        for steps in (50, 300):
            continuation, margin = greedy(model, characters, prompt, steps)
            generations.append({"prompt": prompt, "steps": steps, "greedy": continuation,
                                "same_in_float64": greedy(wide, characters, prompt, steps)[0] == continuation,
                                "smallest_top2_logit_margin": margin})
    for g in generations:
        print(f"{g['prompt']!r} → {g['greedy']!r} (margin {g['smallest_top2_logit_margin']:.4f})")
        if g["smallest_top2_logit_margin"] < 1e-3 or not g["same_in_float64"]:
            sys.exit("this text hangs by a thread: choose another prompt or seed")
    write_whole(HERE / "generations.json", json.dumps({"generations": generations}, indent=1, ensure_ascii=False) + "\n")
    write_whole(HERE / "training.json", json.dumps({
        "text": str(SOURCE), "sha256": hashlib.sha256(SOURCE.read_bytes()).hexdigest(), "characters": len(text), "seed": SEED,
        "epochs": EPOCHS, "loss_nats_per_character": round(loss, 4), "torch": torch.__version__}, indent=1) + "\n")
    print(f"{loss:.3f} nats a character, {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
