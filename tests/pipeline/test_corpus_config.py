"""Configurations of a build: the shipped ones load, every key is documented, mistakes are named with file and line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mt.errors import ConfigError
from mt.pipeline.corpus_config import (
    CorpusConfig,
    DedupConfig,
    NormalizeConfig,
    ScoreConfig,
    SourceConfig,
    SplitConfig,
    load_corpus,
)

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "corpus"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda p: p.name)
def test_shipped_configurations_load_and_their_files_are_there(path):
    config = load_corpus(path)
    assert all((path.parent / one.path).is_file() for one in config.source.values())


def test_the_article_shows_every_key():
    text = (CONFIGS / "article.toml").read_text("utf-8")
    for kind in (CorpusConfig, SourceConfig, NormalizeConfig, ScoreConfig, DedupConfig, SplitConfig):
        for field in dataclasses.fields(kind):
            assert f"{field.name} = " in text or f"[{field.name}" in text, f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[filter.lenght-ratio]\nhigh = 2\n", ":4: filter.lenght-ratio: expected a filter (length-ratio), found"),
        ("[filter.length-ratio]\nlow = 3\nhigh = 2\n", ":6: filter.length-ratio.high: expected a number from low = 3"),
        ("[split]\ndev = 0.6\ntest = 0.6\n", "split.dev: expected shares of at most 1 together with test"),
        ("[dedup]\nnear = 0.1\n", "dedup.near: expected a number from 0.3 to 1"),
        ('[source.b]\npath = "b"\nmake = "align"\n', "source.b.tgt_path: expected the other side"),
        ('[source."../b"]\npath = "b"\n', "expected letters, digits, - _ and ., found ../b"),
        ("part_row = 3\n", "part_row: expected a known key"),
    ],
)
def test_mistakes_are_named(tmp_path, more, said):
    path = tmp_path / "c.toml"
    path.write_text('name = "c"\n[source.a]\npath = "a.tsv"\n' + more, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_corpus(path)
    assert said in str(caught.value)
