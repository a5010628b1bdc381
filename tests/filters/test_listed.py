"""Words of a list, counted: what counts as a word of its own."""

from __future__ import annotations

import pytest

from mt.block import Block
from mt.filters.listed import Listed


@pytest.mark.parametrize(
    ("words", "src", "tgt", "count"),
    [
        (["ass"], "これはclassです。", "A class, an ASS.", 1),
        (["ass"], "assは単語だ。", "", 1),  # Japanese follows without a blank
        (["畜生", "畜生め"], "畜生め、畜生", "", 2),  # the longer one once
        (["ｄａｒｎ"], "", "Darn it", 1),
        (["f*ck"], "", "what the f*ck", 1),
        (["#ass", "", "  "], "ass", "ass", 0),
        ([], "ass", "ass", 0),
    ],
)
def test_counts(words, src, tgt, count):
    assert Listed(words).count(Block.of([("a:1", src, tgt)])).tolist() == [count]
