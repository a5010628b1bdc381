"""Verdicts of arrays, held against `overlap.Guard` asked row by row, which has tests of its own."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.filters.contamination import KINDS, Contamination, names
from mt.filters.folded import fold
from mt.filters.overlap import Guard

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXT = (
    "the government submitted a new budget plan to parliament on monday after long talks with all parties about taxes"
)
WORDS = TEXT.split()
JA = "政府は二十四日に新しい予算案を国会に提出し野党は強く反対して審議は深夜まで続いた"


def block(pairs):
    return Block.of([(f"a:{n}", *pair) for n, pair in enumerate(pairs)])


def said(codes, sets):
    known = [(name, kind) for name in sets for kind in KINDS]
    return [known[code - 1] if code else None for code in codes.tolist()]


def same_as_guard(sets, pairs, near=0.8):
    guard = Guard(sets, near=near)
    found = said(Contamination(sets, near=near).codes(block(pairs)), sets)
    for pair, have in zip(pairs, found, strict=True):
        assert (None if have is None or have[1] == "run" else have) == guard.find(*pair), pair


def ja(rng):
    start = rng.randrange(len(JA) - 3)
    return JA[start : start + rng.randint(1, 25)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_exact_and_near_are_the_guards(seed, near):
    rng = random.Random(seed)
    sets = {
        name: [(ja(rng), " ".join(rng.sample(WORDS, rng.randint(1, 9)))) for _ in range(5)] for name in ("one", "other")
    }
    pairs = []
    for _ in range(15):
        src, tgt = rng.choice(sets[rng.choice(["one", "other"])])
        words = tgt.split()
        for _ in range(rng.randint(0, 2)):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        pairs.append(
            (rng.choice([src, ja(rng), src + "。", ""]), rng.choice([" ".join(words), "x" + tgt, tgt.upper()]))
        )
    same_as_guard(sets, pairs, near)


def test_a_run_is_told_where_nothing_closer_is():
    sets = {"talk": [("x", "")], "news": [(JA, TEXT)]}
    pairs = [
        (JA[5:26] + "という話は聞いたことがないと隣の家の人が言っていたそうだがどうだろう", "y"),
        (
            "y",
            "It is said that they had "
            + " ".join(WORDS[4:17])
            + ", which nobody here had heard about before, or so they say.",
        ),
        ("y", "It is said that " + " ".join(WORDS[4:16])),
        (JA, "y"),
    ]
    codes = Contamination(sets).codes(block(pairs))
    assert said(codes, sets) == [("news", "run"), ("news", "run"), None, ("news", "exact")]
    assert names(list(sets))[codes[0] - 1] == "overlap-news-run"


@pytest.mark.parametrize("sets", [{}, {"none": []}, {"one-sided": [("", TEXT)]}])
def test_sets_may_be_empty_or_one_sided(sets):
    codes = Contamination(sets).codes(block([("", ""), ("!", "?"), ("", TEXT), ("猫", "cat")]))
    assert codes.tolist() == [0, 0, int("one-sided" in sets), 0]
    assert Contamination(sets).codes(block([])).tolist() == []


def test_neither_blocks_nor_neighbours_matter():
    rng = random.Random(2)
    sets = {"news": [(ja(rng), " ".join(rng.sample(WORDS, 8))) for _ in range(20)]}
    pairs = [
        rng.choice(sets["news"]) if rng.random() < 0.2 else (ja(rng), " ".join(rng.sample(WORDS, 8)))
        for _ in range(700)
    ]
    found = Contamination(sets)
    whole = found.codes(block(pairs))
    np.testing.assert_array_equal(whole, found.codes(block(pairs), fold(block(pairs))))
    np.testing.assert_array_equal(
        whole, np.concatenate([found.codes(block(pairs[at : at + 83])) for at in range(0, 700, 83)])
    )


@pytest.mark.skipif(not (DATA / "flores").exists(), reason="no ../shared/data")
def test_real_rows_get_the_guards_verdict():
    """1,200 segments of two test sets, edited a little, much or not, and 300 of neither."""
    rng = random.Random(1)

    def table(path):
        return [tuple(line.split("\t")[:2]) for line in (DATA / path).read_text(encoding="utf-8").splitlines()]

    sets = {"flores": table("flores/devtest.tsv")[:700], "tatoeba": table("tatoeba-test/test.tsv")}
    pairs = table("flores/devtest.tsv")[700:1000]
    for one in sets.values():
        for pair in one[:600]:
            edited = []
            for side in pair:
                letters = list(side)
                for _ in range(rng.choice([0, 1, len(letters) // 30, len(letters) // 15])):
                    letters[rng.randrange(len(letters))] = rng.choice(letters)
                edited.append("".join(letters) + rng.choice(["", " More.", "、という。"]))
            pairs.append((edited[0], rng.choice(["x", edited[1]])))
    same_as_guard(sets, pairs)
