"""Vectors kept on disk by their texts: what was encoded once is read back, bit for bit, by whatever process asks next.

One SQLite file for any number of encoders: a row's key is a hash of the encoder's signature and of the text. Several processes may use it
at once; each batch is one transaction, and a row that two of them write is the same. The file is bounded: where it grows over its limit, what
was not asked for longest goes.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import InputError, OutputError
from mt.protocols import SentenceEncoder, WindowEncoder
from mt.signature import Signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARK = 0x4B56_4331  # "KVC1": SQLite's application_id of such files
DEFAULT_LIMIT = 2 << 30  # bytes of vectors: a million of 512 numbers
_WAIT = 60.0  # seconds for another process to end its write
_CHUNK = 900  # keys in one statement; SQLite before 3.32 takes 999
_OVERHEAD = 60  # bytes of a row beside its vector
_TABLES = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, used INTEGER NOT NULL, vector BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO facts VALUES ('bytes', 0)",
)


class VectorFile:
    """A file of vectors by key; any thread may use it.

    Args:
        path: the file, made where there is none.
        limit: bytes of vectors to keep at most.

    Raises:
        InputError: for a file that is something else, or damaged.
        OutputError: for a place that cannot be written.
    """

    def __init__(self, path: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        self.path, self.limit = path, limit
        self._lock = threading.RLock()
        if path.is_dir():
            raise OutputError(path, "Is a directory")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise OutputError(path, e.strerror or type(e).__name__) from None
        with self._failing():
            self._db: sqlite3.Connection | None = sqlite3.connect(
                path, timeout=_WAIT, isolation_level=None, check_same_thread=False
            )
            self._begin(self._db)

    def get(self, keys: Sequence[bytes], width: int) -> dict[bytes, NDArray[Any]]:
        """Vectors of those keys that are there, float32 (width,)."""
        import numpy as np

        found: dict[bytes, NDArray[Any]] = {}
        with self._lock, self._failing():
            db = self._usable()
            for start in range(0, len(keys), _CHUNK):
                part = sorted(set(keys[start : start + _CHUNK]))
                marks = ",".join("?" * len(part))
                for key, vector in db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part):
                    if len(vector) != 4 * width:
                        raise InputError(self.path, f"vectors of {width} numbers", f"one of {len(vector)} bytes")
                    found[key] = np.frombuffer(vector, dtype="<f4")
            if found:
                self._touch(db, list(found))
        return found

    def put(self, rows: Sequence[tuple[bytes, NDArray[Any]]]) -> None:
        """Keep vectors; those that are there already stay as they are."""
        now = int(time.time())
        with self._lock, self._failing(), self._writing() as db:
            before = db.total_changes
            db.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
                [(key, now, vector.astype("<f4").tobytes()) for key, vector in rows],
            )
            new = db.total_changes - before
            if new:
                size = new * (_OVERHEAD + 4 * len(rows[0][1]))
                db.execute("UPDATE facts SET value = value + ? WHERE name = 'bytes'", (size,))
            self._bound(db)

    def size(self) -> int:
        """Bytes of what is kept, roughly."""
        with self._lock, self._failing():
            return int(self._usable().execute("SELECT value FROM facts WHERE name = 'bytes'").fetchone()[0])

    def count(self) -> int:
        """Number of vectors kept."""
        with self._lock, self._failing():
            return int(self._usable().execute("SELECT count(*) FROM vectors").fetchone()[0])

    def prune(self, limit: int) -> int:
        """Keep at most so many bytes, what was asked for last; how many vectors went."""
        with self._lock, self._failing(), self._writing() as db:
            before = db.total_changes
            self._bound(db, limit)
            return db.total_changes - before - 1 if db.total_changes > before else 0

    def close(self) -> None:
        """Let go of the file; twice does no harm."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    def _bound(self, db: sqlite3.Connection, limit: int | None = None) -> None:
        most = self.limit if limit is None else limit
        size = int(db.execute("SELECT value FROM facts WHERE name = 'bytes'").fetchone()[0])
        if size <= most:
            return
        # down to nine tenths, so that not every batch has to do this again
        excess = size - (most if limit is not None else int(0.9 * most))
        gone, freed = [], 0
        for key, length in db.execute("SELECT key, length(vector) FROM vectors ORDER BY used, key"):
            if freed >= excess:
                break
            gone.append((key,))
            freed += length + _OVERHEAD
        db.executemany("DELETE FROM vectors WHERE key = ?", gone)
        db.execute("UPDATE facts SET value = value - ? WHERE name = 'bytes'", (freed,))

    def _touch(self, db: sqlite3.Connection, keys: list[bytes]) -> None:
        """Note that rows were used, by the day: reading should not write every time."""
        now = int(time.time())
        marks_at = now - 86_400
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            stale = f"key IN ({marks}) AND used < ?"
            if db.execute(f"SELECT 1 FROM vectors WHERE {stale} LIMIT 1", [*part, marks_at]).fetchone():
                db.execute(f"UPDATE vectors SET used = ? WHERE {stale}", [now, *part, marks_at])

    def _begin(self, db: sqlite3.Connection) -> None:
        with self._writing() as inside:
            mark = inside.execute("PRAGMA application_id").fetchone()[0]
            tables = inside.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if mark != MARK and (mark != 0 or tables):
                raise InputError(self.path, "a file of kept vectors", "another program's database")
            for statement in _TABLES:
                inside.execute(statement)
            inside.execute(f"PRAGMA application_id = {MARK}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose vectors, which can be made again, not the file

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        db = self._usable()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _usable(self) -> sqlite3.Connection:
        if self._db is None:
            raise InputError(self.path, "an open file of vectors", "that it was closed")
        return self._db

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as e:
            said = " ".join(str(e).split())
            if isinstance(e, sqlite3.OperationalError):
                raise OutputError(self.path, said) from None
            raise InputError(self.path, "a file of kept vectors", said) from None


class CachedEncoder:
    """An encoder that asks the file first; see `cached`."""

    def __init__(self, encoder: SentenceEncoder, file: VectorFile) -> None:
        self._encoder, self.file = encoder, file

    @property
    def signature(self) -> Signature:
        """The encoder's own: what is kept is what it answered."""
        return self._encoder.signature

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return self._encoder.width

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """As the encoder does; only texts that are not kept yet are encoded, each once."""
        keys = [_key(self.signature, "text", [text]) for text in texts]

        def make(missing: list[int]) -> Any:
            return self._encoder.encode([texts[row] for row in missing])

        return self._through(keys, make)

    def _through(self, keys: list[bytes], make: Callable[[list[int]], Any]) -> NDArray[Any]:
        """Rows by key; `make` is given the numbers of those that have to be made."""
        import numpy as np

        width = self.width
        first = {key: row for row, key in reversed([*enumerate(keys)])}
        first = dict(sorted(first.items(), key=lambda item: item[1]))
        found = self.file.get(list(first), width)
        missing = [row for key, row in first.items() if key not in found]
        if missing:
            made = {keys[row]: vector for row, vector in zip(missing, make(missing), strict=True)}
            self.file.put(list(made.items()))
            found |= made
        out = np.empty((len(keys), width), dtype=np.float32)
        for row, key in enumerate(keys):
            out[row] = found[key]
        return out


class CachedWindowEncoder(CachedEncoder):
    """The same for an encoder with `windows`."""

    _encoder: WindowEncoder

    def windows(self, sentences: Sequence[str], longest: int, joiner: str) -> list[NDArray[Any]]:
        """See `mt.protocols.WindowEncoder`; made anew, all of them, where one is not kept."""
        counts = [max(0, len(sentences) - size) for size in range(longest)]
        runs = [sentences[row : row + size + 1] for size, count in enumerate(counts) for row in range(count)]
        # vectors of windows are kept apart from those of joined texts, from which they may differ at the joints
        keys = [_key(self.signature, f"window{joiner}", run) for run in runs]

        def make(missing: list[int]) -> Any:
            import numpy as np

            return np.concatenate(self._encoder.windows(sentences, longest, joiner))[missing]

        vectors = self._through(keys, make)
        ends = [sum(counts[: size + 1]) for size in range(longest)]
        return [vectors[end - count : end] for count, end in zip(counts, ends, strict=True)]


def cached(encoder: SentenceEncoder, path: Path, *, limit: int = DEFAULT_LIMIT) -> CachedEncoder:
    """The encoder with a file that keeps its vectors.

    Raises:
        InputError: as `VectorFile` does.
        OutputError: as `VectorFile` does.
    """
    file = VectorFile(path, limit=limit)
    kind = CachedWindowEncoder if hasattr(encoder, "windows") else CachedEncoder
    return kind(encoder, file)


def _key(signature: Signature, kind: str, texts: Sequence[str]) -> bytes:
    digest = hashlib.blake2b(digest_size=20)
    for part in (str(signature), kind, *texts):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()
