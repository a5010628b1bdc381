"""What was translated before, in SQLite: the journal of a run on its way, and the memory of all that are done.

*Answers* are single decodings, kept until the window they belong to is finished: the point from which a stopped run goes on. *Records* are
finished translations, kept for good, and translations that people made, which win over a machine's. One file may serve several threads and
processes. A commit survives `kill -9` and power loss (write-ahead log, `synchronous=FULL`); there is one commit a batch.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from mt.errors import EngineError, InputError, OutputError, UserError
from mt.files import cache_directory
from mt.signature import Signature
from mt.types import HUMAN, Hypothesis

T = TypeVar("T")

SCHEMA = 1
_WAIT = 60.0  # seconds for another process to end its write
_CHUNK = 500  # keys looked up in one statement; SQLite's oldest limit on variables is 999
_TABLES = """
CREATE TABLE IF NOT EXISTS signatures (id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, hypotheses TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, signature INTEGER NOT NULL, src TEXT NOT NULL, hypothesis TEXT NOT NULL,
  cost INTEGER NOT NULL, origin TEXT NOT NULL, made INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS records_by_signature ON records (signature);
"""


def default_path() -> Path:
    """The memory that is used where none is named: `$KAKEHASHI_MEMORY`, else `memory.sqlite` in the cache."""
    named = os.environ.get("KAKEHASHI_MEMORY")
    return Path(named) if named else cache_directory() / "memory.sqlite"


def key(text: str, signature: Signature) -> bytes:
    """The name of a translation: 16 bytes of BLAKE2b over the signature and the normalised source.

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
        hypothesis: the translation, with everything known of it.
        cost: pieces of extra work spent on it.
        origin: `mt`, or `human:` and where it was imported from.
    """

    key: bytes
    src: str
    hypothesis: Hypothesis
    cost: int
    origin: str


class Memory:
    """One file of translations, opened for one signature.

    Args:
        path: the file, made where there is none; None = in memory only, gone when it is closed.
        signature: what the records of this run are made by.
        src_lang: language of the sources.
        tgt_lang: of the translations; people's translations are kept by language.

    Raises:
        InputError: for a file that is no such memory, or one of a newer version.
        OutputError: for a place that cannot be written.

    Example:
        >>> with Memory(None, Signature.of(model="m")) as memory:
        ...     memory.keep([Record(b"k", "猫", Hypothesis("Cat", -1.0, 2), 0, "mt")])
        ...     memory.records([b"k", b"other"])[b"k"].hypothesis.text
        'Cat'
    """

    def __init__(self, path: Path | None, signature: Signature, *, src_lang: str = "ja", tgt_lang: str = "en") -> None:
        self.path, self.signature = path, signature
        self._langs = Signature.of(human=f"{src_lang}-{tgt_lang}")
        self._process, self._lock = os.getpid(), threading.RLock()
        self._db = self._said(lambda: _open(path))
        self._numbers: dict[str, int] = {}

    def answers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[Hypothesis, ...]]:
        """What the decoder answered before, best first, of the keys that are known."""
        rows = self._look("SELECT key, hypotheses FROM answers WHERE key IN", keys)
        return {bytes(name): tuple(_hypothesis(h) for h in json.loads(text)) for name, text in rows}

    def keep_answers(self, rows: Sequence[tuple[bytes, tuple[Hypothesis, ...]]]) -> None:
        """Keep decodings, in one commit; what is there already stays."""
        now = int(time.time())
        values = [(name, _dumps([_plain(h) for h in found]), now) for name, found in rows]
        with self._writing() as db:
            db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", values)

    def records(self, keys: Sequence[bytes]) -> dict[bytes, Record]:
        """Finished translations of the keys that are known."""
        rows = self._look("SELECT key, src, hypothesis, cost, origin FROM records WHERE key IN", keys)
        return {bytes(row[0]): _record(row) for row in rows}

    def human(self, texts: Sequence[str]) -> dict[str, Record]:
        """What people made of these normalised sources, whatever the model; flagged `human`."""
        names = {key(text, self._langs): text for text in texts}
        return {names[name]: record for name, record in self.records(list(names)).items()}

    def keep(self, records: Sequence[Record], forget: Sequence[bytes] = ()) -> None:
        """Keep finished translations and forget the decodings they came from, in one commit."""
        now = int(time.time())
        with self._writing() as db:
            number = self._number(db, str(self.signature))
            db.executemany(
                "INSERT OR IGNORE INTO records (key, signature, src, hypothesis, cost, origin, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(r.key, number, _safe(r.src), _dumps(_plain(r.hypothesis)), r.cost, r.origin, now) for r in records],
            )
            db.executemany("DELETE FROM answers WHERE key = ?", [(name,) for name in forget])

    def keep_human(self, pairs: Sequence[tuple[str, str]], origin: str) -> tuple[int, int]:
        """Keep people's translations of normalised sources, in one commit; later ones replace earlier ones.

        Returns:
            How many were new, and how many replaced another translation.
        """
        now, fresh, changed = int(time.time()), 0, 0
        with self._writing() as db:
            number = self._number(db, str(self._langs))
            for src, tgt in pairs:
                text = _dumps(_plain(Hypothesis(tgt, None, 0, flags=(HUMAN,))))
                name = key(src, self._langs)
                old = db.execute("SELECT hypothesis FROM records WHERE key = ?", (name,)).fetchone()
                fresh, changed = fresh + (old is None), changed + (old is not None and old[0] != text)
                db.execute(
                    "INSERT OR REPLACE INTO records (key, signature, src, hypothesis, cost, origin, made) VALUES (?, ?, ?, ?, 0, ?, ?)",
                    (name, number, _safe(src), text, f"human:{origin}", now),
                )
        return fresh, changed

    def close(self) -> None:
        """Let go of the file. Calling it twice does no harm."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement that only reads, as they come."""
        with self._lock:
            cursor = self._said(lambda: self._usable().execute(statement, tuple(values)))
        while rows := self._said(lambda: cursor.fetchmany(10_000)):
            yield from rows

    def write(self, statement: str, values: Sequence[object] = ()) -> int:
        """Rows that a statement changed, in one commit."""
        with self._writing() as db:
            return int(db.execute(statement, tuple(values)).rowcount)

    def _look(self, statement: str, keys: Sequence[bytes]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with self._lock:
            db = self._usable()
            for first in range(0, len(keys), _CHUNK):
                part = keys[first : first + _CHUNK]
                marks = ",".join("?" * len(part))
                rows += self._said(lambda m=marks, p=part: db.execute(f"{statement} ({m})", p).fetchall())  # type: ignore[misc]
        return rows

    def _number(self, db: sqlite3.Connection, signature: str) -> int:
        if signature not in self._numbers:
            db.execute("INSERT OR IGNORE INTO signatures (signature) VALUES (?)", (signature,))
            [self._numbers[signature]] = db.execute(
                "SELECT id FROM signatures WHERE signature = ?", (signature,)
            ).fetchone()
        return self._numbers[signature]

    def _usable(self) -> sqlite3.Connection:
        if os.getpid() != self._process:
            raise EngineError(
                f"the memory {self.path} was opened by process {self._process} and this is its fork {os.getpid()}: open it in the child"
            )
        return self._db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            db = self._usable()
            try:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    self._numbers.clear()
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as e:
                raise _error(self.path, e) from None

    def _said(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except sqlite3.Error as e:
            raise _error(self.path, e) from None


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            if path.is_dir():
                raise InputError(path, "a file", "a directory")
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise OutputError(path, e.strerror or str(e)) from None
    # isolation_level=None: transactions begin and end where this module says
    db = sqlite3.connect(path or ":memory:", timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            raise InputError(
                path or ":memory:", f"a memory of version {SCHEMA}", f"version {version}, of another release"
            )
        if not version and db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise InputError(path or ":memory:", "a translation memory", "another SQLite database")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA journal_size_limit=16777216")
        if not version:
            db.executescript(f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version={SCHEMA};COMMIT;")
    except BaseException:
        db.close()
        raise
    return db


def _error(path: Path | None, error: sqlite3.Error) -> UserError:
    place, said = path or ":memory:", str(error)
    if "not a database" in said or "malformed" in said:
        return InputError(place, "a translation memory", said)
    return OutputError(place, said)


def _dumps(value: object) -> str:
    # every character beyond ASCII escaped: half characters, which SQLite cannot store, come back as they were
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _safe(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(h: Hypothesis) -> list[object]:
    """All fields, those at the end left out where they are empty."""
    row: list[object] = [h.text, h.logprob, h.pieces, int(h.finished), h.flags, h.steps]
    row += [[_plain(replace(a, alternatives=())) for a in h.alternatives], h.alignment]
    while len(row) > 4 and not row[-1] and row[-1] != ():
        row.pop()
    return row


def _hypothesis(row: Sequence[Any]) -> Hypothesis:
    whole: list[Any] = [*row, *[None] * (8 - len(row))]
    text, logprob, pieces, finished, flags, steps, others, alignment = whole
    return Hypothesis(
        text,
        logprob,
        pieces,
        bool(finished),
        tuple(flags or ()),
        tuple(steps or ()),
        tuple(_hypothesis(other) for other in others or ()),
        None if alignment is None else tuple((a, b) for a, b in alignment),
    )


def _record(row: Sequence[Any]) -> Record:
    name, src, hypothesis, cost, origin = row
    return Record(bytes(name), src, _hypothesis(json.loads(hypothesis)), cost, origin)
