"""The cheapest path and its probabilities, against every path counted one by one."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.align import band as bands
from mt.align.length import best_path


def table(n, m, kinds, seed):
    """Random costs of every kind of bead at every node where it fits: (n + 1, kinds, m + 1)."""
    draw = np.random.default_rng(seed)
    made = bands.exact(draw.exponential(2.0, (n + 1, len(kinds), m + 1)))
    for k, (a, b) in enumerate(kinds):
        made[:a, k] = np.inf
        made[:, k, :b] = np.inf
    return made


def of(whole):
    """The same costs as the search asks for them."""

    def costs(band, start, stop):
        columns = band.low[start:stop, None] + np.arange(band.width)
        return np.stack([whole[i, :, columns[i - start]].T for i in range(start, stop)])

    return costs


def every_path(n, m, kinds):
    """All paths from (0, 0) to (n, m), by the definition."""

    @cache
    def to(i, j):
        if i == j == 0:
            return [()]
        found = []
        for k, (a, b) in enumerate(kinds):
            if a <= i and b <= j:
                found += [(*path, (k, i, j)) for path in to(i - a, j - b)]
        return found

    return to(n, m)


@pytest.mark.parametrize("longest", [1, 2, 3])
@given(n=st.integers(0, 4), m=st.integers(0, 4), seed=st.integers(0, 10_000))
def test_search_and_posteriors_agree_with_all_paths(longest, n, m, seed):
    kinds = bands.shapes(longest)
    whole = table(n, m, kinds, seed)
    band = bands.around(np.linspace(0, m, n + 1), m, m)
    path = bands.search(band, kinds, of(whole))
    sums = {p: sum(whole[i, k, j] for k, i, j in p) for p in every_path(n, m, kinds)}
    own = bands.path_costs(band, kinds, of(whole), path)
    assert own.sum() == min(sums.values())
    total = math.fsum(math.exp(-c) for c in sums.values())
    weights = bands.posteriors(band, kinds, of(whole), path)
    ends = bands.nodes(kinds, path)[1:]
    for kind, (i, j), weight in zip(path, ends.tolist(), weights, strict=True):
        with_it = math.fsum(math.exp(-c) for p, c in sums.items() if (kind, i, j) in p)
        assert weight == pytest.approx(with_it / total, abs=1e-9)


@given(n=st.integers(1, 40), m=st.integers(1, 40), half=st.integers(1, 6), seed=st.integers(0, 1000))
def test_a_band_leads_from_one_end_to_the_other(n, m, half, seed):
    draw = np.random.default_rng(seed)
    centres = np.sort(draw.uniform(0, m, n + 1))
    band = bands.around(centres, m, half)
    assert (band.low[0], band.low[-1] + band.width) == (0, m + 1)
    assert np.all(np.diff(band.low) >= 0)
    kinds = bands.shapes(2)
    path = bands.search(band, kinds, of(table(n, m, kinds, seed)))
    runs = list(bands.beads(kinds, path))
    assert [i for a, _ in runs for i in a] == list(range(n))
    assert [j for _, b in runs for j in b] == list(range(m))


def test_a_band_is_widened_until_the_path_keeps_away_from_its_sides():
    # 30 source sentences without a partner before 60 pairs: the path runs 30 columns below the diagonal
    n, m = 90, 60
    kinds = bands.shapes(1)
    whole = np.full((n + 1, 3, m + 1), np.inf)
    whole[1:, 0, 1:] = 20.0
    for j in range(1, m + 1):
        whole[30 + j, 0, j] = 0.0
    whole[1:, 1, :] = whole[:, 2, 1:] = 5.0
    first = bands.around(np.linspace(0, m, n + 1), m, 8)
    path, band = best_path(first, kinds, of(whole))
    assert band.width > first.width
    assert [kinds[k] for k in path] == [(1, 0)] * 30 + [(1, 1)] * 60


def test_costs_are_kept_for_one_band_only():
    asked = []

    def costs(band, start, stop):
        asked.append((start, stop))
        return np.zeros((stop - start, 3, band.width))

    kept = bands.kept(costs)
    first, second = (bands.around(np.linspace(0, 9, 10), 9, half) for half in (2, 3))
    for band in (first, first, second):
        assert kept(band, 0, 5).shape == (5, 3, band.width)
    assert len(asked) == 2
