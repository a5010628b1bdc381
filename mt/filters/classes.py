"""Characters by class: every code point belongs to one, so one count of a block's characters answers for scripts, marks and damage alike."""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

VERSION = 1  # changes whenever a character changes its class

# Signs with a class of their own; width variants are one sign, since NFKC makes them one and other forms keep both.
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~。、「」『』【】〈〉《》〔〕・…“”‘’«»–—→•·"
_WIDE = dict(
    zip(
        "！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～｡､｢｣･",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~。、「」・",
        strict=True,
    )
)
_FIRST_SIGN = 40


class Kind(IntEnum):
    """Classes that hold more than one sign."""

    BREAK = 0  # U+0000: between two rows
    OTHER = 1  # symbols, ornaments, emoji, and what is unassigned
    SPACE = 2
    LOWER = 3  # a to z
    UPPER = 4
    LATIN = 5  # letters beyond ASCII: accented, ligatures
    DIGIT = 6  # full width too
    HIRAGANA = 7
    KATAKANA = 8
    LONG = 9  # ー and its kin, which lengthen kana
    HAN = 10
    NUMERAL = 11  # 一 to 九, 十, 百, 千, 万, 億, 兆, 〇
    CHINESE = 12  # characters that Chinese writes all the time and Japanese does not
    HANGUL = 13
    CYRILLIC = 14
    GREEK = 15
    HEBREW = 16
    ARABIC = 17
    DEVANAGARI = 18
    THAI = 19
    LETTER = 20  # of any other script
    CONTROL = 21  # C0 but for white space, DEL
    CONTROL1 = 22  # C1: text of one byte a character read as another table
    LOST = 23  # U+FFFD
    PRIVATE = 24
    UNSEEN = 25  # zero width, directions, byte order mark
    LEAD = 26  # Â Ã â ã: the lead bytes of UTF-8 that stand before good signs where UTF-8 was read as Latin-1
    LATIN1 = 27  # signs of U+00A0 to U+00BF and × ÷: continuation bytes
    LEAD_JA = 28  # 縺 繧 繝: the same of kana read as Shift_JIS
    HALF_KANA = 29
    JAPANESE = 30  # 々 〆 ヶ: Japanese marks that go with ideographs
    BREAK_LINE = 31  # line breaks and tabs within a text
    BULLET = 32  # ornaments that begin entries of lists and menus


COUNT = _FIRST_SIGN + len(SIGNS)

_RANGES: tuple[tuple[int, int, Kind], ...] = (
    (0x0001, 0x0008, Kind.CONTROL),
    (0x0009, 0x000D, Kind.BREAK_LINE),
    (0x000E, 0x001F, Kind.CONTROL),
    (0x0020, 0x0020, Kind.SPACE),
    (0x0030, 0x0039, Kind.DIGIT),
    (0x0041, 0x005A, Kind.UPPER),
    (0x0061, 0x007A, Kind.LOWER),
    (0x007F, 0x007F, Kind.CONTROL),
    (0x0080, 0x009F, Kind.CONTROL1),
    (0x00A0, 0x00A0, Kind.SPACE),
    (0x00A1, 0x00BF, Kind.LATIN1),
    (0x00C0, 0x024F, Kind.LATIN),
    (0x0250, 0x036F, Kind.LETTER),
    (0x0370, 0x03FF, Kind.GREEK),
    (0x0400, 0x052F, Kind.CYRILLIC),
    (0x0530, 0x058F, Kind.LETTER),
    (0x0590, 0x05FF, Kind.HEBREW),
    (0x0600, 0x07BF, Kind.ARABIC),
    (0x07C0, 0x08FF, Kind.LETTER),
    (0x0900, 0x097F, Kind.DEVANAGARI),
    (0x0980, 0x0DFF, Kind.LETTER),
    (0x0E00, 0x0E7F, Kind.THAI),
    (0x0E80, 0x10FF, Kind.LETTER),
    (0x1100, 0x11FF, Kind.HANGUL),
    (0x1200, 0x1DFF, Kind.LETTER),
    (0x1E00, 0x1EFF, Kind.LATIN),
    (0x1F00, 0x1FFF, Kind.GREEK),
    (0x2000, 0x200A, Kind.SPACE),
    (0x200B, 0x200F, Kind.UNSEEN),
    (0x2028, 0x2029, Kind.BREAK_LINE),
    (0x202A, 0x202E, Kind.UNSEEN),
    (0x202F, 0x202F, Kind.SPACE),
    (0x205F, 0x205F, Kind.SPACE),
    (0x2060, 0x2064, Kind.UNSEEN),
    (0x2066, 0x206F, Kind.UNSEEN),
    (0x25A0, 0x25CF, Kind.BULLET),
    (0x2C00, 0x2DFF, Kind.LETTER),
    (0x2E80, 0x2FDF, Kind.HAN),
    (0x3000, 0x3000, Kind.SPACE),
    (0x3005, 0x3006, Kind.JAPANESE),
    (0x3007, 0x3007, Kind.NUMERAL),
    (0x3041, 0x3096, Kind.HIRAGANA),
    (0x309D, 0x309F, Kind.HIRAGANA),
    (0x30A1, 0x30FA, Kind.KATAKANA),
    (0x30FC, 0x30FC, Kind.LONG),
    (0x30FD, 0x30FF, Kind.KATAKANA),
    (0x3105, 0x312F, Kind.LETTER),
    (0x3130, 0x318F, Kind.HANGUL),
    (0x31F0, 0x31FF, Kind.KATAKANA),
    (0x3400, 0x4DBF, Kind.HAN),
    (0x4E00, 0x9FFF, Kind.HAN),
    (0xA000, 0xABFF, Kind.LETTER),
    (0xAC00, 0xD7FF, Kind.HANGUL),
    (0xE000, 0xF8FF, Kind.PRIVATE),
    (0xF900, 0xFAFF, Kind.HAN),
    (0xFB00, 0xFB06, Kind.LATIN),
    (0xFB1D, 0xFB4F, Kind.HEBREW),
    (0xFB50, 0xFDFF, Kind.ARABIC),
    (0xFE70, 0xFEFE, Kind.ARABIC),
    (0xFEFF, 0xFEFF, Kind.UNSEEN),
    (0xFF10, 0xFF19, Kind.DIGIT),
    (0xFF21, 0xFF3A, Kind.UPPER),
    (0xFF41, 0xFF5A, Kind.LOWER),
    (0xFF66, 0xFF9F, Kind.HALF_KANA),
    (0xFFA0, 0xFFDC, Kind.HANGUL),
    (0xFFF9, 0xFFFB, Kind.UNSEEN),
    (0xFFFD, 0xFFFD, Kind.LOST),
    (0x10000, 0x1AFFF, Kind.LETTER),
    (0x1B000, 0x1B16F, Kind.HIRAGANA),
    (0x20000, 0x2FFFF, Kind.HAN),
)
_SINGLE: dict[Kind, str] = {
    Kind.NUMERAL: "一二三四五六七八九十百千万億兆",
    # the commonest characters of simplified text that Japanese forms differ from, and pronouns and particles of both scripts
    Kind.CHINESE: "这们说时过还样给让吗呢吧你她谁么为关开见东车长门问间对发现进动业产经电话语应该实际设计认识从两请谢欢买卖读听爱书"
    "习团难边远运达选择视频网页链录户购订单您啊哪呀來們這嗎妳說對樣麼發點啲嘅",
    Kind.LEAD: "ÂÃâã",
    Kind.LEAD_JA: "縺繧繝",
    Kind.LATIN1: "×÷",
    Kind.BREAK_LINE: "\u0085",
    Kind.JAPANESE: "ヶヵ",
    Kind.BULLET: "►▶➤➔›‹»※★☆✓✔❯",
}
_LAST = 0x30000
UNASSIGNED = 0x1FFFF  # stands for all beyond


def sign(char: str) -> int:
    """The class of a sign of `SIGNS`.

    Example:
        >>> sign("(") == int(table()[ord("（")])
        True
    """
    return _FIRST_SIGN + SIGNS.index(char)


def signs(chars: str) -> list[int]:
    """Classes of several signs."""
    return [sign(c) for c in chars]


@cache
def table() -> NDArray[np.uint8]:
    """Code point → class, shape (0x30000,); see `within` for what is beyond.

    Example:
        >>> [Kind(table()[ord(c)]).name for c in "aA1のネ猫三"]
        ['LOWER', 'UPPER', 'DIGIT', 'HIRAGANA', 'KATAKANA', 'HAN', 'NUMERAL']
    """
    found = np.full(_LAST, Kind.OTHER, np.uint8)
    found[0] = Kind.BREAK
    for first, last, kind in _RANGES:
        found[first : last + 1] = kind
    for kind, chars in _SINGLE.items():
        for char in set(chars):
            found[ord(char)] = kind
    for char in SIGNS:
        found[ord(char)] = sign(char)
    for wide, char in _WIDE.items():
        found[ord(wide)] = sign(char)
    found.flags.writeable = False
    return found


@cache
def folded() -> NDArray[np.uint8]:
    """Code point → a byte for a Latin letter, the same for both cases, 0 for anything else; shape (0x30000,).

    Letters up to U+00FF are their own lower case; those beyond, of which no word of the language test needs telling apart, share bytes.

    Example:
        >>> [int(folded()[ord(c)]) for c in "aAéÉ1猫"]
        [97, 97, 233, 233, 0, 0]
    """
    found = np.zeros(_LAST, np.uint8)
    for code in range(0x250):
        char = chr(code)
        lower = char.lower()
        if char.isalpha() and len(lower) == 1:
            found[code] = ord(lower) if ord(lower) < 0x100 else _EXTENDED.get(lower, 0x80 + ord(lower) % 32)
    for code in range(0x1E00, 0x1F00):
        found[code] = 0x80 + code // 2 % 32
    for wide in range(0xFF21, 0xFF3B):
        found[wide] = found[wide + 0x20] = ord("a") + wide - 0xFF21
    found.flags.writeable = False
    return found


# letters beyond Latin-1 that the language test's words are written with, at bytes no Latin-1 letter has
_EXTENDED = {char: 0xA0 + number for number, char in enumerate("ąćęłńśźżčďěňřšťůžığşőűățđ")}


def within(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Code points as the tables take them: those of planes that hold no text are one unassigned character.

    Example:
        >>> within(np.array([65, 0xF0000], np.uint32)).tolist() == [65, UNASSIGNED]
        True
    """
    if len(codes) and int(codes.max()) >= _LAST:
        return np.where(codes < _LAST, codes, np.uint32(UNASSIGNED))
    return codes
