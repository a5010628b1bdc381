"""Bitexts → the pairs a training run may see: cleaned, held out, guarded, and every pair left out counted under its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from mt.bitext.read import Row, read_pairs
from mt.errors import InputError
from mt.filters.overlap import Guard
from mt.filters.rules import Rules, clean
from mt.train.options import Recipe, Source, TestSet

Pairs = list[tuple[str, str]]


class TrainingPairs:
    """The sources of a recipe, read as often as they are needed.

    Attributes:
        dev: the development set, cleaned: what sources hold out and the recipe's own, each source sentence once.
    """

    def __init__(self, recipe: Recipe) -> None:
        """Reads test sets and held-out pairs. Raises InputError for what cannot be read."""
        self.recipe = recipe
        self._rules = Rules(src_lang=recipe.src_lang, tgt_lang=recipe.tgt_lang)
        self._guard = Guard({name: _plain(self._rows(test)) for name, test in recipe.refuse.items()}, near=recipe.near)
        own = _plain(self._rows(TestSet(recipe.dev))) if recipe.dev else ()
        held = (pair for source in recipe.source.values() for pair in self._held_out(source))
        self.dev: Pairs = list(
            {src: (src, tgt) for src, tgt in (self._clean(*p) for p in (*own, *held)) if src and tgt}.values()
        )
        self._kept: set[str | tuple[str, str]] = {
            side for pair in self.dev for side in pair if len(side) > _SAID_BY_ALL
        } | set(self.dev)

    def sources(self) -> dict[str, Callable[[Counter[str]], Iterator[tuple[str, str]]]]:
        """Name → a function that reads the source's pairs and counts what it leaves out by reason."""
        return {name: self._reader(source) for name, source in self.recipe.source.items()}

    def sample(self, count: int) -> Iterator[tuple[str, str]]:
        """At most `count` pairs, from every source alike, for the vocabulary."""
        streams = {name: read(Counter()) for name, read in self.sources().items()}
        left = count
        while streams and left > 0:
            for name in list(streams):
                taken = list(islice(streams[name], min(1000, left)))
                left -= len(taken)
                yield from taken
                if not taken:
                    del streams[name]

    def _reader(self, source: Source) -> Callable[[Counter[str]], Iterator[tuple[str, str]]]:
        def read(counts: Counter[str]) -> Iterator[tuple[str, str]]:
            for line, *sides in self._rows(source):
                pair = self._clean(*sides)
                reason = self._rules.reason(*pair) or self._reason(source, line, pair)
                if reason is None:
                    yield pair
                else:
                    counts[reason] += 1

        return read

    def _reason(self, source: Source, line: int, pair: tuple[str, str]) -> str | None:
        if not self._kept.isdisjoint((*pair, pair)):
            return "held-out"
        if (found := self._guard.find(*pair)) is None:
            return None
        name, kind = found
        if self.recipe.on_overlap == "refuse":
            copy = "a copy" if kind == "exact" else "a near copy"
            raise InputError(
                source.path,
                f'no pair of the test set {name} (on_overlap = "drop" leaves such pairs out)',
                f"{copy}: {pair[0][:40]}",
                line=line,
            )
        return f"test-{name}-{kind}"

    def _held_out(self, source: Source) -> Iterator[tuple[str, str]]:
        """So many usable pairs, evenly over the file: every k-th."""
        if not source.hold_out:
            return
        # twice through the file, since a list of it need not fit in memory
        count = sum(1 for _ in self._usable(source))
        if count <= source.hold_out:
            raise InputError(source.path, f"more than hold_out = {source.hold_out:,} pairs", f"{count:,}")
        wanted = {i * count // source.hold_out for i in range(source.hold_out)}
        yield from (pair for number, pair in enumerate(self._usable(source)) if number in wanted)

    def _usable(self, source: Source) -> Iterator[tuple[str, str]]:
        pairs = (self._clean(src, tgt) for _, src, tgt in self._rows(source))
        return (pair for pair in pairs if self._rules.reason(*pair) is None)

    def _rows(self, source: Source | TestSet) -> Iterator[Row]:
        r = self.recipe
        return read_pairs(source.path, tgt_path=source.tgt_path, src_lang=r.src_lang, tgt_lang=r.tgt_lang)

    def _clean(self, src: str, tgt: str) -> tuple[str, str]:
        return clean(src, tgt, self.recipe.src_lang, self.recipe.tgt_lang)


_SAID_BY_ALL = 12  # characters; a shorter sentence of the development set may be trained on within another pair


def _plain(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    return ((src, tgt) for _, src, tgt in rows)


def told(counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """A line a source: pairs kept, and those left out by reason.

    Example:
        >>> list(told({"news": {"length": 2, "kept": 10}}))
        ['news: 10 pairs kept; left out: 2 length']
    """
    for name, row in counts.items():
        out = ", ".join(f"{count:,} {reason}" for reason, count in sorted(row.items()) if reason != "kept")
        yield f"{name}: {row.get('kept', 0):,} pairs kept" + (f"; left out: {out}" if out else "")
