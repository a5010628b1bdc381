"""Writers of a published corpus: what other programs read of it, and the same bytes whatever the blocks."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage import tmx as toolkit

from mt.bitext import write_parquet
from mt.bitext.read import read_pairs
from mt.bitext.write import FORMATS, open_writers
from mt.block import Block
from mt.errors import OptionError, OutputError
from mt.files import sha256_file

LANGS = ("ja", "en")
NASTY = 'a<b & "c" \']]> 猫　😀 e\u0301'


def block_of(sides, first=0):
    count = len(sides)
    ids = [f"s:00000-{first + n:09}" for n in range(count)]
    src, tgt = [s for s, _ in sides], [t for _, t in sides]
    return Block(
        ids, src, tgt, [f"s/d{n // 3}" for n in range(count)], ["s:given"] * count, [None] * count, [None] * count
    )


def publish(folder, blocks, formats=FORMATS, **options):
    with open_writers(folder, "train", formats, LANGS, **options) as writers:
        for block, scores in blocks:
            writers.write(block, scores)
        return writers.commit(), writers.replaced


SIDES = [(f"猫が{n}匹。{NASTY}", f"{n} cats. {NASTY}") for n in range(7)]
NUMBERS = np.array([0.1, np.nan, 3, 1e-7, -5, 2.5, 1234567.0], np.float32)


def test_every_format_gives_the_rows_back(tmp_path):
    made, replaced = publish(tmp_path, [(block_of(SIDES), {"fit": NUMBERS})], scores=("fit",), file_rows=3)
    assert replaced == {}
    files = ["train.tsv", "train.jsonl", "train.tmx", *(f"data/train-{n:05}-of-00003.parquet" for n in range(3))]
    for name in files[:3]:
        assert [row[1:] for row in read_pairs(tmp_path / name)] == SIDES
    moses = read_pairs(tmp_path / "train.ja", tgt_path=tmp_path / "train.en")
    assert [row[1:] for row in moses] == SIDES
    assert set(made) == {*files, "train.ja", "train.en"}
    assert [made[name]["rows"] for name in files] == [7, 7, 7, 3, 3, 1]
    for name, said in made.items():
        assert said["sha256"] == sha256_file(tmp_path / name)
        assert said["bytes"] == (tmp_path / name).stat().st_size
    assert sorted(p.name for p in tmp_path.rglob(".*")) == []


def test_translate_toolkit_opens_the_tmx_and_writes_it_back(tmp_path):
    publish(tmp_path, [(block_of(SIDES), {"fit": NUMBERS})], ("tmx",), scores=("fit",))
    store = toolkit.tmxfile(io.BytesIO((tmp_path / "train.tmx").read_bytes()), "ja", "en")
    assert [(u.source, u.target) for u in store.units] == SIDES
    (tmp_path / "again.tmx").write_bytes(bytes(store))
    assert [row[1:] for row in read_pairs(tmp_path / "again.tmx")] == SIDES


def test_datasets_loads_the_parquet_with_its_features(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    publish(tmp_path, [(block_of(SIDES), {"fit": NUMBERS})], ("parquet",), scores=("fit",), file_rows=4)
    found = datasets.load_dataset(str(tmp_path), cache_dir=str(tmp_path / "cache"))["train"]
    assert found.features["translation"] == datasets.Translation(languages=["ja", "en"])
    assert found["translation"][2] == dict(zip(LANGS, SIDES[2], strict=True))
    assert found["id"][6] == "s:00000-000000006"
    assert found["document"][3] == "s/d1"
    scores = [row["fit"] for row in found["scores"]]
    assert scores[1] is None
    assert np.array_equal(np.delete(np.array(scores, np.float32), 1), np.delete(NUMBERS, 1))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=5))
def test_bytes_do_not_depend_on_how_rows_come(tmp_path_factory, cuts):
    sides = [(f"猫{n}", f"cat {n}") for n in range(40)]
    numbers = np.arange(40, dtype=np.float32)
    hashes = []
    for edges in ([0, 40], sorted([0, 40, *cuts])):
        folder = tmp_path_factory.mktemp("w")
        blocks = [(block_of(sides, 0).part(a, b), {"n": numbers[a:b]}) for a, b in pairwise(edges)]
        made, _ = publish(folder, blocks, scores=("n",), file_rows=17, compress=True)
        hashes.append(made)
    assert hashes[0] == hashes[1]


def test_row_groups_are_full_whatever_the_blocks(tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    monkeypatch.setattr(write_parquet, "ROW_GROUP", 4)
    publish(tmp_path, [(block_of(SIDES[:3]), {}), (block_of(SIDES, 3), {})], ("parquet",))
    about = pq.ParquetFile(tmp_path / "data/train-00000-of-00001.parquet").metadata
    assert [about.row_group(n).num_rows for n in range(about.num_row_groups)] == [4, 4, 2]


@given(st.text(st.characters(codec="utf-8"), max_size=20))
@settings(max_examples=25, deadline=None)
def test_no_text_can_break_a_line_or_a_cell(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("l")
    _, replaced = publish(folder, [(block_of([(text, "x"), ("猫", text)]), {})], ("tsv", "moses"))
    for name in ("train.ja", "train.en", "train.tsv"):
        # Python's own idea of a line is the widest there is
        assert len((folder / name).read_bytes().decode("utf-8").splitlines()) == 2
    assert all(line.count("\t") == 1 for line in (folder / "train.tsv").read_text("utf-8").splitlines())
    breaks = any(len(f"a{c}b".splitlines()) > 1 or c == "\ufeff" for c in text)
    assert replaced.get("moses", 0) == (2 if breaks else 0)


def test_what_a_format_cannot_write_is_counted(tmp_path):
    _, replaced = publish(tmp_path, [(block_of([("a\nb", "c\td"), ("e\x00", "f")]), {})])
    assert replaced == {"moses": 1, "tsv": 2, "tmx": 1}
    assert json.loads((tmp_path / "train.jsonl").read_text("utf-8").splitlines()[0])["translation"]["ja"] == "a\nb"


def test_nothing_stays_of_what_was_not_committed(tmp_path):
    with open_writers(tmp_path, "train", FORMATS, LANGS, file_rows=2) as writers:
        writers.write(block_of(SIDES))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_parquet_files_of_an_earlier_corpus_do_not_stay_beside_new_ones(tmp_path):
    publish(tmp_path, [(block_of(SIDES), {})], ("parquet",), file_rows=2)
    publish(tmp_path, [(block_of(SIDES), {})], ("parquet",), file_rows=4)
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == [f"train-{n:05}-of-00002.parquet" for n in range(2)]


def test_an_empty_split_is_a_file_without_rows(tmp_path):
    import pyarrow.parquet as pq

    made, _ = publish(tmp_path, [], scores=("fit",))
    assert {said["rows"] for said in made.values()} == {0}
    assert pq.read_table(tmp_path / "data/train-00000-of-00001.parquet").num_rows == 0
    assert len(toolkit.tmxfile(io.BytesIO((tmp_path / "train.tmx").read_bytes()), "ja", "en").units) == 0


def test_a_format_there_is_not_and_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(OptionError, match="publish: expected one of parquet"):
        open_writers(tmp_path, "train", ("tsv", "xlsx"), LANGS)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        open_writers(Path(tmp_path / "file"), "train", ("tsv",), LANGS)
