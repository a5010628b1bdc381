"""What a translation keeps as it stands: links, e-mail addresses, and names and codes in Latin script."""

from __future__ import annotations

import re
from itertools import pairwise

# A link ends before white space, brackets, quotes and whatever is not ASCII: Japanese follows a URL without a blank.
_LINK = re.compile(
    r"(?:https?://|www\.)[!#$%&'*+,\-./0-9:;=?@A-Z_a-z~()]+|[\w.+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", re.ASCII
)
_NAME = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+(?:['’&.+\-][A-Za-z0-9\u00c0-\u024f]+)*")
_APART = re.compile(r"[\W_]+")
# Units and marks that English spells out or converts; abbreviations made in Japan or used there for what English calls otherwise.
_ABBREVIATIONS = (
    "km cm mm kg mg ml kw kwh mw gw ha hz khz mhz ghz mph kmh bps kb mb gb tb dpi fps vs no vol pp am pm jst utc sns ol hp cm ob og ng sp "
    "cd pr pv mv mc bgm dm ok qa tel fax url op ed tv pc web up vip pk fk ck fw mf df gk mvp ceo cfo coo cto usd jpy ad bc ce bce"
)
_NO_NAMES = frozenset(_ABBREVIATIONS.split())


def links(text: str) -> tuple[str, ...]:
    """URLs and e-mail addresses, punctuation behind them left out.

    Example:
        >>> links("詳細はhttps://example.org/a?b=1をご覧ください。")
        ('https://example.org/a?b=1',)
    """
    if "://" not in text and "@" not in text and "www." not in text:
        return ()
    found = []
    for match in _LINK.finditer(text):
        link = match[0].rstrip(".,;:!?'")
        while link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1].rstrip(".,;:!?'")
        found.append(link)
    return tuple(found)


def names(text: str) -> tuple[str, ...]:
    """Names and codes in Latin script: runs of ASCII letters and digits with a capital, links, units and abbreviations of Japan left out.

    A word all in small letters is no name; one letter alone is none either, nor are digits with one unit letter (`100m`).

    Example:
        >>> names("NATOはiPhone 15とG7、約5kmのSNS")
        ('NATO', 'iPhone', 'G7')
    """
    for link in links(text):
        text = text.replace(link, " ")
    return tuple(dict.fromkeys(run for run in _NAME.findall(text) if _is_name(run)))


def _is_name(run: str) -> bool:
    letters = sum(c.isalpha() for c in run)
    if not letters or run == run.lower() or len(run) < 2 or run.lower() in _NO_NAMES:
        return False
    # 50W, 3D and 100MB are numbers with units; G7, F1 and A380 begin with their letter
    return not (run[0].isdigit() and letters <= 2)


def names_missing(wanted: tuple[str, ...], text: str) -> list[str]:
    """Names that stand nowhere in the target, whatever their case, hyphens, blanks or endings; initials may be spelled out.

    Example:
        >>> names_missing(("NATO", "Covid-19", "GDP", "APEC"), "Nato's COVID 19 report on the gross domestic product")
        ['APEC']
    """
    if not wanted:
        return []
    low = text.lower()
    left = [name for name in wanted if name.lower() not in low]
    short = [name for name in wanted if len(name) <= 3 and name not in left and not _stands(name.lower(), low)]
    if not left and not short:
        return []
    parts = [part for part in _APART.split(low.replace("'", "").replace("’", "")) if part]
    bare = "".join(parts)
    initials = "".join(part[0] for part in parts)
    big = "".join(part[0] for part in parts if part not in {"of", "the", "and", "for", "on", "in", "to", "a"})
    return [
        name for name in wanted if (name in left or name in short) and not _spelled(name, parts, bare, (initials, big))
    ]


def _stands(name: str, low: str) -> bool:
    """True where a short name stands as a word, an English ending allowed; `us` does not stand in `house`."""
    at = low.find(name)
    while at >= 0:
        end = at + len(name)
        before, behind = low[at - 1 : at] if at else "", low[end : end + 1]
        if not (before.isalpha() and name[0].isalpha()) and (
            not behind.isalnum() or low[end : end + 2].rstrip(" .,") == "s"
        ):
            return True
        at = low.find(name, at + 1)
    return False


def _spelled(name: str, parts: list[str], bare: str, initials: tuple[str, ...]) -> bool:
    low = _APART.sub("", name.lower())
    if len(low) > 3 and (low in bare or (low.endswith("s") and low[:-1] in bare)):
        return True
    pieces = [piece for piece in _APART.split(name.lower()) if piece]
    if len(pieces) > 1 and all(piece in parts or len(piece) == 1 for piece in pieces):
        return True
    if low in parts or any(low in (a + b, (a + b).removesuffix("s")) for a, b in pairwise(parts)):
        return True
    return len(low) <= 6 and name.isupper() and any(low in letters for letters in initials)
