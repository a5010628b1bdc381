"""Rows pooled into one stream of sentences: order, counts, bounded reading."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import MTError
from mt.pipeline.lines import pooled, translate_lines
from mt.translate.run import BatchTranslator
from mt.types import Hypothesis
from tests.fake_engine import EchoEngine

line = st.text(st.sampled_from("猫犬。！「」 　\r\u2028\u0085\x0b12a※"), max_size=30)


def translator(**options) -> BatchTranslator:
    return BatchTranslator(EchoEngine(**options))


def bare(text):
    return "".join(unicodedata.normalize("NFKC", text).replace("<", "").replace(">", "").split())


@settings(deadline=None)
@given(st.lists(line, max_size=30), st.sampled_from([None, 1, 3]))
def test_every_line_has_one_answer_and_it_is_its_own(lines, window):
    """An engine that echoes shows whose answer it is: with its brackets and joining blanks away, the line itself, normalised."""
    answers = list(translate_lines(translator(), lines, window=window))
    assert len(answers) == len(lines)
    for source, answer in zip(lines, answers, strict=True):
        assert "\n" not in answer
        assert bare(answer) == bare(source)


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["猫", "犬", "鳥が飛ぶ", "2021", ""]), max_size=4), max_size=20))
def test_rows_get_the_answers_of_their_own_sentences(rows):
    got = list(pooled(translator(), rows, lambda row: row, window=3))
    assert [row for row, _ in got] == rows
    for row, answers in got:
        assert [h.text.strip("<>") for h in answers] == row


def test_memory_is_bounded_by_the_window_however_many_rows_are_blank():
    window, read, most = 8, 0, 0

    def rows():
        nonlocal read
        for number in range(2000):
            read += 1
            yield ["猫"] if number == 0 else []

    for written, _ in enumerate(pooled(translator(), rows(), lambda row: row, window=window)):
        most = max(most, read - written)
    # the translator promises to read at most three windows ahead of what it is answering, itself a window
    assert read == 2000
    assert most <= 4 * window


def test_with_a_window_of_one_every_line_is_answered_before_the_next_is_read():
    read = []

    def lines():
        for line in ["猫。犬。", "", "2021", "鳥。"]:
            read.append(line)
            yield line

    answers = translate_lines(translator(), lines(), window=1)
    for number, _ in enumerate(answers, 1):
        assert len(read) == number


def test_an_error_of_the_rows_comes_behind_the_answers_to_all_rows_before():
    def lines():
        yield from ["猫", "犬"]
        raise KeyError("out of rows")

    got = []
    with pytest.raises(KeyError, match="out of rows"):
        got.extend(translate_lines(translator(), lines()))  # extend keeps what came before the error
    assert got == ["<猫>", "<犬>"]


class Faulty:
    """Loses the last hypothesis, or adds one."""

    src_lang = "ja"

    def __init__(self, change):
        self.change = change

    def translate(self, sentences, progress=None):
        rows = [Hypothesis(s, -1.0, 1) for s in sentences]
        return iter(rows[:-1] if self.change < 0 else [*rows, rows[-1]])


@pytest.mark.parametrize(("change", "said"), [(-1, "answers for 1 more rows, found no more"), (1, "found one more")])
def test_a_translator_out_of_step_is_an_error(change, said):
    with pytest.raises(MTError, match=said):
        list(translate_lines(Faulty(change), ["猫", "犬"]))
