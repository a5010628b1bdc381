"""Names and directories of models."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mt.errors import ConfigError, ModelError
from mt.models import registry, store
from mt.models.registry import find, known, open_model, verify
from mt.models.store import Record
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
    assert "expected a known model (starter, Helsinki-NLP/opus-mt-ja-en, staka" in str(caught.value)
    assert str(caught.value).endswith(f"found {found}")


def test_a_name_that_is_nearly_one():
    with pytest.raises(ModelError) as caught:
        find("Fugumt-ja-en")
    assert str(caught.value).endswith("found nothing of that name; did you mean staka/fugumt-ja-en?")


def test_a_known_model_that_is_not_installed():
    with pytest.raises(ModelError) as caught:
        find("staka/fugumt-ja-en")
    assert str(caught.value) == (
        "staka/fugumt-ja-en: expected an installed model, found a known one that is not installed; "
        "mt models pull staka/fugumt-ja-en"
    )


def test_every_entry_says_what_it_must():
    """Figures of section 2.1 of the field notes on evaluation, WMT21 news by segment."""
    entries = {entry.name: entry for entry in known()}
    assert [e.rank for e in entries.values() if e.name != "starter"] == [32.4, 44.0, None]
    assert entries["staka/fugumt-ja-en"].licence == "CC BY-SA 4.0"
    assert entries["Helsinki-NLP/opus-mt-ja-en"].parameters == 76_000_000
    assert "Bible" in entries["Helsinki-NLP/opus-mt-jap-en"].warning
    for entry in entries.values():
        assert entry.good_for and entry.scores and all(score.source for score in entry.scores)
        assert bool(entry.repository) == (entry.name != "starter")
        assert entry.golden is not None or entry.name != "starter"


ROW = (
    '[[model]]\nname = "x"\ndirectory = "starter"\nsrc_lang = "ja"\ntgt_lang = "en"\ndescription = "d"\n'
    'good_for = "g"\nlicence = "l"\n'
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('licence = "l"', "", "licence of x: text"),
        ('licence = "l"', "licence = 1", "licence of x: text"),
        ('licence = "l"', 'licence = "l"\nlicense = "l"', "known keys"),
        ('licence = "l"', 'licence = "l"\nparameters = "many"', "known keys"),
        ('directory = "starter"', "", "a directory or a repository for x"),
        ('directory = "starter"', 'directory = "starter"\nrepository = "a/b"', "a directory or a repository for x"),
        ('name = "x"\ndirectory = "starter"', 'name = "../x"\nrepository = "a/b"', "name or owner/name"),
        ('licence = "l"', 'licence = "l"\n[[model.score]]\nset = "s"\nbleu = 900.0\nsource = "w"', "percents"),
        ('licence = "l"', 'licence = "l"\n[[model.score]]\nset = "s"\nbleu = 9.0', "source"),
    ],
)
def test_a_registry_with_a_mistake(tmp_path, monkeypatch, old, new, said):
    listing = tmp_path / "registry.toml"
    monkeypatch.setattr(registry, "_REGISTRY", listing)
    listing.write_text(ROW)
    assert [entry.name for entry in known()] == ["x"]
    listing.write_text(ROW.replace(old, new))
    with pytest.raises(ModelError) as caught:
        known()
    assert str(caught.value).startswith(f"{listing}: expected ") and said in str(caught.value)


def install(name: str, seed: int = 1) -> Path:
    with store.scratch() as scratch:
        place = write_marian(scratch / "model", seed=seed)
        store.write_record(place, Record(name, "x", "", "huggingface", "MIT", "now", store.hash_files(place), None))
        return store.put(place, name)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """No installed models and no settings but this test's."""
    monkeypatch.setenv("KAKEHASHI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_auto_is_the_starter_where_nothing_is_installed(own):
    choice = registry.choose()
    assert (choice.name, choice.directory) == ("starter", find("starter"))
    assert choice.reason == "embedded; no better one is installed (mt models list)"
    assert find("auto") == find("starter")


def test_auto_is_the_best_by_published_score(own):
    install("Helsinki-NLP/opus-mt-ja-en")
    assert registry.choose().reason == "the best installed by published score (chrF2 32.4 on WMT21)"
    best = install("staka/fugumt-ja-en")
    install("Helsinki-NLP/opus-mt-jap-en")
    assert (registry.choose().name, find("auto")) == ("staka/fugumt-ja-en", best)
    model = open_model("auto")
    assert str(model.signature).startswith("model:staka+fugumt-ja-en|sha:")
    model.close()


def test_auto_never_takes_a_model_it_does_not_know(own):
    directory = install("mine")
    install("Helsinki-NLP/opus-mt-jap-en")
    assert registry.choose().name == "starter"
    assert find("mine") == directory
    store.pin("mine")
    assert (registry.choose().name, registry.choose().directory) == ("mine", directory)
    assert registry.choose().reason == f"pinned in {store.config_file()}"


@pytest.mark.parametrize("name", ["gone", "staka/fugumt-ja-en", "auto"])
def test_a_pinned_model_that_is_not_there(own, name):
    store.pin(name)
    with pytest.raises(ConfigError, match=f"model: expected an installed model, found '{name}', which is not there"):
        registry.choose()


def test_an_installed_name_wins_over_a_directory(own, tmp_path, monkeypatch):
    directory = install("mine")
    monkeypatch.chdir(tmp_path)
    write_marian(tmp_path / "mine", seed=2)
    assert find("mine") == directory
    assert find("./mine") == Path("mine")


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
