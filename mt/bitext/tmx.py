"""TMX 1.4b, the exchange format of translation memories (LISA OSCAR specification, 2005)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from mt.types import Pair

# XML 1.0 has no way to write these, not even escaped (production [2], Char).
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dumps(pairs: Iterable[Pair], *, src_lang: str, tgt_lang: str, tool_version: str) -> str:
    """The file's text, one translation unit a pair, its origin and scores as properties.

    Characters that XML cannot hold become U+FFFD. No date is written, so that the same pairs give the same bytes.

    Args:
        pairs: rows of the corpus; ids become `tuid`.
        src_lang: BCP 47 tag of the source side.
        tgt_lang: of the target side.
        tool_version: of this program.

    Example:
        >>> text = dumps([Pair("1", "猫<3", "Cat & co", "mt")], src_lang="ja", tgt_lang="en", tool_version="1")
        >>> text.splitlines()[6]
        '      <tuv xml:lang="ja"><seg>猫&lt;3</seg></tuv>'
    """
    made = "".join(_pair(pair, (src_lang, tgt_lang)) for pair in pairs)
    return f"{head(src_lang=src_lang, tgt_lang=tgt_lang, tool_version=tool_version)}{made}{TAIL}"


TAIL = "  </body>\n</tmx>\n"


def head(*, src_lang: str, tgt_lang: str, tool_version: str) -> str:
    """What stands before the first unit; `TAIL` stands behind the last."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
        '<tmx version="1.4">\n'
        f'  <header creationtool="kakehashi" creationtoolversion={quoteattr(tool_version)} segtype="sentence" o-tmf="kakehashi"'
        f' adminlang="en" srclang={quoteattr(src_lang)} datatype="plaintext"/>\n'
        "  <body>\n"
    )


def unit(id: str, sides: tuple[str, str], langs: tuple[str, str], properties: Iterable[tuple[str, str]]) -> str:
    """One translation unit.

    Args:
        id: becomes `tuid`.
        sides: source and target.
        langs: their languages.
        properties: types and values.

    Example:
        >>> unit("1", ("猫", "Cat"), ("ja", "en"), [("x-origin", "mt")]).splitlines()[0]
        '    <tu tuid="1"><prop type="x-origin">mt</prop>'
    """
    props = "".join(f"<prop type={quoteattr(legal(name))}>{content(value)}</prop>" for name, value in properties)
    return written(id, (content(sides[0]), content(sides[1])), langs, props)


def written(id: str, contents: tuple[str, str], langs: tuple[str, str], props: str) -> str:
    """A unit whose sides and properties are written already, as `content` has them."""
    made = "".join(
        [
            f"      <tuv xml:lang={quoteattr(lang)}><seg>{text}</seg></tuv>\n"
            for lang, text in zip(langs, contents, strict=True)
        ]
    )
    return f"    <tu tuid={quoteattr(legal(id))}>{props}\n{made}    </tu>\n"


def _pair(pair: Pair, langs: tuple[str, str]) -> str:
    properties = [("x-origin", pair.origin), *((f"x-{name}", f"{value:g}") for name, value in pair.scores.items())]
    return unit(pair.id, (pair.src, pair.tgt), langs, properties)


def content(text: str) -> str:
    r"""What stands between two tags.

    Example:
        >>> content("a < b\x00")
        'a &lt; b\ufffd'
    """
    return escaped(legal(text))


def escaped(text: str) -> str:
    """What stands between two tags, of a text that XML can hold."""
    # a bare carriage return would come back as a line feed: XML readers fold line ends unless it is a character reference
    return escape(text, {"\r": "&#13;"})


def legal(text: str) -> str:
    """The text with U+FFFD where XML has no way to write a character."""
    return _ILLEGAL.sub("\ufffd", text)
