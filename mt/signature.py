"""Signature: the recipe of a number or of a file, as one line of `key:value` pairs.

The shape is sacrebleu's (Post 2018, "A Call for Clarity in Reporting BLEU Scores"): `nrefs:1|case:mixed|tok:13a`. Rule of this project: it
changes whenever the result could change, and it is built from explicit keys, never from whatever an object happens to hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY = re.compile(r"[a-z][a-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class Signature:
    """Ordered `key:value` pairs; equal signatures mean comparable results.

    Example:
        >>> s = Signature.of(model="starter", sha="1b2c", beam=4)
        >>> str(s)
        'model:starter|sha:1b2c|beam:4'
        >>> str(s.plus(unit="paragraph"))
        'model:starter|sha:1b2c|beam:4|unit:paragraph'
        >>> Signature.parse(str(s)) == s
        True
    """

    items: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Keys are lower-case words, named once; values hold no `|` and no line break."""
        seen: set[str] = set()
        for key, value in self.items:
            if not _KEY.match(key):
                raise ValueError(f"signature key: expected a lower-case word, found {key!r}")
            if key in seen:
                raise ValueError(f"signature key {key!r}: expected once, found twice")
            if not value or "|" in value or "\n" in value:
                raise ValueError(
                    f"signature value of {key!r}: expected text without '|' and line breaks, found {value!r}"
                )
            seen.add(key)

    @classmethod
    def of(cls, **values: object) -> Signature:
        """Keys in the order given; bools become yes/no, floats their shortest form."""
        return cls(tuple((k, _text(v)) for k, v in values.items()))

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Inverse of `str`. Raises ValueError where a part has no colon."""
        parts = [part.partition(":") for part in line.split("|")]
        for key, colon, _ in parts:
            if not colon:
                raise ValueError(f"signature: expected key:value, found {key!r}")
        return cls(tuple((key, value) for key, _, value in parts))

    def plus(self, **values: object) -> Signature:
        """A longer signature; a key that stands already is an error."""
        return Signature(self.items + Signature.of(**values).items)

    def join(self, other: Signature) -> Signature:
        """Both, one after the other."""
        return Signature(self.items + other.items)

    def __str__(self) -> str:
        return "|".join(f"{k}:{v}" for k, v in self.items)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
