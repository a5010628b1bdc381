"""Lines of every format: what is not ours goes out as it came in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.documents.rows import Answer, JsonLines, Layout, PlainText, TabSeparated
from mt.errors import ConfigError, InputError, OptionError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ANSWER = Answer("Cat\u2028s", -0.123456, ("split", "numbers"), (("Cats", -0.5), ("A cat", None)), ((0, 0), (1, 2)))


@given(st.dictionaries(st.text(), values, max_size=5), st.booleans(), st.sampled_from(["", "\r", " \t"]))
def test_an_object_goes_out_with_its_fields_in_place_and_order(more, ascii, end):
    record = {**more, "text": "猫\n犬"}
    line = json.dumps(record, ensure_ascii=ascii).replace("\n", "") + end
    rows = JsonLines(Layout(alternatives=True, alignment=True))
    assert rows.text(line, "a.jsonl", 1) == "猫\n犬"
    out = rows.answer(line, ANSWER)
    assert out.endswith(end)
    assert "\n" not in out
    read = json.loads(out)
    if not set(more) & set(JsonLines.ADDED):
        assert out.startswith(line.removesuffix(end)[:-1])  # the very characters
        assert list(read) == [*record, *JsonLines.ADDED]
    # Python 3.11's json can write surrogates' halves; equality of parsed values covers them
    assert {k: v for k, v in read.items() if k not in JsonLines.ADDED} == {
        k: v for k, v in record.items() if k not in JsonLines.ADDED
    }
    assert {k: read[k] for k in JsonLines.ADDED} == {
        "translation": "Cat\u2028s",
        "score": -0.1235,
        "flags": ["split", "numbers"],
        "alternatives": [{"text": "Cats", "score": -0.5}, {"text": "A cat", "score": None}],
        "alignment": "0-0 1-2",
    }


def test_an_answered_file_can_be_answered_again():
    rows = JsonLines(Layout())
    once = rows.answer('{"translation": "old", "text": "猫", "x": "\\ud800"}', Answer("Cat", -1.0))
    assert once == '{"translation": "Cat", "text": "猫", "x": "\\ud800", "score": -1.0, "flags": []}'
    assert rows.answer(once, Answer("Cat", -1.0)) == once
    assert rows.answer('{"text": "…"}', Answer("…", None, ("passed-through",))).endswith(
        '"score": null, "flags": ["passed-through"]}'
    )


def test_numbers_are_not_rewritten():
    line = '{"a": 1.50, "b": 1e400, "c": 100000000000000000000, "text" : "猫" }'
    rows = JsonLines(Layout())
    rows.text(line, "a", 1)
    assert rows.answer(line, Answer("Cat")).startswith(line[:-2] + ", ")


def test_half_a_surrogate_pair_becomes_a_mark_of_replacement():
    assert JsonLines(Layout()).text('{"text": "猫\\ud800"}', "a", 1) == "猫\ufffd"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "a.jsonl:7: expected a JSON object, found an empty line"),
        ('{"text": "猫"', "a.jsonl:7: expected a JSON object, found Expecting ',' delimiter in column 13"),
        ('"猫"', "a.jsonl:7: expected a JSON object, found a str"),
        ('{"text": NaN}', "a.jsonl:7: expected a JSON object, found NaN, which is no JSON"),
        ("[" * 100_000, "a.jsonl:7: expected a JSON object, found one nested too deeply"),
        ('{"src": "猫"}', "a.jsonl:7: expected a text in the field 'text', found only src"),
        ("{}", "a.jsonl:7: expected a text in the field 'text', found only nothing"),
        ('{"text": 7}', "a.jsonl:7: expected a text in the field 'text', found a int there"),
        ('{"text": "猫", "score": 1e400}', "a.jsonl:7: expected numbers below 1.8e308, found a larger one"),
    ],
)
def test_malformed_lines_name_file_and_line(line, said):
    with pytest.raises(InputError) as e:
        JsonLines(Layout()).text(line, "a.jsonl", 7)
    assert str(e.value) == said


@given(
    st.lists(st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"])), min_size=1, max_size=5),
    st.data(),
)
def test_a_row_goes_out_with_its_cells_and_more_behind_them(cells, data):
    column = data.draw(st.integers(1, len(cells)))
    line = "\t".join(cells)
    rows = TabSeparated(Layout(column=column, scores=True, alignment=True))
    assert rows.text(line, "a.tsv", 1) == (
        cells[column - 1].removesuffix("\r") if column == len(cells) else cells[column - 1]
    )
    out = rows.answer(line, Answer("a\tb", -0.5, ("split", "numbers"), alignment=((0, 0), (1, 0))))
    assert out.removesuffix("\r").split("\t") == [
        *line.removesuffix("\r").split("\t"), "a b", "-0.5000", "split,numbers", "0-0 1-0",
    ]  # fmt: skip
    assert out.endswith("\r") == line.endswith("\r")


def test_a_row_with_too_few_columns():
    with pytest.raises(InputError, match=r"a\.tsv:3: expected 2 columns, found 1 column"):
        TabSeparated(Layout(column=2)).text("猫", "a.tsv", 3)


def test_text_with_what_was_asked_for():
    a = Answer("Cat", None, alignment=((0, 0),))
    assert PlainText(Layout()).answer("猫", Answer("a\tb\r")) == "a\tb\r"
    assert PlainText(Layout(scores=True)).answer("猫", a) == "\tCat"  # not measured is an empty cell
    assert PlainText(Layout(alignment=True)).answer("猫\r", Answer("Cat\r", None)) == "Cat\t\r"


def test_formats_go_by_name_unless_they_are_named():
    assert [Layout().of(n).kind for n in ("a.JSONL", "a.ndjson", "a.tsv", "a.ja.txt", "-")] == [
        "jsonl",
        "jsonl",
        "tsv",
        "text",
        "text",
    ]
    assert Layout("tsv").of("a.jsonl").kind == "tsv"


def test_only_json_has_room_for_alternatives():
    with pytest.raises(ConfigError, match="--num-hypotheses: expected JSON lines"):
        Layout(alternatives=True).of("a.txt")


@pytest.mark.parametrize("wrong", [{"column": 0}, {"field": ""}, {"field": "score"}])
def test_layouts_out_of_range(wrong):
    with pytest.raises(OptionError):
        Layout(**wrong)
