"""A toy language for the trainer: digits, and the same digits backwards."""

from __future__ import annotations

import random

from mt.protocols import Silent
from mt.train.options import Loop, Model, Recipe, Sampling, Schedule, Source, Vocabulary


def reversals(count, *, seed=0, shortest=2, longest=8):
    """(digits, digits backwards), each digit a word."""
    rng = random.Random(seed)
    rows = ([rng.choice("0123456789") for _ in range(rng.randint(shortest, longest))] for _ in range(count))
    return [(" ".join(row), " ".join(reversed(row))) for row in rows]


def recipe(**changes):
    values = {
        "name": "toy",
        "source": {"digits": Source("digits.tsv")},
        "src_lang": "xx",
        "tgt_lang": "yy",
        "sampling": Sampling(longest=40, pool=2000, concat=0.0),
        "vocabulary": Vocabulary(size=16, coverage=1.0, byte_fallback=False),
        "model": Model(preset="toy", anchor=False, residual_scale=1.0),
        "schedule": Schedule(rate=2e-3, warmup=20, cooling=0, updates=30),
        "loop": Loop(tokens=400, guide=0, ema=0.1, threads=1, log_updates=5, save_minutes=1000, label_smoothing=0.0),
    }
    return Recipe(**(values | changes))


def trainer(tmp_path, pairs, made, *, stop=lambda: False, check=None, name="run"):
    """A trainer on these pairs; the vocabulary and the tokenised pairs are made once a directory."""
    from mt.train import model, store, vocabulary
    from mt.train.loop import Job, Trainer

    pieces = vocabulary.train(pairs, made.vocabulary)
    place = tmp_path / "pairs"
    if not place.exists():
        encode = (pieces.encode_src, pieces.encode_tgt)
        store.build(place, {"digits": lambda counts: pairs}, encode, longest=40, pieces=len(pieces), progress=Silent())
    built = model.build(made.model, pieces, None, seed=made.loop.seed)
    directory = tmp_path / name
    directory.mkdir(exist_ok=True)
    return Trainer(Job(made, built, pieces, store.Store(place), None, directory, check, Silent(), print, stop, "toy"))
