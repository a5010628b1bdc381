r"""Text that was decoded wrongly, repaired where that is sure; characters nobody sees, taken out.

Two accidents happen to Japanese and English text. UTF-8 bytes were read as Latin-1 or Windows-1252 (`ã\x81¯` for は, `â€™` for ’), or as Shift_JIS
(`縺ｯ` for は). Both can be undone where no byte was lost: the text is encoded as it was decoded, and decoded as what it was. A repair is made only
where that gives back every byte and the result is text that the other reading cannot have been meant as; see `repair`.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = 1

# Windows-1252 has letters and typographic signs where Latin-1 has controls; five bytes it lacks stay controls in what browsers and Python's
# users make of it, so both readings are one table.
_TYPOGRAPHIC = {
    bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_BYTES = str.maketrans(_TYPOGRAPHIC)
_GOES_ON = "\u0080-\u00bf" + "".join(_TYPOGRAPHIC)
# A lead byte of UTF-8 with as many continuation bytes as it asks for, as Latin-1 and Windows-1252 show them.
_SEQUENCE = re.compile(f"[\u00c2-\u00df][{_GOES_ON}]|[\u00e0-\u00ef][{_GOES_ON}]{{2}}|[\u00f0-\u00f4][{_GOES_ON}]{{3}}")
# What may follow an accented letter in good text: `irmã”…` is no UTF-8. A sequence of nothing else proves nothing.
_FOLLOWS = frozenset("‘’“”–—…«»‹›\u00a0·°´")

_HALVES = re.compile("[\u0080-\u009f]")
_LEADS = ("縺", "繧", "繝")  # the bytes E3 81, E3 82 and E3 83, which kana begin with, read as Shift_JIS
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_RARE = re.compile("[\u00c2-\u00f4\uff61-\uff9f]")
_KANA_SIGNS = re.compile("[\u3001-\u3003\u3005-\u3015\u3041-\u30ff\uff01-\uff5e]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")

# Controls but for white space, soft hyphens, zero-width signs, directions, annotations, byte order marks. Joiners of emoji stay: see `_joins`.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)


def repair(text: str) -> str:
    r"""Text as it was before somebody decoded it wrongly, once or several times; unchanged where that is not sure.

    Read as Latin-1 or Windows-1252: every sequence that is UTF-8 is decoded, where at least one has a sign in it that no good text has behind an
    accented letter, and where no control character is left at the end. Read as Shift_JIS: the whole text, or else its words, where it comes out
    as UTF-8 to the last byte, with kana, full-width signs or two ideographs in it.

    Example:
        >>> repair("It\u00e2\u20ac\u2122s \u00e3\u0081\u00af"), repair("縺ｯ縺・"), repair("縺ｯ"), repair("irm\u00e3”… voilà")
        ('It’s は', '縺ｯ縺・', 'は', 'irmã”… voilà')
    """
    made = text
    for _ in range(3):  # text that went wrong three times has been seen; more would be an invention
        better = _from_latin(made)
        if better == made:
            better = _from_shift_jis(made)
        if better == made:
            break
        made = better
    # the controls between 0x80 and 0x9F are half of something: where some are left, not everything was understood
    return text if _HALVES.search(made) else made


def suspicious(text: str) -> bool:
    """False for text that `repair` leaves as it is; a cheap test, which nearly all good text fails.

    Example:
        >>> suspicious("猫はいる。"), suspicious("café"), suspicious("縺ｯ")
        (False, False, True)
    """
    if text.isascii():
        return False
    if "縺" in text or "繧" in text or "繝" in text:
        return True
    # one pass over characters that nearly no text has; what they mean is looked at where one was found
    if _RARE.search(text) is None:
        return False
    return _HALF_KANA.search(text) is not None or _SEQUENCE.search(text) is not None


def unseen(text: str) -> str:
    r"""Text without control characters and without signs that are not seen; white space stays, and so do the joiners of emoji.

    Example:
        >>> unseen("a\u200bb\u00adc\x07\u202ed\n"), unseen("👩\u200d💻") == "👩\u200d💻"
        ('abcd\n', True)
    """
    if "\u200d" in text:
        return _UNSEEN.sub(_joins, text)
    return _UNSEEN.sub("", text)


def _joins(found: re.Match[str]) -> str:
    """A zero-width joiner between two pictures makes one of them; between letters of our languages it is a leftover."""
    text, at = found.string, found.start()
    if found[0] != "\u200d" or not 0 < at < len(text) - 1:
        return ""
    before = text[at - 2] if text[at - 1] == "\ufe0f" and at > 1 else text[at - 1]
    return "\u200d" if all(unicodedata.category(c) in ("So", "Sk") for c in (before, text[at + 1])) else ""


def _from_latin(text: str) -> str:
    sure = False

    def decoded(found: re.Match[str]) -> str:
        nonlocal sure
        shown = found[0]
        data = bytes(c if c < 256 else 0 for c in map(ord, shown.translate(_BYTES)))
        try:
            meant = data.decode("utf-8")
        except UnicodeDecodeError:
            return shown
        if not _is_text(meant):
            return shown
        sure = sure or _proves(shown)
        return meant

    better = _SEQUENCE.sub(decoded, text)
    return better if sure else text


def _proves(shown: str) -> bool:
    if shown[0] == "\u00c2":  # before ° and · it is the usual leftover, and no word ends in it
        return shown[1] not in "‘’“”–—…«»‹›\u00a0"
    return not _FOLLOWS.issuperset(shown[1:])


def _is_text(meant: str) -> bool:
    return (
        meant.isprintable()
        or "\u0080" <= meant <= "\u009f"
        or meant in ("\u3000", "\u00a0", "\ufeff", "\u200b", "\u200e", "\u200f", "\u00ad")
    )


def _from_shift_jis(text: str) -> str:
    if not any(lead in text for lead in _LEADS) and _HALF_KANA.search(text) is None:
        return text
    whole = _as_utf8(text)
    if whole is not None:
        return whole
    words = re.split(r"([ \t\u3000]+)", text)
    return "".join(word if (better := _as_utf8(word)) is None else better for word in words)


def _as_utf8(text: str) -> str | None:
    """What the text was before it was read as Shift_JIS, None where it was not."""
    if "・" in text:
        return None  # many programs write it for bytes they cannot read: what it stands for is lost
    try:
        meant = text.encode("cp932").decode("utf-8")
    except UnicodeError:
        return None
    if meant == text or not all(_is_text(c) or c.isspace() for c in meant):
        return None
    if not _KANA_SIGNS.search(meant) and len(_IDEOGRAPH.findall(meant)) < 2:
        return None  # ﾈｺ, which is cat, would be a Latin letter
    return meant
