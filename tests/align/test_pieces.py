"""Where documents are cut: every sentence in one piece, beads that stand, borders that no piece crosses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.align.options import AlignOptions
from mt.align.pieces import pieces
from mt.align.side import Side
from mt.errors import OptionError
from mt.types import Bead

# a document as paragraphs, each as beads: (source sentences, target sentences, fixed)
BEADS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()).filter(lambda bead: bead[0] or bead[1])
PARAGRAPHS = st.lists(st.lists(BEADS, min_size=1, max_size=4), min_size=1, max_size=4).filter(
    lambda whole: all(sum(a for a, _, _ in p) and sum(b for _, b, _ in p) for p in whole)
)


def made_of(whole):
    src, tgt, fixed = [], [], []
    for number, beads in enumerate(whole):
        for a, b, stands in beads:
            if stands:
                fixed.append(Bead(range(len(src), len(src) + a), range(len(tgt), len(tgt) + b)))
            src += [number] * a
            tgt += [number] * b
    sides = (Side(("x",) * len(p), lang, tuple(p)) for p, lang in ((src, "ja"), (tgt, "en")))
    return *sides, fixed


@given(PARAGRAPHS, st.booleans())
def test_every_sentence_is_in_one_piece(whole, hard):
    src, tgt, fixed = made_of(whole)
    found = pieces(src, tgt, AlignOptions(hard=hard), fixed)
    assert [i for piece in found for i in piece.src] == list(range(len(src)))
    assert [j for piece in found for j in piece.tgt] == list(range(len(tgt)))
    standing = [(set(p.bead.src), set(p.bead.tgt)) for p in found if p.bead is not None]
    assert standing == [(set(b.src), set(b.tgt)) for b in fixed]
    if hard:
        for piece in found:
            inside = [side.paragraphs[n] for side, run in ((src, piece.src), (tgt, piece.tgt)) for n in run]
            assert len(set(inside)) == 1


def test_the_order_of_fixed_beads_does_not_matter():
    src, tgt = Side(("x",) * 4, "ja"), Side(("x",) * 4, "en")
    fixed = [Bead(range(2, 3), range(2, 3)), Bead(range(0, 1), range(0, 2))]
    assert pieces(src, tgt, AlignOptions(), fixed) == pieces(src, tgt, AlignOptions(), fixed[::-1])


def test_a_fixed_bead_across_a_hard_border_is_refused():
    src, tgt = Side(("x",) * 4, "ja", (0, 0, 1, 1)), Side(("x",) * 4, "en", (0, 0, 1, 1))
    with pytest.raises(OptionError, match=r"no bead across the border at sentences 2 and 2, found \[1, 2\]:\[1, 2\]"):
        pieces(src, tgt, AlignOptions(hard=True), [Bead(range(1, 3), range(1, 3))])
    with pytest.raises(OptionError, match="no bead across the border at sentences 2 and 2"):
        pieces(src, tgt, AlignOptions(hard=True), [Bead(range(1, 2), range(2, 3))])
