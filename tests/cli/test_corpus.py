"""`mt corpus` as it is typed: what looks at a corpus, its exit codes and its one-line errors."""

from __future__ import annotations

import json

import pytest

from tests.pipeline.published import publish, rows_of


@pytest.fixture
def folder(tmp_path):
    publish(tmp_path / "c", {"train": rows_of("train", 9), "dev": rows_of("dev", 3)})
    return tmp_path / "c"


def test_stats_as_a_table_and_as_json(mt, folder):
    answer = mt("corpus", "stats", folder)
    assert answer.code == 0
    assert "train" in answer.out
    assert "Scripts" in answer.out
    found = json.loads(mt("corpus", "stats", folder, "--json", "--split", "dev").out)
    assert (found["rows"], list(found["splits"])) == (3, ["dev"])


def test_sample_prints_a_table_or_json(mt, folder):
    lines = mt("corpus", "sample", folder, "-n", "4").out.splitlines()
    assert len(lines) == 4
    assert all(line.count("\t") == 2 for line in lines)
    assert lines == mt("corpus", "sample", folder, "-n", "4").out.splitlines()
    found = json.loads(mt("corpus", "sample", folder, "-n", "2", "--by-score", "fit", "--highest", "--json").out)
    assert [row["scores"]["fit"] for row in found] == [1.0, 0.875]


def test_diff_says_by_its_exit_code_whether_rows_differ(mt, folder, tmp_path):
    assert mt("corpus", "diff", folder, folder).code == 0
    (tmp_path / "a.tsv").write_text("猫\tCat\n", encoding="utf-8")
    answer = mt("corpus", "diff", folder, tmp_path / "a.tsv", "--json")
    assert answer.code == 3
    assert json.loads(answer.out)["by_text"] == {"both": 0, "added": 1, "removed": 12}


def test_convert_there_and_back(mt, folder, tmp_path):
    assert mt("corpus", "convert", folder, tmp_path / "all.jsonl", "--split", "train").code == 0
    answer = mt("corpus", "convert", tmp_path / "all.jsonl", tmp_path / "back", "--json")
    assert json.loads(answer.out)["rows"] == {"all": 9}
    assert (tmp_path / "back" / "data" / "train-00000-of-00001.parquet").is_file()


def test_validate_is_0_or_1_with_a_line_for_each_mistake(mt, folder):
    answer = mt("corpus", "validate", folder)
    assert (answer.code, answer.out) == (0, "")
    assert "nothing is wrong" in answer.err
    (folder / "train.tsv").unlink()
    (folder / "dev.ja").write_text("x", encoding="utf-8")
    answer = mt("corpus", "validate", folder)
    assert answer.code == 1
    assert "train.tsv: expected as the manifest says, found nothing there" in answer.out.splitlines()
    assert json.loads(mt("corpus", "validate", folder, "--json").out)["valid"] is False


def test_card_is_printed_and_stays_valid(mt, folder):
    answer = mt("corpus", "card", folder, "--title", "My cats", "--noise", "wrong = 1 of 50", "--print")
    assert answer.code == 0
    assert "# My cats" in answer.out
    assert "- wrong: 1 of 50" in answer.out
    assert mt("corpus", "validate", folder).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stats", "none.tsv"), "none.tsv: expected a folder or a file, found nothing there"),
        (("stats", "bad.tsv"), "bad.tsv:2: expected a pair, found bad-columns: 'alone'"),
        (("sample", "bad.tsv"), "bad.tsv:2: expected a pair"),
        (("diff", "bad.tsv", "bad.tsv"), "bad.tsv:2: expected a pair"),
        (("convert", "bad.tsv", "x.jsonl"), "bad.tsv:2: expected a pair"),
        (("convert", "good.tsv", "x.docx"), "OUT: expected a name that ends in .tsv"),
        (("convert", "good.tsv", "x", "--file-rows", "0"), "--file-rows: expected a number from 1"),
        (("sample", "good.tsv", "-n", "0"), "--count: expected a number from 1"),
        (
            ("sample", "good.tsv", "--by-score", "x"),
            "--by-score: expected one of none, since rows have no scores, found x",
        ),
        (("stats", "good.tsv", "--split", "dev"), "--split: expected one of all, found dev"),
        (("validate", "empty"), "empty: expected a published corpus"),
        (("validate", "good.tsv"), "good.tsv: expected a folder, found a file"),
        (("card", "empty"), "manifest.json: expected a manifest"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(mt, tmp_path, words, said):
    (tmp_path / "bad.tsv").write_text("猫\tCat\nalone\n犬\tDog\n", encoding="utf-8")
    (tmp_path / "good.tsv").write_text("猫\tCat\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    answer = mt("corpus", *words, cwd=tmp_path)
    assert answer.code == 2
    assert said in answer.error
    assert not (tmp_path / "x.jsonl").exists()


def test_malformed_records_can_be_counted_instead(mt, tmp_path):
    (tmp_path / "bad.tsv").write_text("猫\tCat\nalone\n犬\tDog\n", encoding="utf-8")
    answer = mt("corpus", "convert", "bad.tsv", "x.jsonl", "--skip-malformed", cwd=tmp_path)
    assert answer.code == 0
    assert "1 record left out, the first at line 2: bad-columns" in answer.err
    assert len((tmp_path / "x.jsonl").read_text("utf-8").splitlines()) == 2
