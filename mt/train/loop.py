"""The loop: batches, updates, averages, checks and checkpoints, stopped and resumed at any update."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mt.errors import MTError, OutputError
from mt.protocols import Progress
from mt.train import sampling, schedule
from mt.train.device import autocast, place
from mt.train.export import export
from mt.train.loss import ChunkedCrossEntropy, Guide, Losses
from mt.train.options import Recipe, Source
from mt.train.state import Position, State, gather, read, restore, save
from mt.train.store import Store
from mt.train.vocabulary import Pieces

Check = Callable[[Path], Mapping[str, float]]
Batch = list[sampling.Item]
_AVERAGE_EVERY = 4  # updates; the average of every update would cost a tenth of the time


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is made of.

    Attributes:
        recipe: all options.
        model: to be trained.
        pieces: its vocabulary.
        store: the tokenised pairs.
        anchor: unit rows for the guided attention; None = no guidance.
        directory: state, log and models go there.
        check: translates the development set with an exported model and returns scores, `chrF` among them; None = no checks.
        progress: is told of every update.
        say: takes a line for people, as often as the log gets one.
        stop: asked before every update.
        key: names recipe and data; a checkpoint of another key is refused by whoever made the key.
    """

    recipe: Recipe
    model: Any
    pieces: Pieces
    store: Store
    anchor: Any
    directory: Path
    check: Check | None
    progress: Progress
    say: Callable[[str], None]
    stop: Callable[[], bool]
    key: str


class Trainer:
    """One training run; `run` may be called once."""

    def __init__(self, job: Job) -> None:
        """Moves the model to its device and takes up the checkpoint of `job.directory` where there is one. Raises ModelError."""
        loop, self.job = job.recipe.loop, job
        self.device = place(loop.device, loop.threads)
        self.model = job.model.to(self.device)
        self.trained = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        # no weight decay: the models are small for their data
        self.optimizer = torch.optim.AdamW(
            self.trained.values(), lr=job.recipe.schedule.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        )
        self.ema = {n: p.detach().clone() for n, p in self.trained.items()}
        self.at = Position()
        torch.manual_seed(loop.seed)
        if state := read(job.directory):
            self.at = state.position
            kept = restore(state.tensors, self.model, self.optimizer)
            self.ema = {n: kept[n] for n in self.trained}  # in the same order: the update walks through both
        self.guide = None
        if loop.guide and job.anchor is not None:
            self.guide = Guide(self.model, torch.from_numpy(job.anchor).to(self.device))
        self.shares = self._shares(job.recipe.source)
        self.sums = _Sums()

    def run(self, *, decay_minutes: float = 0.0) -> Position:
        """Train until the schedule ends or `job.stop` says so; then save, and export the averaged weights to `directory/model`.

        Args:
            decay_minutes: instead let the learning rate fall to 0 within so many minutes from the checkpoint, which stays as it was, and
                export to `directory/decayed`.

        Raises:
            MTError: when the loss is no number; the message names the batch.
            OutputError: when a checkpoint cannot be written.
        """
        options, loop = self.job.recipe.schedule, self.job.recipe.loop
        limit = 60 * (decay_minutes or options.minutes)
        if decay_minutes:
            weighted = {
                n: replace(s, share=self.job.recipe.anneal.get(n, s.share)) for n, s in self.job.recipe.source.items()
            }
            self.shares = self._shares(weighted)
        self.job.progress.stage("training", options.updates - self.at.updates if options.updates else None, "update")
        began = saved = time.monotonic()
        self.model.train()
        for batches, behind in self._updates():
            now = time.monotonic()
            if (
                self.job.stop()
                or (limit and now - began >= limit)
                or (options.updates and self.at.updates >= options.updates)
            ):
                break
            left = 1 - (now - began) / limit if decay_minutes else 1.0
            self._update(batches, schedule.rate(options, self.at.updates, self.at.updates - self.at.began, left=left))
            self.at = replace(self.at, pool=behind.pool, batch=behind.batch, short=behind.short)
            self.job.progress.advance(1)
            if self.at.updates % loop.log_updates == 0:
                self._tell(began, limit)
            if decay_minutes:
                continue
            if time.monotonic() - saved >= 60 * loop.save_minutes:
                self.save()
                saved = time.monotonic()
            if loop.check_updates and self.at.updates % loop.check_updates == 0 and self._check() >= loop.patience > 0:
                break
        if not decay_minutes:
            self.save()
        self.export(self.job.directory / ("decayed" if decay_minutes else "model"))
        return self.at

    def _shares(self, sources: Mapping[str, Source]) -> list[float]:
        sizes = [end - start for start, end in self.job.store.ranges]
        return sampling.rates(sources, sizes, self.job.recipe.sampling)

    def save(self) -> None:
        """Write a checkpoint."""
        save(self.job.directory, State(self.at, gather(self.model, self.ema, self.optimizer), self.job.key))

    def export(self, out: Path) -> None:
        """The averaged weights as a MarianMT directory, or the weights themselves where none are averaged."""
        weights = self.ema if self.job.recipe.loop.ema else {n: p.detach() for n, p in self.trained.items()}
        langs = (self.job.recipe.src_lang, self.job.recipe.tgt_lang)
        export(self.model, {n: w.cpu() for n, w in weights.items()}, self.job.pieces, out, langs=langs)

    def _updates(self) -> Iterator[tuple[list[Batch], Position]]:
        """Batches of each update from the present position on, and the position behind them."""
        recipe, store, at = self.job.recipe, self.job.store, self.at
        short = at.short if at.batch else at.updates < recipe.sampling.short_updates
        taken: list[Batch] = []
        while True:
            numbers = sampling.drawn(at.pool, store.ranges, self.shares, recipe.sampling, recipe.loop.seed)
            src, tgt = store.lengths("src", numbers), store.lengths("tgt", numbers)
            seed = (recipe.loop.seed, at.pool)
            pool = sampling.batches(
                numbers, src, tgt, recipe.sampling, tokens=recipe.loop.tokens, seed=seed, short=short
            )
            for number in range(at.batch, len(pool)):
                taken.append(pool[number])
                at = replace(at, batch=number + 1, short=short)
                if len(taken) == recipe.loop.accumulate:
                    yield taken, at
                    taken = []
            at = replace(at, pool=at.pool + 1, batch=0)
            short = self.at.updates < recipe.sampling.short_updates

    def _update(self, batches: list[Batch], rate: float) -> None:
        loop, began = self.job.recipe.loop, time.monotonic()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        count = sum(len(self._row("tgt", item)) for batch in batches for item in batch)
        nll = guide = 0.0
        for batch in batches:
            found = self._losses(batch)
            loss = found.nll / count + loop.guide * found.guide / len(batches)
            if not math.isfinite(loss.item()):
                raise self._no_number("loss", loss.item(), batch)
            loss.backward()
            nll, guide = nll + found.nll.item(), guide + found.guide.item() / len(batches)
        self.model.model.shared.weight.grad[self.job.pieces.pad] = 0
        norm = torch.nn.utils.clip_grad_norm_(list(self.trained.values()), loop.clip or math.inf).item()
        if not math.isfinite(norm):
            raise self._no_number("gradient", norm, batches[-1])
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.at = replace(self.at, updates=self.at.updates + 1, tokens=self.at.tokens + count)
        if loop.ema and self.at.updates % _AVERAGE_EVERY == 0:
            # at the start the average would be the random weights for hundreds of updates (Abadi et al. 2016, ExponentialMovingAverage)
            share = max(loop.ema, 9 / (10 + (self.at.updates - self.at.began) / _AVERAGE_EVERY))
            with torch.no_grad():
                torch._foreach_lerp_(list(self.ema.values()), list(self.trained.values()), share)
        self.sums.add(nll, guide, count, norm, rate, time.monotonic() - began)

    def _losses(self, batch: Batch) -> Losses:
        pad, loop = self.job.pieces.pad, self.job.recipe.loop
        src, tgt = self._tensor("src", batch), self._tensor("tgt", batch)
        before = torch.cat([torch.full_like(tgt[:, :1], pad), tgt[:, :-1]], 1)
        real = tgt != pad
        with autocast(self.device):
            hidden = self.model.model(
                input_ids=src, attention_mask=(src != pad).long(), decoder_input_ids=before
            ).last_hidden_state
            guide = self.guide.loss(src, tgt, pad) if self.guide else torch.zeros((), device=self.device)
            rows = hidden[real]
            if torch.is_autocast_enabled(self.device.type):
                rows = rows.to(torch.bfloat16)
        table = self.model.model.shared.weight
        nll = ChunkedCrossEntropy.apply(rows, table, tgt[real], (loop.label_smoothing, pad))
        return Losses(nll, len(rows), guide)

    def _row(self, side: str, item: sampling.Item) -> np.ndarray[Any, Any]:
        parts = [self.job.store.pieces(side, pair) for pair in item.pairs]
        return np.concatenate([*parts, [self.job.pieces.eos]])

    def _tensor(self, side: str, batch: Batch) -> torch.Tensor:
        rows = [self._row(side, item) for item in batch]
        out = np.full((len(rows), max(map(len, rows))), self.job.pieces.pad, np.int64)
        for number, row in enumerate(rows):
            out[number, : len(row)] = row
        return torch.from_numpy(out).to(self.device)

    def _check(self) -> int:
        """Score the averaged weights on the development set: how many checks it has been since the best one."""
        if self.job.check is None:
            return 0
        out = self.job.directory / "checked"
        self.export(out)
        random = torch.get_rng_state()
        scores = self.job.check(out)
        torch.set_rng_state(random)  # a check must not change what comes after it
        better = scores["chrF"] > self.at.best
        if better:
            self.export(self.job.directory / "best")
        self.at = replace(self.at, best=max(scores["chrF"], self.at.best), worse=0 if better else self.at.worse + 1)
        self._log(dict(scores))
        return self.at.worse

    def _tell(self, began: float, limit: float) -> None:
        """A line of the log, and the same for people, with the time that is left."""
        row, updates = self.sums.row(), self.sums.updates
        self._log(row)
        ends = (
            [(self.job.recipe.schedule.updates - self.at.updates) * self.sums.seconds / updates]
            if self.job.recipe.schedule.updates
            else []
        )
        ends += [limit - (time.monotonic() - began)] if limit else []
        left = f", {_clock(min(ends))} left" if ends else ""
        self.job.say(
            f"update {self.at.updates:,}: loss {row['loss']:.3f}, {row['tokens_per_second']:,} target pieces/s{left}"
        )
        self.sums = _Sums()

    def _log(self, row: dict[str, float]) -> None:
        line = json.dumps({"updates": self.at.updates, "tokens": self.at.tokens, **row})
        try:
            with (self.job.directory / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as e:
            raise OutputError(self.job.directory / "log.jsonl", e.strerror or str(e)) from None

    def _no_number(self, what: str, value: float, batch: Batch) -> MTError:
        path = self.job.directory / "failed-batch.jsonl"
        names = self.job.pieces.names()
        rows = [
            {s: "".join(names[int(n)] for n in self._row(s, item)) for s in ("src", "tgt")} | {"pairs": item.pairs}
            for item in batch
        ]
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
        where = f"update {self.at.updates + 1:,}, pool {self.at.pool}, batch {self.at.batch}"
        return MTError(
            f"{what} is {value} at {where} of {len(batch):,} pairs, which stand in {path}; the last checkpoint is untouched"
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


class _Sums:
    """Means over the updates of one line of the log."""

    def __init__(self) -> None:
        self.nll = self.guide = self.norm = self.rate = self.seconds = 0.0
        self.tokens = self.updates = 0

    def add(self, nll: float, guide: float, tokens: int, norm: float, rate: float, seconds: float) -> None:  # noqa: PLR0917
        self.nll, self.guide, self.norm = self.nll + nll, self.guide + guide, self.norm + norm
        self.tokens, self.updates, self.seconds, self.rate = (
            self.tokens + tokens,
            self.updates + 1,
            self.seconds + seconds,
            rate,
        )

    def row(self) -> dict[str, float]:
        """Loss in nats a target piece, label smoothing included."""
        n = max(self.updates, 1)
        return {
            "loss": round(self.nll / max(self.tokens, 1), 4), "guide": round(self.guide / n, 4), "norm": round(self.norm / n, 3),
            "rate": self.rate, "tokens_per_second": round(self.tokens / max(self.seconds, 1e-9)),
        }  # fmt: skip
