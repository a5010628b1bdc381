"""Training speed beside a plain transformers `Seq2SeqTrainer`: target pieces per second on the same model, pairs and batch budget.

    python scripts/bench_train.py [--data ../shared/data/bitext/coursera.tsv.zst] [--updates 30] [--repeats 3] [--tokens 3000]

Both train the starter's weights in 32 bits (bfloat16 where the machine has it: both), with dropout 0, label smoothing 0.1, Adam, gradients
clipped at 1. Ours makes batches within a budget of padded pieces; the peer sorts by length too (`group_by_length`) and gets the batch size that
fills the same budget on average. Ours is measured without and with its guided attention, which the peer does not have. Runs take turns; the
first updates of each are not counted; the ratio is the median over the repeats. Needs kakehashi[train].
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorForSeq2Seq,
    MarianTokenizer,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)

from mt.bitext.read import read_pairs
from mt.filters.rules import Rules, clean
from mt.models.registry import find
from mt.protocols import Silent
from mt.train import model, store, vocabulary
from mt.train.anchor import anchor
from mt.train.loop import Job, Trainer
from mt.train.options import Loop, Model, Recipe, Sampling, Schedule, Source

SKIPPED = 5  # updates that are not counted: allocations, first calls
Pairs = list[tuple[str, str]]


def ours(pairs: Pairs, tokens: int, updates: int, guide: float, folder: Path) -> float:
    """Target pieces per second, end marks counted, over `updates` updates."""
    pieces = vocabulary.read(find("starter"))
    place = folder / "pairs"
    if not place.exists():
        encode = (pieces.encode_src, pieces.encode_tgt)
        store.build(place, {"all": lambda counts: pairs}, encode, longest=160, pieces=len(pieces), progress=Silent())
    recipe = Recipe(
        "bench",
        {"all": Source("all")},
        sampling=Sampling(concat=0.0),
        schedule=Schedule(updates=SKIPPED + updates),
        loop=Loop(tokens=tokens, guide=guide, ema=0.002, save_minutes=10_000, log_updates=10**6),
    )
    rows = anchor(pieces.names(), 256) if guide else None
    marks: list[tuple[float, int]] = []
    run = folder / "run"
    run.mkdir(exist_ok=True)
    loaded = model.load(find("starter"), Model(), pieces)
    trainer = Trainer(
        Job(recipe, loaded, pieces, store.Store(place), rows, run, None, Silent(), print, lambda: False, "bench")
    )

    def stop() -> bool:
        marks.append((time.perf_counter(), trainer.at.tokens))
        return len(marks) > SKIPPED + updates

    trainer.job = Job(recipe, loaded, pieces, trainer.job.store, rows, run, None, Silent(), print, stop, "bench")
    trainer.run()
    for path in run.glob("state*"):
        path.unlink()
    (began, before), (ended, after) = marks[SKIPPED], marks[SKIPPED + updates]
    return (after - before) / (ended - began)


class Clock(TrainerCallback):
    """When each update ended."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        """Called by the trainer."""
        self.marks.append(time.perf_counter())


def peer(pairs: Pairs, tokens: int, updates: int, folder: Path) -> float:
    """The same of `Seq2SeqTrainer`."""
    pieces = vocabulary.read(find("starter"))
    loaded = model.load(find("starter"), Model(), pieces)
    src, tgt = pieces.encode_src([s for s, _ in pairs]), pieces.encode_tgt([t for _, t in pairs])
    rows = [
        {"input_ids": [*s, pieces.eos], "labels": [*t, pieces.eos], "length": max(len(s), len(t)) + 1}
        for s, t in zip(src, tgt, strict=True)
        if 0 < len(s) <= 160 and 0 < len(t) <= 160
    ]
    size = max(1, round(tokens / statistics.mean(row["length"] for row in rows)))
    tokenizer = MarianTokenizer.from_pretrained(find("starter"))
    collate, counts = DataCollatorForSeq2Seq(tokenizer, model=loaded), []

    def counted(features: list[dict[str, Any]]) -> Any:
        counts.append(sum(len(f["labels"]) for f in features))
        return collate([{k: f[k] for k in ("input_ids", "labels")} for f in features])

    arguments = Seq2SeqTrainingArguments(
        output_dir=str(folder / "peer"), max_steps=SKIPPED + updates, per_device_train_batch_size=size, learning_rate=1e-5,
        label_smoothing_factor=0.1, max_grad_norm=1.0, optim="adamw_torch_fused", train_sampling_strategy="group_by_length",
        length_column_name="length", remove_unused_columns=False, save_strategy="no", report_to=[], disable_tqdm=True,
        logging_strategy="no", use_cpu=not torch.cuda.is_available(), seed=1,
    )  # fmt: skip
    clock = Clock()
    trainer = Seq2SeqTrainer(
        model=loaded,
        args=arguments,
        train_dataset=rows,
        data_collator=counted,
        callbacks=[clock],
        processing_class=tokenizer,
    )
    trainer.train()
    # collation runs one batch ahead of the update, in the same order
    return sum(counts[SKIPPED : SKIPPED + updates]) / (clock.marks[SKIPPED + updates - 1] - clock.marks[SKIPPED - 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/bitext/coursera.tsv.zst"))
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--updates", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=3000)
    asked = parser.parse_args()
    rules = Rules()
    usable = (pair for _, s, t in read_pairs(asked.data) if rules.reason(*(pair := clean(s, t))) is None)
    pairs = list(islice(usable, asked.pairs))
    found: dict[str, list[float]] = {"plain": [], "guided": [], "Seq2SeqTrainer": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(asked.repeats):
            found["plain"].append(ours(pairs, asked.tokens, asked.updates, 0.0, folder))
            found["Seq2SeqTrainer"].append(peer(pairs, asked.tokens, asked.updates, folder))
            found["guided"].append(ours(pairs, asked.tokens, asked.updates, 0.2, folder))
            print(
                f"{number + 1}/{asked.repeats}: " + ", ".join(f"{k} {v[-1]:,.0f}" for k, v in found.items()), flush=True
            )
    for kind in ("plain", "guided"):
        ratio = statistics.median(a / b for a, b in zip(found[kind], found["Seq2SeqTrainer"], strict=True))
        print(f"mt train, {kind}: {statistics.median(found[kind]):,.0f} target pieces/s, {ratio:.2f} x Seq2SeqTrainer")
    print(json.dumps({"pairs": len(pairs), "threads": torch.get_num_threads(), "torch": torch.__version__} | found))


if __name__ == "__main__":
    main()
