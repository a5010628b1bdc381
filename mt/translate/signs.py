"""What a reader sees without knowing the source language: links, names in Latin script, brackets, foreign characters.

Every function says in words what it found, "" where nothing is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mt.text.latin import links, names, names_missing
from mt.text.marks import CLOSERS, OPENERS

__all__ = ["differ", "japanese", "links", "links_differ", "names", "names_missing", "unbalanced", "unknown"]

_JAPANESE = re.compile(
    r"[\u3001\u3002\u3005-\u300f\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d]+"
)
_UNKNOWN = ("⁇", "<unk>", "\ufffd")
_LIST_MARK = re.compile(r"(?:(?<=\s)|^)(?:[0-9]{1,2}|[A-Za-z])\)|[:;]-?[)(]|\(?\^[^()]{0,5}\^[^()]?\)?")
_INCHES = re.compile(r'(?<=[0-9])"')
# a right single quote is an apostrophe more often than not
_PAIRS = {left: right for left, right in zip(OPENERS, CLOSERS, strict=True) if right != "’"}
_OPENER = {right: left for left, right in _PAIRS.items()}
_MARK = re.compile("[" + re.escape("".join({*_PAIRS, *_OPENER})) + '"]')


def links_differ(src: tuple[str, ...], tgt: tuple[str, ...]) -> str:
    """Links of the source that are missing, and links of the target that are new.

    Example:
        >>> links_differ(("https://a.org/x",), ("https://a.org/y",))
        'missing https://a.org/x; extra https://a.org/y'
    """
    if src == tgt:
        return ""
    return differ([x for x in dict.fromkeys(src) if x not in tgt], [x for x in dict.fromkeys(tgt) if x not in src])


def differ(missing: Iterable[object], extra: Iterable[object]) -> str:
    """Both lists in words.

    Example:
        >>> differ(["12"], [])
        'missing 12'
    """
    lists = (("missing", ", ".join(map(str, missing))), ("extra", ", ".join(map(str, extra))))
    return "; ".join(f"{name} {items}" for name, items in lists if items)


def japanese(text: str, gloss: int) -> str:
    """Stretches of Japanese left in the target, except up to `gloss` characters in brackets behind a Latin word.

    Example:
        >>> japanese("Kyoto (京都) is old.", 20), japanese("Mr. 田中 came.", 20), japanese("(京都) is old.", 20)
        ('', 'left 田中', 'left 京都')
    """
    if text.isascii():
        return ""
    left = []
    for match in _JAPANESE.finditer(text):
        opening = max(text.rfind("(", 0, match.start()), text.rfind("[", 0, match.start()))
        before = text[:opening].rstrip(" \"'”’").removesuffix("*") if opening >= 0 else ""
        closed = opening >= 0 and (")" in text[match.end() :] or "]" in text[match.end() :])
        closed = closed and ")" not in text[opening : match.start()] and "]" not in text[opening : match.start()]
        if closed and before and before[-1].isalnum() and not _JAPANESE.match(before[-1]) and len(match[0]) <= gloss:
            continue
        left.append(match[0])
    return "left " + ", ".join(left) if left else ""


def unknown(text: str, source: str) -> str:
    """Signs for what the model cannot write, unless the source has them.

    Example:
        >>> unknown("He is ⁇ .", "彼は鬱だ。"), unknown("Huh⁇", "えっ⁇")
        ('wrote ⁇', '')
    """
    # NFKC has made two question marks of a double one
    found = [s for s in _UNKNOWN if s in text and s not in source and not (s == "⁇" and "??" in source)]
    return "wrote " + ", ".join(found) if found else ""


def unbalanced(text: str) -> str:
    """Marks without partner: brackets and curly quotes by count, straight double quotes by parity. Apostrophes are not looked at.

    List marks (`a)`), faces (`:)`) and inches (`5"`) do not count.

    Example:
        >>> unbalanced('He said: "no (never.'), unbalanced('1) "Yes" (no)'), unbalanced("「はい。")
        ('( ) 1:0, " odd', '', '「 」 1:0')
    """
    marks = _MARK.findall(text)
    if not marks:
        return ""
    found = []
    for left in dict.fromkeys(_OPENER.get(mark, mark) for mark in marks if mark != '"'):
        opened, closed = marks.count(left), marks.count(_PAIRS[left])
        if opened != closed and left == "(":
            bare = _LIST_MARK.sub("", text)
            opened, closed = bare.count("("), bare.count(")")
        if opened != closed:
            found.append(f"{left} {_PAIRS[left]} {opened}:{closed}")
    straight = marks.count('"')
    if straight % 2 and (straight - len(_INCHES.findall(text))) % 2:
        found.append('" odd')
    return ", ".join(found)
