"""Rules one by one, beside other programs' answers, published tables and derivations written here."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.filters import languages, lengths, rules_notices, table
from mt.filters.classes import Kind, folded, sign
from mt.filters.classes import table as classes
from mt.filters.measures import Measures
from mt.filters.side import Side, packed
from mt.text.numbers import compare

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not (DATA / "bitext").is_dir(), reason="needs ../shared/data")
text = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


def number(name: str, src: str, tgt: str, langs: tuple[str, str] = ("ja", "en")) -> float:
    return float(table.TABLE[name].score(Measures(Block.of([("a:1", src, tgt)]), *langs))[0])  # type: ignore[misc]


def pairs(source: str, count: int) -> list[tuple[str, str]]:
    from mt.bitext.read import read_pairs
    from mt.filters.rules import clean

    found = []
    for _, src, tgt in read_pairs(DATA / "bitext" / f"{source}.tsv.zst"):
        found.append(clean(src, tgt))
        if len(found) == count:
            break
    return found


# characters


def test_classes_of_letters_are_those_of_unicode():
    """Scripts as the names of Unicode's database have them; the blocks of a script hold marks and digits too, so letters only."""
    for prefix, kind in (("CYRILLIC", Kind.CYRILLIC), ("HANGUL SYLLABLE", Kind.HANGUL), ("HEBREW LETTER", Kind.HEBREW)):
        for code in range(0x250, 0xD7A4):
            char = chr(code)
            if unicodedata.category(char)[0] == "L" and unicodedata.name(char, "").startswith(prefix):
                assert classes()[code] in (kind, Kind.LETTER), hex(code)
    for code in range(0x3041, 0x30FF):
        name = unicodedata.name(chr(code), "")
        if re.match(r"(HIRAGANA|KATAKANA) LETTER", name):
            # ヶ and ヵ are counters that go with ideographs
            assert classes()[code] == (Kind.JAPANESE if chr(code) in "ヶヵ" else Kind[name.split()[0]])


def test_width_does_not_change_the_class_of_a_sign():
    for code in range(0xFF01, 0xFF5F):
        assert classes()[code] == classes()[ord(unicodedata.normalize("NFKC", chr(code)))]


@settings(max_examples=100, deadline=None)
@given(st.lists(text, min_size=1, max_size=5))
def test_counts_are_what_counting_one_by_one_gives(texts):
    side = Side(texts, "en")
    for row, one in enumerate(texts):
        assert side.length[row] == len(one)
        assert side.count(Kind.LOWER)[row] == len(re.findall("[a-zａ-ｚ]", one))
        assert side.has("(")[row] == len(re.findall("[(（]", one))
        words = re.findall(f"[{re.escape(''.join(map(chr, np.flatnonzero(folded()))))}]+", one)
        assert side.word_count[row] == len(words)
    assert side.word_row.tolist() == sorted(side.word_row.tolist())


def test_words_are_packed_without_their_case():
    side = Side(["Çok Ärger", "the THE tHe"], "en")
    assert len(set(side.word_prefix[2:].tolist())) == 1 and int(side.word_prefix[2]) == packed("the")
    with pytest.raises(ValueError, match="at most 8 Latin letters"):
        packed("absolutely")


def test_a_sign_of_its_own():
    assert classes()[ord("。")] == classes()[ord("｡")] == sign("。")


# lengths


def test_the_deviation_of_lengths_is_the_formula():
    model = lengths.MODELS[frozenset({"ja", "en"})]
    han, hiragana, _, _, other = model.weights
    src, tgt = "猫がいる。", "There is a cat in the garden."
    expected = 1 * han + 3 * hiragana + 1 * other  # 猫, がいる, 。
    spread = np.sqrt(model.floor**2 + model.short / expected)
    assert number("length-ratio", src, tgt) == pytest.approx(np.log(len(tgt) / expected) / spread, abs=0.0006)
    assert number("length-ratio", tgt, src, ("en", "ja")) == -number("length-ratio", src, tgt)


def test_lengths_a_few_characters_apart_are_no_reason():
    model = lengths.MODELS[frozenset({"ja", "en"})]
    assert model.expected(Side(["電話番号"], "ja"))[0] - len("Phone") < 20  # and ln(5 / 18.7) is 3.8 deviations
    assert number("length-ratio", "電話番号", "Phone") == -3
    assert number("length-ratio", "電話番号" * 4, "Phone") < -5


def test_addresses_are_no_long_words():
    assert number("tgt-long-word", "x", "see https://a.example/" + "docs/" * 20) == len("a.example")
    assert number("tgt-long-word", "x", "a" * 70) == 70


def test_bases_of_numbers_are_words():
    assert (
        number("numbers", "16進数の値", "a hexadecimal value") == 0 and number("numbers", "16進数の値", "a value") == 1
    )
    assert number("numbers", "およそ 2 . 5 秒", "about 2.5 seconds") == 0


def test_fitting_finds_the_weights_that_made_the_lengths():
    rng = np.random.default_rng(1)
    src, tgt = [], []
    for _ in range(1500):
        han, kana = int(rng.integers(2, 30)), int(rng.integers(2, 60))
        expected = 3.0 * han + 1.5 * kana
        deviation = rng.normal() * np.sqrt(0.15**2 + 1.2 / expected)
        src.append("猫" * han + "の" * kana)
        tgt.append("c" * max(1, round(expected * np.exp(deviation))))
    model = lengths.fit(src, tgt, "ja", "en")
    assert model.weights[0] == pytest.approx(3.0, rel=0.04) and model.weights[1] == pytest.approx(1.5, rel=0.04)
    assert model.floor == pytest.approx(0.15, abs=0.02) and model.short == pytest.approx(1.2, abs=0.3)
    found = model.deviations(Side(src, "ja"), Side(tgt, "en"))
    assert abs(found.mean()) < 0.1 and found.std() == pytest.approx(1, abs=0.1)


def test_fitting_needs_pairs():
    with pytest.raises(ValueError, match="expected ten pairs or more, found 1"):
        lengths.fit(["猫", ""], ["cat", "dog"], "ja", "en")


def test_languages_without_a_model_have_no_deviation():
    assert np.isnan(number("length-ratio", "Katze", "chat", ("de", "fr")))


def test_japanese_is_never_measured_in_words_between_blanks():
    assert np.isnan(number("src-words", "猫 が いる", "a cat")) and number("tgt-words", "猫", "There is a cat") == 4
    assert number("src-long-word", "変数 internationalization です", "x") == len("internationalization")


# languages


@pytest.mark.parametrize(
    ("name", "src", "tgt", "low", "high"),
    [
        ("src-language", "猫がいる。", "x", 1, 1),
        ("src-language", "中华人民共和国国务院总理今天在北京会见了他们", "x", -1, -1),
        ("src-language", "我是一個學生,他也是學生的朋友。", "x", -1, -1),
        ("src-language", "고양이가 있다.", "x", -1, -1),
        ("src-language", "東京都千代田区霞が関一丁目", "x", 1, 1),
        ("src-language", "京都市立西京高等学校附属中学校", "x", 1, 1),
        ("tgt-language", "x", "This is the cat that I have seen in the garden.", 1, 1),
        ("tgt-language", "x", "C'est le chat que j'ai vu dans le jardin.", -1, -0.9),
        ("tgt-language", "x", "Este es el gato que vi en el jardín.", -1, -0.9),
        ("tgt-language", "x", "Dit is de kat die ik in de tuin heb gezien.", -1, -0.3),
        ("tgt-script", "x", "Это кошка, которую я видел.", 0, 0),
    ],
)
def test_languages_are_told_apart(name, src, tgt, low, high):
    assert low <= number(name, src, tgt) <= high


def test_nothing_is_said_of_too_few_words():
    assert np.isnan(number("tgt-language", "京都", "Kyoto")) and "en" in languages.LANGS


@needs_data
def test_foreign_lines_of_a_book_and_english_ones_of_news_are_told_apart():
    """Text+Berg's German and French against NTREX's English."""
    for side in ("de", "fr"):
        lines = (DATA / "sentence-alignment" / "text-berg" / f"dev.{side}").read_text(encoding="utf-8").splitlines()
        found = languages.latin(Side([line for line in lines if line], "en"))
        assert np.mean(found < 0.1) > 0.7
        assert np.mean(found >= 0.1) < 0.04
    found = languages.latin(Side([tgt for _, tgt in pairs("ntrex", 2000)], "en"))
    assert np.mean(found < 0.1) < 0.003


# numbers


@needs_data
@pytest.mark.parametrize(("source", "share"), [("kyoto_wiki", 0.35), ("ntrex", 0.12), ("python_docs_ja", 0.12)])
def test_numbers_are_those_of_the_parser_with_few_misses(source, share):
    """Where the rule sees a difference the parser does, and it passes over few of those: short cuts may only find agreement.

    What it passes over in these rows of Wikipedia is 四季 beside `4 Seasons` and the like, which the parser takes for no number. Rows with 16進,
    which the rule knows to be `hexadecimal`, are left out.
    """
    seen = missed = 0
    for src, tgt in pairs(source, 1500):
        found = number("numbers", src, tgt)
        if np.isnan(found) or "進" in src:
            continue
        read = compare(src, tgt)
        count = len(read.missing) + len(read.extra)
        assert found in (0, count)
        seen += count > 0
        missed += count > 0 and found == 0
    assert missed <= max(1, share * seen)


def test_digits_are_compared_in_other_languages():
    assert number("numbers", "3 Katzen, 4 Hunde", "3 chats et 5 chiens", ("de", "fr")) == 2
    assert np.isnan(number("numbers", "三匹", "three"))
    assert np.isnan(number("numbers", "3" + "猫" * 600, "4 cats"))


# marks and the rest: (filter, source, target, number)


@pytest.mark.parametrize(
    ("name", "src", "tgt", "expected"),
    [
        ("end-marks", "猫がいる。", "There is a cat.", 0),
        ("end-marks", "猫がいる", "There is a cat.", 1),
        ("end-marks", "次の通り:", "As follows.", 2),
        ("end-marks", "猫がいる。", "Is there a cat?", 3),
        ("end-marks", "猫がいますか。", "Is there a cat?", 0),
        ("end-marks", "猫がいる理由", "Why is there a cat?", 0),
        ("end-marks", "彼は何を見た。", "What did he see?", 0),
        ("end-marks", "猫がいるとどうなりますか?", "What to do if there is a cat", 0),
        ("end-marks", "「猫は?」と聞いた。", 'He asked, "And the cat?"', 0),
        ("end-marks", "「猫がいる。」", '"There is a cat."', 0),
        ("sentences", "猫がいる。犬もいる。", "There is a cat. There is a dog. Both sleep.", 1),
        ("sentences", "バージョン3.5です。", "It is version 3.5.", 0),
        ("quotations", "「猫」と『犬』", '"Cat" and "dog"', 0),
        ("quotations", "「猫」と『犬』", "Cat and dog", 2),
        ("src-brackets", "（猫」", "x", 2),
        ("src-brackets", "(猫）", "x", 0),
        ("src-repeats", "いろいろな人がますます増えて、それぞれ帰った。", "x", np.nan),
        (
            "tgt-repeats",
            "x",
            "the cat sat on the mat, the cat sat on the mat",
            0.4545454680919647,
        ),  # 11 pairs of words, 5 for the second time
        ("src-run", "はははは、おもしろい", "x", 4),
        ("src-run", "いろいろ", "x", 0),
        ("tgt-run", "x", "abababab", 8),
        ("tgt-run", "x", "-----------------", 0),
        ("tgt-glued", "x", "acceptCookiesHere", 2),
        ("tgt-spaced-out", "x", "t h i s is", 4),
        ("tgt-spaced-out", "x", "this is a b test", 0),
        ("escapes", r"\u3042", "a", 1),
        ("encoding", "猫", "It\u00e2\u20ac\u2122s", 2),  # three signs for one
        ("encoding", "猫", "Café São Paulo, Âge", 0),
        ("names", "NATOとEUは", "NATO and the EU", 1),
        ("names", "NATOは", "The alliance is", 0),
        ("names", "複数のABC", "many ABCs", 1),
        ("names", "猫", "cat", np.nan),
        ("names", "Webサイトの猫", "Cats of this website", 1),
        ("names", "NodeREDで動く", "It runs on Node-RED", 1),
        ("names", "DoS攻撃になる", "This leads to denial of service", 1),
        ("names", "Mozillaの約束", "Our promise", 0.5),
        ("names", "MozillaとFirefoxの約束", "Our promise", 0),
        (
            "copied",
            "git commit push pull add",
            "git commit push pull log",
            0.800000011920929,
        ),  # `log` and `add` differ: 4 of 5
        ("links", "https://a.example/b。", "See https://a.example/b.", 1),
        ("links", "www.a.example", "", 0),
        ("links", "https://a.example/bをご覧ください。", "See https://a.example/b.", 1),
        ("links", "me@a.exampleまで", "Write to me@a.example", 1),
        ("link-count", "猫", "a@b.example, c@d.example", 2),
        ("tags", "<b>猫</b>", "<b>Cat</b>", 1),
        ("tags", '<a href="/ja">猫</a>', '<a href="/en">Cat</a>', 1),
        ("tags", "{0}匹 %s", "{0} cats", 0.6666666865348816),  # 2 × 1 of 3
        ("tags", "猫", "cat", np.nan),
        ("tags", "%sを開く", "Open %s", 1),
        ("debris", '<div class="x">', "cat", 1),
        ("debris", "猫", "a cat", 0),
        ("literals", "Re: 猫", "Re: +++", 3),
        ("trail", "ホーム » 猫 » 犬", "Home", 2),
        ("trail", "設定 » 猫 » 犬を選びます。", "Choose settings » cats » dogs.", 0),
        (
            "trail",
            "x",
            "a long step that says what is found here » and one that says what comes next to it » and last cats",
            0,
        ),
        ("notice", "この記事の続きを読む", "Read more", 1),
        ("notice", "見出しの詳細", "Read more about headings", 0),
        ("notice", "当サイトはクッキーを使用します。", "Cats", 1),
        ("notice", "x", "Firefox blocks cookies", 0),
        ("notice", "x", "Sign up for the cat list", 0),
        ("notice", "x", "Subscribe to events", 0),
        ("notice", "x", "Cats: subscribe to our newsletter", 0.8571428656578064),  # 24 letters of 28
        ("notice", "猫", "The cat reads on", 0),
        ("dates", "2021年7月23日", "July 23, 2021", 1),
        ("dates", "猫は3匹", "3 cats", 0),
        ("header", "# 猫", "Cat", 1),
        ("tgt-titles", "x", "Trump Signs Order on Trade", 1),
        ("tgt-capitals", "x", "BREAKING NEWS", 1),
        ("src-digits", "2021年", "x", 0.800000011920929),
        ("src-letters", "猫!!", "x", 0.5),
        ("src-letters", "目的 =====", "x", 0.6666666865348816),  # a row of one sign is one
        ("copy", "Ｆｉｒｅｆｏｘ!", "firefox", 1),
        ("copy", "!", "!", np.nan),
    ],
)
def test_numbers_by_hand(name, src, tgt, expected):
    assert number(name, src, tgt) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("latin", [True, False])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_notice_is_passed_over_by_the_quick_look(latin, data):
    """Texts that hypothesis makes of each pattern."""
    n = rules_notices
    some = (n._SURE_LATIN, n._ENTRIES_LATIN) if latin else (n._SURE_JA, n._ENTRIES_JA)
    pattern = data.draw(st.sampled_from((n._SURE_SIGNS, *some[0], *some[1])))
    letters = st.sampled_from(sorted({*"abcdefghijklmnopqrstuvwxyz 0123456789", *pattern}))
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=letters)).lower()  # which may be another text
    assume(re.search(pattern, text))
    assert n._may_be(Side([text], "en" if latin else "ja"))[0]


@needs_data
@pytest.mark.parametrize("source", ["rust_book_ja", "react_docs_ja", "generaltest2023_enja"])
def test_web_leaves_out_few_pairs_of_sources_it_was_not_set_on(source):
    rows = pairs(source, 1500)
    block = Block.of([(f"a:{n}", src, tgt) for n, (src, tgt) in enumerate(rows)])
    found = table.score(Measures(block, "ja", "en"))
    accepted = np.ones(len(rows), bool)
    for name, limit in table.limits("web", {}).items():
        accepted &= limit.accept(found[name])
    assert accepted.mean() >= 0.97
