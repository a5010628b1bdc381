r"""Rows of a published corpus → files of lines, block by block: tab-separated, Moses pairs, JSON lines, TMX.

Each file is written beside and renamed, and hashed on the way; the same rows give the same bytes, whatever blocks they come in.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mt.bitext import tmx
from mt.block import Block
from mt.files import PartFile

# What ends a line for somebody: Python's `splitlines` ends one at each of these, other tools at fewer. A byte order mark would be eaten at the
# beginning of a file.
_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ufeff]")
_CELL = re.compile("\r\n|[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ufeff]")
_LAST = tuple("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")  # `splitlines` sees no second line behind the last one
_LEVEL = 3  # of zstandard
_KEPT = 1 << 20  # characters that are gathered before they are compressed: so much is a call of the compressor worth

Scores = Mapping[str, Sequence[float] | NDArray[np.float32]]


class TextPart:
    """A file of text written bit by bit, compressed where its name ends in `.zst`; its name is its when it is committed.

    Raises:
        OutputError: where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._part = PartFile(path)
        self._compressor: Any = None
        self._waiting: list[str] = []
        self._size = 0
        if path.suffix == ".zst":
            import zstandard

            self._compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()

    def write(self, text: str) -> None:
        """Add text."""
        self._waiting.append(text)
        self._size += len(text)
        if self._size >= _KEPT:
            self._flush()

    def commit(self) -> tuple[str, int]:
        """Give the file its name; its SHA-256 and size in bytes."""
        self._flush()
        if self._compressor is not None:
            self._part.write_bytes(self._compressor.flush())
        return self._part.commit()

    def discard(self) -> None:
        """Take it away, unless it has its name already."""
        self._part.discard()

    def _flush(self) -> None:
        data = "".join(self._waiting).encode("utf-8")
        self._waiting, self._size = [], 0
        self._part.write_bytes(data if self._compressor is None else self._compressor.compress(data))


def on_a_line(text: str) -> str:
    r"""A side as a Moses file holds it: what could end its line is a blank.

    Example:
        >>> on_a_line("猫\r\n犬\u2028鳥")
        '猫 犬 鳥'
    """
    return _ENDS.sub(" ", text)


def in_a_cell(text: str) -> str:
    r"""A side as a table holds it: likewise, and no tab.

    Example:
        >>> in_a_cell("猫\t犬")
        '猫 犬'
    """
    return _CELL.sub(" ", text)


class MosesWriter:
    """`NAME.SRC` and `NAME.TGT`: line n of one belongs to line n of the other."""

    def __init__(self, folder: Path, split: str, langs: tuple[str, str], suffix: str = "") -> None:
        self.names = tuple(f"{split}.{lang}{suffix}" for lang in langs)
        self.replaced = 0
        self._parts: list[TextPart] = []
        try:
            for name in self.names:
                self._parts.append(TextPart(folder / name))
        except BaseException:
            self.discard()
            raise

    def write(self, block: Block, scores: Scores) -> None:
        """Add a block's rows; scores have no place here."""
        for part, side in zip(self._parts, (block.src, block.tgt), strict=True):
            made = _free(side, on_a_line)
            self.replaced += _changed(made, side)
            part.write("".join([text + "\n" for text in made]))

    def commit(self) -> dict[str, tuple[str, int]]:
        """Name → SHA-256 and size."""
        return {name: part.commit() for name, part in zip(self.names, self._parts, strict=True)}

    def discard(self) -> None:
        """Take away what has no name yet."""
        for part in self._parts:
            part.discard()


class _OneFile:
    """A format of one file a split."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.replaced, self._part = name, 0, TextPart(folder / name)

    def commit(self) -> dict[str, tuple[str, int]]:
        """Name → SHA-256 and size."""
        return {self.name: self._part.commit()}

    def discard(self) -> None:
        """Take it away, unless it has its name."""
        self._part.discard()


class TsvWriter(_OneFile):
    """`NAME.tsv`: source, tab, target; no header, no quotes, as OPUS and Moses tools have it."""

    def __init__(
        self, folder: Path, split: str, langs: tuple[str, str], suffix: str = "", *, name: str | None = None
    ) -> None:
        super().__init__(folder, name or f"{split}.tsv{suffix}")

    def write(self, block: Block, scores: Scores) -> None:
        """Add a block's rows; scores have no place here."""
        src, tgt = (_free(side, in_a_cell) for side in (block.src, block.tgt))
        self.replaced += _changed(src, block.src) + _changed(tgt, block.tgt)
        self._part.write("".join([f"{one}\t{other}\n" for one, other in zip(src, tgt, strict=True)]))


class JsonlWriter(_OneFile):
    """`NAME.jsonl`: an object a row, `id`, `translation` (both sides under their language, as the hub has it), `source`, `document`, `scores`.

    `source` is the row's source and how its pairs were made (`react:align`). Scores have six digits; those of a row that were not measured are
    left out.
    """

    def __init__(
        self, folder: Path, split: str, langs: tuple[str, str], suffix: str = "", *, name: str | None = None
    ) -> None:
        super().__init__(folder, name or f"{split}.jsonl{suffix}")
        self._langs = langs

    def write(self, block: Block, scores: Scores) -> None:
        """Add a block's rows."""
        src_lang, tgt_lang = self._langs
        made = []
        columns = (block.ids, block.src, block.tgt, block.origins, block.documents, _by_row(scores, len(block)))
        for id, src, tgt, origin, document, numbers in zip(*columns, strict=True):
            row = {"id": id, "translation": {src_lang: src, tgt_lang: tgt}, "source": origin, "document": document}
            if numbers:
                row["scores"] = numbers
            made.append(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
        self._part.write("".join(made).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


class TmxWriter(_OneFile):
    """`NAME.tmx`: TMX 1.4, a unit a row, with origin, document and scores as properties (`x-origin`, `x-document`, `x-NAME`).

    Characters that XML cannot hold become U+FFFD, and are counted.
    """

    def __init__(
        self, folder: Path, split: str, langs: tuple[str, str], suffix: str = "", *, name: str | None = None
    ) -> None:
        super().__init__(folder, name or f"{split}.tmx{suffix}")
        from mt import __version__

        self._langs = langs
        self._part.write(tmx.head(src_lang=langs[0], tgt_lang=langs[1], tool_version=__version__))

    def write(self, block: Block, scores: Scores) -> None:
        """Add a block's rows."""
        src, tgt = _legal(block.src), _legal(block.tgt)
        self.replaced += _changed(src, block.src) + _changed(tgt, block.tgt)
        columns = (_escaped(src), _escaped(tgt), _escaped(_legal(block.origins)), _escaped(_legal(block.documents)))
        names = {name: tmx.content(f"x-{name}").replace('"', "&quot;") for name in scores}
        made = []
        for id, *texts, numbers in zip(block.ids, *columns, _by_row(scores, len(block)), strict=True):
            props = f'<prop type="x-origin">{texts[2]}</prop>'
            props += f'<prop type="x-document">{texts[3]}</prop>' if texts[3] else ""
            props += "".join([f'<prop type="{names[name]}">{value:g}</prop>' for name, value in numbers.items()])
            made.append(tmx.written(id, (texts[0], texts[1]), self._langs, props))
        self._part.write("".join(made))

    def commit(self) -> dict[str, tuple[str, int]]:
        """Name → SHA-256 and size."""
        self._part.write(tmx.TAIL)
        return super().commit()


def _free(side: Sequence[str], write: Callable[[str], str]) -> Sequence[str]:
    """Sides as a line or a cell holds them. Most blocks have nothing to replace, which one look at all of it tells."""
    whole = "".join(side)
    if len(whole.splitlines()) < 2 and not whole.endswith(_LAST) and "\t" not in whole and "\ufeff" not in whole:
        return side
    return [write(text) for text in side]


def _legal(side: Sequence[str]) -> Sequence[str]:
    """Sides as XML can hold them; likewise."""
    whole = "".join(side)
    return side if tmx.legal(whole) == whole else [tmx.legal(text) for text in side]


def _escaped(side: Sequence[str]) -> Sequence[str]:
    """Sides that are legal, as they stand between tags: all in one call, parted by a sign that XML cannot hold."""
    return tmx.escaped("\0".join(side)).split("\0") if side else side


def _changed(made: Sequence[str], side: Sequence[str]) -> int:
    if made is side:
        return 0
    return sum(one is not other and one != other for one, other in zip(made, side, strict=True))


def _by_row(scores: Scores, count: int) -> list[dict[str, float]]:
    """Columns → what is measured of each row, with six digits."""
    rows: list[dict[str, float]] = [{} for _ in range(count)]
    for name, column in scores.items():
        for row, value in zip(rows, np.asarray(column, np.float64).tolist(), strict=True):
            if not math.isnan(value):
                row[name] = float(f"{value:.6g}")
    return rows
