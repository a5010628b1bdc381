"""Columns of neural scores hold one signature; means and intervals are derived here."""

from __future__ import annotations

import pytest

from mt.errors import ConfigError, CountError, InputError
from mt.evaluate.neural import NeuralScores, joined, neural_table
from mt.signature import Signature

SIGNED = Signature.of(metric="COMET", model="m", revision="1", precision="fp32")


def scores(name, values, *, lower=False, signature=SIGNED):
    return NeuralScores(name, "COMET", lower, values, signature)


def test_the_best_stands_first_whichever_way_is_better():
    a, b = (0.1, 0.3), (0.6, 0.8)
    up = neural_table([scores("a", a), scores("b", b)])
    down = neural_table([scores("a", a, lower=True), scores("b", b, lower=True)])
    assert [row.system for row in up.rows] == ["b", "a"]
    assert [row.system for row in down.rows] == ["a", "b"]
    assert up.rows[0].value == pytest.approx(0.7)
    assert (up.rows[0].low, up.rows[0].high) == pytest.approx(
        (0.6, 0.8)
    )  # of two values, the extremes are drawn in a quarter each
    assert up.signature.startswith(str(SIGNED) + "|n:2|units:2|bs:1000")


def test_documents_are_drawn_where_they_are_known():
    one = neural_table([scores("a", (0.1, 0.3, 0.5))], documents=["d", "d", "d"])
    assert (one.rows[0].low, one.rows[0].high) == (None, None)


@pytest.mark.parametrize("key", ["revision", "precision", "model"])
def test_other_recipes_are_refused(key):
    other = Signature(tuple((k, "x" if k == key else v) for k, v in SIGNED.items))
    with pytest.raises(ConfigError, match="signature of b"):
        neural_table([scores("a", (0.1,)), scores("b", (0.2,), signature=other)])
    with pytest.raises(ConfigError, match="signature of COMET"):
        joined({"COMET": str(SIGNED)}, {"COMET": str(other)})
    joined({"COMET": str(SIGNED)}, {"COMET": str(SIGNED), "MetricX": "y"})


def test_counts_are_checked():
    with pytest.raises(CountError):
        neural_table([scores("a", (0.1,)), scores("b", (0.2, 0.3))])
    with pytest.raises(CountError):
        neural_table([scores("a", (0.1,))], documents=["d", "e"])
    with pytest.raises(InputError):
        neural_table([])
