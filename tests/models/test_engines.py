"""The two engines: limits, probabilities, batches, and that they say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ctranslate2
import pytest

from mt.errors import ConfigError
from mt.models.convert import converted
from mt.models.marian import read_directory
from mt.models.marian_ct2 import _threads, open_ct2
from mt.models.registry import find, open_model
from mt.text.normalize import normalize
from mt.types import DecodingOptions
from tests.fakes import SENTENCES, write_marian

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = ROOT / "corpora" / "nato-demands" / "article.ja.txt"
WMT = ROOT.parent / "shared" / "data" / "wmt21-ja-en" / "src.ja"
TEXTS = [
    "猫がいる。",
    "彼は学校へ行った。",
    "今日は雨が降っている。",
    "犬",
    "私は日本語を勉強しています。",
    "東京は大きい町です。",
]
LIMIT = 64
SEARCHES = [
    DecodingOptions(beam_size=1),
    DecodingOptions(beam_size=4),
    DecodingOptions(beam_size=4, length_penalty=0),
    DecodingOptions(beam_size=3, length_penalty=0.6),
    DecodingOptions(beam_size=1, no_repeat_ngram_size=2),
    DecodingOptions(beam_size=4, no_repeat_ngram_size=3),
    DecodingOptions(beam_size=1, repetition_penalty=1.3),
]


@pytest.fixture(scope="module")
def starter():
    model = open_ct2(find("starter"), compute_type="float32")
    yield model
    model.close()


@pytest.fixture(scope="module")
def reference():
    """The starter by transformers. One thread: two that share a core with others wait for each other most of the time."""
    pytest.importorskip("torch")
    from mt.models.marian_torch import open_torch

    model = open_torch(find("starter"), threads=1)
    yield model
    model.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_marian(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(params=["ctranslate2", pytest.param("transformers", marks=pytest.mark.torch)])
def engine(request, small):
    if request.param == "transformers":
        pytest.importorskip("transformers")
    model = open_model(str(small), engine=request.param, compute_type="float32", threads=1)
    yield model
    model.close()


def test_signatures_name_the_weights_and_the_precision(small, starter):
    assert str(starter.signature).startswith("model:starter|sha:")
    assert str(starter.signature).endswith(
        f"|engine:ctranslate2-{'.'.join(ctranslate2.__version__.split('.')[:2])}|type:float32|script:latin"
    )
    sha = read_directory(find("starter")).weights_sha256
    assert dict(starter.signature.items)["sha"] == sha[:12]
    with_int8 = open_ct2(find("starter"), compute_type="int8", inter_threads=1)
    assert with_int8.device == "cpu, 1 worker of 1 thread, int8"
    assert dict(with_int8.signature.items)["type"] == "int8"
    with_int8.close()


def test_auto_is_int8_on_a_processor(small):
    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is a GPU here, which auto takes")
    model = open_ct2(small)
    assert model.device.startswith("cpu, ") and model.device.endswith(", int8")
    model.close()


def test_threads():
    assert _threads(3, 0) == (3, 1)
    assert _threads(0, 5) == (1, 5)
    assert _threads(2, 4) == (2, 4)
    assert _threads(0, 0)[0] >= 1 and _threads(0, 0)[1] == 1
    with pytest.raises(ConfigError, match="intra_threads: expected a number from 0 to 256, found -1"):
        _threads(0, -1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"compute_type": "int3"}, "compute_type: expected one of auto, "),
        ({"device": "tpu"}, "device: expected one of auto, cpu, cuda, found 'tpu'"),
        ({"engine": "onnx"}, "engine: expected one of ctranslate2, transformers, found 'onnx'"),
        pytest.param(
            {"engine": "transformers", "compute_type": "int8"},
            "compute_type: expected one of float32, float16, bfloat16, found 'int8'",
            marks=pytest.mark.torch,
        ),
    ],
)
def test_options_that_are_not_to_be_had(small, options, said):
    with pytest.raises(ConfigError) as caught:
        open_model(str(small), **options)
    assert str(caught.value).startswith(said)


def test_no_gpu(small):
    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is a GPU here")
    with pytest.raises(ConfigError, match="device: expected auto or cpu, as ctranslate2 finds no CUDA device here"):
        open_ct2(small, device="cuda")


def test_without_the_extra_the_second_engine_says_how_to_get_it(small):
    code = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from mt.errors import UserError\n"
        "from mt.models.registry import open_model\n"
        f"try: open_model({str(small)!r}, engine='transformers')\n"
        "except UserError as e: print(e)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    said = "the engine transformers needs the package torch, which is not installed: pip install 'kakehashi[train]'\n"
    assert (done.stdout, done.stderr) == (said, "")


def test_nothing_over_the_position_table_and_nothing_is_cut(engine):
    """The fake model has 24 positions: 23 pieces and the end mark, and as many written."""
    options = DecodingOptions(beam_size=1)
    assert engine.max_source_pieces == 23
    longest = [["猫"] * 23, ["犬"]]
    whole = engine.translate_batch(longest, options, 23)
    assert all(h.pieces <= 23 for h in whole)
    assert (
        engine.translate_batch([["猫"] * 22 + ["犬"]], options, 23)[0].logprob != whole[0].logprob
    )  # the last piece is read
    with pytest.raises(ValueError, match="input: expected 1 to 23 pieces, found 24"):
        engine.translate_batch([["猫"] * 24], options, 23)
    with pytest.raises(ValueError, match="input: expected 1 to 23 pieces, found 0"):
        engine.translate_batch([["猫"], []], options, 23)
    for limit in (0, 25):
        with pytest.raises(ValueError, match=f"limit: expected 1 to 23 pieces, found {limit}"):
            engine.translate_batch([["猫"]], options, limit)
    assert engine.translate_batch([], options, 23) == []


def test_an_answer_at_the_limit_is_unfinished(engine):
    """A model that cannot end would write to the last position; the limit cuts any answer but one of the end alone."""
    rows = engine.encode(SENTENCES)
    for options in (DecodingOptions(beam_size=1), DecodingOptions(beam_size=4)):
        for limit in (1, 2, engine.max_target_pieces):
            for h in engine.translate_batch(rows, options, limit):
                assert h.pieces <= limit
                assert h.finished or h.pieces == limit
                assert "</s>" not in h.text


def test_closing_twice_and_using_it_then(engine):
    engine.close()
    engine.close()
    with pytest.raises(ValueError, match="the model is closed"):
        engine.translate_batch([["猫"]], DecodingOptions(), 5)
    assert engine.signature and engine.device and engine.encode(["猫"]) == [["▁", "猫"]]


@pytest.mark.parametrize("options", SEARCHES, ids=lambda o: str(o.signature()))
@pytest.mark.parametrize("limit", [6, LIMIT])
def test_logprob_is_the_sum_that_ctranslate2_gives_the_same_pieces(starter, options, limit):
    model = converted(read_directory(find("starter")), "float32")
    scorer = ctranslate2.Translator(str(model.path), compute_type="float32")
    sources = [[*pieces, "</s>"] for pieces in starter.encode(TEXTS)]
    raw = scorer.translate_batch(
        sources, beam_size=options.beam_size, length_penalty=options.length_penalty, repetition_penalty=options.repetition_penalty,
        no_repeat_ngram_size=options.no_repeat_ngram_size, max_decoding_length=limit, return_end_token=True, min_decoding_length=0,
    )  # fmt: skip
    written = [r.hypotheses[0] for r in raw]
    scored = scorer.score_batch(sources, [[p for p in row if p != "</s>"] for row in written])
    for h, row, s in zip(starter.translate_batch(starter.encode(TEXTS), options, limit), written, scored, strict=True):
        assert (h.pieces, h.finished) == (len(row), row[-1] == "</s>")
        assert h.logprob == pytest.approx(sum(s.log_probs[: len(row)]), abs=1e-3)


@pytest.mark.parametrize("options", SEARCHES[:2] + SEARCHES[4:5], ids=lambda o: str(o.signature()))
def test_an_answer_does_not_depend_on_its_neighbours(starter, options):
    rows = starter.encode(TEXTS)
    whole = starter.translate_batch(rows, options, LIMIT)
    backwards = starter.translate_batch(rows[::-1], options, LIMIT)[::-1]
    alone = [starter.translate_batch([row], options, LIMIT)[0] for row in rows]
    for other in (backwards, alone):
        assert [(h.text, h.pieces, h.finished) for h in other] == [(h.text, h.pieces, h.finished) for h in whole]
        assert [h.logprob for h in other] == pytest.approx([h.logprob for h in whole], abs=1e-3)


def test_workers_change_nothing_but_speed(starter):
    rows = starter.encode(TEXTS * 3)
    for threads in ((1, 1), (3, 1), (1, 2)):
        model = open_ct2(find("starter"), compute_type="float32", inter_threads=threads[0], intra_threads=threads[1])
        found = model.translate_batch(rows, DecodingOptions(), LIMIT)
        assert [h.text for h in found] == [h.text for h in starter.translate_batch(rows, DecodingOptions(), LIMIT)]
        model.close()


def compared(first, second, texts, options, limit=LIMIT, size=100):
    """Sentences that the engines translate differently; asserts that they are equally sure of the others."""
    rows = sorted((r for r in first.encode(texts) if 0 < len(r) <= 120), key=len)
    different = []
    for batch in (rows[i : i + size] for i in range(0, len(rows), size)):
        answers = (model.translate_batch(batch, options, limit) for model in (first, second))
        for row, a, b in zip(batch, *answers, strict=True):
            if (a.text, a.pieces, a.finished) != (b.text, b.pieces, b.finished):
                different.append(f"{''.join(row)}\n  {a}\n  {b}")
            else:
                assert a.logprob == pytest.approx(b.logprob, abs=2e-3)
    print(f"{options.signature()}: {len(different)} of {len(rows)} differ", *different, sep="\n")  # noqa: T201 - shown by -s and with a failure
    return len(different), len(rows)


def article() -> list[str]:
    """The article cut at 。, which is enough here."""
    text = ARTICLE.read_text(encoding="utf-8")
    return [normalize(s) + "。" for line in text.splitlines() for s in line.split("。") if s.strip()]


@pytest.mark.torch
def test_both_engines_translate_the_article_alike(starter, reference):
    different, count = compared(starter, reference, article(), DecodingOptions(beam_size=1))
    assert count > 40
    assert different <= count / 100


@pytest.mark.torch
@pytest.mark.parametrize("count", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_both_engines_translate_wmt_alike(starter, reference, count):
    if not WMT.is_file():
        pytest.skip(f"the data folder with {WMT.name} of wmt21-ja-en is not beside this checkout")
    texts = [normalize(line) for line in WMT.read_text(encoding="utf-8").splitlines()]
    rows = [t for t in texts if len(starter.encode([t])[0]) <= 120][:count]
    different, found = compared(starter, reference, rows, DecodingOptions(beam_size=1), limit=40)
    assert found == count
    assert different <= count / 100


@pytest.mark.torch
@pytest.mark.parametrize("options", SEARCHES[1:], ids=lambda o: str(o.signature()))
def test_both_engines_search_alike(starter, reference, options):
    different, _ = compared(starter, reference, [*TEXTS, *article()[:3]], options)
    assert different == 0


@pytest.mark.torch
@pytest.mark.parametrize(
    "options", [{}, {"separate": True, "bias": True}, {"pad_row": True}, {"positions": True}], ids=str
)
def test_both_engines_agree_on_any_kind_of_model(tmp_path, options):
    pytest.importorskip("transformers")
    path = str(write_marian(tmp_path / "fake", **options))
    first = open_model(path, compute_type="float32")
    second = open_model(path, engine="transformers", threads=1)
    for search in (DecodingOptions(beam_size=1), DecodingOptions(beam_size=4)):
        answers = [model.translate_batch(model.encode(SENTENCES), search, 23) for model in (first, second)]
        for a, b in zip(*answers, strict=True):
            assert (a.text, a.pieces, a.finished) == (b.text, b.pieces, b.finished)
            assert a.logprob == pytest.approx(b.logprob, abs=1e-3)
    first.close()
    second.close()


@pytest.mark.torch
def test_the_starter_is_what_generate_makes_of_it(starter):
    """`MarianMTModel.generate` with nothing of ours between: the model's own files, its own generation configuration but for the beams."""
    torch = pytest.importorskip("torch")
    from transformers import MarianMTModel

    model = MarianMTModel.from_pretrained(str(find("starter")), dtype=torch.float32).eval()
    directory = read_directory(find("starter"))
    numbers = {piece: number for number, piece in enumerate(directory.source_pieces)}
    rows = starter.encode(TEXTS)
    ours = starter.translate_batch(rows, DecodingOptions(beam_size=1), LIMIT)
    for row, h in zip(rows, ours, strict=True):
        inputs = torch.tensor([[*(numbers[p] for p in row), 0]])
        written = model.generate(inputs, num_beams=1, do_sample=False, max_length=LIMIT)[0].tolist()
        pieces = [directory.target_pieces[n] for n in written if n not in (0, directory.config.pad_token_id)]
        assert "".join(pieces).replace("▁", " ").strip() == h.text


def test_an_answer_of_the_longest_kind_is_scored_too(engine):
    # with repetition options the answer is scored again, with an end behind it, which must still have a position
    options = DecodingOptions(beam_size=1, no_repeat_ngram_size=4)
    [hypothesis] = engine.translate_batch(engine.encode(["猫が庭にいる。"]), options, engine.max_target_pieces)
    assert hypothesis.logprob is not None
    assert hypothesis.pieces <= engine.max_target_pieces
