"""The search against every way there is: small rectangles are walked through by a few lines of recursion that know nothing of arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align.score import shapes
from mt.align.search import Table, Ways, best, marginals

Bead = tuple[int, int, int, int]


def random_table(seed: int, sizes: list[tuple[int, int]], longest: int, *, whole: bool = False) -> Table:
    """Scores of rectangles, in quarters of a nat, so that sums are exact and ties happen."""
    rng = np.random.default_rng(seed)
    n, m = max(s[0] for s in sizes), max(s[1] for s in sizes)
    beads = {}
    for a, b in shapes(longest):
        if (n + 1 - a > 0 and m + 1 - b > 0) or (a, b) == (0, 1):
            values = rng.integers(-8, 8, (len(sizes), n + 1 - a, m + 1 - b))
            beads[a, b] = values.astype(np.float64) * (1 if whole else 0.25)
    return Table(beads, np.array(sizes, np.int64))


def ways(table: Table, number: int, i: int = 0, j: int = 0) -> Iterator[tuple[float, tuple[Bead, ...]]]:
    n, m = table.sizes[number]
    if (i, j) == (n, m):
        yield 0.0, ()
    for (a, b), scores in table.beads.items():
        if i + a <= n and j + b <= m:
            for rest, beads in ways(table, number, i + a, j + b):
                yield float(scores[number, i, j]) + rest, ((i, j, a, b), *beads)


rectangles = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), rectangles, st.integers(1, 3))
def test_the_best_way_is_a_best_one_of_all(seed, sizes, longest):
    table = random_table(seed, sizes, longest)
    for number, beads in enumerate(best(table)):
        every = list(ways(table, number))
        top = max(score for score, _ in every)
        assert sum(float(table.beads[a, b][number, i, j]) for i, j, a, b in beads) == top
        assert tuple(beads) in {b for score, b in every if score == top}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), rectangles, st.integers(1, 2))
def test_probabilities_are_those_of_all_ways_counted_out(seed, sizes, longest):
    table = random_table(seed, sizes, longest)
    found, sums = marginals(table), Ways.of(table)
    for number in range(len(sizes)):
        every = [(math.exp(score), beads) for score, beads in ways(table, number)]
        total = sum(weight for weight, _ in every)
        assert math.isclose(float(sums.whole[number]), math.log(total), abs_tol=1e-9)
        for i, j, a, b in {bead for _, beads in every for bead in beads}:
            expected = sum(weight for weight, beads in every if (i, j, a, b) in beads) / total
            assert math.isclose(float(found[a, b][number, i, j]), expected, abs_tol=1e-9)
            # a null bead counts wherever its empty side stands
            same = (
                {(i, k, 1, 0) for k in range(5)}
                if not b
                else {(k, j, 0, 1) for k in range(5)}
                if not a
                else {(i, j, a, b)}
            )
            expected = sum(weight for weight, beads in every if same & set(beads)) / total
            [chance] = sums.chances(*(np.array([x]) for x in (number, i, j)), (a, b))
            assert math.isclose(chance, expected, abs_tol=1e-9)


def test_together_and_alone_rectangles_have_the_same_answer():
    sizes = [(3, 4), (4, 1), (0, 3), (2, 2)]
    table = random_table(1, sizes, 3)
    for number, size in enumerate(sizes):
        alone = Table({s: v[number : number + 1] for s, v in table.beads.items()}, np.array([size]))
        assert best(alone)[0] == best(table)[number]


def test_of_equal_ways_the_preferred_shapes_are_taken():
    zeros = {(a, b): np.zeros((1, 3 - a, 3 - b)) for a, b in shapes(2)}
    assert best(Table(zeros, np.array([[2, 2]]))) == [[(0, 0, 1, 1), (1, 1, 1, 1)]]
