"""Mining: margins derived by hand and by loops over the published formulas; choices shown on piles whose partners are planted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.align.mining import (
    ABOVE_CAP,
    BELOW_COSINE,
    BELOW_MARGIN,
    COPY,
    LENGTHS,
    TAKEN,
    UNCHOSEN,
    MiningOptions,
    margins,
    select,
)
from mt.align.neighbours import both
from mt.align.pool import EMPTY, LONG, REPEATED, SHORT, Pool, overlap
from mt.align.retrieval import rates
from mt.errors import OptionError
from mt.signature import Signature
from tests.align.test_neighbours import pile, unit


def pools(src, tgt):
    """Piles of that many sentences which differ, none a copy of another."""
    return (
        Pool.of([f"文{chr(0x4E00 + i)}{chr(0x5E00 + i)}" for i in range(src)], shortest=1, longest=99),
        Pool.of([f"sentence {i} of them" for i in range(tgt)], shortest=1, longest=99),
    )


def mined(src, tgt, **options):
    """From vectors of either side."""
    chosen = MiningOptions(**{"min_margin": -100, "min_cosine": -1, "length_band": 0, **options})
    one, two = pools(len(src), len(tgt))
    return select(one, two, *both(src, tgt, chosen.neighbours), chosen)


def by_the_formula(src, tgt, k, kind):
    """Artetxe and Schwenk 2019, equations 1 to 3, as they stand: a loop over pairs."""
    cosine = src.astype(float) @ tgt.astype(float).T

    def near(values):
        return sum(sorted(values, reverse=True)[:k]) / (2 * min(k, len(values)))

    found = np.empty(cosine.shape)
    for i, row in enumerate(cosine):
        for j, value in enumerate(row):
            mean = near(row) + near(cosine[:, j])
            found[i, j] = {"ratio": value / mean, "distance": value - mean, "absolute": value}[kind]
    return found


@pytest.mark.parametrize("kind", ["ratio", "distance", "absolute"])
@pytest.mark.parametrize("k", [1, 4, 16, 50])
def test_margins_are_the_papers(kind, k):
    src, tgt = unit(pile(1, 20, 8) + 0.5), unit(pile(2, 30, 8) + 0.5)  # all cosines above 0, as a ratio wants
    expected = by_the_formula(src, tgt, k, kind)
    found = mined(src, tgt, neighbours=k, margin=kind, retrieval="forward", one_to_one=False)
    assert len(found.pairs) == 20
    for pair in found.pairs:
        assert pair.margin == pytest.approx(expected[pair.src, pair.tgt], abs=1e-6)
        # the best among the k nearest; beyond them LASER does not look either
        near = np.argsort(-(src @ tgt.T)[pair.src])[:k]
        assert pair.margin == pytest.approx(expected[pair.src, near].max(), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 999), st.integers(0, 30), st.integers(0, 30), st.sampled_from([1, 4, 16]),
    st.sampled_from(["intersection", "forward", "backward", "max"]), st.booleans(),
)  # fmt: skip
def test_every_sentence_is_in_a_pair_or_dropped_for_a_reason(seed, rows, columns, k, retrieval, one_to_one):
    found = mined(
        pile(seed, rows, 6), pile(seed + 1, columns, 6), neighbours=k, retrieval=retrieval, one_to_one=one_to_one,
        min_margin=0.9, min_cosine=0.2,
    )  # fmt: skip
    for side, count in (("src", rows), ("tgt", columns)):
        counts = found.counts()[side]
        assert counts["read"] == count == sum(v for key, v in counts.items() if key != "read")
    if one_to_one:
        assert len({p.src for p in found.pairs}) == len({p.tgt for p in found.pairs}) == len(found.pairs)
    assert [p.margin for p in found.pairs] == sorted((p.margin for p in found.pairs), reverse=True)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(1, 25), st.integers(1, 25), st.sampled_from(["intersection", "max"]))
def test_exchanging_the_sides_exchanges_the_pairs(seed, rows, columns, retrieval):
    src, tgt = pile(seed, rows, 6), pile(seed + 1, columns, 6)
    there = {(p.src, p.tgt, p.margin) for p in mined(src, tgt, retrieval=retrieval).pairs}
    back = {(p.tgt, p.src, p.margin) for p in mined(tgt, src, retrieval=retrieval).pairs}
    assert there == back


def test_retrievals_by_hand():
    # cosines, by construction: a-x .8, a-y .6, b-x .98; so b and x choose each other, a chooses x too, and y chooses a
    src = np.array([[1, 0], [math.cos(0.45), math.sin(0.45)]], np.float32)
    tgt = np.array([[0.8, 0.6], [0.6, -0.8]], np.float32)

    def chosen(retrieval, **options):
        found = mined(src, tgt, retrieval=retrieval, margin="absolute", neighbours=2, **options)
        return [(p.src, p.tgt) for p in found.pairs], found

    assert chosen("intersection")[0] == [(1, 0)]
    assert chosen("forward", one_to_one=False)[0] == [(1, 0), (0, 0)]
    assert chosen("backward", one_to_one=False)[0] == [(1, 0), (0, 1)]
    pairs, found = chosen("forward")
    assert pairs == [(1, 0)]
    assert found.src_reasons == (TAKEN, None)
    assert found.tgt_reasons == (None, UNCHOSEN)
    pairs, found = chosen("max")
    assert pairs == [(1, 0), (0, 1)]  # a's first choice is taken; y's is not
    assert [(p.src_rank, p.tgt_rank) for p in found.pairs] == [(1, 1), (2, 1)]


def test_each_threshold_is_a_reason():
    angle = [0.1, 0.5, 1.2]  # cosines .995, .878, .362; pairs lie in planes of their own, so that all else is 0
    src = np.eye(6, dtype=np.float32)[::2]
    tgt = np.array([math.cos(a) * np.eye(6)[2 * i] + math.sin(a) * np.eye(6)[2 * i + 1] for i, a in enumerate(angle)])
    tgt = tgt.astype(np.float32)
    found = mined(src, tgt, margin="absolute", min_cosine=0.4, min_margin=0.9)
    assert found.src_reasons == (None, BELOW_MARGIN, BELOW_COSINE)
    found = mined(src, tgt, margin="absolute", min_margin=-1, max_margin=0.9)
    assert found.tgt_reasons == (ABOVE_CAP, None, None)


def test_copies_and_lengths_are_dropped_by_what_is_usual():
    count = 40
    src_texts = [f"これは{i}番目の文です。" for i in range(count)]
    tgt_texts = [f"This is sentence no. {i}, said." for i in range(count)]
    src_texts[3], tgt_texts[3] = "Kernel panic 3 in src/main.c", "kernel panic 3 in src/main.c"
    tgt_texts[5] = "five " * 150
    src, tgt = (Pool.of(t, shortest=1, longest=1000) for t in (src_texts, tgt_texts))
    x = np.eye(count, dtype=np.float32)
    found = select(src, tgt, *both(x, x, 4), MiningOptions())
    assert found.src_reasons[3] == found.tgt_reasons[3] == COPY
    assert found.src_reasons[5] == found.tgt_reasons[5] == LENGTHS
    assert len(found.pairs) == count - 2
    # the median of ln(length of target / of source), blanks not counted: 25 / 12 for two digits, which most have
    assert found.log_ratio == pytest.approx(math.log(25 / 12), abs=0.001)
    everything = MiningOptions(max_overlap=1, length_band=0)
    assert len(select(src, tgt, *both(x, x, 4), everything).pairs) == count


def test_a_pool_says_why_a_sentence_takes_no_part():
    pool = Pool.of(
        ["猫がいる。", "　", "猫がいる。　", "ＮＡＴＯの拡大", "NATOの拡大", "。。。", "長" * 11],
        shortest=2,
        longest=10,
    )
    assert pool.reasons == (None, EMPTY, REPEATED, None, REPEATED, SHORT, LONG)
    assert pool.texts() == ["猫がいる。", "ＮＡＴＯの拡大"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_overlap_is_a_symmetric_share(one, two):
    assert overlap(one, two) == overlap(two, one)
    assert 0 <= overlap(one, two) <= 1
    assert overlap(one, one) in (0.0, 1.0)


def test_small_piles_and_strange_scores_are_warned_of():
    x = np.eye(150, 150, dtype=np.float32)
    assert "so few neighbours" in mined(x[:5], x[:5]).warnings[0]
    assert any("ratio above 2.5" in said for said in mined(x, x).warnings)


def test_rates_are_those_of_the_margin():
    src, tgt = pile(1, 40, 16), pile(2, 40, 16)
    tgt = unit(src + 0.8 * tgt)
    expected = by_the_formula(src, tgt, 4, "distance")
    truth = np.arange(40)
    wanted = [float((expected.argmax(axis) != truth).mean() * 100) for axis in (1, 0)]
    assert list(rates(src @ tgt.T, *both(src, tgt, 4), "distance")) == wanted


def test_a_ratio_to_nothing_is_nothing():
    assert margins(np.array([0.5, 0.5]), np.array([0.0, -0.1]), "ratio").tolist() == [0.0, 0.0]


def test_the_signature_holds_every_option_and_the_encoder():
    from dataclasses import fields

    x = np.eye(2, dtype=np.float32)
    encoder = Signature.of(encoder="x")
    one, two = pools(2, 2)
    plain = select(one, two, *both(x, x, 4), encoder=encoder).signature
    assert str(plain).endswith("|encoder:x")
    other = {"margin": "distance", "retrieval": "max", "one_to_one": False, "max_overlap": 0.5, "min_cosine": 0.1}
    for field in fields(MiningOptions):
        changed = MiningOptions(**{field.name: other.get(field.name, 3)})
        assert changed.signature() != MiningOptions().signature(), field.name


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"neighbours": 0}, "neighbours: expected a number from 1 to 1,024, found 0"),
        ({"margin": "x"}, "margin: expected one of ratio, distance, absolute, found x"),
        ({"retrieval": "x"}, "retrieval: expected one of intersection"),
        ({"min_cosine": 2}, "min_cosine: expected a number from -1 to 1"),
    ],
)
def test_options_out_of_range_are_said(options, said):
    with pytest.raises(OptionError, match=said):
        MiningOptions(**options)


def test_neighbours_of_other_piles_are_refused():
    x = np.eye(3, dtype=np.float32)
    with pytest.raises(ValueError, match="neighbours of 2 and 3 sentences, found 3 and 3"):
        select(*pools(2, 3), *both(x, x, 1))


def test_numbers_and_names_that_contradict_are_a_reason():
    # the vectors of each pair are the same; of the texts only the first agrees
    texts = ["EUの27カ国が会合を開いた。", "会合は3月12日に開かれる。", "NATOは声明を出した。"]
    others = ["The 27 countries of the EU met.", "The meeting will be on March 15.", "The bank made a statement."]
    src, tgt = (Pool.of(side, shortest=2, longest=1000) for side in (texts, others))
    x = np.eye(3, dtype=np.float32)

    def pairs(langs, **more):
        options = MiningOptions(1, "absolute", length_band=0, **more)
        return select(src, tgt, *both(x, x, 1), options, langs=langs)

    found = pairs(("ja", "en"))
    assert [(p.src, p.tgt) for p in found.pairs] == [(0, 0)]
    assert found.src_reasons == found.tgt_reasons == (None, "contradiction", "contradiction")
    assert len(pairs(("ja", "en"), contradicting=True).pairs) == 3
    assert len(pairs(("ja", "de")).pairs) == 3  # nothing reads German numbers
    turned = select(tgt, src, *both(x, x, 1), MiningOptions(1, "absolute", length_band=0), langs=("en", "ja"))
    assert [(p.src, p.tgt) for p in turned.pairs] == [(0, 0)]
