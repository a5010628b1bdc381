"""What an evaluation is asked for, checked before any work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mt.errors import ConfigError
from mt.evaluate.statistics import METRICS, NAMES
from mt.types import check_range

Align = Literal["none", "auto", "ids", "beads", "words", "documents"]
Resample = Literal["auto", "segment", "document"]
Unit = Literal["segment", "paragraph", "document"]

_NAMED = {name.lower(): key for key, name in NAMES.items()}


@dataclass(frozen=True, slots=True)
class EvaluateConfig:
    """The options of `mt evaluate`.

    Attributes:
        hypotheses: files, patterns, run folders, or `NAME=FILE`.
        references: files or a test set; may be empty where the hypotheses' files hold references.
        source: the source file, or None.
        documents: a file with the name of each line's document, or None.
        columns: a TSV with facts of each line to slice by, their names in the first row, or None.
        title: heading of the report; by default the test set's name.
        metrics: keys of `mt.evaluate.statistics.METRICS`; the first of chrf, chrf++ and the rest given decides the verdict.
        tokenize: sacrebleu's tokeniser of BLEU.
        lowercase: compare without regard to case.
        unit: what a line is; it stands in the signatures.
        resample: what is drawn: `auto` takes documents where enough are known.
        resamples: bootstrap samples behind intervals.
        trials: of approximate randomisation.
        seed: of everything drawn.
        alpha: level of the tests.
        align: what is done with systems whose lines are not the reference's: `none` refuses them, `auto` takes the best rung of the ladder of
            `mt.evaluate.resegment` that holds, the others go to one rung: joined by `ids`, sentence `beads`, `words`, whole `documents`.
        ids: a file with the name of each segment of the test set, or None: as its files have them, else its number.
        line_ids: `[NAME=]FILE`: which segments each line of a system belongs to, several with white space between.
        line_documents: `[NAME=]FILE`: the document of each line of a system.
        pair: the two systems compared in detail; by default the best two.
        fail_under: (metric, least score; for TER the most) that every system must reach.
        history: a SQLite file that keeps this test set's scores over runs, or None.
        commit: what the history notes beside a run, e.g. the commit of the model or program.
        human: files of people's judgements (ESA, MQM, DA+SQM).
        neural: commands of workers that score by neural metrics (`docs/neural-metrics.md`).
        glossary: TSV of source and target terms, or None.
        training: files of training data, to look for the test set in.
        frequencies: a list of words with counts to slice by; `starter`: that of its training data; `none`; empty: counts of `training`, or the
            starter's where a run of it is evaluated.
        semantic: measure cosines of sentence vectors too.
        src_lang: code of the source language.
        tgt_lang: code of the target language.

    Raises:
        OptionError: for a number out of range.
        ConfigError: for an unknown metric.
    """

    hypotheses: tuple[str, ...]
    references: tuple[Path, ...]
    source: Path | None = None
    documents: Path | None = None
    columns: Path | None = None
    title: str = ""
    metrics: tuple[str, ...] = ("chrf", "bleu")
    tokenize: str = "13a"
    lowercase: bool = False
    unit: Unit = "segment"
    resample: Resample = "auto"
    resamples: int = 1000
    trials: int = 10_000
    seed: int = 12345
    alpha: float = 0.05
    align: Align = "none"
    ids: Path | None = None
    line_ids: tuple[str, ...] = ()
    line_documents: tuple[str, ...] = ()
    pair: tuple[str, str] | None = None
    fail_under: tuple[tuple[str, float], ...] = ()
    history: Path | None = None
    commit: str = ""
    human: tuple[Path, ...] = ()
    neural: tuple[str, ...] = ()
    glossary: Path | None = None
    training: tuple[Path, ...] = ()
    frequencies: str = ""
    semantic: bool = False
    src_lang: str = "ja"
    tgt_lang: str = "en"

    def __post_init__(self) -> None:
        check_range("resamples", self.resamples, 0, 1_000_000)
        check_range("trials", self.trials, 1, 1_000_000)
        check_range("seed", self.seed, 0, 2**32 - 1)
        check_range("alpha", self.alpha, 1e-6, 0.5)
        for metric in (*self.metrics, *(name for name, _ in self.fail_under)):
            metric_key(metric)
        for name, _ in self.fail_under:
            if name not in self.metrics:
                raise ConfigError("--fail-under", f"a metric that is measured ({', '.join(self.metrics)})", name)

    @property
    def main(self) -> str:
        """The metric of the verdict: chrF agrees best with people on ja→en among those that need no weights."""
        return next((m for m in ("chrf", "chrf++") if m in self.metrics), self.metrics[0])


def metric_key(name: str) -> str:
    """The key of a metric, given its key or its name in any case.

    Raises:
        ConfigError: for another word.

    Example:
        >>> metric_key("chrF2"), metric_key("BLEU"), metric_key("chrf++")
        ('chrf', 'bleu', 'chrf++')
    """
    low = name.lower()
    if low in METRICS:
        return low
    if low in _NAMED:
        return _NAMED[low]
    raise ConfigError("metric", f"one of {', '.join(METRICS)}", repr(name))


def metric_keys(words: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of metrics, each once, from words that may hold several.

    Example:
        >>> metric_keys(("bleu,chrf", "BLEU ter"))
        ('bleu', 'chrf', 'ter')
    """
    return tuple(dict.fromkeys(metric_key(one) for word in words for one in re.split(r"[,\s]+", word.strip()) if one))


def parted(words: tuple[str, ...], metrics: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Hypotheses and metrics, where `-m bleu chrf` was typed as for sacrebleu: what names a metric and no file is a metric.

    Example:
        >>> parted(("hyp.txt", "chrf"), ("bleu",)), parted(("hyp.txt",), ())
        ((('hyp.txt',), ('bleu', 'chrf')), (('hyp.txt',), ()))
    """
    moved = [w for w in words if metrics and w.lower() in METRICS and not Path(w).exists()]
    return tuple(w for w in words if w not in moved), (*metrics, *moved)


def limits(words: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """`chrF2=40` as (key, number).

    Raises:
        ConfigError: for another form.

    Example:
        >>> limits(("chrF2=40", "ter=70"))
        (('chrf', 40.0), ('ter', 70.0))
    """
    found = []
    for word in words:
        name, _, number = word.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise ConfigError("--fail-under", "METRIC=NUMBER, e.g. chrF2=40", repr(word)) from None
        found.append((metric_key(name.strip()), value))
    return tuple(found)


def pair_of_names(words: str | None) -> tuple[str, str] | None:
    """`A,B` as two names.

    Raises:
        ConfigError: for another form.

    Example:
        >>> pair_of_names("new,old"), pair_of_names(None)
        (('new', 'old'), None)
    """
    if words is None:
        return None
    names = tuple(name.strip() for name in words.split(","))
    if len(names) != 2 or not all(names):
        raise ConfigError("--pair", "two names with a comma between", repr(words))
    return names[0], names[1]
