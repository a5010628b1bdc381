"""What two documents write alike whatever their languages: numbers, and words in Latin letters such as names and code."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from mt.text.latin import names, names_missing
from mt.text.numbers import compare

# 2.6.1, 2014-09-19, 10:30, 1,000; words of three letters or more
_LITERAL = re.compile(r"\d+(?:[.,:/-]\d+)*|[a-z][a-z0-9_]{2,}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def literals(sentences: Sequence[str]) -> Counter[str]:
    """Numbers and Latin words, in one width and small, with how often they stand there.

    Example:
        >>> sorted(literals(["Ｒｕｂｙ 2.6.1がリリースされた。", "1,000人"]))
        ['1000', '2.6.1', 'ruby']
    """
    text = unicodedata.normalize("NFKC", "\n".join(sentences)).lower()
    return Counter(_THOUSANDS.sub("", found) for found in _LITERAL.findall(text))


def shared(sides: Sequence[Sequence[Sequence[str]]], pairs: Sequence[tuple[int, int]]) -> list[float]:
    """How much documents share of what both piles write alike: the cosine of their weighted counts, 0 to 1.

    Only what stands on both sides anywhere counts at all, so that the words of an English text are not held against its Japanese. A count of n
    weighs 1 + ln n, times the logarithm of all documents by those that have it.

    Args:
        sides: two piles of documents of sentences.
        pairs: places in the first pile and in the second.

    Example:
        >>> shared([[["猫2匹", "10円"], ["犬3匹"]], [["2 cats", "10 yen"], ["3 dogs"]]], [(0, 0), (0, 1)])
        [1.0, 0.0]
    """
    counts = [[literals(document) for document in side] for side in sides]
    frequency = [Counter(word for found in side for word in found) for side in counts]
    every = 1 + sum(map(len, sides))
    rarity = {w: math.log(every / (n + frequency[1][w])) for w, n in frequency[0].items() if w in frequency[1]}
    weights = [[_weights(found, rarity) for found in side] for side in counts]
    return [
        round(math.fsum(v * b[w] for w, v in a.items() if w in b), 6)
        for a, b in ((weights[0][i], weights[1][j]) for i, j in pairs)
    ]


def contradict(src: str, tgt: str, langs: tuple[str, str]) -> bool:
    """Whether two sentences cannot be translations of each other by their numbers, or by names that the Japanese writes in Latin letters.

    A number that is surely meant, on either side, and nowhere on the other; or a name that the English has not. Never so for other languages than
    Japanese and English, since nothing here reads their numbers.

    Args:
        src: a sentence.
        tgt: the other.
        langs: of the two.

    Example:
        >>> contradict("NATOの12カ国", "The twelve NATO countries", ("ja", "en")), contradict("12カ国", "13 countries", ("ja", "en"))
        (False, True)
        >>> contradict("A member of the EU", "NATOの加盟国", ("en", "ja"))
        True
    """
    first, second = (lang.lower().replace("_", "-").split("-")[0] for lang in langs)
    if (first, second) == ("en", "ja"):
        src, tgt = tgt, src
    elif (first, second) != ("ja", "en"):
        return False
    return bool(names_missing(names(src), tgt)) or not compare(src, tgt).agree


def _weights(found: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    weights = {w: (1 + math.log(n)) * rarity[w] for w, n in found.items() if rarity.get(w, 0) > 0}
    norm = math.sqrt(math.fsum(v * v for v in weights.values()))
    return {w: v / norm for w, v in weights.items()} if norm else {}
