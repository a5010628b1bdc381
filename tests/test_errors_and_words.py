"""The words everybody speaks: what they refuse."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt import errors
from mt.signature import Signature
from mt.types import Alignment, Bead, DecodingOptions, Document, Hypothesis, Links, Pair, Score, Segment


def test_every_user_error_exits_2_and_every_other_1():
    user = {errors.InputError, errors.ConfigError, errors.ModelError, errors.OutputError}
    assert {e.exit_code for e in user} == {2}
    assert errors.MTError.exit_code == errors.EngineError.exit_code == 1


@pytest.mark.parametrize(
    "error",
    [
        errors.MTError("something inside failed"),
        errors.InputError("a.txt", "two columns", "one", line=7),
        errors.EncodingError("a.txt", "UTF-8", "something else"),
        errors.CountError("hyp.txt", 30, "ref.txt", 31, "paragraph", hint="they part at line 4"),
        errors.ConfigError("beam_size", "a whole number", "0", path="run.toml", line=3),
        errors.OptionError("beam_size", "a number from 1 to 64", 0),
        errors.ModelError("models/x", "a folder", "nothing there", hint="mt models list"),
        errors.OutputError("/proc/x", "Permission denied"),
        errors.EngineError("out of memory"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_comes_whole_out_of_another_process(error):
    # a pool of processes whose answer cannot be unpickled is broken for concurrent.futures, and hangs for multiprocessing
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Segment("猫", 0, 2),
        lambda: Segment("", 0, 0),
        lambda: Segment("猫", 0, 1, -1),
        lambda: Document("d", "ja", "猫犬", (Segment("猫", 0, 1),)),  # 犬 is in no segment
        lambda: Document("d", "ja", "猫犬", (Segment("犬", 1, 2),)),
        lambda: Document("d", "ja", "猫犬", (Segment("犬", 0, 1), Segment("犬", 1, 2))),  # not the text there
        lambda: Document("d", "ja", "猫犬", (Segment("猫", 0, 1, 0), Segment("犬", 1, 2, 2))),  # paragraph 1 is missing
        lambda: Document("d", "ja", "猫", (Segment("猫", 0, 1, 1),)),
        lambda: Bead(range(0), range(0)),
        lambda: Bead(range(0, 4, 2), range(0, 1)),
        lambda: Alignment("a", "b", (Bead(range(1, 2), range(0, 1)),)),
        lambda: Alignment("a", "b", (Bead(range(0, 1), range(0, 1)), Bead(range(0, 1), range(1, 2)))),
        lambda: Links((((0, 0), (0, 1)),)),
        lambda: Links((((1, 2), (0, 1)), ((0, 1), (0, 1)))),
        lambda: Pair("", "a", "b", "mt"),
        lambda: Hypothesis("a\nb", None, 1),
        lambda: Hypothesis("a", 0.5, 1),
        lambda: Hypothesis("a", float("nan"), 1),
        lambda: Score("BLEU", float("inf"), None, None, Signature.of(a=1)),
        lambda: Score("BLEU", 1.0, 2.0, None, Signature.of(a=1)),
        lambda: Score("BLEU", 1.0, 2.0, 1.0, Signature.of(a=1)),
        lambda: DecodingOptions(beam_size=0),
        lambda: DecodingOptions(beam_size=65),
        lambda: DecodingOptions(length_penalty=-1),
        lambda: DecodingOptions(repetition_penalty=0.5),
        lambda: DecodingOptions(max_source_pieces=7),
        lambda: Signature.of(a="x|y"),
        lambda: Signature.of(a=""),
        lambda: Signature((("a", "1"), ("a", "2"))),
        lambda: Signature((("A", "1"),)),
        lambda: Signature.parse("a"),
    ],
)
def test_a_value_that_cannot_be_is_refused(make):
    with pytest.raises(ValueError, match=r"expected|overlaps|in no segment|follows|stands in|starts at"):
        make()


def test_null_beads_keep_the_place_of_the_other_side():
    a = Alignment("a", "b", (Bead(range(0, 1), range(0, 0)), Bead(range(1, 2), range(0, 2), 0.5)))
    assert len(a.beads) == 2


def test_rebuild_refuses_another_number_of_sentences():
    d = Document("d", "ja", "猫", (Segment("猫", 0, 1),))
    with pytest.raises(ValueError, match="expected 1 sentences, found 2"):
        d.rebuild(["a", "b"])


def test_rebuild_keeps_paragraphs_and_outer_white_space():
    text = "　猫。犬。\n\n鳥。\n"
    spans = [(1, 3, 0), (3, 5, 0), (7, 9, 1)]
    d = Document("d", "ja", text, tuple(Segment(text[a:b], a, b, p) for a, b, p in spans))
    assert d.rebuild(["Cat.", "Dog.", "Bird."]) == "　Cat. Dog.\n\nBird.\n"
    assert d.paragraphs() == ((0, 1), (2,))
    assert d.paragraph_texts() == ("猫。犬。", "鳥。")
    assert "".join(x for pair in zip(d.gaps(), [*(s.text for s in d.segments), ""], strict=True) for x in pair) == text


value = st.text(st.characters(codec="utf-8", exclude_characters="|\n"), min_size=1)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True), value, min_size=1, max_size=5))
def test_a_signature_is_read_back_as_it_was_written(items):
    s = Signature(tuple(items.items()))
    assert Signature.parse(str(s)) == s
