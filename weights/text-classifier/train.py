"""Trains the text classifier of this folder: which licence does a window of words come from?

    /usr/bin/python3 weights/text-classifier/train.py     (a minute; apt-get install python3-torch)

Embedding, 2-layer bidirectional LSTM over windows of 12 to 32 words, both final hidden states, Linear, softmax. Texts: licences
that Debian's base-files ships in /usr/share/common-licenses; words are lower-cased, punctuation stands apart, 0 is padding and 1
an unknown word. Every fifth stretch of 100 words is kept for the test. Writes the case directory and training.json (the figures).
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
from torch.nn.utils.rnn import pack_padded_sequence

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # export.py lies one folder up
from export import export_case, write_whole

SOURCES = Path("/usr/share/common-licenses")
LICENCES = ["GPL-3", "Apache-2.0", "MPL-2.0", "GFDL-1.3", "Artistic", "CC0-1.0"]
SEED, UPDATES, BATCH, WORDS, SHORTEST, LONGEST, STRETCH, UNKNOWN = 3, 800, 48, 800, 12, 32, 100, 0.15


class TextClassifier(nn.Module):
    def __init__(self, words=WORDS, embedding=24, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(words, embedding, padding_idx=0)
        self.lstm = nn.LSTM(embedding, hidden, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(2 * hidden, len(LICENCES))

    def logits(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, (h_n, _) = self.lstm(packed)
        return self.fc(self.dropout(torch.cat([h_n[-2], h_n[-1]], dim=1)))

    def forward(self, tokens, lengths):
        return torch.softmax(self.logits(tokens, lengths), dim=1)


def words_of(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())


def windows(stretches, count):
    """Random windows of random length, each licence as often as the others: tokens, lengths, licence."""
    tokens, lengths, licences = torch.zeros(count, LONGEST, dtype=torch.int64), [], []
    for n in range(count):
        licence = int(torch.randint(len(LICENCES), ()))
        stretch = stretches[licence][int(torch.randint(len(stretches[licence]), ()))]
        length = int(torch.randint(SHORTEST, LONGEST + 1, ()))
        start = int(torch.randint(len(stretch) - length + 1, ()))
        tokens[n, :length] = torch.tensor(stretch[start:start + length])
        lengths.append(length)
        licences.append(licence)
    return tokens, torch.tensor(lengths), torch.tensor(licences)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    texts = [words_of((SOURCES / name).read_text(encoding="utf-8")) for name in LICENCES]
    counts = Counter(word for text in texts for word in text)
    vocabulary = ["<pad>", "<unk>"] + [word for word, _ in sorted(counts.items(), key=lambda e: (-e[1], e[0]))[:WORDS - 2]]
    index = {word: i for i, word in enumerate(vocabulary)}
    stretches = [[[index.get(word, 1) for word in text[i:i + STRETCH]] for i in range(0, len(text) - LONGEST, STRETCH)] for text in texts]
    train = [[s for i, s in enumerate(text) if i % 5 != 3] for text in stretches]
    test = [[s for i, s in enumerate(text) if i % 5 == 3] for text in stretches]

    model = TextClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _ in range(UPDATES):
        tokens, lengths, licences = windows(train, BATCH)
        forgotten = (torch.rand(tokens.shape) < UNKNOWN) & (tokens > 0)      # so that no single word decides
        tokens = tokens.masked_fill(forgotten, 1)
        loss = nn.functional.cross_entropy(model.logits(tokens, lengths), licences)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    tokens, lengths, licences = windows(test, 1000)
    with torch.no_grad():
        accuracy = (model(tokens, lengths).argmax(1) == licences).double().mean().item()

    export_case(model, tokens[:8], HERE, lengths=lengths[:8], labels=LICENCES, seed=SEED,
                chain=[("embedding", "embedding"), ("lstm", "lstm"), ("final_hidden",), ("dropout",), ("linear", "fc"), ("softmax",)],
                vocabulary={"kind": "words", "tokens": vocabulary, "unknown": 1})
    write_whole(HERE / "training.json", json.dumps({
        "texts": [str(SOURCES / name) for name in LICENCES], "seed": SEED, "updates": UPDATES, "test_windows": 1000,
        "test_accuracy": round(accuracy, 4), "licences_of_the_case": [LICENCES[i] for i in licences[:8]],
        "torch": torch.__version__}, indent=1) + "\n")
    print(f"test accuracy {accuracy:.4f} of windows of {SHORTEST} to {LONGEST} words from passages not trained on")


if __name__ == "__main__":
    main()
