"""Moses pairs of files and JSON lines → rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mt.bitext.stream import lines
from mt.errors import CountError, InputError

Row = tuple[int, str, str]


def moses(src: Path, tgt: Path) -> Iterator[Row]:
    """Line n of one file with line n of the other.

    Raises:
        CountError: when one is longer.
    """
    for number, (one, other) in enumerate(zip_longest(lines(src), lines(tgt)), 1):
        if one is None or other is None:
            long, short = (tgt, src) if one is None else (src, tgt)
            raise CountError(short, number - 1, long, sum(1 for _ in lines(long)), "line")
        yield number, one, other


def jsonl(path: Path, src_lang: str, tgt_lang: str) -> Iterator[Row]:
    """Objects with `src` and `tgt`, with a key a language (`{"ja": …, "en": …}`), or with that under `translation` as the hub has it.

    Raises:
        InputError: naming the line that holds neither.
    """
    for number, line in enumerate(lines(path), 1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError(path, "a JSON object", repr(line[:40]), line=number) from None
        pair = sides(row, src_lang, tgt_lang)
        if pair is None:
            found = "keys " + ", ".join(map(str, row)) if isinstance(row, dict) else type(row).__name__
            raise InputError(path, f"src and tgt, or {src_lang} and {tgt_lang}, as text", found, line=number)
        yield number, *pair


def sides(row: Any, src_lang: str, tgt_lang: str) -> tuple[str, str] | None:
    """Both sides of a record, None where it holds none.

    Example:
        >>> sides({"translation": {"ja": "猫", "en": "Cat"}}, "ja", "en")
        ('猫', 'Cat')
        >>> sides({"src": "猫", "tgt": None}, "ja", "en") is None
        True
    """
    if not isinstance(row, dict):
        return None
    inner = row.get("translation")
    for table, keys in ((row, ("src", "tgt")), (row, (src_lang, tgt_lang)), (inner, (src_lang, tgt_lang))):
        if isinstance(table, dict):
            src, tgt = (table.get(key) for key in keys)
            if isinstance(src, str) and isinstance(tgt, str):
                return src, tgt
    return None
