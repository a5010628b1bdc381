"""Trial translations."""

from __future__ import annotations

import shutil
from dataclasses import replace

from mt.models import golden
from mt.models.convert import convert
from mt.models.marian import read_directory
from mt.models.registry import entry_of, find
from tests.fakes import write_marian


def test_the_starter_translates_as_recorded():
    entry = entry_of("starter")
    assert entry.golden.compute_type == "float32"
    assert [source for source, _ in entry.golden.answers] == list(golden.SENTENCES)
    assert golden.compare(entry.directory, entry.golden) == []


def test_a_difference_is_named_by_its_sentence():
    entry = entry_of("starter")
    (first, answer), *rest = entry.golden.answers
    other = replace(entry.golden, answers=((first, "Dogs."), *rest))
    [said] = golden.compare(entry.directory, other)
    assert said == f"{entry.directory}: expected 'Dogs.' for {first} as recorded (float32), found {answer!r}"


def test_other_weights_are_noticed(tmp_path):
    made = golden.record(write_marian(tmp_path / "one"))
    assert made.compute_type == "int8"
    assert golden.compare(tmp_path / "one", made) == []
    assert len(golden.compare(write_marian(tmp_path / "two", seed=2), made)) == len(golden.SENTENCES)


def test_a_directory_in_ctranslate2_format_computes_the_same(tmp_path):
    (tmp_path / "ready").mkdir()
    convert(read_directory(find("starter"), every_script=True), "float32", tmp_path / "ready")
    for name in ("source.spm", "target.spm"):
        shutil.copy(find("starter") / name, tmp_path / "ready")
    assert golden.compare(tmp_path / "ready", entry_of("starter").golden) == []
