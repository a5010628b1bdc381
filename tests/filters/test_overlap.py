"""The test-set guard: what it finds is held against comparing everything with everything, as the definition says."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.filters.overlap import Guard, plain

SRC, TGT = (
    "政府は二十四日、新しい予算案を国会に提出した。",
    "The government submitted its new budget to parliament on the 24th.",
)


@pytest.mark.parametrize(
    ("src", "tgt", "found"),
    [
        (SRC, "x", ("news", "exact")),
        ("別", TGT.upper().replace(" ", "  "), ("news", "exact")),
        (SRC.replace("提出した", "提出する"), "x", ("news", "near")),
        ("別", "Yesterday: " + TGT + " It was late.", ("news", "near")),  # the segment within a longer line
        ("別", "The government submitted its new plans to the press on the 24th.", None),
        ("別の文です。", "Another sentence.", None),
        ("", "", None),
    ],
)
def test_exact_and_near_copies_are_told_apart(src, tgt, found):
    assert Guard({"news": [(SRC, TGT)]}).find(src, tgt) == found


def test_short_segments_count_only_as_pairs():
    guard = Guard({"talk": [("はい。", "Yes.")]})
    assert guard.find("はい", "yes!") == ("talk", "exact")
    assert guard.find("はい。", "Indeed.") is None


def test_a_phrase_within_a_longer_text_is_no_copy():
    guard = Guard({"talk": [("ありがとうございました。", "Thank you very much.")]})
    assert guard.find("本日は遠いところをお越しいただき、本当にありがとうございました。", "x") is None


TEXT = (
    "the government submitted a new budget plan to parliament on monday after long talks with all parties about taxes"
)
WORDS = TEXT.split()


@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_index_loses_nothing(seed, near):
    """Prefix filtering is exact: the same verdict as the containment of every segment, computed here from its definition."""
    rng = random.Random(seed)
    tests = [" ".join(rng.sample(WORDS, rng.randint(6, 12))) for _ in range(6)]
    line = tests[0].split()
    for _ in range(rng.randint(1, 3)):
        line[rng.randrange(len(line))] = rng.choice(WORDS)
    text = plain(" ".join(line))
    grams = {text[i : i + 5] for i in range(len(text) - 4)}

    def share(segment):
        own = {segment[i : i + 5] for i in range(len(segment) - 4)}
        return len(grams & own) / len(own if len(segment) >= 24 else own | grams)

    expected = text in map(plain, tests) or any(share(plain(t)) >= near for t in tests)
    assert (Guard({"t": [("", t) for t in tests]}, near=near).find("", " ".join(line)) is not None) == expected


@given(st.text(max_size=40))
def test_plain_is_plain_already(text):
    assert plain(plain(text)) == plain(text)
