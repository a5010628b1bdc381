"""Nearest neighbours: expected values from whole-number products of whole matrices, and from faiss, an independent search."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align.neighbours import Neighbours, Plan, both, cosines, merge, nearest, shard
from mt.errors import OptionError

FINE = 2.0**26


def unit(rows: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norms == 0, 1, norms)).astype(np.float32)


def pile(seed: int, count: int, width: int = 32) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, width)))


def by_matrix(src: np.ndarray, tgt: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The definition, all products at once: in Python's whole numbers, which have no rounding, ties to the earlier."""
    left, right = np.rint(src.astype(float) * FINE).astype(int), np.rint(tgt.astype(float) * FINE).astype(int)
    products = left @ right.T  # below 2**53, far from what 64 bits hold
    order = np.argsort(-products, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(products, order, 1) / 2.0**52


def same(found: Neighbours, expected: tuple[np.ndarray, np.ndarray]) -> bool:
    return np.array_equal(found.numbers, expected[0]) and np.array_equal(found.cosines, expected[1])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 1000), st.integers(1, 70), st.integers(4, 70), st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 7, 16, 64, 2048]), st.sampled_from([1, 3, 7]), st.booleans(),
)  # fmt: skip
def test_any_tiles_and_shards_give_what_the_whole_matrix_gives(seed, rows, columns, k, tile, shards, doubled):
    src, tgt = pile(seed, rows, 8), pile(seed + 1, columns, 8)
    if doubled:  # ties, many of them
        tgt[columns // 4 : columns // 2] = tgt[0]
        src[rows // 2 :] = tgt[0]
    forward, backward = both(src, tgt, k, tile=tile, shards=shards)
    assert same(forward, by_matrix(src, tgt, k))
    back_k = min(k, rows)
    assert same(Neighbours(backward.numbers[:, :back_k], backward.cosines[:, :back_k]), by_matrix(tgt, src, back_k))
    assert (backward.numbers[:, back_k:] == -1).all()
    assert np.isneginf(backward.cosines[:, back_k:]).all()


def test_shards_1_3_7_are_the_same_bytes():
    src, tgt = pile(1, 500, 64), pile(2, 700, 64)
    told = {tuple(n.to_bytes() for n in both(src, tgt, 4, shards=shards, tile=128)) for shards in (1, 3, 7)}
    assert len(told) == 1


def test_parts_made_in_any_order_and_kept_as_bytes_merge_to_the_whole():
    src, tgt = pile(3, 90), pile(4, 110)
    parts = {part: shard(src, tgt, 16, part, 7) for part in (6, 2, 0, 5, 1, 4, 3)}
    kept = [tuple(Neighbours.from_bytes(side.to_bytes()) for side in parts[part]) for part in range(7)]
    forward, backward = merge(kept)
    assert same(forward, by_matrix(src, tgt, 16))
    assert same(backward, by_matrix(tgt, src, 16))


def test_faiss_finds_the_same():
    faiss = pytest.importorskip("faiss")
    src, tgt = pile(5, 300, 64), pile(6, 400, 64)
    index = faiss.IndexFlatIP(64)
    index.add(tgt)
    values, numbers = index.search(src, 4)
    found = nearest(src, tgt, 4)
    assert np.abs(values - found.cosines).max() < 1e-6
    assert (
        numbers == found.numbers
    ).mean() > 0.999  # two neighbours may be nearer to each other than float32 tells apart


def test_cosines_are_off_by_less_than_float32_is():
    src, tgt = pile(7, 50, 512), pile(8, 60, 512)
    truth = src.astype(np.longdouble) @ tgt.astype(np.longdouble).T
    found = nearest(src, tgt, 5)
    assert np.abs(np.take_along_axis(truth, found.numbers.astype(int), 1) - found.cosines).max() < 5e-8


def test_exchanging_the_sides_exchanges_the_answers():
    src, tgt = pile(9, 40), pile(10, 60)
    forward, backward = both(src, tgt, 3)
    other_forward, other_backward = both(tgt, src, 3)
    assert same(forward, (other_backward.numbers, other_backward.cosines))
    assert same(backward, (other_forward.numbers, other_forward.cosines))


def test_chosen_pairs_get_the_cosine_that_the_search_gives():
    src, tgt = pile(11, 30), pile(12, 30)
    found = nearest(src, tgt, 2)
    pairs = np.stack([np.repeat(np.arange(30), 2), found.numbers.ravel()], axis=1)
    assert np.array_equal(cosines(src, tgt, pairs), found.cosines.ravel())


@pytest.mark.parametrize(("rows", "columns"), [(0, 5), (5, 0), (0, 0)])
def test_an_empty_side_has_and_gives_no_neighbours(rows, columns):
    forward, backward = both(pile(1, rows), pile(2, columns), 4)
    assert forward.numbers.shape == (rows, 4)
    assert backward.numbers.shape == (columns, 4)
    assert (forward.numbers == -1).all()
    assert (backward.numbers == -1).all()


def test_vectors_of_zeros_are_as_near_to_everything():
    found = nearest(np.zeros((2, 4), np.float32), pile(1, 3, 4), 2)
    assert found.numbers.tolist() == [[0, 1], [0, 1]]
    assert not found.cosines.any()


def test_the_plan_is_kept():
    src, tgt = pile(13, 3000, 128), pile(14, 3000, 128)
    tracemalloc.start()
    both(src, tgt, 4, tile=512)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * Plan(3000, 3000, 128, 4, 512).working


def test_what_does_not_fit_is_said():
    x = pile(1, 3, 4)
    with pytest.raises(ValueError, match=r"found \(3, 4\) and \(3, 5\)"):
        both(x, pile(2, 3, 5), 1)
    with pytest.raises(ValueError, match="norm 1, found 2 in row 1"):
        both(np.stack([x[0], 2 * x[1]]), x, 1)
    with pytest.raises(ValueError, match="norm 1, found nan in row 0"):
        both(np.full((1, 4), np.nan, np.float32), x, 1)
    with pytest.raises(OptionError, match="k: expected a number from 1 to 1,024, found 0"):
        both(x, x, 0)
    with pytest.raises(ValueError, match="bytes that to_bytes wrote"):
        Neighbours.from_bytes(b"x" * 24)
    with pytest.raises(ValueError, match="the parts of one search"):
        merge([])


def grouped(count: int, seed: int, width: int = 48) -> np.ndarray:
    """Vectors around 60 topics, the same for every seed, as sentences lie."""
    topics = np.random.default_rng(0).normal(size=(60, width))
    rng = np.random.default_rng(seed)
    return unit(topics[rng.integers(60, size=count)] + rng.normal(size=(count, width)))


def test_the_cells_of_faiss_hold_nearly_all_of_the_nearest(monkeypatch):
    # expected: what the exact search finds; faiss with cells, which it has here from 1,000 vectors on, looks at 32 of 4 √n = 219
    pytest.importorskip("faiss")
    from mt.align import approximate

    monkeypatch.setattr(approximate, "_EXACT", 1000)
    src, tgt = grouped(3000, 1), grouped(3000, 2)
    exact, found = both(src, tgt, 4), approximate.both(src, tgt, 4)
    for wanted, got in zip(exact, found, strict=True):
        shared = (wanted.numbers[:, :, None] == got.numbers[:, None]).any(2)
        assert 0.95 < shared.mean() < 1  # some are missed: the cells were in use
        assert (wanted.numbers[:, 0] == got.numbers[:, 0]).mean() > 0.95
        assert (np.diff(got.cosines, axis=1) <= 0).all()
        # what is found has its exact cosine
        rows = np.repeat(np.arange(3000), 4)
        left, right = (src, tgt) if wanted is exact[0] else (tgt, src)
        assert np.array_equal(got.cosines.ravel(), cosines(left, right, np.stack([rows, got.numbers.ravel()], 1)))
    again = approximate.both(src, tgt, 4)
    assert all(np.array_equal(a.numbers, b.numbers) for a, b in zip(found, again, strict=True))


def test_auto_takes_faiss_for_many_pairs_and_stays_exact_where_parts_are_kept(monkeypatch):
    from mt.align import approximate
    from mt.errors import ConfigError

    monkeypatch.setattr(approximate, "find_spec", lambda name: name)
    assert approximate.chosen("auto", 200_000, 200_000) == "faiss"
    assert approximate.chosen("auto", 200_000, 199_999) == "exact"
    assert approximate.chosen("auto", 10**6, 10**6, exact_only=True) == "exact"
    assert approximate.chosen("faiss", 5, 5, exact_only=True) == "faiss"
    monkeypatch.setattr(approximate, "find_spec", lambda name: None)
    assert approximate.chosen("auto", 10**6, 10**6) == "exact"
    with pytest.raises(ConfigError, match="--search: expected auto, exact, faiss, found annoy"):
        approximate.chosen("annoy", 1, 1)
