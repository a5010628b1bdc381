"""Windows from sums against encoding the joined texts, which is the expected value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.errors import OptionError
from mt.models import use_windows
from mt.models.use_encoder import UseEncoder
from tests.models.test_use import bitext


@pytest.fixture(scope="module")
def encoder():
    return UseEncoder.open(threads=1)


def joined(encoder, sentences, longest, joiner):
    return [
        encoder.encode([joiner.join(sentences[i : i + k]) for i in range(len(sentences) - k + 1)])
        for k in range(1, longest + 1)
    ]


def test_english_windows_are_exact(encoder):
    sentences = bitext("ntrex", 160)[1::2]
    for found, wanted in zip(encoder.windows(sentences, 5, " "), joined(encoder, sentences, 5, " "), strict=True):
        assert np.abs(found - wanted).max() < 2e-6


def test_japanese_windows_differ_where_a_piece_reaches_over_a_joint_only(encoder):
    sentences = bitext("ntrex", 160)[::2]
    for found, wanted in zip(encoder.windows(sentences, 5, ""), joined(encoder, sentences, 5, ""), strict=True):
        cosines = np.einsum("ij,ij->i", found, wanted)
        assert cosines.mean() > 0.9998 and cosines.min() > 0.97
        assert np.median(cosines) > 1 - 1e-6


WORDS = st.lists(st.sampled_from(["cat", "猫", "a", "the house", "。", "😀", "x" * 30, "１２"]), max_size=14).map(
    " ".join
)


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS, max_size=8), st.integers(1, 5))
def test_windows_of_any_sentences_are_those_of_the_joined_texts(encoder, sentences, longest):
    found = encoder.windows(sentences, longest, " ")
    assert [len(one) for one in found] == [max(0, len(sentences) - k) for k in range(longest)]
    for one, wanted in zip(found, joined(encoder, sentences, longest, " "), strict=True):
        assert np.abs(one - wanted).max(initial=0) < 2e-6


@pytest.mark.parametrize("joiner", ["", " ", "\n", " | "])
def test_short_and_empty_sentences(encoder, joiner):
    sentences = ["", "はい。", "", "", "Yes.", "えっ？", "", "それはちょっと難しいと思います。", " ", "a", ""]
    for found, wanted in zip(encoder.windows(sentences, 4, joiner), joined(encoder, sentences, 4, joiner), strict=True):
        cosines = np.einsum("ij,ij->i", found, wanted)
        assert cosines.mean() > 0.999
        assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-6


def test_blocks_of_sentences_change_nothing(encoder, monkeypatch):
    sentences = bitext("tatoeba_train", 120)
    whole = encoder.windows(sentences, 4, "")
    monkeypatch.setattr(use_windows, "BLOCK", 7)
    for one, other in zip(whole, encoder.windows(sentences, 4, ""), strict=True):
        assert np.abs(one - other).max() < 2e-6


def test_no_sentences_and_no_length(encoder):
    assert [one.shape for one in encoder.windows([], 2, "")] == [(0, 512), (0, 512)]
    with pytest.raises(OptionError, match="longest: expected a number from 1 to 1,000, found 0"):
        encoder.windows(["a"], 0, "")
