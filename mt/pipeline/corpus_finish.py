"""Stages that publish: a split in a format, the rejects, and last what describes and vouches for all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext.shards import RowWriter, read_blocks, read_columns, read_objects, read_rows
from mt.bitext.write import open_writers
from mt.block import Block
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_fate import FATE, SPLITS, Fate, fates
from mt.pipeline.corpus_parts import ROWS, SCORES, Read, limits, parts, rows_path
from mt.pipeline.corpus_work import Made, Stage, Unit, Work

PUBLISH, REJECTS = "publish", "rejects"
REJECTS_NAME = "rejects.jsonl.zst"
# Numbers that readers of a corpus want beside a pair: how well its sides mean the same. Those of rules are in the work folder.
_SHOWN = ("cosine", "probability", "margin", "mt-chrf", "mt-logprob", "dual", "learned", "length-ratio")


def part_blocks(work: Work, unit: Unit, split: int) -> Iterator[tuple[Block, NDArray[Any]]]:
    """A shard's rows that are published in a split with their scores, block by block."""
    fate = read_columns(work.path(FATE, f"{unit.name}.npy"))
    mask = (np.array(fate["reason"]) == 0) & (np.array(fate["split"]) == split)
    if not mask.any():
        return
    scores = np.array(read_columns(work.path(SCORES, f"{unit.name}.npy")))[mask]
    at = 0
    for block in read_blocks(rows_path(work, unit.name), keep=mask):
        stop = at + len(block)
        yield block, scores[at:stop]
        at = stop


@dataclass(frozen=True)
class Publish:
    """A split in a format; files get their names when all their rows are written."""

    config: CorpusConfig
    read: Read
    name: str = PUBLISH
    after: tuple[str, ...] = (ROWS, SCORES, FATE)

    def params(self) -> Mapping[str, Any]:
        """Formats and the size of files."""
        c = self.config
        return {"formats": list(c.publish), "file_rows": c.file_rows, "langs": [c.src_lang, c.tgt_lang]}

    def units(self, work: Work) -> list[Unit]:
        """One a split and format, so that several processes share the writing, which takes longer than reading rows once more."""
        return [
            Unit(f"{split}.{form}", args={"split": split, "format": form})
            for split in splits(self.config)
            for form in self.config.publish
        ]

    def run(self, work: Work, unit: Unit) -> Made:
        """Go through the shards that have rows of the split, in order."""
        c, split = self.config, unit.args["split"]
        number, names = SPLITS.index(split), shown(work, self.read)
        langs = c.src_lang, c.tgt_lang
        formats = (unit.args["format"],)
        with open_writers(work.root, split, formats, langs, scores=names, file_rows=c.file_rows) as writers:
            for part in parts(work, self.read):
                for block, scores in part_blocks(work, part, number):
                    there = [name for name in names if name in (scores.dtype.names or ())]
                    writers.write(block, {name: scores[name] for name in there})
            made = writers.commit()
        files = {name: dict(one) for name, one in made.items()}
        more = {"files": files, "replaced": writers.replaced}
        return Made(tuple(work.root / name for name in made), writers.rows, writers.rows, more=more)


@dataclass(frozen=True)
class Rejects:
    """Every record that was left out, with its reason: those nobody could read first, then rows in order."""

    config: CorpusConfig
    read: Read
    name: str = REJECTS
    after: tuple[str, ...] = (ROWS, SCORES, FATE)

    def params(self) -> Mapping[str, Any]:
        """The intervals, which stand beside the numbers."""
        return {}

    def units(self, work: Work) -> list[Unit]:
        """One file."""
        return [Unit("all")]

    def run(self, work: Work, unit: Unit) -> Made:
        """Each with the number that a filter did not accept."""
        names = fates(self.config)
        reasons: Counter[str] = Counter()
        writer = RowWriter(work.root / REJECTS_NAME)
        try:
            for one in self.read.units(work):
                for found in read_objects(work.path(ROWS, f"{one.name}.rejects.jsonl.zst")):
                    reasons[found["reason"]] += 1
                    writer.objects([found])
            for part in parts(work, self.read):
                codes = np.array(read_columns(work.path(FATE, f"{part.name}.npy"))["reason"])
                made = list(self._objects(work, part, codes, names))
                reasons.update(one["reason"] for one in made)
                writer.objects(made)
            writer.commit()
        finally:
            writer.discard()
        count = reasons.total()
        return Made((work.root / REJECTS_NAME,), count, count, more={"reasons": dict(sorted(reasons.items()))})

    def _objects(self, work: Work, part: Unit, codes: NDArray[np.uint16], names: list[str]) -> Iterator[dict[str, Any]]:
        used, rows = limits(self.config), np.flatnonzero(codes)
        scores = read_columns(work.path(SCORES, f"{part.name}.npy"))
        for number, row in read_rows(rows_path(work, part.name), rows.tolist()).items():
            reason = names[int(codes[number]) - 1]
            found = {"id": row["id"], "reason": reason, **{key: row[key] for key in ("src", "tgt", "origin")}}
            if reason in used and reason in (scores.dtype.names or ()):
                # to six digits, since float32 has no more
                found["number"] = float(f"{scores[reason][number]:.6g}")
            yield found


@dataclass(frozen=True)
class Finish:
    """Manifest, card and report; their presence means a whole corpus."""

    config: CorpusConfig
    base: Path
    plan: tuple[Stage, ...]
    fate: Fate
    name: str = "finish"
    after: tuple[str, ...] = (PUBLISH, REJECTS)

    def params(self) -> Mapping[str, Any]:
        """What the card says of sources."""
        sources = {n: [s.licence, s.url, s.credit] for n, s in self.config.source.items()}
        return {"name": self.config.name, "version": self.config.version, "sources": sources}

    def units(self, work: Work) -> list[Unit]:
        """One."""
        return [Unit("all")]

    def run(self, work: Work, unit: Unit) -> Made:
        """Collect what the stages recorded."""
        from mt.pipeline.corpus_report import finish

        paths = finish(work, self.config, self.base, self.plan, self.fate)
        return Made(tuple(paths), 0, 0)


def splits(config: CorpusConfig) -> list[str]:
    """The splits that a configuration asks for."""
    s = config.split
    return [name for name, share in zip(SPLITS, (1.0, s.dev, s.test), strict=True) if share > 0]


def shown(work: Work, read: Read) -> list[str]:
    """Scores that are published with the rows, where any shard has them."""
    there: dict[str, None] = {}
    for part in parts(work, read):
        there |= dict.fromkeys(read_columns(work.path(SCORES, f"{part.name}.npy")).dtype.names or ())
    return [*(name for name in _SHOWN if name in there), *sorted(name for name in there if name.startswith("given-"))]


def stages(config: CorpusConfig, base: Path, before: list[Stage], read: Read, fate: Fate) -> list[Stage]:
    """The last stages of a build, behind `before`."""
    publish, rejects = Publish(config, read), Rejects(config, read)
    return [publish, rejects, Finish(config, base, (*before, publish, rejects), fate)]
