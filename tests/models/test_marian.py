"""Reading a MarianMT directory: every file that is missing, corrupt or unsupported is named in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import ModelError
from mt.models.marian import read_directory
from mt.models.marian_ct2 import open_ct2
from mt.models.pieces import Pieces
from mt.models.registry import find
from mt.models.weights import positions, read_weights
from tests.fakes import SENTENCES, save_tensors, write_marian

REQUIRED = ["config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors"]


@pytest.fixture
def fake(tmp_path):
    return write_marian(tmp_path / "fake")


def opened(path: Path) -> str:
    """The message of the error that opening raises."""
    with pytest.raises(ModelError) as caught:
        open_ct2(path)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edited(path: Path, **changes: object) -> None:
    value = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(value), encoding="utf-8")


def tensors(path: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(path / "model.safetensors")


@pytest.mark.parametrize("name", [*REQUIRED, "target_vocab.json"])
@pytest.mark.parametrize("fault", ["missing", "empty", "corrupt", "half", "directory"])
def test_a_missing_or_corrupt_file_is_named(tmp_path, name, fault):
    path = write_marian(tmp_path / "fake", separate=name == "target_vocab.json") / name
    data = path.read_bytes()
    path.unlink()
    if fault == "directory":
        path.mkdir()
    elif fault != "missing":
        path.write_bytes({"empty": b"", "corrupt": b"\xde\xad\xbe\xef" * 500, "half": data[: len(data) // 2]}[fault])
    assert opened(path.parent).startswith(str(path))


def test_generation_config_may_be_absent_but_not_corrupt(fake):
    (fake / "generation_config.json").write_text("[1]")
    assert "generation_config.json: expected a JSON object, found a list" in opened(fake)
    (fake / "generation_config.json").unlink()
    assert read_directory(fake).config.decoder_start_token_id == read_directory(fake).config.pad_token_id


@pytest.mark.parametrize("share", [0.1, 0.37, 0.5, 0.73, 0.9, 0.999])
@pytest.mark.parametrize("name", REQUIRED)
def test_a_file_cut_anywhere_is_an_error_that_names_it(fake, name, share):
    path = fake / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert name in opened(fake)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "t5"}, 'model_type: "marian", found "t5"'),
        ({"normalize_before": True}, "normalize_before: false, found true"),
        ({"normalize_embedding": True}, "normalize_embedding: false, found true"),
        ({"static_position_embeddings": False}, "static_position_embeddings: true, found false"),
        ({"add_final_layer_norm": True}, "add_final_layer_norm: false, found true"),
        ({"is_decoder": True}, "is_decoder: false, found true"),
        ({"forced_bos_token_id": 3}, "forced_bos_token_id: null, found 3"),
        (
            {"activation_function": "tanh"},
            "activation_function: one of relu, gelu, gelu_new, swish, silu, found 'tanh'",
        ),
        ({"d_model": "16"}, "d_model: a whole number from 1, found '16'"),
        ({"d_model": 0}, "d_model: a whole number from 1, found 0"),
        ({"encoder_layers": True}, "encoder_layers: a whole number from 1, found True"),
        ({"decoder_attention_heads": 3}, "decoder_attention_heads: a divisor of d_model 16, found 3"),
        ({"scale_embedding": 1}, "scale_embedding: true or false, found 1"),
        ({"decoder_vocab_size": 70}, "decoder_vocab_size: 69 as vocab_size, embeddings being shared, found 70"),
        ({"pad_token_id": None}, "pad_token_id: a whole number from 0, found None"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(fake, changes, said):
    edited(fake / "config.json", **changes)
    assert opened(fake) == f"{fake / 'config.json'}: expected {said}"


@pytest.mark.parametrize(
    ("changes", "file", "said"),
    [
        ({"vocab_size": 80, "decoder_vocab_size": 80}, "vocab.json", "expected 80 pieces (config.json), found 69"),
        ({"vocab_size": 60, "decoder_vocab_size": 60}, "vocab.json", "expected numbers from 0 to 59"),
        ({"pad_token_id": 900}, "vocab.json", "expected a piece with the number 900 (pad_token_id), found 69 pieces"),
        ({"pad_token_id": 0}, "vocab.json", "expected different numbers for pad, end and <unk>"),
        (
            {"encoder_layers": 3},
            "model.safetensors",
            "expected the tensor model.encoder.layers.2.self_attn.q_proj.weight",
        ),
        (
            {"decoder_layers": 1},
            "model.safetensors",
            "expected no other tensors than a MarianMT model has, found model.decoder.layers.1",
        ),
        ({"encoder_ffn_dim": 32}, "model.safetensors", "layers.0.fc1.weight of shape (32, 16), found (24, 16)"),
        ({"tie_word_embeddings": False}, "model.safetensors", "expected the tensor lm_head.weight"),
    ],
)
def test_files_that_do_not_fit_each_other(fake, changes, file, said):
    edited(fake / "config.json", **changes)
    message = opened(fake)
    assert message.startswith(str(fake / file))
    assert said in message


def test_a_vocabulary_with_a_number_twice(fake):
    edited(fake / "vocab.json", **{"猫": 1})
    assert "vocab.json: expected every number once, found 1 for '<unk>' and for '猫'" in opened(fake)


def test_a_vocabulary_that_is_json_but_not_numbers(fake):
    edited(fake / "vocab.json", **{"猫": "x"})
    assert "vocab.json: expected numbers from 0 to 68 (config.json), found '猫': 'x'" in opened(fake)


def test_sentencepiece_models_of_another_model(tmp_path, fake):
    (fake / "source.spm").write_bytes((find("starter") / "source.spm").read_bytes())
    assert "source.spm: expected pieces of this model's vocabulary" in opened(fake)


def test_separate_vocabularies_need_the_second_file(tmp_path):
    fake = write_marian(tmp_path / "fake", separate=True)
    edited(fake / "config.json", pad_token_id=20)
    assert "target_vocab.json: expected the piece" in opened(fake)
    (fake / "target_vocab.json").unlink()
    assert "target_vocab.json: expected 38 pieces, found no such file" in opened(fake)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model.shared.weight"), "expected the tensor model.shared.weight, found none of that name"),
        (lambda t: t.update(extra=np.zeros(3, np.float32)), "found extra"),
        (lambda t: t.update({f"x{i}": np.zeros(1, np.float32) for i in range(5)}), "found x0, x1, x2 and 2 more"),
        (
            lambda t: t["model.shared.weight"].__setitem__((3, 3), np.nan),
            "made of finite numbers, found NaN or infinity",
        ),
        (
            lambda t: t.update({"lm_head.weight": t["model.shared.weight"] + 1}),
            "lm_head.weight equal to model.shared.weight",
        ),
        (
            lambda t: t.update(final_logits_bias=np.zeros((1, 3), np.float32)),
            "final_logits_bias of shape (1, 69), found (1, 3)",
        ),
    ],
)
def test_tensors_that_are_not_a_marian_model(fake, change, said):
    found = tensors(fake)
    change(found)
    save_tensors(fake / "model.safetensors", found)
    message = opened(fake)
    assert message.startswith(str(fake / "model.safetensors"))
    assert said in message


def test_weights_in_whole_numbers_are_refused(fake):
    from safetensors.numpy import save_file

    save_file({n: t.astype(np.int8) for n, t in tensors(fake).items()}, fake / "model.safetensors")
    assert "in floating point, found I8" in opened(fake)


def test_weights_in_several_files_are_refused(fake):
    (fake / "model.safetensors").rename(fake / "model-00001-of-00002.safetensors")
    (fake / "model.safetensors.index.json").write_text("{}")
    assert "expected weights in one file, found weights in several (shards)" in opened(fake)


def test_a_directory_that_is_none(tmp_path):
    (tmp_path / "file").write_text("x")
    assert opened(tmp_path / "file").endswith("expected a model directory, found a file")
    assert opened(tmp_path / "none").endswith("expected a model directory, found nothing there")
    (tmp_path / "empty").mkdir()
    assert "config.json: expected a file, found nothing there" in opened(tmp_path / "empty")


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_every_floating_point_kind_is_read(tmp_path, dtype):
    whole = read_weights(read_directory(write_marian(tmp_path / "a")))
    read = read_weights(read_directory(write_marian(tmp_path / "b", dtype=dtype)))
    for name, array in read.items():
        assert array.dtype == np.float32
        # the spacing of numbers below 2 is 2^-10 in float16; bfloat16 was cut, not rounded, at 2^-7
        np.testing.assert_allclose(array, whole[name], atol={"F32": 0, "F16": 2**-10, "BF16": 2**-6}[dtype])


def test_tied_tensors_are_one_array(fake):
    weights = read_weights(read_directory(fake))
    assert weights["lm_head.weight"] is weights["model.encoder.embed_tokens.weight"]


def test_positions_by_hand():
    # width 6: sin(p / 10000^(0/6)), sin(p / 10000^(2/6)), sin(p / 10000^(4/6)), then the cosines
    angles = 5 / np.array([1, 10000 ** (2 / 6), 10000 ** (4 / 6)])
    np.testing.assert_allclose(positions(6, 6)[5], [*np.sin(angles), *np.cos(angles)], rtol=1e-6)


def test_pieces_are_known_and_end_marks_cannot_be_spelled(fake):
    pieces = Pieces(read_directory(fake))
    assert pieces.encode(["", " "]) == [[], []]
    [row] = pieces.encode(["猫</s><pad><unk>\ud800Ω"])
    assert row[:2] == ["▁", "猫"]
    assert not {"</s>", "<pad>"} & set(row)
    assert "<unk>" in row


def test_a_language_code_in_front_stays_whole_where_the_model_has_it(tmp_path):
    fake = write_marian(tmp_path / "fake")
    numbers = json.loads((fake / "vocab.json").read_text("utf-8"))
    numbers[">>jpn<<"] = numbers.pop("Z") if "Z" in numbers else numbers.pop("猫")
    (fake / "vocab.json").write_text(json.dumps(numbers))
    pieces = Pieces(read_directory(fake))
    assert pieces.encode([">>jpn<< 犬"])[0] == [">>jpn<<", "▁", "犬"]
    assert pieces.encode([">>eng<< 犬"])[0][0] == "▁"


def test_text_of_pieces_is_one_line(fake):
    pieces = Pieces(read_directory(fake))
    assert pieces.decode(["▁", "d", "o", "g", "\n", "▁", "d"]) == "dog d" or "\n" not in pieces.decode(["\n"])
    assert pieces.decode([]) == ""


@pytest.fixture(scope="module")
def starter_pieces():
    return Pieces(read_directory(find("starter")))


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz0123456789.,-猫犬日本語を", min_size=1), min_size=1, max_size=8))
def test_decoding_gives_the_text_back(starter_pieces, words):
    text = " ".join(words)
    assert starter_pieces.decode(starter_pieces.encode([text])[0]) == text


@pytest.mark.torch
def test_the_starters_pieces_are_those_of_marian_tokenizer(monkeypatch):
    transformers = pytest.importorskip("transformers")
    from transformers.models.marian import tokenization_marian

    # it wants Moses' punctuation normaliser, which turns １ into a double quote; ours stands in front of the engine
    monkeypatch.setattr(
        tokenization_marian.MarianTokenizer, "_setup_normalizer", lambda self: setattr(self, "punc_normalizer", str)
    )
    tokenizer = transformers.MarianTokenizer.from_pretrained(str(find("starter")))
    directory = read_directory(find("starter"))
    numbers = {piece: number for number, piece in enumerate(directory.source_pieces)}
    texts = [*SENTENCES, "12日、NATOは 3.5%増。", "𠮟る (a) ½ emoji 🦆"]
    ours = [[*(numbers[p] for p in row), 0] for row in Pieces(directory).encode(texts)]
    assert ours == tokenizer(texts)["input_ids"]
    # on purpose: a text that holds the characters `</s>` ends there for the tokenizer, not for us
    assert 0 in tokenizer("a </s> b")["input_ids"][:-1]
    assert "</s>" not in Pieces(directory).encode(["a </s> b"])[0]


@pytest.mark.torch
def test_only_pickled_weights_are_refused(fake):
    torch = pytest.importorskip("torch")
    torch.save({n: torch.from_numpy(t) for n, t in tensors(fake).items()}, fake / "pytorch_model.bin")
    (fake / "model.safetensors").unlink()
    message = opened(fake)
    assert (
        "model.safetensors: expected weights as safetensors, found only pytorch_model.bin; this converts it" in message
    )
    assert message.endswith(str(fake))


@pytest.mark.slow
@pytest.mark.torch
def test_the_command_for_pickled_weights_works(tmp_path):
    torch = pytest.importorskip("torch")
    fake = write_marian(tmp_path / "it's a model", bias=True)
    before = read_weights(read_directory(fake))
    torch.save({n: torch.from_numpy(t) for n, t in tensors(fake).items()}, fake / "pytorch_model.bin")
    (fake / "model.safetensors").unlink()
    command = opened(fake).split("(needs the packages torch and transformers): ")[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, shell=True, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = read_weights(read_directory(fake))
    assert all((before[name] == after[name]).all() for name in before)
