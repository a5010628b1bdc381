"""Numbers in names, and beginnings in the middle of a sentence, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mt.block import Block
from mt.filters.measures import Measures
from mt.filters.rules_begins import begins
from mt.filters.rules_codes import codes


@pytest.mark.parametrize(
    ("src", "tgt", "expected"),
    [
        ("[PERSON11]さんです。", "It is [PERSON16].", 1),
        ("v9以前のバージョン", "Before v4", 1),
        ("v9以前のバージョン", "Before v9", 0),
        ("React18に上げる", "Upgrade to React 18", 0),
        ("W3CとES2015", "W9C and ES2016", 2),
        ("W3Cの文書", "The document of the consortium", 0),  # left out is not changed
        ("3匹", "4 cats", np.nan),  # a quantity: for the rule of numbers
    ],
)
def test_a_code_that_stands_for_another(src, tgt, expected):
    found = codes(Measures(Block.of([("a:1", src, tgt)]), "ja", "en"))
    np.testing.assert_array_equal(found, np.float32([expected]))


@pytest.mark.parametrize(
    ("src", "tgt", "expected"),
    [
        ("雨なので家にいます。", "I stay at home.", 0),
        ("雨なので家にいます。", "and I stay at home.", 1),
        ("っているので家にいます。", "I stay at home.", 1),
        ("、家にいます。", ", at home.", 2),
        ("npm installを実行", "npm install is run", 0),
        ("はい。", "Yes.", 0),
        ("", "yes", np.nan),
    ],
)
def test_sides_that_start_in_the_middle(src, tgt, expected):
    rows = [("a:1", src, tgt)]
    np.testing.assert_array_equal(begins(Measures(Block.of(rows), "ja", "en")), np.float32([expected]))
    turned = [("a:1", tgt, src)]
    np.testing.assert_array_equal(begins(Measures(Block.of(turned), "en", "ja")), np.float32([expected]))
    assert np.isnan(begins(Measures(Block.of(rows), "ja", "de")))
