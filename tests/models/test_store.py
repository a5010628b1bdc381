"""The directory of installed models, and the user's settings."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import ConfigError, InputError, ModelError, OutputError
from mt.models import store
from mt.models.store import FileRecord, Golden, Record
from tests.fakes import write_marian

RECORD = Record(
    "owner/name", "hub:owner/name", "c" * 40, "huggingface", "MIT", "2026-01-01T00:00:00+00:00",
    {"config.json": FileRecord("0" * 64, 7)}, Golden("int8", (("猫がいる。", 'a "cat"'),)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("KAKEHASHI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def install(name: str = "owner/name", seed: int = 1) -> Path:
    with store.scratch() as scratch:
        place = write_marian(scratch / "model", seed=seed)
        store.write_record(
            place, Record(name, "somewhere", "", "huggingface", "MIT", "now", store.hash_files(place), None)
        )
        return store.put(place, name)


def test_where_models_are(tmp_path, monkeypatch):
    assert store.directory_of("owner/name") == tmp_path / "models" / "owner+name"
    monkeypatch.delenv("KAKEHASHI_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert store.models_directory() == Path("/data/kakehashi/models")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert store.models_directory() == Path("/home/someone/.local/share/kakehashi/models")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert store.config_file() == Path("/home/someone/.config/kakehashi/config.toml")


def test_a_user_without_a_home_has_no_models_and_no_settings(monkeypatch):
    def none() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for variable in ("KAKEHASHI_MODELS", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", none)
    assert (store.installed(), store.pinned(), store.installed_as("a/b")) == ((), None, None)
    with pytest.raises(OutputError):
        store.pin("x")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b/c", "/a", "a/", "../a", "a b", "猫", "a\n", ".a", "a/.b", "starter", "auto", "a" * 97]
)
def test_what_is_no_name(name):
    with pytest.raises(ConfigError, match=r"^name: expected"):
        store.directory_of(name)


@given(st.from_regex(store._NAME, fullmatch=True))
def test_a_name_is_one_directory(name):
    if name not in ("starter", "auto"):
        assert store.directory_of(name).parent == store.models_directory()
        assert not store.directory_of(name).name.startswith(".")


def test_a_record_is_read_as_it_was_written(tmp_path):
    store.write_record(tmp_path, RECORD)
    assert store.read_record(tmp_path) == RECORD
    assert json.loads((tmp_path / "kakehashi.json").read_text("utf-8"))["format"] == 1


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"format": 2}', "[" * 9999, '{"format": 1, "files": {"a": 1}}'])
def test_what_is_no_record(tmp_path, data):
    (tmp_path / "kakehashi.json").write_text(data)
    with pytest.raises(
        ModelError, match=r"kakehashi\.json: expected a record of an installed model, found something else"
    ):
        store.read_record(tmp_path)


@pytest.mark.parametrize("change", [{"kind": "onnx"}, {"more": "x"}, {"licence": 1}])
def test_a_record_of_other_content(tmp_path, change):
    store.write_record(tmp_path, RECORD)
    raw = json.loads((tmp_path / "kakehashi.json").read_text("utf-8"))
    (tmp_path / "kakehashi.json").write_text(json.dumps(raw | change))
    with pytest.raises(ModelError):
        store.read_record(tmp_path)


def test_installing_listing_and_removing(tmp_path):
    assert store.installed() == ()
    directory = install()
    (tmp_path / "models" / "stranger").mkdir()
    [one] = store.installed()
    assert (one.directory, one.record.name) == (directory, "owner/name")
    assert store.installed_as("owner/name") == one
    assert store.installed_as("other") is None
    store.partial_directory("owner/name").mkdir(parents=True)
    assert store.remove("owner/name") == [directory, tmp_path / "models" / ".partial" / "owner+name"]
    assert store.installed() == ()
    assert store.remove("owner/name") == []
    assert sorted(p.name for p in (tmp_path / "models").iterdir()) == [".partial", "stranger"]


def test_a_later_one_replaces_an_earlier_one():
    first = store.read_record(install()).files
    second = store.read_record(install(seed=2)).files
    assert first["model.safetensors"] != second["model.safetensors"]
    assert [one.record.files for one in store.installed()] == [second]


def test_others_may_read_what_they_may_read_around_it(tmp_path):
    (tmp_path / "models").mkdir(mode=0o750)
    with store.scratch() as scratch:
        (scratch / "model").mkdir(mode=0o700)
        assert store.put(scratch / "model", "a").stat().st_mode & 0o777 == 0o750


def test_when_a_replacement_fails_the_earlier_one_stays(tmp_path):
    directory = install()
    with pytest.raises(OutputError):
        store.put(tmp_path / "nothing", "owner/name")
    assert store.damage(store.Installed(directory, store.read_record(directory))) == []


def test_the_starter_is_not_removed():
    with pytest.raises(ConfigError, match="starter, which is part of the program"):
        store.remove("starter")


def test_nothing_is_left_of_what_failed(tmp_path):
    with pytest.raises(ValueError, match="no"), store.scratch() as scratch:
        (scratch / "model").mkdir()
        raise ValueError("no")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KAKEHASHI_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(OutputError, match="cannot write"), store.scratch():
        pass


def test_damage_is_named_by_file():
    directory = install()
    one = store.Installed(directory, store.read_record(directory))
    assert store.damage(one) == []
    data = bytearray((directory / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (directory / "model.safetensors").write_bytes(data)
    (directory / "vocab.json").write_bytes(b"{}")
    (directory / "source.spm").unlink()
    weights, source, vocabulary = sorted(store.damage(one))
    assert weights.startswith(f"{directory}/model.safetensors: expected sha256 ")
    assert source == f"{directory}/source.spm: expected a file, found nothing there"
    assert vocabulary.startswith(f"{directory}/vocab.json: expected ") and vocabulary.endswith(" bytes, found 2")


def test_pinning_keeps_the_other_settings():
    assert store.pinned() is None
    path = store.pin("owner/name")
    assert (store.pinned(), path.read_text("utf-8")) == ("owner/name", 'model = "owner/name"\n')
    path.write_text('# mine\nmodel = "x"\ncolour = "red"\n\n[more]\nmodel = "not this one"\n', encoding="utf-8")
    store.pin("b")
    assert path.read_text("utf-8") == 'model = "b"\n# mine\ncolour = "red"\n[more]\nmodel = "not this one"\n'
    store.pin(None)
    assert store.pinned() is None
    assert tomllib.loads(path.read_text("utf-8")) == {"colour": "red", "more": {"model": "not this one"}}
    path.write_text('[more]\nmodel = "not this one"\n', encoding="utf-8")
    store.pin("a")
    assert store.pinned() == "a"
    store.pin(None)
    assert path.read_text("utf-8") == '[more]\nmodel = "not this one"\n'


@pytest.mark.parametrize(("text", "kind"), [("model = 3", ConfigError), ("model =", InputError), ("[", InputError)])
def test_settings_with_a_mistake(text, kind):
    path = store.config_file()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(kind, match=r"config\.toml: "):
        store.pinned()
