"""Text → pieces of the Universal Sentence Encoder, by sentencepiece's own processor, with the place of each piece in the text.

Two differences between sentencepiece and the package's reading of the same model (a port to Python):

- A run of characters that the model does not know is one piece `<unk>` to sentencepiece, one a character to the package. The package is
  followed here, because it is what the vectors are compared with.
- `<s>` and `</s>` written in a text are control signs to the package, and plain characters to sentencepiece. Sentencepiece is followed: a text
  cannot spell its own end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from mt.errors import ModelError

UNKNOWN, BEGIN, END = 0, 1, 2
_SURROGATES = re.compile("[\ud800-\udfff]")  # half characters, which no encoding can write
_VOCABULARY = 128_000


class UsePieces:
    """The encoder's tokeniser; safe to use from several threads.

    Raises:
        ModelError: when the file is no sentencepiece model, or not this encoder's.
    """

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        try:
            self._model = SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as e:
            raise ModelError(path, "a sentencepiece model", str(e)) from None
        size, marks = self._model.vocab_size(), (self._model.unk_id(), self._model.bos_id(), self._model.eos_id())
        if size != _VOCABULARY or marks != (UNKNOWN, BEGIN, END):
            raise ModelError(path, f"{_VOCABULARY:,} pieces and marks 0, 1, 2", f"{size:,} pieces and marks {marks}")

    def ids(self, texts: Sequence[str], threads: int = 1) -> list[list[int]]:
        """Piece numbers of each text, without marks, read by so many threads; none for a text that is empty or blank throughout.

        Half characters (lone surrogates) are read as U+FFFD.
        """
        clean = [_readable(text) for text in texts]
        rows: list[list[int]] = self._model.encode(clean, out_type=int, num_threads=threads)
        for number, row in enumerate(rows):
            if UNKNOWN in row:
                pieces = self._model.encode(clean[number], out_type=str)
                parts = [
                    (i,) if i != UNKNOWN else (UNKNOWN,) * len(piece) for i, piece in zip(row, pieces, strict=True)
                ]
                rows[number] = list(chain.from_iterable(parts))
        return rows

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """Pieces with their half-open spans of characters in the text as it is given: as many as `ids` has, ascending, not overlapping.

        White space is in no span, and a piece that stands for white space alone has an empty one. Of a character that becomes several
        pieces (`㌔` may) the first has the span; the others' are empty, behind it.
        """
        rows = []
        last = 0
        for number, piece, edges in self._offsets(_readable(text)):
            start, end = max(edges[0], last), max(edges[1], last)
            while start < end and text[start].isspace():
                start += 1
            last = end
            while end > start and text[end - 1].isspace():
                end -= 1
            if number != UNKNOWN or len(piece) < 2:
                rows.append((piece, start, end))
            elif len(piece) == end - start:
                rows.extend((text[k], k, k + 1) for k in range(start, end))
            else:
                rows.append((piece[0], start, end))
                rows.extend((sign, end, end) for sign in piece[1:])
        return rows

    def _offsets(self, text: str) -> list[tuple[int, str, tuple[int, int]]]:
        try:
            found = self._model.encode(text, return_type="offset_mapping")
        except TypeError:  # sentencepiece before 0.2.2
            proto = self._model.encode(text, out_type="immutable_proto")
            return [(p.id, p.piece, (p.begin, p.end)) for p in proto.pieces]
        return list(zip(found["ids"], found["pieces"], found["offsets"], strict=True))


def _readable(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)
