"""`mt memory` as a user calls it: what it prints, its exit codes, its one-line errors."""

from __future__ import annotations

import json
import re

import pytest

PAIRS = "猫が1匹いる。\tThere is one cat.\n猫が2匹いる。\tThere are two cats.\n\tnobody\n"


@pytest.fixture
def memory(mt, tmp_path):
    """`mt memory COMMAND …` on a memory with two pairs of people's."""
    (tmp_path / "mine.tsv").write_text(PAIRS, encoding="utf-8")

    def call(*args):
        return mt("memory", *args, "--memory", "m.sqlite", cwd=tmp_path)

    done = call("import", "mine.tsv")
    assert done.code == 0
    assert done.out == (
        "3 pairs: 2 imported, 0 replaced, 0 unchanged; left out: 1 without source, 0 without translation, 0 empty\n"
    )
    return call


def test_stats_for_people_and_machines(memory):
    out = memory("stats").out.splitlines()
    assert re.fullmatch(r"m\.sqlite: 2 translations, \d+ kB", out[0])
    assert re.fullmatch(r" +2  ja-en  (\d{4}-\d\d-\d\d) to \1  human:mine\.tsv", out[1])
    assert json.loads(memory("stats", "--json").out)["human"] == 2


def test_export_writes_what_was_imported(memory, tmp_path):
    assert memory("export", "o.tsv").out == "o.tsv: 2 translations\n"
    assert (tmp_path / "o.tsv").read_text("utf-8") == "".join(PAIRS.splitlines(keepends=True)[:2])


def test_similar_shows_how_similar(memory):
    # one of eight characters is one too many: 1 - 1/8
    assert memory("similar", "猫が2２匹いる。").out == "88%  猫が2匹いる。 → There are two cats.  (human:mine.tsv)\n"
    [found] = json.loads(memory("similar", "猫が2２匹いる。", "--json").out)
    assert found["similarity"] == 0.875
    assert found["flags"] == ["human"]
    nothing = memory("similar", "鳥が空を飛んでいる。")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "mt: no source is 80% similar\n")


def test_prune_says_what_goes(memory):
    assert memory("prune", "--human", "--dry-run").out == "would go: 2 translations  human:mine.tsv\n"
    assert memory("prune", "--machine").out.startswith("gone: 0 decodings of the journal\n")
    assert memory("prune", "--human").out.startswith("gone: 2 translations  human:mine.tsv\n")
    assert json.loads(memory("stats", "--json").out)["translations"] == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["prune"], "--older-than: expected this or --signature, --journal, --machine, --human"),
        (["prune", "--older-than", "-1"], "--older-than: expected a number from 0 to 100,000, found -1"),
        (["export", "o.txt"], "OUT: expected a name that ends in .tmx or .tsv, found o.txt"),
        (["export", "o.tmx", "--signature", "model:x"], "--signature: expected pairs of a signature"),
        (["import", "none.tsv"], "none.tsv: expected a file, found nothing there"),
        (["import", "mine.tsv", "--origin", ""], "--origin: expected a name, found nothing"),
        (["similar", "猫", "--threshold", "2"], "--threshold: expected a number from 0.5 to 1, found 2"),
    ],
)
def test_mistakes_are_one_line(memory, args, said):
    done = memory(*args)
    assert done.code == 2
    assert done.error.startswith(f"mt: error: {said}")


def test_the_environment_names_the_memory(mt, tmp_path):
    env = {"KAKEHASHI_MEMORY": str(tmp_path / "other.sqlite")}
    done = mt("memory", "stats", env=env)
    assert done.code == 2
    assert done.error == f"mt: error: {tmp_path / 'other.sqlite'}: expected a translation memory, found nothing there"


def test_what_is_no_memory_is_one_line(mt, tmp_path):
    (tmp_path / "notes").write_text("notes " * 99)
    done = mt("memory", "stats", "--memory", tmp_path / "notes")
    assert done.code == 2
    assert done.error.endswith("notes: expected a translation memory, found another kind of file")
