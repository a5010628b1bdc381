"""Fingerprints: what a record of a build vouches for, by stage, and by unit where a unit depends on nothing but its own inputs and settings.

Reading is by unit (`Separate`), and so is what is done to one shard at a time (`Partwise`): another source file makes none of their other units
again. What compares rows with each other is by stage: it depends on all that was read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mt.errors import InputError
from mt.files import read_bytes, sha256

if TYPE_CHECKING:
    from mt.pipeline.corpus_work import Stage

# Part of every fingerprint: raised whenever a stage of this program would make other bytes from the same inputs and options.
VERSION = 1
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@runtime_checkable
class Separate(Protocol):
    """A stage that reads what is outside of the folder, each unit its own part of it; its `params` are settings of all units."""

    def each(self) -> Mapping[str, Any]:
        """Unit → what changes its outputs beside the settings, as JSON can hold it."""


@runtime_checkable
class Partwise(Protocol):
    """A stage each of whose units, called UNIT-NUMBER, depends on settings and on what was made of that unit of a separate stage."""

    @property
    def of(self) -> str:
        """That stage."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder is begun with.

    Attributes:
        tasks: processes, over all machines, that share the work.
        stages: stage → fingerprint of everything that changes what it makes.
        units: separate stage → unit → fingerprint of everything that changes what this unit makes.
        parts: partwise stage → the separate stage, and a fingerprint of the settings.
    """

    tasks: int = 1
    stages: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    units: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _NOTHING)
    parts: Mapping[str, tuple[str, str]] = field(default_factory=lambda: _NOTHING)

    def mark(self, stage: str, unit: str) -> str | None:
        """The fingerprint that a unit's record must have; None for a unit or a stage that there is not.

        Example:
            >>> made = Plan(1, {}, {"rows": {"000-a-00000": "b2"}}, {"scores": ("rows", "c7")})
            >>> made.mark("rows", "000-a-00000"), made.mark("rows", "000-b-00000"), made.mark("scores", "000-b-00000-00000")
            ('b2', None, None)
            >>> made.mark("scores", "000-a-00000-00000") == made.mark("scores", "000-a-00000-00001")
            True
        """
        if stage in self.units:
            return self.units[stage].get(unit)
        if stage in self.parts:
            name, settings = self.parts[stage]
            read = self.units[name].get(unit.rpartition("-")[0])
            return None if read is None else _mark(settings, read)
        return self.stages.get(stage)

    def others(self, now: Plan) -> list[str]:
        """Stages of this plan that another one has not, or would make otherwise."""
        return [name for name, mark in self.stages.items() if now.stages.get(name) != mark]

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "tasks": self.tasks,
            "stages": dict(self.stages),
            "units": {name: dict(one) for name, one in self.units.items()},
            "parts": {name: list(one) for name, one in self.parts.items()},
        }


def plan(stages: Sequence[Stage], tasks: int = 1) -> Plan:
    """Fingerprints of stages, which stand in their order."""
    whole: dict[str, str] = {}
    settings: dict[str, str] = {}
    units: dict[str, dict[str, str]] = {}
    parts: dict[str, tuple[str, str]] = {}
    for stage in stages:
        name, said = stage.name, [VERSION, stage.name, stage.params()]
        before = [whole[one] for one in stage.after]
        if isinstance(stage, Separate):
            settings[name] = _mark(*said)
            units[name] = {unit: _mark(settings[name], unit, own) for unit, own in stage.each().items()}
            whole[name] = _mark(settings[name], units[name])
        elif isinstance(stage, Partwise):
            settings[name] = _mark(*said, [settings[one] for one in stage.after])
            parts[name] = (stage.of, settings[name])
            whole[name] = _mark(settings[name], before)
        else:
            whole[name] = _mark(*said, before)
    return Plan(tasks, whole, units, parts)


def read_plan(path: Path) -> Plan:
    """A plan out of a file.

    Raises:
        InputError: for what is none.
    """
    try:
        found = json.loads(read_bytes(path))
        return Plan(
            int(found["tasks"]),
            dict(found["stages"]),
            # earlier versions had fingerprints by stage alone, which are not those of now
            {name: dict(one) for name, one in found.get("units", {}).items()},
            {name: (str(one[0]), str(one[1])) for name, one in found.get("parts", {}).items()},
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise InputError(path, "the plan of a build", "something else") from None


def _mark(*said: object) -> str:
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode())[:16]
