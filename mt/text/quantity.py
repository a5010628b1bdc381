"""What a number of a text is, whatever the language; the parsers of `numbers_ja` and `numbers_en` make them, `numbers` compares them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

# Whole numbers stay `int`: they equal the Fraction, hash like it, and cost a tenth.
Value = int | Fraction

LAST_MOON = 1873  # in Japan, months and days of the years before are those of a lunar calendar

KINDS = frozenset({"number", "percent", "fraction", "ordinal", "year", "era", "month", "day", "hour", "token"})


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text.

    Attributes:
        text: as it stands there: `sentence[start:end] == text`.
        start: offset of its first character, 0-based.
        end: offset behind its last character; units belong to it where they change what it may stand for (`3割`, `午後3時`).
        values: everything it may stand for, the plain reading first: 30 and 3/10 for 3割, 2021 and 3 for 令和3年.
        kind: one of `KINDS`; `token` is a digit that belongs to a name (G7, iPhone 13), `era` a
            year by an era whose beginning is not known (寛永3年).
        sure: False where people translate freely (`one`, 一人, 3年生) or where the reading is a guess; such a number can be the counterpart
            of another but is never missed itself.
        approximate: the text says so (約, nearly).

    Example:
        >>> n = Number("3割", 0, 2, (30, Fraction(3, 10)), "percent")
        >>> n.value, str(n)
        (Fraction(30, 1), '3割')
    """

    text: str
    start: int
    end: int
    values: tuple[Value, ...]
    kind: str = "number"
    sure: bool = True
    approximate: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError where span and text disagree, for no value, or for an unknown kind."""
        if self.end - self.start != len(self.text) or self.start < 0 or not self.text:
            raise ValueError(f"number: expected a span of {len(self.text)} characters, found [{self.start},{self.end})")
        if not self.values or self.kind not in KINDS:
            raise ValueError(f"number {self.text}: expected values and a kind, found {self.values} and {self.kind!r}")

    @property
    def value(self) -> Fraction:
        """The plain reading."""
        return Fraction(self.values[0])

    def __str__(self) -> str:
        """As it stands in the text."""
        return self.text


def exact(value: Fraction) -> Value:
    """The same value, as an `int` where it is whole.

    Example:
        >>> exact(Fraction(6, 2)), exact(Fraction(7, 2))
        (3, Fraction(7, 2))
    """
    return value.numerator if value.denominator == 1 else value


def decimal(digits: str) -> Value:
    """Value of ASCII digits with commas between thousands and at most one decimal point.

    Example:
        >>> decimal("1,200"), decimal("3.50"), decimal(".5")
        (1200, Fraction(7, 2), Fraction(1, 2))
    """
    whole, _, part = digits.replace(",", "").partition(".")
    if not part:
        return int(whole)
    return exact(Fraction(int(whole + part), 10 ** len(part)))


def distinct(*values: Value) -> tuple[Value, ...]:
    """The values in order, each once.

    Example:
        >>> distinct(3, 15, 3)
        (3, 15)
    """
    return tuple(dict.fromkeys(values))
