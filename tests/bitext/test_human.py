"""Files of judgements. Expected values are written by hand from the formats' descriptions; WMT21's from its published tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mt.bitext.human import Judgement, Span, placed, plain_names, read_human, segment_scores, system_scores
from mt.bitext.human_appraise import parse_spans
from mt.bitext.human_pearmut import campaign, read_pearmut, write_campaign
from mt.bitext.testsets import TestData
from mt.errors import InputError

MQM = (
    "system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity\n"
    'X\td\t1\t1\tr1\t猫。\tA <v>"dog"</v>.\tAccuracy/Mistranslation\tMajor\n'
    'X\td\t1\t1\tr1\t猫。\tA "dog"<v>.</v>\tFluency/Punctuation\tMinor\n'
    "X\td\t1\t2\tr1\t<v>犬</v>。\tYes.\tAccuracy/Omission\tMajor\n"
    "X\td\t1\t2\tr2\t犬。\tYes.\tNo-error\tNo-error\n"
)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_mqm_rows_are_gathered_and_their_spans_end_behind_the_last_character(tmp_path):
    found = read_human(write(tmp_path / "a.tsv", MQM))
    first, second, third = found.judgements
    assert (first.segment, first.annotator, first.tgt) == ("1", "r1", 'A "dog".')
    assert first.errors == (
        Span(2, 7, "major", "Accuracy/Mistranslation"),
        Span(7, 8, "minor", "Fluency/Punctuation"),
    )
    assert first.tgt[2:7] == '"dog"'
    assert second.errors == (Span(0, 1, "major", "Accuracy/Omission", in_source=True),)
    assert (third.annotator, third.errors) == ("r2", ())


def test_wmt24s_heads_and_canary_are_understood(tmp_path):
    text = "canary\tdo not train on this\n" + MQM.replace("seg_id", "globalSegId", 1)
    assert len(read_human(write(tmp_path / "a.tsv", text)).judgements) == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rater", "who", "a line of heads"),
        ("</v>.\tAccuracy", ".\tAccuracy", "one <v> before each </v>"),
        ("\tMajor\n", "\n", "a.tsv:2"),
    ],
)
def test_bad_mqm_is_refused(tmp_path, old, new, said):
    with pytest.raises(InputError) as e:
        read_human(write(tmp_path / "a.tsv", MQM.replace(old, new, 1)))
    assert said in str(e.value)


ESA = (
    'u1,X,0,TGT,jpn,eng,90,d1,False,"[{""start_i"": 2, ""end_i"": 4, ""severity"": ""minor"", ""error_type"": null}]",10,25\n'
    'u1,X,1,TGT,jpn,eng,70,d2,False,"[{""start_i"": ""missing"", ""end_i"": ""missing"", ""severity"": ""major""}]",25,30\n'
    "u1,X,1,BAD,jpn,eng,3,d2,False,[],30,31\n"
    "u1,X,1,TGT,jpn,eng,3,d2#dup,False,[],30,31\n"
    "u1,X,1,TGT,jpn,eng,3,d2,True,[],30,31\n"
)
TEXTS = {"X": ["A cat.", "No."]}


def test_esa_ends_are_inclusive_in_the_file_and_exclusive_here(tmp_path):
    found = read_human(write(tmp_path / "a.csv", ESA))
    assert found.protocol == "esa"
    assert found.left_out == {"BAD": 1, "#dup": 1, "score of a document": 1}
    first, second = found.judgements
    assert first.errors == (Span(2, 5, "minor"),)
    assert TEXTS["X"][0][2:5] == "cat"
    assert second.errors == (Span(None, None, "major"),)
    assert (first.score, first.seconds) == (90.0, 15.0)


def test_numbers_are_placed_from_the_base_under_which_documents_fit(tmp_path):
    from_0 = read_human(write(tmp_path / "a.csv", ESA)).judgements
    off_by_one = read_human(write(tmp_path / "b.csv", ESA.replace(",1,TGT", ",2,TGT").replace(",0,TGT", ",1,TGT")))
    documents = ["d1", "d2"]
    a, b = (placed(js, TEXTS, documents=documents) for js in (from_0, off_by_one.judgements))
    assert [n for n, _ in a.judgements] == [n for n, _ in b.judgements] == [0, 1]
    assert (a.base, b.base, a.how) == (0, 1, "number")


def test_numbers_that_fit_two_ways_are_refused_unless_the_base_is_said():
    one = [Judgement("X", "u", "1", score=50.0)]
    with pytest.raises(InputError, match="several"):
        placed(one, {"X": ["a", "b"]})
    assert placed(one, {"X": ["a", "b"]}, base=1).judgements[0][0] == 0
    with pytest.raises(InputError, match="none"):
        placed([Judgement("X", "u", "9", score=50.0)], {"X": ["a", "b"]})


def test_da_sqm_counts_within_the_document(tmp_path):
    text = "u,X,1,TGT,jpn,eng,60,d2,False,1,2\nu,X,1,TGT,jpn,eng,80,d1,False,1,2\nu,X,2,TGT,jpn,eng,40,d2,False,1,2\n"
    found = read_human(write(tmp_path / "a.csv", text))
    where = placed(found.judgements, {"X": ["a", "b", "c"]}, documents=["d1", "d2", "d2"])
    assert (where.how, where.base) == ("document and number", 1)
    assert [n for n, _ in where.judgements] == [1, 0, 2]


def test_texts_decide_where_there_are_any():
    # ids of the file are shuffled; the repeated text is told apart by its source
    rows = [("9", "Yes.", "うん。"), ("1", "A  cat.", "猫。"), ("4", "Yes.", "はい。"), ("5", "Gone.", "x")]
    js = [Judgement("X.3", "u", id, score=1.0, src=src, tgt=tgt) for id, tgt, src in rows]
    found = placed(js, {"X": ["Yes.", "A cat.", "Yes."]}, src=["はい。", "猫。", "うん。"])
    assert [n for n, _ in found.judgements] == [2, 1, 0]
    assert found.lost == {"its text is not among the system's": 1}
    assert found.how == "text"


@pytest.mark.parametrize(
    "text", ["u,X,1\n", ESA.replace("90", "190", 1), ESA.replace('"[{""start_i"": 2', '"[{""start_i"": 2,,', 1), ""]
)
def test_bad_exports_are_refused(tmp_path, text):
    with pytest.raises(InputError):
        read_human(write(tmp_path / "a.csv", text))


def test_ratings_of_metrics_eval_have_exclusive_ends_and_count_lines(tmp_path):
    one = '{"errors": [{"start": 2, "end": 5, "category": "Style", "severity": "minor", "score": 1, "is_source_error": false}]}'
    text = f'X\tNone\tr1\nX\t{one}\tr1\nX\t{{"errors": []}}\tr2\nY\t{{"errors": []}}\tr1\nY\tNone\tr1\n'
    found = read_human(write(tmp_path / "ja-en.mqm.seg.rating", text))
    assert [(j.system, j.segment, j.annotator) for j in found.judgements] == [
        ("X", "1", "r1"),
        ("X", "2", "r2"),
        ("Y", "0", "r1"),
    ]
    assert found.judgements[0].errors == (Span(2, 5, "minor", "Style"),)
    where = placed(found.judgements, {"X": ["a", "A cat.", "d"], "Y": ["b", "c", "e"]}, base=found.base)
    assert [n for n, _ in where.judgements] == [1, 2, 0]
    with pytest.raises(InputError):
        read_human(write(tmp_path / "b.rating", "X\t[]\n"))


DATA = TestData(
    "t",
    {"A": ("A cat.", "No.", "Yes.")},
    ("猫。", "いいえ。", "はい。"),
    {"x": ("Cat.", "Nah.", "Yes."), "y": ("Cat.", "No!", "Yep.")},
    ("d", "d", "e"),
)


def test_a_campaign_asks_once_about_equal_texts_and_comes_back_for_all(tmp_path):
    made = campaign(DATA, [2, 0, 1], systems=["x", "y"], spans={"x": {1: [Span(0, 3, "minor")]}})
    first, last = (task[0] for task in made["data"])
    assert [item["item_id"] for item in first] == ["segment-1", "segment-2"]
    assert first[0]["tgt"] == {"x": "Cat."}
    assert first[1]["error_spans"]["x"][0]["end_i"] == 2  # the last character of "Nah", which ends before 3
    assert last[0]["src"] == "はい。"
    write_campaign(tmp_path / "c.json", made)
    assert json.loads((tmp_path / "c.json").read_text("utf-8")) == made
    answer = [{"x": {"score": 80, "error_spans": [{"start_i": 0, "end_i": 2, "severity": "major"}]}}]
    export = [{"user_id": "u", "item": [first[0]], "annotation": answer}]
    found = read_pearmut(write(tmp_path / "e.json", json.dumps(export)))
    assert [(j.system, j.score, j.errors) for j in found.judgements] == [
        ("x", 80.0, (Span(0, 3, "major"),)),
        ("y", 80.0, (Span(0, 3, "major"),)),
    ]
    assert [n for n, _ in placed(found.judgements, DATA.systems, src=DATA.src).judgements] == [0, 0]


@pytest.mark.parametrize("text", ["{", "[]", '[{"user_id": "u"}]'])
def test_bad_annotations_are_refused(tmp_path, text):
    with pytest.raises(InputError):
        read_pearmut(write(tmp_path / "e.json", text))


def test_a_span_marked_from_right_to_left_is_turned_round():
    assert parse_spans('[{"start_i": 5, "end_i": 3, "severity": "major"}]')[0] == Span(3, 6, "major")


def test_only_whole_tables_of_numbered_names_lose_their_numbers():
    assert plain_names(["a.1", "gpt-3.5"]) == {"a.1": "a", "gpt-3.5": "gpt-3"}  # indistinguishable, as in WMT's tables
    assert plain_names(["a", "gpt-3.5"])["gpt-3.5"] == "gpt-3.5"


def test_wmt21s_tables_say_what_was_published():
    folder = Path("../shared/data/wmt21-ja-en/human")
    if not folder.is_dir():
        pytest.skip("no ../shared/data/wmt21-ja-en")
    found = system_scores(folder / "ad-sys-scores-ja-en.csv")
    # the same figures, rounded, stand in the ranking of the findings paper beside them
    assert round(found["z"]["HuaweiTSC"], 3) == 0.141
    assert (round(found["raw"]["KwaiNLP"], 1), round(found["raw"]["XMU"], 1)) == (67.8, 63.5)
    segments = segment_scores(folder / "ad-seg-scores-ja-en.csv")
    assert segments["z"].keys() == found["z"].keys()
    assert sum(len(own) for own in segments["z"].values()) == 14482  # lines of the file less its heads
