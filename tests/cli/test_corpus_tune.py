"""`mt corpus tune` as it is typed, by rules alone so that it is quick."""

from __future__ import annotations

import json
import tomllib

import pytest
import typer
from typer.testing import CliRunner

from mt.cli import corpus_tune
from mt.errors import ConfigError
from mt.pipeline.corpus_config import load_corpus

SRC = "この文書の第{n}節では、設定の書き方{n}について詳しく説明します。"
TGT = "Section {n} of this document explains in detail how settings of kind {n} are written."


@pytest.fixture
def app():
    made = typer.Typer()
    made.command()(corpus_tune.command)
    return made


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.tsv"
    path.write_text("".join(f"{SRC.format(n=n)}\t{TGT.format(n=n)}\n" for n in range(400)), encoding="utf-8")
    return path


def run(app, *words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_a_bitext_is_tuned_to_a_configuration_that_builds(app, clean, tmp_path):
    out = tmp_path / "tuned.toml"
    picture = tmp_path / "tuned.html"
    found = run(app, clean, "--scores", "none", "--noise", "copy,html,boilerplate", "-o", out, "--plot", picture)
    assert found.exit_code == 0
    page = picture.read_text(encoding="utf-8")
    assert "Intervals: noise found for clean rows lost" in page
    assert "clean:clean.tsv|rows:400|noise:copy+html+boilerplate" in page
    assert "recall" in found.stdout and "clean rows lost" in found.stdout
    config = load_corpus(out)
    assert config.source["clean"].path == "clean.tsv"
    text = out.read_text(encoding="utf-8")
    assert "# tuned: clean:clean.tsv|rows:400|noise:copy+html+boilerplate" in text
    assert tomllib.loads(text)["filter"]


def test_machines_read_json(app, clean, tmp_path):
    config = tmp_path / "x.toml"
    config.write_text('name = "x"\n[source.a]\npath = "clean.tsv"\n', encoding="utf-8")
    words = ("--scores", "none", "--noise", "copy,html", "--method", "thresholds", "--json")
    found = run(app, config, "--clean", clean, *words)
    record = json.loads(found.stdout)
    assert set(record["kinds"]) == {"copy", "html", "all"}
    assert record["clean_loss"]["all"] <= 0.03


def test_what_is_missing_or_unknown_is_named(app, clean, tmp_path):
    config = tmp_path / "x.toml"
    config.write_text('name = "x"\n[source.a]\npath = "clean.tsv"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="--clean: expected a file of clean pairs, found none"):
        run(app, config)
    with pytest.raises(ConfigError, match="--noise: expected of misaligned"):
        run(app, clean, "--noise", "typos")
    with pytest.raises(ConfigError, match="--share: expected"):
        run(app, clean, "--share", "2")
