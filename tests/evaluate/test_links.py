"""AER, precision, recall and F1: against the definition of Och and Ney 2003, and against a published figure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import CountError
from mt.evaluate.links import score

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "word-alignment"
CELLS = st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5)


def values(*args, **options):
    return {s.name: s.value for s in score(*args, resamples=0, **options).scores}


@given(ROWS)
def test_the_definition(rows):
    test, sure, possible = (list(side) for side in zip(*rows, strict=True))
    a, s = sum(map(len, test)), sum(map(len, sure))
    hit = sum(len(x & y) for x, y in zip(test, sure, strict=True))
    allowed = sum(len(x & (y | z)) for x, y, z in zip(test, sure, possible, strict=True))
    found = values(test, sure, possible)
    if a and s:
        assert found["AER"] == pytest.approx(100 * (1 - (hit + allowed) / (a + s)))
        assert (found["precision"], found["recall"]) == pytest.approx((100 * allowed / a, 100 * hit / s))
    alone = values(test, sure)
    assert alone["AER"] == pytest.approx(100 - alone["F1"] if a or s else 0)


def test_the_signs_of_the_definition_by_hand():
    # S = {a, b}, P = S + {c}, A = {a, c, d}: 1 - (1 + 2) / (3 + 2) = 40 %, precision 2/3, recall 1/2
    found = values([{(0, 0), (1, 1), (2, 2)}], [{(0, 0), (0, 1)}], [{(1, 1)}])
    assert [round(found[name], 2) for name in ("AER", "precision", "recall")] == [40.0, 66.67, 50.0]


@pytest.mark.parametrize(
    ("test", "gold", "expected"),
    [(set(), set(), (0, 100, 100)), (set(), {(0, 0)}, (100, 0, 0)), ({(0, 0)}, set(), (100, 0, 100))],
)
def test_nothing_is_defined(test, gold, expected):
    found = values([test], [gold])
    assert (found["AER"], found["precision"], found["recall"]) == expected


def test_links_out_of_range_are_counted_and_left_out():
    found = score([{(0, 0), (9, 0)}], [{(0, 0), (0, 7)}], shapes=[(1, 1)], resamples=0)
    assert (found.ignored, found.gold_ignored, found.links, found.sure) == (1, 1, 1, 1)
    assert found.scores[0].value == 0


def test_intervals_hold_the_value_and_follow_the_seed():
    test = [{(n, k) for k in range(n, n + 1 + n * n % 7)} for n in range(40)]
    gold = [{(n, n)} for n in range(40)]
    [one, other, third] = [score(test, gold, seed=seed).scores[0] for seed in (1, 1, 2)]
    assert one == other
    assert one.low < one.value < one.high
    assert (one.low, one.high) != (third.low, third.high)
    assert score(test[:1], gold[:1]).scores[0].low is None


def test_unequal_counts_are_an_error():
    with pytest.raises(CountError, match="test: expected 1 pair as in gold, found 2 pairs"):
        score([set(), set()], [set()])


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_awesome_aligns_output_on_kftt():
    """37.4 is published for all 582 sentences (Dou and Neubig 2021, table 1); these are the first 291 of them, by a sum written out here."""

    def read(name, base):
        text = (DATA / name).read_text("utf-8")
        return [{tuple(int(n) - base for n in re.split("[-p]", x)) for x in row.split()} for row in text.splitlines()]

    test, gold = read("kftt-dev.awesome-align.out", 0), read("kftt-dev.gold", 1)
    hit = sum(len(a & b) for a, b in zip(test, gold, strict=True))
    aer = 100 - 200 * hit / (sum(map(len, test)) + sum(map(len, gold)))
    assert values(test, gold)["AER"] == pytest.approx(aer)
    assert round(aer, 1) == 39.4
