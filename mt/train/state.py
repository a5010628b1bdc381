"""Checkpoints: weights, moving average, optimiser, random numbers and counters, in safetensors and JSON, so that a run resumes exactly."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from mt.errors import ModelError, OutputError
from mt.files import sha256_file, write_text

_POINTER = "state.json"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands.

    Attributes:
        updates: done so far.
        tokens: target pieces trained on so far, end marks counted.
        began: the update at which this run's weights came from elsewhere; the warm-up counts from there.
        pool: of the data order, the next one or the one begun.
        batch: number within the pool of the next batch.
        short: the pool holds short sentences only.
        best: chrF of the best check so far; -1 = none.
        worse: checks since then.
    """

    updates: int = 0
    tokens: int = 0
    began: int = 0
    pool: int = 0
    batch: int = 0
    short: bool = False
    best: float = -1.0
    worse: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """A checkpoint in memory; `recipe` names what the run is made by."""

    position: Position
    tensors: dict[str, torch.Tensor]
    recipe: str


def gather(model: Any, ema: dict[str, torch.Tensor], optimizer: Any) -> dict[str, torch.Tensor]:
    """Everything that must be kept, under flat names."""
    out: dict[str, torch.Tensor] = {f"ema.{k}": v for k, v in ema.items()}
    for name, weights in model.named_parameters():
        if weights.requires_grad:
            out[f"model.{name}"] = weights.detach()
            out |= {f"adam.{key}.{name}": value for key, value in optimizer.state.get(weights, {}).items()}
    out["rng.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        out["rng.cuda"] = torch.cuda.get_rng_state()
    return out


def restore(tensors: dict[str, torch.Tensor], model: Any, optimizer: Any) -> dict[str, torch.Tensor]:
    """Put a checkpoint back; returns the moving average."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if not weights.requires_grad:
                continue
            weights.copy_(tensors[f"model.{name}"])
            kept = {
                key: tensors[f"adam.{key}.{name}"]
                for key in ("step", "exp_avg", "exp_avg_sq")
                if f"adam.{key}.{name}" in tensors
            }
            if kept:
                place = weights.device
                optimizer.state[weights] = {
                    k: v.clone() if k == "step" else v.to(place).clone() for k, v in kept.items()
                }
    torch.set_rng_state(tensors["rng.cpu"])
    if torch.cuda.is_available() and "rng.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng.cuda"])
    place = next(model.parameters()).device
    return {k.removeprefix("ema."): v.to(place).clone() for k, v in tensors.items() if k.startswith("ema.")}


def save(directory: Path, state: State) -> None:
    """Write the tensors beside those of the last checkpoint, then point to them; at every moment one whole checkpoint stands.

    Raises:
        OutputError: when the disk is full or the place cannot be written; the last checkpoint still stands then.
    """
    path = directory / f"state-{state.position.updates}.safetensors"
    part = path.with_suffix(".part")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        safetensors.torch.save_file({k: v.contiguous() for k, v in state.tensors.items()}, part)
        with part.open("rb+") as file:
            _sync(file)
        part.replace(path)
        row = asdict(state.position) | {"tensors": path.name, "sha256": sha256_file(path), "recipe": state.recipe}
        write_text(directory / _POINTER, json.dumps(row, indent=1) + "\n")
        for old in directory.glob("state-*.safetensors"):
            if old != path:
                old.unlink(missing_ok=True)
    except (OSError, safetensors.SafetensorError) as e:
        part.unlink(missing_ok=True)
        raise OutputError(path, getattr(e, "strerror", None) or str(e)) from None


def read(directory: Path) -> State | None:
    """The last checkpoint; None where there is none.

    Raises:
        ModelError: when it is damaged; nothing is trained on then, and nothing thrown away.
    """
    pointer = directory / _POINTER
    if not pointer.exists():
        return None
    try:
        row = json.loads(pointer.read_text(encoding="utf-8"))
        path = directory / row.pop("tensors")
        wanted, recipe = row.pop("sha256"), row.pop("recipe")
        position = replace(Position(), **row)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        raise _damaged(pointer, "a checkpoint's counters", str(e)) from None
    if not path.exists():
        raise _damaged(path, "the checkpoint's tensors", "nothing there")
    if sha256_file(path) != wanted:
        raise _damaged(path, f"the checkpoint of update {position.updates:,}", "other bytes than were written")
    return State(position, safetensors.torch.load_file(path), recipe)


def _damaged(path: Path, expected: str, found: str) -> ModelError:
    return ModelError(path, expected, found, hint="put the file back, or begin again in another directory")


def _sync(file: Any) -> None:
    import os

    os.fsync(file.fileno())
