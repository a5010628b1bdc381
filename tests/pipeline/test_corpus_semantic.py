"""Scores that need a model: sacrebleu's chrF, the article's formula of dual cross-entropy, and the same numbers in any block."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sacrebleu.metrics import CHRF

from mt.block import Block
from mt.errors import ConfigError
from mt.pipeline import corpus_semantic
from mt.pipeline.corpus_config import CorpusConfig, ScoreConfig, SourceConfig

ROWS = [
    ("a:1", "猫がいる。", "There is a cat."),
    ("a:2", "彼は学校へ行った。", "He went to school."),
    ("a:3", "今日は雨が降っている。", "The parliament adjourned without a vote on the budget for the next year."),
    ("a:4", "", "Nothing stands beside this."),
    ("a:5", "何もない。", ""),
]
NAMES = ("cosine", "cosine-half", "mt-chrf", *corpus_semantic.FORCED)


def config(**score: str) -> CorpusConfig:
    return CorpusConfig("x", {"a": SourceConfig("a.tsv")}, score=ScoreConfig(**score))


@pytest.fixture(scope="module")
def found():
    return corpus_semantic.measure(NAMES, Block.of(ROWS), config(model="starter"))


def test_translations_score_higher_than_another_sentence(found):
    for name in ("cosine", "mt-chrf", "mt-logprob", "mt-worst"):
        assert min(found[name][0], found[name][1]) > found[name][2], name


def test_what_cannot_be_measured_is_nan(found):
    for name in NAMES:
        assert np.isnan(found[name][4]), name
        assert found[name].dtype == np.float32
    assert np.isnan(found["cosine"][3]) and np.isnan(found["mt-logprob"][3])


def test_the_same_pair_has_the_same_numbers_in_any_block(found):
    block = Block.of(ROWS)
    for start, stop in ((0, 1), (1, 5)):
        part = corpus_semantic.measure(NAMES, block.part(start, stop), config(model="starter"))
        for name in NAMES:
            np.testing.assert_array_equal(part[name], found[name][start:stop], err_msg=name)


def test_chrf_is_that_of_sacrebleu():
    made, tgt = ["A dog sat there.", "No"], ["A cat sat there.", "Nobody knows."]
    expected = [CHRF().sentence_score(h, [r]).score for h, r in zip(made, tgt, strict=True)]
    assert corpus_semantic.chrf(made, tgt).tolist() == pytest.approx(expected, abs=0.051)


def test_half_a_sentence_is_nearer_to_the_half_it_translates():
    whole = "雨が降っていたので、私たちは一日中家で本を読んでいました。"
    rows = [
        ("a:1", whole, "Because it was raining, we stayed at home all day reading books."),
        ("a:2", whole, "Because it was raining,"),
        ("a:3", "雨が降っていたので、", "Because it was raining, we stayed at home all day reading books."),
    ]
    found = corpus_semantic.measure(("cosine-half",), Block.of(rows), config())["cosine-half"]
    assert found[0] > 0.1 > max(found[1], found[2])


@pytest.mark.parametrize(
    "text", ["", "a", "ab", "猫、犬", "one two three four", "雨が降れば、家にいます。", "     x     "]
)
def test_halves_lose_nothing_but_blanks(text):
    one, other = corpus_semantic.halved(text)
    assert (one + other).replace(" ", "") == text.replace(" ", "")
    assert abs(len(one) - len(other)) <= len(text) / 2 + 1


def test_our_own_translation_is_known_again():
    src = "今日は朝から雨が降っているので、私は家で本を読んでいます。"
    made = next(corpus_semantic.translator(config(model="starter")).translate([src])).text
    rows = [("a:1", src, made), ("a:2", src, "I am at home with a book, for it has rained since the morning.")]
    found = corpus_semantic.measure(("mt-chrf", "mt-sure", "mt-own"), Block.of(rows), config(model="starter"))
    assert found["mt-chrf"][0] == 100 and found["mt-chrf"][1] < 60
    assert found["mt-sure"][0] > found["mt-sure"][1] + 5
    assert found["mt-own"][0] > 0 > found["mt-own"][1]


def test_one_hard_piece_says_more_than_many_easy_ones():
    # between two points odds lie on a straight line, so a sixth digit changes no more than a sixth digit
    easy, hard = np.full(9, -0.9), np.append(np.full(8, -0.9), -5.0)
    assert corpus_semantic.own(easy) > 1.5 and corpus_semantic.own(hard) < corpus_semantic.own(easy) - 0.9
    for log in (-6.0, -4.0, -3.0, -2.0, -1.0, -0.5):
        around = [corpus_semantic.own(np.array([log + step])) for step in (-1e-6, 1e-6)]
        assert around[0] == pytest.approx(around[1], abs=1e-5)


class Table:
    """An engine that reads probabilities out of a table."""

    max_source_pieces = max_target_pieces = 30

    def encode(self, texts):
        return [text.split() for text in texts]

    encode_target = encode

    def force(self, sources, targets):
        return [[-1.0] * len(target) + [-3.0] for target in targets]


def test_the_forced_numbers_by_hand():
    tgt = ["a b c", "a " * 20, "a " * 31, ""]
    found = corpus_semantic.forced(Table(), ["x"] * 4, tgt, ("ja", "en"))
    assert found["mt-logprob"][:2].tolist() == pytest.approx([-6 / 4, round(-23 / 21, 2)])
    assert found["mt-worst"][:2].tolist() == pytest.approx([-6 / 4, -(7 + 3) / 8])  # the run that holds the end
    assert found["mt-end"][:2].tolist() == [-3, -3]
    # a piece of e^-1 is .7 for the model, one of e^-3 is 1 against it
    assert found["mt-own"][:2].tolist() == pytest.approx([(3 * 0.7 - 1) / 2, (20 * 0.7 - 1) / math.sqrt(21)], abs=0.01)
    assert found["mt-sure"][0] == pytest.approx((2.4 - 1.5) * math.sqrt(len("a b c")), abs=0.01)
    assert set(found) == set(corpus_semantic.FORCED)
    assert all(np.isnan(column[2:]).all() for column in found.values())  # too long, and empty


def test_dual_is_the_articles_formula():
    a, b = 1.3, 2.1  # cross-entropies a piece, of both directions
    expected = abs(a - b) + (a + b) / 2
    assert corpus_semantic.dual(np.float32([-a]), np.float32([-b]))[0] == pytest.approx(expected)
    with pytest.raises(ConfigError, match=r"score\.reverse_model: expected a model of the other direction"):
        corpus_semantic.measure(("dual",), Block.of(ROWS), config(model="starter"))
