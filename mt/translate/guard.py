"""The guard: which translations are to be doubted, seen by comparing them with their source.

Nothing here knows a reference or a model; the detectors are rules on two strings, and one threshold on the probability a model gave its answer.
They find what a reader who cannot read the source would find in a list of numbers, names and lengths. A translation without a doubt may be wrong
all the same: a wrong word in place of a right one is not seen.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from mt.signature import Signature
from mt.text.features import translatable
from mt.text.numbers import LANGS, match, numbers
from mt.translate import signs
from mt.translate.limits import Limits
from mt.translate.repeats import SourceRepeats, repetition
from mt.translate.stock import stock
from mt.types import (
    BRACKETS,
    COPIED,
    DOUBTS,
    EMPTY,
    LENGTH,
    LINKS,
    NAMES,
    NUMBERS,
    REPETITION,
    SCRIPT,
    STOCK,
    UNFINISHED,
    UNKNOWN,
    UNLIKELY,
    Hypothesis,
)

# runs, since there are fewer of them than characters
_HIRAGANA = re.compile("[\u3041-\u3096\u309d-\u309f]+")
_KATAKANA = re.compile("[\u30a1-\u30ff\u31f0-\u31ff]+")
_KANJI = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LATIN = re.compile("[0-9A-Za-z]+")
# what is written twice in Japanese and once in English: readings of names, years of both calendars
_TWICE = re.compile(r"\([\u3041-\u30ff ]+\)|(?<=年)\([^()]{1,14}年\)")
_BARE = re.compile(r"[\W_]+")


class Source:
    """What the detectors need of one normalised source sentence; computed once, used for all its hypotheses.

    Attributes:
        text: the sentence.
        expected: characters of English it is expected to become; None where no fit is known for its language.
        numbers: values in it, as `mt.text.numbers` finds them.
        names: names in Latin script.
        links: URLs and e-mail addresses.
        repeats: how it repeats itself.
        translatable: has something to translate at all.
    """

    __slots__ = ("_bare", "_unbalanced", "expected", "links", "names", "numbers", "repeats", "text", "translatable")

    def __init__(self, text: str, lang: str, limits: Limits) -> None:
        """`text` as the model reads it; `lang` its language."""
        self.text = text
        self.expected = _expected(text, limits) if lang == "ja" else None
        self.numbers = () if NUMBERS in limits.off else numbers(text, lang)
        self.links = signs.links(text)
        self.names = signs.names(text) if lang == "ja" else ()
        self.repeats = SourceRepeats(text)
        # nearly every sentence has a hiragana, which is found at once
        self.translatable = (lang == "ja" and _HIRAGANA.search(text) is not None) or translatable(text, lang)
        self._bare: str | None = None
        self._unbalanced: bool | None = None

    @property
    def bare(self) -> str:
        """Letters and digits only, small; what a copy is compared by."""
        if self._bare is None:
            self._bare = _BARE.sub("", self.text).lower()
        return self._bare

    @property
    def unbalanced(self) -> bool:
        """True where a bracket or a quote of the source itself has no partner, as in half a quotation."""
        if self._unbalanced is None:
            self._unbalanced = bool(signs.unbalanced(self.text))
        return self._unbalanced


class Guard:
    """Finds reasons to doubt a translation.

    Args:
        limits: thresholds; the calibrated ones by default.
        src_lang: language of the sources. The length detector is fitted to Japanese → English and silent elsewhere, names in Latin script
            are only looked for in Japanese.
        tgt_lang: language of the hypotheses.

    Example:
        >>> guard = Guard()
        >>> source = guard.source("NATOは加盟国の拡大について協議した。")
        >>> guard.doubts(source, Hypothesis("NATO discussed the enlargement of its membership.", -3.2, 11))
        ()
        >>> guard.details(source, Hypothesis("They discussed, discussed, discussed, discussed, discussed it.", -3.2, 14))
        {'repetition': "5 times in a row 'discussed'", 'names': 'missing NATO'}
    """

    def __init__(self, limits: Limits | None = None, *, src_lang: str = "ja", tgt_lang: str = "en") -> None:
        self.limits, self.src_lang, self.tgt_lang = limits or Limits(), src_lang, tgt_lang
        found: dict[str, Callable[[Source, Hypothesis], str]] = {
            REPETITION: self._repetition,
            STOCK: self._stock,
            COPIED: _copied,
            LENGTH: self._length,
            NUMBERS: self._numbers,
            LINKS: _links,
            NAMES: self._names,
            SCRIPT: self._script,
            UNKNOWN: _unknown,
            BRACKETS: _brackets,
            UNLIKELY: self._unlikely,
        }
        # what only some languages have is not asked of the others
        silent = set(self.limits.off)
        silent |= {STOCK} if tgt_lang != "en" or src_lang != "ja" else set()
        silent |= {SCRIPT} if tgt_lang == "ja" else set()
        silent |= {NUMBERS} if not {src_lang, tgt_lang} <= LANGS else set()
        silent |= {LENGTH} if (src_lang, tgt_lang) != ("ja", "en") else set()
        self._detectors = [(flag, found[flag]) for flag in DOUBTS if flag not in silent]

    @property
    def signature(self) -> Signature:
        """Version of the rules and all thresholds."""
        return self.limits.signature()

    def source(self, text: str) -> Source:
        """What is needed of a normalised source sentence."""
        return Source(text, self.src_lang, self.limits)

    def doubts(self, source: Source, hypothesis: Hypothesis) -> tuple[str, ...]:
        """Flags of what was found, failures first, then in the order of `mt.types.DOUBTS`; () where nothing was."""
        return tuple(self.details(source, hypothesis))

    def details(self, source: Source, hypothesis: Hypothesis) -> dict[str, str]:
        """The same flags, each with what was found, in words.

        Nothing is said of an empty answer but that it is empty, and nothing of a source that has nothing to translate.

        Example:
            >>> guard = Guard()
            >>> guard.details(guard.source("猫がいる。"), Hypothesis("", -9.0, 40, finished=False))
            {'unfinished': 'stopped at 40 pieces', 'empty': 'no text for 5 characters'}
        """
        said = {} if hypothesis.finished else {UNFINISHED: f"stopped at {hypothesis.pieces} pieces"}
        if not source.translatable:
            return said
        if not hypothesis.text.strip():
            return said | {EMPTY: f"no text for {len(source.text)} characters"}
        for flag, detect in self._detectors:
            if what := detect(source, hypothesis):
                said[flag] = what
        return said

    def _repetition(self, source: Source, hypothesis: Hypothesis) -> str:
        return repetition(hypothesis.text, source.repeats, self.limits)

    def _stock(self, source: Source, hypothesis: Hypothesis) -> str:
        return stock(hypothesis.text, source.text, self.limits.stock_chars)

    def _length(self, source: Source, hypothesis: Hypothesis) -> str:
        if source.expected is None:
            return ""
        found, limits = len(hypothesis.text), self.limits
        off = math.log(found / source.expected)
        off /= math.sqrt(limits.spread**2 + limits.spread_short**2 / source.expected)
        if -limits.shortest <= off <= limits.longest:
            return ""
        return f"{found} characters, expected about {source.expected:.0f} ({off:+.1f} standard deviations)"

    def _numbers(self, source: Source, hypothesis: Hypothesis) -> str:
        comparison = match(source.numbers, numbers(hypothesis.text, self.tgt_lang))
        if comparison.agree:
            return ""
        missing = comparison.missing if len(comparison.missing) > self.limits.numbers_missing else ()
        extra = comparison.extra if len(comparison.extra) > self.limits.numbers_extra else ()
        return signs.differ(missing, extra)

    def _names(self, source: Source, hypothesis: Hypothesis) -> str:
        missing = signs.names_missing(source.names, hypothesis.text)
        return signs.differ(missing, ()) if len(missing) > self.limits.names_missing else ""

    def _script(self, source: Source, hypothesis: Hypothesis) -> str:
        return signs.japanese(hypothesis.text, self.limits.gloss)

    def _unlikely(self, source: Source, hypothesis: Hypothesis) -> str:
        if hypothesis.logprob is None or hypothesis.pieces < 1:
            return ""
        mean, long = hypothesis.logprob / hypothesis.pieces, self.limits.unlikely_long
        limit = long + (self.limits.unlikely_short - long) / math.sqrt(hypothesis.pieces)
        return f"{mean:.2f} by piece, expected {limit:.2f} or more" if mean < limit else ""


def kinds(text: str) -> list[int]:
    """Hiragana, katakana, kanji, Latin letters with digits, and other marks of a normalised sentence: what its length in English depends on.

    Readings in brackets, and a year's second form in brackets, are left out, since English says such things once.

    Example:
        >>> kinds("平成3年(1991年)、猫(ねこ)がいた。")
        [3, 0, 4, 1, 2]
    """
    if "(" in text:
        text = _TWICE.sub("", text)
    counts = [sum(map(len, kind.findall(text))) for kind in (_HIRAGANA, _KATAKANA, _KANJI, _LATIN)]
    return [*counts, len(text) - text.count(" ") - sum(counts)]


def _expected(text: str, limits: Limits) -> float:
    """Characters of English; the fit is `Limits`'s."""
    weights = (
        limits.chars_hiragana,
        limits.chars_katakana,
        limits.chars_kanji,
        limits.chars_latin,
        limits.chars_other,
    )
    total = sum(weight * count for weight, count in zip(weights, kinds(text), strict=True))
    return max(total + limits.chars_fixed, 1.0)


def _links(source: Source, hypothesis: Hypothesis) -> str:
    return signs.links_differ(source.links, signs.links(hypothesis.text))


def _unknown(source: Source, hypothesis: Hypothesis) -> str:
    return signs.unknown(hypothesis.text, source.text)


def _brackets(source: Source, hypothesis: Hypothesis) -> str:
    said = signs.unbalanced(hypothesis.text)
    return "" if not said or source.unbalanced else said


def _copied(source: Source, hypothesis: Hypothesis) -> str:
    """The source, or a part of it that has at least half its letters, where a translation cannot look like that."""
    # text that is all ASCII holds nothing of a Japanese source but its Latin names
    if hypothesis.text.isascii() and not source.text.isascii():
        return ""
    bare = _BARE.sub("", unicodedata.normalize("NFKC", hypothesis.text)).lower()
    if not bare or len(bare) * 2 < len(source.bare) or bare not in source.bare:
        return ""
    # Latin names and short answers are the same in many languages
    return "" if bare.isascii() and hypothesis.text.count(" ") < 3 else "the source itself"
