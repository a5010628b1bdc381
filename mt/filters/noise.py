"""Noise planted in clean pairs, kind by kind, so that what filters find and what they lose can be counted.

The kinds are those of Khayrallah and Koehn (2018, "On the Impact of Various Types of Noise on Neural Machine Translation") and what crawls show:

    misaligned      the target of the next row of the document, as where an aligner slipped by one
    wrong-language  one side, mostly the target, is a sentence of a third language
    truncated       half of one side is lost
    mt-copy         the target is a machine translation of the source
    copy            one side stands on both, or half of it does
    number          one number of a side is another one
    near-duplicate  another row again, but for case, punctuation or one word; for deduplication to find
    mojibake        one side was decoded by another code page
    html            tags, entities and attributes left around a side
    boilerplate     a menu, a footer, a notice of cookies, on both sides or on one

Which rows are taken, which kind each gets and how it is done are functions of seed and row id alone (blake2b), so they depend on no other row. What
is done depends on the row's text, and of `misaligned` and `near-duplicate` on its neighbours within the block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType

from mt.block import Block
from mt.errors import OptionError
from mt.filters import noise_texts
from mt.types import check_range

KINDS = (
    "misaligned",
    "wrong-language",
    "truncated",
    "mt-copy",
    "copy",
    "number",
    "near-duplicate",
    "mojibake",
    "html",
    "boilerplate",
)
_DIGITS = re.compile(r"(?<![\d.,])\d+(?![\d.,]*\d)")
_SHORTEST_CUT = 12  # characters of a side of which half is worth the name
_LONG = 200  # characters of both sides, of which one word is no tenth: a copy with a word changed is nearer than .8 by 5-grams
_WORD = re.compile(r"[A-Za-z]{2,8}")
_PAGES = ("cp1252", "latin-1", "shift_jis", "euc_jp", "cp1251")


@dataclass(frozen=True, slots=True)
class Pools:
    """What noise is taken from.

    Attributes:
        foreign: sentences of third languages.
        machine: source → its machine translation; rows whose source is not in it get no `mt-copy`.
    """

    foreign: Sequence[str] = noise_texts.FOREIGN
    machine: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raises OptionError without foreign sentences."""
        if not self.foreign:
            raise OptionError("foreign", "a sentence or more", "none")


@dataclass(frozen=True, slots=True)
class Planted:
    """A block with noise in it.

    Attributes:
        block: the rows, in order, with the same ids; raw texts are forgotten where a row was changed.
        kinds: of each row, None where it is as it was.
        twins: of a near-duplicate, the number of the row it is a copy of; -1 of any other row.
    """

    block: Block
    kinds: Sequence[str | None]
    twins: Sequence[int]


def plant(
    block: Block, kinds: Sequence[str] = KINDS, share: float = 0.2, seed: int = 1, pools: Pools | None = None
) -> Planted:
    """Plant noise in a share of a block's rows, about as many of each kind.

    A row that cannot have the kind it drew (too short to lose half) gets another; one that has a number gets that changed every second time,
    since few rows have one.

    Args:
        block: clean rows in the order of their documents.
        kinds: which, of `KINDS`.
        share: of rows, 0 to 1.
        seed: another one takes other rows.
        pools: what to take noise from; None = the built-in sentences, and no machine translations.

    Raises:
        OptionError: for a kind that there is not, or a share out of range.

    Example:
        >>> rows = [("a:1", "猫は3匹いる。", "There are 3 cats."), ("a:2", "犬はいない。", "There is no dog.")]
        >>> found = plant(Block.of(rows), ["misaligned"], share=1)
        >>> found.kinds, found.block.tgt
        (['misaligned', 'misaligned'], ['There is no dog.', 'There are 3 cats.'])
    """
    check_range("share", share, 0, 1)
    for kind in kinds:
        if kind not in KINDS:
            raise OptionError("kinds", f"of {', '.join(KINDS)}", kind)
    taken = [_draw(seed, id, "taken") < share * 2**64 for id in block.ids]
    src, tgt = list(block.src), list(block.tgt)
    found: list[str | None] = [None] * len(block)
    twins = [-1] * len(block)
    for row in range(len(block)):
        if not taken[row]:
            continue
        one = _Row(block, row, seed, taken, pools or Pools())
        for kind in one.order(kinds):
            if (made := _MAKERS[kind](one)) is not None and made != (block.src[row], block.tgt[row]):
                (src[row], tgt[row]), found[row], twins[row] = made, kind, one.twin
                break
    raw = [[None if k else one for k, one in zip(found, side, strict=True)] for side in (block.src_raw, block.tgt_raw)]
    return Planted(replace(block, src=src, tgt=tgt, src_raw=raw[0], tgt_raw=raw[1]), found, twins)


def _draw(seed: int, id: str, purpose: str) -> int:
    """64 bits that seed, id and purpose decide."""
    return int.from_bytes(blake2b(f"{seed}\0{purpose}\0{id}".encode("utf-8", "surrogatepass"), digest_size=8).digest())


class _Row:
    """One row on its way to noise, and its dice."""

    def __init__(self, block: Block, row: int, seed: int, taken: Sequence[bool], pools: Pools) -> None:
        self.block, self.row, self.taken, self.pools = block, row, taken, pools
        self.src, self.tgt, self.twin = block.src[row], block.tgt[row], -1
        self._seed, self._id = seed, block.ids[row]

    def die(self, sides: int, purpose: str) -> int:
        """A number from 0 to `sides` - 1."""
        return _draw(self._seed, self._id, purpose) % sides

    def pick(self, items: Sequence[str], purpose: str) -> str:
        """One of them."""
        return items[self.die(len(items), purpose)]

    def order(self, kinds: Sequence[str]) -> list[str]:
        """Kinds as they are tried."""
        found = sorted(kinds, key=lambda kind: _draw(self._seed, self._id, f"try {kind}"))
        if "number" in kinds and self.die(2, "number first") == 0:
            found.sort(key=lambda kind: kind != "number")
        return found

    def neighbours(self, ways: Sequence[int]) -> list[int]:
        """Rows before and behind of the same document, in that order of steps."""
        near = [self.row + step for step in ways]
        document = self.block.documents[self.row]
        return [n for n in near if 0 <= n < len(self.block) and self.block.documents[n] == document]


Sides = tuple[str, str]


def _misaligned(one: _Row) -> Sides | None:
    for other in one.neighbours((1, -1, 2, -2)):
        if one.block.tgt[other].casefold() != one.tgt.casefold() and one.block.src[other] != one.src:
            return one.src, one.block.tgt[other]
    return None


def _wrong_language(one: _Row) -> Sides:
    text = one.pick(one.pools.foreign, "foreign")
    return (text, one.tgt) if one.die(4, "foreign side") == 0 else (one.src, text)


def _truncated(one: _Row) -> Sides | None:
    side = one.die(2, "cut side")
    text = (one.src, one.tgt)[side]
    if len(text) < _SHORTEST_CUT * (1 + side):  # English takes twice the characters of Japanese
        return None
    middle = len(text) // 2
    if " " in text[middle // 2 : middle + middle // 2]:
        blanks = [n for n, c in enumerate(text) if c == " "]
        middle = min(blanks, key=lambda n: (abs(n - middle), n))
    half = (text[:middle] if one.die(2, "cut half") else text[middle:]).strip()
    return (half, one.tgt) if side == 0 else (one.src, half)


def _mt_copy(one: _Row) -> Sides | None:
    made = one.pools.machine.get(one.src)
    return None if made is None or len(one.src) < _SHORTEST_CUT else (one.src, made)


def _copy(one: _Row) -> Sides | None:
    way = one.die(3, "copied")
    if way == 0:
        return one.src, one.src
    if way == 1:
        return one.tgt, one.tgt
    if len(one.src) < _SHORTEST_CUT or len(one.tgt) < _SHORTEST_CUT:
        return None
    return one.src, one.src[: len(one.src) // 2] + one.tgt[len(one.tgt) // 2 :]


def _number(one: _Row) -> Sides | None:
    side = one.die(2, "number side")
    # a number that stands on both sides, so that the change is an error and no freedom of a translator
    for text, other, target in ((one.src, one.tgt, False), (one.tgt, one.src, True))[:: 1 if side == 0 else -1]:
        places = [m for m in _DIGITS.finditer(text) if m[0] in other]
        if places:
            place = places[one.die(len(places), "which number")]
            digit = one.die(len(place[0]), "which digit")
            new = str((int(place[0][digit]) + 1 + one.die(8, "new digit")) % 10)
            if digit == 0 and new == "0":
                new = "9" if place[0][0] != "9" else "8"
            number = place[0][:digit] + new + place[0][digit + 1 :]
            made = text[: place.start()] + number + text[place.end() :]
            return (one.src, made) if target else (made, one.tgt)
    return None


def _near_duplicate(one: _Row) -> Sides | None:
    for other in one.neighbours((-1, -2, -3, -4, 1, 2, 3, 4)):
        src, tgt = one.block.src[other], one.block.tgt[other]
        if one.taken[other] or (src, tgt) == (one.src, one.tgt) or len(src) < 6 or len(tgt) < 6:
            continue
        one.twin = other
        words = list(_WORD.finditer(tgt))
        way = one.die(4, "edit")
        if way >= 2 and len(src) + len(tgt) >= _LONG and words:
            word = words[one.die(len(words), "which word")]
            changed = _WORD.search(one.tgt)
            return src, tgt[: word.start()] + (changed[0] if changed else "other") + tgt[word.end() :]
        return (src, tgt.swapcase()) if way in (0, 2) else (src.rstrip("。") + "!", tgt.rstrip(".") + "!")
    return None


def _mojibake(one: _Row) -> Sides | None:
    way = one.die(len(_PAGES) + 2, "page")
    side = 1 if one.die(4, "broken side") == 0 and not one.tgt.isascii() else 0
    text = (one.src, one.tgt)[side]
    if text.isascii():
        return None
    if way < len(_PAGES):
        broken = text.encode("utf-8", "replace").decode(_PAGES[way], "replace")
    elif way == len(_PAGES):  # what a font or a database could not hold
        broken = "".join(
            "\ufffd" if not c.isascii() and _draw(0, f"{n}{c}", "lost") % 3 == 0 else c for n, c in enumerate(text)
        )
    else:  # Japanese of the old code page read as a Western one
        broken = text.encode("shift_jis", "replace").decode("latin-1")
    broken = " ".join("".join(c if c.isprintable() else " " for c in broken).split())
    return (broken, one.tgt) if side == 0 else (one.src, broken)


def _html(one: _Row) -> Sides:
    before, behind = noise_texts.DEBRIS[one.die(len(noise_texts.DEBRIS), "debris")]
    src, tgt = f"{before}{one.src}{behind}", f"{before}{one.tgt}{behind}"
    where = one.die(5, "debris side")
    return (src, tgt) if where < 2 else (src, one.tgt) if where == 2 else (one.src, tgt)


def _boilerplate(one: _Row) -> Sides:
    src, tgt = noise_texts.BOILERPLATE[one.die(len(noise_texts.BOILERPLATE), "line")]
    fill = {
        "place": one.pick(noise_texts.PLACES, "place"),
        "name": one.pick(noise_texts.NAMES, "name"),
        "year": str(1999 + one.die(27, "year")),
    }
    where = one.die(4, "line side")  # one line of a page often stands beside a sentence of the other
    return (one.src if where == 2 else src.format(**fill)), (one.tgt if where == 3 else tgt.format(**fill))


_MAKERS: Mapping[str, Callable[[_Row], Sides | None]] = {
    "misaligned": _misaligned,
    "wrong-language": _wrong_language,
    "truncated": _truncated,
    "mt-copy": _mt_copy,
    "copy": _copy,
    "number": _number,
    "near-duplicate": _near_duplicate,
    "mojibake": _mojibake,
    "html": _html,
    "boilerplate": _boilerplate,
}
