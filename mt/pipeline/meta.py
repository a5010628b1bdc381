"""The work of `mt evaluate meta`: a directory with systems and what people said of them → how well metrics agree with people.

How pairs are counted: all pairs of systems that have a human score and an output; pairs that wrote the same are left out, since no metric can part
them; a pair counts as right where metric and people order it alike (or tie it both), so a tie of one side only is wrong. References that were
judged as systems are left out. Metrics of the directory stand beside those computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.bitext.testsets import TestData, read_testset
from mt.errors import ConfigError, InputError, plural
from mt.evaluate.meta import identical_systems, pairs_of
from mt.evaluate.meta_table import HumanScores, Measured
from mt.pipeline.meta_scores import computed, given, human_of
from mt.protocols import Progress, Silent
from mt.types import check_range

SCHEMA = "kakehashi-meta/1"
PREFERRED = ("mqm", "esa", "z", "da-sqm", "appraise")


@dataclass(frozen=True, slots=True)
class MetaConfig:
    """The options of `mt evaluate meta`.

    Attributes:
        directory: with systems and human scores.
        human: which human scores; empty = the first of `PREFERRED` that is there, else the first.
        metrics: computed here, keys of `mt.evaluate.statistics.METRICS`.
        langs: pair of languages where the directory holds several.
        trials: of every permutation test.
        seed: of everything drawn.
        lower: metrics of the directory that are better when lower, beside those known to be.

    Raises:
        OptionError: for a number out of range.
    """

    directory: Path
    human: str = ""
    metrics: tuple[str, ...] = ("bleu", "chrf")
    langs: tuple[str, str] | None = None
    trials: int = 1000
    seed: int = 12345
    lower: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_range("trials", self.trials, 1, 100_000)
        check_range("seed", self.seed, 0, 2**32 - 1)


def evaluate_metrics(config: MetaConfig, *, progress: Progress | None = None) -> dict[str, Any]:
    """How well metrics agree with people, as plain data.

    Raises:
        InputError: where the directory has no systems, no human scores, or fewer than two systems with both.
    """
    told = progress or Silent()
    data = read_testset(config.directory, langs=config.langs)
    choices = human_of(config.directory, data)
    people = _chosen(config, choices)
    names = [name for name in data.systems if name in people.systems]
    if len(names) < 2:
        raise InputError(config.directory, "two systems with human scores and outputs", plural(len(names), "system"))
    told.stage("scoring", len(config.metrics), "metric")
    found = [*computed(data, names, config.metrics), *given(config.directory, data, names, config.lower)]
    identical = identical_systems({name: data.systems[name] for name in names})
    pairs = pairs_of(names, identical)
    total = len(names) * (len(names) - 1) // 2
    said = f"{plural(total, 'pair')} of {plural(len(names), 'system')}"
    for group in identical:
        said += f"; {' and '.join(group)} wrote the same: {plural(len(group) * (len(group) - 1) // 2, 'pair')} left out"
    measured = Measured(names, pairs, people, found, trials=config.trials, seed=config.seed)
    return {
        "schema": SCHEMA,
        "directory": str(config.directory),
        "human": people.name,
        "choices": [one.name for one in choices],
        "systems": names,
        "not_scored": sorted(people.systems.keys() - set(names)),
        "identical": identical,
        "pairs": len(pairs),
        "counted": f"{said}; {plural(len(pairs), 'pair')} counted",
        "metrics": measured.rows(),
        "tests": measured.tests(),
        "trials": config.trials,
        "seed": config.seed,
        "notes": [*data.notes, *_references(data, config), *measured.notes()],
    }


def _references(data: TestData, config: MetaConfig) -> list[str]:
    names = sorted(data.references)
    if len(names) < 2 or not config.metrics:
        return []
    return [f"Metrics computed here saw the reference {names[0]} of {', '.join(names)}."]


def pair_of_langs(said: str | None) -> tuple[str, str] | None:
    """`ja-en` as two codes.

    Raises:
        ConfigError: for another form.

    Example:
        >>> pair_of_langs("ja-en"), pair_of_langs(None)
        (('ja', 'en'), None)
    """
    if said is None:
        return None
    src, _, tgt = said.partition("-")
    if not src or not tgt:
        raise ConfigError("--langs", "two codes such as ja-en", repr(said))
    return src, tgt


def lines_of(found: Mapping[str, Any]) -> list[str]:
    """What was found, for people."""
    heads = ("metric", "pairwise", "alike", "against", "tied", "soft", "acc23", "ε")
    rows = [
        (
            row["metric"],
            f"{row['accuracy']:.3f}",
            str(row["alike"]),
            str(row["against"]),
            str(row["tied"]),
            *("–" if row[key] is None else f"{row[key]:.3f}" for key in ("soft", "acc23", "epsilon")),
        )
        for row in found["metrics"]
    ]
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    said = [f"{found['directory']} against people's {found['human']}: {found['counted']}", ""]
    for row in (heads, *rows):
        first, *rest = (
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        said.append("  ".join((first, *rest)).rstrip())
    said.append("")
    for test in found["tests"]:
        parts = [
            f"{name} {test[key][0]:+.3f} (p {test[key][1]:.3f})"
            for key, name in (("accuracy", "pairwise"), ("soft", "soft"), ("acc23", "acc23"))
            if test[key] is not None
        ]
        said.append(f"{test['metrics'][0]} − {test['metrics'][1]}: {', '.join(parts)}")
    return [*said, *found["notes"]]


def _chosen(config: MetaConfig, choices: Sequence[HumanScores]) -> HumanScores:
    by_name = {one.name: one for one in choices}
    if config.human:
        if config.human not in by_name:
            raise InputError(config.directory, f"human scores named {config.human}", ", ".join(by_name))
        return by_name[config.human]
    return next((by_name[name] for name in PREFERRED if name in by_name), choices[0])
