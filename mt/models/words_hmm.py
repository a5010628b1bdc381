"""A trained word alignment model: two lexicons with what is known of positions, saved, read, and applied to new pairs in numpy.

Training (`mt.models.words_thot`) leaves, for each direction, the probability of each target word given a source word or no word, and either
how likely each jump from one source word to the next is (EFLOMAL) or how sharply links keep to the diagonal (fast_align). Applied to a pair
these give posteriors, the probability that a target word comes from each source word, summed over all alignments: by the forward-backward
algorithm of Vogel, Ney and Tillmann's HMM (1996), with Och and Ney's states for no word (2003, section 3.2), or in closed form for the
diagonal. Fertilities are used in training only.

A model is a directory of its own: `words.json` (what it is), `src.txt` and `tgt.txt` (words, one a line), `words.npz` (numbers). No pickle.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mt.errors import InputError, ModelError
from mt.files import make_directory, read_bytes, sha256, write_bytes, write_text
from mt.models.tokens import tokenizer
from mt.signature import Signature
from mt.text.tokens import Tokens, overlaps

Array = npt.NDArray[Any]

VERSION = 1
RECORD, NUMBERS, SIDES = "words.json", "words.npz", ("src.txt", "tgt.txt")
NO_WORD = 0  # its number among the words that another can come from; words count from 1
_BLANK = re.compile(r"\s+")
_FLOOR = 1e-7  # probability of a word that its source word was never linked with
_STRANGER = 1e-4  # of a word where it or its source word was never seen: nothing speaks against it
_SAME = 0.3  # of a word never seen that is the source word itself: a number, a name in Latin script


def plain(word: str) -> str:
    """A word as lexicons know it: NFKC, small letters, without the blanks a tokeniser may have put into it.

    Example:
        >>> plain("Ｎｏ．"), plain("あ る")
        ('no.', 'ある')
    """
    return _BLANK.sub("", unicodedata.normalize("NFKC", word)).lower()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One direction of a model: words that come from words.

    Attributes:
        starts: int64 (words that are come from + 2): the row of word n is `[starts[n], starts[n + 1])`; row 0 belongs to no word.
        words: int32: numbers of the words that come, ascending within a row, from 1.
        logs: float16: natural logarithms of their probabilities.
        jumps: float32 (2k + 1): probability of going on -k to k words further; None where links keep to the diagonal.
        tension: how sharply they do; e^(-tension · distance of relative positions).
        no_word: prior probability that a word comes from none.
    """

    starts: Array
    words: Array
    logs: Array
    jumps: Array | None
    tension: float
    no_word: float

    def __post_init__(self) -> None:
        """Raises ValueError for arrays that do not belong together."""
        ok = self.starts.ndim == 1 and len(self.starts) > 1 and self.starts[0] == 0
        ok = ok and bool((np.diff(self.starts) >= 0).all()) and self.starts[-1] == len(self.words) == len(self.logs)
        if not ok or not (self.jumps is None or (self.jumps.ndim == 1 and len(self.jumps) % 2 == 1)):
            raise ValueError("lexicon: expected rows that cover the words, and an odd number of jumps")

    def emissions(self, came_from: Sequence[int], words: Sequence[int]) -> Array:
        """Probability of each word given each word it could come from: float64 (from, words); 0 numbers a word never seen."""
        wanted = np.asarray(words)
        table = np.full((len(came_from), len(wanted)), _FLOOR)
        for n, word in enumerate(came_from):
            first, last = self.starts[word], self.starts[word + 1]
            row = self.words[first:last]
            at = np.minimum(np.searchsorted(row, wanted), max(len(row) - 1, 0))
            if len(row):
                hit = row[at] == wanted
                table[n, hit] = np.maximum(np.exp(self.logs[first:last][at[hit]].astype(float)), _FLOOR)
        return table

    def posteriors(self, came_from: Sequence[int], words: Sequence[int], same: Array) -> Array:
        """Probability that each word comes from each: float64 (from, words); columns sum to 1 less the probability of no word.

        Args:
            came_from: numbers of the words that others may come from, 0 for one never seen.
            words: numbers of the others.
            same: bool (from, words), where both are the same string.
        """
        if not len(came_from) or not len(words):
            return np.zeros((len(came_from), len(words)))
        table = self.emissions(came_from, words)
        strange = (np.asarray(came_from) == 0)[:, None] | (np.asarray(words) == 0)[None, :]
        table[strange] = _STRANGER
        table[strange & same] = _SAME
        nothing = self.emissions([NO_WORD], words)[0]
        nothing[np.asarray(words) == 0] = _STRANGER
        return self._jumping(table, nothing) if self.jumps is not None else self._diagonal(table, nothing)

    def _diagonal(self, table: Array, nothing: Array) -> Array:
        rows, columns = ((np.arange(n) + 1) / n for n in table.shape)
        prior = np.exp(-self.tension * np.abs(rows[:, None] - columns[None, :]))
        weights = (1 - self.no_word) * table * prior / prior.sum(axis=0)
        return np.asarray(weights / (weights.sum(axis=0) + self.no_word * nothing))

    def _jumping(self, table: Array, nothing: Array) -> Array:
        """Forward-backward; a word from none leaves the place where it is."""
        assert self.jumps is not None
        count, length = table.shape
        reach = len(self.jumps) // 2
        place = np.arange(count)
        moves = self.jumps[np.clip(place[None, :] - place[:, None], -reach, reach) + reach].astype(float)
        moves /= moves.sum(axis=1, keepdims=True)
        first = self.jumps[np.clip(place + 1, -reach, reach) + reach].astype(float)
        word, none = (1 - self.no_word) * table, self.no_word * nothing
        forward, waiting = np.empty((length, count)), np.empty((length, count))
        before = first / first.sum()
        for n in range(length):
            forward[n] = (before @ moves if n else before) * word[:, n]
            waiting[n] = before * none[n]
            total = forward[n].sum() + waiting[n].sum()
            forward[n] /= total
            waiting[n] /= total
            before = forward[n] + waiting[n]
        result = np.empty((count, length))
        behind = np.ones(count)
        for n in range(length - 1, -1, -1):
            here = forward[n] * behind
            result[:, n] = here / (here.sum() + (waiting[n] * behind).sum())
            behind = moves @ (word[:, n] * behind) + none[n] * behind
            behind /= behind.sum()
        return result


@dataclass(frozen=True, slots=True)
class WordModel:
    """Both directions, with how texts are cut.

    Attributes:
        method: `eflomal` or `fast_align`.
        tokens: how source and target are cut, see `mt.models.tokens.tokenizer`.
        sides: words of the source and of the target; word n has number n + 1.
        forward: target words from source words.
        backward: source words from target words.
        pairs: pairs it was trained on.
        recipe: what else decided its numbers, for the signature.
    """

    method: str
    tokens: tuple[str, str]
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    forward: Lexicon
    backward: Lexicon
    pairs: int
    recipe: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError where vocabularies and lexicons disagree."""
        for lexicon, (came_from, words) in ((self.forward, self.sides), (self.backward, self.sides[::-1])):
            if len(lexicon.starts) != len(came_from) + 2 or (
                len(lexicon.words) and not 1 <= lexicon.words.min() <= lexicon.words.max() <= len(words)
            ):
                raise ValueError("word model: expected lexicons over its own words")

    def save(self, directory: Path) -> None:
        """Write it as a new directory.

        Raises:
            OutputError: when that is not possible.
        """
        arrays: dict[str, Array] = {}
        record: dict[str, object] = {
            "kind": "kakehashi words",
            "version": VERSION,
            "method": self.method,
            "src_tokens": self.tokens[0],
            "tgt_tokens": self.tokens[1],
            "pairs": self.pairs,
            "recipe": dict(self.recipe),
        }
        for name, one in (("forward", self.forward), ("backward", self.backward)):
            arrays |= {f"{name}.{part}": getattr(one, part) for part in ("starts", "words", "logs")}
            if one.jumps is not None:
                arrays[f"{name}.jumps"] = one.jumps
            record[name] = {"tension": one.tension, "no_word": one.no_word}
        data = io.BytesIO()
        np.savez_compressed(data, **arrays)  # type: ignore[arg-type]
        make_directory(directory)
        with contextlib.suppress(OSError):
            (directory / RECORD).unlink()  # a directory with a record is whole: it goes first and comes last
        record["sha256"] = sha256(data.getvalue())
        write_bytes(directory / NUMBERS, data.getvalue())
        for side, words in zip(SIDES, self.sides, strict=True):
            write_text(directory / side, "".join(f"{word}\n" for word in words))
        write_text(directory / RECORD, json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def load(directory: Path) -> WordModel:
    """Read what `WordModel.save` wrote.

    Raises:
        ModelError: naming the file that is missing, corrupt or of another kind.
    """
    if not directory.is_dir():
        raise ModelError(directory, "a word alignment model", "a file" if directory.exists() else "nothing there")
    record = _record(directory / RECORD)
    data = _bytes(directory / NUMBERS)
    if sha256(data) != record.get("sha256"):
        raise ModelError(directory / NUMBERS, "the numbers that words.json was written with", "others")
    sides = [tuple(_bytes(directory / side).decode("utf-8", "replace").split("\n")[:-1]) for side in SIDES]
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            forward, backward = (_lexicon(record[name], name, arrays) for name in ("forward", "backward"))
        return WordModel(
            str(record["method"]),
            (str(record["src_tokens"]), str(record["tgt_tokens"])),
            (sides[0], sides[1]),
            forward,
            backward,
            int(record["pairs"]),
            {str(key): str(value) for key, value in record["recipe"].items()},
        )
    except (KeyError, ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile) as e:
        raise ModelError(directory, "a whole word alignment model", f"{type(e).__name__}: {e}") from None


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(_bytes(path))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("kind") != "kakehashi words":
        raise ModelError(path, "the record of a word alignment model", "something else")
    if record.get("version") != VERSION:
        raise ModelError(path, f"version {VERSION}", str(record.get("version")))
    return record


def _bytes(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except InputError as e:
        raise ModelError(path, e.expected, e.found, hint="mt align words train makes one") from None


def _lexicon(record: Mapping[str, Any], name: str, arrays: Mapping[str, Array]) -> Lexicon:
    jumps = arrays.get(f"{name}.jumps")
    starts, words, logs = (arrays[f"{name}.{part}"] for part in ("starts", "words", "logs"))
    return Lexicon(starts, words, logs, jumps, float(record["tension"]), float(record["no_word"]))


class LexiconScorer:
    """Scores of links by a trained model: the mean of both directions' posteriors.

    Args:
        model: the model.
        sha: of its numbers, for the signature.

    Raises:
        UserError: when the model's tokeniser is not installed.
    """

    def __init__(self, model: WordModel, sha: str = "") -> None:
        self._model, self._sha = model, sha
        self._cut: tuple[Callable[[str], Tokens], Callable[[str], Tokens]] = (
            tokenizer(model.tokens[0]),
            tokenizer(model.tokens[1]),
        )
        self._numbers = [{word: number for number, word in enumerate(side, 1)} for side in model.sides]

    @classmethod
    def open(cls, directory: Path) -> LexiconScorer:
        """Load a model; see `load` for what is raised."""
        return cls(load(directory), str(_record(directory / RECORD)["sha256"])[:12])

    @property
    def signature(self) -> Signature:
        """Method, training and numbers."""
        m = self._model
        extra = {"sha": self._sha} if self._sha else {}
        return Signature.of(lexicon=m.method, **extra, tokens="/".join(m.tokens), trained=m.pairs, **m.recipe)

    def scores(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Array]:
        """A float array of shape (src words, tgt words) for each pair, from 0 to 1."""
        return [np.asarray((f + b) / 2) for f, b in (self.both(src, tgt) for src, tgt in pairs)]

    def both(self, src: Tokens, tgt: Tokens) -> tuple[Array, Array]:
        """Posteriors of both directions, each (src words, tgt words): of a word of one cut the greatest of those it shares characters with."""
        inner = (self._cut[0](src.text), self._cut[1](tgt.text))
        words = [[plain(word) for word in side.words] for side in inner]
        numbers = [[known.get(word, 0) for word in side] for known, side in zip(self._numbers, words, strict=True)]
        same = np.array([a == b for a in words[0] for b in words[1]], dtype=bool).reshape(len(words[0]), len(words[1]))
        forward = self._model.forward.posteriors(numbers[0], numbers[1], same)
        backward = self._model.backward.posteriors(numbers[1], numbers[0], same.T).T
        return lift(forward, inner, (src, tgt)), lift(backward, inner, (src, tgt))


def lift(scores: Array, cut: tuple[Tokens, Tokens], other: tuple[Tokens, Tokens]) -> Array:
    """Scores on one cut of a pair carried to another: for each pair of words the greatest among the words they share characters with.

    Example:
        >>> from mt.text.tokens import given
        >>> fine = (Tokens("である", ((0, 1), (1, 3))), given("is"))
        >>> lift(np.array([[0.7]]), (given("である"), given("is")), fine).tolist()
        [[0.7], [0.7]]
    """
    rows, columns = (overlaps(there.spans, here.spans) for here, there in zip(cut, other, strict=True))
    tall = np.zeros((len(rows), scores.shape[1]))
    for n, row in enumerate(rows):
        tall[n] = scores[row.start : row.stop].max(axis=0, initial=0)
    wide = np.zeros((len(rows), len(columns)))
    for n, column in enumerate(columns):
        wide[:, n] = tall[:, column.start : column.stop].max(axis=1, initial=0)
    return wide
