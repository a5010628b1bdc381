"""Which words and word sequences one system gets right and another does not, and which it writes more often at all.

Right: an n-gram of the reference that the system wrote in the same segment, each as often as the reference has it (BLEU's clipped matches). With
a and b the matches of two systems, the smoothed ratio is

    (a + 1) / (a + b + 2)                              as in compare-mt (Neubig et al. 2019): ½ = alike, near 1 = only the first

Written: the log-odds of a word with an informative Dirichlet prior, the counts of all texts together, divided by its standard error (Monroe,
Colaresi and Quinn 2008, eq. 16 to 22): z beyond ±2 is seldom chance for one word, but many words are looked at.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mt.errors import CountError
from mt.evaluate.frequencies import Frequencies
from mt.evaluate.frequencies import words as letters

ORDER = 4
MOST_SEGMENTS = 20_000  # of longer texts so many are looked at, at even distances
EXAMPLES = 5

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*|[^\w\s]|_")
_Grams = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class GramDifference:
    """An n-gram of the reference that the two systems do not get right equally often.

    Attributes:
        gram: its words with a blank between.
        order: how many.
        reference: times it stands in the reference.
        first: times the first system matched it.
        second: times the second did.
        ratio: (first + 1) / (first + second + 2), from 0 to 1.
        segments: the first segments, from 1, where they differ.
    """

    gram: str
    order: int
    reference: int
    first: int
    second: int
    ratio: float
    segments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordUse:
    """A word that one system writes more often than the other.

    Attributes:
        word: in small letters.
        reference: times it stands in the reference.
        first: times in the first system's text.
        second: times in the second's.
        z: Monroe's; above 0 the first writes it more often.
    """

    word: str
    reference: int
    first: int
    second: int
    z: float


@dataclass(frozen=True, slots=True)
class WordDifferences:
    """Two systems.

    Attributes:
        first: name of a system.
        second: name of the other.
        segments: how many were looked at.
        right_first: n-grams that the first gets and the second misses, most telling first.
        right_second: the other way round.
        more_first: words that the first writes more often, highest z first.
        more_second: the other way round.
    """

    first: str
    second: str
    segments: int
    right_first: tuple[GramDifference, ...]
    right_second: tuple[GramDifference, ...]
    more_first: tuple[WordUse, ...]
    more_second: tuple[WordUse, ...]


@dataclass(frozen=True, slots=True)
class WordBand:
    """How well a system gets words of one band of training frequency.

    Attributes:
        system: its name.
        band: one of the list's `labels`.
        reference: words of the band in the reference.
        written: in the system's text.
        right: in both, segment by segment.
        precision: right of written, percent; None where none was written.
        recall: right of the reference's, percent; None where it has none.
        f1: harmonic mean, percent; None where the band is empty on both sides.
    """

    system: str
    band: str
    reference: int
    written: int
    right: int
    precision: float | None
    recall: float | None
    f1: float | None


def differences(
    names: tuple[str, str],
    first: Sequence[str],
    second: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    shown: int = 20,
) -> WordDifferences:
    """Compare the words of two systems.

    Args:
        names: of the two.
        first: one string a segment.
        second: as many.
        references: streams of as many.
        shown: rows kept of each list.

    Raises:
        CountError: for streams of different length.

    Example:
        >>> refs = ["Angela Merkel sat", "Angela Merkel stood", "Angela Merkel came"]
        >>> d = differences(("A", "B"), refs, ["Angie Merk sat", "Angie Merk stood", "Angie Merk came"], [refs], shown=1)
        >>> [(g.gram, g.first, g.second, round(g.ratio, 2)) for g in d.right_first]
        [('angela merkel', 3, 0, 0.8)]
        >>> [(w.word, round(w.z, 1)) for w in d.more_second]
        [('angie', -1.1)]
    """
    _check(dict(zip(names, (first, second), strict=True)), references)
    places = _chosen(len(references[0]))
    right: tuple[_Grams, _Grams] = (Counter(), Counter())
    wanted: _Grams = Counter()
    where: dict[tuple[str, ...], list[int]] = {}
    used: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    said: Counter[str] = Counter()
    for n in places:
        ref = _most([stream[n] for stream in references])
        wanted.update(ref)
        said.update(_cut(references[0][n]))
        matched = []
        for k, text in enumerate((first[n], second[n])):
            words = _cut(text)
            used[k].update(words)
            own = Counter(gram for gram in _grams(words) if gram in ref)
            matched.append({gram: min(count, ref[gram]) for gram, count in own.items()})
            right[k].update(matched[k])
        for gram in matched[0].keys() | matched[1].keys():
            kept = where.setdefault(gram, [])
            if len(kept) < EXAMPLES and matched[0].get(gram) != matched[1].get(gram):
                kept.append(n + 1)
    rows = [_row(gram, wanted[gram], right[0][gram], right[1][gram], tuple(where[gram])) for gram in where]
    uses = [WordUse(word, said[word], used[0][word], used[1][word], z) for word, z in _monroe(used, said)]
    return WordDifferences(
        *names,
        len(places),
        _telling([r for r in rows if r.first > r.second], shown),
        _telling([r for r in rows if r.second > r.first], shown),
        tuple(sorted((u for u in uses if u.z > 0), key=lambda u: (-u.z, u.word))[:shown]),
        tuple(sorted((u for u in uses if u.z < 0), key=lambda u: (u.z, u.word))[:shown]),
    )


def by_frequency(
    name: str, hypotheses: Sequence[str], reference: Sequence[str], frequencies: Frequencies
) -> tuple[WordBand, ...]:
    """How well words are got right, by how often they were seen in training (words of letters, whatever their case).

    Raises:
        CountError: for sides of different length.

    Example:
        >>> bands = by_frequency("A", ["The dog barks."], ["The dog purrs."], Frequencies({"the": 5000, "dog": 50}, "x"))
        >>> [(b.band, b.right, b.reference) for b in bands if b.reference]
        [('never seen', 0, 1), ('10–99 times', 1, 1), ('1,000 times and more', 1, 1)]
    """
    if len(hypotheses) != len(reference):
        raise CountError(name, len(hypotheses), "reference", len(reference), "segment")
    counts = {label: [0, 0, 0] for label in frequencies.labels}
    for hyp, ref in zip(hypotheses, reference, strict=True):
        wrote, wanted = Counter(letters(hyp.lower())), Counter(letters(ref.lower()))
        for k, found in enumerate((wanted, wrote, wrote & wanted)):
            for word, count in found.items():
                counts[frequencies.label(word)][k] += count
    return tuple(_band(name, label, *row) for label, row in counts.items())


def _check(systems: Mapping[str, Sequence[str]], references: Sequence[Sequence[str]]) -> None:
    streams = {**systems, **{f"reference {n}": stream for n, stream in enumerate(references, 1)}}
    for name, stream in streams.items():
        if len(stream) != len(references[0]):
            raise CountError(name, len(stream), "reference 1", len(references[0]), "segment")


def _band(name: str, label: str, wanted: int, wrote: int, right: int) -> WordBand:
    precision = 100 * right / wrote if wrote else None
    recall = 100 * right / wanted if wanted else None
    f1 = 200 * right / (wrote + wanted) if wrote + wanted else None
    return WordBand(name, label, wanted, wrote, right, precision, recall, f1)


def _chosen(count: int) -> list[int]:
    if count <= MOST_SEGMENTS:
        return list(range(count))
    return [k * count // MOST_SEGMENTS for k in range(MOST_SEGMENTS)]


def _most(texts: Sequence[str]) -> _Grams:
    """N-grams of the references of a segment, each as often as in the one that has most of it."""
    found: _Grams = Counter(_grams(_cut(texts[0])))
    for text in texts[1:]:
        found |= Counter(_grams(_cut(text)))
    return found


def _cut(text: str) -> list[str]:
    """Words in small letters with what is joined to them (22nd, covid-19, it's, 1,000), and marks."""
    return _WORD.findall(text.lower())


def _grams(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """N-grams that begin and end with a word, not a mark."""
    spoken = [word[0].isalnum() for word in words]
    for start in range(len(words)):
        if spoken[start]:
            for end in range(start + 1, min(start + ORDER, len(words)) + 1):
                if spoken[end - 1]:
                    yield tuple(words[start:end])


def _row(gram: tuple[str, ...], wanted: int, a: int, b: int, segments: tuple[int, ...]) -> GramDifference:
    return GramDifference(" ".join(gram), len(gram), wanted, a, b, (a + 1) / (a + b + 2), segments)


def _telling(rows: list[GramDifference], shown: int) -> tuple[GramDifference, ...]:
    """The most telling; an n-gram is left out where a longer one has all its counts, so that names come whole."""
    rows.sort(key=lambda r: (-abs(r.ratio - 0.5), -r.order, r.gram))
    kept: list[GramDifference] = []
    whole: dict[tuple[int, int, int], list[str]] = {}
    for row in rows:
        others = whole.setdefault((row.reference, row.first, row.second), [])
        spaced = f" {row.gram} "
        if any(spaced in other for other in others):
            continue
        others.append(spaced)
        kept.append(row)
        if len(kept) == shown:
            break
    return tuple(kept)


def _monroe(used: tuple[Counter[str], Counter[str]], said: Counter[str]) -> Iterator[tuple[str, float]]:
    """Words of letters and digits with their z."""
    prior = used[0] + used[1] + said
    total = sum(prior.values())
    sizes = [sum(one.values()) + total for one in used]
    for word in used[0].keys() | used[1].keys():
        if not word[0].isalnum():
            continue
        a, b = (one[word] + prior[word] for one in used)
        rests = (sizes[0] - a, sizes[1] - b)
        if min(rests) <= 0:
            continue
        yield word, (math.log(a / rests[0]) - math.log(b / rests[1])) / math.sqrt(1 / a + 1 / b)
