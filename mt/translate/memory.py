"""What was translated before, in SQLite: the journal of a run on its way, and the memory of all that are done.

*Answers* are single decodings, kept until the window they belong to is finished: the point from which a stopped run goes on. *Records* are
finished translations, kept for good, and translations that people made, which win over a machine's. One file may serve several threads and
processes. A commit survives `kill -9` and power loss; there is one a batch.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from mt.errors import InputError
from mt.files import cache_directory
from mt.signature import Signature
from mt.text.normalize import normalize
from mt.translate import similar
from mt.translate.database import Database, Row, plain, storable
from mt.types import HUMAN, Hypothesis, check_range

T = TypeVar("T")

KIND, VERSION = "translation memory", 1
MARK = int.from_bytes(b"kkhm", "big")  # SQLite's application_id, by which `file` and this program know a memory
MACHINE = "mt"  # origin of what a model made; what people made is "human:" and where it comes from
TABLES = (
    # langs: of the translations made under it, e.g. ja-en
    "CREATE TABLE signatures (id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE, langs TEXT NOT NULL)",
    "CREATE TABLE answers (key BLOB PRIMARY KEY, hypotheses NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID",
    # AUTOINCREMENT: a number is never used twice, so the index of trigrams may still name rows that are gone
    "CREATE TABLE records (id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, signature INTEGER NOT NULL, src NOT NULL,"
    " chars INTEGER NOT NULL, hypothesis NOT NULL, cost INTEGER NOT NULL, origin TEXT NOT NULL, made INTEGER NOT NULL)",
    "CREATE INDEX records_by_age ON records (signature, origin, made)",
    "CREATE INDEX records_short ON records (chars) WHERE chars < 12",
)
RECORD = "key, src, hypothesis, cost, origin"
_COLUMNS = "key, signature, src, chars, hypothesis, cost, origin, made"


def default_path() -> Path:
    """The memory that is used where none is named: `$KAKEHASHI_MEMORY`, else `memory.sqlite` in the cache."""
    named = os.environ.get("KAKEHASHI_MEMORY")
    return Path(named) if named else cache_directory() / "memory.sqlite"


def key(text: str, signature: Signature) -> bytes:
    """The name of a translation: 16 bytes of BLAKE2b (RFC 7693) over the signature's line, a line feed and the normalised source.

    Example:
        >>> key("猫", Signature.of(model="a")) == key("猫", Signature.of(model="b"))
        False
    """
    return hashlib.blake2b(f"{signature}\n{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Record:
    """A finished translation.

    Attributes:
        key: see `key`.
        src: normalised source.
        hypothesis: the translation, with everything known of it; its alternatives without theirs.
        cost: pieces of extra work spent on it, ≥ 0.
        origin: `mt`, or `human:` and where it was imported from.
    """

    key: bytes
    src: str
    hypothesis: Hypothesis
    cost: int
    origin: str

    def __post_init__(self) -> None:
        """Raises ValueError for a negative cost or no origin."""
        if self.cost < 0 or not self.origin:
            raise ValueError(f"record: expected a cost from 0 and an origin, found {self.cost} and {self.origin!r}")

    @property
    def human(self) -> bool:
        """True where a person made it."""
        return self.origin.startswith("human:")


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of translations by people that were given to a memory."""

    new: int = 0
    replaced: int = 0
    unchanged: int = 0


class Memory:
    """One file of translations, opened for one signature. Any thread may use it; a forked child must open its own.

    Args:
        path: the file, made where there is none; None = in memory only, gone when it is closed.
        signature: what the records of this run are made by.
        src_lang: language of the sources.
        tgt_lang: of the translations; people's translations are kept by the pair of languages.

    Raises:
        InputError: for a file that is no such memory, is damaged, or is one of a newer version. So does every method that reads.
        OutputError: for a place that cannot be written, a full disk among them. So does every method that writes.
        EngineError: from every method, in a forked child.

    Example:
        >>> with Memory(None, Signature.of(model="m")) as memory:
        ...     memory.keep([Record(b"k", "猫", Hypothesis("Cat", -1.0, 2), 0, "mt")])
        ...     memory.records([b"k", b"other"])[b"k"].hypothesis.text
        'Cat'
    """

    def __init__(self, path: Path | None, signature: Signature, *, src_lang: str = "ja", tgt_lang: str = "en") -> None:
        self.path, self.signature = path, signature
        self.src_lang, self.tgt_lang, self.langs = src_lang, tgt_lang, f"{src_lang}-{tgt_lang}"
        self._people = Signature.of(human=self.langs)
        self.database = Database(path, KIND, MARK, VERSION, TABLES)

    def answers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[Hypothesis, ...]]:
        """What the decoder answered before, best first, of the keys that are known."""
        rows = self.database.look("SELECT key, hypotheses FROM answers WHERE key IN", keys)
        return dict(self._parsed(rows, 1, lambda row, found: (row[0], tuple(map(_hypothesis, found)))))

    def keep_answers(self, rows: Sequence[tuple[bytes, tuple[Hypothesis, ...]]]) -> None:
        """Keep decodings, in one durable commit; what is there already stays."""
        now = int(time.time())
        values = [(name, _dumps([_plain(h) for h in found]), now) for name, found in rows]
        with self.database.writing() as db:
            db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", values)

    def records(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Finished translations of the keys that are known."""
        rows = self.database.look(f"SELECT {RECORD} FROM records WHERE key IN", keys)
        return {record.key: record for record in self.made(rows)}

    def human(self, texts: Sequence[str]) -> dict[str, Record]:
        """What people made of these normalised sources, whatever the signature; flagged `human`. The newest import wins."""
        names = {key(text, self._people): text for text in texts}
        return {names[name]: record for name, record in self.records(list(names)).items()}

    def keep(self, records: Sequence[Record], forget: Sequence[bytes] = ()) -> None:
        """Keep finished translations and forget the decodings they came from, in one durable commit; what is there already stays.

        Raises:
            ValueError: for translations by people, which `keep_human` keeps.
        """
        if any(record.human for record in records):
            raise ValueError("memory: expected translations by a model, found one by people")
        now = int(time.time())
        with self.database.writing() as db:
            number = self._number(db, self.signature) if records else 0
            rows = [
                (r.key, number, *_stored(r.src), _dumps(_plain(r.hypothesis)), r.cost, storable(r.origin), now)
                for r in records
            ]
            db.executemany(f"INSERT OR IGNORE INTO records ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany("DELETE FROM answers WHERE key = ?", [(name,) for name in forget])

    def keep_human(self, pairs: Iterable[tuple[str, str]], origin: str) -> Kept:
        r"""Keep people's translations of normalised sources, in one durable commit; a later one replaces an earlier one.

        Args:
            pairs: (normalised source, translation of one line); neither empty.
            origin: where they come from, e.g. a file's name; not empty.

        Raises:
            ValueError: for an empty side, a line break in a translation, or no origin.

        Example:
            >>> with Memory(None, Signature.of(model="m")) as memory:
            ...     kept = memory.keep_human([("猫", "Cat"), ("犬", "Dog"), ("猫", "A cat"), ("犬", "Dog")], "a.tmx")
            ...     kept, memory.human(["猫"])["猫"].hypothesis.text
            (Kept(new=2, replaced=1, unchanged=1), 'A cat')
        """
        if not origin:
            raise ValueError("memory: expected an origin of translations, found none")
        now, new, replaced, unchanged = int(time.time()), 0, 0, 0
        with self.database.writing() as db:
            number = self._number(db, self._people)
            for src, tgt in pairs:
                if not src or not tgt:
                    raise ValueError("memory: expected two sides, found an empty one")
                name, text = key(src, self._people), _dumps(_plain(Hypothesis(tgt, None, 0, flags=(HUMAN,))))
                old = db.execute("SELECT hypothesis FROM records WHERE key = ?", (name,)).fetchone()
                if old is not None and old[0] == text:
                    unchanged += 1
                    continue
                new, replaced = new + (old is None), replaced + (old is not None)
                row = (name, number, *_stored(src), text, 0, storable(f"human:{origin}"), now)
                db.execute(
                    f"INSERT INTO records ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
                    " SET hypothesis = excluded.hypothesis, origin = excluded.origin, made = excluded.made",
                    row,
                )
        return Kept(new, replaced, unchanged)

    def similar(self, text: str, *, threshold: float = 0.8, limit: int = 3) -> list[tuple[float, Record]]:
        """Records whose source is nearly this text, with their similarity, best first; at equal similarity people's come first.

        The first question makes an index of all sources, later ones only add what is new; see `mt/translate/similar.py` for what it may miss.

        Args:
            text: a source, normalised here.
            threshold: least similarity, 1 − edits / characters of the longer text; 0.5 to 1, where 1 is the text itself.
            limit: most records, 1 to 1,000. Equal translations of one source count once.

        Raises:
            OptionError: for a number out of range.

        Example:
            >>> with Memory(None, Signature.of(model="m")) as memory:
            ...     _ = memory.keep_human([("猫が三匹いる。", "There are three cats.")], "a.tmx")
            ...     [(score, record)] = memory.similar("猫が四匹いる。")
            ...     round(score, 2), record.hypothesis.text
            (0.86, 'There are three cats.')
        """
        check_range("threshold", threshold, 0.5, 1)
        check_range("limit", limit, 1, 1000)
        text = normalize(text, self.src_lang)
        if not text:
            return []
        rows = similar.candidates(self.database, text, threshold)
        scores = similar.best(rows, text, threshold)[: 20 * limit]  # some are one translation under several signatures
        numbers = [number for _, number in scores]
        found = {
            row[0]: record
            for row, record in self._numbered(
                self.database.look(f"SELECT id, {RECORD} FROM records WHERE id IN", numbers)
            )
        }
        matches = [(score, found[number]) for score, number in scores if number in found]
        matches.sort(key=lambda match: (-match[0], not match[1].human))
        first = {(record.src, record.hypothesis.text): (score, record) for score, record in reversed(matches)}
        return sorted(first.values(), key=lambda match: (-match[0], not match[1].human))[:limit]

    def made(self, rows: Sequence[Row]) -> list[Record]:
        """Records of rows of the columns `RECORD`."""
        return [record for _, record in self._numbered([(None, *row) for row in rows])]

    def close(self) -> None:
        """Let go of the file. Calling it twice does no harm."""
        self.database.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _numbered(self, rows: Sequence[Row]) -> list[tuple[Row, Record]]:
        def made(row: Row, found: Any) -> tuple[Row, Record]:
            _, name, src, _, cost, origin = row
            return row, Record(name, plain(src), _hypothesis(found), cost, plain(origin))

        return self._parsed(rows, 3, made)

    def _parsed(self, rows: Sequence[Row], column: int, make: Callable[[Row, Any], T]) -> list[T]:
        """What is made of each row and the JSON value of one column; all are read at once, which is twice as fast as one by one."""
        try:
            values = json.loads("[" + ",".join([plain(row[column]) for row in rows]) + "]")
            return [make(row, value) for row, value in zip(rows, values, strict=True)]
        except (ValueError, TypeError, LookupError, AttributeError) as e:
            raise self.database.damaged(str(e)) from None

    def _number(self, db: sqlite3.Connection, signature: Signature) -> int:
        line = storable(str(signature))
        db.execute("INSERT OR IGNORE INTO signatures (signature, langs) VALUES (?, ?)", (line, self.langs))
        [number] = db.execute("SELECT id FROM signatures WHERE signature = ?", (line,)).fetchone()
        return int(number)


def existing(path: Path) -> Path:
    """The path, where something is there.

    Raises:
        InputError: where nothing is.
    """
    if not path.exists():
        raise InputError(path, f"a {KIND}", "nothing there")
    return path


def _stored(text: str) -> tuple[str | bytes, int]:
    """A text as SQLite takes it, and its characters, which SQLite's own function counts only up to the first NUL."""
    return storable(text), len(text)


def _dumps(value: object) -> str | bytes:
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _plain(h: Hypothesis) -> list[object]:
    """All fields in order, those at the end left out while they hold their defaults."""
    row: list[object] = [h.text, h.logprob, h.pieces, int(h.finished), list(h.flags), list(h.steps)]
    row += [[_plain(replace(a, alternatives=())) for a in h.alternatives], h.alignment, list(h.parts)]
    defaults: list[object] = [None, None, None, None, [], [], [], None, []]
    while len(row) > 4 and row[-1] == defaults[len(row) - 1]:
        row.pop()
    return row


def _hypothesis(row: Sequence[Any]) -> Hypothesis:
    if len(row) == 4:  # nearly all are
        return Hypothesis(row[0], row[1], row[2], row[3] == 1)
    text, logprob, pieces, finished, flags = row[:5]
    steps = row[5] if len(row) > 5 else ()
    others = row[6] if len(row) > 6 else ()
    links = None if len(row) < 8 or row[7] is None else tuple((a, b) for a, b in row[7])
    sized = tuple((a, b) for a, b in row[8]) if len(row) > 8 else ()
    others = tuple(_hypothesis(other) for other in others)
    return Hypothesis(text, logprob, pieces, finished == 1, tuple(flags), tuple(steps), others, links, sized)
