"""One SQLite file for several threads and processes: opened with its marks checked, written in durable commits, its errors as one clear line.

A commit is on the disk when it returns (write-ahead log with `synchronous=FULL`, https://sqlite.org/wal.html): it survives `kill -9` and power
loss, and a log cut anywhere is read up to its last whole commit.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from mt.errors import EngineError, InputError, OutputError

T = TypeVar("T")
Row = tuple[Any, ...]

WAIT = 60.0  # seconds for another process to end its write
CHUNK = 4096  # keys looked up in one statement
_PRAGMAS = (
    "synchronous=FULL",
    "fullfsync=1",  # on macOS plain fsync leaves data in the drive's cache; elsewhere this does nothing
    "wal_autocheckpoint=1000",  # pages: the log is copied into the file every 4 MB …
    f"journal_size_limit={16 << 20}",  # … and cut back to this many bytes where a reader made it grow
    "cache_size=-65536",  # KiB; SQLite's own 2 MB halve the speed of lookups in a file of 100 MB
)


def storable(text: str) -> str | bytes:
    r"""A text as SQLite takes it: half characters (lone surrogates) are no UTF-8, so that text is stored as bytes.

    Example:
        >>> storable("猫"), storable("\ud83d")
        ('猫', b'\xed\xa0\xbd')
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def plain(stored: object) -> str:
    """The text that `storable` was given.

    Raises:
        TypeError: for a value that is no text.
    """
    if isinstance(stored, bytes):
        return stored.decode("utf-8", "surrogatepass")
    if not isinstance(stored, str):
        raise TypeError(f"expected text, found {stored!r}")
    return stored


class Database:
    """A connection with a lock, which any thread of this process may use.

    Args:
        path: the file, made where there is none; None = in memory only.
        kind: what such a file is called in errors.
        mark: SQLite's `application_id` of this kind of file, a 32-bit number.
        version: of the tables.
        tables: statements that make them.

    Raises:
        InputError: for what is no such file, is damaged, or was made by a newer version.
        OutputError: for a place that cannot be written.

    Example:
        >>> db = Database(None, "a list", 7, 1, ("CREATE TABLE t (x BLOB PRIMARY KEY)",))
        >>> with db.writing() as connection:
        ...     _ = connection.execute("INSERT INTO t VALUES (?)", (b"a",))
        >>> db.look("SELECT x FROM t WHERE x IN", [b"a", b"b"])
        [(b'a',)]
        >>> db.close()
    """

    def __init__(self, path: Path | None, kind: str, mark: int, version: int, tables: Sequence[str]) -> None:
        self.path, self._kind = path, kind
        self.place = str(path) if path is not None else "memory"
        self._process, self._lock = os.getpid(), threading.RLock()
        self._db: sqlite3.Connection | None = self._opened(mark, version, tables)

    def look(self, statement: str, keys: Sequence[object]) -> list[Row]:
        """Rows of a statement that ends in `IN`, for any number of keys; in no particular order."""
        rows: list[Row] = []
        with self._lock:
            # SQLite takes 32,766 variables since 3.32 (2020), 999 before
            size = min(CHUNK, self._usable().getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER))
            for first in range(0, len(keys), size):
                # pages are found again in the cache when keys come in the order of the index
                part = sorted(keys[first : first + size])  # type: ignore[type-var]
                rows += self.read(f"{statement} ({','.join('?' * len(part))})", part)
        return rows

    def read(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of a statement that only reads."""
        with self._lock:
            db = self._usable()
            return self._said(lambda: db.execute(statement, tuple(values)).fetchall())

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable commit, if the block ends well; nothing of it otherwise. Waits for other processes, up to a minute."""
        with self._lock:
            db = self._usable()
            try:
                # IMMEDIATE: a transaction that begins by reading can find, when it comes to write, that another process was faster
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    if db.in_transaction:  # SQLite has ended it itself where the disk is full
                        db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as e:
                raise self._error(e) from None

    def shrink(self) -> None:
        """Give the room of deleted rows back to the disk; needs as much room again while it works."""
        with self._lock:
            db = self._usable()
            self._said(lambda: db.execute("VACUUM"))
            self._said(lambda: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())

    def damaged(self, found: str) -> InputError:
        """The error for rows that are not what this program writes."""
        return InputError(self.place, f"a whole {self._kind}", f"a damaged one ({found})")

    def close(self) -> None:
        """Let go of the file. Calling it twice does no harm, nor in a forked child, where it does nothing."""
        with self._lock:
            # a child that closes its parent's connection can take the log away from under it (sqlite.org/howtocorrupt.html, 2.6)
            if self._db is not None and os.getpid() == self._process:
                self._db.close()
                self._db = None

    def _usable(self) -> sqlite3.Connection:
        if os.getpid() != self._process:
            raise EngineError(
                f"{self.place}: the {self._kind} was opened by process {self._process} and this is its fork {os.getpid()}: "
                "open it in the child"
            )
        if self._db is None:
            raise ValueError(f"{self.place}: expected an open {self._kind}, found a closed one")
        return self._db

    def _said(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except sqlite3.Error as e:
            raise self._error(e) from None

    def _error(self, error: sqlite3.Error) -> Exception:
        if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError | sqlite3.IntegrityError):
            return error  # a mistake of this program
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bits tell kinds of one error apart
        if code == sqlite3.SQLITE_NOTADB:
            return InputError(self.place, f"a {self._kind}", "another kind of file")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR):  # the latter: no such table
            return self.damaged(str(error))
        reasons = {
            sqlite3.SQLITE_BUSY: f"other programs kept it locked for {WAIT:g} seconds",
            sqlite3.SQLITE_READONLY: "Read-only file",
            sqlite3.SQLITE_FULL: "No space left on device",
        }
        return OutputError(self.place, reasons.get(code, str(error)))

    def _opened(self, mark: int, version: int, tables: Sequence[str]) -> sqlite3.Connection:
        if self.path is not None:
            self._check_place(self.path)
        # absolute, because SQLite keeps some names for itself, ":memory:" among them
        name = str(self.path.absolute()) if self.path is not None else ":memory:"
        try:
            # isolation_level=None: transactions begin and end where this module says
            db = sqlite3.connect(name, timeout=WAIT, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as e:
            raise self._error(e) from None
        try:
            deadline = time.monotonic() + WAIT
            # SQLite does not wait by itself where one of two processes turns a new file into one with a log
            while not self._set_up(db, mark, version, tables, last=time.monotonic() > deadline):
                time.sleep(0.02)
        except BaseException:
            db.close()
            raise
        return db

    def _check_place(self, path: Path) -> None:
        """Say what SQLite would call "unable to open database file"; by asking only: closing a file here would undo SQLite's locks on it."""
        try:
            if path.is_dir():
                raise InputError(path, "a file", "a directory")
            if path.exists() and not path.is_file():
                raise InputError(path, "a file", "a device or a pipe")
            path.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise OutputError(path, "Not a directory") from None
        except OSError as e:
            raise OutputError(path, e.strerror or str(e)) from None
        if not os.access(path.parent, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK | os.W_OK)):
            raise OutputError(path, "Permission denied")

    def _set_up(self, db: sqlite3.Connection, mark: int, version: int, tables: Sequence[str], *, last: bool) -> bool:
        try:
            fresh = self._check_marks(db, mark, version)
            db.execute("PRAGMA journal_mode=WAL")
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
            if fresh:
                db.execute("BEGIN IMMEDIATE")
                if self._check_marks(db, mark, version):  # no other process has made it since
                    for table in tables:
                        db.execute(table)
                    db.execute(f"PRAGMA application_id={mark}")
                    db.execute(f"PRAGMA user_version={version}")
                db.execute("COMMIT")
        except sqlite3.Error as e:
            if getattr(e, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY and not last:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                return False
            raise self._error(e) from None
        return True

    def _check_marks(self, db: sqlite3.Connection, mark: int, version: int) -> bool:
        """True where nothing is in the file yet; asked in one transaction, or another process could make it between two of the questions."""
        own = not db.in_transaction
        if own:
            db.execute("BEGIN")
        [found] = db.execute("PRAGMA application_id").fetchone()
        [number] = db.execute("PRAGMA user_version").fetchone()
        [things] = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if own:
            db.execute("COMMIT")
        if (found, number, things) == (0, 0, 0):
            return True
        if found != mark:
            raise InputError(self.place, f"a {self._kind}", "another program's SQLite database")
        if number != version:
            raise InputError(
                self.place, f"a {self._kind} of version {version}", f"version {number}, of another release"
            )
        return False
