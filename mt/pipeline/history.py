"""Scores of a test set over runs, in a small SQLite file: one row a run, system and metric.

Runs are kept apart by what they were scored on: the references' hash, the signature, and the unit. Equal keys, comparable numbers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mt.errors import InputError, OutputError

APPLICATION = 0x4B4B4548  # "KKEH", in the file's header
VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS scores (
    run TEXT NOT NULL, test TEXT NOT NULL, system TEXT NOT NULL, sha256 TEXT NOT NULL, metric TEXT NOT NULL,
    signature TEXT NOT NULL, value REAL NOT NULL, low REAL, high REAL, commit_id TEXT NOT NULL DEFAULT '',
    UNIQUE (run, test, system, metric, signature)
)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A score of a run.

    Attributes:
        run: when it was made, UTC, ISO 8601.
        test: SHA-256 of the references.
        system: its name.
        sha256: of the system's file.
        metric: key of the metric.
        signature: of the score.
        value: percent.
        low: lower end of its interval, or None.
        high: upper end, or None.
        commit: of the program or model that wrote the text, where somebody said so.
    """

    run: str
    test: str
    system: str
    sha256: str
    metric: str
    signature: str
    value: float
    low: float | None
    high: float | None
    commit: str = ""


def keep(path: Path, entries: Sequence[Entry]) -> int:
    """Add scores; what is there already (the same text scored the same way in the last run) is not added again.

    Returns:
        How many were added.

    Raises:
        InputError: where the file is none of these.
        OutputError: where it cannot be written.
    """
    added = 0
    with _opened(path, write=True) as base, base:
        for e in entries:
            last = base.execute(
                "SELECT sha256 FROM scores WHERE test = ? AND system = ? AND metric = ? AND signature = ? ORDER BY run DESC LIMIT 1",
                (e.test, e.system, e.metric, e.signature),
            ).fetchone()
            if last is not None and last[0] == e.sha256:
                continue
            base.execute(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (e.run, e.test, e.system, e.sha256, e.metric, e.signature, e.value, e.low, e.high, e.commit),
            )
            added += 1
    return added


def course(path: Path, test: str, metric: str, signature: str) -> list[Entry]:
    """All scores of a test set by one metric and signature, oldest first.

    Raises:
        InputError: where the file is none of these.
    """
    with _opened(path, write=False) as base:
        rows = base.execute(
            "SELECT run, test, system, sha256, metric, signature, value, low, high, commit_id FROM scores "
            "WHERE test = ? AND metric = ? AND signature = ? ORDER BY run, rowid",
            (test, metric, signature),
        ).fetchall()
    return [Entry(*row) for row in rows]


def regressed(entries: Sequence[Entry], *, lower_is_better: bool = False) -> tuple[Entry, ...]:
    """Runs of a system whose interval lies wholly on the wrong side of its best score before.

    Example:
        >>> rows = [Entry(str(n), "t", "a", "", "chrf", "s", v, v - 1, v + 1) for n, v in enumerate((40.0, 42.0, 38.0))]
        >>> [e.run for e in regressed(rows)]
        ['2']
    """
    found, best = [], dict[str, float]()
    sign = -1.0 if lower_is_better else 1.0
    for e in entries:
        edge = e.low if lower_is_better else e.high
        reach = sign * (e.value if edge is None else edge)
        if e.system in best and reach < best[e.system]:
            found.append(e)
        best[e.system] = max(best.get(e.system, sign * e.value), sign * e.value)
    return tuple(found)


@contextmanager
def _opened(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    try:
        if path.is_dir():
            raise InputError(path, "a file of scores", "a folder")
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=60)) as base:
            marks = [base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
            empty = not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if empty and marks == [0, 0]:
                base.execute(f"PRAGMA application_id = {APPLICATION}")
                base.execute(f"PRAGMA user_version = {VERSION}")
                base.execute(_TABLE)
            elif marks != [APPLICATION, VERSION]:
                raise InputError(path, f"a history of scores, version {VERSION}", "another SQLite file")
            yield base
    except sqlite3.OperationalError as e:
        raise OutputError(path, str(e)) from None
    except sqlite3.DatabaseError as e:
        raise InputError(path, "a history of scores (SQLite)", str(e)) from None
    except OSError as e:
        raise OutputError(path, e.strerror or type(e).__name__) from None
