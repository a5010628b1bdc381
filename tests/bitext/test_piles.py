"""Piles of sentences and documents: what is read, and every way a line can be wrong."""

from __future__ import annotations

import gzip

import pytest

from mt.bitext import piles
from mt.errors import EncodingError, InputError


def test_lines_and_json_lines_are_the_same_pile(tmp_path):
    (tmp_path / "a.txt").write_text("猫。\n\n犬。\n", encoding="utf-8")
    rows = '{"id": 1, "text": "猫。"}\n\n{"id": "2", "text": ""}\n{"text": "犬。"}\n'
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    assert piles.sentences(tmp_path / "a.txt") == (["1", "2", "3"], ["猫。", "", "犬。"])
    assert piles.sentences(tmp_path / "a.jsonl.gz") == (["1", "2", "4"], ["猫。", "", "犬。"])


def test_documents_come_as_text_or_as_sentences(tmp_path):
    rows = '{"id": "a", "url": "https://x/ja", "text": "猫。犬。"}\n{"sentences": ["猫。", "犬。"]}\n'
    (tmp_path / "d.jsonl").write_text(rows, encoding="utf-8")
    one, two = piles.documents(tmp_path / "d.jsonl")
    assert (one.id, one.url, one.text, one.sentences) == ("a", "https://x/ja", "猫。犬。", None)
    assert (two.id, two.url, two.text, two.sentences) == ("2", "", None, ("猫。", "犬。"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("[1]\n", ":1: expected a JSON object, found a list"),
        ('{"text": "a"}\n{"text"\n', ":2: expected a JSON object, found Expecting ':' delimiter"),
        ('{"id": 1}\n', ":1: expected a text in the field 'text', found only id"),
        ('{"text": 5}\n', ":1: expected a text in the field 'text', found int"),
        ('{"id": 1, "text": ""}\n{"id": "1", "text": ""}\n', ": expected every id once, found '1' twice"),
    ],
)
def test_bad_rows_are_said_with_their_line(tmp_path, rows, said):
    path = tmp_path / "d.jsonl"
    path.write_text(rows, encoding="utf-8")
    for read in (piles.sentences, piles.documents):
        with pytest.raises(InputError) as e:
            read(path)
        assert str(e.value) == f"{path}{said}"


def test_bad_documents_are_said(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text('{"url": 1, "text": ""}\n', encoding="utf-8")
    with pytest.raises(InputError, match="a text as url, found int"):
        piles.documents(path)
    path.write_text('{"sentences": ["a", 1]}\n', encoding="utf-8")
    with pytest.raises(InputError, match="a list of texts as sentences"):
        piles.documents(path)
    path.write_bytes(b"\xff\n")
    with pytest.raises(EncodingError):
        piles.documents(path)


def test_half_a_surrogate_pair_is_no_text(tmp_path):
    (tmp_path / "d.jsonl").write_text('{"text": "a\\ud83d"}\n', encoding="utf-8")
    assert piles.sentences(tmp_path / "d.jsonl")[1] == ["a?"]


def test_tables_hold_one_line_a_row():
    assert piles.table([["a\nb", None, -0.00001]]) == "a b\t\t-0.0000\n"
    assert piles.scored([]) == ""
