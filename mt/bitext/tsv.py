"""Tab-separated pairs: `src<TAB>tgt`, one pair a line, no header, no quoting (the habit of OPUS, Moses tools and Bertalign)."""

from __future__ import annotations

from collections.abc import Iterable

from mt.types import Pair


def dumps(pairs: Iterable[Pair]) -> str:
    r"""The file's text. Line breaks and tabs inside a sentence become blanks, since the format has no way to write them.

    Example:
        >>> dumps([Pair("1", "猫\n犬", "Cat\tdog", "mt")])
        '猫 犬\tCat dog\n'
    """
    return "".join(f"{_cell(p.src)}\t{_cell(p.tgt)}\n" for p in pairs)


def _cell(text: str) -> str:
    # only what would break the table: other white space, such as the ideographic space, is the author's
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\t", " ")
