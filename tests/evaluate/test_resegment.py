"""The ladder: which rung is taken, that no word is lost, and what it costs where the truth is known."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import CountError, InputError
from mt.evaluate.resegment import by_document, by_ids, measure, resegment
from mt.evaluate.statistics import table
from mt.evaluate.testset import TestSet

NEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
needs_news = pytest.mark.skipif(not NEWS.is_dir(), reason="needs ../shared/data/wmt21-ja-en")

REF = (
    "The mayor opened the new bridge on Monday.",
    "It took three years to build.",
    "Nobody had expected the crowd, which filled both banks of the river.",
    "A choir sang.",
    "In the evening there were fireworks over the harbour.",
    "The old bridge will be taken down next spring.",
)
DOCS = ("bridge", "bridge", "bridge", "bridge", "night", "night")
TEST = TestSet((REF,), documents=DOCS, name="town")


def words(texts):
    return " ".join(" ".join(texts).split())


def test_right_lines_are_taken_as_they_are():
    found = resegment(REF, TEST)
    assert (found.method, found.hypotheses, found.coverage, found.error) == ("lines", REF, 1.0, None)
    assert str(found.signature) == "seg:ref|align:lines|cov:1.00"


def test_documents_as_lines_and_documents_between_empty_lines_come_back():
    for lines in (
        [" ".join(REF[:4]), " ".join(REF[4:])],
        [" ".join(REF[:2]), *REF[2:4], "", "", "", " ".join(REF[4:])],
    ):
        found = resegment(lines, TEST)
        assert found.hypotheses == REF
        assert (found.method, found.unaligned_hypothesis, found.unaligned_reference) == ("bead+soft", 0, 0)
        assert str(found.signature) == "seg:ref|align:bead+soft|cov:1.00"


def test_a_sentence_over_two_segments_is_cut_within():
    joined = "The mayor opened the new bridge on Monday, and it took three years to build."
    found = resegment([joined, *REF[2:]], TEST, documents=("bridge",) * 3 + ("night",) * 2)
    assert found.hypotheses == (
        "The mayor opened the new bridge on Monday,",
        "and it took three years to build.",
        *REF[2:],
    )
    assert found.cut == 1
    assert ("1-2", 1) in found.beads


def test_what_belongs_nowhere_is_kept_and_counted():
    lines = [*REF[:3], "Advertisement: buy two, get one free!", *REF[3:]]
    found = resegment(lines, TEST)
    assert words(found.hypotheses) == words(lines)
    assert found.hypotheses[2].endswith("free!")
    assert found.unaligned_hypothesis == 9  # six words, a colon, a comma, an exclamation mark
    dropped = resegment([*REF[:3], *REF[4:]], TEST)
    assert dropped.hypotheses == (*REF[:3], "", *REF[4:])
    assert (dropped.empty, dropped.unaligned_reference) == (1, 4)


def test_lines_broken_for_their_width_are_joined_first():
    text = " ".join(REF).split()
    lines = [" ".join(text[k : k + 5]) for k in range(0, len(text), 5)]
    assert resegment(lines, TEST).hypotheses == REF


def test_text_without_marks_is_aligned_word_by_word():
    bare = " ".join(REF).lower().replace(".", "").replace(",", "")
    found = resegment([bare], TEST)
    assert found.method == "soft"
    assert words(found.hypotheses) == bare
    assert [one.split()[0] for one in found.hypotheses] == ["the", "it", "nobody", "a", "in", "the"]


def test_what_resembles_nothing_is_compared_by_document_and_says_so():
    lines = ["Quantum chips need cooling.", "Xylophones, alas, rust!", "Seven zebras graze."]
    found = resegment(lines, TEST, documents=("bridge", "bridge", "night"))
    assert (found.method, found.unit, found.documents) == ("document", "document", ("bridge", "night"))
    assert found.hypotheses == ("Quantum chips need cooling. Xylophones, alas, rust!", "Seven zebras graze.")
    assert "cannot be set beside" in found.said
    assert str(found.signature).startswith("seg:doc|align:document|cov:0.")
    units = by_document(TEST)
    assert units.references[0] == (" ".join(REF[:4]), " ".join(REF[4:]))


def test_documents_whose_borders_are_not_known_are_those_of_the_segments_or_refused():
    for lines in (REF, [" ".join(REF[:3]), *REF[3:]]):
        assert resegment(lines, TEST, method="document").hypotheses == (" ".join(REF[:4]), " ".join(REF[4:]))
    with pytest.raises(InputError, match="expected text that can be aligned, or 2 documents between empty lines"):
        resegment(["Quantum chips need cooling.", "Xylophones, alas, rust!", "Seven zebras graze."], TEST)


def test_equal_counts_that_are_shifted_are_aligned_all_the_same():
    lines = TestSet((tuple(f"the {w} {w}s of {w}land came to {w}ville." for w in map(str, range(100, 130))),))
    ref = lines.references[0]
    found = resegment([*ref[1:], "one more line that nobody asked for."], lines)
    assert found.method == "bead+soft"
    assert found.hypotheses[1:-1] == ref[1:-1]


def test_ids_join_exactly():
    ids = tuple("abcdef")
    lines = ["5a", "5b", "2", "3 and 4 together", "6"]
    found = by_ids(lines, ["e", "e", "b", ("c", "d"), "f"], TEST, segments=ids)
    assert found.hypotheses[0] == ""
    assert found.hypotheses[1] == "2"
    assert found.hypotheses[4:] == ("5a 5b", "6")
    assert words(found.hypotheses[2:4]) == "3 and 4 together"
    assert (found.method, found.empty) == ("ids", 1 + sum(not one for one in found.hypotheses[2:4]))


@pytest.mark.parametrize(
    ("ids", "error", "said"),
    [
        (["a", "z"], InputError, "system:2: expected an id of the test set, found 'z'"),
        (["a", ("b", "d")], InputError, "system:2: expected one id, or several of segments that follow each other"),
        (["a"], CountError, "ids: expected 2 lines as in system, found 1 line"),
    ],
)
def test_wrong_ids_are_refused(ids, error, said):
    with pytest.raises(error, match="^" + said.replace("(", r"\(")):
        by_ids(["x", "y"], ids, TEST, segments=tuple("abcdef"))


def test_other_refusals():
    with pytest.raises(InputError, match="at least one line with text"):
        resegment(["", " "], TEST)
    with pytest.raises(InputError, match="system:2: expected a document of town, found 'x'"):
        resegment(["a", "b"], TEST, documents=["night", "x"])
    with pytest.raises(CountError, match="documents: expected 2 lines"):
        resegment(["a", "b"], TEST, documents=["night"])
    with pytest.raises(CountError, match="expected 6 lines"):
        resegment(["a", "b"], TEST, method="lines")
    with pytest.raises(InputError, match="ids of its segments, found none"):
        by_ids(["a"], ["a"], TEST)
    with pytest.raises(InputError, match="every id once, found 'a' twice"):
        by_ids(["a"], ["a"], TEST, segments=tuple("aabcde"))


line = st.text(st.sampled_from("abc .,!?\"'AB7é猫。"), max_size=30)


@given(
    st.lists(line, min_size=1, max_size=8).filter(lambda lines: any(one.strip() for one in lines)),
    st.lists(line, min_size=1, max_size=8),
    st.sampled_from(["bead+soft", "soft", "document", None]),
)
def test_every_word_is_kept_once_and_in_order(lines, ref, method):
    found = resegment(lines, TestSet((tuple(ref),)), method=method)
    assert words(found.hypotheses) == words(lines)
    assert found.unit == "document" or len(found.hypotheses) == len(ref)
    assert 0 <= found.coverage <= 1
    json.dumps(asdict(found) | {"signature": str(found.signature)})


def test_japanese_has_no_blanks_between_sentences():
    test = TestSet((("猫がいる。", "犬は庭にいる。", "鳥が鳴いた。"),), src_lang="en", tgt_lang="ja")
    found = resegment(["猫がいます。犬は庭にいます。鳥が鳴きました。"], test)
    assert found.hypotheses == ("猫がいます。", "犬は庭にいます。", "鳥が鳴きました。")


def read(path):
    return tuple(path.read_text("utf-8").removesuffix("\n").split("\n"))


@pytest.fixture(scope="module")
def news():
    return TestSet((read(NEWS / "ref.en"),), documents=read(NEWS / "docids.txt"), name="newstest2021 ja-en")


@needs_news
@pytest.mark.parametrize("system", ["Online-B", "WeChat-AI"])  # the one that loses most of sixteen, and the best
def test_news_without_its_lines_scores_as_with_them(news, system):
    # the bars of the project's field notes, section 8; scripts/bench_resegment.py has all sixteen systems
    found = measure(read(NEWS / "systems" / f"{system}.en"), news)
    assert abs(found.bleu) <= 0.25
    assert abs(found.chrf) <= 0.5
    assert found.exact >= 0.8


@needs_news
def test_one_sentence_dropped_from_each_document(news):
    lines = read(NEWS / "systems" / "Online-W.en")
    true, texts = list(lines), []
    for _, a, b in news.spans():
        true[(a + b) // 2] = ""
        texts.append(" ".join(true[a:b]))
    found = resegment(texts, news)
    oracle, after = (table("bleu", side, news.references).score() for side in (true, found.hypotheses))
    assert abs(after - oracle) <= 0.25
    assert 50 <= found.empty <= 110  # 81 documents


@needs_news
@pytest.mark.slow
def test_all_systems_of_news(news):
    for path in sorted((NEWS / "systems").glob("*.en")):
        found = measure(read(path), news)
        assert (abs(found.bleu) <= 0.25, abs(found.chrf) <= 0.5, found.exact >= 0.8) == (True, True, True), path.stem
