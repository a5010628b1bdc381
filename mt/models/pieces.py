"""Text ↔ pieces with a model's own sentencepiece files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mt.errors import ModelError
from mt.models.marian import MarianDirectory


class Pieces:
    """Source text → pieces, target pieces → text.

    A piece that the model's vocabulary lacks becomes `<unk>`, as in training.
    """

    def __init__(self, directory: MarianDirectory) -> None:
        """Raises ModelError when a sentencepiece file is corrupt or belongs to another vocabulary."""
        self._src = _load(directory.path / "source.spm", directory.src_vocabulary)
        self._tgt = _load(directory.path / "target.spm", directory.tgt_vocabulary)
        self._known = frozenset(directory.src_vocabulary) - {"</s>", "<pad>"}

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of each text, without an end mark."""
        known = self._known
        return [[p if p in known else "<unk>" for p in row] for row in self._src.encode(list(texts), out_type=str)]

    def decode(self, pieces: Sequence[str]) -> str:
        """One line of text; what the vocabulary could not write shows as ⁇."""
        text: str = self._tgt.decode(list(pieces))
        return " ".join(text.split("\n")).strip()


def _load(path: Path, vocabulary: Sequence[str]) -> Any:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor()
    try:
        # from memory: given a path, the library prints its own complaint before it raises
        loaded = processor.LoadFromSerializedProto(path.read_bytes())
    except (RuntimeError, TypeError, OSError) as e:
        raise ModelError(path, "a sentencepiece model", f"a corrupt file ({str(e).splitlines()[0][:80]})") from None
    size = processor.get_piece_size() if loaded is not False else 0
    mine = {processor.id_to_piece(i) for i in range(size)}
    shared = len(mine.intersection(vocabulary))
    # a cut file can still parse; and somebody may have mixed up two models
    if shared < 0.9 * size or size < 4:
        raise ModelError(path, "the sentencepiece model of this vocabulary", f"{size:,} pieces, {shared:,} of them in it")
    return processor
