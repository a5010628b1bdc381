"""Looking after a translation memory: what is in it, all of it as a stream, and taking out what nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mt.signature import Signature
from mt.translate import similar
from mt.translate.database import Row, plain, storable
from mt.translate.memory import RECORD, Memory, Record

_PAGE = 5_000  # rows read, or taken out, at a time


@dataclass(frozen=True, slots=True)
class Group:
    """Translations of one signature and one origin.

    Attributes:
        number: of the signature, in this file.
        signature: its line.
        langs: source and target language, e.g. `ja-en`.
        origin: `mt`, or `human:` and where they were imported from.
        count: how many, ≥ 1.
        oldest: when the first of them was made or last replaced, in seconds since 1970.
        newest: the last of them.
    """

    number: int
    signature: str
    langs: str
    origin: str
    count: int
    oldest: int
    newest: int

    @property
    def human(self) -> bool:
        """True where people made them."""
        return self.origin.startswith("human:")

    def has(self, wanted: Signature | None) -> bool:
        """True where the signature holds every pair of another one; None is held by all."""
        return wanted is None or set(str(wanted).split("|")) <= set(self.signature.split("|"))


@dataclass(frozen=True, slots=True)
class Journal:
    """Single decodings of runs on their way, or of runs that never ended: how many, and when (seconds since 1970; None without any)."""

    count: int
    oldest: int | None
    newest: int | None


def groups(memory: Memory) -> list[Group]:
    """All translations by signature and origin, in the order in which their signatures came."""
    rows = memory.database.read(
        "SELECT r.signature, s.signature, s.langs, r.origin, r.count, r.oldest, r.newest FROM (SELECT signature, origin, count(*) AS count,"
        " min(made) AS oldest, max(made) AS newest FROM records GROUP BY signature, origin) r JOIN signatures s ON s.id = r.signature"
        " ORDER BY r.signature, r.origin"
    )
    return [Group(row[0], plain(row[1]), row[2], plain(row[3]), *row[4:]) for row in rows]


def journal(memory: Memory, before: int | None = None) -> Journal:
    """Decodings that no finished translation has replaced; those made before a moment, where one is given (seconds since 1970)."""
    where, values = _made("WHERE", before)
    [row] = memory.database.read(f"SELECT count(*), min(made), max(made) FROM answers {where}", values)
    return Journal(*row)


def records(memory: Memory, chosen: Sequence[Group]) -> Iterator[tuple[Group, Record]]:
    """All translations of some groups, in the order in which they were first made; read in pages, so that no other program waits.

    Example:
        >>> with Memory(None, Signature.of(model="m")) as memory:
        ...     _ = memory.keep_human([("猫", "Cat"), ("犬", "Dog")], "a.tmx")
        ...     [(group.origin, record.src) for group, record in records(memory, groups(memory))]
        [('human:a.tmx', '猫'), ('human:a.tmx', '犬')]
    """
    wanted = {(group.number, group.origin): group for group in chosen}
    last = 0
    while True:
        rows: list[Row] = memory.database.read(
            f"SELECT id, signature, {RECORD} FROM records WHERE id > ? ORDER BY id LIMIT ?", (last, _PAGE)
        )
        if not rows:
            return
        last = rows[-1][0]
        rows = [row for row in rows if (row[1], plain(row[-1])) in wanted]
        for row, record in zip(rows, memory.made([row[2:] for row in rows]), strict=True):
            yield wanted[row[1], record.origin], record


def count(memory: Memory, group: Group, before: int | None) -> int:
    """How many translations of a group were made before a moment, in seconds since 1970; None counts all."""
    if before is None:
        return group.count
    where, values = _made("AND", before)
    [[found]] = memory.database.read(
        f"SELECT count(*) FROM records WHERE signature = ? AND origin = ? {where}",
        (group.number, storable(group.origin), *values),
    )
    return int(found)


def remove(memory: Memory, chosen: Sequence[Group], *, answers: bool, before: int | None) -> int:
    """Take out translations of some groups, and decodings, made before a moment (seconds since 1970; None = all), then shrink the file.

    Rows go some thousands at a commit, so that other programs can write in between and the log stays short.

    Returns:
        How many translations went. What another program keeps meanwhile may go too.
    """
    gone = 0
    where, values = _made("AND", before)
    for group in chosen:
        inner = f"SELECT id FROM records WHERE signature = ? AND origin = ? {where} LIMIT {_PAGE}"
        gone += _in_pages(
            memory, f"DELETE FROM records WHERE id IN ({inner})", (group.number, storable(group.origin), *values)
        )
    if answers:
        where, values = _made("WHERE", before)
        inner = f"SELECT key FROM answers {where} LIMIT {_PAGE}"
        _in_pages(memory, f"DELETE FROM answers WHERE key IN ({inner})", values)
    if gone:
        similar.forget(memory.database)  # it cannot take out single rows
    memory.database.shrink()
    return gone


def _in_pages(memory: Memory, statement: str, values: Sequence[object]) -> int:
    gone = 0
    while True:
        with memory.database.writing() as db:
            found = db.execute(statement, tuple(values)).rowcount
        gone += found
        if not found:
            return gone


def _made(word: str, before: int | None) -> tuple[str, tuple[int, ...]]:
    return ("", ()) if before is None else (f"{word} made < ?", (before,))
