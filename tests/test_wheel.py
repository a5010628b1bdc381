"""The installed package does the main job outside a checkout: the article and its configuration are in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile

from tests.conftest import ROOT


def test_the_wheel_holds_what_mt_run_needs_and_works_elsewhere(tmp_path, mt_process):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    assert {
        "mt/shipped/configs/article.toml",
        "mt/shipped/corpora/nato-demands/article.ja.txt",
        "mt/models/starter/model.safetensors",
        "mt/models/lexicon/words.npz",
        "mt/models/registry.toml",
        "mt/report/run.html.j2",
        "mt/py.typed",
    } <= names
    assert not any(name.startswith(("tests/", "scripts/", "runs/")) for name in names)
    place = tmp_path / "elsewhere"
    place.mkdir()
    answer = mt_process("run", "configs/article.toml", cwd=place, env={"PYTHONPATH": str(tmp_path / "site")})
    assert answer.code == 0, answer.err
    assert (place / "runs" / "article" / "report.html").is_file()
