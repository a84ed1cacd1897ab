"""Trains the tagger of this folder: which words of a lower-cased text began with a capital, or were written in capitals?

    /usr/bin/python3 weights/gru-tagger/train.py     (fifteen seconds; apt-get install python3-torch)

Embedding, bidirectional GRU, LayerNorm, Linear: a label per step. Texts: licences that Debian's base-files ships in
/usr/share/common-licenses; words are lower-cased, punctuation stands apart, 1 = unknown word. Every fifth stretch of 100 words is kept for
the test. Writes the case directory and training.json (the figures).
"""
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"     # repeatable sums; read when torch is imported

import torch
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # the exporter lies one folder up
from export import export_case, write_whole

SOURCES = Path("/usr/share/common-licenses")
TEXTS = ["GPL-3", "Apache-2.0", "MPL-2.0", "GFDL-1.3", "Artistic", "CC0-1.0"]
LABELS = ["lower", "Capital", "UPPER"]
SEED, UPDATES, BATCH, WORDS, WINDOW, STRETCH = 29, 1200, 32, 600, 20, 100


class GruTagger(nn.Module):
    def __init__(self, embedding=16, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, embedding)
        self.dropout = nn.Dropout(0.3)
        self.gru = nn.GRU(embedding, hidden, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(2 * hidden)
        self.fc = nn.Linear(2 * hidden, len(LABELS))

    def forward(self, tokens):
        out, _ = self.gru(self.dropout(self.embedding(tokens)))
        return self.fc(self.dropout(self.norm(out)))


def words_and_tags(text):
    """[(word, label)] of a text; a capital alone is no word in capitals."""
    def tag(word):
        return 2 if word.isupper() and len(word) > 1 else 1 if word[0].isupper() else 0
    return [(word.lower(), tag(word)) for word in re.findall(r"\w+|[^\w\s]", text)]


def windows(stretches, count):
    rows = []
    for _ in range(count):
        stretch = stretches[int(torch.randint(len(stretches), ()))]
        start = int(torch.randint(len(stretch) - WINDOW + 1, ()))
        rows.append(stretch[start:start + WINDOW])
    both = torch.tensor(rows)
    return both[..., 0], both[..., 1]


def f1(guessed, real, label):
    hits = ((guessed == label) & (real == label)).sum().item()
    return 2 * hits / max(1, (guessed == label).sum().item() + (real == label).sum().item())


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    texts = [words_and_tags((SOURCES / name).read_text(encoding="utf-8")) for name in TEXTS]
    counts = Counter(word for text in texts for word, _ in text)
    vocabulary = ["<pad>", "<unk>"] + [word for word, _ in sorted(counts.items(), key=lambda e: (-e[1], e[0]))[:WORDS - 2]]
    index = {word: i for i, word in enumerate(vocabulary)}
    stretches = [[(index.get(word, 1), tag) for word, tag in text[i:i + STRETCH]] for text in texts for i in range(0, len(text) - STRETCH, STRETCH)]
    train = [s for i, s in enumerate(stretches) if i % 5 != 3]
    test = [s for i, s in enumerate(stretches) if i % 5 == 3]

    model = GruTagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _ in range(UPDATES):
        tokens, tags = windows(train, BATCH)
        loss = nn.functional.cross_entropy(model(tokens).flatten(0, 1), tags.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    tokens, tags = windows(test, 1000)
    with torch.no_grad():
        guessed = model(tokens).argmax(-1)
    accuracy = (guessed == tags).double().mean().item()
    plain = (tags == 0).double().mean().item()

    export_case(model, tokens[:6], HERE, labels=LABELS, seed=SEED, vocabulary={"kind": "words", "tokens": vocabulary, "unknown": 1})
    write_whole(HERE / "training.json", json.dumps({
        "texts": [str(SOURCES / name) for name in TEXTS], "seed": SEED, "updates": UPDATES, "test_windows": 1000,
        "test_accuracy": round(accuracy, 4), "share_of_lower": round(plain, 4), "f1_capital": round(f1(guessed, tags, 1), 4),
        "f1_upper": round(f1(guessed, tags, 2), 4), "torch": torch.__version__}, indent=1) + "\n")
    print(f"test accuracy {accuracy:.4f} (always lower: {plain:.4f}); F1 Capital {f1(guessed, tags, 1):.3f}, UPPER {f1(guessed, tags, 2):.3f}")


if __name__ == "__main__":
    main()
