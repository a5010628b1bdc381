"""How much of a text is repetition: runs, stretches that stand twice, n-grams that stand often, what compresses too well.

A loop of a decoder and a refrain of an author look alike on one side. So everything is measured on both, and the target is doubted for what
it repeats more than its source does: measures of the source are copies, by which the limits are multiplied.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Hashable, Sequence

from mt.translate.limits import Limits

_WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*")
_CHAR_RUN = re.compile(r"([^0-9]{1,8}?)\1{2,}")
_ANY_RUN = re.compile(r"(.{1,40}?)\1+", re.DOTALL)
_LONG = 240  # characters; shorter text does not compress well whatever it is


class SourceRepeats:
    """How a source repeats itself; measured when the target's repetition asks for it, which is seldom."""

    __slots__ = ("_copies", "_count", "_doubled", "_raw", "_share", "_text")

    def __init__(self, text: str) -> None:
        """`text` is normalised."""
        self._raw = text
        self._text: str | None = None
        self._copies: int | None = None
        self._count: int | None = None
        self._share: float | None = None
        self._doubled: bool | None = None

    @property
    def text(self) -> str:
        """Letters and digits, where there are any: what is repeated with other punctuation is repeated."""
        if self._text is None:
            self._text = "".join(c for c in self._raw if c.isalnum() or c == "ー") or self._raw
        return self._text

    @property
    def copies(self) -> int:
        """Most copies in a row of anything, ≥ 1; two of one character (ee, いい) are no repetition unless they are half of the text.

        Example:
            >>> SourceRepeats("はい、はい、はい。").copies, SourceRepeats("犬がいる").copies
            (3, 1)
        """
        if self._copies is None:
            found = [m for m in _ANY_RUN.finditer(self.text) if len(m[0]) > 2 or 2 * len(m[0]) >= len(self.text)]
            # the search takes the first run it meets, which may hide that the whole is one: 犬犬が犬犬が
            self._copies = max((len(m[0]) // len(m[1]) for m in found), default=1)
            self._copies = max(self._copies, _whole(self.text))
        return self._copies

    @property
    def doubled(self) -> bool:
        """True where three characters or more, or half of the text, stand twice in a row; ますます does not.

        Example:
            >>> SourceRepeats("必ず勝つ、必ず勝つと言った。").doubled, SourceRepeats("値はますます上がる。").doubled
            (True, False)
        """
        if self._doubled is None:
            found = _ANY_RUN.finditer(self.text)
            self._doubled = _whole(self.text) > 1 or any(
                len(m[1]) > 2 or 2 * len(m[0]) >= len(self.text) for m in found
            )
        return self._doubled

    @property
    def count(self) -> int:
        """How often the most frequent four characters stand, ≥ 1.

        Example:
            >>> SourceRepeats("東の国へ、東の国へ、東の国へ").count
            3
        """
        if self._count is None:
            text, n = self.text, min(4, len(self.text))
            self._count = max(Counter(text[i : i + n] for i in range(len(text) - n + 1)).values(), default=1)
        return self._count

    @property
    def share(self) -> float:
        """Length of the longest stretch that stands twice, by the length of all; 0 to 0.5.

        Example:
            >>> SourceRepeats("猫がいる。猫がいる。").share
            0.5
        """
        if self._share is None:
            self._share = stretch(self.text) / max(len(self.text), 1)
        return self._share


def _whole(text: str) -> int:
    """How many copies of one stretch the whole text is, ≥ 1: a text first stands in its own double again behind one copy.

    Example:
        >>> _whole("犬犬が犬犬が"), _whole("犬犬が"), _whole("")
        (2, 1, 1)
    """
    return len(text) // (text + text).find(text, 1) if text else 1


def words(text: str) -> list[str]:
    """Words and numbers, lower case.

    Example:
        >>> words("It's 1,200.50 yen, it is!")
        ["it's", '1,200.50', 'yen', 'it', 'is']
    """
    return _WORD.findall(text.lower())


def stretch(items: Sequence[Hashable]) -> int:
    """Length of the longest stretch that stands twice without overlap, found by halving: O(n log n) for short stretches.

    Example:
        >>> stretch("abcabc"), stretch("abcdef"), stretch("aaaa"), stretch("")
        (3, 0, 2, 0)
    """
    low, high = 0, len(items) // 2
    while low < high:
        middle = (low + high + 1) // 2
        if _twice(items, middle) is None:
            high = middle - 1
        else:
            low = middle
    return low


def _twice(items: Sequence[Hashable], n: int) -> int | None:
    """Where the second copy of a stretch of `n` begins that does not overlap the first, None without one."""
    first: dict[Hashable, int] = {}
    for i in range(len(items) - n + 1):
        piece = items[i : i + n]
        before = first.setdefault(piece if isinstance(piece, str) else tuple(piece), i)
        if i - before >= n:
            return i
    return None


def runs(found: Sequence[str]) -> tuple[int, str]:
    """Most copies in a row of one word or of two, with what is repeated.

    Example:
        >>> runs("we go and go and go and stop".split()), runs(["a"]), runs([])
        ((3, 'go and'), (1, 'a'), (0, ''))
    """
    best, what = (1, found[0]) if found else (0, "")
    for period in (1, 2):
        length = period
        for i in range(period, len(found)):
            length = length + 1 if found[i] == found[i - period] else period
            if length // period > best:
                best, what = length // period, " ".join(found[i - period + 1 : i + 1])
    return best, what


def doubled(found: Sequence[str]) -> str:
    """The longest stretch of three words or more that stands twice in a row, at most one other word between; "" without one.

    Example:
        >>> doubled("he said on friday and said on friday that".split()), doubled("day by day".split())
        ('said on friday', '')
    """
    best: Sequence[str] = ()
    seen: dict[tuple[str, ...], int] = {}
    for i in range(len(found) - 2):
        gram = tuple(found[i : i + 3])
        before = seen.get(gram)
        seen[gram] = i
        if before is None or i - before < 3:
            continue
        for gap in (0, 1):
            length = i - before - gap
            if length > len(best) and length >= 3 and found[before : before + length] == found[i : i + length]:
                best = found[i : i + length]
    return " ".join(best)


def repetition(text: str, source: SourceRepeats, limits: Limits) -> str:
    """What the target repeats more than its source, "" where nothing. One pass decides for text without any repetition.

    Example:
        >>> repetition("the dog, the dog, the dog, the dog, the dog", SourceRepeats("その犬は"), Limits())
        "5 times in a row 'the dog'"
        >>> repetition("Never, never, never, never!", SourceRepeats("決して、決して、決して、決して！"), Limits())
        ''
    """
    if said := _by_characters(text, source, limits):
        return said
    found = words(text)
    # a run over the limit, and whatever else is repeated for long, holds the same few words twice
    n = min(3, limits.run)
    grams = list(zip(*(found[i : len(found) - n + 1 + i] for i in range(n)), strict=True)) if len(found) >= n else []
    if len(set(grams)) < len(grams) and (said := _by_words(found, source, limits)):
        return said
    if len(text) >= _LONG:
        data = text.encode()
        ratio = len(data) / len(zlib.compress(data, 1))
        if ratio > limits.compression and source.share < 1 / 3:
            return f"compresses to 1/{ratio:.1f}"
    return ""


def _by_characters(text: str, source: SourceRepeats, limits: Limits) -> str:
    """Loops without a blank, as in a laugh that does not end; they make a word long and its letters few."""
    for word in text.split():
        if len(word) > limits.char_run and len(word) > 2 * len(set(word)):
            for match in _CHAR_RUN.finditer(word):
                copies = len(match[0]) // len(match[1])
                if copies > limits.char_run and copies > limits.char_run * source.copies:
                    return f"{copies} times in a row '{match[1]}'"
    return ""


def _by_words(found: list[str], source: SourceRepeats, limits: Limits) -> str:
    most, what = runs(found)
    if most > limits.run and most > limits.run * source.copies:
        return f"{most} times in a row '{what}'"
    twice = doubled(found)
    if twice and twice.count(" ") + 1 > limits.doubled_words and not source.doubled:
        return f"twice in a row '{twice}'"
    again = stretch(found)
    if again > limits.again_words and again / len(found) > limits.again_share * source.share:
        end = (_twice(found, again) or 0) + again
        return f"twice '{' '.join(found[end - again : end])}'"
    if again > 1 and len(found) > 8:
        grams = Counter(tuple(found[i : i + 4]) for i in range(len(found) - 3))
        gram, count = grams.most_common(1)[0]
        if count > limits.ngram_count and count > limits.ngram_count * source.count:
            return f"{count} times '{' '.join(gram)}'"
    return ""
