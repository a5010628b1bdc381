"""Conversion without torch, and the cache. What is right is said by `transformers.MarianMTModel`, log-probability by log-probability."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from mt.errors import ModelError, OutputError
from mt.models import convert
from mt.models.convert import COMPLETE, converted, is_whole
from mt.models.marian import read_directory
from mt.models.marian_ct2 import open_ct2
from mt.models.pieces import Pieces
from mt.models.registry import find
from mt.types import DecodingOptions
from tests.fakes import SENTENCES, write_marian

ROOT = Path(__file__).resolve().parents[2]
GREEDY = DecodingOptions(beam_size=1)
VARIANTS = [
    {},
    {"names": "all"},
    {"names": "lm_head"},
    {"tied": False},
    {"tied": False, "bias": True},
    {"separate": True},
    {"separate": True, "names": "all", "bias": True},
    {"separate": True, "tied": False},
    {"activation": "relu"},
    {"activation": "gelu"},
    {"activation": "gelu_new"},
    {"activation": "silu", "scale_embedding": False},
    {"bias": True},
    {"bias": None},
    {"positions": True},
    {"pad_row": True},
    {"pad_row": True, "bias": True, "separate": True},
    {"start": "▁"},
    {"start": "▁", "pad_row": True},
    {"dtype": "F16"},
    {"dtype": "BF16", "positions": True},
]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    path = tmp_path / "cache"
    monkeypatch.setenv("KAKEHASHI_CACHE", str(path))
    return path


def ours(path: Path, sources: list[list[str]], targets: list[list[str]]) -> list[list[float]]:
    """Log-probability of every target piece and of the end, by the converted model."""
    model = converted(read_directory(path), "float32")
    translator = ctranslate2.Translator(str(model.path), compute_type="float32", intra_threads=1)
    return [r.log_probs for r in translator.score_batch([[*s, "</s>"] for s in sources], targets)]


def theirs(path: Path, sources: list[list[str]], targets: list[list[str]]) -> list[list[float]]:
    """The same by transformers, one sentence at a time; `<pad>`, which Marian does not have, takes no part in the softmax."""
    import torch
    from transformers import MarianMTModel

    torch.set_num_threads(1)
    directory = read_directory(path)
    source_numbers = {p: n for n, p in enumerate(directory.source_pieces)}
    target_numbers = {p: n for n, p in enumerate(directory.target_pieces)}
    model = MarianMTModel.from_pretrained(str(path), dtype=torch.float32).eval()
    rows = []
    for source, target in zip(sources, targets, strict=True):
        answers = [*(target_numbers[p] for p in target), 0]
        with torch.inference_mode():
            logits = model(
                input_ids=torch.tensor([[*(source_numbers[p] for p in source), 0]]),
                decoder_input_ids=torch.tensor([[model.config.decoder_start_token_id, *answers[:-1]]]),
            ).logits[0]
            logits[:, model.config.pad_token_id] = float("-inf")
            rows.append(logits.log_softmax(-1)[range(len(answers)), answers].tolist())
    return rows


@pytest.mark.torch
@pytest.mark.parametrize("options", VARIANTS, ids=str)
def test_every_kind_of_model_computes_what_transformers_computes(tmp_path, options):
    pytest.importorskip("transformers")
    path = write_marian(tmp_path / "fake", **options)
    directory = read_directory(path)
    sources = Pieces(directory).encode(SENTENCES)
    written = [p for p in directory.target_pieces if p not in ("</s>", "<pad>")]
    draw = np.random.default_rng(7)
    targets = [[written[i] for i in draw.integers(len(written), size=n)] for n in (1, 4, 9, 15, 23)]
    mine, reference = ours(path, sources, targets), theirs(path, sources, targets)
    for a, b in zip(mine, reference, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)
    # the check can fail: another model is far away
    other = ours(write_marian(tmp_path / "other", **options | {"seed": 2}), sources, targets)
    assert max(abs(x - y) for a, b in zip(other, reference, strict=True) for x, y in zip(a, b, strict=True)) > 0.1


@pytest.mark.parametrize("options", [{}, {"pad_row": True, "bias": True}, {"separate": True, "pad_row": True}], ids=str)
def test_pad_is_never_written(tmp_path, options):
    path = write_marian(tmp_path / "fake", **options)
    model = converted(read_directory(path), "float32")
    translator = ctranslate2.Translator(str(model.path), compute_type="float32", intra_threads=1)
    sources = [[*pieces, "</s>"] for pieces in Pieces(read_directory(path)).encode(SENTENCES)]
    results = translator.translate_batch(sources, beam_size=8, num_hypotheses=8, max_decoding_length=20)
    assert not any("<pad>" in h for r in results for h in r.hypotheses)


@pytest.mark.parametrize("kind", ["float32", "int8", "int8_float32", "int16", "float16", "bfloat16"])
def test_every_quantisation_is_near_the_whole_model(kind):
    """Error of the log-probability of a whole answer, in per cent of it; a wrong scale or layout is tens of per cent off."""
    directory = read_directory(find("starter"))
    sources = [[*p, "</s>"] for p in Pieces(directory).encode(SENTENCES)]
    targets = [p.split() for p in ("▁The ▁cat", "▁He ▁was ▁in ▁the", "▁I", "▁to", "▁a ▁question")]

    def sums(quantization: str) -> np.ndarray:
        model = converted(directory, quantization)
        scored = ctranslate2.Translator(str(model.path), compute_type="float32").score_batch(sources, targets)
        return np.array([sum(s.log_probs) for s in scored])

    limit = {"float32": 0, "bfloat16": 0, "float16": 0.2}.get(kind, 5)
    assert np.max(np.abs(sums(kind) / sums("float32") - 1)) * 100 <= limit


def test_without_torch_and_transformers(cache):
    code = (
        "import sys\n"
        "sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "from mt.models.registry import open_model\n"
        "from mt.types import DecodingOptions\n"
        "m = open_model('starter')\n"
        "print(m.translate_batch(m.encode(['猫がいる。']), DecodingOptions(), 50)[0].text)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cat" in done.stdout
    assert [is_whole(p) for p in (cache / "ct2").iterdir()] == [True]


def test_the_second_time_it_is_there_already(tmp_path, cache, monkeypatch):
    path = write_marian(tmp_path / "fake")
    directory = read_directory(path)
    first = converted(directory, "int8")
    monkeypatch.setattr(convert, "read_weights", lambda _: pytest.fail("converted again"))
    assert converted(directory, "int8").path == first.path
    assert not first.temporary


def test_the_key_holds_all_that_matters(tmp_path, monkeypatch):
    directory = read_directory(write_marian(tmp_path / "a"))
    key = convert.cache_key(directory, "int8")
    assert key == convert.cache_key(read_directory(write_marian(tmp_path / "b")), "int8")  # not the place
    others = [write_marian(tmp_path / "c", seed=2), write_marian(tmp_path / "d", activation="relu")]
    swapped = write_marian(tmp_path / "e")
    numbers = json.loads((swapped / "vocab.json").read_text("utf-8"))
    numbers["猫"], numbers["犬"] = numbers["犬"], numbers["猫"]
    (swapped / "vocab.json").write_text(json.dumps(numbers))
    keys = [key, *(convert.cache_key(read_directory(p), "int8") for p in [*others, swapped])]
    keys.append(convert.cache_key(directory, "float32"))
    monkeypatch.setattr(convert, "VERSION", 999)
    keys.append(convert.cache_key(directory, "int8"))
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("file", ["model.bin", "config.json", "shared_vocabulary.json", COMPLETE])
@pytest.mark.parametrize("fault", ["missing", "half", "flipped"])
def test_a_damaged_cache_is_mended(tmp_path, cache, file, fault):
    path = write_marian(tmp_path / "fake")
    model = converted(read_directory(path), "float32").path
    sound = {p.name: p.read_bytes() for p in model.iterdir()}
    data = bytearray(sound[file])
    (model / file).unlink()
    if fault == "half":
        (model / file).write_bytes(data[: len(data) // 2])
    elif fault == "flipped":
        data[len(data) // 2] ^= 255
        (model / file).write_bytes(data)
    assert not is_whole(model)
    mended = converted(read_directory(path), "float32")
    assert mended.path == model
    assert {p.name: p.read_bytes() for p in model.iterdir()} == sound
    assert [p.name for p in (cache / "ct2").iterdir()] == [model.name]


def test_an_empty_directory_in_the_cache_is_filled(tmp_path, cache):
    directory = read_directory(write_marian(tmp_path / "fake"))
    (cache / "ct2" / convert.cache_key(directory, "int8")).mkdir(parents=True)
    assert is_whole(converted(directory, "int8").path)


def test_a_failed_conversion_leaves_nothing(tmp_path, cache):
    path = write_marian(tmp_path / "fake")
    (path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError):
        converted(read_directory(path), "int8")
    assert list((cache / "ct2").iterdir()) == []


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_at_the_same_time(tmp_path, cache, damaged):
    path = write_marian(tmp_path / "fake")
    if damaged:
        (converted(read_directory(path), "int8").path / "model.bin").write_bytes(b"x")
    go = tmp_path / "go"
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "sys.modules['torch'] = None\n"
        "import ctranslate2.specs\n"
        "from mt.models.marian_ct2 import open_ct2\n"
        "from mt.types import DecodingOptions\n"
        "print('ready', flush=True)\n"
        f"while not Path({str(go)!r}).exists(): pass\n"
        f"m = open_ct2(Path({str(path)!r}), compute_type='int8')\n"
        "print(m.translate_batch(m.encode(['猫が庭にいる。']), DecodingOptions(), 20)[0])\n"
    )
    start = [sys.executable, "-W", "error", "-c", code]
    processes = [subprocess.Popen(start, stdout=-1, stderr=-1, text=True, cwd=ROOT) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    go.touch()
    answers = [process.communicate(timeout=60) for process in processes]
    assert {err for _, err in answers} == {""}
    assert len({out for out, _ in answers}) == 1
    assert [is_whole(p) for p in (cache / "ct2").iterdir()] == [True]


def unwritable(kind: str, tmp_path: Path) -> str:
    (tmp_path / "file").write_text("")
    return {"a file": str(tmp_path / "file"), "under a file": str(tmp_path / "file" / "x"), "/proc": "/proc/nothing"}[
        kind
    ]


@pytest.mark.parametrize("kind", ["a file", "under a file", "/proc"])
def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("KAKEHASHI_CACHE", unwritable(kind, tmp_path))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    model = open_ct2(write_marian(tmp_path / "fake"))
    [place] = (tmp_path / "tmp").iterdir()
    assert is_whole(place)
    assert len(model.translate_batch(model.encode(SENTENCES), GREEDY, 20)) == len(SENTENCES)
    model.close()
    model.close()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_temporary_model_goes_with_its_object(tmp_path, monkeypatch):
    monkeypatch.setenv("KAKEHASHI_CACHE", unwritable("a file", tmp_path))
    model = converted(read_directory(write_marian(tmp_path / "fake")), "int8")
    place = model.path
    assert model.temporary and is_whole(place)
    del model
    gc.collect()
    assert not place.exists()


def test_a_user_without_a_home(tmp_path, monkeypatch):
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("KAKEHASHI_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", none)
    model = converted(read_directory(write_marian(tmp_path / "fake")), "int8")
    assert model.temporary
    model.close()


def test_no_place_to_write_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("KAKEHASHI_CACHE", unwritable("a file", tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="file: cannot write: Not a directory"):
        converted(read_directory(write_marian(tmp_path / "fake")), "int8")


def test_a_corrupt_model_leaves_no_temporary_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("KAKEHASHI_CACHE", unwritable("a file", tmp_path))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    path = write_marian(tmp_path / "fake")
    (path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError):
        open_ct2(path)
    assert list((tmp_path / "tmp").iterdir()) == []
