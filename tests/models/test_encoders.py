"""Names → encoders, and sentence-transformers models through a stand-in for the package."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from mt.errors import ConfigError, EngineError, ModelError
from mt.models.encoders import open_encoder
from mt.models.st_encoder import StEncoder


class Model:
    """Behaves like a SentenceTransformer: letters counted, three numbers a text, norm not 1."""

    def __init__(self, answer=None):
        self.answer = answer

    def encode(self, texts, **options):
        if self.answer is not None:
            return self.answer
        return np.array([[len(t) + 1, t.count("a"), 2] for t in texts], dtype=np.float64)


@pytest.fixture
def package(monkeypatch):
    """A module in the place of sentence_transformers; says what it was asked for."""
    asked = {}

    def make(name, **options):
        asked.update(name=name, **options)
        if name == "away/model":
            raise OSError("We couldn't connect to the hub and it is\nnot in the cache")
        return Model()

    module = types.ModuleType("sentence_transformers")
    module.SentenceTransformer = make
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return asked


def test_a_directory_is_opened_offline_without_foreign_code(package, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    encoder = open_encoder(f"st:{tmp_path}", device="cpu")
    assert package == {
        "name": str(tmp_path),
        "device": "cpu",
        "local_files_only": True,
        "trust_remote_code": False,
        "model_kwargs": {"use_safetensors": True},
    }
    vectors = encoder.encode(["abc", "a"])
    # (4, 1, 2) / √21 and (2, 1, 2) / 3
    assert vectors.dtype == np.float32 and encoder.width == 3
    assert np.allclose(vectors, [[4 / 21**0.5, 1 / 21**0.5, 2 / 21**0.5], [2 / 3, 1 / 3, 2 / 3]])
    assert encoder.encode([]).shape == (0, 3)
    before = encoder.signature
    (tmp_path / "config.json").write_text("{ }")
    assert open_encoder(f"st:{tmp_path}").signature != before


def test_the_network_is_used_only_when_asked(package):
    open_encoder("st:some/model", download=True)
    assert package["local_files_only"] is False and package["device"] is None
    with pytest.raises(ModelError, match="found We couldn't connect to the hub and it is not in the cache; it may be"):
        open_encoder("st:away/model")
    with pytest.raises(
        ModelError, match="expected the directory of a sentence-transformers model, found nothing there"
    ):
        open_encoder("st:./nowhere")


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match=r"pip install 'kakehashi\[encoders\]'"):
        open_encoder("st:x/y")


@pytest.mark.parametrize("answer", [np.zeros((1, 3)), np.full((1, 3), np.nan), np.ones((2, 3))])
def test_answers_that_are_no_vectors_are_an_engine_error(answer):
    model = Model()
    encoder = StEncoder("x", model)
    model.answer = answer
    with pytest.raises(EngineError, match="expected 1 vectors with a direction"):
        encoder.encode(["a"])


def test_a_model_of_token_vectors_is_refused():
    with pytest.raises(ModelError, match="expected a model with one vector a sentence"):
        StEncoder("x", Model(np.ones((1, 4, 3))))


@pytest.mark.parametrize("name", ["labse", "", "st:", "vectors:", "USE"])
def test_unknown_names(name):
    with pytest.raises(ConfigError, match="encoder: expected use, st:NAME_OR_DIRECTORY or vectors:FILE"):
        open_encoder(name)


def test_unknown_devices():
    with pytest.raises(ConfigError, match="device: expected auto, cpu, cuda or mps, found tpu"):
        open_encoder("use", device="tpu")
