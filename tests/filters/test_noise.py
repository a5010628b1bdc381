"""Planted noise: each kind is what its name says, untouched rows are untouched, and nothing depends on other rows or on chance."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.errors import OptionError
from mt.filters import noise_texts
from mt.filters.noise import KINDS, Pools, plant

SRC = "この文書の第{n}節では、設定ファイルの書き方と、読み込まれる順番について詳しく説明します。"
TGT = "Section {n} of this document explains in detail how configuration files are written and in which order they are read."


def block(count: int = 400) -> Block:
    return Block.of([(f"a:{n:09}", SRC.format(n=n), TGT.format(n=n)) for n in range(count)], document="a")


def pools() -> Pools:
    return Pools(machine={SRC.format(n=n): f"In section {n} we describe the settings." for n in range(400)})


def test_every_kind_is_planted_about_alike_and_the_rest_is_as_it_was():
    rows = block(400)
    found = plant(rows, share=0.5, pools=pools())
    counts = Counter(found.kinds)
    assert set(counts) == {None, *KINDS}
    assert 150 <= 400 - counts[None] <= 250
    assert min(counts[kind] for kind in KINDS) >= 3  # half go to numbers, which every row here has
    for n, kind in enumerate(found.kinds):
        same = (found.block.src[n], found.block.tgt[n]) == (rows.src[n], rows.tgt[n])
        assert same == (kind is None)
        assert (found.twins[n] >= 0) == (kind == "near-duplicate")
    assert found.block.ids == rows.ids


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_what_it_says(kind):
    rows = block()
    found = plant(rows, [kind], share=0.3, pools=pools())
    changed = [n for n, k in enumerate(found.kinds) if k]
    assert len(changed) > 60
    for n in changed:
        check(kind, rows, found, n)


def check(kind, rows, found, n):
    src, tgt, old_src, old_tgt = found.block.src[n], found.block.tgt[n], rows.src[n], rows.tgt[n]
    if kind == "misaligned":
        assert src == old_src and tgt in {rows.tgt[m] for m in (n - 1, n + 1) if 0 <= m < len(rows)}
    elif kind == "wrong-language":
        assert (src in noise_texts.FOREIGN) != (tgt in noise_texts.FOREIGN)
    elif kind == "truncated":
        short, whole = (src, old_src) if src != old_src else (tgt, old_tgt)
        assert whole.startswith(short) or whole.endswith(short)
        assert 0.35 < len(short) / len(whole) < 0.65
    elif kind == "mt-copy":
        assert tgt.startswith("In section") and src == old_src
    elif kind == "copy":
        assert src == tgt or (src == old_src and tgt.startswith(old_src[:10]) and tgt.endswith(old_tgt[-10:]))
    elif kind == "number":
        numbers = [[int(x) for x in re.findall(r"\d+", side)] for side in (src, tgt)]
        assert numbers[0] != numbers[1] and len(src) + len(tgt) == len(old_src) + len(old_tgt)
    elif kind == "near-duplicate":
        twin = found.twins[n]
        assert abs(twin - n) <= 4 and found.kinds[twin] is None
        assert src.rstrip("!。") == rows.src[twin].rstrip("。")
    elif kind == "mojibake":
        assert tgt == old_tgt and len(set("設定ファイル") & set(src)) < 6
    elif kind == "html":
        assert (src, tgt) != (old_src, old_tgt) and old_src in src and old_tgt in tgt
    else:
        assert kind == "boilerplate" and (src != old_src or tgt != old_tgt)


def test_which_rows_are_taken_depends_on_seed_and_id_alone():
    rows = block(300)
    whole = plant(rows, ["html"], share=0.4, seed=7)
    for start, stop in ((0, 100), (100, 300)):
        part = plant(rows.part(start, stop), ["html"], share=0.4, seed=7)
        assert (part.block.src, part.kinds) == (whole.block.src[start:stop], whole.kinds[start:stop])
    assert plant(rows, ["html"], share=0.4, seed=8).kinds != whole.kinds


def test_mojibake_of_these_pages_is_known_from_elsewhere():
    # what every Japanese reader of a wrongly labelled page has seen
    assert "文字化け".encode().decode("shift_jis", "replace").startswith("譁")
    found = plant(Block.of([(f"m:{n}", "文字化けです", "Mojibake") for n in range(60)]), ["mojibake"], share=1)
    seen = " ".join(found.block.src)
    assert "譁" in seen and "æ" in seen and "\ufffd" in seen


def test_kinds_that_a_row_cannot_have_are_replaced():
    rows = Block.of([("a:1", "はい。", "Yes."), ("a:2", "いいえ。", "No.")])
    found = plant(rows, ["number", "truncated", "misaligned"], share=1)
    assert found.kinds == ["misaligned", "misaligned"]
    assert plant(rows, ["number", "truncated", "mt-copy"], share=1).kinds == [None, None]
    assert plant(rows, [], share=1).kinds == [None, None]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), max_size=12), st.integers(0, 5))
def test_any_text_can_be_planted_in(rows, seed):
    given_rows = Block.of([(f"x:{n}", *row) for n, row in enumerate(rows)])
    found = plant(given_rows, share=1, seed=seed)
    assert found == plant(given_rows, share=1, seed=seed)
    for n, kind in enumerate(found.kinds):
        assert (kind is None) == ((found.block.src[n], found.block.tgt[n]) == rows[n])


def test_options_out_of_range_are_refused():
    with pytest.raises(OptionError, match=r"kinds: expected of misaligned, .*, found typos"):
        plant(block(2), ["typos"])
    with pytest.raises(OptionError, match="share"):
        plant(block(2), share=2)
    with pytest.raises(OptionError, match="foreign: expected a sentence or more"):
        Pools(foreign=())
