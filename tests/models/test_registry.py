"""Names and directories of models."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mt.errors import ModelError
from mt.models import registry
from mt.models.registry import find, known, open_model, verify
from tests.fakes import write_marian

ROOT = Path(__file__).resolve().parents[2]


def test_the_starter_is_described():
    [entry] = [e for e in known() if e.name == "starter"]
    assert (entry.src_lang, entry.tgt_lang) == ("ja", "en")
    assert entry.directory == ROOT / "mt" / "models" / "starter"
    assert entry.parameters > 1_000_000
    assert entry.licence and entry.description
    assert "model.safetensors" in dict(entry.sha256)


def test_a_name_or_a_directory(tmp_path, monkeypatch):
    assert find("starter") == find(str(ROOT / "mt" / "models" / "starter"))
    fake = write_marian(tmp_path / "starter")
    monkeypatch.chdir(tmp_path)
    assert find("./starter") == Path("starter")
    assert find("starter") != Path("starter")  # a known name is no relative path
    assert find(str(fake)) == fake


@pytest.mark.parametrize(
    ("name", "found"), [("nope", "nothing of that name"), ("", "nothing of that name"), ("file", "a file")]
)
def test_what_is_neither(tmp_path, monkeypatch, name, found):
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as caught:
        find(name)
    assert "expected a known model (starter) or a model directory" in str(caught.value)
    assert str(caught.value).endswith(f"found {found}")


def test_a_known_model_that_is_not_installed(tmp_path, monkeypatch):
    listing = tmp_path / "registry.toml"
    listing.write_text(
        (ROOT / "mt" / "models" / "registry.toml").read_text("utf-8").replace('= "starter"', '= "elsewhere"')
    )
    monkeypatch.setattr(registry, "_REGISTRY", listing)
    [entry] = known()
    assert (entry.name, entry.directory) == ("elsewhere", None)
    with pytest.raises(
        ModelError, match="elsewhere: expected an installed model, found a known one that is not installed"
    ):
        find("elsewhere")


def test_verify_compares_the_registered_files(tmp_path, monkeypatch):
    shutil.copytree(find("starter"), tmp_path / "starter")
    monkeypatch.setattr(registry, "_HERE", tmp_path)
    directory = find("starter")
    assert verify(directory) == []
    (directory / "README.md").write_text("other")
    (directory / "target.spm").unlink()
    first, second, third = verify(directory)
    assert first.startswith(f"{directory / 'README.md'}: expected sha256 ") and ", found d9298a10d1b0…" in first
    assert second == third == f"{directory / 'target.spm'}: expected a file, found nothing there"


def test_verify_looks_into_any_directory(tmp_path):
    fake = write_marian(tmp_path / "fake")
    assert verify(fake) == []
    (fake / "model.safetensors").write_bytes(b"\xff" * 100)
    assert [p.split(": ")[0] for p in verify(fake)] == [str(fake / "model.safetensors")]


def test_opening_by_name():
    model = open_model("starter")
    assert model.encode(["猫がいる。"]) == [["▁", "猫", "がいる", "。"]]
    model.close()


def test_the_registry_is_up_to_date(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "refresh_registry.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
