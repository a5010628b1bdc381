"""What is decoded together, whatever is known already: a stopped run goes on with the batches it would have formed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.translate.run import BatchTranslator
from tests.fake_engine import EchoEngine


class Dies(EchoEngine):
    """Fails at the batch of that number, counted from 0."""

    def __init__(self, at: int) -> None:
        super().__init__(max_source_pieces=40)
        self.at = at

    def translate_batch(self, *args):
        if len(self.batches) == self.at:
            raise RuntimeError("out of luck")
        return super().translate_batch(*args)


def batches(engine: EchoEngine) -> list[tuple[str, ...]]:
    return sorted(tuple(texts) for texts, _ in engine.batches)


def texts(count: int) -> list[str]:
    # lengths from 1 to 100: several length classes, and some over the limit of 40
    return [("猫" * (1 + 7 * n % 97)) + "、犬" + str(n % 61) for n in range(count)]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60), st.integers(1, 40), st.integers(8, 300))
def test_killed_at_any_batch_it_forms_the_same_batches_and_none_twice(tmp_path_factory, at, window, budget):
    folder = tmp_path_factory.mktemp("memory")
    sentences = texts(90)
    whole = EchoEngine(max_source_pieces=40)
    with BatchTranslator(whole, max_batch_pieces=budget, memory=folder / "a.sqlite") as translator:
        wanted = list(translator.translate(sentences, window=window))
    first, second = Dies(at), EchoEngine(max_source_pieces=40)
    finished = True
    with BatchTranslator(first, max_batch_pieces=budget, memory=folder / "b.sqlite") as translator:
        try:
            list(translator.translate(sentences, window=window))
        except RuntimeError:
            finished = False
    with BatchTranslator(second, max_batch_pieces=budget, memory=folder / "b.sqlite") as translator:
        assert list(translator.translate(sentences, window=window)) == wanted
    assert finished == (at >= len(whole.batches))
    # what was on its way when the engine died is decoded again: never more than two batches
    lost = len(first.batches) + len(second.batches) - len(whole.batches)
    assert 0 <= lost <= 2 * first.workers
    assert set(batches(first)) | set(batches(second)) == set(batches(whole))


def test_a_second_run_decodes_nothing(tmp_path):
    sentences = [*texts(30), "2021", "", "猫1匹", "猫1匹"]
    for decoded in (True, False):
        engine = EchoEngine()
        with BatchTranslator(engine, memory=tmp_path / "m.sqlite") as translator:
            answers = [h.text for h in translator.translate(sentences)]
        assert bool(engine.batches) == decoded
        c = translator.counts
        assert c.read == 34 == c.decoded + c.repeated + c.remembered + c.passed_through + c.failed
        assert (c.remembered > 0) != decoded
    assert answers[-1].endswith("<猫1匹>")


def test_another_search_does_not_find_what_this_one_remembered(tmp_path):
    from mt.types import DecodingOptions

    for beam in (1, 4):
        engine = EchoEngine()
        with BatchTranslator(engine, DecodingOptions(beam_size=beam), memory=tmp_path / "m.sqlite") as translator:
            list(translator.translate(["猫がいる。"]))
        assert engine.batches


def test_windows_overlap_so_that_the_engine_does_not_wait():
    """The second window's first batch is sent before the first window's last answer is taken."""
    order = []

    class Tells(EchoEngine):
        workers = 2

        def __init__(self):
            super().__init__()
            self.workers = 2

        def submit(self, batch, options, limit):
            texts_ = ["".join(p) for p in batch]
            order.append(("sent", texts_[0]))
            answers = self.translate_batch(batch, options, limit)

            def wait():
                time.sleep(0.002)  # a real engine takes its time, in which the next window is prepared
                order.append(("taken", texts_[0]))
                return answers

            return wait

    sentences = [f"猫{n}匹" for n in range(60)]
    list(BatchTranslator(Tells(), max_batch_pieces=1).translate(sentences, window=6))
    sent = {text: n for n, (what, text) in enumerate(order) if what == "sent"}
    taken = {text: n for n, (what, text) in enumerate(order) if what == "taken"}
    overlaps = 0
    for first in range(6, 60, 6):
        before, now = sentences[first - 6 : first], sentences[first : first + 6]
        overlaps += min(sent[t] for t in now) < max(taken[t] for t in before)
    assert overlaps >= 5  # not always: the next window may not be prepared yet


@pytest.mark.parametrize("window", [1, 3, 100])
def test_an_engine_error_leaves_nothing_hanging(window):
    with pytest.raises(RuntimeError, match="out of luck"):
        list(BatchTranslator(Dies(0)).translate(texts(20), window=window))
