"""Files of judgements. Expected values are written by hand from the formats' descriptions; WMT21's from its published tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mt.bitext.human import Judgement, Span, plain_names, read_human, segment_scores, system_scores
from mt.bitext.human_appraise import parse_spans
from mt.bitext.human_mqm import unquoted
from mt.bitext.human_pearmut import campaign, read_pearmut, write_campaign
from mt.bitext.human_place import in_characters, placed
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
        ("\tMajor\n", "\n", "a.tsv:2"),
    ],
)
def test_bad_mqm_is_refused(tmp_path, old, new, said):
    with pytest.raises(InputError) as e:
        read_human(write(tmp_path / "a.tsv", MQM.replace(old, new, 1)))
    assert said in str(e.value)


def test_a_mark_without_its_other_one_reaches_to_the_end_of_the_text(tmp_path):
    # as in one row of each TED file of WMT21
    text = MQM.replace('<v>"dog"</v>.', '<v>"dog".', 1).replace('A "dog"<v>.</v>', 'A "dog"</v>.', 1)
    first = read_human(write(tmp_path / "a.tsv", text)).judgements[0]
    assert [(one.start, one.end) for one in first.errors] == [(2, 8), (0, 7)]


def test_texts_of_newstest2020_lose_the_quotation_marks_around_them(tmp_path):
    quoted = MQM.replace('A <v>"dog"</v>.', '"A <v>""dog""</v>."', 1).replace(
        'A "dog"<v>.</v>', '"A ""dog""<v>.</v>"', 1
    )
    assert (
        read_human(write(tmp_path / "a.tsv", quoted)).judgements
        == read_human(write(tmp_path / "b.tsv", MQM)).judgements
    )
    assert unquoted('"A" or "B"') == '"A" or "B"'


def test_texts_damaged_to_test_raters_are_left_out(tmp_path):
    text = MQM + "X\td\t1\t3\tr1\t鳥。\tA stone.\tFound\tHOTW-test\n"
    found = read_human(write(tmp_path / "a.tsv", text))
    assert (len(found.judgements), found.left_out) == (3, {"attention check": 1})


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


def test_files_of_several_languages_give_those_asked_for(tmp_path):
    # WMT24's hold en-ja beside en-zh: the same systems, documents and numbers
    text = ESA.replace("u1,X,1,TGT,jpn,eng,70,d2,False", "u1,X,1,TGT,zho,eng,70,d2,False")
    judgements = read_human(write(tmp_path / "a.csv", text)).judgements
    found = placed(judgements, TEXTS, documents=["d1", "d2"], langs=("ja", "en"))
    assert [n for n, _ in found.judgements] == [0]
    assert found.lost == {"of zh-en, not ja-en": 1}


def test_the_last_of_an_annotators_judgements_counts(tmp_path):
    text = "u,X,1,TGT,jpn,eng,60,d,False,[],50,60\nu,X,1,TGT,jpn,eng,80,d,False,[],30,40\nv,X,1,TGT,jpn,eng,7,d,False,[],1,2\n"
    found = read_human(write(tmp_path / "a.csv", text))
    assert [(j.annotator, j.score) for j in found.judgements] == [("u", 60.0), ("v", 7.0)]
    assert found.left_out == {"judged again by the same annotator": 1}


def test_spans_of_a_browser_count_a_character_outside_the_first_plane_twice(tmp_path):
    text = ESA.replace('""start_i"": 2, ""end_i"": 4', '""start_i"": 4, ""end_i"": 6')
    found = placed(
        read_human(write(tmp_path / "a.csv", text)).judgements, {"X": ["😀A cat", "No."]}, documents=["d1", "d2"]
    )
    [span] = found.judgements[0][1].errors
    assert "😀A cat"[span.start : span.end] == "cat"  # 7 units, 6 characters
    assert in_characters(found.judgements[0][1], "") == found.judgements[0][1]  # they are characters now


def test_a_canary_line_that_numbers_do_not_count_is_found_out(tmp_path):
    judgements = read_human(write(tmp_path / "a.csv", ESA)).judgements
    where = placed(judgements, {"X": ["canary", *TEXTS["X"]]}, documents=["canary", "d1", "d2"])
    assert (where.base, [n for n, _ in where.judgements]) == (-1, [1, 2])


def test_one_judgement_in_a_hundred_need_not_fit():
    many = [Judgement("X", "u", str(n + 1), "d", 50.0) for n in range(150)]
    texts, documents = {"X": ["a"] * 151}, ["d"] * 151
    odd = [*many[:-1], Judgement("X", "u", "151", "e", 50.0)]
    with pytest.raises(InputError, match="several"):
        placed(many, texts, documents=documents)
    found = placed(odd, texts, documents=documents, base=1)
    assert (len(found.judgements), found.lost) == (149, {"its document or spans do not fit the line": 1})
    with pytest.raises(InputError, match="none"):
        placed(odd[-50:], texts, documents=documents, base=1)


def test_mqm_by_appraise_has_lists_of_types_and_no_scores(tmp_path):
    text = (
        'u,wmt23.X,9,TGT,jpn,eng,0,d1#X,False,"[{""start_i"": 2, ""end_i"": 4, ""severity"": ""minor"", '
        '""error_type"": [""Accuracy"", ""Addition""]}]",10,25\nu,wmt23.X,8,TGT,jpn,eng,0,d2#X,False,[],10,25\n'
    )
    found = read_human(write(tmp_path / "a.csv", text))
    assert found.protocol == "mqm"
    assert [(j.document, j.score) for j in found.judgements] == [("d1", None), ("d2", None)]
    assert found.judgements[0].errors == (Span(2, 5, "minor", "Accuracy/Addition"),)


def test_wmt22s_segments_have_nine_fields_and_systems_names_of_files(tmp_path):
    text = "username,system,itemId,itemType,srcLang,trgLang,score,timeStart,timeEnd\n"
    text += "u,generaltest2022.ja-en.hyp.X.en.txt,2,TGT,jpn,eng,67,1,4\nu,generaltest2022.ja-en.hyp.X.en.txt,1,BAD,jpn,eng,5,1,4\n"
    found = read_human(write(tmp_path / "a.csv", text))
    assert (found.protocol, found.left_out) == ("da", {"BAD": 1})
    assert placed(found.judgements, {"X": ["a", "b"]}, base=1).judgements[0][0] == 1


def test_a_document_with_a_damaged_text_does_not_count(tmp_path):
    row = "u,X,{},{},jpn,eng,60,d1,{},1,{}\n".format
    text = (
        row(1, "BAD", False, 2) + row(2, "TGT", False, 3) + row(2, "TGT", True, 4)
    )  # a copy, ended by the document's score
    text += row(1, "TGT", False, 5) + row(2, "TGT", False, 6)
    found = read_human(write(tmp_path / "a.csv", text))
    assert [j.line for j in found.judgements] == [4, 5]
    assert found.left_out == {"BAD": 1, "in a document with an attention check": 1, "score of a document": 1}


SPAN = {"start_i": 0, "end_i": 1, "severity": "minor"}
SCORED = {"score": 70, "annotator": "u", "errors": [SPAN], "times": ["1", "4"], "protocol": "ESA"}
BASE = {"doc_id": "ja-en_#_news_#_d1_#_7", "src_text": "猫。", "tgt_text": {"X": "😀 A cat."}}
FLAT = {
    "langs": "ja-en",
    "line_id": 7,
    "src": "猫。",
    "tgt": "😀 A cat.",
    "doc_id": "d1",
    "times": ["1", "4"],
    "system": "X",
}


@pytest.mark.parametrize(
    "row",
    [
        BASE | {"scores": {"X": [SCORED]}},
        BASE | {"scores": {"X": {"human": 70.0, "errors": [SPAN]}}},
        FLAT | {"esa_spans": [SPAN], "esa_score": "70", "annotator": "u"},
    ],
)
def test_wmts_json_lines_are_joined_by_text(tmp_path, row):
    found = read_human(write(tmp_path / "a.jsonl", json.dumps(row) + "\n"))
    [one] = found.judgements
    assert (one.system, one.score, one.document, one.langs) == ("X", 70.0, "d1", ("ja", "en"))
    assert one.errors == (Span(0, 1, "minor"),)  # one character of two units
    assert placed([one], {"X": ["No.", "😀 A cat."]}, langs=("ja", "en")).judgements[0][0] == 1


@pytest.mark.parametrize(
    "row",
    [
        BASE | {"scores": {"X": [SCORED | {"score": 101}]}},
        BASE | {"scores": {"X": [SCORED | {"protocol": "other"}]}},
        BASE | {"scores": {"X": [SCORED, SCORED | {"protocol": "MQM"}]}},
        BASE | {"scores": {}},
    ],
)
def test_other_json_lines_are_refused(tmp_path, row):
    with pytest.raises(InputError, match=r"scores as WMT|of one protocol"):
        read_human(write(tmp_path / "a.jsonl", json.dumps(row) + "\n"))


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
