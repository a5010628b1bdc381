"""What every command shares: progress on a terminal, notes on stderr, the one-line error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mt.errors import MTError
from mt.protocols import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


def note(text: str) -> None:
    """A line on stderr, so that stdout stays data."""
    print(f"mt: {text}", file=sys.stderr)


def fail(error: MTError) -> None:
    """The one clear line of an error."""
    print(f"mt: error: {error}".replace("\n", " "), file=sys.stderr)


def out(text: str) -> None:
    """A line on stdout."""
    print(text)


def out_json(value: object) -> None:
    """One JSON value on stdout, for machines."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar with an ETA on stderr while the block runs; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    bars = RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bars:
        yield _Bars(bars)


class _Bars:
    """Stages drawn by rich, one bar each; the finished one is taken away."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def stage(self, name: str, total: int | None, unit: str) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name if total is None else f"{name} ({unit}s)", total=total)

    def advance(self, count: int) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)
