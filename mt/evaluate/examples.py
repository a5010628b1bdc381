"""Segments worth reading: the worst, the most different between two systems, some by chance; and what is wrong with a segment at sight.

Which segments a person reads decides what the person believes, so those drawn by chance are there beside the chosen ones, with their seed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mt.evaluate.profiles import LONG, SHORT, length_ratio, loops
from mt.evaluate.testset import System, TestSet
from mt.text import tokens
from mt.text.latin import links, names, names_missing
from mt.text.numbers import LANGS, match, numbers
from mt.text.script import language


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places of segments from 0.

    Attributes:
        worst: of the first system, lowest sentence score first.
        first_better: where the first is better by most, largest gap first.
        second_better: where the second is.
        random: drawn with the seed, ascending.
        flagged: where the first has a flag that the second has not, most flags first.
    """

    worst: tuple[int, ...]
    first_better: tuple[int, ...]
    second_better: tuple[int, ...]
    random: tuple[int, ...]
    flagged: tuple[int, ...] = ()


def choose(
    first: Sequence[float],
    second: Sequence[float],
    *,
    flags: tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]] | None = None,
    count: int = 8,
    seed: int = 12345,
) -> Chosen:
    """Choose by sentence scores.

    Args:
        first: one score a segment; higher is better.
        second: as many, of another system or the same.
        flags: what `flags` says of each segment of both.
        count: at most so many of each kind.
        seed: of those drawn.

    Raises:
        ValueError: for scores of different numbers.

    Example:
        >>> choose([10, 50, 90], [20, 50, 10], count=1, seed=1)
        Chosen(worst=(0,), first_better=(2,), second_better=(0,), random=(0,), flagged=())
    """
    gaps = [x - y for x, y in zip(first, second, strict=True)]
    places = range(len(gaps))
    order = sorted(places, key=lambda n: (-gaps[n], n))
    marked: tuple[int, ...] = ()
    if flags is not None:
        only = [len(set(a) - set(b)) for a, b in zip(*flags, strict=True)]
        marked = tuple(sorted((n for n in places if only[n]), key=lambda n: (-only[n], first[n], n))[:count])
    return Chosen(
        tuple(sorted(places, key=lambda n: (first[n], n))[:count]),
        tuple(n for n in order[:count] if gaps[n] > 0),
        tuple(n for n in sorted(places, key=lambda n: (gaps[n], n))[:count] if gaps[n] < 0),
        tuple(sorted(random.Random(seed).sample(places, min(count, len(places))))),
        marked,
    )


def flags(test: TestSet, systems: Sequence[System]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """What is wrong at sight with each segment of each system, in words; sources are read once for all systems.

    Kinds: empty · as the source · another language · a loop · numbers · links · Latin names · short · long. `short` and `long` are against the
    first reference.

    Example:
        >>> t = TestSet((("He met 32 people.",),), src=("彼は32人と会った。",))
        >>> flags(t, [System("A", ("He met 23.",)), System("B", ("彼は32人と会った。",))])
        {'A': (('numbers: missing 32人, extra 23',),), 'B': (('as the source',),)}
    """
    sources = [_Source(text, test) for text in test.src] if test.src is not None else [None] * len(test)
    return {
        system.name: tuple(
            tuple(_flags(text, ref, src, test.tgt_lang))
            for text, ref, src in zip(system.hypotheses, test.references[0], sources, strict=True)
        )
        for system in systems
    }


class _Source:
    """What is asked of a source for every system."""

    def __init__(self, text: str, test: TestSet) -> None:
        self.text = text.strip()
        known = {test.src_lang, test.tgt_lang} <= LANGS
        self.numbers = numbers(text, test.src_lang) if known else None
        self.links = links(text)
        self.names = names(text) if test.src_lang == "ja" else ()


def _flags(text: str, ref: str, src: _Source | None, lang: str) -> list[str]:
    bare = text.strip()
    if not bare:
        return ["empty"] if ref.strip() else []
    if src is not None and bare == src.text and bare != ref.strip():
        return ["as the source"]
    found = []
    if lang == "en" and not bare.isascii() and language([bare]) not in (None, "en"):
        found.append("another language")
    if loops([word.lower() for word in tokens.words(bare).words]):
        found.append("a loop")
    if src is not None:
        found += _kept(bare, src, lang)
    ratio = length_ratio(bare, ref)
    if ratio < SHORT or ratio > LONG:
        found.append(f"{'short' if ratio < SHORT else 'long'}: {ratio:.1f} of the reference")
    return found


def _kept(text: str, src: _Source, lang: str) -> list[str]:
    found = []
    if src.numbers is not None:
        compared = match(src.numbers, numbers(text, lang))
        lists = (("missing", compared.missing), ("extra", compared.extra))
        if said := [f"{name} {' '.join(map(str, items))}" for name, items in lists if items]:
            found.append(f"numbers: {', '.join(said)}")
    had = links(text)
    if lost := [x for x in dict.fromkeys(src.links) if x not in had]:
        found.append(f"links: missing {' '.join(lost)}")
    if lost := names_missing(src.names, text):
        found.append(f"Latin names: missing {' '.join(lost)}")
    return found
