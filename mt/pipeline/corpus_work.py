"""The work folder of a build: units of stages, what each left, and the records that vouch for it.

    ROOT/work/plan.json                what the folder was begun with: a fingerprint a stage, the number of tasks
    ROOT/work/STAGE/UNIT.done.json     a unit is complete: hashes of its outputs, rows read, written and rejected by reason
    ROOT/work/STAGE/…                  its outputs; those of the last stages stand in ROOT itself

A record is written last, after its outputs have their names, and counts only while outputs have the sizes (and, when a build starts, the hashes)
it states: files cut short by a full disk or a killed process are made again, never taken for whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from mt.errors import ConfigError, InputError, MTError, OutputError
from mt.files import read_bytes, sha256, sha256_file, write_bytes

PLAN = "plan.json"
_DONE = ".done.json"
# Part of every fingerprint: raised whenever a stage of this program would make other bytes from the same inputs and options.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of work of a stage: made by one process, whole or not at all.

    Attributes:
        name: unique in its stage, fit for a file's name; units in the order of their names are in the order of their rows.
        size: rows it is about, for progress; 0 where that is not known.
        args: what the stage needs to know of it.
    """

    name: str
    size: int = 0
    args: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Made:
    """What a unit did, in numbers that add up.

    Attributes:
        outputs: paths of the files it wrote.
        read: rows (or records) it was given.
        written: rows it hands on.
        rejected: rows it leaves out, by reason.
        more: what later stages want to know, as JSON can hold it.

    Example:
        >>> Made((), read=3, written=2, rejected={"empty": 2})
        Traceback (most recent call last):
        mt.errors.MTError: rows do not add up: 3 read, 2 written, 2 rejected
    """

    outputs: tuple[Path, ...]
    read: int
    written: int
    rejected: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    more: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Raises MTError where rows were lost: it would be a mistake of this program."""
        lost = sum(self.rejected.values())
        if self.read != self.written + lost:
            raise MTError(f"rows do not add up: {self.read:,} read, {self.written:,} written, {lost:,} rejected")


class Stage(Protocol):
    """One step of a build: a pure function from its units' inputs to their outputs."""

    @property
    def name(self) -> str:
        """Unique; also the name of its folder."""

    @property
    def after(self) -> tuple[str, ...]:
        """Stages whose outputs it reads: where one of them is made anew, so is this."""

    def params(self) -> Mapping[str, Any]:
        """Everything that changes its outputs beside those stages, as JSON can hold it."""

    def units(self, work: Work) -> list[Unit]:
        """Its units, in order; asked for when the stages before it are complete."""

    def run(self, work: Work, unit: Unit) -> Made:
        """Do one unit."""


class Work:
    """The folder, as one process sees it."""

    def __init__(self, root: Path) -> None:
        """`root` is where the corpus is published; the work stands in `root/work`."""
        self.root, self.folder = root, root / "work"
        self._records: dict[tuple[str, str], dict[str, Any]] = {}

    def path(self, stage: str, name: str) -> Path:
        """Where an output of a stage stands."""
        return self.folder / stage / name

    def begin(self, stages: Sequence[Stage], tasks: int, *, redo: bool = False) -> None:
        """State what the folder is for, or check that it is for the same.

        Args:
            stages: in order.
            tasks: processes, over all machines, that share the work.
            redo: take away what other settings made (those stages and what was made from them), instead of refusing.

        Raises:
            ConfigError: where the folder was begun with other settings.
        """
        marks = fingerprints(stages)
        path = self.folder / PLAN
        plan = {"tasks": tasks, "stages": marks}
        if path.exists():
            begun = self._plan(path)
            changed = [name for name, mark in begun["stages"].items() if marks.get(name) != mark]
            if changed and not redo:
                raise ConfigError(
                    str(self.folder),
                    "the settings it was begun with, or --redo, which makes those stages again",
                    f"other settings of {', '.join(changed)}",
                )
            if begun["tasks"] != tasks and not redo:
                raise ConfigError("--tasks", f"{begun['tasks']}, as {self.folder} was begun, or --redo", str(tasks))
            for name in changed:
                shutil.rmtree(self.folder / name, ignore_errors=True)
        write_bytes(path, _json(plan))

    def _plan(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads(read_bytes(path))
            return {"tasks": int(found["tasks"]), "stages": dict(found["stages"])}
        except (ValueError, TypeError, KeyError):
            raise InputError(path, "the plan of a build", "something else") from None

    def record(self, stage: str, unit: str) -> dict[str, Any] | None:
        """What a complete unit left; None where it is not complete."""
        if (kept := self._records.get((stage, unit))) is not None:
            return kept
        path = self.path(stage, unit + _DONE)
        try:
            found: dict[str, Any] = json.loads(path.read_bytes())
            whole = all(self._size(name) == out["bytes"] for name, out in found["outputs"].items())
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not whole:
            return None
        self._records[stage, unit] = found
        return found

    def verify(self, stage: str, unit: str) -> bool:
        """True where a unit is complete and its outputs are, byte for byte, what it wrote; a record that is not true is taken away."""
        found = self.record(stage, unit)
        if found is None:
            return False
        try:
            if all(sha256_file(self.root / name) == out["sha256"] for name, out in found["outputs"].items()):
                return True
        except OSError:
            pass
        del self._records[stage, unit]
        self.path(stage, unit + _DONE).unlink(missing_ok=True)
        return False

    def done(self, stage: str, unit: str, made: Made) -> None:
        """Record that a unit is complete."""
        outputs = {
            path.relative_to(self.root).as_posix(): {"sha256": sha256_file(path), "bytes": path.stat().st_size}
            for path in made.outputs
        }
        record = {
            "unit": unit,
            "read": made.read,
            "written": made.written,
            "rejected": dict(made.rejected),
            "outputs": outputs,
            "more": dict(made.more),
        }
        write_bytes(self.path(stage, unit + _DONE), _json(record))

    def records(self, stage: Stage) -> Iterator[dict[str, Any]]:
        """Records of all units of a stage, in order.

        Raises:
            MTError: where one is not complete.
        """
        for unit in stage.units(self):
            found = self.record(stage.name, unit.name)
            if found is None:
                raise MTError(f"{self.path(stage.name, unit.name)}: expected a complete unit, found none")
            yield found

    def _size(self, name: str) -> int:
        return (self.root / name).stat().st_size


def fingerprints(stages: Sequence[Stage]) -> dict[str, str]:
    """Stage → a hash of everything that changes what it makes."""
    marks: dict[str, str] = {}
    for stage in stages:
        before = [marks[name] for name in stage.after]
        said = json.dumps([VERSION, stage.name, stage.params(), before], sort_keys=True, ensure_ascii=False)
        marks[stage.name] = sha256(said.encode())[:16]
    return marks


def made_file(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file by `write` and give its path back, its folder made first.

    Raises:
        OutputError: when the folder cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise OutputError(path, e.strerror or str(e)) from None
    write(path)
    return path


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()
