"""Rules: each reason on a pair made for it; thresholds are those of `Rules`, derived in the test where a border is looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import OptionError
from mt.filters.rules import Rules, clean


@pytest.mark.parametrize(
    ("src", "tgt", "reason"),
    [
        ("猫がいる。", "There is a cat.", None),
        ("", "There is a cat.", "empty"),
        ("猫がいる。", "", "empty"),
        ("2026 / 11", "November", "src-script"),
        ("猫がいる。", "猫。", "tgt-script"),
        ("猫" * 401, "cat " * 200, "length"),
        ("猫" * 300, "a" * 901, "length"),
        ("Windows 11 Home 版", "Windows 11 Home edition", "script-share"),
        ("猫" * 20, "a" * 14, "length-ratio"),
        ("猫" * 20, "a" * 140, "length-ratio"),
        ("猫" * 20, "a" * 15, None),
        ("猫" * 20, "a" * 139, None),
        ("猫" * 10, "a" * 200, None),  # too short for a ratio to mean anything
    ],
)
def test_each_reason(src, tgt, reason):
    assert Rules().reason(src, tgt) == reason


def test_the_ratio_turns_with_the_direction():
    rules = Rules(src_lang="en", tgt_lang="ja")
    assert rules.reason("a" * 60, "猫" * 20) is None
    assert rules.reason("a" * 141, "猫" * 20) == "length-ratio"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_verdict_stands_after_cleaning_twice(src, tgt):
    once = clean(src, tgt)
    assert clean(*once) == once
    assert Rules().reason(*clean(*once)) == Rules().reason(*once)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"longest_src": 0}, "longest_src"),
        ({"script_share": 1.1}, "script_share"),
        ({"shortest_ratio": 2, "longest_ratio": 1}, "longest_ratio"),
    ],
)
def test_thresholds_out_of_range_are_refused(values, key):
    with pytest.raises(OptionError, match=key):
        Rules(**values)


def test_every_threshold_is_in_the_signature():
    assert (
        len({str(Rules(**v).signature()) for v in ({}, {"longest_src": 9}, {"script_share": 0.5}, {"tgt_lang": "de"})})
        == 4
    )
