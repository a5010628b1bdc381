"""`mt corpus validate`: is a published folder what its manifest and its card say, the same rows in every format, clean of its own held-out rows?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext import tmx
from mt.bitext.card_yaml import read_card
from mt.bitext.write_text import in_a_cell, on_a_line
from mt.errors import InputError, UserError, plural
from mt.files import sha256_file
from mt.filters.keys import keys
from mt.pipeline.corpus_folder import WHOLE, Corpus, open_corpus
from mt.pipeline.corpus_report import CARD, MANIFEST, REPORT
from mt.protocols import Progress, Silent
from mt.report.card import licence_id, size_category
from mt.report.corpus import CorpusRecord

_SHOWN = 3  # rows of a kind that are named
_ROOT = frozenset({MANIFEST, ".gitattributes", ".gitignore", "LICENSE", "NOTICE", "CITATION.cff"})

# What a side looks like when it was written and read back.
WRITTEN: Mapping[str, Callable[[str], str]] = {"tsv": in_a_cell, "moses": on_a_line, "tmx": tmx.legal}
Row = tuple[str, str, str]  # id, source, target


@dataclass(slots=True)
class Verdict:
    """What was checked, and what is wrong."""

    wrong: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"valid": not self.wrong, "wrong": self.wrong, "checked": self.checked, "notes": self.notes}

    def check(self, what: str, wrong: Sequence[str]) -> None:
        """Note a check and what it found."""
        self.checked.append(what)
        self.wrong += wrong


def validate(
    folder: Path, tests: Sequence[tuple[Path, Path | None]] = (), *, progress: Progress | None = None
) -> Verdict:
    """Check a folder.

    Hashes and sizes of all files; no data file beside those of the manifest; the card's fields and counts; the same rows in all formats, as many
    as the manifest counts; no document and no row of train in dev or test; and none of the test sets that are given.

    Args:
        folder: with a manifest.
        tests: bitexts whose rows may not be there: a file, or source and target.
        progress: told of rows.

    Raises:
        InputError: for a folder without a manifest, or a test set that cannot be read.
    """
    verdict = Verdict()
    if not folder.is_dir():
        raise InputError(folder, "a folder", "nothing there" if not folder.exists() else "a file")
    corpus = open_corpus(folder)
    if corpus.record is None:
        raise InputError(folder, f"a {MANIFEST}", "none")
    verdict.check("hashes and sizes of files", list(_files(corpus)))
    verdict.check("card", list(_card(corpus, corpus.record, verdict.notes)))
    told = progress or Silent()
    told.stage("rows", corpus.record.funnel.published, "row")
    try:
        verdict.check("the same rows in all formats", list(_rows(corpus, corpus.record, told)))
        verdict.check("splits apart", list(_disjoint(corpus)))
        for path, tgt in tests:
            verdict.check(f"no row of {path}", list(_overlap(corpus, path, tgt)))
    except UserError as e:  # a file of the corpus that cannot be read is what was to be found
        verdict.wrong.append(str(e))
    if not tests:
        said = ", ".join(corpus.record.tests) or "none"
        verdict.notes.append(f"compared with no test set now (--test); the build left out what repeats: {said}")
    return verdict


def _files(corpus: Corpus) -> Iterator[str]:
    for name, said in corpus.outputs.items():
        path = corpus.path / name
        if not path.is_file():
            yield f"{name}: expected as the manifest says, found nothing there"
        elif path.stat().st_size != said.get("bytes"):
            yield f"{name}: expected {said.get('bytes'):,} bytes, found {path.stat().st_size:,}"
        elif sha256_file(path) != said.get("sha256"):
            yield f"{name}: expected the hash of the manifest, found another"
    for name in (CARD, REPORT):
        if name not in corpus.outputs:
            yield f"{MANIFEST}: expected {name} among its files, found none"
    for path in sorted(p for p in corpus.path.rglob("*") if p.is_file()):
        name = path.relative_to(corpus.path).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if name not in corpus.outputs and name not in _ROOT and not name.startswith("work/") and not hidden:
            yield f"{name}: expected no file that the manifest does not name"


def _card(corpus: Corpus, record: CorpusRecord, notes: list[str]) -> Iterator[str]:
    found = read_card(corpus.path / CARD)
    if found is None:
        notes.append("the card's YAML was not read: install kakehashi[hub]")
        return
    if isinstance(found, str):
        yield f"{CARD}: expected YAML between lines of ---, found {found}"
        return
    licences = {licence_id(record.card["licence"])} if record.card.get("licence") else set()
    licences = licences or {licence_id(source.licence) for source in record.sources}
    expected: dict[str, Any] = {
        "language": set(record.langs),
        "license": licences,
        "task_categories": {"translation"},
        "size_categories": {size_category(record.funnel.published)},
    }
    for key, values in expected.items():
        there = found.get(key)
        if _as_set(there) != values:
            yield f"{CARD}: {key}: expected {', '.join(sorted(values))}, found {there}"
    yield from _card_data(corpus, record, found)


def _card_data(corpus: Corpus, record: CorpusRecord, found: Mapping[str, Any]) -> Iterator[str]:
    """Configurations lead to files, and counts are those of the manifest."""
    if not {"parquet", "jsonl"} & set(record.formats):
        return
    try:
        [config] = found["configs"]
        for one in config["data_files"]:
            if not list(corpus.path.glob(str(one["path"]))):
                yield f"{CARD}: configs: expected files like {one['path']}, found none"
        info = found["dataset_info"]
        counted = {str(one["name"]): int(one["num_examples"]) for one in info["splits"]}
        languages = next(
            one["dtype"]["translation"]["languages"] for one in info["features"] if one["name"] == "translation"
        )
    except (KeyError, TypeError, ValueError, StopIteration):
        yield f"{CARD}: expected one of configs, and dataset_info with features and splits, found others"
        return
    rows = {one.name: one.rows for one in record.splits}
    if counted != rows:
        yield f"{CARD}: dataset_info: expected rows {rows}, found {counted}"
    if list(languages) != list(record.langs):
        yield f"{CARD}: dataset_info: expected languages {list(record.langs)}, found {languages}"


def _as_set(value: Any) -> set[Any]:
    return set() if value is None else set(value) if isinstance(value, list | tuple) else {value}


def _rows(corpus: Corpus, record: CorpusRecord, told: Progress) -> Iterator[str]:
    expected = {one.name: one.rows for one in record.splits}
    for name in expected.keys() - corpus.files.keys():
        yield f"{name}: expected {plural(expected[name], 'row')}, found no file"
    for split in corpus.files:
        if split != WHOLE and split not in expected:
            yield f"{split}: expected no such split, found one"
            continue
        there = corpus.formats(split)
        for form in record.formats:
            if form not in there:
                yield f"{split}: expected {form} as the manifest says, found none"
        yield from _same(corpus, split, there, expected.get(split, 0), told)


def _same(corpus: Corpus, split: str, forms: Sequence[str], expected: int, told: Progress) -> Iterator[str]:
    """All formats at once, row by row, against the one that holds most."""
    first, others = forms[0], forms[1:]
    counts = dict.fromkeys(forms, 0)
    wrong = dict.fromkeys(others, 0)
    streams = [_stream(corpus, split, form) for form in forms]
    for number, rows in enumerate(zip_longest(*streams), 1):
        for form, row in zip(forms, rows, strict=True):
            counts[form] += row is not None
        if rows[0] is None:
            continue
        told.advance(1)
        for form, row in zip(others, rows[1:], strict=True):
            if row is not None and not _equal(rows[0], row, form):
                wrong[form] += 1
                if wrong[form] <= _SHOWN:
                    yield f"{split}: row {number:,} ({rows[0][0]}): expected in {form} what {first} has, found {row[1][:40]!r}"
    for form, count in counts.items():
        if count != expected:
            yield f"{split}: expected {plural(expected, 'row')}, found {count:,} in {form}"
    for form, count in wrong.items():
        if count > _SHOWN:
            yield f"{split}: {count - _SHOWN:,} more rows of {form} differ from {first}"


def _stream(corpus: Corpus, split: str, form: str) -> Iterator[Row]:
    for block in corpus.blocks(split, form):
        yield from zip(block.ids, block.src, block.tgt, strict=True)


def _equal(one: Row, other: Row, form: str) -> bool:
    """True where a row of another format is the first one as that format writes it."""
    if form in ("jsonl", "tmx") and one[0] != other[0]:
        return False
    write = WRITTEN.get(form)
    if one[1:] == other[1:] or write is None:
        return one[1:] == other[1:]
    return (write(one[1]), write(one[2])) == other[1:]


def _disjoint(corpus: Corpus) -> Iterator[str]:
    """No row, but for case, width and punctuation, and no document in two splits."""
    held: dict[str, tuple[NDArray[np.uint64], set[str]]] = {}
    for split in reversed(list(corpus.files)):  # train, the big one, last: only what is held out is kept in memory
        found: list[NDArray[np.uint64]] = []
        documents: set[str] = set()
        rows, both = dict.fromkeys(held, 0), {name: set[str]() for name in held}
        for block in corpus.blocks(split):
            marks = keys(block)["pair_high"]
            for name, (known, there) in held.items():
                rows[name] += int(np.isin(marks, known).sum())
                both[name] |= there.intersection(block.documents)
            if split != next(iter(corpus.files)):
                found.append(marks)
                documents.update(block.documents)
        documents.discard("")
        for name in held:
            if rows[name]:
                yield f"{split}: expected no row of {name}, found {rows[name]:,}"
            if both[name]:
                shown = ", ".join(sorted(both[name])[:_SHOWN])
                yield f"{split}: expected no document of {name}, found {len(both[name]):,} ({shown})"
        held[split] = (np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64), documents)


def _overlap(corpus: Corpus, path: Path, tgt: Path | None) -> Iterator[str]:
    from mt.bitext.read import read_pairs
    from mt.filters.contamination import Contamination, names

    src_lang, tgt_lang = corpus.langs
    pairs = [(s, t) for _, s, t in read_pairs(path, src_lang=src_lang, tgt_lang=tgt_lang, tgt_path=tgt)]
    guard, said = Contamination({path.name: pairs}), names([path.name])
    for split in corpus.files:
        counts = np.zeros(len(said) + 1, np.int64)
        shown: list[str] = []
        for block in corpus.blocks(split):
            codes = guard.codes(block)
            counts += np.bincount(codes, minlength=len(said) + 1)
            shown += [block.ids[n] for n in np.flatnonzero(codes)[:_SHOWN].tolist()]
        for name, count in zip(said, counts[1:].tolist(), strict=True):
            if count:
                yield f"{split}: expected no row of {name}, found {count:,} ({', '.join(shown[:_SHOWN])})"
