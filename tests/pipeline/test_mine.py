"""`mt mine`: planted partners are found in any order, whatever the shards and stops; counts add up; bad input is one line and code 2."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from mt.align.mining import MiningOptions
from mt.bitext.read import read_pairs
from mt.errors import ConfigError, InputError, OptionError
from mt.pipeline.mine import MineConfig, format_of, mine, mine_files
from tests.meaning import MeaningEncoder

COUNT = 150


@pytest.fixture
def planted(tmp_path):
    """Two shuffled files; 100 sentences of each have a partner, one is blank and one comes twice."""
    rng = random.Random(5)
    src = [f"第{n}号の話である。" for n in range(1000, 1000 + COUNT)] + ["", "第1001号の話である。"]
    tgt = [f"This is about number {n}." for n in range(1050, 1050 + COUNT)] + ["  ", "This  is about number 1060."]
    rng.shuffle(src)
    rng.shuffle(tgt)
    (tmp_path / "src.txt").write_text("".join(f"{x}\n" for x in src), encoding="utf-8")
    (tmp_path / "tgt.txt").write_text("".join(f"{x}\n" for x in tgt), encoding="utf-8")
    return tmp_path


def mined(where, **config):
    return mine_files(where / "src.txt", where / "tgt.txt", MineConfig(**config), encoder=MeaningEncoder())


def test_partners_are_found_and_every_sentence_is_counted(planted):
    report = mined(planted)
    assert len(report.pairs()) == 100
    assert all(p.src[1:5] == p.tgt[-5:-1] for p in report.pairs())
    for side in ("src", "tgt"):
        counts = report.counts[side]
        assert (counts["read"], counts["paired"], counts["empty"], counts["repeated"]) == (COUNT + 2, 100, 1, 1)
        assert sum(n for reason, n in counts.items() if reason != "read") == COUNT + 2
    assert report.langs == ("ja", "en")
    assert report.lines()[0].startswith("src: 152 read, 100 in pairs; 1 empty, 1 repeated")


def test_the_bytes_are_the_same_for_any_shards_and_after_a_stop(planted):
    whole = mined(planted).text("jsonl")
    assert {mined(planted, shards=n).text("jsonl") for n in (1, 3, 7)} == {whole}
    work = planted / "work"
    mined(planted, shards=7, work=work)
    parts = sorted(work.iterdir())
    assert len(parts) == 7
    parts[0].unlink()
    parts[2].unlink()  # as a run leaves them that was killed in its midst …
    parts[4].write_bytes(parts[4].read_bytes()[:-5])  # … and one that somebody cut
    again = mined(planted, shards=7, work=work)
    assert again.reused == 4
    assert again.text("jsonl") == whole
    assert mined(planted, shards=7, work=work).reused == 7


def test_parts_of_other_vectors_or_another_k_are_not_used(planted):
    work = planted / "work"
    mined(planted, work=work)
    assert mined(planted, work=work, options=MiningOptions(neighbours=16)).reused == 0
    (planted / "src.txt").write_text("第1051号。\n", encoding="utf-8")
    assert mined(planted, work=work).reused == 0


def test_every_format_holds_the_pairs(planted):
    report = mined(planted)
    pairs = [(p.src, p.tgt) for p in report.pairs()]
    cells = [line.split("\t") for line in report.text("tsv").splitlines()]
    assert [(a, b) for _, a, b in cells] == pairs
    scores = [float(score) for score, _, _ in cells]
    assert scores == sorted(scores, reverse=True)
    assert [tuple(line.split("\t")) for line in report.text("pairs").splitlines()] == pairs
    (planted / "m.tmx").write_text(report.text("tmx"), encoding="utf-8")
    assert [(a, b) for _, a, b in read_pairs(str(planted / "m.tmx"), src_lang="ja", tgt_lang="en")] == pairs
    rows = [json.loads(line) for line in report.text("jsonl").splitlines()]
    src = (planted / "src.txt").read_text(encoding="utf-8").splitlines()
    assert all(src[int(row["src_id"]) - 1] == row["src"] and row["src_rank"] == 1 for row in rows)
    assert all(0.4 <= row["scores"]["cosine"] <= 1 and row["scores"]["margin"] >= 1.15 for row in rows)


@pytest.mark.parametrize(("src", "tgt"), [([], []), (["猫。"], []), ([], ["A cat."]), ([""] * 1000, ["A cat."])])
def test_nothing_to_mine_is_an_empty_answer(src, tgt):
    report = mine((src, tgt), encoder=MeaningEncoder())
    assert report.text("tsv") == ""
    assert report.record()["pairs"] == 0


def test_vectors_from_files_are_those_of_the_lines(planted):
    src, tgt = ((planted / f"{side}.txt").read_text(encoding="utf-8").splitlines() for side in ("src", "tgt"))
    for side, texts in (("src", src), ("tgt", tgt)):
        rows = MeaningEncoder().encode([text or "-" for text in texts])
        np.save(
            planted / f"{side}.npy",
            np.where(np.linalg.norm(rows, axis=1, keepdims=True) > 0, rows, np.eye(1, 256)).astype(np.float32),
        )
    report = mine_files(
        planted / "src.txt", planted / "tgt.txt", MineConfig(vectors=(planted / "src.npy", planted / "tgt.npy"))
    )
    assert report.text("tsv") == mined(planted).text("tsv")


def test_vectors_of_two_widths_are_refused(tmp_path):
    for side, width in (("src", 4), ("tgt", 5)):
        (tmp_path / f"{side}.txt").write_text("猫がいる。\n", encoding="utf-8")
        np.save(tmp_path / f"{side}.npy", np.eye(1, width, dtype=np.float32))
    config = MineConfig(vectors=(tmp_path / "src.npy", tmp_path / "tgt.npy"))
    with pytest.raises(InputError, match=r"tgt.npy: expected rows of 4 numbers as in .*src.npy, found 5 numbers"):
        mine_files(tmp_path / "src.txt", tmp_path / "tgt.txt", config)


def test_faiss_finds_the_same_where_it_compares_all(planted):
    pytest.importorskip("faiss")
    assert mined(planted, search="faiss").text("tsv") == mined(planted).text("tsv")
    assert "search:faiss" in str(mined(planted, search="faiss").mined.signature)


def test_what_cannot_be_is_said(planted):
    with pytest.raises(ConfigError, match="--format: expected auto, tsv"):
        format_of("x", None)
    with pytest.raises(OptionError, match="shards"):
        mined(planted, shards=0)
    with pytest.raises(InputError, match="nothing there"):
        mine_files(planted / "no.txt", planted / "tgt.txt", encoder=MeaningEncoder())


def test_the_command_mines_and_counts(mt, tmp_path):
    src = ["猫が好きです。", "今日は雨が降っています。", "", "駅はどこですか。", "彼は医者です。"]
    tgt = ["Where is the station?", "It is raining today.", "I like cats.", "Stocks fell sharply in Tokyo."]
    (tmp_path / "src.txt").write_text("\n".join(src), encoding="utf-8")
    (tmp_path / "tgt.txt").write_text("\n".join(tgt), encoding="utf-8")
    done = mt("mine", "src.txt", "tgt.txt", "-o", "m.jsonl", "--json", cwd=tmp_path, env={"PYTHONPATH": "."})
    assert done.code == 0, done.err
    counts = json.loads(done.out)
    assert counts["src"]["read"] == 5
    assert counts["src"]["empty"] == 1
    rows = [json.loads(x) for x in (tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(row["src"], row["tgt"]) for row in rows} == {(src[0], tgt[2]), (src[1], tgt[1]), (src[3], tgt[0])}
    assert "so few neighbours" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no.txt", "no.txt"), "no.txt: expected a file, found nothing there"),
        (("a.txt", "a.txt", "--neighbours", "0"), "--neighbours: expected a number from 1 to 1,024, found 0"),
        (("a.txt", "a.txt", "--json"), "--json: expected --output beside it"),
        (("a.txt", "a.txt", "--vectors-src", "x.npy"), "--vectors-src: expected --vectors-tgt beside it"),
    ],
)
def test_bad_input_is_one_line_and_code_2(mt, tmp_path, words, said):
    (tmp_path / "a.txt").write_text("猫\n", encoding="utf-8")
    done = mt("mine", *words, cwd=tmp_path)
    assert done.code == 2
    assert said in done.error
