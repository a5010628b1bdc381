"""Order, deduplication, splitting and flags, seen through an engine that echoes."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt import open_translator
from mt.translate.ladder import Ladder
from mt.translate.run import BatchTranslator
from mt.translate.window import Window
from mt.types import EMPTY, PASSED_THROUGH, RETRIED, SPLIT, UNFINISHED, DecodingOptions
from tests.conftest import ROOT
from tests.fake_engine import EchoEngine


def translate(texts, engine=None, **options):
    translator = BatchTranslator(engine or EchoEngine(), DecodingOptions(**options))
    return list(translator.translate(texts)), translator


def test_order_is_kept_and_equal_sentences_are_decoded_once():
    engine = EchoEngine()
    texts = ["猫がいる。", "犬", "猫がいる。", "鳥が飛ぶ空", "犬"]
    hyps, t = translate(texts, engine)
    assert [h.text for h in hyps] == [f"<{x}>" for x in texts]
    assert sorted(x for batch, _ in engine.batches for x in batch) == sorted(set(texts))
    c = t.counts
    assert (c.read, c.decoded, c.repeated, c.passed_through) == (5, 3, 2, 0)


def test_sentences_that_differ_only_before_normalisation_are_one():
    hyps, t = translate(["１２日", "12日"])
    assert [h.text for h in hyps] == ["<12日>", "<12日>"]
    assert t.counts.decoded == 1


def test_what_has_no_word_passes_through_untouched():
    texts = ["", "  ", "２０２１", "※　★"]
    hyps, t = translate(texts)
    assert [h.text for h in hyps] == texts
    assert all(h.flags == (PASSED_THROUGH,) and h.logprob is None for h in hyps)
    assert t.counts.passed_through == 4


def test_a_sentence_over_the_limit_is_cut_translated_and_joined():
    text = "あいうえおかきくけこ、" * 12 + "終わり"
    engine = EchoEngine(max_source_pieces=50)
    [h], t = translate([text], engine)
    cut = sorted((x for batch, _ in engine.batches for x in batch), key=text.index)
    assert all(len(x) <= 50 for x in cut)
    assert h.text.replace("> <", "").strip("<>") == text  # nothing is lost, nothing comes twice
    assert h.flags == (SPLIT,)
    assert h.logprob == -len(text)
    assert t.counts.split == 1


def test_the_option_cuts_below_the_models_own_limit():
    engine = EchoEngine(max_source_pieces=50)
    translate(["あ" * 30], engine, max_source_pieces=10)
    assert max(len(x) for batch, _ in engine.batches for x in batch) <= 10


def test_an_answer_that_runs_on_is_decoded_again_without_repeats():
    hyps, t = translate(["loop 猫", "犬"], EchoEngine(loops="loop"))
    assert [(h.flags, h.failed) for h in hyps] == [((RETRIED,), False), ((), False)]
    assert (t.counts.retried, t.counts.failed) == (1, 0)


def test_one_that_runs_on_all_the_same_is_flagged_as_failed():
    [h], t = translate(["loop never 猫"], EchoEngine(loops="loop"))
    assert h.flags == (RETRIED, UNFINISHED)
    assert h.failed
    assert t.counts.failed == 1


def test_an_empty_answer_is_flagged_as_failed():
    hyps, t = translate(["猫", "猫", "犬"], EchoEngine(answer=lambda s: "" if s == "猫" else s))
    assert [h.flags for h in hyps] == [(EMPTY,), (EMPTY,), ()]
    assert t.counts.failed == 2


def test_input_is_read_a_window_at_a_time():
    seen = []

    def stream():
        for text in "猫犬鳥魚馬牛羊虎":
            seen.append(text)
            yield text

    answers = BatchTranslator(EchoEngine()).translate(stream(), window=2)
    next(answers)
    assert len(seen) <= 6  # the one decoded, the one prepared, and the one read
    assert len(list(answers)) == 7


def test_one_at_a_time_the_next_is_not_read_before_the_answer():
    seen = []

    def stream():
        for text in "猫犬鳥":
            seen.append(text)
            yield text

    answers = BatchTranslator(EchoEngine()).translate(stream(), window=1)
    for number, answer in enumerate(answers, 1):
        assert answer.text == f"<{seen[-1]}>"
        assert len(seen) == number


def test_what_came_before_an_error_of_the_input_is_delivered():
    def stream():
        yield from "猫犬鳥"
        raise OSError("the disk went away")

    got = []
    answers = BatchTranslator(EchoEngine()).translate(stream(), window=2)
    with pytest.raises(OSError, match="went away"):
        for answer in answers:
            got.append(answer.text)
    assert got == ["<猫>", "<犬>", "<鳥>"]


def test_a_sentence_of_the_window_before_is_not_decoded_again():
    engine = EchoEngine()
    list(BatchTranslator(engine).translate(["猫", "犬", "猫", "鳥", "犬", "猫"], window=2))
    # the third window has 猫 from the second, which has it from the first; 犬 was last seen two windows ago and nothing remembers it
    assert sorted(x for batch, _ in engine.batches for x in batch) == sorted("猫犬鳥犬")


def test_windows_go_when_they_are_done_and_not_when_the_collector_comes_round():
    def alive():
        return {id(kept): kept for kept in gc.get_objects() if type(kept) in (Window, Ladder)}

    before = alive()  # of tests that failed, say
    gc.disable()
    try:
        list(BatchTranslator(EchoEngine(loops="loop")).translate(["loop 猫", "犬", "loop 鳥", "魚"], window=2))
        assert alive().keys() <= before.keys()
    finally:
        gc.enable()


def test_many_threads_share_one_translator():
    translator = BatchTranslator(EchoEngine())
    texts = [[f"猫{n}匹と{k}" for n in range(200)] for k in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda t: [h.text for h in translator.translate(t, window=16)], texts))
    assert answers == [[f"<{x}>" for x in t] for t in texts]
    assert translator.counts.read == translator.counts.decoded == 1600


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_event_loop_gets_the_same_answers(asynchronous):
    texts = [f"猫{n}匹" for n in range(50)]

    async def source():
        for text in texts:
            yield text

    async def collect():
        given_ = source() if asynchronous else texts
        return [h.text async for h in BatchTranslator(EchoEngine()).translate_async(given_, window=7)]

    assert asyncio.run(collect()) == [f"<{x}>" for x in texts]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_is_refused_with_a_reason():
    with open_translator("starter") as translator:
        code = (
            "import os, sys\nfrom mt import open_translator\nt = open_translator('starter')\n"
            "pid = os.fork()\n"
            "if pid:\n    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
            "try:\n    list(t.translate(['猫がいる。']))\nexcept Exception as e:\n    print(type(e).__name__, e); sys.stdout.flush(); os._exit(7)\n"
            "os._exit(0)"
        )
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert [h.text for h in translator.translate(["猫がいる。"])]  # the parent goes on
    assert done.returncode == 7, done.stderr
    assert done.stdout.startswith("EngineError the model was loaded by process")


class Bar:
    def __init__(self):
        self.done = 0

    def stage(self, name, total, unit):
        pass

    def advance(self, count):
        self.done += count


sentences = st.lists(st.text(st.sampled_from("あいう、。12 \n"), max_size=80), max_size=30)


@settings(max_examples=60)
@given(sentences)
def test_any_input_gives_one_hypothesis_each_and_counts_add_up(texts):
    bar = Bar()
    t = BatchTranslator(EchoEngine(max_source_pieces=20))
    hyps = list(t.translate(texts, bar))
    c = t.counts
    assert len(hyps) == len(texts) == c.read == c.decoded + c.repeated + c.passed_through + c.failed == bar.done


@settings(max_examples=30)
@given(sentences, st.integers(1, 500))
def test_batch_size_changes_nothing(texts, budget):
    # answers of 60 to 240 characters: the engine cuts them at the batch's limit, so a batch of mixed classes would show
    def engine():
        return EchoEngine(max_source_pieces=300, answer=lambda s: s * 3 + "。" * 60)

    a = list(BatchTranslator(engine(), max_batch_pieces=budget).translate(texts))
    b = list(BatchTranslator(engine(), max_batch_pieces=2048).translate(texts))
    assert a == b


def test_counts_are_segments():
    _, t = translate(["あいうえお、" * 20] * 3 + ["loop 猫"] * 2, EchoEngine(loops="loop"))
    assert (t.counts.split, t.counts.retried, t.counts.decoded, t.counts.repeated) == (3, 2, 2, 3)


def translated_in_batches_of(budget, compute_type):
    lines = (ROOT / "corpora" / "nato-demands" / "article.ja.txt").read_text("utf-8").split("\n")[:4]
    with open_translator("starter", beam_size=2, compute_type=compute_type) as translator:
        translator.max_batch_pieces = budget
        return list(translator.translate([*lines, "猫がいる。", "犬"]))


def test_neighbours_change_no_text_in_32_bits():
    """Batches of many sentences against batches of one. Log-probabilities may differ in the sixth digit: sums in another order."""
    answers = [translated_in_batches_of(budget, "float32") for budget in (1, 2048)]
    assert [h.text for h in answers[0]] == [h.text for h in answers[1]]
    for one, many in zip(*answers, strict=True):
        assert one.logprob == pytest.approx(many.logprob, abs=1e-3)


def test_equal_batches_give_equal_texts_in_8_bits():
    """Without VNNI instructions oneDNN's 8-bit products saturate, and where they do depends on a batch's shape: so runs repeat a plan."""
    assert translated_in_batches_of(2048, "int8") == translated_in_batches_of(2048, "int8")


def test_closing_closes_the_engine():
    engine = EchoEngine()
    with BatchTranslator(engine):
        pass
    assert engine.closed
