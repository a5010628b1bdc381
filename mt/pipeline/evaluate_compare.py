"""Two evaluations of one test set: what each system gained or lost, tested on the segments both keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mt.errors import InputError, plural
from mt.evaluate.significance import compare
from mt.evaluate.statistics import tables
from mt.pipeline import evaluate_neural
from mt.pipeline.evaluate_outputs import read
from mt.pipeline.evaluate_verdict import p_text, signed

Record = Mapping[str, Any]
SHOWN = 5  # segments named in each direction


def compare_runs(old: Path, new: Path, *, trials: int = 10_000) -> dict[str, Any]:
    """Compare two folders of `mt evaluate`.

    Systems are matched by name; where each folder has one system, these two are compared whatever they are called.

    Args:
        old: folder or `scores.json` of the earlier evaluation.
        new: of the later one.
        trials: of approximate randomisation, at least 1.

    Raises:
        InputError: where a folder holds no evaluation, the test sets differ, or no system is in both.
    """
    (first, rows), (second, others) = read(old), read(new)
    if [row["references"] for row in rows] != [row["references"] for row in others]:
        raise InputError(new, f"the references of {old} ({plural(len(rows), 'segment')})", _other(rows, others))
    common = [(name, name) for name in first["systems"] if name in second["systems"]]
    if not common and len(first["systems"]) == len(second["systems"]) == 1:
        common = [(first["systems"][0], second["systems"][0])]
    if not common:
        raise InputError(new, f"a system of {old} ({', '.join(first['systems'])})", ", ".join(second["systems"]))
    systems = []
    for before, after in common:
        systems.append({"old": before, "new": after, **_gained(first, rows, others, (before, after), trials)})
    changed = [
        {"option": key, "old": first["options"].get(key), "new": second["options"].get(key)}
        for key in sorted({*first["options"], *second["options"]})
        if first["options"].get(key) != second["options"].get(key)
        and key not in {"hypotheses", "references", "title", "history", "commit", "source", "documents", "columns"}
    ]
    return {
        "old": str(old),
        "new": str(new),
        "segments": len(rows),
        "systems": systems,
        "only_old": [name for name in first["systems"] if name not in {a for a, _ in common}],
        "only_new": [name for name in second["systems"] if name not in {b for _, b in common}],
        "neural": evaluate_neural.compared(first, second, common),
        "options": changed,
    }


def compared_lines(found: Record) -> list[str]:
    """What `compare_runs` found, for people."""
    lines = [f"{found['old']} → {found['new']}, {plural(found['segments'], 'segment')}"]
    for row in found["systems"]:
        called = row["new"] if row["old"] == row["new"] else f"{row['old']} → {row['new']}"
        if not row["changed"]:
            lines.append(f"{called}: the same text in every segment")
            continue
        lines.append(f"{called}: {plural(row['changed'], 'segment')} changed")
        for score in row["scores"]:
            said = (
                "better" if score["better"] == "new" else "worse" if score["better"] == "old" else "no difference shown"
            )
            interval = "" if score["low"] is None else f" ({signed(score['low'])} to {signed(score['high'])})"
            p = p_text(score["p"], score["smallest_p"])
            lines.append(
                f"  {score['name']}: {score['old']:.1f} → {score['new']:.1f}, {signed(score['difference'], 2)}{interval}, {p}: {said}"
            )
        for title, key in (("lost most in", "lost"), ("gained most in", "gained")):
            if row[key]:
                lines.append(f"  {title} segments {', '.join(str(n) for n in row[key])}")
    for key, title in (("only_old", "only in the old one"), ("only_new", "only in the new one")):
        if found[key]:
            lines.append(f"{title}: {', '.join(found[key])}")
    lines += evaluate_neural.compared_lines(found["neural"])
    for option in found["options"]:
        lines.append(f"option {option['option']}: {option['old']} → {option['new']}")
    return lines


def _gained(
    record: Record, rows: Sequence[Record], others: Sequence[Record], names: tuple[str, str], trials: int
) -> dict[str, Any]:
    before = [row["systems"][names[0]]["text"] for row in rows]
    after = [row["systems"][names[1]]["text"] for row in others]
    options = record["options"]
    references = list(zip(*(row["references"] for row in rows), strict=True))
    documents = [row["document"] for row in rows] if rows[0]["document"] is not None else None
    scores = []
    for metric in record["comparisons"]:
        made = tables(metric, [after, before], references, lowercase=options["lowercase"], tokenize=options["tokenize"])
        found = compare(
            dict(zip(("new", "old"), made, strict=True)),
            documents=documents,
            resample=options["resample"],
            resamples=options["resamples"],
            trials=trials,
            seed=options["seed"],
            alpha=options["alpha"],
        )
        pair = found.pairs[0]
        new, old = (table.score() for table in made)
        scores.append(
            {
                "metric": metric,
                "name": found.name,
                "old": old,
                "new": new,
                "difference": pair.difference,
                "low": pair.low,
                "high": pair.high,
                "p": pair.p,
                "smallest_p": pair.smallest_p,
                "better": pair.better,
                "signature": found.signature,
            }
        )
    gain = [
        b["systems"][names[1]]["chrF2"] - a["systems"][names[0]]["chrF2"] for a, b in zip(rows, others, strict=True)
    ]
    order = sorted(range(len(gain)), key=lambda n: (gain[n], n))
    return {
        "changed": sum(a != b for a, b in zip(before, after, strict=True)),
        "scores": scores,
        "worse": any(score["better"] == "old" for score in scores),
        "lost": [n + 1 for n in order[:SHOWN] if gain[n] < 0],
        "gained": [n + 1 for n in reversed(order[-SHOWN:]) if gain[n] > 0],
    }


def _other(rows: Sequence[Record], others: Sequence[Record]) -> str:
    if len(rows) != len(others):
        return f"others ({plural(len(others), 'segment')})"
    n = next(n for n, (a, b) in enumerate(zip(rows, others, strict=True)) if a["references"] != b["references"])
    return f"others, from segment {n + 1} on"
