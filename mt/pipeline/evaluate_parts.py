"""The steps of an evaluation beside scores, each filling one part of the record with plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from mt.pipeline import evaluate_disagree, evaluate_human, evaluate_neural, evaluate_texts
from mt.pipeline.evaluate import Evaluation
from mt.pipeline.evaluate_frequencies import frequencies_of


def distributions(state: Evaluation) -> None:
    """Sentence chrF2 of each system in fifths, and how the pair differs segment by segment."""
    a, b = (state.segment_scores[name] for name in state.pair)
    delta = [x - y for x, y in zip(a, b, strict=True)]
    state.parts["distributions"] = {
        "quantiles": {name: _quantiles(list(scores)) for name, scores in state.segment_scores.items()},
        "difference": {
            "first_better": sum(x > 0 for x in delta),
            "equal": sum(x == 0 for x in delta),
            "second_better": sum(x < 0 for x in delta),
            "quantiles": _quantiles(delta),
        },
    }


def gates(state: Evaluation) -> None:
    """What would make a score say something else than it seems to say; measured on the metric of the verdict."""
    from mt.bitext.read import read_pairs
    from mt.evaluate.gates import check, scorer

    src, tgt = state.test.src_lang, state.test.tgt_lang
    training = {
        path.name: ((a, b) for _, a, b in read_pairs(path, src_lang=src, tgt_lang=tgt))
        for path in state.config.training
    }
    found = check(state.test, state.systems, score=scorer(state.tables[state.config.main]), training=training or None)
    state.parts["gates"] = asdict(found)


def words(state: Evaluation) -> None:
    """Words and n-grams of the pair, and words by training frequency; None of each where it cannot be had."""
    from mt.evaluate.words import by_frequency, differences

    a, b = state.pair
    texts = {s.name: s.hypotheses for s in state.systems}
    references = state.test.references
    found = None if a == b else asdict(differences((a, b), texts[a], texts[b], references))
    frequencies = frequencies_of(state)
    bands = [
        asdict(band)
        for system in state.systems
        if frequencies is not None
        for band in by_frequency(system.name, system.hypotheses, references[0], frequencies)
    ]
    counted = None if frequencies is None else frequencies.name
    state.parts["words"] = {"differences": found, "bands": bands, "counted": counted}


def slices(state: Evaluation) -> None:
    """Scores of kinds of segments, by the metric of the verdict."""
    from mt.evaluate.slices import measure
    from mt.evaluate.slices import slices as kinds

    state.parts["slices"] = asdict(
        measure(
            kinds(state.test, frequencies_of(state)),
            state.tables[state.config.main],
            pair=state.pair,
            documents=state.test.documents,
        )
    )


def accuracy(state: Evaluation) -> None:
    """Numbers, links and names that were kept."""
    from mt.evaluate.accuracy import accuracy as kept

    state.parts["accuracy"] = [asdict(one) for one in kept(state.test, state.systems)]


def documents(state: Evaluation) -> None:
    """chrF2 of each document and system; None where documents are not known."""
    from mt.evaluate.statistics import values

    test = state.test
    if test.documents is None:
        state.parts["documents"] = None
        return
    spans = list(test.spans())
    chrf = state.tables["chrf"]
    state.parts["documents"] = {
        "names": [name for name, _, _ in spans],
        "first": [start + 1 for _, start, _ in spans],
        "segments": [end - start for _, start, end in spans],
        "scores": {name: values("chrf", table.grouped(test.documents)).tolist() for name, table in chrf.items()},
    }


def metric_agreement(state: Evaluation) -> None:
    """Pairs of systems that each two metrics order alike, and Kendall's τ of their rankings."""
    found = []
    metrics = list(state.comparisons)
    for i, one in enumerate(metrics):
        for other in metrics[i + 1 :]:
            x, y = (
                {p.first + "\t" + p.second: -p.difference if c.lower_is_better else p.difference for p in c.pairs}
                for c in (state.comparisons[one], state.comparisons[other])
            )
            alike = sum(x[key] * y[key] > 0 for key in x)
            against = sum(x[key] * y[key] < 0 for key in x)
            tau = (alike - against) / len(x) if x else None
            found.append({"metrics": [one, other], "pairs": len(x), "alike": alike, "against": against, "tau": tau})
    state.parts["metric_agreement"] = found


def agreement(state: Evaluation) -> None:
    """What people would say of each difference, by metric: a published curve, and what was measured on ja→en."""
    from mt.evaluate import agreement as curves

    langs = f"{state.test.src_lang}-{state.test.tgt_lang}"
    found: dict[str, Any] = {"sources": [curves.CURVES_SOURCE, curves.PAIRS_SOURCE]}
    for metric, comparison in state.comparisons.items():
        found[metric] = [
            {
                "first": pair.first,
                "second": pair.second,
                **asdict(curves.agreement(metric, pair.difference, langs=langs)),
            }
            for pair in comparison.pairs
        ]
        width = max([1.0, *(abs(pair.difference) for pair in comparison.pairs)]) * 1.1
        steps = [curves.agreement(metric, width * n / 40, langs=langs) for n in range(41)]
        if steps[0].curve is not None:
            found.setdefault("curves", {})[metric] = [[round(s.difference, 4), s.curve] for s in steps]
    state.parts["agreement"] = found


def published(state: Evaluation) -> None:
    """Published scores of the same test set; None where it is not a known one."""
    from mt.pipeline.published import published as known
    from mt.pipeline.published import signatures_differ

    found = known(state.test.references)
    if found is not None:
        found["differs"] = signatures_differ({m: asdict(c) for m, c in state.comparisons.items()})
    state.parts["published"] = found


def history(state: Evaluation) -> None:
    """Keep the scores, and what they were before; None where nobody asked for it."""
    from mt.files import sha256
    from mt.pipeline.history import Entry, course, keep, regressed

    path = state.config.history
    if path is None:
        state.parts["history"] = None
        return
    test = sha256("\0".join("\n".join(stream) for stream in state.test.references).encode("utf-8", "surrogatepass"))
    hashes = {f.name: f.sha256 for f in state.files if f.role == "system"}
    keep(
        path,
        [
            Entry(
                state.started,
                test,
                s.system,
                hashes[s.system],
                metric,
                c.signature,
                s.value,
                s.low,
                s.high,
                state.config.commit,
            )
            for metric, c in state.comparisons.items()
            for s in c.scores
        ],
    )
    main = state.main
    entries = course(path, test, main.metric, main.signature)
    state.parts["history"] = {
        "path": str(path),
        "name": main.name,
        "entries": [asdict(e) for e in entries],
        "regressed": [asdict(e) for e in regressed(entries, lower_is_better=main.lower_is_better)],
    }


def semantic(state: Evaluation) -> None:
    """Cosines of sentence vectors, and how far such numbers agree with people; None where nobody asked for it."""
    from mt.evaluate.cosine import MEASURED, likeness
    from mt.models.encoders import open_encoder

    if not state.config.semantic:
        state.parts["semantic"] = None
        return
    systems = {s.name: s.hypotheses for s in state.systems}
    found = likeness(open_encoder("use"), systems, state.test.references[0], state.test.src)
    state.parts["semantic"] = {"systems": [asdict(s) for s in found], "measured": [asdict(m) for m in MEASURED]}


def fail_under(state: Evaluation) -> None:
    """Systems that miss a score they had to reach, in words."""
    found = []
    for metric, limit in state.config.fail_under:
        comparison = state.comparisons[metric]
        for row in comparison.scores:
            missed = row.value > limit if comparison.lower_is_better else row.value < limit
            bound = "at most" if comparison.lower_is_better else "at least"
            if missed:
                found.append(f"{row.system}: {comparison.name} {row.value:.1f} where {bound} {limit:g} was asked for")
    state.parts["failed_limits"] = found


def _quantiles(values: list[float]) -> list[float]:
    """Minimum, the four fifths' borders between, and maximum."""
    ordered = sorted(values)
    return [round(ordered[min(len(ordered) - 1, k * len(ordered) // 5)], 2) for k in range(6)]


STEPS: tuple[tuple[str, Callable[[Evaluation], Any]], ...] = (
    ("gates", gates),
    ("slices", slices),
    ("words", words),
    ("accuracy", accuracy),
    ("distributions", distributions),
    ("documents", documents),
    *evaluate_texts.STEPS,
    ("agreement of metrics", metric_agreement),
    ("agreement of people", agreement),
    ("cosines", semantic),
    ("judgements", evaluate_human.human),
    ("neural metrics", evaluate_neural.neural),
    ("disagreements", evaluate_disagree.disagree),
    ("published systems", published),
    ("limits", fail_under),
    ("history", history),
)
