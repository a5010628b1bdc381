"""Mojibake and unseen characters: damage done by Python's own codecs is undone; good text is never touched."""

import unicodedata
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext.records import Record, records
from mt.text.repair import repair, suspicious, unseen

BITEXT = Path("../shared/data/bitext")
JAPANESE = st.text(
    st.sampled_from("あいうえおかきくけこがぱっょんアイウエオヴー、。「」（）！？日本語猫犬鳥一二三〇年月人大小 "),
    min_size=2,
    max_size=30,
)
# letters and signs that good European text is made of, in any order
EUROPEAN = st.text(st.sampled_from("aeiouéèêàâãñçüöäßøåæÉÀÂÃÇ ’‘“”«»–—…,.!?°·'\"\u00a0£§"), max_size=40)


def as_1252(text):
    """UTF-8 bytes as browsers show them when they take them for Windows-1252."""
    undefined = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return "".join(chr(b) if b in undefined else bytes([b]).decode("cp1252") for b in text.encode())


@given(JAPANESE)
def test_japanese_comes_back_from_every_accident(text):
    text = text.strip()
    if text.isascii():
        return
    for damage in (lambda t: t.encode().decode("latin-1"), as_1252, lambda t: as_1252(as_1252(t))):
        assert repair(damage(text)) == text
        assert suspicious(damage(text))


@pytest.mark.parametrize(
    "text", ["それは猫です。", "日本語の文です", "「そう」と言った。", "カタカナ と ひらがな", "（注）"]
)
def test_japanese_comes_back_from_shift_jis_where_no_byte_was_lost(text):
    try:
        damaged = text.encode().decode("cp932")
    except UnicodeDecodeError:
        damaged = text.encode().decode("cp932", "replace")
        assert "\ufffd" in repair(damaged)
        return
    assert repair(damaged) == text


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [
        ("Itâ€™s", "It’s"),
        ("â€œfineâ€\x9d", "“fine”"),
        ("cafÃ©", "café"),
        ("25 Â°C", "25 °C"),
        ("ã\x81¯", "は"),
        ("縺ｯ", "は"),
        ("NATO 縺ｯ", "NATO は"),
        ("good 猫 ã\x81¯", "good 猫 は"),
        ("naÃ¯ve café", "naïve café"),  # one word went wrong, the other did not
        ("ðŸ˜€", "😀"),
    ],
)
def test_what_went_wrong_and_what_was_meant(damaged, meant):
    assert repair(damaged) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "猫はいる。",
        "ﾈｺ ﾃﾞｽ ｶﾞ",  # half-width kana are bytes of UTF-8 by chance
        "縺れた糸",  # a kanji that kana often become
        "縺・縺ｯ",  # a byte was lost
        "irmã”… voilà",
        "MAÇÃ»",
        "«LÃ»",
        "façade, Ångström, naïve, São Paulo, Ã, Â",
        "£5 © 2020 ± 3°",
        "ã\x81",  # half a character
    ],
)
def test_what_is_not_sure_stays(text):
    assert repair(text) == text


@given(EUROPEAN)
def test_good_european_text_stays(text):
    # \u00c2 before ° and · is never good text; the strategy can make it, writers do not
    if "Â°" not in text and "Â·" not in text and "Â£" not in text and "Â§" not in text:
        changed = repair(text)
        proved = any(c in text for c in ("Ã£", "Ã§", "Ã°", "Ã·", "ã£", "Ç", "£", "§"))
        assert changed == text or proved


@given(st.text(max_size=40))
def test_the_cheap_test_never_misses(text):
    assert suspicious(text) or repair(text) == text


@given(st.text(max_size=40))
def test_repairing_twice_changes_nothing_more(text):
    made = repair(text)
    assert repair(made) == made or len(made) < len(text)


def test_clean_rows_stay():
    if not BITEXT.is_dir():
        pytest.skip("needs ../shared/data/bitext")
    for name in ("ntrex", "react_docs_ja", "coursera"):
        for one in islice(records(BITEXT / f"{name}.tsv.zst"), 2000):
            if isinstance(one, Record):
                assert (repair(one.src), repair(one.tgt)) == (one.src, one.tgt)


@given(st.text(max_size=30))
def test_what_is_unseen_goes_and_white_space_stays(text):
    made = unseen(text)
    assert unseen(made) == made
    gone = [c for c in made if unicodedata.category(c) == "Cc" and not c.isspace()]
    assert gone == []
    assert [c for c in made if c.isspace()] == [c for c in text if c.isspace()]


def test_joiners_of_pictures_stay():
    family = "👨\u200d👩\u200d👧"
    assert unseen(f"a\u200db {family} ❤\ufe0f\u200d🔥\u200d") == f"ab {family} ❤\ufe0f\u200d🔥"
