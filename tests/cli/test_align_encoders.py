"""Encoders through the command line: a stand-in for sentence-transformers, its download, vectors kept from run to run; chapters as borders."""

from __future__ import annotations

import json
import sys
import types

import pytest

from tests.meaning import MeaningEncoder

JA = "猫が好きです。\n今日は雨が降っています。\n駅はどこですか。\n彼は医者です。\n"
EN = "I like cats.\nIt is raining today.\nWhere is the station?\nHe is a doctor.\n"


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A module in the place of sentence_transformers; keeps what it was asked for, and every text it was given."""
    (tmp_path / "a.ja.txt").write_text(JA, encoding="utf-8")
    (tmp_path / "a.en.txt").write_text(EN, encoding="utf-8")
    asked: dict[str, list] = {"models": [], "texts": []}

    class Model:
        def encode(self, texts, **options):
            asked["texts"] += texts
            return MeaningEncoder().encode(texts)

    def make(name, **options):
        asked["models"].append((name, options["local_files_only"]))
        return Model()

    module = types.ModuleType("sentence_transformers")
    module.SentenceTransformer = make
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return asked


@pytest.mark.parametrize("more", [(), ("--download",)])
def test_a_model_is_named_and_fetched_only_where_that_is_asked_for(mt, package, tmp_path, more):
    docs = tmp_path / "docs"
    for lang, text in (("ja", JA), ("en", EN)):
        (docs / lang).mkdir(parents=True)
        (docs / lang / "a.txt").write_text(text, encoding="utf-8")
    for words in (
        ("align", "a.ja.txt", "a.en.txt", "-o", "a.jsonl"),
        ("mine", "a.ja.txt", "a.en.txt", "-o", "m.jsonl"),
        ("align", "docs", "docs/ja", "docs/en", "-o", "d.jsonl"),
    ):
        package["models"].clear()
        done = mt(*words, "--encoder", "st:some/model", *more, cwd=tmp_path)
        assert done.code == 0, done.err
        assert package["models"] == [("some/model", not more)]
    beads = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "model:model" in str(beads)  # the recipe names it


def test_vectors_are_kept_from_run_to_run(mt, package, tmp_path):
    words = ("align", "a.ja.txt", "a.en.txt", "--encoder", "st:some/model", "--cache", "kept/vectors.db")
    first = mt(*words, cwd=tmp_path)
    assert first.code == 0, first.err
    given = len(package["texts"])
    again = mt(*words, cwd=tmp_path)
    # the second run asks for the probe of the model's width alone
    assert package["texts"][given:] == ["."]
    assert again.out == first.out
    (tmp_path / "kept/vectors.db").write_bytes(b"no database at all" * 100)
    broken = mt(*words, cwd=tmp_path)
    assert broken.code == 2
    assert "vectors.db: expected a file of kept vectors" in broken.error


def test_chapters_are_borders_where_both_have_them(mt, tmp_path):
    one = "# 題\n\n猫がいる。\n\n## 甲\n\n犬がいる。鳥がいる。\n\n```\n# 註\n```\n\n## 乙\n\n魚がいる。\n"
    two = "# Title\n\nA cat.\n\n## One\n\nA dog.\n\n```\n# note\n```\n\n## Two\n\nA bird. A fish.\n"
    (tmp_path / "a.md").write_text(one, encoding="utf-8")
    (tmp_path / "b.md").write_text(two, encoding="utf-8")
    words = (
        "align",
        "a.md",
        "b.md",
        "--method",
        "length",
        "--format",
        "vecalign",
        "--src-lang",
        "ja",
        "--tgt-lang",
        "en",
    )
    done = mt(*words, "--chapters", cwd=tmp_path)
    assert done.code == 0, done.err
    beads = [(json.loads(a), json.loads(b)) for a, b, *_ in (line.split(":") for line in done.out.splitlines())]
    # sentences from the files above: src 0 題 1 猫 2 甲 3 犬 4 鳥 5–7 code 8 乙 9 魚; tgt 0 Title 1 cat 2 One 3 dog 4–6 code 7 Two 8 bird 9 fish
    for src, tgt in beads:
        assert len({(i >= 2) + (i >= 8) for i in src} | {(j >= 2) + (j >= 7) for j in tgt}) == 1, (src, tgt)
    (tmp_path / "b.md").write_text(two.replace("# Title", "### Title"), encoding="utf-8")
    told = mt(*words, "--chapters", cwd=tmp_path)
    assert told.code == 0, told.err
    assert "no level of headings that both have alike" in told.err


def test_chapters_of_html_pages_are_borders_too(mt, tmp_path):
    pytest.importorskip("trafilatura")
    # chapters of one and two paragraphs against two and one: by lengths alone, sentences of one chapter would go with those of another
    cat, dog, fish = (
        "猫は床の上で丸くなって一日中寝ている。",
        "犬は庭を走り回り鳥に吠えている。",
        "魚は池の底で静かに泳いでいる。",
    )
    one = ["<h1>題</h1>", f"<p>{cat}</p>" * 4, "<h2>甲</h2>", f"<p>{dog}</p>" * 6, "<h2>乙</h2>", f"<p>{fish}</p>" * 4]
    cat, dog, fish = ("The cat sleeps on the floor all day.", "The dog barks at birds.", "A fish swims in the pond.")
    two = ["<h1>T</h1>", f"<p>{cat}</p>" * 5, "<h2>One</h2>", f"<p>{dog}</p>" * 3, "<h2>Two</h2>", f"<p>{fish}</p>" * 6]
    for name, parts in (("a.html", one), ("b.html", two)):
        page = f"<html><body><nav>Home</nav><article>{''.join(parts)}</article></body></html>"
        (tmp_path / name).write_text(page, encoding="utf-8")
    done = mt(
        *("align", "a.html", "b.html", "--method", "length", "--format", "vecalign", "--chapters", "--sentences", "s"),
        cwd=tmp_path,
    )
    assert done.code == 0, done.err
    sides = [(tmp_path / f"s/a.{lang}.txt").read_text("utf-8").splitlines() for lang in ("ja", "en")]
    assert [sides[0].index(s) for s in ("題", "甲", "乙")] == [0, 5, 12]
    assert [sides[1].index(s) for s in ("T", "One", "Two")] == [0, 6, 10]
    assert "Home" not in sides[1]
    beads = [(json.loads(a), json.loads(b)) for a, b, *_ in (line.split(":") for line in done.out.splitlines())]
    for src, tgt in beads:
        assert len({(i >= 5) + (i >= 12) for i in src} | {(j >= 6) + (j >= 10) for j in tgt}) == 1, (src, tgt)
    (tmp_path / "a.html").write_text("<html><body></body></html>", encoding="utf-8")
    none = mt("align", "a.html", "b.html", cwd=tmp_path)
    assert none.code == 2
    assert "a.html: expected a page with a main text, found none" in none.error
