"""Records, normalised and numbered → blocks of rows and lists of rejects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from mt.bitext.shards import BLOCK
from mt.block import Block
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_normalize import normaliser

Rejects = list[dict[str, Any]]

ROWS = 50  # rows of a document where nothing says what a row is from
_NAN = float("nan")


class Rows:
    """Takes records of one source in order, and gives them back as `Block`s and lists of rejects.

    A row's id is `SOURCE:FFFFF-NNNNNNNNN`: the number of its file (or pair of files) in the source and of its record in the file, malformed ones
    counted, so that units need not know of each other and ids ascend, as text, in the order of rows.

    Example:
        >>> from mt.pipeline.corpus_config import SourceConfig
        >>> rows = Rows(CorpusConfig("c", {"a": SourceConfig("a.tsv")}), "a")
        >>> rows.file(0, "a.tsv", "a.tsv")
        >>> rows.row("ＮＡＴＯ ", "NATO")
        >>> rows.reject("bad-columns", line=2, text="x")
        >>> [block, rejects] = rows.rest()
        >>> block.ids, block.src, block.src_raw, block.documents
        (['a:00000-000000000'], ['NATO'], ['ＮＡＴＯ '], ['a/a.tsv#0000000'])
        >>> rejects
        [{'id': 'a:00000-000000001', 'reason': 'bad-columns', 'file': 'a.tsv', 'line': 2, 'text': 'x'}]
    """

    def __init__(self, config: CorpusConfig, source: str) -> None:
        """`source` is one of the configuration's."""
        told = config.source[source]
        self._source, self._origin, self._document = source, f"{source}:{told.make}", told.document
        self._src = normaliser(config.normalize, config.src_lang)
        self._tgt = normaliser(config.normalize, config.tgt_lang)
        self._prefix, self._file, self._name, self._number = "", "", "", 0
        self._auto, self._block, self._next = told.document == "auto", "", 0
        self._clear()

    def file(self, number: int, file: str, name: str) -> None:
        """What follows is from a new file: its number in the source, its path for rejects, its name for documents."""
        self._prefix, self._file, self._name, self._number = f"{self._source}:{number:05}-", file, name, 0
        self._next = 0

    def row(self, src: str, tgt: str, document: str | None = None, given: Mapping[str, float] | None = None) -> None:
        """A pair; `document` is what the format says it is from."""
        number = self._number
        self._number = number + 1
        made_src, made_tgt = self._src(src), self._tgt(tgt)
        self._ids.append(f"{self._prefix}{number:09}")
        self._columns[0].append(made_src)
        self._columns[1].append(made_tgt)
        self._raw[0].append(None if made_src == src else src)
        self._raw[1].append(None if made_tgt == tgt else tgt)
        if self._auto and not document:
            if number >= self._next:
                self._next = (number // ROWS + 1) * ROWS
                self._block = f"{self._source}/{self._name}#{number // ROWS:07}"
            self._documents.append(self._block)
        else:
            self._documents.append(self._document_of(src, tgt, document))
        if given:
            count = len(self._ids)
            for name, value in given.items():
                column = self._given.setdefault(name, [])
                column.extend([_NAN] * (count - 1 - len(column)))
                column.append(value)

    def reject(
        self,
        reason: str,
        *,
        line: int | None = None,
        text: str = "",
        src: str | None = None,
        tgt: str | None = None,
        file: str | None = None,
    ) -> None:
        """A record that is no pair."""
        made: dict[str, Any] = {"id": f"{self._prefix}{self._number:09}", "reason": reason, "file": file or self._file}
        self._number += 1
        more = {"line": line, "text": text or None, "src": src, "tgt": tgt}
        made |= {key: value for key, value in more.items() if value is not None}
        self._rejects.append(made)

    def full(self) -> bool:
        """True where `rest` should be asked for, so that memory does not grow."""
        return len(self._ids) >= BLOCK or len(self._rejects) >= BLOCK

    def rest(self) -> Iterator[Block | Rejects]:
        """What was taken and not yet given back: a block, then rejects, where there are any."""
        ids, rejects, count = self._ids, self._rejects, len(self._ids)
        for column in self._given.values():
            column.extend([_NAN] * (count - len(column)))
        block = Block(ids, *self._columns, self._documents, [self._origin] * count, *self._raw, given=self._given)
        self._clear()
        if count <= BLOCK:
            yield from (block,) if count else ()
        else:
            yield from (block.part(start, start + BLOCK) for start in range(0, count, BLOCK))
        if rejects:
            yield rejects

    def _clear(self) -> None:
        self._ids: list[str] = []
        self._columns: tuple[list[str], list[str]] = ([], [])
        self._raw: tuple[list[str | None], list[str | None]] = ([], [])
        self._documents: list[str] = []
        self._given: dict[str, list[float]] = {}
        self._rejects: Rejects = []

    def _document_of(self, src: str, tgt: str, told: str | None) -> str:
        """The document of a row, in which its source is named: files of two sources may have one name."""
        if self._document == "row":
            # by what is in it, so that a row is in the same split when its file has grown before it
            digest = hashlib.blake2b(f"{src}\t{tgt}".encode(), digest_size=8).hexdigest()
            return f"{self._source}/{digest}"
        return f"{self._source}/{self._name if self._document == 'file' else told}"
