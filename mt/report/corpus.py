"""What is known of a corpus that was built, as its card, its manifest and its report say it: counts that add up, recipes, samples to read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from mt.errors import MTError

Kind = Literal["malformed", "filter", "test", "copy", "held"]
KINDS: tuple[str, ...] = get_args(Kind)
SAID: Mapping[str, str] = MappingProxyType(
    {
        "malformed": "no pair",
        "filter": "filter",
        "test": "repeats a test set",
        "copy": "copy",
        "held": "like a held-out row",
    }
)
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Step:
    """A reason for which rows were left out.

    Attributes:
        name: the reason.
        kind: what sort of reason.
        rows: how many.
        about: what the reason means.
    """

    name: str
    kind: Kind
    rows: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    """From what was read to what is published.

    Attributes:
        read: records of all sources, malformed ones included.
        steps: in the order in which they were decided; each row has one fate.
        published: rows of all splits.

    Example:
        >>> Funnel(10, (Step("bad-columns", "malformed", 1), Step("exact-copy", "copy", 2)), 7).left()
        (9, 7)
        >>> Funnel(10, (), 9)
        Traceback (most recent call last):
        mt.errors.MTError: corpus: 10 read, but 9 accounted for (published 9)
    """

    read: int
    steps: tuple[Step, ...]
    published: int

    def __post_init__(self) -> None:
        """Raises MTError where rows were lost: it would be a mistake of this program."""
        if self.read != self.published + sum(step.rows for step in self.steps):
            parts = [f"published {self.published}", *(f"{step.name} {step.rows}" for step in self.steps if step.rows)]
            found = self.published + sum(step.rows for step in self.steps)
            raise MTError(f"corpus: {self.read} read, but {found} accounted for ({', '.join(parts)})")

    def left(self) -> tuple[int, ...]:
        """Rows left behind each step."""
        found, rows = [], self.read
        for step in self.steps:
            rows -= step.rows
            found.append(rows)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source of the corpus, for its credit and its counts.

    Attributes:
        name: as configured.
        make: how its pairs were made: given, align, mine or translate.
        licence: SPDX where there is one.
        url: where it is from, or empty.
        credit: whom to name, or empty.
        read: records.
        published: rows.
        rejected: reason → rows.
    """

    name: str
    make: str
    licence: str
    url: str
    credit: str
    read: int
    published: int
    rejected: Mapping[str, int] = field(default_factory=lambda: _NONE)

    def __post_init__(self) -> None:
        """Raises MTError where rows were lost."""
        if self.read != self.published + sum(self.rejected.values()):
            raise MTError(
                f"source {self.name}: {self.read} read, {self.published} published, {dict(self.rejected)} left out"
            )


@dataclass(frozen=True, slots=True)
class SplitView:
    """A split: rows, characters of both sides, and bytes in memory as Arrow (0 = not known)."""

    name: str
    rows: int
    src_characters: int = 0
    tgt_characters: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FilterView:
    """A filter that was applied, and what it accepts: low ≤ number ≤ high, None = unbounded."""

    name: str
    about: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CorpusRecord:
    """A published corpus: all that its card says, and its manifest beside the hashes.

    Attributes:
        name: of the corpus.
        version: of the corpus.
        langs: codes of source and target.
        signature: the recipe as one line.
        funnel: counts.
        sources: where it is from.
        splits: in the order train, dev, test; empty splits left out.
        filters: in the order they decide.
        tests: names of the test sets that no row may repeat.
        recipe: names and values of normalising, dedup and splitting.
        formats: in which it is published.
        scores: names of the numbers that rows have.
        noise: what is known of its errors, e.g. ("sampled pairs that are wrong", "3 of 100"); empty = not measured.
        replaced: format → sides in which a character had to be replaced.
        config: the configuration file it was built with, as text.
        card: fields of the card that its maintainer set: `title`, `description`, `licence`, `homepage`, `contact`.
    """

    name: str
    version: str
    langs: tuple[str, str]
    signature: str
    funnel: Funnel
    sources: tuple[SourceView, ...]
    splits: tuple[SplitView, ...]
    filters: tuple[FilterView, ...] = ()
    tests: tuple[str, ...] = ()
    recipe: tuple[tuple[str, str], ...] = ()
    formats: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    noise: tuple[tuple[str, str], ...] = ()
    replaced: Mapping[str, int] = field(default_factory=lambda: _NONE)
    config: str = ""
    card: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raises MTError where sources or splits do not add up to the funnel."""
        for what, parts, whole in (
            ("rows of splits", [one.rows for one in self.splits], self.funnel.published),
            ("rows of sources", [one.published for one in self.sources], self.funnel.published),
            ("records of sources", [one.read for one in self.sources], self.funnel.read),
        ):
            if sum(parts) != whole:
                raise MTError(f"corpus {self.name}: {what} are {sum(parts)}, expected {whole}")

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it; `from_json` is the inverse."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("sources", "splits", "filters"):
            plain[name] = [_plain(one) for one in plain[name]]
        plain["funnel"] = asdict(self.funnel)
        plain["replaced"], plain["card"] = dict(self.replaced), dict(self.card)
        return plain

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> CorpusRecord:
        """Raises KeyError, TypeError or ValueError for something else, and MTError for counts that do not add up."""
        funnel = found["funnel"]
        steps = tuple(Step(**step) for step in funnel["steps"])
        return CorpusRecord(
            name=str(found["name"]),
            version=str(found["version"]),
            langs=(str(found["langs"][0]), str(found["langs"][1])),
            signature=str(found["signature"]),
            funnel=Funnel(int(funnel["read"]), steps, int(funnel["published"])),
            sources=tuple(SourceView(**one) for one in found["sources"]),
            splits=tuple(SplitView(**one) for one in found["splits"]),
            filters=tuple(FilterView(**one) for one in found["filters"]),
            tests=tuple(found["tests"]),
            recipe=tuple((str(a), str(b)) for a, b in found["recipe"]),
            formats=tuple(found["formats"]),
            scores=tuple(found["scores"]),
            noise=tuple((str(a), str(b)) for a, b in found["noise"]),
            replaced=dict(found["replaced"]),
            config=str(found["config"]),
            card=dict(found["card"]),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """A row to read; `score` is the number it is shown for, None where that is no number; `fate` is `published` or the reason."""

    id: str
    src: str
    tgt: str
    score: float | None = None
    fate: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """What lies around one end of an interval: rows rejected for it nearest to it, and published rows nearest to it."""

    side: Literal["low", "high"]
    value: float
    rejected: tuple[Sample, ...]
    accepted: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The numbers of one score.

    Attributes:
        name: of the filter or score.
        about: what the number is.
        low: least accepted number, None = unbounded.
        high: greatest accepted number, None = unbounded.
        edges: of the bars, ascending at even distances, one more than bars.
        published: rows of each bar that are published.
        lost: rows of each bar that are not, whatever the reason.
        beyond: rows left of and right of the bars.
        below: rows under `low`; 0 where it is None.
        above: rows over `high`.
        inside: rows that are accepted.
        unmeasured: rows without a number, which are accepted.
        borders: samples around `low` and `high`.
    """

    name: str
    about: str
    low: float | None
    high: float | None
    edges: tuple[float, ...]
    published: tuple[int, ...]
    lost: tuple[int, ...]
    beyond: tuple[int, int]
    below: int
    inside: int
    above: int
    unmeasured: int
    borders: tuple[Edge, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for bars without both ends, and for counts that differ."""
        if not len(self.edges) - 1 == len(self.published) == len(self.lost):
            raise ValueError(f"score {self.name}: expected {len(self.edges) - 1} bars, found {len(self.published)}")
        drawn = sum(self.published) + sum(self.lost) + sum(self.beyond)
        if drawn != self.below + self.inside + self.above:
            raise ValueError(f"score {self.name}: {drawn} rows drawn, {self.below + self.inside + self.above} counted")


@dataclass(frozen=True, slots=True)
class RejectView:
    """A reason, and some of the rows left out for it."""

    step: Step
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long published sides are: `counts[n]` rows have from `edges[n]` to below `edges[n + 1]` characters, the last bar all longer ones too."""

    side: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CorpusPage:
    """Everything the report shows."""

    record: CorpusRecord
    scores: tuple[ScoreView, ...] = ()
    rejects: tuple[RejectView, ...] = ()
    lengths: tuple[Lengths, ...] = ()


def finite(value: float) -> float | None:
    """An end of an interval, None where there is none.

    Example:
        >>> finite(0.5), finite(math.inf)
        (0.5, None)
    """
    return value if math.isfinite(value) else None


def _plain(value: Any) -> dict[str, Any]:
    return {
        name: dict(found) if isinstance(found := getattr(value, name), Mapping) else found
        for name in value.__dataclass_fields__
    }
