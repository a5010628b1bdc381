"""Text ↔ numbers of pieces: trained here, or taken from a checkpoint."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from mt.errors import ModelError, OutputError, UserError
from mt.files import new_directory, read_bytes, write_bytes, write_text
from mt.train.options import Vocabulary

EOS, UNKNOWN, PAD = "</s>", "<unk>", "<pad>"


class Pieces:
    """The vocabulary of a model and the sentencepiece models of its two sides.

    Attributes:
        models: serialised sentencepiece models, source and target.
        vocabulary: piece → number, as it stands in `vocab.json`.
    """

    def __init__(self, models: tuple[bytes, bytes], vocabulary: dict[str, int]) -> None:
        """Raises ValueError for a vocabulary without the three pieces every Marian model needs."""
        for piece in (EOS, UNKNOWN, PAD):
            if piece not in vocabulary:
                raise ValueError(f"expected the piece {piece}, found none")
        self.models, self.vocabulary = models, vocabulary
        self.eos, self.pad = vocabulary[EOS], vocabulary[PAD]
        self._sides = tuple(sentencepiece.SentencePieceProcessor(model_proto=m) for m in models)
        # numbers of the sentencepiece model → numbers of the vocabulary
        self._tables = tuple(
            np.array([vocabulary.get(sp.id_to_piece(n), vocabulary[UNKNOWN]) for n in range(sp.get_piece_size())])
            for sp in self._sides
        )

    def __len__(self) -> int:
        return max(self.vocabulary.values()) + 1

    def encode_src(self, texts: Sequence[str]) -> list[list[int]]:
        """Numbers of the pieces of each source text, without end mark."""
        return self._encode(0, texts)

    def encode_tgt(self, texts: Sequence[str]) -> list[list[int]]:
        """Likewise of each target text."""
        return self._encode(1, texts)

    def _encode(self, side: int, texts: Sequence[str]) -> list[list[int]]:
        table = self._tables[side]
        return [table[row].tolist() if row else [] for row in self._sides[side].encode(list(texts), out_type=int)]

    def names(self) -> list[str]:
        """Pieces in the order of their numbers."""
        out = [""] * len(self)
        for piece, number in self.vocabulary.items():
            out[number] = piece
        return out


def read(directory: Path) -> Pieces:
    """The vocabulary of a MarianMT directory.

    Raises:
        ModelError: naming the file that cannot be used.
    """
    models = (read_bytes(directory / "source.spm"), read_bytes(directory / "target.spm"))
    try:
        return Pieces(models, json.loads(read_bytes(directory / "vocab.json")))
    except (ValueError, RuntimeError, AttributeError) as e:
        raise ModelError(directory / "vocab.json", "a vocabulary and its sentencepiece models", str(e)) from None


def write(pieces: Pieces, directory: Path) -> None:
    """The files that `read` reads; the directory appears whole.

    Raises:
        OutputError: when it cannot be written.
    """
    try:
        with new_directory(directory) as scratch:
            for name, data in zip(("source.spm", "target.spm"), pieces.models, strict=True):
                write_bytes(scratch / name, data)
            write_text(scratch / "vocab.json", json.dumps(pieces.vocabulary, ensure_ascii=False))
    except OSError as e:
        raise OutputError(directory, e.strerror or str(e)) from None


def train(pairs: Iterable[tuple[str, str]], options: Vocabulary, *, threads: int = 1) -> Pieces:
    """Sentencepiece unigram models of cleaned pairs.

    Args:
        pairs: at most `options.sentences` are taken.
        options: see `Vocabulary`.
        threads: of the training.

    Raises:
        UserError: when the text is too little for so many pieces.
    """
    taken = list(islice(pairs, options.sentences))
    if not taken:
        raise UserError("vocabulary: expected pairs to learn it from, found none")
    if options.kind == "joint":
        joint = _train(chain.from_iterable(taken), options, threads)
        return Pieces((joint, joint), _union([joint]))
    both = tuple(_train((pair[side] for pair in taken), options, threads) for side in (0, 1))
    return Pieces((both[0], both[1]), _union(both))


def _train(texts: Iterable[str], options: Vocabulary, threads: int) -> bytes:
    written = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=written,
            model_type="unigram",
            vocab_size=options.size,
            character_coverage=options.coverage,
            byte_fallback=options.byte_fallback,
            # the pairs are normalised already, the same way everywhere
            normalization_rule_name="identity",
            eos_id=0,
            unk_id=1,
            bos_id=-1,
            pad_id=-1,
            num_threads=threads or os.cpu_count() or 1,
            max_sentence_length=100_000,
            minloglevel=2,
        )
    except RuntimeError as e:
        reason = str(e).strip().splitlines()[-1].rpartition("] ")[2]
        raise UserError(
            f"vocabulary: expected text enough for {options.size:,} pieces, found too little ({reason})"
        ) from None
    return written.getvalue()


def _union(models: Sequence[bytes]) -> dict[str, int]:
    """Pieces of all models, each once, in order; the padding last, as Marian has it."""
    vocabulary: dict[str, int] = {}
    for model in models:
        sp: Any = sentencepiece.SentencePieceProcessor(model_proto=model)
        for number in range(sp.get_piece_size()):
            vocabulary.setdefault(sp.id_to_piece(number), len(vocabulary))
    vocabulary[PAD] = len(vocabulary)
    return vocabulary
