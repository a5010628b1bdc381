"""Lists of words with how often each was counted: `word<TAB>count`, compressed or not.

Lines before the first word may say more: `# name: what was counted`, `# least: 3` (rarer words were left out), any other `# …` for who reads the
file. compare-mt's `freq_count_file` has the same rows.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mt.bitext.stream import lines
from mt.errors import InputError
from mt.files import write_bytes


@dataclass(frozen=True, slots=True)
class WordCounts:
    """A list of words.

    Attributes:
        counts: of lower-cased words, each at least `least`.
        name: what was counted.
        least: rarer words are not in the list; 1 = all are.
    """

    counts: Mapping[str, int]
    name: str
    least: int = 1


def read_counts(path: Path) -> WordCounts:
    r"""A list of words; words that differ by case only are added up.

    Raises:
        InputError: for a row that is no word and count, a count below `least`, or no word at all.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.tsv").write_text("# least: 2\nThe\t7\nthe\t3\ncat\t2\n")
        ...     found = read_counts(Path(d, "a.tsv"))
        >>> dict(found.counts), found.name, found.least
        ({'the': 10, 'cat': 2}, 'a.tsv', 2)
    """
    counts: dict[str, int] = {}
    said = {"name": path.name, "least": "1"}
    for number, line in enumerate(lines(path), 1):
        if not counts and line.startswith("#"):
            key, _, value = line[1:].partition(":")
            said[key.strip().lower()] = value.strip()
            continue
        word, _, count = line.rpartition("\t")
        if not word.strip() or not _is_count(count):
            raise InputError(path, "a word, a tab and a count", repr(line[:60]), line=number)
        if not _is_count(said["least"]):
            raise InputError(path, "a whole number from 1 on as least", repr(said["least"]))
        if int(count) < int(said["least"]):
            raise InputError(path, f"counts from {said['least']} on", count, line=number)
        key = word.strip().lower()
        counts[key] = counts.get(key, 0) + int(count)
    if not counts:
        raise InputError(path, "words with counts", "none")
    return WordCounts(counts, said["name"], int(said["least"]))


def write_counts(path: Path, counts: WordCounts, notes: Sequence[str] = ()) -> None:
    """Write a list as xz, words in the order of their letters, which compresses best; the same counts make the same bytes.

    Raises:
        OutputError: where it cannot be written.
    """
    heads = [f"# name: {counts.name}", f"# least: {counts.least}", *(f"# {note}" for note in notes)]
    rows = [f"{word}\t{count}" for word, count in sorted(counts.counts.items())]
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]
    data = lzma.compress(("\n".join([*heads, *rows]) + "\n").encode(), format=lzma.FORMAT_XZ, filters=filters)
    write_bytes(path, data)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) < 16 and int(text) > 0
