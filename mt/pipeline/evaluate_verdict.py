"""The three lines at the top of an evaluation: which is better, what people would say, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mt.errors import plural

FEW = 100  # segments


def verdict(record: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of a record: `lines`, `best` (None where no difference is shown), `rule`, `alarm` and `reasons`.

    A difference counts as shown where approximate randomisation gives p below alpha after Holm's correction over all pairs.
    """
    main = main_comparison(record)
    reasons = list(blocking(record))
    lines = [_answer(main, record)]
    if len(main["scores"]) > 1:
        lines.append(_people(main, record))
    if reasons:
        lines.append("Look at first: " + "; ".join(reasons) + ".")
    else:
        lines.append(
            "No gate stands in the way." if "gates" in record else "No gates were checked before these scores."
        )
    scores = main["scores"]
    best = scores[0]["system"] if len(scores) > 1 and main["verdict"] and len(main["clusters"][0]) == 1 else None
    return {"lines": lines, "best": best, "rule": rule(main), "alarm": bool(reasons), "reasons": reasons}


def main_comparison(record: Mapping[str, Any]) -> dict[str, Any]:
    """The comparison by the metric that decides."""
    comparisons: dict[str, dict[str, Any]] = record["comparisons"]
    return next((comparisons[m] for m in ("chrf", "chrf++") if m in comparisons), next(iter(comparisons.values())))


def rule(main: Mapping[str, Any]) -> str:
    """How a difference comes to be called shown."""
    units = plural(main["units"], main["resampled"])
    return (
        f"A difference counts as shown where approximate randomisation of {units} gives p < {main['alpha']:g} by {main['name']} after Holm's "
        f"correction for {plural(len(main['pairs']), 'pair')}; intervals are 95 % of bootstrap samples of the same {main['resampled']}s."
    )


def pair_of(main: Mapping[str, Any], one: str, other: str) -> dict[str, Any] | None:
    """The test of two systems, turned so that `one` is the first; None where there is none."""
    for pair in main["pairs"]:
        if (pair["first"], pair["second"]) == (one, other):
            return dict(pair)
        if (pair["first"], pair["second"]) == (other, one):
            low, high = pair["low"], pair["high"]
            return {
                **pair,
                "first": one,
                "second": other,
                "difference": -pair["difference"],
                "low": None if high is None else -high,
                "high": None if low is None else -low,
            }
    return None


def signed(value: float, digits: int = 1) -> str:
    """With its sign, a minus of print, and no minus zero.

    Example:
        >>> signed(1.25, 2), signed(-0.3), signed(-0.04)
        ('+1.25', '−0.3', '0.0')
    """
    text = f"{value:+.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}") if float(text) else text[1:]


def p_text(p: float, smallest: float | None = None) -> str:
    """`p = 0.012`, or that it is the smallest that could be reached.

    Example:
        >>> p_text(0.0123), p_text(0.0001, 0.0001), p_text(0.00996), p_text(1.0)
        ('p = 0.012', 'p ≤ 0.0001', 'p = 0.01', 'p = 1')
    """
    if smallest is not None and p <= smallest * 1.0001:
        return f"p ≤ {smallest:.1g}"
    return f"p = {p:.2g}"


def blocking(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Problems that decide more than the scores do, in words."""
    found = [f"{gate['said']}" for gate in record.get("gates", {}).get("findings", ()) if gate["severity"] == "error"]
    found += record.get("failed_limits", ())
    return tuple(found)


def _answer(main: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    scores = main["scores"]
    best = scores[0]
    own = f"{main['name']} {best['value']:.1f}" + _range(best)
    units = plural(record["test_set"]["segments"], record["test_set"]["unit"])
    if len(scores) == 1:
        return f"{best['system']}: {own} over {units}; one system, so there is nothing to compare it with."
    second = scores[1]
    pair = pair_of(main, best["system"], second["system"])
    assert pair is not None
    between = f"{signed(pair['difference'])} {main['name']}" + _range(pair, sign=True)
    tested = f"{between}, {p_text(pair['p_holm'], pair['smallest_p'])}"
    if not main["verdict"]:
        return f"No verdict: {units} are too few for {main['name']}. {best['system']} has {own}."
    if pair["identical"]:
        return f"{best['system']} and {second['system']} wrote the same; no difference between them can be shown."
    if pair["better"] == best["system"]:
        return f"{best['system']} is better than {second['system']}{_others(scores)}: {tested}."
    tied = [row["system"] for row in scores if row["system"] in main["clusters"][0]]
    if len(scores) == 2:
        return f"No difference is shown between {best['system']} and {second['system']}: {tested}."
    if len(tied) < 2:
        tied = [best["system"], second["system"]]
    rest = len(scores) - len(tied)
    said = f"No single best system is shown: {_list(tied)} are not told apart ({best['system']} − {second['system']}: {tested})"
    return said + (f"; {plural(rest, 'system')} behind them." if rest else ".")


def _others(scores: list[dict[str, Any]]) -> str:
    return f", the next of {len(scores)}" if len(scores) > 2 else ""


def _list(names: list[str]) -> str:
    shown = names if len(names) <= 5 else [*names[:4], f"{len(names) - 4} more"]
    return ", ".join(shown[:-1]) + f" and {shown[-1]}"


def _people(main: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    a, b = main["scores"][0]["system"], main["scores"][1]["system"]
    for row in record.get("agreement", {}).get(_key(main), ()):
        if {row["first"], row["second"]} == {a, b}:
            return f"With a difference of {row['difference']:.1f} {main['name']} {row['words']}."
    return "What people would say of so large a difference was not looked up."


def _key(main: Mapping[str, Any]) -> str:
    return str(main["metric"])


def _range(row: Mapping[str, Any], *, sign: bool = False) -> str:
    if row["low"] is None:
        return ""
    show = signed if sign else (lambda x: f"{x:.1f}")
    return f" (95 % interval {show(row['low'])} to {show(row['high'])})"
