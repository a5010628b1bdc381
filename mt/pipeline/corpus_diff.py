"""`mt corpus diff`: what became of a corpus: rows that came, went or changed, by id and by text, and counts of both builds beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.pipeline.corpus_folder import WHOLE, Corpus
from mt.report.tables import TextTable

SHOWN = 5  # rows of each kind that are shown

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Hashes of all rows of a corpus, in its order."""

    ids: Hashes
    texts: Hashes
    splits: NDArray[np.uint16]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs; `record` is the same as JSON.

    Attributes:
        rows: of A and of B.
        by_text: rows in both, only in A, only in B; equal texts are counted as often as they stand there.
        by_id: the same of ids, and those whose text changed, and those that changed their split; None where no id is common.
        counts: name of a count → of A and of B, where both have manifests.
        examples: kind → rows, as (id, source, target).
    """

    rows: tuple[int, int]
    by_text: Mapping[str, int]
    by_id: Mapping[str, int] | None
    counts: Mapping[str, tuple[int, int]]
    examples: Mapping[str, tuple[tuple[str, str, str], ...]]

    def same(self) -> bool:
        """True where rows are the same, in any order."""
        return not self.by_text["removed"] and not self.by_text["added"] and not (self.by_id or {}).get("moved")

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "rows": list(self.rows),
            "by_text": dict(self.by_text),
            "by_id": None if self.by_id is None else dict(self.by_id),
            "counts": {name: list(both) for name, both in self.counts.items()},
            "examples": {
                k: [dict(zip(("id", "src", "tgt"), row, strict=True)) for row in v] for k, v in self.examples.items()
            },
        }

    def tables(self) -> tuple[TextTable, ...]:
        """As tables for a terminal."""
        rows = [("rows", f"{self.rows[0]:,}", f"{self.rows[1]:,}")]
        rows += [(name, f"{a:,}", f"{b:,}") for name, (a, b) in self.counts.items() if a != b]
        made = [TextTable("What differs in numbers", ("", "A", "B"), tuple(rows))]
        heads = ("", "both", "added", "removed", "changed", "moved")
        kinds = [("by text", self.by_text)] + ([("by id", self.by_id)] if self.by_id is not None else [])
        table = tuple((name, *(f"{one[k]:,}" if k in one else "—" for k in heads[1:])) for name, one in kinds)
        notes = () if self.by_id is not None else ("No id is in both: compared by text only.",)
        made.append(TextTable("Rows", heads, table, notes))
        for kind, found in self.examples.items():
            if found:
                made.append(TextTable(kind.capitalize(), ("id", "source", "target"), found))
        return tuple(made)


def diff(a: Corpus, b: Corpus) -> Difference:
    """Compare two corpora; memory grows by 18 bytes a row of each.

    Raises:
        InputError: naming file and line.
    """
    one, other = _hashed(a), _hashed(b)
    texts_removed, texts_added = _alone(one.texts, other.texts), _alone(other.texts, one.texts)
    by_text = {
        "both": len(one.texts) - int(texts_removed.sum()),
        "added": int(texts_added.sum()),
        "removed": int(texts_removed.sum()),
    }
    by_id = None
    changed = np.zeros(len(other.ids), bool)
    common, at_a, at_b = np.intersect1d(one.ids, other.ids, return_indices=True)
    if len(common):
        differs = one.texts[at_a] != other.texts[at_b]
        changed[at_b[differs]] = True
        split_a, split_b = (np.array(x.names)[x.splits] if x.names else np.zeros(0, str) for x in (one, other))
        by_id = {
            "both": len(common),
            "added": len(other.ids) - len(common),
            "removed": len(one.ids) - len(common),
            "changed": int(differs.sum()),
            "moved": 0 if WHOLE in (*one.names, *other.names) else int((split_a[at_a] != split_b[at_b]).sum()),
        }
    examples = {
        "removed": _picked(a, texts_removed),
        "added": _picked(b, texts_added & ~changed),
        "changed": _picked(b, changed),
    }
    return Difference((len(one.ids), len(other.ids)), by_text, by_id, _counts(a, b), examples)


def _hashed(corpus: Corpus) -> _Rows:
    ids, texts, splits = bytearray(), bytearray(), []
    names = tuple(corpus.files)
    for number, name in enumerate(names):
        for block in corpus.blocks(name):
            for id, src, tgt in zip(block.ids, block.src, block.tgt, strict=True):
                ids += blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                texts += blake2b(f"{src}\x00{tgt}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
            splits.append(np.full(len(block), number, np.uint16))
    whole = np.concatenate(splits) if splits else np.zeros(0, np.uint16)
    return _Rows(np.frombuffer(bytes(ids), "<u8"), np.frombuffer(bytes(texts), "<u8"), whole, names)


def _alone(one: Hashes, other: Hashes) -> NDArray[np.bool_]:
    """Rows of one that the other has not, the n-th of equal rows being alone where the other has fewer than n.

    Example:
        >>> _alone(np.array([5, 5, 7], np.uint64), np.array([5, 9], np.uint64)).tolist()
        [False, True, True]
    """
    order = np.argsort(one, kind="stable")
    ordered = one[order]
    number = np.arange(len(one)) - np.searchsorted(ordered, ordered)  # which of the equal ones it is
    values, times = np.unique(other, return_counts=True)
    place = np.searchsorted(values, ordered)
    there = np.zeros(len(one), np.int64)
    inside = place < len(values)
    match = np.zeros(len(one), bool)
    match[inside] = values[place[inside]] == ordered[inside]
    there[match] = times[place[match]]
    alone = np.zeros(len(one), bool)
    alone[order] = number >= there
    return alone


def _picked(corpus: Corpus, mask: NDArray[np.bool_]) -> tuple[tuple[str, str, str], ...]:
    """The first rows of a mask over the whole corpus."""
    wanted = np.flatnonzero(mask)[:SHOWN].tolist()
    found: list[tuple[str, str, str]] = []
    for first, block in _numbered(corpus) if wanted else ():
        while len(found) < len(wanted) and wanted[len(found)] < first + len(block):
            at = wanted[len(found)] - first
            found.append((block.ids[at], block.src[at], block.tgt[at]))
        if len(found) == len(wanted):
            break
    return tuple(found)


def _numbered(corpus: Corpus) -> Iterator[tuple[int, Block]]:
    first = 0
    for name in corpus.files:
        for block in corpus.blocks(name):
            yield first, block
            first += len(block)


def _counts(a: Corpus, b: Corpus) -> dict[str, tuple[int, int]]:
    if a.record is None or b.record is None:
        return {}
    found: list[dict[str, int]] = []
    for record in (a.record, b.record):
        one = {"read": record.funnel.read, "published": record.funnel.published}
        one |= {f"split {s.name}": s.rows for s in record.splits}
        one |= {f"left out: {step.name}": step.rows for step in record.funnel.steps}
        one |= {f"source {s.name}": s.published for s in record.sources}
        found.append(one)
    names = dict.fromkeys([*found[0], *found[1]])
    return {name: (found[0].get(name, 0), found[1].get(name, 0)) for name in names}
