"""`mt models` as a user sees it, with a hub on this machine and tiny models of random weights."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial

import pytest
from typer.testing import CliRunner

from mt.cli.app import app
from mt.errors import UserError
from mt.models.convert import convert
from mt.models.marian import read_directory
from mt.models.registry import find, open_model
from mt.pipeline.install import pull
from tests.conftest import ROOT
from tests.fake_hub import FakeHub, commit_of
from tests.fakes import write_marian

JA = "猫が庭にいる。\n".encode()
CHOSEN = "mt: model starter: embedded; no better one is installed (mt models list)"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A directory to work in, and no installed models and no settings but this test's."""
    monkeypatch.setenv("KAKEHASHI_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")
    with FakeHub() as running:
        # the package reads these variables as it is imported, in this process perhaps long ago: so they are for other processes
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setattr("mt.pipeline.install.pull", partial(pull, endpoint=running.url))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "hf" / "token"))
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))  # a token of whoever runs the tests stays at home
        for variable in ("HF_TOKEN", "HF_HUB_OFFLINE", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(variable, raising=False)
        yield running


def test_pull_list_translate_verify_remove(mt, here, hub):
    name = "staka/fugumt-ja-en"
    files = hub.add(name, write_marian(here / "remote"), README__md=b"# FuguMT\n")
    done = mt("models", "pull", name)
    assert (done.code, done.err) == (0, "")
    directory = here.parent / "models" / "staka+fugumt-ja-en"
    assert done.out.startswith(f"{name}: installed in {directory} (revision {commit_of(files)[:12]})\n猫がいる。 → ")
    record = json.loads((directory / "kakehashi.json").read_text("utf-8"))
    assert (record["origin"], record["revision"], record["kind"]) == (f"hub:{name}", commit_of(files), "huggingface")
    assert record["licence"] == "CC BY-SA 4.0"
    assert record["files"].keys() == files.keys()
    assert not (here.parent / "models" / ".partial" / "staka+fugumt-ja-en").exists()
    assert "installed already" in mt("models", "pull", name).out
    rows = {row["name"]: row for row in json.loads(mt("models", "list", "--json").out)}
    assert rows[name]["installed"] and rows[name]["chosen"] and not rows["starter"]["chosen"]
    assert f"*  {name} " in mt("models", "list").out
    assert mt("models", "card", name).out == "# FuguMT\n"
    out = here / "run"
    (here / "a.txt").write_bytes(JA)
    answer = mt("run", "--source", here / "a.txt", "--out", out)
    said = f"mt: model {name}: the best installed by published score (chrF2 44 on WMT21)"
    assert [line for line in answer.err.splitlines() if line.startswith("mt: model ")] == [said]
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["signature"].startswith("model:staka+fugumt-ja-en|sha:")
    assert manifest["options"]["model"]["name"] == name
    assert mt("models", "verify", name).out == f"{name}: whole; 5 trial sentences as recorded\n"
    assert mt("models", "remove", name).code == 0
    assert not directory.exists()
    assert mt("models", "remove", name).error.startswith(f"mt: error: {name}: expected an installed model")


def test_an_interrupted_pull_goes_on(mt, here, hub):
    model = write_marian(here / "remote")
    files = hub.add("a/b", model)
    hub.cut = {"source.spm": 100}
    answer = mt("models", "pull", "a/b")
    assert (answer.code, "what came before is kept" in answer.error) == (2, True)
    assert "a/b" not in mt("models", "list").out
    hub.cut, hub.broken = {}, False
    before = len(hub.downloads())
    assert mt("models", "pull", "a/b").code == 0
    assert "config.json" not in [name for name, _ in hub.downloads()[before:]]
    assert (here.parent / "models" / "a+b" / "source.spm").read_bytes() == files["source.spm"]


def test_a_pull_mends_what_was_damaged(mt, here, hub):
    hub.add("a/b", write_marian(here / "remote"))
    mt("models", "pull", "a/b")
    (here.parent / "models" / "a+b" / "vocab.json").write_text("{}")
    assert mt("models", "verify", "a/b").code == 2
    assert "installed in" in mt("models", "pull", "a/b").out
    assert mt("models", "verify", "a/b").code == 0


def test_a_model_to_be_warned_of_is_pulled_by_force_only(mt, here, hub):
    name = "Helsinki-NLP/opus-mt-jap-en"
    hub.add(name, write_marian(here / "remote"))
    answer = mt("models", "pull", name)
    assert answer.code == 2
    assert "expected --force, found a model to be warned of: it was trained on the Bible only" in answer.error
    assert hub.log == []
    assert mt("models", "pull", name, "--force").code == 0
    assert mt("translate", stdin=JA).err.splitlines()[0] == CHOSEN  # not even installed is it chosen


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("a/nope", "a/nope: expected such a repository on http://127.0.0.1:"),
        ("a/b@v7", "a/b@v7: expected a branch, tag, refs/pr/N or commit, found no such revision"),
        (
            "fugumt-ja-en",
            "name: expected a model on the hub, owner/name, found 'fugumt-ja-en' (did you mean staka/fugumt-ja-en?)",
        ),
        ("../x", "name: expected name or owner/name"),
        ("starter", "name: expected another name than starter or auto"),
        ("a/t5", "a/t5/config.json: expected model_type \"marian\", found 't5'"),
        ("a/bin", "a/bin@main: expected weights as model.safetensors, found only pytorch_model.bin"),
        ("a/gated", "a/gated: expected a repository that anybody may read, found a gated one (HTTP 403)"),
        ("a/broken", "a/broken: expected a model that can be used, found model.safetensors: expected the tensor"),
    ],
)
def test_what_cannot_be_pulled(here, hub, asked, said):
    model = write_marian(here / "remote")
    hub.add("a/b", model)
    hub.add("a/t5", model, config__json=b'{"model_type": "t5"}')
    hub.add("a/gated", model)
    hub.refuse = {"a/gated": 403}
    more = write_marian(here / "more", config={"encoder_layers": 3})
    hub.add("a/broken", more)
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    hub.add("a/bin", model)
    with pytest.raises(UserError) as caught:
        pull(asked, endpoint=hub.url)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not list((here.parent / "models").glob("[!.]*"))


def test_a_pull_offline(mt_process, here, hub):
    hub.add("a/b", write_marian(here / "remote"))
    answer = mt_process("models", "pull", "a/b", env={"HF_HUB_OFFLINE": "1"})
    assert answer.code == 2
    assert "a/b: expected a network, found HF_HUB_OFFLINE set" in answer.error
    answer = mt_process("models", "pull", "a/b", env={"HF_ENDPOINT": "http://127.0.0.1:9"})
    assert answer.code == 2
    assert "expected an answer of http://127.0.0.1:9, found Connect" in answer.error
    assert hub.log == []


def test_a_proxy_is_asked(mt_process, here, hub):
    hub.add("a/b", write_marian(here / "remote"))
    answer = mt_process(
        "models", "pull", "a/b", env={"HF_ENDPOINT": "http://hub.invalid", "http_proxy": hub.url, "no_proxy": ""}
    )
    assert answer.code == 0
    assert "/api/models/a/b/revision/main" in [path for _, path, _ in hub.log]


def test_import_translate_verify_damage_remove(mt, here):
    write_marian(here / "my-model")
    done = mt("models", "import", "my-model", "--name", "mine/ja-en", cwd=here)
    assert (done.code, done.err) == (0, "")
    directory = here.parent / "models" / "mine+ja-en"
    assert f"mine/ja-en: installed in {directory} (huggingface)" in done.out
    assert "mine/ja-en" in mt("models", "list").out
    answer = mt("translate", "--model", "mine/ja-en", stdin=JA)
    assert (answer.code, answer.out.count("\n")) == (3, 1)  # random weights never end a sentence
    assert "mt: model" not in answer.err  # it was named, so nothing is to be told
    assert mt("models", "verify", "mine/ja-en").code == 0
    path = directory / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    answer = mt("models", "verify", "mine/ja-en")
    assert answer.code == 2
    assert f"error: {path}: expected sha256 " in answer.err
    [row] = json.loads(mt("models", "verify", "mine/ja-en", "--json").out)
    assert (row["verdict"], len(row["problems"])) == ("damaged", 1)
    assert mt("models", "remove", "mine/ja-en").code == 0
    assert "mine/ja-en" not in mt("models", "list").out


def test_a_directory_in_ctranslate2_format(mt, here):
    ready = here / "ready"
    ready.mkdir()
    convert(read_directory(find("starter"), every_script=True), "int8", ready)  # as other converters do it
    for name in ("source.spm", "target.spm"):
        shutil.copy(find("starter") / name, ready)
    assert mt("models", "import", "ready", cwd=here).code == 0
    wanted = mt("translate", "-m", "starter", "--every-script", stdin=JA).out
    assert mt("translate", "-m", "ready", stdin=JA, cwd=here.parent).out == wanted
    assert mt("models", "verify", "ready", cwd=here.parent).code == 0
    shown = json.loads(mt("models", "show", "ready", "--json", cwd=here.parent).out)
    assert (shown["vocabulary"], shown["width"], shown["layers"]) == (16000, 256, "6 encoder, 2 decoder")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("import", "nope"), "nope: expected a model directory, found nothing there"),
        (("import", "file"), "file: expected a model directory, found a file"),
        (("import", "empty"), "empty: expected"),
        (("import", "my-model", "--name", "starter"), "name: expected another name than starter or auto"),
        (("import", "my-model", "--name", "a b"), "name: expected name or owner/name"),
        (("import", "broken"), "broken"),
        (("show", "fugumt-ja-em"), "did you mean staka/fugumt-ja-en?"),
        (("verify", "staka/fugumt-ja-en"), "not installed; mt models pull staka/fugumt-ja-en"),
        (("verify", "nope"), "nope: expected a known model"),
        (("card", "nope"), "nope: expected a known model"),
        (("remove", "starter"), "starter, which is part of the program"),
        (("pin", "nope"), "nope: expected a known model"),
        (("pin", "auto"), "name: expected a model, found auto"),
    ],
)
def test_wrong_usage(here, monkeypatch, call, said):
    write_marian(here / "my-model")
    (write_marian(here / "broken") / "model.safetensors").write_bytes(b"broken")
    (here / "empty").mkdir()
    (here / "file").write_text("x")
    monkeypatch.chdir(here)
    error = CliRunner().invoke(app, ["models", *call]).exception
    assert isinstance(error, UserError)
    assert said in str(error) and "\n" not in str(error)
    assert not list((here.parent / "models").glob("[!.]*"))


def test_a_name_that_is_taken(mt, here):
    write_marian(here / "my-model")
    assert mt("models", "import", "my-model", cwd=here).code == 0
    assert (
        "expected a name that is free (--name), found 'my-model'" in mt("models", "import", "my-model", cwd=here).error
    )


def test_translations_that_differ_from_the_recorded_ones(mt, here):
    write_marian(here / "my-model")
    mt("models", "import", "my-model", cwd=here)
    path = here.parent / "models" / "my-model" / "kakehashi.json"
    record = json.loads(path.read_text("utf-8"))
    record["golden"]["answers"][1][1] = "something else"
    path.write_text(json.dumps(record), encoding="utf-8")
    answer = mt("models", "verify", "my-model", cwd=here.parent)
    assert answer.code == 3
    assert "expected 'something else' for 会議は１２日午後３時に始まる。 as recorded (int8), found" in answer.err
    assert mt("models", "verify").code == 3
    assert "starter: whole; 5 trial sentences as recorded" in mt("models", "verify").out


def test_a_record_that_cannot_be_read(mt, here):
    write_marian(here / "my-model")
    mt("models", "import", "my-model", cwd=here)
    path = here.parent / "models" / "my-model" / "kakehashi.json"
    path.write_text("{")
    answer = mt("models", "verify", cwd=here.parent)
    assert (answer.code, "starter: whole" in answer.out) == (2, True)
    assert f"error: {path}: expected a record of an installed model, found something else" in answer.err
    assert str(path) in mt("translate", "-m", "my-model", stdin=JA, cwd=here.parent).error
    assert mt("models", "remove", "my-model", cwd=here.parent).code == 0


def test_pinning(mt, here):
    write_marian(here / "random")
    assert mt("translate", stdin=JA).err.splitlines()[0] == CHOSEN
    settings = here.parent / "config" / "kakehashi" / "config.toml"
    assert mt("models", "pin", "./random", cwd=here).out == f"./random: pinned in {settings}\n"
    answer = mt("translate", stdin=JA)
    assert answer.err.splitlines()[0] == f"mt: model {here / 'random'}: pinned in {settings}"
    assert mt("models", "unpin").code == 0
    assert mt("translate", stdin=JA).err.splitlines()[0] == CHOSEN
    assert "model starter:" not in mt("translate", "--model", "starter", stdin=JA).err  # the user said it
    settings.write_text('model = "gone"\n')
    answer = mt("translate", stdin=JA)
    assert answer.code == 2
    assert f"{settings}: model: expected an installed model, found 'gone', which is not there" in answer.error
    assert mt("models", "list").code == 0


def test_a_removed_model_is_not_pinned_any_more(mt, here):
    write_marian(here / "my-model")
    mt("models", "import", "my-model", cwd=here)
    mt("models", "pin", "my-model")
    assert "not pinned any more" in mt("models", "remove", "my-model", "--yes").out
    assert mt("translate", stdin=JA).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are Unix's")
@pytest.mark.parametrize(("said", "left"), [(b"n\n", True), (b"y\n", False)])
def test_on_a_terminal_removing_asks_first(mt, here, said, left):
    import pty

    write_marian(here / "my-model")
    mt("models", "import", "my-model", cwd=here)
    ours, theirs = pty.openpty()
    os.write(ours, said)
    call = [sys.executable, "-m", "mt", "models", "remove", "my-model"]
    subprocess.run(call, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, timeout=60)
    screen = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert "Remove my-model?" in screen
    assert (here.parent / "models" / "my-model").is_dir() == left


def test_the_engine_transformers_says_what_it_cannot_read(here, tmp_path):
    (here / "model.bin").write_bytes(b"")
    with pytest.raises(
        UserError, match=r"expected model\.safetensors, which the engine transformers reads, found a model in CT"
    ):
        open_model(str(here), engine="transformers")


def test_cards_and_facts_of_what_is_not_installed(mt, here):
    shown = mt("models", "show", "staka/fugumt-ja-en").out
    assert "WMT21: BLEU 17.3, chrF2 44.0" in shown and "mt models pull staka/fugumt-ja-en" in shown
    card = mt("models", "card", "Helsinki-NLP/opus-mt-jap-en").out
    assert card.startswith("# Helsinki-NLP/opus-mt-jap-en\n") and "Bible" in card
    assert mt("models", "card", "starter").out.startswith("# starter: the embedded")


def test_the_licence_of_an_imported_card(mt, here):
    (write_marian(here / "my-model") / "README.md").write_text("---\nlanguage: ja\nlicense: mit\n---\n# Mine\n")
    mt("models", "import", "my-model", cwd=here)
    assert json.loads(mt("models", "show", "my-model", "--json").out)["licence"] == "mit"
    assert "# Mine" in mt("models", "card", "my-model").out


COMMANDS = ("pull", "import", "verify", "card", "pin", "unpin", "remove")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_of_the_help_runs(mt, shell, here, hub, command):
    model = write_marian(here / "my-model")
    for name in ("staka/fugumt-ja-en", "Helsinki-NLP/opus-mt-ja-en"):
        hub.add(name, model)
    if command == "remove":
        assert mt("models", "import", "my-model", "--name", "mine/ja-en", cwd=here).code == 0
    text = mt("models", command, "--help", env={"COLUMNS": "200"}).out
    examples = [line for x in text.splitlines() if re.match(r"mt models (?!.*OPTIONS)", line := x.strip(" │"))]
    assert examples
    for line in examples:
        shell(line, here)
