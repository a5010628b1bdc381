"""Scores that people and metrics gave, from a directory, for `mt evaluate meta`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mt.bitext import human as human_files
from mt.bitext import human_place
from mt.bitext.testsets import TestData
from mt.bitext.testsets_mte import Scores, human_scores, metric_scores
from mt.errors import InputError, plural
from mt.evaluate.formulas import LOWER_IS_BETTER, NAMES
from mt.evaluate.human import WEIGHTS, Rating, Weights, segment_values, z_scores
from mt.evaluate.meta_table import HumanScores, Metric
from mt.evaluate.statistics import tables, values

LOWER = {"ter", "metricx", "wer", "cer"}  # names that begin so are better when lower


def human_of(directory: Path, data: TestData) -> list[HumanScores]:
    """All human scores of a directory: mt-metrics-eval's, WMT's tables (`human/*sys-scores*`, `*seg-scores*`), files of MQM, ESA and DA+SQM.

    Raises:
        InputError: for a damaged file.
    """
    found: list[HumanScores] = []
    if (directory / "human-scores").is_dir():
        read = human_scores(directory, "-".join(data.langs))
        for name in dict.fromkeys(one.name for one in read):
            found.append(_from_scores(name, {one.level: one for one in read if one.name == name}, len(data)))
        for path in sorted((directory / "human-scores").glob(f"{'-'.join(data.langs)}.*.seg.rating")):
            own = path.name.removesuffix(".seg.rating")[len("-".join(data.langs)) + 1 :]
            found += [replace(one, name=f"{own}-errors") for one in _judged(path, data)]
    folder = directory / "human"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if "sys-scores" in path.name:
            by_segment = {}
            if (other := path.with_name(path.name.replace("sys-scores", "seg-scores"))).is_file() and other != path:
                by_segment = human_files.segment_scores(other)
            for name, systems in human_files.system_scores(path).items():
                found.append(HumanScores(name, systems, _own_segments(by_segment.get(name, {})), joined=False))
        elif path.suffix in {".tsv", ".json", ".jsonl"} or (path.suffix == ".csv" and _is_appraise(path)):
            found += _judged(path, data)
    if not found:
        raise InputError(directory, "human scores: human-scores/*.score, or files in human/", "none")
    return found


def computed(data: TestData, names: Sequence[str], metrics: Sequence[str]) -> list[Metric]:
    """Metrics computed here, of the first reference's kind: corpus scores of systems, sentence scores of segments."""
    found = []
    if metrics and not data.references:
        raise InputError(data.name, "a reference", "none")
    references = [stream for _, stream in sorted(data.references.items())][:1]
    for metric in metrics:
        made = tables(metric, [data.systems[name] for name in names], references)
        sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
        found.append(
            Metric(
                NAMES[metric],
                {name: sign * table.score() for name, table in zip(names, made, strict=True)},
                {name: (sign * values(metric, table.rows)).tolist() for name, table in zip(names, made, strict=True)},
            )
        )
    return found


def given(directory: Path, data: TestData, names: Sequence[str], lower: Sequence[str] = ()) -> list[Metric]:
    """Metrics whose scores the directory holds, by system and segment; one that lacks a system is left out."""
    if not (directory / "metric-scores").is_dir():
        return []
    read = metric_scores(directory, "-".join(data.langs))
    found = []
    for key in dict.fromkeys((one.name, one.references) for one in read):
        levels = {one.level: one for one in read if (one.name, one.references) == key}
        name = key[0] if not key[1] else f"{key[0]}-{'.'.join(key[1])}"
        own = _from_scores(name, levels, len(data))
        if set(names) <= own.systems.keys():
            sign = -1.0 if turned(key[0], own.systems.values(), lower) else 1.0
            segments = (
                {s: [sign * value for value in own.segments[s]] for s in names}
                if set(names) <= own.segments.keys()
                else {}
            )
            found.append(Metric(name, {s: sign * own.systems[s] for s in names}, segments))
    return found


def turned(name: str, scores: Iterable[float], lower: Sequence[str]) -> bool:
    """True where a metric's scores are to be turned round, so that higher is better.

    What `lower` names is; else a metric known to be better when lower (TER, MetricX), unless a score is negative: mt-metrics-eval's directories
    hold such metrics turned round already.

    Example:
        >>> turned("MetricX-23", [2.5, 3.1], ()), turned("MetricX-23", [-2.5, -3.1], ()), turned("COMET", [0.8], ())
        (True, False, False)
    """
    low = name.lower()
    if low in {one.lower() for one in lower}:
        return True
    return any(low.startswith(one) for one in LOWER) and not any(score < 0 for score in scores)


def ratings_of(file: human_files.HumanFile, placed: human_place.Placed, *, weights: str = WEIGHTS) -> list[Rating]:
    """Placed judgements as values, higher is better; MQM by its weights. Judgements without score and errors are left out."""
    weigh = Weights(weights)
    found = []
    for line, one in placed.judgements:
        if file.protocol == "mqm":
            value = weigh.value((span.severity, span.category) for span in one.errors or ())
        elif one.score is None:
            continue
        else:
            value = one.score
        found.append(Rating(one.system, line, one.annotator, value, one.seconds))
    return found


def _from_scores(name: str, levels: Mapping[str, Scores], count: int) -> HumanScores:
    """Scores of systems and segments of one name; where a system has no score of its own, the mean of its segments'."""
    segments: dict[str, list[float]] = {}
    if "seg" in levels:
        for system, column in levels["seg"].systems.items():
            if len(column) != count:
                raise InputError(levels["seg"].path, plural(count, "segment"), plural(len(column), "score"))
            segments[system] = [math.nan if value is None else value for value in column]
    systems = {s: _mean(v) for s, v in segments.items() if not all(math.isnan(x) for x in v)}
    if "sys" in levels:
        for system, column in levels["sys"].systems.items():
            if column[0] is not None:
                systems[system] = column[0]
            else:
                systems.pop(system, None)
    return HumanScores(name, systems, {s: v for s, v in segments.items() if s in systems}, joined=True)


def _own_segments(by_system: Mapping[str, Mapping[str, float]]) -> dict[str, list[float]]:
    ids = sorted({id for own in by_system.values() for id in own})
    return {system: [own.get(id, math.nan) for id in ids] for system, own in by_system.items()}


def _judged(path: Path, data: TestData) -> list[HumanScores]:
    """A file of judgements: raw values, and z of DA and ESA."""
    file = human_files.read_human(path)
    langs = data.langs if all(data.langs) else None
    placed = human_place.placed(
        file.judgements, data.systems, src=data.src, documents=data.documents, base=file.base, langs=langs
    )
    ratings = ratings_of(file, placed)
    if not ratings:
        return []
    raw = _matrix(file.protocol, ratings, len(data))
    scaled = _matrix(f"{file.protocol}-z", z_scores(ratings), len(data))
    return (
        [raw]
        if file.protocol == "mqm"
        else [replace(scaled, name="z"), raw]
        if file.protocol == "da"
        else [raw, scaled]
    )


def _matrix(name: str, ratings: Sequence[Rating], count: int) -> HumanScores:
    segments, systems = {}, {}
    for system, own in segment_values(ratings).items():
        row = [math.nan] * count
        for n, value in own.items():
            row[n] = value
        segments[system], systems[system] = row, _mean(row)
    return HumanScores(name, systems, segments, joined=True)


def _mean(values: Sequence[float]) -> float:
    """Of what was judged; at least one is no NaN."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known)


def _is_appraise(path: Path) -> bool:
    from mt.bitext.stream import lines

    first = next(iter(lines(path)), "")
    return first.count(",") >= 10
