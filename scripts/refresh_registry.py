#!/usr/bin/env python3
"""Rewrites the hashes, parameter counts and trial translations in mt/models/registry.toml from the files beside it; run it after the weights
have changed. Trial translations are made anew only when the weights are others, so that another processor does not look like another model.

    .venv/bin/python scripts/refresh_registry.py [--check]

With --check nothing is written; exit code 1 says that the registry is out of date.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tomllib
from pathlib import Path

from mt.files import sha256_file, write_text
from mt.models import golden

WEIGHTS = "model.safetensors"
REGISTRY = Path(__file__).resolve().parents[1] / "mt" / "models" / "registry.toml"
# What is computed from data, not learned: the bias of the output layer and the position tables.
NOT_LEARNED = ("final_logits_bias", "embed_positions.weight")


def parameters(weights: Path) -> int:
    """Learned numbers, from the header of a safetensors file: 8 bytes of length, then JSON."""
    with weights.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    learned = (t["shape"] for n, t in header.items() if n != "__metadata__" and not n.endswith(NOT_LEARNED))
    return sum(map(math.prod, learned))


def refreshed(text: str, folder: Path) -> str:
    """The registry with new numbers in the blocks of the models that are there."""
    head, *blocks = re.split(r"(?m)^(?=\[\[model\]\]$)", text)
    return head + "".join(_block(block, folder) for block in blocks)


def _block(text: str, folder: Path) -> str:
    [row] = tomllib.loads(text)["model"]
    if "directory" not in row or not (directory := folder / row["directory"]).is_dir():
        return text
    files = sorted(p for p in directory.iterdir() if p.is_file() and not p.name.startswith("."))
    table = "".join(f'"{p.name}" = "{sha256_file(p)}"\n' for p in files)
    count = parameters(directory / WEIGHTS)
    text = re.sub(r"(?m)^parameters = .*$", f"parameters = {count:_}", text)
    text = re.sub(r'(\[model\.sha256\]\n)(?:".*\n)*', lambda found: found[1] + table, text)
    same = row["sha256"].get(WEIGHTS) == sha256_file(directory / WEIGHTS)
    if not (same and "golden" in row):
        text = re.sub(r"(?s)\[model\.golden\]\n.*?\n\]\n", lambda _: _golden(directory), text)
    return text


def _golden(directory: Path) -> str:
    """The table of trial translations, in float32: whole numbers are multiplied in another way on every kind of processor."""
    made = golden.record(directory, "float32")
    rows = "".join(f"  {json.dumps(answer, ensure_ascii=False)},\n" for answer in made.answers)
    return f'[model.golden]\ncompute_type = "{made.compute_type}"\nanswers = [\n{rows}]\n'


def main() -> int:
    old = REGISTRY.read_text(encoding="utf-8")
    new = refreshed(old, REGISTRY.parent)
    if new == old:
        print(f"{REGISTRY}: up to date")
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{REGISTRY}: out of date; run scripts/refresh_registry.py")
        return 1
    write_text(REGISTRY, new)
    print(f"{REGISTRY}: rewritten")
    return 0


if __name__ == "__main__":
    sys.exit(main())
