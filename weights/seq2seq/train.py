"""Trains the translator of this folder: English number words to digits, "three hundred seven" to 3 0 7.

    /usr/bin/python3 weights/seq2seq/train.py     (ten seconds; apt-get install python3-torch)

LSTM encoder; LSTMCell decoder with dot-product attention (Luong et al. 2015) that begins from the encoder's last state and feeds its own best
digit back, 5 steps. Data: all numbers 0 to 9999; every tenth, drawn at random, is kept for the test and never trained on. The decoder's loop
cannot be traced, so the chain is named: attention_decoder. Writes the case directory and training.json (the figures).
"""
import json
import math
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"     # repeatable sums; read when torch is imported

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))            # the exporter lies one folder up
from export import export_case, write_whole

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = ["<pad>", "<unk>", *ONES, *TENS, "hundred", "thousand"]
DIGITS = [*"0123456789", "<end>", "<start>"]
END, START, STEPS, LONGEST = 10, 11, 5, 8
SEED, UPDATES, BATCH = 31, 700, 64


class Translator(nn.Module):
    def __init__(self, embedding=12, hidden=32):
        super().__init__()
        self.src_embedding = nn.Embedding(len(WORDS), embedding, padding_idx=0)
        self.tgt_embedding = nn.Embedding(len(DIGITS), embedding)
        self.encoder = nn.LSTM(embedding, hidden, batch_first=True)
        self.decoder = nn.LSTMCell(embedding, hidden)
        self.combine = nn.Linear(2 * hidden, hidden)
        self.out = nn.Linear(hidden, len(DIGITS))

    def forward(self, tokens, lengths, taught=None):
        packed = pack_padded_sequence(self.src_embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        enc, (h_n, c_n) = self.encoder(packed)
        enc, _ = pad_packed_sequence(enc, batch_first=True)
        padding = torch.arange(enc.size(1))[None, :] >= lengths[:, None]
        h, c = h_n[0], c_n[0]
        token = torch.full((len(tokens),), START)
        logits = []
        for step in range(STEPS):
            h, c = self.decoder(self.tgt_embedding(token), (h, c))
            score = torch.bmm(enc, h.unsqueeze(2)).squeeze(2).masked_fill(padding, -math.inf)
            context = torch.bmm(torch.softmax(score, dim=1).unsqueeze(1), enc).squeeze(1)
            logits.append(self.out(torch.tanh(self.combine(torch.cat([h, context], dim=1)))))
            token = logits[-1].argmax(dim=1) if taught is None else taught[:, step]
        return torch.stack(logits, dim=1)


def spoken(number):
    if number < 20:
        return [ONES[number]]
    if number < 100:
        return [TENS[number // 10 - 2]] + ([ONES[number % 10]] if number % 10 else [])
    size, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
    return spoken(number // size) + [word] + (spoken(number % size) if number % size else [])


def tensors(numbers):
    tokens, digits, lengths = torch.zeros(len(numbers), LONGEST, dtype=torch.int64), torch.full((len(numbers), STEPS), END), []
    for n, number in enumerate(numbers):
        words = spoken(number)
        tokens[n, :len(words)] = torch.tensor([WORDS.index(word) for word in words])
        digits[n, :len(str(number))] = torch.tensor([int(digit) for digit in str(number)])
        lengths.append(len(words))
    return tokens, torch.tensor(lengths), digits


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    order = torch.randperm(10000).tolist()
    tokens, lengths, digits = tensors(order[1000:])
    model = Translator()
    optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _ in range(UPDATES):
        rows = torch.randint(len(tokens), (BATCH,))
        logits = model(tokens[rows], lengths[rows], taught=digits[rows])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), digits[rows].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    tokens, lengths, digits = tensors(order[:1000])
    with torch.no_grad():
        right = (model(tokens, lengths).argmax(-1) == digits).all(dim=1).double().mean().item()

    export_case(model, tokens[:12], HERE, lengths=lengths[:12], labels=DIGITS, seed=SEED,
                chain=[("embedding", "src_embedding"), ("lstm", "encoder"),
                       ("attention_decoder", {"embedding": "tgt_embedding", "cell": "decoder",
                                              "head": [("linear", "combine"), "tanh", ("linear", "out")], "start": START, "steps": STEPS})],
                vocabulary={"kind": "words", "tokens": WORDS, "unknown": 1})
    write_whole(HERE / "training.json", json.dumps({
        "data": "the numbers 0 to 9999, see train.py", "seed": SEED, "updates": UPDATES, "test_numbers": 1000,
        "test_numbers_all_digits_right": round(right, 4), "numbers_of_the_case": order[:12], "torch": torch.__version__}, indent=1) + "\n")
    print(f"{right:.4f} of 1000 numbers that were not trained on have all digits right")


if __name__ == "__main__":
    main()
