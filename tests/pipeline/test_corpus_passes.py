"""Passes over copies, end to end on rows few enough to check by eye: what each pass leaves out, and that the next one sees what is left."""

from __future__ import annotations

import json

import pytest
import zstandard

from mt.pipeline.corpus_build import build

ROWS = [
    ("猫がとても大きな家にいる。", "There is a cat in a very big house."),
    ("猫が大きい家の中にいます。", "There is a cat in a very big house."),
    ("犬が庭で毎日遊んでいる。", "The dog plays in the garden."),
    ("犬が庭で毎日遊んでいる。", "A dog plays in the yard daily."),
    ("犬が庭で毎日遊んでいる。", "Dogs are playing in the yard."),
    ("猫がとても大きな家にいる", "there is a cat in a very big house"),  # row 0 but for case and marks
]


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        ("exact = false\nnear = 0", {}),
        ("near = 0", {0: "exact-copy"}),  # the lengths of row 5 fit better, by which the best of equals is chosen
        ("near = 0\nper_source = 2", {0: "exact-copy", 2: "same-source"}),
        ("near = 0\nper_source = 2\nper_target = 1", {0: "exact-copy", 2: "same-source", 5: "same-target"}),
    ],
)
def test_copies_are_left_out_pass_by_pass(tmp_path, options, lost):
    (tmp_path / "a.tsv").write_text("".join(f"{src}\t{tgt}\n" for src, tgt in ROWS), "utf-8")
    config = tmp_path / "c.toml"
    config.write_text(
        f'name = "c"\nprofile = "keep-most"\npublish = ["tsv"]\n[source.a]\npath = "a.tsv"\n[dedup]\n{options}\n',
        "utf-8",
    )
    build(config, tmp_path / "out")
    text = zstandard.ZstdDecompressor().stream_reader((tmp_path / "out" / "rejects.jsonl.zst").read_bytes()).read()
    rejects = [json.loads(line) for line in text.decode().splitlines()]
    assert {int(one["id"][-9:]): one["reason"] for one in rejects} == lost
    kept = [ROWS[number] for number in range(len(ROWS)) if number not in lost]
    assert (tmp_path / "out" / "train.tsv").read_text("utf-8") == "".join(f"{src}\t{tgt}\n" for src, tgt in kept)
