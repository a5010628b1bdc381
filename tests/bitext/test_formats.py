"""TSV, JSON lines and TMX: what is written is what an independent reader finds."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.storage import tmx as toolkit

from mt.bitext import jsonl, tmx, tsv
from mt.types import Pair

NASTY = 'a<b & "c" \']]> 猫　😀 \u2028 e\u0301'
sentence = st.text(st.characters(codec="utf-8"), min_size=1)


def pairs_of(*sides):
    return [Pair(str(n), src, tgt, "mt:x", {"logprob": -1.25}) for n, (src, tgt) in enumerate(sides)]


def test_translate_toolkit_reads_the_same_pairs_from_our_tmx():
    pairs = pairs_of((NASTY, "Cat"), ("犬\nいる", "Dog & <b>"))
    text = tmx.dumps(pairs, src_lang="ja", tgt_lang="en", tool_version="0")
    store = toolkit.tmxfile(io.BytesIO(text.encode()), "ja", "en")
    assert [(u.source, u.target) for u in store.units] == [(p.src, p.tgt) for p in pairs]
    assert [u.getid() for u in store.units] == ["0", "1"]


def test_tmx_has_what_the_specification_requires():
    # TMX 1.4b: header attributes without default; tu holds (note|prop)* then tuv+; tuv holds (note|prop)* then seg
    root = ET.fromstring(tmx.dumps(pairs_of((NASTY, "x")), src_lang="ja", tgt_lang="en", tool_version="0"))
    assert (root.tag, root.get("version"), [c.tag for c in root]) == ("tmx", "1.4", ["header", "body"])
    required = {"creationtool", "creationtoolversion", "segtype", "o-tmf", "adminlang", "srclang", "datatype"}
    assert required <= root[0].attrib.keys()
    assert root[0].get("segtype") in {"block", "paragraph", "sentence", "phrase"}
    for tu in root[1]:
        tags = [c.tag for c in tu]
        assert tags == sorted(tags)  # prop before tuv
        for tuv in tu.iter("tuv"):
            assert tuv.get("{http://www.w3.org/XML/1998/namespace}lang") in {"ja", "en"}
            assert [c.tag for c in tuv] == ["seg"]


@given(sentence)
def test_tmx_keeps_every_character_xml_can_hold(text):
    root = ET.fromstring(tmx.dumps(pairs_of((text, "x")), src_lang="ja", tgt_lang="en", tool_version="0"))
    found = root.find(".//seg").text
    # the Char production of XML 1.0, written out
    legal = "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
    assert found == legal


@given(st.lists(st.tuples(sentence, sentence)))
def test_tsv_has_one_line_and_two_cells_a_pair(sides):
    text = tsv.dumps(pairs_of(*sides))
    rows = text.split("\n")
    assert len(rows) == len(sides) + 1
    assert rows.pop() == ""
    assert all(row.count("\t") == 1 for row in rows)


@given(st.lists(st.tuples(sentence, sentence)))
def test_json_lines_come_back(sides):
    pairs = pairs_of(*sides)
    text = jsonl.dumps(jsonl.pair_record(p) for p in pairs)
    assert not {"\u2028", "\u2029"} & set(text)
    back = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [(r["src"], r["tgt"], r["scores"]) for r in back] == [(p.src, p.tgt, {"logprob": -1.25}) for p in pairs]


def test_json_refuses_numbers_that_json_has_not():
    with pytest.raises(ValueError, match="not JSON compliant"):
        jsonl.dumps([{"x": float("nan")}])
