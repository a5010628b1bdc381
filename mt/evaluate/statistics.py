"""Sufficient statistics: what a corpus score is made of, one row a unit, and many scores of summed rows at once.

BLEU, chrF and TER are functions of sums over units (Papineni et al. 2002; Popović 2015, 2017; Snover et al. 2006), so a row is extracted once
a unit, and every score that follows, of a document, of a slice, of ten thousand resampled corpora, is a sum of rows and one formula:

    bleu          hypothesis length, reference length, matches of orders 1 to 4, n-grams of orders 1 to 4      10 columns
    chrf, chrf++  for each order: n-grams of the hypothesis, of the reference, matches; 6 orders, 6 + 2        18, 24 columns
    ter           edits, reference length                                                                      2 columns

Tokenisers, rows and formulas are sacrebleu's, equal to the last count (`tests/evaluate/test_statistics.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mt.errors import CountError, InputError
from mt.evaluate.extraction import extract
from mt.evaluate.formulas import COLUMNS, LOWER_IS_BETTER, METRICS, NAMES, Metric, Rows, known, values
from mt.signature import Signature

__all__ = [
    "LOWER_IS_BETTER",
    "METRICS",
    "NAMES",
    "Metric",
    "Rows",
    "Table",
    "Unit",
    "known",
    "table",
    "tables",
    "values",
]

Unit = Literal["segment", "paragraph", "document"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The statistics of one system.

    Attributes:
        metric: which statistics, see the top of the module.
        rows: shape (units, columns), float64, not to be written to; whole numbers but for the mean reference length of TER.
        signature: sacrebleu's, then unit and number of units.
    """

    metric: str
    rows: Rows
    signature: Signature

    def __post_init__(self) -> None:
        """Raises ConfigError for an unknown metric, ValueError for rows of another shape."""
        known(self.metric)
        if self.rows.ndim != 2 or self.rows.shape[1] != COLUMNS[self.metric]:
            raise ValueError(f"{self.metric}: expected rows of {COLUMNS[self.metric]}, found shape {self.rows.shape}")
        self.rows.flags.writeable = False

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def name(self) -> str:
        """Name of the score, e.g. `chrF2`."""
        return NAMES[self.metric]

    def score(self) -> float:
        """Corpus score in percent."""
        return float(values(self.metric, self.rows.sum(axis=0)[None])[0])

    def grouped(self, documents: Sequence[str]) -> Rows:
        """Rows summed by the name of the document, in the order of first appearance; shape (documents, columns).

        Raises:
            CountError: unless there is one name a unit.
        """
        if len(documents) != len(self):
            raise CountError("documents", len(documents), "hypothesis", len(self), "segment")
        numbers: dict[str, int] = {}
        places = np.array([numbers.setdefault(name, len(numbers)) for name in documents], np.int64)
        found = np.zeros((len(numbers), self.rows.shape[1]))
        np.add.at(found, places, self.rows)
        return found


def table(
    metric: str,
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    lowercase: bool = False,
    tokenize: str = "13a",
    unit: Unit = "segment",
) -> Table:
    """Statistics of one system; of several, `tables` counts the references once.

    Args:
        metric: one of `METRICS`.
        hypotheses: one string a unit.
        references: one or more streams, each with one string a unit.
        lowercase: compare without regard to case (TER always does).
        tokenize: sacrebleu's tokeniser of BLEU; the other metrics have their own.
        unit: what one string is.

    Raises:
        InputError: for no reference stream or no unit.
        CountError: for streams of different length.
        ConfigError: for an unknown metric or tokeniser.

    Example:
        >>> t = table("chrf", ["A cat.", "Yes."], [["A cat.", "No."]])
        >>> t.rows.shape, round(t.score(), 1), str(t.signature)[:44]
        ((2, 18), 81.9, 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:n')
    """
    return tables(metric, [hypotheses], references, lowercase=lowercase, tokenize=tokenize, unit=unit)[0]


def tables(
    metric: str,
    systems: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    *,
    lowercase: bool = False,
    tokenize: str = "13a",
    unit: Unit = "segment",
) -> list[Table]:
    """Statistics of several systems on the same references, in the order given; see `table`.

    Example:
        >>> [t.score() for t in tables("ter", [["A cat."], ["A dog."]], [["A cat."]])]
        [0.0, 50.0]
    """
    _check(systems, references, unit)
    rows, line = extract(known(metric), systems, references, lowercase=lowercase, tokenize=tokenize)
    # raw: nothing is normalised; what sacrebleu itself does (case, tokeniser) stands before
    signature = Signature.parse(line).plus(text="raw", unit=unit, n=len(references[0]))
    return [Table(metric, table, signature) for table in rows]


def _check(systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]], unit: Unit) -> None:
    if not references or not references[0]:
        raise InputError("reference", f"at least one {unit}", "none")
    for number, stream in enumerate(references[1:], 2):
        if len(stream) != len(references[0]):
            raise CountError(f"reference {number}", len(stream), "reference 1", len(references[0]), unit)
    for number, stream in enumerate(systems, 1):
        if len(stream) != len(references[0]):
            raise CountError(f"system {number}", len(stream), "reference", len(references[0]), unit)
