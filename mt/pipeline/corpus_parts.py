"""Stages that see one shard at a time: read, score, decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext.shards import RowWriter, read_blocks, read_columns, write_columns
from mt.bitext.stream import lines
from mt.block import Block
from mt.files import sha256_file
from mt.filters import table
from mt.filters.filter import Limit
from mt.filters.listed import Listed
from mt.filters.measures import Measures
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_files import said
from mt.pipeline.corpus_read import ReadUnit, fingerprint, read_unit, units
from mt.pipeline.corpus_work import Made, Unit, Work

ROWS, SCORES, KEYS, NEAR, VERDICT = "rows", "scores", "keys", "near", "verdict"


def limits(config: CorpusConfig) -> dict[str, Limit]:
    """Filter → interval: the profile's, changed by the configuration.

    Raises:
        OptionError: for a filter that there is not.
    """
    changes = {name: None if one.off else Limit(one.low, one.high) for name, one in config.filter.items()}
    return table.limits(config.profile, changes, (config.src_lang, config.tgt_lang))


@dataclass(frozen=True)
class Read:
    """Files → shards of normalised rows, and rejects."""

    config: CorpusConfig
    base: Path
    name: str = ROWS
    after: tuple[str, ...] = ()

    @cached_property
    def _units(self) -> dict[str, ReadUnit]:
        return {unit.name: unit for unit in units(self.config, self.base)[0]}

    def params(self) -> Mapping[str, Any]:
        """How rows are shared among shards."""
        return {"part_rows": self.config.part_rows}

    def each(self) -> Mapping[str, Any]:
        """Options of its source and of normalising, and its files by name, size and time."""
        return {
            name: [fingerprint(self.config, one), [[said(f, self.base), *_stamp(f)] for f in one.files]]
            for name, one in self._units.items()
        }

    def units(self, work: Work) -> list[Unit]:
        """One a file, or a batch of pairs of documents."""
        return [Unit(name) for name in sorted(self._units)]

    def run(self, work: Work, unit: Unit) -> Made:
        """Read it through; a new shard every `part_rows` rows."""
        writer = _Parts(work, unit.name, self.config.part_rows)
        rejects = RowWriter(work.path(self.name, f"{unit.name}.rejects.jsonl.zst"))
        reasons: Counter[str] = Counter()
        try:
            for found in read_unit(self.config, self.base, self._units[unit.name]):
                if isinstance(found, Block):
                    writer.add(found)
                else:
                    reasons.update(one["reason"] for one in found)
                    rejects.objects(found)
            writer.close()
            rejects.commit()
        finally:
            writer.discard()
            rejects.discard()
        rows = sum(writer.parts.values())
        out = (*writer.paths, work.path(self.name, f"{unit.name}.rejects.jsonl.zst"))
        more = {
            "parts": writer.parts,
            "source": self._units[unit.name].source,
            # hashed after reading: the bytes are in the system's cache
            "files": [
                {"path": said(f, self.base), "sha256": sha256_file(f), "bytes": f.stat().st_size}
                for f in self._units[unit.name].files
            ],
        }
        return Made(out, rows + reasons.total(), rows, reasons, more)


class _Parts:
    """Blocks → shards of so many rows each, the last one shorter."""

    def __init__(self, work: Work, unit: str, rows: int) -> None:
        self._work, self._unit, self._rows = work, unit, rows
        self.parts: dict[str, int] = {}
        self.paths: list[Path] = []
        self._open: RowWriter | None = None

    def add(self, block: Block) -> None:
        start = 0
        while start < len(block):
            if self._open is None:
                self._open = self._new()
            stop = min(len(block), start + self._rows - self._open.count)
            self._open.write(block.part(start, stop))
            start = stop
            if self._open.count == self._rows:
                self.close()

    def close(self) -> None:
        if self._open is not None:
            self.parts[f"{self._unit}-{len(self.parts):05}"] = self._open.count
            self._open.commit()
            self._open = None

    def discard(self) -> None:
        if self._open is not None:
            self._open.discard()

    def _new(self) -> RowWriter:
        path = self._work.path(ROWS, f"{self._unit}-{len(self.parts):05}.jsonl.zst")
        self.paths.append(path)
        return RowWriter(path)


def parts(work: Work, read: Read) -> list[Unit]:
    """The shards, in order of their rows: `args["index"]` is a shard's number, `size` its rows."""
    found = [
        (name, rows, record["more"]["source"])
        for record in work.records(read)
        for name, rows in record["more"]["parts"].items()
    ]
    return [Unit(name, rows, {"index": index, "source": source}) for index, (name, rows, source) in enumerate(found)]


def rows_path(work: Work, part: str) -> Path:
    """The rows of a shard."""
    return work.path(ROWS, f"{part}.jsonl.zst")


@dataclass(frozen=True)
class Score:
    """Rows → a number for every filter that needs no model, hashes and MinHash for copies, and which test set a row repeats."""

    config: CorpusConfig
    base: Path
    read: Read
    name: str = SCORES
    after: tuple[str, ...] = (ROWS,)
    of: str = ROWS

    def params(self) -> Mapping[str, Any]:
        """The table of filters, how copies are told, what models are asked, and the test sets."""
        from mt.filters import contamination, minhash
        from mt.pipeline import corpus_semantic

        c = self.config
        asked = corpus_semantic.asked(limits(c), c.learned)
        models = {**asdict(c.score), "asked": list(asked)} if asked else {}
        tests = {
            name: [asdict(one), *(_stamp(f) for f in _test_files(one, self.base))]
            for name, one in c.decontaminate.items()
        }
        return {
            "rules": str(table.signature(c.src_lang, c.tgt_lang)),
            "models": models,
            "tests": tests,
            "near": str(minhash.signature()) if near_matters(c) else "",
            "overlap": str(contamination.signature()) if tests else "",
            "profanity": _stamp(self.base / c.score.profanity) if c.score.profanity else [],
        }

    def units(self, work: Work) -> list[Unit]:
        """The shards."""
        return parts(work, self.read)

    def run(self, work: Work, unit: Unit) -> Made:
        """Measure a shard block by block."""
        from mt.filters.folded import fold
        from mt.filters.keys import keys
        from mt.filters.minhash import signatures
        from mt.pipeline import corpus_semantic

        c = self.config
        made: list[list[Mapping[str, NDArray[Any]]]] = [[], [], []]
        guard = _guard(c, self.base)
        asked, near = corpus_semantic.asked(limits(c), c.learned), near_matters(c)
        listed = _listed(self.base / c.score.profanity) if c.score.profanity else None
        for block in read_blocks(rows_path(work, unit.name)):
            numbers: dict[str, NDArray[Any]] = dict(table.score(Measures(block, c.src_lang, c.tgt_lang)))
            numbers |= {_given(name): np.asarray(column, np.float32) for name, column in block.given.items()}
            if listed:
                numbers["profanity"] = listed.count(block)
            numbers |= corpus_semantic.measure(asked, block, c)
            made[0].append(numbers)
            folded = fold(block)
            overlap = guard.codes(block, folded) if guard else np.zeros(len(block), np.uint16)
            made[1].append(
                {**keys(block, folded), "document": _documents(block, unit.args["source"]), "overlap": overlap}
            )
            if near:
                made[2].append({"signature": signatures(block, folded)})
        out = []
        for kind, tables in zip((SCORES, KEYS, NEAR), made, strict=True):
            if tables:
                out.append(work.path(kind, f"{unit.name}.npy"))
                write_columns(out[-1], _joined(tables))
        return Made(tuple(out), unit.size, unit.size)


@dataclass(frozen=True)
class Decide:
    """Numbers → verdicts: the first filter, in the table's order, that does not accept a row."""

    config: CorpusConfig
    score: Score
    name: str = VERDICT
    after: tuple[str, ...] = (SCORES,)
    of: str = ROWS

    def params(self) -> Mapping[str, Any]:
        """The intervals, and the classifier."""
        learned = {} if self.config.learned is None else {"learned": asdict(self.config.learned)}
        return {
            "limits": {name: [repr(one.low), repr(one.high)] for name, one in limits(self.config).items()},
            **learned,
        }

    def units(self, work: Work) -> list[Unit]:
        """The shards."""
        return self.score.units(work)

    def run(self, work: Work, unit: Unit) -> Made:
        """`reason` is 0 where a row is accepted, else 1 + the number of a filter, or of a test set behind those; `learned` the classifier's."""
        from mt.pipeline.corpus_semantic import learned

        scores, keys = (read_columns(work.path(kind, f"{unit.name}.npy")) for kind in (SCORES, KEYS))
        names = reasons(self.config)
        code = np.zeros(unit.size, np.uint16)
        columns: dict[str, NDArray[Any]] = {name: scores[name] for name in scores.dtype.names or ()}
        chances = learned(self.config, columns)
        columns |= chances
        for number, (name, limit) in enumerate(limits(self.config).items(), 1):
            if name in columns:
                code[(code == 0) & ~limit.accept(columns[name])] = number
        first = len(limits(self.config))
        repeats = (code == 0) & (keys["overlap"] > 0)
        code[repeats] = keys["overlap"][repeats] + first
        path = work.path(VERDICT, f"{unit.name}.npy")
        write_columns(path, {"reason": code, **chances})
        counts = np.bincount(code, minlength=len(names) + 1)
        rejected = {name: int(n) for name, n in zip(names, counts[1:], strict=True) if n}
        return Made((path,), unit.size, int(counts[0]), rejected)


def near_matters(config: CorpusConfig) -> bool:
    """True where near copies matter: to leave them out, or to keep what is like a held-out row out of train."""
    return config.dedup.near > 0 or config.split.dev + config.split.test > 0


def reasons(config: CorpusConfig) -> list[str]:
    """Names of the codes of `Decide`, from 1 on."""
    return [*limits(config), *_overlap_names(config)]


def _overlap_names(config: CorpusConfig) -> list[str]:
    from mt.filters.contamination import names

    return names(list(config.decontaminate))


def _given(name: str) -> str:
    """The column of a score that came with the rows: what a filter is about has that filter's name, others cannot be taken for a measure of ours."""
    return name if name in ("probability", "margin") else f"given-{name}"


@lru_cache(maxsize=1)
def _listed(path: Path) -> Listed:
    return Listed(lines(path))


def _documents(block: Block, source: str) -> NDArray[np.uint64]:
    """A 64-bit hash of each row's document, by which a split deals them out; a row that is in none is one of its own."""
    known: dict[str, bytes] = {}
    found = []
    for document, id in zip(block.documents, block.ids, strict=True):
        name = document or id
        if name not in known:
            known[name] = blake2b(f"{source}/{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found.append(known[name])
    return np.frombuffer(b"".join(found), "<u8").astype(np.uint64)


def _joined(tables: list[Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Tables of blocks → one; a column that some blocks have not is NaN there."""
    columns = dict.fromkeys(name for one in tables for name in one)
    out = {}
    for name in columns:
        rows = [len(next(iter(one.values()))) for one in tables]
        out[name] = np.concatenate(
            [one[name] if name in one else np.full(n, np.nan, np.float32) for one, n in zip(tables, rows, strict=True)]
        )
    return out


def _test_files(test: Any, base: Path) -> list[Path]:
    return [base / name for name in (test.path, test.tgt_path) if name is not None]


def _stamp(path: Path) -> list[Any]:
    """A file by name, size and time: hashing terabytes before each start would take longer than what it saves."""
    if "hf:" in str(path):
        return [str(path)]
    stat = path.stat()
    return [path.name, stat.st_size, stat.st_mtime_ns]


@lru_cache(maxsize=1)
def _cached_guard(key: str, tests: tuple[tuple[str, str, str | None], ...], langs: tuple[str, str], base: Path) -> Any:
    from mt.bitext.read import read_pairs
    from mt.filters.contamination import Contamination

    sets = {
        name: [
            (src, tgt)
            for _, src, tgt in read_pairs(
                base / path, tgt_path=base / tgt_path if tgt_path else None, src_lang=langs[0], tgt_lang=langs[1]
            )
        ]
        for name, path, tgt_path in tests
    }
    return Contamination(sets)


def _guard(config: CorpusConfig, base: Path) -> Any:
    """The test sets, read once a process; None where there are none."""
    if not config.decontaminate:
        return None
    tests = tuple((name, one.path, one.tgt_path) for name, one in config.decontaminate.items())
    return _cached_guard(config.name, tests, (config.src_lang, config.tgt_lang), base)
