"""Signatures and bands, held against sets of grams compared exactly and against the formulas of their probabilities."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.filters.folded import fold
from mt.filters.minhash import BANDS, BINS, ROWS, bands, signatures, similarity
from mt.filters.overlap import plain

LETTERS = [chr(code) for code in range(ord("ぁ"), ord("ん"))]


def block(pairs):
    return Block.of([(f"a:{n}", *pair) for n, pair in enumerate(pairs)])


def grams(pair):
    """From the definition: 5-grams of each side's letters, marked by side; a shorter side is one."""
    sides = [plain(side) for side in pair]
    return {(n, t[i : i + 5]) for n, t in enumerate(sides) if t for i in range(max(1, len(t) - 4))}


def jaccard(one, other):
    a, b = grams(one), grams(other)
    return len(a & b) / max(1, len(a | b))


def text(rng, count):
    return "".join(rng.choices(LETTERS, k=count))


def copies(rng, count, length, alike):
    """Pairs of pairs of random letters with a similarity as near as can be: of T grams k are replaced, and J = (T - k) / (T + k)."""
    replaced = round(2 * (length - 4) * (1 - alike) / (1 + alike))
    found = []
    for _ in range(count):
        pair = text(rng, length), text(rng, length)
        found.append((pair, (pair[0], pair[1][: length - replaced] + text(rng, replaced))))
    return found


@pytest.mark.parametrize("alike", [0.6, 0.8, 0.9])
@pytest.mark.parametrize("length", [20, 60, 300])
def test_estimates_and_bands_keep_to_their_formulas(alike, length):
    """Mean within four standard errors of nothing, deviation no greater than √(J (1 - J) / 256); bands within four binomial errors."""
    rng = random.Random(f"{alike} {length}")
    count = 150
    some = copies(rng, count, length, alike)
    exact = np.array([jaccard(*both) for both in some])
    one, other = (signatures(block([both[n] for both in some])) for n in (0, 1))
    error = similarity(one, other) - exact
    deviation = (alike * (1 - alike) / BINS) ** 0.5
    assert abs(error.mean()) < 4 * deviation / count**0.5 + 0.002
    assert error.std() < 1.2 * deviation
    expected = 1 - (1 - exact**ROWS) ** BANDS
    found = (bands(one) == bands(other)).any(axis=1)
    assert abs(found.mean() - expected.mean()) < 4 * (expected.mean() * (1 - expected.mean()) / count) ** 0.5 + 0.01


def test_what_is_not_alike_is_not_taken_for_it():
    rng = random.Random(3)
    rows = signatures(block([(text(rng, 30), text(rng, 60)) for _ in range(400)]))
    assert similarity(rows[:200], rows[200:]).max() < 0.05
    values = bands(rows)
    assert len(np.unique(values)) == values.size


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(st.tuples(st.text("あab。", max_size=12), st.text("xyz ", max_size=12)), min_size=1, max_size=12))
def test_equal_grams_are_equal_signatures_and_bands(pairs):
    found = signatures(block(pairs))
    values = bands(found)
    for pair, row, own in zip(pairs, found, values, strict=True):
        assert row.any() == bool(grams(pair))
        assert (own != 0).all() == row.any()
        for other, second, its in zip(pairs, found, values, strict=True):
            if grams(pair) == grams(other):
                assert (row == second).all()
                assert (own == its).all()


def test_sides_are_told_apart():
    one, other = signatures(block([("abcdefgh", "x"), ("x", "abcdefgh")]))
    assert similarity(one[None], other[None])[0] < 0.1


def test_neither_blocks_nor_neighbours_matter():
    rng = random.Random(5)
    pairs = [(text(rng, rng.randint(0, 40)), text(rng, rng.randint(0, 9))) for _ in range(1203)]
    whole = signatures(block(pairs))
    parts = np.concatenate([signatures(block(pairs[at : at + 101])) for at in range(0, len(pairs), 101)])
    np.testing.assert_array_equal(whole, parts)
    np.testing.assert_array_equal(whole, signatures(block(pairs), fold(block(pairs))))
    order = rng.sample(range(len(pairs)), len(pairs))
    np.testing.assert_array_equal(bands(whole)[order], bands(whole[order]))
    np.testing.assert_array_equal(bands(whole)[:3], bands(whole[:3]))


def test_an_empty_block_has_no_signatures():
    assert signatures(block([])).shape == (0, BINS)
    assert bands(signatures(block([]))).shape == (0, BANDS)
