"""Test segments in training data: exact, near, short, and not at all."""

from __future__ import annotations

from mt.evaluate.gates import check
from mt.evaluate.gates_found import GateLimits
from mt.evaluate.gates_training import overlaps, trained_on
from mt.evaluate.testset import TestSet

REF = (
    "The mayor opened the new bridge over the river on Monday morning.",
    "Yes.",
    "Nobody had expected so large a crowd.",
)
SRC = ("市長は月曜の朝、川にかかる新しい橋を開通させた。", "はい。", "これほど大勢の人が来るとは誰も思わなかった。")
TEST = TestSet((REF,), src=SRC, name="town")


def rows(*pairs):
    return [(one.segment, one.side, one.exact) for one in overlaps(TEST, pairs)]


def test_copies_of_either_side_are_found_whatever_their_marks_and_case():
    assert rows(("別の文", "THE MAYOR opened the new bridge, over the river, on Monday morning")) == [
        (1, "reference", True)
    ]
    assert rows(("「市長は月曜の朝、川にかかる新しい橋を開通させた」", "Other.")) == [(1, "source", True)]


def test_near_copies_and_copies_within_more_are_found():
    assert rows(("", "The mayor opened the new bridge over the river on a Sunday evening.")) == []
    assert rows(("", "The mayor opened the new bridge over the river on Monday mornings!")) == [(1, "reference", False)]
    assert rows(("これほど大勢の人が来るとは誰も思わなかったのだ。", "")) == [(3, "source", False)]
    within = "It was a fine day. The mayor opened the new bridge over the river on Monday morning. He was late."
    assert rows(("", within)) == [(1, "reference", False)]


def test_short_segments_count_only_as_pairs():
    assert rows(("そう。", "Yes.")) == []
    assert rows(("はい。", "Yes.")) == [(2, "source", True)]


def test_exact_wins_over_near_and_each_side_stands_once():
    near = ("", "The mayor opened the new bridge over the river on Monday mornings!")
    exact = ("", REF[0])
    assert rows(near, exact, near) == [(1, "reference", True)]


def test_findings_name_the_corpus_and_those_without_are_silent():
    training = {
        "web": [("", REF[0]), ("", REF[2])],
        "clean": [("x", "Something else altogether, which is long enough.")],
    }
    [one] = trained_on(TEST, training, GateLimits())
    assert one.said == "web holds 2 of 3 segments of the test set, 2 to the letter"
    assert (one.gate, one.severity, one.lines) == ("training-overlap", "error", (1, 3))
    assert one.examples[0].why == f"reference: {REF[0]}"
    gates = check(TEST, [], training=training)
    assert [f.gate for f in gates.findings] == ["training-overlap"]
    assert "training-overlap" in gates.checked
    assert "training-overlap" not in check(TEST, []).checked
