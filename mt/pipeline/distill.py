"""Text → pairs that a model made: sequence-level distillation (Kim and Rush 2016) and back-translation (Sennrich et al. 2016)."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from mt.bitext.stream import lines
from mt.bitext.tsv import dumps
from mt.errors import InputError, OutputError, plural
from mt.files import make_directory, read_bytes, sha256_file, write_text
from mt.protocols import Progress, Silent
from mt.text.features import translatable
from mt.translate.run import BatchTranslator
from mt.types import Pair

_WINDOW = 4096  # lines between two marks of how far the work is: what a crash costs at most


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far the work is: lines read of all files, bytes written, reasons counted, and what is being made of what."""

    recipe: str
    read: int
    written: int
    counts: dict[str, int]


def make_pairs(
    translator: BatchTranslator, texts: list[Path], out: Path, *, back: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Translate every line of monolingual files and write tab-separated pairs; the same call goes on where it was stopped.

    Lines without a word, and translations flagged as failures, make no pair and are counted.

    Args:
        translator: the teacher, or for back-translation a model of the other direction.
        texts: files, one sentence a line, compressed or not.
        out: the file of pairs; it appears when it is whole.
        back: write (translation, line), so that the text people wrote is the target; else (line, translation).
        progress: told of every line.

    Returns:
        Counts: `pairs`, and lines that made none by reason.

    Raises:
        InputError: when a text cannot be read, or `out` was begun with other texts or another model.
        OutputError: when `out` cannot be written.
    """
    recipe = f"{translator.signature}|back:{back}|" + ",".join(
        sha256_file(path)[:16] for path in texts if path.is_file()
    )
    part, mark_path = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.json")
    make_directory(out.parent)
    mark = _read_mark(mark_path, recipe)
    show = progress or Silent()
    show.stage("translating", None, "line")
    counts = Counter(mark.counts)
    stream = islice((line for path in texts for line in lines(path)), mark.read, None)
    try:
        with part.open("r+b" if part.exists() else "w+b") as file:
            file.truncate(mark.written)
            file.seek(mark.written)
            while window := list(islice(stream, _WINDOW)):
                file.write(dumps(_pairs(translator, window, back, counts)).encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
                mark = _Mark(recipe, mark.read + len(window), file.tell(), dict(counts))
                write_text(mark_path, json.dumps(asdict(mark)))
                show.advance(len(window))
        part.replace(out)
        mark_path.unlink(missing_ok=True)
    except OSError as e:
        raise OutputError(out, e.strerror or str(e)) from None
    return dict(counts)


def told(counts: dict[str, int]) -> str:
    """One line for people.

    Example:
        >>> told({"pairs": 3, "no-word": 1})
        '3 pairs; no pair from 1 no-word'
    """
    rest = ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if reason != "pairs")
    return plural(counts.get("pairs", 0), "pair") + (f"; no pair from {rest}" if rest else "")


def _pairs(translator: BatchTranslator, window: list[str], back: bool, counts: Counter[str]) -> Iterator[Pair]:
    kept = [line for line in window if translatable(line, translator.src_lang)]
    if len(kept) < len(window):
        counts["no-word"] += len(window) - len(kept)
    for number, (line, answer) in enumerate(zip(kept, translator.translate(kept), strict=True)):
        if answer.failed or not answer.text.strip():
            counts[answer.flags[0] if answer.flags else "empty"] += 1
            continue
        counts["pairs"] += 1
        yield Pair(str(number), answer.text if back else line, line if back else answer.text, "mt")


def _read_mark(path: Path, recipe: str) -> _Mark:
    if not path.exists():
        return _Mark(recipe, 0, 0, {})
    try:
        mark = _Mark(**json.loads(read_bytes(path)))
    except (ValueError, TypeError):
        raise InputError(path, "how far a translation came", "something else") from None
    if mark.recipe != recipe:
        raise InputError(path, "the texts and the model this file was begun with", "others; remove it to begin again")
    return mark
