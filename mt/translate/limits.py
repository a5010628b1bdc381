"""Thresholds of the guard: from where on a translation is doubted. `configs/translate/guard.toml` documents every one.

Calibrated on human translations of both directions (see `Limits`), so that a detector doubts at most about one reference of news in fifty;
`scripts/bench_guard.py` measures on others what that costs and what it finds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from mt.errors import OptionError
from mt.signature import Signature
from mt.types import DOUBTS, check_range

VERSION = 1  # of the rules beside the thresholds; a change of either changes the signature


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a detector doubts. A threshold is the last value that is not doubted.

    The length detector compares with a fit. The length of the English, in characters with blanks, is expected to be `chars_fixed` and so much
    for each character of the Japanese by its kind; the logarithm of found ÷ expected has a spread of `sqrt(spread² + spread_short² / expected)`.
    Fitted (`scripts/bench_guard.py --fit`) by reweighted least squares (Huber weights) to 10,000 pairs: 5,000 of a corpus written in
    Japanese (Kyoto Wiki, every second line) and 1,250 each of four written in English (newstest2021, PUD, generaltest2022, WMT24), so that
    the band holds both directions: text written in Japanese becomes about 1.2 times as long in English as text that was English first. What
    kind a character is matters more than how long the sentence is: the standard deviation of the logarithm falls from 0.40 (ratio of lengths
    alone) to 0.28.

    Attributes:
        off: flags whose detectors are switched off, among the doubts of `mt.types`; failures cannot be.
        run: same word, or same two words, in a row; 1 to 1000 copies for each copy of the source's longest run.
        doubled_words: words of a stretch that stands twice in a row where the source doubles nothing, 2 to 1000 (three words are the
            shortest that is looked for); at most one other word may stand between.
        again_words: words of a stretch that stands twice anywhere, 1 to 1000.
        again_share: the stretch's share of the words may be so many times that of the longest repeated stretch of the source, 0 to 100.
        ngram_count: times that four words may stand for each time that the source repeats four characters; 1 to 1000.
        char_run: copies in a row of up to eight characters without blank; digits apart; 1 to 1000 for each copy in the source.
        compression: bytes by bytes after zlib, 1 to 1000; only asked of 160 characters or more.
        shortest: standard deviations below the expected length, 0 to 100; shorter is an omission.
        longest: likewise above; longer is invention.
        chars_hiragana: characters of English expected for a hiragana, 0 to 100.
        chars_katakana: for a katakana.
        chars_kanji: for a kanji.
        chars_latin: for a Latin letter or a digit.
        chars_other: for any other mark, blanks aside.
        chars_fixed: for the sentence.
        spread: standard deviation of the logarithm for long sentences, 0.01 to 10.
        spread_short: what is added to it for short ones, 0 to 100.
        numbers_missing: numbers of the source that may be missing, 0 to 1000.
        numbers_extra: numbers that may stand there without one in the source, 0 to 1000.
        gloss: Japanese characters in brackets behind a Latin word, 0 to 1000; `Kyoto (京都)` is a service to the reader.
        names_missing: names in Latin script that may be missing, 0 to 1000.
        stock_chars: characters of a source that may be answered by one of the phrases that models say when they know nothing, where its cue
            is in the source, 0 to 10,000.
        unlikely_short: natural logarithm of the probability by piece, −100 to 0, of an answer of one piece; lower is doubted.
        unlikely_long: likewise of an endless answer; between them the limit goes with 1 / √pieces. Both belong to a model: they are
            calibrated to the starter's own answers to FLORES and WMT21, of which they doubt 0.1 and 1.5 %.

    Example:
        >>> Limits(run=0)
        Traceback (most recent call last):
        mt.errors.OptionError: run: expected a number from 1 to 1,000, found 0
    """

    off: tuple[str, ...] = ()
    run: int = 3
    doubled_words: int = 2
    again_words: int = 5
    again_share: float = 1.5
    ngram_count: int = 2
    char_run: int = 4
    compression: float = 2.2
    shortest: float = 2.5
    longest: float = 3.8
    chars_hiragana: float = 1.23
    chars_katakana: float = 1.02
    chars_kanji: float = 5.1
    chars_latin: float = 0.63
    chars_other: float = 1.85
    chars_fixed: float = 3.47
    spread: float = 0.12
    spread_short: float = 1.6
    numbers_missing: int = 0
    numbers_extra: int = 0
    gloss: int = 20
    names_missing: int = 0
    stock_chars: int = 40
    unlikely_short: float = -1.64
    unlikely_long: float = -1.24

    def __post_init__(self) -> None:
        """Raises OptionError for a threshold out of range, or for a flag that is no doubt."""
        for flag in self.off:
            if flag not in DOUBTS:
                raise OptionError("off", "flags among " + ", ".join(DOUBTS), flag)
        check_range("doubled_words", self.doubled_words, 2, 1000)
        for key in ("run", "again_words", "ngram_count", "char_run", "compression"):
            check_range(key, getattr(self, key), 1, 1000)
        for key in ("numbers_missing", "numbers_extra", "gloss", "names_missing"):
            check_range(key, getattr(self, key), 0, 1000)
        kinds = ("hiragana", "katakana", "kanji", "latin", "other", "fixed")
        for key in ("again_share", "shortest", "longest", "spread_short", *(f"chars_{kind}" for kind in kinds)):
            check_range(key, getattr(self, key), 0, 100)
        check_range("spread", self.spread, 0.01, 10)
        check_range("stock_chars", self.stock_chars, 0, 10_000)
        check_range("unlikely_short", self.unlikely_short, -100, 0)
        check_range("unlikely_long", self.unlikely_long, -100, 0)

    def signature(self) -> Signature:
        """Version of the rules and a hash of all thresholds: equal signatures, equal doubts.

        Example:
            >>> str(Limits().signature()) == str(Limits(run=4).signature())
            False
        """
        # 4 and 4.0 are the same limit, whichever a configuration says
        values = {k: float(v) if isinstance(v, int | float) else sorted(v) for k, v in asdict(self).items()}
        line = json.dumps([VERSION, sorted(values.items())])
        return Signature.of(guard=f"v{VERSION}-{hashlib.sha256(line.encode()).hexdigest()[:8]}")
