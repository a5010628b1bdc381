"""Formats of word alignments: round trips, what is refused, and files of other programs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext.links import FORMATS, LinkLine, dumps, read
from mt.errors import ConfigError, InputError
from mt.text.tokens import given as cut

CELLS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6)
ROWS = st.lists(st.builds(LinkLine.of, CELLS, CELLS), max_size=5)
SRC, TGT = cut("猫 が い る"), cut("there is a cat")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("links") / "file"


@given(ROWS, st.sampled_from(["pharaoh", "talp", "wpt"]), st.sampled_from([None, 0, 1]))
def test_round_trips(place, rows, fmt, base):
    if fmt == "wpt" and base == 0:
        base = 1
    place.write_text("".join(dumps(rows, fmt, base=base)), encoding="utf-8")
    assert read(place, fmt, base=base, pairs=len(rows) if fmt == "wpt" else None) == rows


@given(st.lists(st.builds(LinkLine.of, CELLS, CELLS, st.just(SRC), st.just(TGT)), max_size=4))
def test_json_lines_keep_the_words(place, rows):
    place.write_text("".join(dumps(rows, "jsonl")), encoding="utf-8")
    assert read(place, "jsonl") == rows


def test_json_lines_hold_spans_of_characters():
    [line] = dumps([LinkLine.of([(0, 3)], (), SRC, TGT)], "jsonl")
    record = json.loads(line)
    a, b = record["src_tokens"][record["links"][0][0]]
    c, d = record["tgt_tokens"][record["links"][0][1]]
    assert (record["src"][a:b], record["tgt"][c:d]) == ("猫", "cat")


def test_lines_that_other_programs_write(tmp_path):
    # SimAlign's gold has the pair's number in front, awesome-align's a p for possible; some write confidences behind a colon
    (tmp_path / "a").write_text("7\t0-1 2p3\n\n1-1:0.75\n", encoding="utf-8")
    assert read(tmp_path / "a") == [LinkLine(((0, 1),), ((2, 3),)), LinkLine(()), LinkLine(((1, 1),))]
    # NAACL 2003 shared task: four digits, S and P, confidence; word 0 is the empty word
    (tmp_path / "b.wpt").write_text("0001 1 2 S 1.0\n0003 2 2 P\n0003 0 1 S\n", encoding="utf-8")
    assert read(tmp_path / "b.wpt", pairs=4) == [
        LinkLine(((0, 1),)),
        LinkLine(()),
        LinkLine((), ((1, 1),)),
        LinkLine(()),
    ]


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("a", "0-0\n1-x\n", {}, ":2: expected links like 0-0 or 0p0, found '1-x'"),
        ("a.talp", "1-1\n0-1\n", {}, ":2: expected words counted from 1, found '0-1'"),
        ("a", "1-1 0-1\n", {"base": 1}, ":1: expected words counted from 1, found '0-1'"),
        ("a.wpt", "1 1 1 X\n", {}, ":1: expected PAIR SRC TGT [S|P]"),
        ("a.wpt", "3 1 1\n", {"pairs": 2}, ":1: expected a pair from 1 to 2, found 3"),
        ("a.wpt", "900000000 1 1\n", {}, "pairs numbered without great gaps"),
        ("a.jsonl", "{}\n", {}, ":1: expected src, tgt, src_tokens, tgt_tokens and links, found no src"),
        ("a.jsonl", "[1]\n", {}, ":1: expected a record of links"),
        (
            "a.jsonl",
            '{"src": "a", "tgt": "b", "src_tokens": [[0, 1]], "tgt_tokens": [[0, 1]], "links": [[0, 1]]}\n',
            {},
            "expected words below 1, found 1",
        ),
    ],
)
def test_what_is_no_alignment_is_named_with_its_line(tmp_path, name, text, options, said):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(tmp_path / name, **options)
    assert said in str(caught.value)


def test_unknown_formats_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="format: expected auto or one of"):
        read(tmp_path / "a", "giza")
    with pytest.raises(ConfigError, match="format: expected one of"):
        list(dumps([], "giza"))
    with pytest.raises(ConfigError, match="whose words are not known"):
        list(dumps([LinkLine(())], "jsonl"))
    assert set(FORMATS) == {"pharaoh", "talp", "wpt", "jsonl"}
