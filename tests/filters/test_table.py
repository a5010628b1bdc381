"""The table of filters as a whole: what it promises of every rule, whatever the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.errors import OptionError
from mt.filters import table
from mt.filters.filter import Filter, Limit
from mt.filters.measures import Measures
from mt.filters.profiles import CHANGES

# what rules look for, so that random rows are not all alike to them
PIECES = [
    "猫がいる。", "三百人", "12日", "3.5%", "The cat ", "is here. ", "HTML5 ", "<b>", "</b>", "{0}", "&nbsp;", "https://a.example/x ",
    "a@b.example ", "「", "」", "(", ")", "いろいろ", "ははははははは", "\ufffd", "Ã©", "縺薙ｌ", "这是一只", " a b c d e ", "camelCaseWord",
    "Read more", "続きを読む", " » ", "|", "der die das ", "\U0001f600", "\U000f0000", "２０２１年", "。。。", "\\u3042", "====", "\n", "\0", "ﾈｺ",
    "Привет", "안녕", " ",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
GOOD = [
    ("猫は3匹いる。", "There are three cats."),
    ("詳しくは https://example.org/docs を見てください。", "See https://example.org/docs for details."),
    ("「寒い」と彼は言った。", '"It is cold," he said.'),
    ("いろいろな人がいろいろなことを言う。", "All kinds of people say all kinds of things."),
    ("売上高は1億2000万円だった。", "Sales came to 120 million yen."),
    ("京都市立西京高等学校附属中学校", "Kyoto Municipal Saikyo High School, Junior High School"),
    ("<b>保存</b>を押すと{0}件が保存されます。", "Press <b>Save</b> to save {0} items."),
    ("はい。", "Yes."),
    ("2021年7月23日に東京オリンピックが開幕した。", "The Tokyo Olympics opened on July 23, 2021."),
]
LANGS = [("ja", "en"), ("en", "ja"), ("zh", "ko"), ("de", "fr"), ("ru", "xx")]


def scores(rows: list[tuple[str, str]], langs: tuple[str, str]) -> dict[str, np.ndarray]:
    block = Block.of([(f"a:{n}", src, tgt) for n, (src, tgt) in enumerate(rows)])
    return table.score(Measures(block, *langs))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8), st.sampled_from(LANGS), st.integers(0, 8))
def test_a_row_has_the_same_bits_alone_in_a_block_and_in_another_order(rows, langs, cut):
    whole = scores(rows, langs)
    halves = [scores(part, langs) for part in (rows[:cut], rows[cut:]) if part]
    turned = scores(rows[::-1], langs)
    for name, numbers in whole.items():
        assert numbers.dtype == np.float32 and numbers.shape == (len(rows),), name
        assert numbers.tobytes() == np.concatenate([half[name] for half in halves]).tobytes(), name
        assert numbers.tobytes() == turned[name][::-1].tobytes(), name


def test_no_rows_have_no_numbers():
    assert all(numbers.shape == (0,) for numbers in scores([], ("ja", "en")).values())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
def test_a_row_turned_round_has_its_sides_numbers_exchanged(rows):
    there, back = scores(rows, ("ja", "en")), scores([(tgt, src) for src, tgt in rows], ("en", "ja"))
    for name, numbers in there.items():
        other = {"src-": "tgt-", "tgt-": "src-"}.get(name[:4])
        turned = back[other + name[4:]] if other else back[name]
        # the deviation of lengths is signed: positive where the target is too long
        expected = -turned if name == "length-ratio" else turned
        assert np.array_equal(numbers, expected, equal_nan=True), name


@settings(max_examples=40, deadline=None)
@given(st.tuples(texts, texts))
def test_shares_are_shares(row):
    found = scores([row], ("ja", "en"))
    for name, numbers in found.items():
        if "share of" in table.TABLE[name].about:
            assert np.isnan(numbers[0]) or 0 <= numbers[0] <= 1, name
        if name.endswith("language"):
            assert np.isnan(numbers[0]) or -1 <= numbers[0] <= 1, name


def test_profiles_change_filters_that_there_are():
    for changes in CHANGES.values():
        assert set(changes) <= set(table.TABLE)


def test_every_profile_names_filters_of_the_table_in_its_order():
    order = list(table.TABLE)
    for name, profile in table.PROFILES.items():
        assert sorted(profile, key=order.index) == list(profile), name
    assert set(table.PROFILES) == {"web", "news", "tm", "strict", "keep-most"}


def test_only_strict_needs_a_model():
    needs = {p: [n for n in limits if table.TABLE[n].score is None] for p, limits in table.PROFILES.items()}
    assert needs == {"web": [], "news": [], "tm": [], "strict": ["cosine"], "keep-most": []}


def test_keep_most_keeps_what_web_keeps():
    for name, limit in table.PROFILES["keep-most"].items():
        web = table.PROFILES["web"].get(name, Limit())
        assert limit.low <= web.low and web.high <= limit.high, name


def test_every_filter_says_what_its_number_is():
    for name, one in table.TABLE.items():
        assert isinstance(one, Filter) and one.name == name and len(one.about) > 20
        assert all(":" in other for other in one.same_as), name


def test_limits_change_a_profile_and_take_filters_out():
    found = table.limits("web", {"numbers": Limit(high=3), "copy": None})
    assert found["numbers"] == Limit(high=3) and "copy" not in found
    with pytest.raises(OptionError, match="profile: expected one of web, news, tm, strict, keep-most"):
        table.limits("wild", {})
    with pytest.raises(OptionError, match=r"filter\.lenght"):
        table.limits("web", {"lenght": Limit()})


def test_limits_go_with_the_language_of_a_side():
    there, back = table.limits("web", {}), table.limits("web", {}, ("en", "ja"))
    for name, limit in there.items():
        other = {"src-": "tgt-", "tgt-": "src-"}.get(name[:4])
        turned = back[other + name[4:] if other else name]
        assert (Limit(-turned.high, -turned.low) if name == "length-ratio" else turned) == limit, name
    both = table.limits("web", {}, ("de", "fr"))
    assert both["src-script"] == both["tgt-script"] == there["tgt-script"]
    assert table.limits("web", {"src-length": Limit(1, 5)}, ("en", "ja"))["src-length"] == Limit(1, 5)


@pytest.mark.parametrize(("src", "tgt"), GOOD)
def test_good_pairs_pass_turned_round(src, tgt):
    found = scores([(tgt, src)], ("en", "ja"))
    assert [n for n, limit in table.limits("web", {}, ("en", "ja")).items() if not limit.accept(found[n])[0]] == []


def test_signatures_change_with_what_they_sign():
    assert table.signature("ja", "en") != table.signature("en", "ja")
    assert table.limits_signature(table.limits("web", {})) != table.limits_signature(table.limits("tm", {}))


BAD = [
    ("", "There are three cats.", "empty"),
    ("猫がいる。\ufffd", "There is a cat.", "encoding"),
    ("Firefox をダウンロード", "Firefox をダウンロード!", "copy"),
    ("这是一只很可爱的猫，我们都喜欢它。", "This is a lovely cat that we all like.", "src-language"),
    ("これは私たちが好きなかわいい猫です。", "Das ist eine schöne Katze, die wir alle mögen.", "tgt-language"),
    ("This cat is the one we all like.", "This cat is one that all of us like.", "src-script"),
    ("★★★☆☆ 3.5 (120)", "Stars: 3.5 (120)", "src-letters"),
    ("0120-123-456", "Call 0120-123-456", "src-letters"),
    ("彼は来た。", "He came, and when he had come he sat down and told us everything he had seen on his way.", "length-ratio"),
    ("猫は3匹いる。", "There are 4 cats.", "numbers"),
    ("詳しくは https://example.org/docs を見てください。", "See https://example.net/other for more details.", "links"),
    ("<b>保存</b>を押すと{0}件が保存されます。", "Press Save to save the items that you have.", "tags"),
    ('<div class="menu">猫がいる。', "There is a cat over there.", "tags"),
    ("ホーム > 製品 > 猫 > 餌", "Home > Products > Cats > Food", "trail"),
    ("続きを読む", "Read more", "notice"),
    ("ははははははははははははは、面白い。", "Ha ha, that is really very funny.", "src-run"),
]  # fmt: skip


@pytest.mark.parametrize(("src", "tgt"), GOOD)
def test_good_pairs_pass_web_and_tm(src, tgt):
    for profile in ("web", "tm", "keep-most"):
        assert reason(src, tgt, profile) is None


@pytest.mark.parametrize(("src", "tgt", "expected"), BAD)
def test_bad_pairs_are_left_out_for_the_first_reason_in_the_table(src, tgt, expected):
    assert reason(src, tgt, "web") == expected


def reason(src: str, tgt: str, profile: str) -> str | None:
    found = scores([(src, tgt)], ("ja", "en"))
    limits = {name: limit for name, limit in table.limits(profile, {}).items() if name in found}
    return next((name for name, limit in limits.items() if not limit.accept(found[name])[0]), None)
