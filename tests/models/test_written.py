"""Pieces that are never written: which, and that the rest keep their proportions. The truth is Unicode's names and transformers' logits."""

from __future__ import annotations

import json
import shutil
import unicodedata

import pytest

from mt.models.convert import converted
from mt.models.marian import TOKENIZER, UNKNOWN, read_directory
from mt.models.marian_ct2 import open_ct2
from mt.models.registry import find, open_model
from mt.models.written import unwritten
from mt.types import DecodingOptions
from tests.fakes import write_marian

EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC")
PAIRS = [("猫がいる。", "There is a cat."), ("彼は学校へ行った。", "He went to school."), ("犬", "")]


@pytest.fixture(scope="module")
def starter():
    model = open_ct2(find("starter"), compute_type="float32", inter_threads=1)
    yield model
    model.close()


def test_what_is_left_out_is_named_east_asian_and_what_is_kept_is_not():
    pieces = read_directory(find("starter"), every_script=True).target_pieces
    never = unwritten(pieces, "en")
    for number, piece in enumerate(pieces):
        named = any(unicodedata.name(c, "").startswith(EAST_ASIAN) for c in piece if not c.isspace())
        if named:
            assert number in never, piece
        elif number in never:  # marks of those blocks whose names say less, such as 。 and 々
            assert all(ord(c) >= 0x2E80 for c in piece if c != "▁" and not c.isascii()), piece


@pytest.mark.parametrize("lang", ["en", "eng", "EN", "en-GB", "en_Latn", "de"])
def test_languages_in_latin_script_by_all_their_names(lang):
    assert unwritten(["a", "猫"], lang) == {1}


@pytest.mark.parametrize("lang", ["ja", "jpn", "zh", "ko", "ru", "mul", "", "enm"])
def test_other_and_unknown_languages_keep_every_piece(lang):
    assert not unwritten(["a", "猫"], lang)


def test_marks_that_steer_decoding_are_kept_whatever_they_look_like(tmp_path):
    path = write_marian(tmp_path / "small")
    (path / TOKENIZER).write_text(json.dumps({"target_lang": "en"}), encoding="utf-8")
    read = read_directory(path)
    assert read.unwritten
    steering = {read.config.eos_token_id, read.config.pad_token_id, read.config.decoder_start_token_id}
    assert not read.unwritten & steering
    assert not read_directory(path, every_script=True).unwritten


def test_both_kinds_of_a_model_have_cache_entries_and_signatures_of_their_own(starter):
    whole = open_model("starter", compute_type="float32", threads=1, every_script=True)
    assert str(starter.signature) == f"{whole.signature}|script:latin"
    directories = [read_directory(find("starter"), every_script=every) for every in (False, True)]
    assert converted(directories[0], "float32").path != converted(directories[1], "float32").path
    whole.close()


def test_what_it_never_writes_is_unknown_as_a_target(starter):
    [pieces] = starter.encode_target(["猫 cat"])
    assert UNKNOWN in pieces and pieces[-1] == "▁cat"
    [scores] = starter.force(starter.encode(["猫"]), [pieces])
    assert len(scores) == len(pieces) + 1
    assert starter.encode(["猫 cat"]) != [pieces], "a source is read in every script"


@pytest.mark.torch
def test_probabilities_are_those_of_the_whole_model_shared_among_the_pieces_left(starter):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    theirs = transformers.MarianMTModel.from_pretrained(find("starter"), dtype=torch.float32).eval()
    read = read_directory(find("starter"))
    left = [n for n in range(len(read.target_pieces)) if n not in read.unwritten and n != read.config.pad_token_id]
    numbers = {piece: n for n, piece in enumerate(read.target_pieces)}
    sources, targets = starter.encode([s for s, _ in PAIRS]), starter.encode_target([t for _, t in PAIRS])
    for src, tgt, found in zip(sources, targets, starter.force(sources, targets), strict=True):
        inputs, labels = (torch.tensor([[numbers[p] for p in [*side, "</s>"]]]) for side in (src, tgt))
        with torch.inference_mode():
            logits = theirs(input_ids=inputs, labels=labels).logits[0].double()
        expected = logits.gather(1, labels[0][:, None])[:, 0] - logits[:, left].logsumexp(-1)
        assert found == pytest.approx(expected.tolist(), abs=2e-4)


def test_a_piece_the_whole_model_would_write_is_not_written(tmp_path):
    """A toy whose favourite piece is Japanese: told that it writes English, it writes something else; told every script, that piece."""
    path = write_marian(tmp_path / "toy", seed=11)
    whole = open_ct2(path, compute_type="float32", inter_threads=1)
    wanted = whole.translate_batch([["猫"]], DecodingOptions(beam_size=1), 8)[0].text
    whole.close()
    assert unwritten([wanted], "en"), "expected a toy that writes Japanese"
    told = tmp_path / "told"
    shutil.copytree(path, told)
    (told / TOKENIZER).write_text(json.dumps({"target_lang": "eng"}), encoding="utf-8")
    for every, text in ((True, wanted), (False, None)):
        model = open_ct2(told, compute_type="float32", inter_threads=1, every_script=every)
        found = model.translate_batch([["猫"]], DecodingOptions(beam_size=1), 8)[0].text
        model.close()
        assert found == text if text else not unwritten([found], "en")
