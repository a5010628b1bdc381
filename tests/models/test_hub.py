"""Downloads, from a hub on this machine that misbehaves when told to."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub")

from mt.errors import ModelError, OutputError, UserError
from mt.models import hub
from tests.fake_hub import FakeHub, commit_of
from tests.fakes import write_marian

ROOT = Path(__file__).resolve().parents[2]
NAME = "somebody/opus-mt-ja-en"


@pytest.fixture
def server():
    with FakeHub() as running:
        yield running


@pytest.fixture
def model(tmp_path):
    return write_marian(tmp_path / "model")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """The library waits a second before it tries again, and writes to disk what came in steps of 10 MB: too much for a tiny model."""
    from huggingface_hub import constants

    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 250)


def fetch(server: FakeHub, into: Path, revision: str = "main") -> hub.Remote:
    remote = hub.look(NAME, revision, endpoint=server.url)
    hub.download(remote, into, endpoint=server.url)
    return remote


def refused(server: FakeHub, into: Path, kind: type[Exception] = ModelError, revision: str = "main") -> str:
    with pytest.raises(kind) as caught:
        fetch(server, into, revision)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_everything_that_a_model_needs_and_nothing_else(server, model, tmp_path):
    files = server.add(
        NAME, model, README__md=b"---\nlicense: cc-by-4.0\n---\n", pytorch_model__bin=b"no", x__txt=b"no"
    )
    remote = fetch(server, tmp_path / "in")
    assert (remote.commit, remote.licence) == (commit_of(files), "cc-by-4.0")
    came = {p.name: p.read_bytes() for p in (tmp_path / "in").iterdir() if not p.name.startswith(".")}
    assert came == {name: data for name, data in files.items() if name not in ("pytorch_model.bin", "x.txt")}
    assert remote.size == sum(map(len, came.values()))
    order = [name for name, _ in server.downloads()]
    assert (order[0], order[-1]) == ("config.json", "model.safetensors")


def test_a_second_call_downloads_nothing(server, model, tmp_path):
    server.add(NAME, model)
    fetch(server, tmp_path / "in")
    count = len(server.downloads())
    fetch(server, tmp_path / "in")
    assert len(server.downloads()) == count


@pytest.mark.parametrize("ignore_ranges", [False, True])
def test_an_interrupted_download_goes_on_where_it_ended(server, model, tmp_path, ignore_ranges):
    files = server.add(NAME, model)
    server.cut = {"model.safetensors": 1000}
    assert "what came before is kept" in refused(server, tmp_path / "in", UserError)
    assert (tmp_path / "in" / "model.safetensors.part").stat().st_size == 1000
    before = len(server.downloads())
    server.cut, server.broken, server.ignore_ranges = {}, False, ignore_ranges
    fetch(server, tmp_path / "in")
    assert server.downloads()[before:] == [("model.safetensors", "bytes=1000-")]
    assert (tmp_path / "in" / "model.safetensors").read_bytes() == files["model.safetensors"]
    assert not list((tmp_path / "in").glob("*.part"))


def test_pieces_of_two_commits_are_not_mixed(server, model, tmp_path):
    server.add(NAME, model)
    server.cut = {"model.safetensors": 1000}
    refused(server, tmp_path / "in", UserError)
    server.cut, server.broken = {}, False
    files = server.add(NAME, write_marian(tmp_path / "other", seed=2))
    fetch(server, tmp_path / "in")
    assert (tmp_path / "in" / "model.safetensors").read_bytes() == files["model.safetensors"]


@pytest.mark.parametrize(("name", "digits"), [("model.safetensors", 64), ("vocab.json", 40)])
def test_other_bytes_than_announced(server, model, tmp_path, name, digits):
    server.add(NAME, model)
    server.lies = {name: "a" * digits}
    said = refused(server, tmp_path / "in")
    assert said.startswith(f"{NAME}/{name}: expected the bytes that the hub announced (aaaaaaaaaaaa…), found ")
    assert not (tmp_path / "in" / name).exists() and not (tmp_path / "in" / f"{name}.part").exists()


def test_bytes_that_rotted_while_waiting_are_fetched_again(server, model, tmp_path):
    files = server.add(NAME, model)
    fetch(server, tmp_path / "in")
    path = tmp_path / "in" / "source.spm"
    path.write_bytes(b"x" * len(files["source.spm"]))
    fetch(server, tmp_path / "in")
    assert path.read_bytes() == files["source.spm"]


def test_no_such_repository(server, tmp_path):
    said = refused(server, tmp_path / "in")
    assert said == f"{NAME}: expected such a repository on {server.url}, found none (HTTP 404); is the name right?"


def test_no_such_revision(server, model, tmp_path):
    server.add(NAME, model)
    assert refused(server, tmp_path / "in", revision="v9") == (
        f"{NAME}@v9: expected a branch, tag, refs/pr/N or commit, found no such revision"
    )


def test_a_revision_is_a_branch_a_pull_request_or_a_commit(server, model, tmp_path):
    server.add(NAME, model)
    files = server.add(NAME, write_marian(tmp_path / "other", seed=2), "refs/pr/3")
    for revision in ("refs/pr/3", commit_of(files)):
        assert fetch(server, tmp_path / "in", revision).commit == commit_of(files)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, ModelError, "none (HTTP 401); if it is private, set HF_TOKEN"),
        (403, ModelError, "a gated one (HTTP 403); accept its terms on its page on the hub, and set HF_TOKEN"),
        (500, UserError, "HTTP 500; what came before is kept, try again later"),
    ],
)
def test_what_the_hub_refuses(server, model, tmp_path, status, kind, said):
    server.add(NAME, model)
    server.refuse = {NAME: status}
    assert refused(server, tmp_path / "in", kind).endswith(said)


def test_pickled_weights_only(server, model, tmp_path):
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    server.add(NAME, model)
    said = refused(server, tmp_path / "in")
    assert f"{NAME}@main: expected weights as model.safetensors, found only pytorch_model.bin; pickled weights" in said
    assert "no pull request of the repository has safetensors" in said
    server.add(NAME, model, "refs/pr/2")
    server.add(NAME, write_marian(tmp_path / "converted"), "refs/pr/4")
    said = refused(server, tmp_path / "in")
    assert said.endswith(f"the revision refs/pr/4 has safetensors: mt models pull {NAME}@refs/pr/4")
    assert server.downloads() == []
    fetch(server, tmp_path / "in", "refs/pr/4")


def test_something_else_than_a_marian_model(server, model, tmp_path):
    (model / "config.json").write_text('{"model_type": "t5"}')
    server.add(NAME, model)
    assert refused(server, tmp_path / "in") == f"{NAME}/config.json: expected model_type \"marian\", found 't5'"
    assert [name for name, _ in server.downloads()] == ["config.json"]  # the weights were not fetched


@pytest.mark.parametrize("name", ["vocab.json", "source.spm", "config.json"])
def test_a_repository_without_a_file(server, model, tmp_path, name):
    (model / name).unlink()
    server.add(NAME, model)
    assert f"expected a Marian model with the file {name}, found none" in refused(server, tmp_path / "in")


def test_no_network(model, tmp_path):
    with FakeHub() as gone:
        url = gone.url
    with pytest.raises(UserError) as caught:
        hub.look(NAME, endpoint=url)
    assert f"{NAME}: expected an answer of {url}, found Connect" in str(caught.value)
    assert "is there a network?" in str(caught.value)


def test_the_network_goes_away_between_two_files(server, model, tmp_path):
    server.add(NAME, model)
    remote = hub.look(NAME, endpoint=server.url)
    with FakeHub() as gone:
        url = gone.url
    with pytest.raises(UserError, match="expected an answer of"):
        hub.download(remote, tmp_path / "in", endpoint=url)


def test_a_full_disk(server, model, tmp_path, monkeypatch):
    from huggingface_hub import file_download

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    server.add(NAME, model)
    monkeypatch.setattr(file_download, "http_get", full)
    with pytest.raises(OutputError, match=r"config\.json: cannot write: No space left on device"):
        fetch(server, tmp_path / "in")


def test_a_place_that_cannot_be_written(server, model, tmp_path):
    server.add(NAME, model)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        fetch(server, tmp_path / "file" / "in")


def test_without_the_package(tmp_path):
    code = (
        "import sys\nsys.modules['huggingface_hub'] = None\nfrom mt.models import hub\nfrom mt.errors import UserError\n"
        "try: hub.look('a/b')\nexcept UserError as e: print(e)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip().endswith("which is not installed: pip install 'kakehashi[hub]'")
