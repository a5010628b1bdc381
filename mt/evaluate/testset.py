"""The words of an evaluation: a test set, and what a system wrote for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from mt.errors import CountError, InputError


@dataclass(frozen=True, slots=True)
class TestSet:
    """Segments that systems translate, line by line.

    Attributes:
        references: reference streams, each with one string a segment; at least one.
        src: the source, one string a segment; None = not known.
        documents: name of the document of each segment, segments of one document side by side; None = not known.
        columns: further facts of each segment by name, e.g. `domain`, to slice by.
        name: of the test set.
        src_lang: language of the source.
        tgt_lang: language of the references.

    Raises:
        InputError: for no reference or no segment.
        CountError: for streams of different length.

    Example:
        >>> t = TestSet((("A cat.", "A dog."),), documents=("d1", "d1"))
        >>> len(t), list(t.spans())
        (2, [('d1', 0, 2)])
    """

    __test__ = False  # pytest takes the name for one of its own

    references: tuple[tuple[str, ...], ...]
    src: tuple[str, ...] | None = None
    documents: tuple[str, ...] | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    name: str = "test"
    src_lang: str = "ja"
    tgt_lang: str = "en"

    def __post_init__(self) -> None:
        if not self.references or not self.references[0]:
            raise InputError(self.name, "a reference with at least one segment", "none")
        streams: dict[str, Sequence[str] | None] = {
            **{f"reference {n}": r for n, r in enumerate(self.references[1:], 2)},
            "source": self.src,
            "documents": self.documents,
            **self.columns,
        }
        for name, stream in streams.items():
            if stream is not None and len(stream) != len(self):
                raise CountError(name, len(stream), "reference 1", len(self), "segment")

    def __len__(self) -> int:
        return len(self.references[0])

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Documents in order: name, first segment, last + 1; the whole set as one where documents are not known."""
        if self.documents is None:
            yield self.name, 0, len(self)
            return
        start = 0
        for n in range(1, len(self) + 1):
            if n == len(self) or self.documents[n] != self.documents[start]:
                yield self.documents[start], start, n
                start = n


@dataclass(frozen=True, slots=True)
class System:
    """A system's answers, one string a segment."""

    name: str
    hypotheses: tuple[str, ...]
