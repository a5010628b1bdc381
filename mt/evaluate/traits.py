"""Kinds of segments: what can be said of a text before it is translated, as one label a dimension.

Borders are fixed, not quantiles, so that slices of two test sets are the same kinds. Labels of a dimension are listed in their order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from mt.text.latin import names
from mt.text.numbers import LANGS, numbers

_LENGTHS_JA, _LENGTHS = (16, 31, 51, 81), (9, 17, 26, 41)  # first length of the second slice, of the third, …
_QUOTES = re.compile("[「『“„«\"]|(?<!\\w)['‘](?=\\w)")
_DIGIT = re.compile(r"\d")
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30fe\uff66-\uff9f"
# A name as far as its spelling tells: parts joined by a middle dot, or a title behind; other katakana are mostly words.
_KATAKANA_NAME = re.compile(
    f"[{_KATAKANA}]{{2,}}[・=＝][{_KATAKANA}]{{2,}}"
    f"|[{_KATAKANA}]{{2,}}(?:氏|さん|さま|様|くん|ちゃん|選手|監督|投手|大統領|首相|議員|長官|大臣|国王|女王|王子|教授|博士|容疑者|被告|社(?!会))"
)
_KATAKANA_WORD = re.compile(f"[{_KATAKANA}]{{3,}}")
_QUESTION = re.compile(r"[?？][」』）)\"”’]*$|(?<!静)か。?[」』）)]*$")
_QUESTION_OTHER = re.compile(r"\?[\"”’)]*$")
_ENDS = re.compile(r"[.。．!！?？…][\"”’」』）)\]】]*$")
_KANJI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_POLITE = re.compile(
    "(?:です|ます|でした|ました|ません|でしょう|ましょう|ください|下さい|ございます)(?:か|ね|よ|が|が、)?[。！？!?」』）)]*$"
)


@dataclass(frozen=True, slots=True)
class Trait:
    """A dimension: its name, its labels in order, and the label of a text, None for a text it does not apply to."""

    dimension: str
    labels: tuple[str, ...]
    label: Callable[[str], str | None]


def traits(lang: str, side: str = "source") -> tuple[Trait, ...]:
    """The dimensions of texts in a language.

    Args:
        lang: code; Japanese has dimensions of its own.
        side: what the text is called in the names of dimensions.

    Example:
        >>> found = {t.dimension: t.label("ジョー・バイデン氏は「2021年に行く」と述べたか") for t in traits("ja")}
        >>> found["length of the source"], found["quotation"], found["numbers"], found["katakana"], found["ending"], found["question"]
        ('16–30 characters', 'with quotation marks', 'with a number', 'with a name', 'no final mark (headline, caption)', 'question')
    """
    common = (
        _lengths(lang, side),
        _choice("quotation", "with quotation marks", "without", lambda s: _QUOTES.search(s) is not None),
        _choice("numbers", "with a number", "without", lambda s: _has_number(s, lang)),
        _choice("question", "question", "other", lambda s: _asks(s, lang)),
        _choice(
            "ending", "final mark", "no final mark (headline, caption)", lambda s: _ENDS.search(s.rstrip()) is not None
        ),
    )
    if lang != "ja":
        return common
    own = (
        Trait("katakana", ("with a name", "with a word", "without"), katakana),
        _choice("Latin names", "with a Latin name", "without", lambda s: bool(names(s))),
        Trait("script", ("under 30 % kanji", "30–50 % kanji", "over 50 % kanji"), script),
        Trait("politeness", ("polite (です, ます)", "plain"), politeness),
    )
    return (*common, *own)


def katakana(text: str) -> str:
    """Whether a name in katakana is there, another word in katakana, or neither.

    Example:
        >>> katakana("メルケル首相"), katakana("マスクの着用"), katakana("ネコ")
        ('with a name', 'with a word', 'without')
    """
    if _KATAKANA_NAME.search(text):
        return "with a name"
    return "with a word" if _KATAKANA_WORD.search(text) else "without"


def script(text: str) -> str | None:
    """Share of kanji among kanji and kana; None without either.

    Example:
        >>> script("ねこがいる"), script("猫が居る"), script("東京都知事選"), script("NATO")
        ('under 30 % kanji', '30–50 % kanji', 'over 50 % kanji', None)
    """
    kanji, kana = len(_KANJI.findall(text)), len(_KANA.findall(text))
    if not kanji + kana:
        return None
    share = kanji / (kanji + kana)
    return "under 30 % kanji" if share < 0.3 else "30–50 % kanji" if share <= 0.5 else "over 50 % kanji"


def politeness(text: str) -> str | None:
    """Style of a whole sentence's end; None where there is no final mark.

    Example:
        >>> politeness("猫がいます。"), politeness("猫がいる。"), politeness("猫、発見")
        ('polite (です, ます)', 'plain', None)
    """
    bare = text.rstrip()
    if not _ENDS.search(bare):
        return None
    return "polite (です, ます)" if _POLITE.search(bare) else "plain"


def _choice(dimension: str, yes: str, no: str, test: Callable[[str], bool]) -> Trait:
    return Trait(dimension, (yes, no), lambda text: yes if test(text) else no)


def _lengths(lang: str, side: str) -> Trait:
    unit, borders = ("characters", _LENGTHS_JA) if lang in ("ja", "zh") else ("words", _LENGTHS)
    firsts = (1, *borders)
    labels = [f"{a}–{b - 1} {unit}" for a, b in zip(firsts[:-1], borders, strict=True)]
    labels.append(f"{borders[-1]} {unit} and more")

    def label(text: str) -> str | None:
        length = sum(not c.isspace() for c in text) if unit == "characters" else len(text.split())
        return labels[bisect_right(borders, length)] if length else None

    return Trait(f"length of the {side}", tuple(labels), label)


def _has_number(text: str, lang: str) -> bool:
    return bool(numbers(text, lang)) if lang in LANGS else _DIGIT.search(text) is not None


def _asks(text: str, lang: str) -> bool:
    return (_QUESTION if lang == "ja" else _QUESTION_OTHER).search(text.rstrip()) is not None
