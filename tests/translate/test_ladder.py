"""The retry ladder, seen through an engine that answers better the harder it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mt.translate.ladder import LADDER
from mt.translate.limits import Limits
from mt.translate.run import BatchTranslator
from mt.types import NUMBERS, RETRIED, SPLIT, UNFINISHED, DecodingOptions, Hypothesis
from tests.fake_engine import EchoEngine

BAD = "There were 9 cats and they sat in the garden."
GOOD = "There were 1,234 cats and they sat in the garden."
SOURCE = "庭に座っている猫が1234匹いて、とても静かだったと彼は言った。"


class Learns(EchoEngine):
    """Answers wrong numbers until `cure` says that the options or the input are right; counts what it was asked."""

    def __init__(self, cure, nbest=()):
        super().__init__(max_source_pieces=200)
        self.cure, self.nbest, self.asked = cure, nbest, []

    def _one(self, text, options: DecodingOptions, limit):
        self.asked.append((text, options))
        if "1234" not in text or text not in SOURCE:
            return Hypothesis("They are here.", -2.0, 5)
        good = self.cure(text, options)
        whole = Hypothesis(GOOD if good else BAD, -6.0, 12)
        others = tuple(Hypothesis(t, -7.0, 12) for t in self.nbest)[: options.num_hypotheses - 1]
        return replace(whole, alternatives=others)


def answer(engine, texts=(SOURCE,), budget=100.0, **options):
    with BatchTranslator(
        engine, DecodingOptions(**options), guard=Limits(off=("length", "unlikely")), retry_budget=budget
    ) as translator:
        return list(translator.translate(texts)), translator


def test_a_good_answer_costs_nothing():
    engine = Learns(lambda text, options: True)
    [h], t = answer(engine)
    assert (h.text, h.flags, h.steps, len(engine.asked)) == (GOOD, (), (), 1)
    assert t.counts.extra_pieces == 0


def test_another_answer_of_the_same_search_is_free():
    engine = Learns(lambda text, options: False, nbest=[BAD.replace("9", "8"), GOOD, BAD])
    [h], t = answer(engine, budget=0)
    assert (h.text, h.flags, h.steps) == (GOOD, (), ("rerank:numbers>ok",))
    assert len(engine.asked) == 1
    assert t.counts.extra_pieces == 0


def test_parts_are_tried_next():
    [h], t = answer(Learns(lambda text, options: len(text) < 20))
    assert h.flags[:2] == (SPLIT, RETRIED)
    assert NUMBERS not in h.flags
    assert h.steps[0].startswith("halves:numbers>")
    assert t.counts.retried == t.counts.split == 1
    assert t.counts.extra_pieces > 0


def test_a_wider_beam_is_tried_last_and_the_log_tells_all():
    [h], _ = answer(Learns(lambda text, options: options.beam_size == 8))
    assert (h.text, h.flags) == (GOOD, (RETRIED,))
    assert [step.split(":")[0] for step in h.steps] == ["halves", "parts", "beam"]
    assert h.steps[-1].endswith(">ok")


def test_what_nothing_helps_is_delivered_with_its_flag():
    [h], t = answer(Learns(lambda text, options: False))
    assert h.text == BAD
    assert h.flags == (RETRIED, NUMBERS)
    assert not h.failed
    assert t.counts.doubted == {NUMBERS: 1}
    assert all(step.endswith(">numbers") for step in h.steps)


def test_the_budget_bounds_the_extra_work():
    """40 doubtful sentences of the same length, whose first decoding costs 41 + 12 pieces each; a beam of 8 counts twice."""
    texts = [SOURCE.replace("庭", chr(0x4E00 + n)) for n in range(40)]

    class Wrong(Learns):
        def _one(self, text, options, limit):
            self.asked.append((text, options))
            return Hypothesis(BAD, -6.0, 12 if text in texts else 5)

    _, free = answer(Wrong(lambda *_: False), texts)
    _, bound = answer(Wrong(lambda *_: False), texts, budget=0.5)
    base = 40 * (len(SOURCE) + 12)
    assert bound.counts.source_pieces + bound.counts.target_pieces == base
    assert 0 < bound.counts.extra_pieces <= 0.5 * base < free.counts.extra_pieces


def test_without_budget_the_log_says_so():
    texts = [SOURCE.replace("庭", chr(0x4E00 + n)) for n in range(30)]
    hyps, t = answer(Learns(lambda text, options: False), texts, budget=0.0)
    assert t.counts.extra_pieces == 0
    assert all(NUMBERS in h.flags for h in hyps if "1234" in h.text or h.text == BAD)


def test_no_repeats_only_for_what_repeats():
    engine = EchoEngine(max_source_pieces=100, loops="loop")
    with BatchTranslator(engine, guard=Limits(off=("source-script", "copied", "names", "length", "unlikely"))) as t:
        one, other = t.translate(["loop 猫がいる", "犬がいる"])
    assert RETRIED in one.flags
    assert one.finished
    assert one.steps == ("no-repeat:unfinished>ok",)
    assert other.flags == ()


def test_every_rung_keeps_what_the_user_asked_for():
    base = DecodingOptions(beam_size=5, length_penalty=0.7, repetition_penalty=1.1, num_hypotheses=3)
    for rung in LADDER:
        options = rung.options(base)
        assert (options.length_penalty, options.repetition_penalty) == (0.7, 1.1)
        assert options.num_hypotheses >= (min(3, options.beam_size) if rung.share == 1 else 1)


@pytest.mark.parametrize("asked", [1, 3])
def test_as_many_alternatives_as_were_asked_for(asked):
    engine = Learns(lambda text, options: False, nbest=[GOOD, "A 1,234.", "B 1,234."])
    [h], _ = answer(engine, budget=0.0, num_hypotheses=asked)
    assert h.text == GOOD
    assert [a.text for a in h.alternatives] == [BAD, "A 1,234."][: asked - 1]


def test_an_answer_that_never_ends_is_a_failure():
    engine = EchoEngine(max_source_pieces=100, loops="loop")
    with BatchTranslator(engine, guard=Limits()) as t:
        [h] = t.translate(["loop never 猫"])
    assert UNFINISHED in h.flags
    assert h.failed
    assert t.counts.failed == 1
