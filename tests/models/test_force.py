"""Probabilities of given translations, held against transformers' own loss and against what the search says of its own answers."""

from __future__ import annotations

import pytest

from mt.models.marian_ct2 import open_ct2
from mt.models.registry import find
from mt.types import DecodingOptions

PAIRS = [
    ("猫がいる。", "There is a cat."),
    ("彼は学校へ行った。", "The parliament adjourned without a vote on the budget."),
    ("犬", ""),
    ("2020年は長い1年でした。", "2020 has been a long year."),
]


@pytest.fixture(scope="module")
def starter():
    model = open_ct2(find("starter"), compute_type="float32", inter_threads=1)
    yield model
    model.close()


def test_every_piece_and_the_end_has_a_number(starter):
    targets = starter.encode_target([tgt for _, tgt in PAIRS])
    found = starter.force(starter.encode([src for src, _ in PAIRS]), targets)
    assert [len(row) for row in found] == [len(pieces) + 1 for pieces in targets]
    assert all(number <= 0 for row in found for number in row)
    means = [sum(row) / len(row) for row in found]
    assert means[0] > means[1] + 1, "a translation is likelier than another sentence"


def test_the_search_gives_its_own_answer_the_same_probability(starter):
    sources = starter.encode([src for src, _ in PAIRS])
    answers = starter.translate_batch(sources, DecodingOptions(beam_size=1), 64)
    found = starter.force(sources, starter.encode_target([one.text for one in answers]))
    # the text's own pieces are those that were written, where sentencepiece would cut the text so too
    assert [sum(row) for row in found[:2]] == pytest.approx([one.logprob for one in answers[:2]], abs=1e-3)


def test_what_else_is_asked_changes_no_fifth_digit(starter):
    sources, targets = starter.encode([s for s, _ in PAIRS]), starter.encode_target([t for _, t in PAIRS])
    together = starter.force(sources * 20, targets * 20)[-len(PAIRS) :]
    alone = [starter.force([s], [t])[0] for s, t in zip(sources, targets, strict=True)]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


@pytest.mark.torch
def test_both_engines_agree_with_the_loss_of_transformers():
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from mt.models.marian_torch import open_torch

    # every script, as transformers takes part of the probability for pieces that no English has; without them: test_written.py
    whole = open_ct2(find("starter"), compute_type="float32", inter_threads=1, every_script=True)
    ours = open_torch(find("starter"), threads=1, every_script=True)
    theirs = transformers.MarianMTModel.from_pretrained(find("starter"), dtype=torch.float32).eval()
    numbers = {piece: n for n, piece in enumerate(whole._directory.source_pieces)}
    sources, targets = whole.encode([s for s, _ in PAIRS]), whole.encode_target([t for _, t in PAIRS])
    for src, tgt, one, other in zip(
        sources, targets, whole.force(sources, targets), ours.force(sources, targets), strict=True
    ):
        inputs, labels = (torch.tensor([[numbers[p] for p in side] + [numbers["</s>"]]]) for side in (src, tgt))
        with torch.inference_mode():
            loss = float(theirs(input_ids=inputs, labels=labels).loss)  # mean over pieces, the end counted
        assert -sum(one) / len(one) == pytest.approx(loss, abs=2e-4)
        assert one == pytest.approx(other, abs=2e-4)


def test_sides_out_of_step_and_pieces_out_of_reach_are_refused(starter):
    with pytest.raises(ValueError, match="expected 1 targets, found 2"):
        starter.force([["a"]], [[], []])
    with pytest.raises(ValueError, match="expected 1 to 511 pieces, found 0"):
        starter.force([[]], [["a"]])
    with pytest.raises(ValueError, match="expected 0 to 511 pieces, found 600"):
        starter.force([["a"]], [["a"] * 600])
    assert starter.force([], []) == []
