"""Importing a directory of each format: what it is, what is copied, what is refused, and that nothing is left behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mt.errors import ModelError, OutputError
from mt.files import sha256_file
from mt.models import ready_ct2
from mt.models.convert import convert
from mt.models.imports import detect, import_directory
from mt.models.marian import read_directory
from mt.models.marian_ct2 import open_ct2
from mt.models.registry import find, verify
from mt.types import DecodingOptions
from tests.fakes import SENTENCES, write_marian
from tests.native_fakes import MODEL, write_native, write_original

KINDS = ("huggingface", "marian-native", "ctranslate2")
COMMON = {"source.spm", "target.spm", "README.md", "LICENSE", "config.json"}


@pytest.fixture
def sources(tmp_path):
    """A directory of each kind, of the same model."""
    places = {kind: tmp_path / f"{kind}-ja-en" for kind in KINDS}
    write_original(places["huggingface"])
    write_native(places["marian-native"], places["huggingface"])
    places["ctranslate2"].mkdir()
    convert(read_directory(places["huggingface"]), "float32", places["ctranslate2"])
    (places["ctranslate2"] / "complete.json").unlink()
    for name in ("source.spm", "target.spm"):
        shutil.copy(places["huggingface"] / name, places["ctranslate2"])
    for path in places.values():
        (path / "README.md").write_text("# readme\n", "utf-8")
        (path / "LICENSE").write_text("Apache-2.0\n", "utf-8")
        (path / "optimizer.pt").write_bytes(b"of no use")
    return places


def hashes(path):
    return {p.name: sha256_file(p) for p in path.iterdir()}


def answers(engine):
    try:
        found = engine.translate_batch(engine.encode(SENTENCES), DecodingOptions(beam_size=4), 16)
    finally:
        engine.close()
    return [h.text for h in found]


@pytest.mark.parametrize("kind", KINDS)
def test_detect(sources, kind):
    assert detect(sources[kind]) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_import(sources, tmp_path, kind):
    before, target = hashes(sources[kind]), tmp_path / "models" / "new"
    assert import_directory(sources[kind], target) == kind
    assert hashes(sources[kind]) == before
    own = {"model.safetensors", "generation_config.json", "tokenizer_config.json", "vocab.json"}
    expected = COMMON | ({"model.bin", "shared_vocabulary.json"} if kind == "ctranslate2" else own)
    assert {p.name for p in target.iterdir()} == expected
    assert verify(target) == []
    if kind == "ctranslate2":
        engine = ready_ct2.open_ready(target, compute_type="float32", device="cpu")
    else:  # one of them is called ja-en, and its toy writes Japanese
        engine = open_ct2(target, compute_type="float32", device="cpu", every_script=True)
    assert answers(engine) == answers(open_ct2(sources["huggingface"], compute_type="float32", device="cpu"))


@pytest.mark.parametrize("kind", KINDS)
def test_same_source_same_bytes(sources, tmp_path, kind):
    for name in "ab":
        import_directory(sources[kind], tmp_path / name)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


@pytest.mark.parametrize("separate", [False, True])
def test_what_transformers_needs_is_written_where_it_is_missing(tmp_path, separate):
    source = write_marian(tmp_path / "opus-mt-ja-en", separate=separate)
    for name in ("generation_config.json", "tokenizer_config.json"):
        (source / name).unlink()
    import_directory(source, tmp_path / "new")
    config = read_directory(source).config
    generation = json.loads((tmp_path / "new" / "generation_config.json").read_text("utf-8"))
    assert generation["decoder_start_token_id"] == config.decoder_start_token_id
    assert generation["bad_words_ids"] == [[config.pad_token_id]]
    assert generation["max_length"] == 24
    assert json.loads((tmp_path / "new" / "tokenizer_config.json").read_text("utf-8")) == {
        "source_lang": "ja",
        "target_lang": "en",
        "tokenizer_class": "MarianTokenizer",
        "model_max_length": 24,
        "separate_vocabs": separate,
    }
    assert (tmp_path / "new" / "target_vocab.json").exists() == separate


@pytest.mark.torch
@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_transformers_opens_an_imported_native_model(tmp_path, separate, tied):
    pytest.importorskip("transformers")
    from mt.models.marian_torch import open_torch

    native = write_native(tmp_path / "native", write_original(tmp_path / "original", separate=separate, tied=tied))
    import_directory(native, tmp_path / "new")
    ours = answers(open_ct2(tmp_path / "new", compute_type="float32", device="cpu"))
    assert answers(open_torch(tmp_path / "new", device="cpu", dtype="float32", threads=1)) == ours


def test_links_are_followed(sources, tmp_path):
    cache = tmp_path / "snapshot"
    cache.mkdir()
    for path in sources["huggingface"].iterdir():
        (cache / path.name).symlink_to(path)
    import_directory(cache, tmp_path / "new")
    assert not any(path.is_symlink() for path in (tmp_path / "new").iterdir())


def test_the_starter_itself(tmp_path):
    assert import_directory(find("starter"), tmp_path / "new") == "huggingface"
    assert sha256_file(tmp_path / "new" / "model.safetensors") == sha256_file(find("starter") / "model.safetensors")


def spoil(path: Path, how: str) -> None:
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif how == "missing":
        path.unlink()
    else:
        path.write_text(how, "utf-8")


@pytest.mark.parametrize(
    ("kind", "name", "how", "message"),
    [
        ("huggingface", "source.spm", "missing", "source.spm: expected a file, found nothing there"),
        ("huggingface", "model.safetensors", "cut", "a whole safetensors file"),
        ("huggingface", "vocab.json", "missing", "vocab.json: expected a file"),
        ("huggingface", "config.json", "{}", 'config.json: expected model_type: "marian", found no such key'),
        ("huggingface", "config.json", '{"model_type": "t5"}', 'model_type: "marian", found "t5"'),
        ("huggingface", "config.json", "[", "is the file whole"),
        ("huggingface", "target.spm", "text", "target.spm: expected a sentencepiece model"),
        ("marian-native", "source.spm", "missing", "source.spm: expected a sentencepiece model, found nothing there"),
        ("marian-native", "target.spm", "text", "target.spm: expected a sentencepiece model"),
        ("marian-native", MODEL, "cut", "is the file whole"),
        ("marian-native", MODEL, "missing", "expected .*found LICENSE, README.md, decoder.yml"),
        ("marian-native", "decoder.yml", "missing", "decoder.yml beside opus"),
        ("marian-native", "decoder.yml", "a", "decoder.yml:1: expected key: value"),
        (
            "ctranslate2",
            "source.spm",
            "missing",
            "expected source.spm and target.spm, found no source.spm; CTranslate2's converters",
        ),
        ("ctranslate2", "model.bin", "cut", "model.bin"),
        ("ctranslate2", "shared_vocabulary.json", "missing", "shared_vocabulary.json"),
        ("ctranslate2", "target.spm", "text", "target.spm: expected a sentencepiece model"),
    ],
)
def test_refused_before_anything_is_written(sources, tmp_path, kind, name, how, message):
    spoil(sources[kind] / name, how)
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError, match=message) as caught:
        import_directory(sources[kind], tmp_path / "models" / "new")
    assert str(sources[kind]) in str(caught.value)
    assert list((tmp_path / "models").iterdir()) == []


def test_pickled_weights_are_not_read(sources, tmp_path):
    source = sources["huggingface"]
    (source / "model.safetensors").rename(source / "pytorch_model.bin")
    with pytest.raises(
        ModelError, match=r"weights as model.safetensors, found only pytorch_model.bin; pickled weights are not read"
    ):
        import_directory(source, tmp_path / "new")


def test_shards_are_refused(sources, tmp_path):
    source = sources["huggingface"]
    (source / "model.safetensors").rename(source / "model-00001-of-00001.safetensors")
    (source / "model.safetensors.index.json").write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="weights in one file, found weights in several"):
        import_directory(source, tmp_path / "new")


def test_what_is_no_model(tmp_path):
    with pytest.raises(ModelError, match="a model directory, found nothing there"):
        detect(tmp_path / "none")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ModelError, match="a model directory, found a file"):
        detect(tmp_path / "file")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(
        ModelError, match=r"config.json and model.safetensors .Hugging Face.*decoder.yml.*model.bin.*found no files"
    ):
        detect(empty)
    for number in range(8):
        (empty / f"{number}.txt").write_text("", "utf-8")
    with pytest.raises(ModelError, match=r"found 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more"):
        detect(empty)


def test_target_that_is_there_or_cannot_be(sources, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(OutputError, match="File exists"):
        import_directory(sources["huggingface"], tmp_path / "there")
    (tmp_path / "file").write_text("", "utf-8")
    for kind in KINDS:
        with pytest.raises(OutputError, match="cannot write"):
            import_directory(sources[kind], tmp_path / "file" / "new")
