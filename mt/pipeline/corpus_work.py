"""The work folder of a build: units of stages, what each left, and the records that vouch for it.

    FOLDER work, in the corpus's own; in it
    plan.json                          what the folder was begun with: fingerprints (`corpus_marks`), the number of tasks
    STAGE/UNIT.done.json               a unit is complete: hashes of its outputs, rows read, written and rejected by reason
    STAGE/…                            its outputs; those of the last stages stand in the corpus's folder itself

A record is written last, after its outputs have their names, and counts only while outputs have the sizes (and, when a build starts, the hashes)
it states: files cut short by a full disk or a killed process are made again, never taken for whole. It also states its fingerprint, so that what
other settings made is never taken for what these make, whoever left it there.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from mt.errors import ConfigError, MTError, OutputError
from mt.files import sha256_file, write_bytes
from mt.pipeline.corpus_marks import Plan, plan, read_plan

PLAN = "plan.json"
_DONE = ".done.json"


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
        self._plan: Plan | None = None

    def path(self, stage: str, name: str) -> Path:
        """Where an output of a stage stands."""
        return self.folder / stage / name

    def begin(
        self, stages: Sequence[Stage], tasks: int, *, redo: bool = False, rank: int = 0, patience: float = 60.0
    ) -> None:
        """State what the folder is for, or check that it is for the same.

        Args:
            stages: in order.
            tasks: processes, over all machines, that share the work.
            redo: take away what other settings made (those stages and what was made from them), instead of refusing. The task of rank 0 does
                it, the others wait for it: none may take away what another has made anew.
            rank: which of the tasks this is.
            patience: seconds it waits for that.

        Raises:
            ConfigError: where the folder was begun with other settings, other source files or another number of tasks.
            MTError: where rank 0 was waited for in vain.
        """
        asked = plan(stages, tasks)
        path, until = self.folder / PLAN, time.monotonic() + patience
        while (begun := read_plan(path) if path.exists() else None) != asked:
            if begun is not None and not redo:
                self._refuse(begun, asked)
            if rank == 0 or not redo:
                if begun is not None:
                    self._forget(begun.others(asked), asked)
                write_bytes(path, _json(asked.record()))
            elif time.monotonic() > until:
                raise MTError(
                    f"{path}: the task of rank 0, started with --redo too, did not change it in {patience:g} s"
                )
            else:
                time.sleep(0.1)
        self._plan = asked

    def changed(self, stages: Sequence[Stage]) -> list[str]:
        """Stages that would now make something else than when the folder was begun: their source files have changed since."""
        now, begun = plan(stages), self.plan
        return [name for name, mark in now.stages.items() if begun.stages.get(name) != mark]

    @property
    def plan(self) -> Plan:
        """What the folder was begun with; empty where nothing was begun."""
        if self._plan is None:
            path = self.folder / PLAN
            self._plan = read_plan(path) if path.exists() else Plan()
        return self._plan

    def _refuse(self, begun: Plan, asked: Plan) -> None:
        if changed := begun.others(asked):
            raise ConfigError(
                str(self.folder),
                "the settings and source files it was begun with, or --redo, which makes anew what depends on them",
                f"others for {', '.join(changed)}",
            )
        if begun.tasks != asked.tasks:
            raise ConfigError("--tasks", f"{begun.tasks}, as {self.folder} was begun, or --redo", str(asked.tasks))

    def _forget(self, stages: Sequence[str], asked: Plan) -> None:
        """Take away what other settings made: outputs first, then the records that tell of them, so that a kill leaves nothing untold."""
        for name in stages:
            for path in sorted(self.path(name, "").glob(f"*{_DONE}")):
                found = self._read(path)
                if found is None or found.get("mark") == asked.mark(name, path.name.removesuffix(_DONE)):
                    continue
                for output in found["outputs"]:
                    if ".." not in Path(output).parts:
                        (self.root / output).unlink(missing_ok=True)
                path.unlink(missing_ok=True)
            if name not in asked.stages:
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def record(self, stage: str, unit: str) -> dict[str, Any] | None:
        """What a complete unit left; None where it is not complete."""
        if (kept := self._records.get((stage, unit))) is not None:
            return kept
        found = self._read(self.path(stage, unit + _DONE))
        if found is None or found.get("mark") != self.plan.mark(stage, unit):
            return None
        try:
            whole = all(self._size(name) == out["bytes"] for name, out in found["outputs"].items())
        except (OSError, KeyError, TypeError, AttributeError):
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
        with contextlib.suppress(OSError):
            if all(sha256_file(self.root / name) == out["sha256"] for name, out in found["outputs"].items()):
                return True
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
            "mark": self.plan.mark(stage, unit),
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

    def bytes_of(self, stage: str, unit: str) -> int:
        """How much there is to read for `verify`; 0 where the unit is not complete."""
        found = self.record(stage, unit)
        return sum(out["bytes"] for out in found["outputs"].values()) if found else 0

    def _read(self, path: Path) -> dict[str, Any] | None:
        """A record, whatever it vouches for; None where there is none, or half of one."""
        try:
            found: dict[str, Any] = json.loads(path.read_bytes())
            return found if isinstance(found["outputs"], dict) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _size(self, name: str) -> int:
        return (self.root / name).stat().st_size


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
