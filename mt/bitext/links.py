r"""Files of word alignments ↔ links: Pharaoh, TALP, WPT, JSON lines.

| format | a line | counts from |
|---|---|---|
| pharaoh | a pair: `0-0 2-1 3p1`, `-` sure, `p` possible; an empty line is a pair without links; `ID<tab>` may stand in front | 0 |
| talp | the same | 1 |
| wpt | a link: `PAIR SRC TGT [S|P [CONFIDENCE]]`, pairs from 1; word 0 is no word (Mihalcea and Pedersen 2003) | 1 |
| jsonl | a pair: `{"src", "tgt", "src_tokens", "tgt_tokens", "links", "possible"}`, tokens as half-open spans of characters | 0 |

Links are (src word, tgt word) from 0 in memory, whatever a file counts from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.bitext.stream import lines
from mt.errors import ConfigError, InputError, plural
from mt.text.tokens import Tokens

FORMATS = ("pharaoh", "talp", "wpt", "jsonl")
Cell = tuple[int, int]

_BASE = {"pharaoh": 0, "talp": 1, "wpt": 1, "jsonl": 0}
_LINK = re.compile(r"(\d{1,7})([-pP?])(\d{1,7})(?::[-+.\deE]+)?")
_WPT = re.compile(r"\s*(\d{1,9})\s+(\d{1,7})\s+(\d{1,7})(?:\s+([SP])(?:\s+[-+.\deE]+)?)?\s*")
_SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".talp": "talp", ".wpt": "wpt"}


@dataclass(frozen=True, slots=True)
class LinkLine:
    """The links of one pair.

    Attributes:
        sure: (src word, tgt word) from 0, ascending, each once.
        possible: links that may be there or not, as a gold file may say; none of them sure.
        src: the source and its words, where the file holds them.
        tgt: the target and its words.
    """

    sure: tuple[Cell, ...]
    possible: tuple[Cell, ...] = ()
    src: Tokens | None = None
    tgt: Tokens | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for links that are unsorted, twice there, negative or, where the words are known, beyond them."""
        for links in (self.sure, self.possible):
            if list(links) != sorted(set(links)) or any(min(link) < 0 for link in links):
                raise ValueError("links: expected ascending links of words counted from 0, each once")
        if not set(self.sure).isdisjoint(self.possible):
            raise ValueError("links: expected each link sure or possible, found one that is both")
        for side, tokens in enumerate((self.src, self.tgt)):
            most = max((link[side] for link in (*self.sure, *self.possible)), default=-1)
            if tokens is not None and most >= len(tokens):
                raise ValueError(f"links: expected words below {len(tokens)}, found {most}")

    @classmethod
    def of(
        cls, sure: Iterable[Cell], possible: Iterable[Cell] = (), src: Tokens | None = None, tgt: Tokens | None = None
    ) -> LinkLine:
        """From links in any order; what is both is sure.

        Example:
            >>> LinkLine.of({(1, 0), (0, 0)}, [(1, 0), (2, 2)])
            LinkLine(sure=((0, 0), (1, 0)), possible=((2, 2),), src=None, tgt=None)
        """
        firm = set(sure)
        return cls(tuple(sorted(firm)), tuple(sorted(set(possible) - firm)), src, tgt)


def base_of(path: Path, fmt: str = "auto") -> tuple[str, int]:
    """The format of a file by its name, and what it counts words from unless somebody says otherwise.

    Example:
        >>> base_of(Path("a.talp")), base_of(Path("a.gold"))
        (('talp', 1), ('pharaoh', 0))
    """
    if fmt == "auto":
        fmt = _SUFFIXES.get(path.suffix.lower(), "pharaoh")
    if fmt not in FORMATS:
        raise ConfigError("format", f"auto or one of {', '.join(FORMATS)}", repr(fmt))
    return fmt, _BASE[fmt]


def read(path: Path, fmt: str = "auto", *, base: int | None = None, pairs: int | None = None) -> list[LinkLine]:
    r"""All links of a file, one entry a pair.

    Args:
        path: may be compressed.
        fmt: `auto` goes by the name: .jsonl, .talp, .wpt, else Pharaoh.
        base: what words are counted from, 0 or 1; None = as the format does.
        pairs: how many pairs there are, which WPT does not say: those without links stand in no line.

    Raises:
        InputError: naming the line that is none, a number below the base, or a pair beyond `pairs`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.talp").write_text("1-1 3p2\n\n")
        ...     read(Path(d, "a.talp"))[0].possible, len(read(Path(d, "a.talp")))
        (((2, 1),), 2)
    """
    fmt, own = base_of(path, fmt)
    base = own if base is None else base
    if fmt == "jsonl":
        return [_record(path, number, line) for number, line in enumerate(lines(path), 1)]
    if fmt == "wpt":
        return _read_wpt(path, base, pairs)
    return [_pharaoh(path, number, line, base) for number, line in enumerate(lines(path), 1)]


def dumps(rows: Iterable[LinkLine], fmt: str = "pharaoh", *, base: int | None = None, first: int = 1) -> Iterator[str]:
    r"""Lines of a file, each with its end; `read` gives the same links back.

    Args:
        rows: links of each pair.
        fmt: one of `FORMATS`.
        base: what words are counted from; None = as the format does.
        first: number of the first pair, which WPT writes down.

    Raises:
        ConfigError: for an unknown format, or JSON lines of links whose words are not known.

    Example:
        >>> list(dumps([LinkLine.of([(0, 0), (1, 2)]), LinkLine(())], "talp"))
        ['1-1 2-3\n', '\n']
        >>> list(dumps([LinkLine(()), LinkLine(((0, 1),), ((0, 0),))], "wpt"))
        ['2 1 1 P\n2 1 2 S\n']
    """
    if fmt not in FORMATS:
        raise ConfigError("format", f"one of {', '.join(FORMATS)}", repr(fmt))
    base = _BASE[fmt] if base is None else base
    for number, row in enumerate(rows, first):
        every = sorted([(*link, "S") for link in row.sure] + [(*link, "P") for link in row.possible])
        if fmt == "jsonl":
            yield _json(row) + "\n"
        elif fmt == "wpt":
            text = "".join(f"{number} {i + base} {j + base} {kind}\n" for i, j, kind in every)
            if text:
                yield text
        else:
            yield " ".join(f"{i + base}{'p' if kind == 'P' else '-'}{j + base}" for i, j, kind in every) + "\n"


def _pharaoh(path: Path, number: int, line: str, base: int) -> LinkLine:
    sure: list[Cell] = []
    possible: list[Cell] = []
    for word in line.rpartition("\t")[2].split():
        found = _LINK.fullmatch(word)
        if found is None:
            raise InputError(path, "links like 0-0 or 0p0", repr(word[:40]), line=number)
        cell = (int(found[1]) - base, int(found[3]) - base)
        if min(cell) < 0:
            raise InputError(path, f"words counted from {base}", repr(word), line=number)
        (sure if found[2] == "-" else possible).append(cell)
    return LinkLine.of(sure, possible)


def _read_wpt(path: Path, base: int, pairs: int | None) -> list[LinkLine]:
    links: dict[int, dict[str, list[Cell]]] = {}
    for number, line in enumerate(lines(path), 1):
        if not line.strip():
            continue
        found = _WPT.fullmatch(line)
        if found is None:
            raise InputError(path, "PAIR SRC TGT [S|P]", repr(line[:40]), line=number)
        pair, i, j = (int(found[n]) for n in (1, 2, 3))
        if pair < 1 or (pairs is not None and pair > pairs):
            expected = "a pair from 1" if pairs is None else f"a pair from 1 to {pairs:,}"
            raise InputError(path, expected, str(pair), line=number)
        cells = links.setdefault(pair, {"S": [], "P": []})
        if min(i, j) >= base:  # 0 stands for no word, where words count from 1
            cells[found[4] or "S"].append((i - base, j - base))
    count = max(links, default=0) if pairs is None else pairs
    if count > 50 * (len(links) + 100_000):
        raise InputError(path, "pairs numbered without great gaps", f"pair {count:,} of {plural(len(links), 'pair')}")
    none: dict[str, list[Cell]] = {"S": [], "P": []}
    rows = [links.get(number, none) for number in range(1, count + 1)]
    return [LinkLine.of(row["S"], row["P"]) for row in rows]


def _json(row: LinkLine) -> str:
    if row.src is None or row.tgt is None:
        raise ConfigError("format", "pharaoh, talp or wpt for links whose words are not known", "jsonl")
    record: dict[str, Any] = {
        "src": row.src.text,
        "tgt": row.tgt.text,
        "src_tokens": row.src.spans,
        "tgt_tokens": row.tgt.spans,
        "links": row.sure,
    }
    if row.possible:
        record["possible"] = row.possible
    return json.dumps(record, ensure_ascii=False)


def _record(path: Path, number: int, line: str) -> LinkLine:
    try:
        record = json.loads(line)
        src, tgt = (Tokens(record[side], _pairs(record[f"{side}_tokens"])) for side in ("src", "tgt"))
        return LinkLine.of(_pairs(record["links"]), _pairs(record.get("possible", ())), src, tgt)
    except KeyError as e:
        raise InputError(path, "src, tgt, src_tokens, tgt_tokens and links", f"no {e.args[0]}", line=number) from None
    except (ValueError, TypeError, AttributeError, RecursionError) as e:
        reason = str(e).partition("\n")[0][:120]
        raise InputError(path, "a record of links", f"something else ({reason})", line=number) from None


def _pairs(value: Sequence[Any]) -> tuple[Cell, ...]:
    rows = tuple((one, other) for one, other in value)
    if not all(type(n) is int for row in rows for n in row):
        raise ValueError("expected whole numbers")
    return rows
