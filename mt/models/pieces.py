"""Text ↔ pieces, by a model's two sentencepiece models and its vocabulary. Both engines read and write through it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mt.errors import InputError, ModelError
from mt.files import read_bytes
from mt.models.marian import SOURCE_SPM, TARGET_SPM, UNKNOWN, MarianDirectory

if TYPE_CHECKING:
    from pathlib import Path

# Multilingual OPUS-MT models are told the target language by a piece such as `>>jpn<<` in front, which sentencepiece must not cut.
_LANGUAGE = re.compile(r">>[^<>]+<<")
_SURROGATES = re.compile("[\ud800-\udfff]")  # half characters, which no encoding can write
_BLANK = "▁"


class Pieces:
    """Cuts normalised source text, joins target pieces.

    Raises:
        ModelError: when a sentencepiece model is missing, corrupt, or belongs to another vocabulary.
    """

    def __init__(self, directory: MarianDirectory) -> None:
        self._source = _load(directory.path / SOURCE_SPM, directory.source_pieces)
        self._target = _load(directory.path / TARGET_SPM, directory.target_pieces)
        config = directory.config
        # a text cannot spell the end of itself
        special = {directory.source_pieces[number] for number in (config.eos_token_id, config.pad_token_id)}
        self._known = frozenset(directory.source_pieces) - special
        self._written = self._known - {directory.target_pieces[number] for number in directory.unwritten}

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each text, `<unk>` for one the model's vocabulary has not; no end mark; an empty list for blank text."""
        known = self._known
        rows = []
        for text in texts:
            code = _LANGUAGE.match(text)
            start = code.end() if code and code[0] in known else 0
            pieces = self._source.encode(_SURROGATES.sub("\ufffd", text[start:]), out_type=str)
            rows.append([text[:start]] * bool(start) + [p if p in known else UNKNOWN for p in pieces])
        return rows

    def encode_target(self, texts: Sequence[str]) -> list[list[str]]:
        """Target pieces of each text, as the model would write them; likewise, `<unk>` also for one it never writes."""
        rows = self._target.encode([_SURROGATES.sub("\ufffd", text) for text in texts], out_type=str)
        return [[p if p in self._written else UNKNOWN for p in pieces] for pieces in rows]

    def decode(self, pieces: Sequence[str]) -> str:
        """The text of target pieces without end mark, on one line."""
        text: str = self._target.decode_pieces(list(pieces))
        # byte pieces may spell a line break; a blank can stay where two `▁` met
        return " ".join(text.replace(_BLANK, " ").splitlines()).strip()


def _load(path: Path, pieces: tuple[str, ...]) -> Any:
    """A sentencepiece processor; at least half its pieces must be known, or it belongs to another model."""
    from sentencepiece import SentencePieceProcessor

    try:
        data = read_bytes(path)
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None
    processor = SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(data)
        count = len(processor)
    except (RuntimeError, OSError, ValueError):
        count = 0
    if not count:
        raise ModelError(path, "a sentencepiece model", "something else (is the file whole?)")
    if not _fields(data) >= {2, 3}:
        # a file cut between two pieces still parses, with fewer pieces and without what follows them
        raise ModelError(
            path, "a whole sentencepiece model", f"{count:,} pieces and no normaliser (is the file cut short?)"
        )
    known = frozenset(pieces)
    hits = sum(processor.id_to_piece(number) in known for number in range(count))
    if 2 * hits < count:
        raise ModelError(path, "pieces of this model's vocabulary", f"{hits:,} of {count:,} known")
    return processor


def _fields(data: bytes) -> set[int]:
    """Numbers of the fields of a protocol buffer that parses: 1 = pieces, 2 = trainer, 3 = normaliser (sentencepiece_model.proto)."""
    found: set[int] = set()
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        found.add(key >> 3)
        length, at = _varint(data, at)  # every field of this message is of the length-delimited kind
        at += length
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and the offset behind it."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at
