"""Edges and groups, held against comparing all with all and a search of the graph; neither order nor buckets matter."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.block import Block
from mt.filters import near
from mt.filters.minhash import BANDS, bands, signatures, similarity
from mt.filters.near import SLACK, clusters, edges

TEXT = (
    "the government submitted a new budget plan to parliament on monday after long talks with all parties about taxes"
)
WORDS = TEXT.split()


def table(seed, count):
    """Rows of few words, many of them alike, and their places, which are not their numbers."""
    rng = random.Random(seed)
    texts = [" ".join(rng.sample(WORDS, 9)) for _ in range(max(1, count // 4))]
    rows = []
    for number in range(count):
        words = rng.choice(texts).split()
        if rng.random() < 0.6:
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        rows.append((f"a:{number}", "", " ".join(words)))
    found = signatures(Block.of(rows))
    places = np.array(sorted(rng.sample(range(2**34), count)), np.uint64)
    return places, found, lambda wanted: found[np.searchsorted(places, wanted)]


def entries(places, found):
    return bands(found).reshape(-1), np.repeat(places, BANDS)


@pytest.mark.parametrize("seed", range(5))
def test_edges_are_the_similar_among_those_that_share_a_band(seed):
    places, found, lookup = table(seed, 60)
    values, expected = bands(found), []
    for a in range(60):
        for b in range(a + 1, 60):
            if (values[a] == values[b]).any() and similarity(found[a][None], found[b][None])[0] >= np.float32(
                0.8 - SLACK
            ):
                expected.append([int(places[a]), int(places[b])])
    assert edges(*entries(places, found), lookup).tolist() == expected
    assert len(expected) > 10


@pytest.mark.parametrize("buckets", [2, 7])
def test_neither_order_nor_buckets_matter(buckets):
    places, found, lookup = table(9, 80)
    high, place = entries(places, found)
    whole = edges(high, place, lookup)
    order = np.random.default_rng(1).permutation(len(high))
    np.testing.assert_array_equal(edges(high[order], place[order], lookup), whole)
    parts = []
    for number in range(buckets):
        own = high % np.uint64(buckets) == number
        parts.append(edges(high[own], place[own], lookup))
    together = np.concatenate(parts)
    np.testing.assert_array_equal(np.unique(together, axis=0), whole)
    np.testing.assert_array_equal(clusters(together), clusters(whole))


def test_looking_at_few_at_a_time_changes_nothing(monkeypatch):
    places, found, lookup = table(4, 80)
    whole = edges(*entries(places, found), lookup)
    monkeypatch.setattr(near, "_PAIRS", 7)
    monkeypatch.setattr(near, "_LOOK", 3)
    np.testing.assert_array_equal(edges(*entries(places, found), lookup), whole)


def test_many_equal_rows_are_one_group_without_an_edge_for_every_two():
    count = 600
    found = np.repeat(signatures(Block.of([("a:1", "猫は庭にいます。", "The cat is in the garden.")])), count, axis=0)
    places = np.arange(count, dtype=np.uint64)
    pairs = edges(*entries(places, found), lambda wanted: found[wanted.astype(int)])
    assert len(pairs) < near.REACH * count < count * (count - 1) / 2
    assert clusters(pairs)[:, 1].max() == 0


def test_rows_without_letters_are_no_copies():
    found = signatures(Block.of([("a:1", "!", "?"), ("a:2", "…", "?"), ("a:3", "", "")]))
    pairs = edges(*entries(np.arange(3, dtype=np.uint64), found), lambda wanted: found[wanted.astype(int)])
    assert pairs.shape == (0, 2)
    assert clusters(pairs).shape == (0, 2)


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=40), st.integers(0, 99))
def test_groups_are_what_a_search_finds(pairs, seed):
    scale = 2**33 + 1
    known = {}
    for a, b in pairs:
        known.setdefault(a, set()).add(b)
        known.setdefault(b, set()).add(a)
    root = {}
    for first in sorted(known):
        waiting = [first] if first not in root else []
        while waiting:
            one = waiting.pop()
            if one not in root:
                root[one] = first
                waiting += known[one]
    expected = [[place * scale, root[place] * scale] for place in sorted(root)]
    random.Random(seed).shuffle(pairs)
    assert clusters(np.array(pairs, np.uint64).reshape(-1, 2) * np.uint64(scale)).tolist() == expected


def test_a_long_chain_is_one_group():
    order = np.random.default_rng(2).permutation(5000).astype(np.uint64)
    found = clusters(np.stack([order[:-1], order[1:]], axis=1))
    assert (found[:, 1] == 0).all()
