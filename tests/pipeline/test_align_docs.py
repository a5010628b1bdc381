"""`mt align docs`: folders and JSON lines, in any order; those without a partner are told; counts add up."""

from __future__ import annotations

import json
import random

import pytest

from mt.errors import ConfigError, InputError
from mt.pipeline.align_docs import DocsConfig, format_of, match_documents
from tests.meaning import MeaningEncoder

WORDS = {"ja": "第{}号の話である。", "en": "This is about number {}."}


def texts(lang, seed=3, count=8):
    rng = random.Random(seed)
    return ["\n".join(WORDS[lang].format(rng.randrange(1000, 9999)) for _ in range(6)) + "\n" for _ in range(count)]


@pytest.fixture
def folders(tmp_path):
    """Eight documents a side under other names in another order; the first of each side has no partner."""
    for lang in ("ja", "en"):
        (tmp_path / lang / "deep").mkdir(parents=True)
        made = texts(lang)
        made[0] = made[0] if lang == "ja" else "Nothing of it.\nAnother thing.\n"
        order = list(range(8)) if lang == "ja" else [3, 1, 7, 0, 5, 2, 6, 4]
        for place, text in zip(order, made, strict=True):
            (tmp_path / lang / "deep" / f"{lang[0]}{place}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "ja" / ".hidden").write_text("x", encoding="utf-8")
    return tmp_path


def matched(src, tgt, **config):
    return match_documents(src, tgt, DocsConfig(**config), encoder=MeaningEncoder())


def test_folders_are_matched_and_counted(folders):
    report = matched(folders / "ja", folders / "en")
    rows = [line.split("\t") for line in report.text("tsv").splitlines()]
    pairs = {row[0]: row[1] for row in rows if row[4] != "null"}
    assert pairs == {f"deep/j{i}.txt": f"deep/e{j}.txt" for i, j in enumerate([3, 1, 7, 0, 5, 2, 6, 4]) if i}
    nulls = [row for row in rows if row[4] == "null"]
    assert [(row[0], row[1]) for row in nulls] == [("deep/j0.txt", ""), ("", "deep/e3.txt")]
    assert all(row[5] and float(row[6]) < 0.45 for row in nulls)
    record = report.record()
    assert record["src"] == record["tgt"] == {"read": 8, "paired": 7, "null": 1}
    assert record["langs"] == ["ja", "en"]
    assert report.lines() == ["7 pairs (7 by vectors); without a partner: 1 src, 1 tgt"]


def test_json_lines_give_what_folders_give(folders):
    for lang in ("ja", "en"):
        files = sorted((folders / lang / "deep").glob("*.txt"))
        random.Random(lang).shuffle(files)
        rows = [
            {"id": f.stem, "url": f"https://x/{lang}/{f.stem}", "text": f.read_text(encoding="utf-8")} for f in files
        ]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folders / f"{lang}.jsonl").write_text(text, encoding="utf-8")
    found = [json.loads(x) for x in matched(folders / "ja.jsonl", folders / "en.jsonl").text("jsonl").splitlines()]
    expected = [json.loads(x) for x in matched(folders / "ja", folders / "en").text("jsonl").splitlines()]

    def pairs(rows):
        name = lambda x: None if x is None else x.split("/")[-1].removesuffix(".txt")  # noqa: E731
        return {(name(r["src"]), name(r["tgt"]), r["score"]) for r in rows}

    assert pairs(found) == pairs(expected)
    assert {"aligned", "content", "shared", "agreement", "margin", "reason"} <= found[0].keys()
    assert found[-1]["best"]["id"] is not None


def test_one_folder_of_both_languages_goes_by_names(tmp_path):
    for lang in ("ja", "en"):
        for n, text in enumerate(texts(lang, count=4)):
            (tmp_path / f"page{n}.{lang}.txt").write_text(text, encoding="utf-8")
    for glob in ("**/*", "*.{lang}.txt"):
        report = matched(tmp_path, tmp_path, glob=glob)
        assert [(p.src, p.tgt, p.reason) for p in report.matched.pairs] == [(n, n, "hint") for n in range(4)]


def test_running_numbers_are_no_hints(tmp_path):
    for lang, order in (("ja", [0, 1, 2, 3]), ("en", [1, 0, 3, 2])):
        made = texts(lang, count=4)
        rows = [json.dumps({"id": str(n), "text": made[k]}) for n, k in enumerate(order)]
        (tmp_path / f"{lang}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    report = matched(tmp_path / "ja.jsonl", tmp_path / "en.jsonl")
    assert [(p.src, p.tgt, p.reason) for p in report.matched.pairs] == [(n, n ^ 1, "vectors") for n in range(4)]
    assert report.matched.refused == ()


def test_empty_files_are_documents_without_a_partner(folders):
    (folders / "ja" / "empty.txt").write_bytes(b"")
    (folders / "en.jsonl").write_bytes(b"")
    report = matched(folders / "ja", folders / "en")
    assert report.record()["src"] == {"read": 9, "paired": 7, "null": 2}
    nothing = matched(folders / "ja", folders / "en.jsonl")
    assert nothing.record()["tgt"] == {"read": 0, "paired": 0, "null": 0}
    assert nothing.text("tsv").count("null") == 9


def test_what_cannot_be_is_said(folders):
    (folders / "none").mkdir()
    with pytest.raises(InputError, match="files like"):
        matched(folders / "none", folders / "en")
    with pytest.raises(ConfigError, match="--glob"):
        matched(folders / "ja", folders / "en", glob="/x")
    with pytest.raises(ConfigError, match="--tgt-lang"):
        match_documents(folders / "ja", folders / "ja", langs=("en", "en"), encoder=MeaningEncoder())
    with pytest.raises(ConfigError, match="--format"):
        format_of("x", None)


def test_the_command_matches(mt, tmp_path):
    made = {
        "ja": [["猫が庭で眠っている。", "犬も庭にいる。"], ["首相は会見で増税を否定した。", "野党は批判している。"]],
        "en": [["The prime minister denied a tax increase at a press conference.", "The opposition is critical."],
               ["A cat is sleeping in the garden.", "A dog is in the garden, too."]],
    }  # fmt: skip
    for lang, documents in made.items():
        rows = [json.dumps({"id": f"{lang}{n}", "sentences": x}) for n, x in enumerate(documents)]
        (tmp_path / f"{lang}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    done = mt("align", "docs", "ja.jsonl", "en.jsonl", cwd=tmp_path)
    assert done.code == 0, done.err
    assert [line.split("\t")[:2] for line in done.out.splitlines()] == [["ja0", "en1"], ["ja1", "en0"]]
    assert "2 pairs (2 by vectors)" in done.err
    bad = mt("align", "docs", "no.jsonl", "en.jsonl", cwd=tmp_path)
    assert bad.code == 2
    assert bad.error == "mt: error: no.jsonl: expected a file, found nothing there"
