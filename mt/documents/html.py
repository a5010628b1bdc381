"""HTML pages → prose: their main text, by trafilatura (Barbaresi 2021), without menus, footers and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring

from mt.documents.prose import Dropped, Prose, joined
from mt.errors import EncodingError, UserError
from mt.text.encoding import decode

CODE = "code-block"
NO_TEXT = "no-text"
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_BLOCKS = frozenset({"p", "head", "item", "cell", "quote", "row", "list", "table", "main", "doc", "div"})


def prose(text: str, lang: str, name: str = "page") -> Prose:
    r"""The main text of a page.

    Args:
        text: its HTML.
        lang: its language, for how lines of a paragraph are joined.
        name: its path, for messages.

    Raises:
        UserError: when trafilatura is missing.

    Example:
        >>> body = "<p>" + "The cat sat on the mat and looked at the dog. " * 8 + "</p>"
        >>> code = "<pre><code>x = 1\\n</code></pre>"
        >>> page = prose(f"<html><body><nav>Home</nav><article><h1>Cats</h1>{body}{code}</article></body></html>", "en")
        >>> page.paragraphs[0], page.headings, page.paragraphs[1][:11], [d.reason for d in page.dropped]
        ('Cats', ((0, 1),), 'The cat sat', ['code-block'])
    """
    try:
        import trafilatura
    except ImportError:
        raise UserError(f"{name}: expected the package trafilatura, found none; install kakehashi[corpora]") from None
    # XML has one element a block; no metadata, whose dates depend on the day
    made = trafilatura.extract(
        text, output_format="xml", include_comments=False, include_tables=True, with_metadata=False, deduplicate=False
    )
    if not made:
        return Prose((), (Dropped(None, NO_TEXT),))
    try:
        tree = fromstring(made)
    except ParseError:
        return Prose((), (Dropped(None, NO_TEXT),))
    dropped: list[Dropped] = []
    found = [(" ".join(joined(block.split("\n"), lang).split()), level) for block, level in _blocks(tree, dropped)]
    kept = [(block, level) for block, level in found if block]
    headings = tuple((number, level) for number, (_, level) in enumerate(kept) if level)
    return Prose(tuple(block for block, _ in kept), tuple(dropped), headings)


def decoded(data: bytes, name: str) -> str:
    """The characters of a page, as `characters` finds them."""
    return characters(data, name)[0]


def characters(data: bytes, name: str) -> tuple[str, str]:
    """The characters of a page and their encoding: the one that the page names, else as any text.

    Raises:
        EncodingError: where neither explains its bytes.
    """
    if (named := _CHARSET.search(data[:4096])) is not None:
        encoding = named[1].decode("ascii").lower()
        try:
            return data.decode(encoding), encoding
        except (LookupError, UnicodeDecodeError):
            pass  # pages lie about it
    if not data.strip():
        raise EncodingError(name, "a page", "an empty file")
    found = decode(data, name)
    return found.text, found.encoding


def version() -> str:
    """Of trafilatura, for a fingerprint: another one finds other text. `none` where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version("trafilatura")
    except metadata.PackageNotFoundError:
        return "none"


def _blocks(element: Element, dropped: list[Dropped]) -> Iterator[tuple[str, int]]:
    """Texts of the innermost blocks, in order, each with its level where it is a heading, else 0."""
    text, level = element.text or "", _level(element)
    for child in element:
        if child.tag == "code" and ("\n" in "".join(child.itertext()).strip() or element.tag in ("main", "doc")):
            dropped.append(Dropped(None, CODE, "".join(child.itertext()).strip()[:200]))
        elif child.tag in _BLOCKS:
            if text.strip():
                yield text, level
            text = ""
            yield from _blocks(child, dropped)
        elif child.tag == "lb":
            text += "\n"
        elif child.tag != "graphic":
            text += "".join(child.itertext())
        text += child.tail or ""
    if text.strip():
        yield text, level


def _level(element: Element) -> int:
    """Of a heading, as trafilatura writes it: `<head rend="h2">`; a heading that does not say counts as 1, all else as 0."""
    if element.tag != "head":
        return 0
    named = re.fullmatch(r"h([1-6])", element.get("rend", ""))
    return int(named[1]) if named else 1
