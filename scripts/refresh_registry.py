"""Write the hashes of the shipped models' files into mt/models/registry.toml; run it after their weights changed."""

from __future__ import annotations

import re
from pathlib import Path

from mt.files import sha256_file, write_text

ROOT = Path(__file__).resolve().parents[1] / "mt" / "models"


def main() -> None:
    registry = ROOT / "registry.toml"
    text = registry.read_text("utf-8")
    for name in re.findall(r"^\[(\w+)\.sha256\]$", text, re.M):
        files = sorted(p for p in (ROOT / name).iterdir() if p.suffix in {".json", ".spm", ".safetensors"})
        rows = "".join(f'"{p.name}" = "{sha256_file(p)}"\n' for p in files)
        text = re.sub(rf"(\[{name}\.sha256\]\n)(?:\".*\n)*", lambda m, rows=rows: m[1] + rows, text)
        print(f"{name}: {len(files)} files")
    write_text(registry, text)


if __name__ == "__main__":
    main()
