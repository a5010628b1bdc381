"""Shifts: planted ones are found where they are; sound pairs, weak ones too, have none."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.evaluate.gates_shift import divergence, shifts

RNG = random.Random(5)
WORDS = [f"w{n}" for n in range(300)] + ["the", "of", "."] * 100
REF = [" ".join(RNG.choices(WORDS, k=RNG.randint(8, 25))) for _ in range(200)]


def noisy(line, kept, rng):
    return " ".join(word if rng.random() < kept else "x" for word in line.split())


@pytest.mark.parametrize("kept", [0.9, 0.5])
@pytest.mark.parametrize(("offset", "first", "last"), [(1, 41, 70), (-1, 41, 70), (3, 101, 150), (-2, 11, 30)])
def test_a_shift_in_the_middle_is_found_to_the_line_or_two(kept, offset, first, last):
    rng = random.Random(1)
    hyp = [noisy(REF[k + offset if first <= k + 1 <= last else k], kept, rng) for k in range(200)]
    [run] = shifts(hyp, REF)
    assert run.offset == offset
    assert abs(run.first - first) <= 2
    assert abs(run.last - last) <= 2
    assert run.likeness > run.before + 0.1


def test_a_shift_through_all_lines():
    [run] = shifts([*REF[1:], "and so on"], REF)
    assert (run.first, run.offset) == (1, 1)
    assert run.last >= 199


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3, 0.6]))
def test_sound_lines_however_weak_are_not_called_shifted(seed, kept):
    rng = random.Random(seed)
    assert shifts([noisy(line, kept, rng) for line in REF[:80]], REF[:80]) == []


def test_equal_lines_are_no_shift():
    assert shifts(["Thank you ."] * 50, ["Thank you ."] * 50) == []
    assert shifts([""] * 50, REF[:50]) == []
    assert shifts(["a"], ["a"]) == []


@pytest.mark.parametrize(
    ("hyp", "line", "segment", "what"),
    [
        (REF[:9] + REF[10:], 10, 10, "segment 10 has no line"),
        ([*REF[:9], "x y z", *REF[9:]], 10, 10, "line 10 belongs to no segment"),
        ([*REF[:9], REF[9] + " " + REF[10], *REF[11:]], 10, 10, "line 10 and segments 10 to 11 belong together"),
    ],
)
def test_where_two_streams_part(hyp, line, segment, what):
    found = divergence(hyp, REF)
    assert (found.line, found.segment, found.what) == (line, segment, what)


def test_a_split_line_and_the_end():
    one, other = REF[9].split()[:7], REF[9].split()[7:]
    found = divergence([*REF[:9], " ".join(one), " ".join(other), *REF[10:]], REF)
    assert found.segment in (10, 11)
    assert divergence(REF[:-1], REF).segment == 200
    assert divergence(["nothing alike"], REF[:3]) is None
