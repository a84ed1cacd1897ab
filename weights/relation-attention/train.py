"""Trains the relation classifier of this folder: how do two marked names in a sentence stand to each other?

    /usr/bin/python3 weights/relation-attention/train.py     (ten seconds; apt-get install python3-torch)

Attention-BiLSTM after Zhou et al. 2016: Embedding, bidirectional LSTM, M = tanh(H), a = softmax(M·w) over the words, r = Σ a_t H_t, tanh,
Linear. Data: sentences made by a small grammar, seeded; no corpus, and easier than one. The relation is told by a cue word between the two
names (<e1> … <e2>); "by" behind the cue turns it round; cues before the first name or after the second mean other people and must be passed
over. Test sentences come from the same grammar with another seed. Writes the case directory and training.json (the figures).
"""
import json
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

CUES = {"owns": ["owns", "acquired", "bought"], "founded": ["founded", "started", "created"], "employs": ["employs", "hired", "pays"]}
TURNED = {"owns": "owned by", "founded": "founded by", "employs": "works for"}
RELATIONS = ["none", *CUES, *TURNED.values()]
FILLERS = "the a new old company yesterday in city which has long been quietly and then again said report today of its".split()
NAMES = [f"name{i}" for i in range(12)]
VOCABULARY = ["<pad>", "<unk>", "<e1>", "<e2>", "by", *FILLERS, *NAMES, *(word for words in CUES.values() for word in words)]
SEED, UPDATES, BATCH, LONGEST = 17, 700, 64, 20


class AttentionRelation(nn.Module):
    def __init__(self, embedding=12, hidden=20):
        super().__init__()
        self.embedding = nn.Embedding(len(VOCABULARY), embedding, padding_idx=0)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.w = nn.Parameter(torch.empty(2 * hidden).uniform_(-0.3, 0.3))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(2 * hidden, len(RELATIONS))

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        scores = torch.matmul(torch.tanh(out), self.w)
        scores = scores.masked_fill(torch.arange(out.size(1))[None, :] >= lengths[:, None], float("-inf"))
        a = torch.softmax(scores, dim=1)
        r = torch.sum(out * a.unsqueeze(-1), dim=1)
        return self.fc(self.dropout(torch.tanh(r)))


def pick(words):
    return words[int(torch.randint(len(words), ()))]


def fillers(most):
    return [pick(FILLERS) for _ in range(int(torch.randint(most + 1, ())))]


def sentence():
    """The words, and the index of the relation."""
    relation = int(torch.randint(len(RELATIONS), ()))
    kind = list(CUES)[(relation - 1) % 3]
    between = fillers(3) if relation == 0 else [*fillers(2), pick(CUES[kind]), *(["by"] if relation > 3 else []), *fillers(1)]
    def elsewhere():
        return [pick(CUES[pick(list(CUES))])] if int(torch.randint(3, ())) == 0 else []
    words = [*elsewhere(), *fillers(2), "<e1>", pick(NAMES), *between, "<e2>", pick(NAMES), *fillers(2), *elsewhere()]
    return words, relation


def batch(count):
    tokens, lengths, relations = torch.zeros(count, LONGEST, dtype=torch.int64), [], []
    for n in range(count):
        words, relation = sentence()
        tokens[n, :len(words)] = torch.tensor([VOCABULARY.index(word) for word in words])
        lengths.append(len(words))
        relations.append(relation)
    return tokens, torch.tensor(lengths), torch.tensor(relations)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    model = AttentionRelation()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, UPDATES)
    for _ in range(UPDATES):
        tokens, lengths, relations = batch(BATCH)
        loss = nn.functional.cross_entropy(model(tokens, lengths), relations)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    torch.manual_seed(SEED + 1)
    tokens, lengths, relations = batch(2000)
    with torch.no_grad():
        accuracy = (model(tokens, lengths).argmax(1) == relations).double().mean().item()

    export_case(model, tokens[:6], HERE, lengths=lengths[:6], labels=RELATIONS, seed=SEED,
                vocabulary={"kind": "words", "tokens": VOCABULARY, "unknown": 1})
    write_whole(HERE / "training.json", json.dumps({
        "data": "synthetic, see train.py", "seed": SEED, "updates": UPDATES, "test_sentences": 2000, "test_accuracy": round(accuracy, 4),
        "relations_of_the_case": [RELATIONS[i] for i in relations[:6]], "torch": torch.__version__}, indent=1) + "\n")
    print(f"test accuracy {accuracy:.4f} (guessing: {1 / len(RELATIONS):.3f})")


if __name__ == "__main__":
    main()
