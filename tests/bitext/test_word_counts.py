"""Lists of words with counts."""

from __future__ import annotations

import gzip

import pytest

from mt.bitext.word_counts import WordCounts, read_counts, write_counts
from mt.errors import InputError
from mt.models.registry import find


def test_what_was_written_is_read(tmp_path):
    made = WordCounts({"zebra": 3, "a": 900, "naïve": 7}, "two texts", 3)
    for name in ("a.xz", "b.xz"):
        write_counts(tmp_path / name, made, ("by hand",))
    assert read_counts(tmp_path / "a.xz") == made
    assert (tmp_path / "a.xz").read_bytes() == (tmp_path / "b.xz").read_bytes()


def test_a_bare_list_leaves_nothing_out(tmp_path):
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(b"The\t3\nthe\t2\n"))
    assert read_counts(tmp_path / "a.tsv.gz") == WordCounts({"the": 5}, "a.tsv.gz", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the\n", "a word, a tab and a count"),
        ("the\t1.5\n", "a word, a tab and a count"),
        ("\t3\n", "a word, a tab and a count"),
        ("# least: 4\nthe\t3\n", "counts from 4 on"),
        ("# least: few\nthe\t3\n", "as least"),
        ("# name: x\n", "words with counts"),
    ],
)
def test_other_lists_are_refused(tmp_path, text, said):
    (tmp_path / "a.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_counts(tmp_path / "a.tsv")


def test_the_starters_list_is_small_and_holds_what_was_counted():
    path = find("starter") / "words.en.tsv.xz"
    assert path.stat().st_size < 400_000
    found = read_counts(path)
    assert (found.name, found.least) == ("the starter's training data", 3)
    # words of the Kyoto articles, of manuals and of news; a word nobody writes
    assert found.counts["kyoto"] > 10_000 and found.counts["the"] > found.counts["of"] > 300_000
    assert "kwyjibo" not in found.counts
