"""Clean samples and what is planted in them, with every score a filter could ask for: what `mt corpus tune` learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mt.block import Block
from mt.errors import InputError
from mt.filters.filter import Numbers
from mt.filters.noise import Pools, plant
from mt.pipeline import corpus_semantic
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_normalize import normaliser
from mt.protocols import Progress, Silent

if TYPE_CHECKING:
    from mt.translate.run import BatchTranslator

RUN = 50  # rows that are taken together, and are one document: what is misaligned needs a neighbour
_BLOCK = 1000


@dataclass(frozen=True)
class Sample:
    """Rows of which it is known what is wrong with them.

    Attributes:
        block: the rows, normalised as a build does it.
        kinds: what was planted; None = nothing.
        twins: row that a near-duplicate is a copy of, else -1.
        sources: the file each row came from.
        restored: whether normalising undid what was planted, so that nothing is left to find.
    """

    block: Block
    kinds: Sequence[str | None]
    twins: Sequence[int]
    sources: Sequence[str]
    restored: Sequence[bool]

    @property
    def clean(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """True where nothing was planted."""
        return np.array([kind is None for kind in self.kinds], bool)


def read_clean(path: Path, config: CorpusConfig, rows: int = 0) -> Block:
    """Rows of a bitext, normalised: all of them, or so many in runs of 50 neighbours spread evenly over the file.

    Raises:
        InputError: where there are none.
    """
    from mt.bitext.read import read_pairs

    fix = [normaliser(config.normalize, lang) for lang in (config.src_lang, config.tgt_lang)]
    found = [
        (line, src, tgt)
        for line, src, tgt in read_pairs(path, src_lang=config.src_lang, tgt_lang=config.tgt_lang)
        if src.strip() and tgt.strip()
    ]
    if not found:
        raise InputError(path, "pairs", "none")
    name = path.name.split(".")[0]
    runs = max(1, -(-len(found) // RUN))
    wanted = runs if not rows else min(runs, max(1, rows // RUN))
    taken = [n for run in range(wanted) for n in range(*_span(run * runs // wanted, len(found)))]
    taken = taken[:rows] if rows else taken
    block = Block.of([(f"{name}:{found[n][0]:09}", fix[0](found[n][1]), fix[1](found[n][2])) for n in taken])
    return replace(block, documents=[f"{name}/{n // RUN}" for n in taken], origins=[name] * len(taken))


def _span(run: int, count: int) -> tuple[int, int]:
    return run * RUN, min(count, (run + 1) * RUN)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks one after the other; scores that came with rows are left out."""

    def column(name: str) -> list[Any]:
        return [item for block in blocks for item in getattr(block, name)]

    texts = column("ids"), column("src"), column("tgt"), column("documents"), column("origins")
    return Block(*texts, column("src_raw"), column("tgt_raw"))


def make(
    clean: Block,
    config: CorpusConfig,
    kinds: Sequence[str],
    share: float,
    seed: int = 1,
    *,
    foreign: Sequence[str] = (),
    translator: BatchTranslator | None = None,
) -> Sample:
    """Plant noise in clean rows, and normalise them again as a build would.

    Args:
        clean: the rows, of all sources.
        config: languages and normalising.
        kinds: of `mt.filters.noise.KINDS`.
        share: of rows, 0 to 1.
        seed: another one takes other rows.
        foreign: sentences of other languages in place of the built-in ones.
        translator: makes the translations of `mt-copy`; None = there are none.
    """
    pools = Pools(foreign) if foreign else Pools()
    if translator is not None and "mt-copy" in kinds:
        # those rows alone that may need one
        first = plant(clean, kinds, share, seed, replace(pools, machine={text: text for text in clean.src}))
        needed = [src for src, kind in zip(clean.src, first.kinds, strict=True) if kind == "mt-copy"]
        made = [one.text for one in translator.translate(needed)]
        pools = replace(pools, machine=dict(zip(needed, made, strict=True)))
    found = plant(clean, kinds, share, seed, pools)
    fix = [normaliser(config.normalize, lang) for lang in (config.src_lang, config.tgt_lang)]
    src, tgt = [fix[0](text) for text in found.block.src], [fix[1](text) for text in found.block.tgt]
    restored = [
        kind is not None and (one, other) == was
        for kind, one, other, was in zip(found.kinds, src, tgt, zip(clean.src, clean.tgt, strict=True), strict=True)
    ]
    sources = [id.partition(":")[0] for id in clean.ids]
    return Sample(replace(found.block, src=src, tgt=tgt), found.kinds, found.twins, sources, restored)


def scores(
    sample: Sample, config: CorpusConfig, models: Sequence[str], *, threads: int = 0, progress: Progress | None = None
) -> dict[str, Numbers]:
    """Every score of the table that needs no model, and those of models that are asked for: name → one number a row."""
    from mt.filters import table
    from mt.filters.measures import Measures

    progress, block = progress or Silent(), sample.block
    progress.stage("scoring", len(block), "pairs")
    parts: list[Mapping[str, Numbers]] = []
    for start in range(0, len(block), _BLOCK):
        part = block.part(start, min(len(block), start + _BLOCK))
        measured = corpus_semantic.measure(models, part, config, threads=threads or _cores())
        parts.append({**table.score(Measures(part, config.src_lang, config.tgt_lang)), **measured})
        progress.advance(len(part))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _cores() -> int:
    from mt.blas import cores

    return cores()
