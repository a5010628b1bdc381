"""`mt align`'s work: how files are read, which pair, what is written, and counts that add up."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pytest

import mt
from mt.align.options import AlignOptions
from mt.align.side import Side
from mt.bitext.beads import read_beads
from mt.errors import ConfigError, CountError, InputError, MTError
from mt.pipeline.align import Done, Job, Output, align_files, fixed_beads, format_of, plan, report_text, summary
from mt.pipeline.align_match import document_name, match
from mt.pipeline.align_text import read_text, read_texts
from mt.pipeline.aligner import AlignConfig, Aligner
from mt.signature import Signature
from mt.types import Bead

JA = ["猫が庭にいる。", "今日は朝から雨が降っている。", "犬もいる。", "彼は長い本を静かに読んでいた。"]
EN = ["A cat is in the garden.", "It has been raining since this morning.", "There is a dog too.", "He was reading."]


class Numbers:
    """An encoder that knows a sentence's number in either list, and nothing else."""

    signature = Signature.of(encoder="numbers")
    width = 8

    def encode(self, texts):
        made = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            for number, pair in enumerate(zip(JA, EN, strict=True)):
                if any(one in text for one in pair):
                    made[row, number] = 1
            if not made[row].any():
                made[row, -1] = 1
        return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture
def pair(tmp_path):
    (tmp_path / "a.ja.txt").write_text("".join(f"{s}\n" for s in JA), encoding="utf-8")
    (tmp_path / "a.en.txt").write_text("".join(f"{s}\n" for s in EN), encoding="utf-8")
    return tmp_path / "a.ja.txt", tmp_path / "a.en.txt"


def length():
    return Aligner(AlignConfig("length"))


# how files are read


def test_lines_are_sentences_and_blank_lines_are_sentences_and_borders(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("一。\r\n\r\n二。\n三。".encode())
    text = read_text(path)
    assert text.side.sentences == ("一。", "", "二。", "三。")
    assert text.side.paragraphs == (0, 0, 1, 1)
    assert (text.kind, text.side.lang, text.known) == ("lines", "ja", False)


def test_a_document_is_split(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("猫がいる。犬もいる。\n「寒い。」と彼は言った。\n", encoding="utf-8")
    text = read_text(path)
    assert text.kind == "document"
    assert text.side == Side(("猫がいる。", "犬もいる。", "「寒い。」と彼は言った。"), "ja", (0, 0, 1))
    assert read_text(path, kind="lines").side.sentences[0] == "猫がいる。犬もいる。"


def test_lines_of_markdown_are_joined_where_breaks_mean_nothing(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: A\nslug: b\n---\n# Title\nBroken at a margin by an\neditor. It has two\nsentences.\n\n"
        "- one item\n  that goes on\n- another item\n\n```c\nint x;\n\nint y;\n```\n| a | b |\n| c | d |\nThe end.\n",
        encoding="utf-8",
    )
    side = read_text(path).side
    assert side.sentences == (
        "---", "title: A", "slug: b", "---", "# Title", "Broken at a margin by an editor.", "It has two sentences.",
        "- one item that goes on", "- another item", "```c", "int x;", "int y;", "```", "| a | b |", "| c | d |", "The end.",
    )  # fmt: skip
    assert side.paragraphs is not None
    assert side.paragraphs[5] == side.paragraphs[6]
    path.write_text("これは途中で\n行が変わり、API\nand IBM を含む。\n", encoding="utf-8")
    assert read_text(path).side.sentences == ("これは途中で行が変わり、API and IBM を含む。",)


def test_where_one_side_is_a_document_the_other_is_too(tmp_path):
    a, b = tmp_path / "a.txt", tmp_path / "b.txt"
    a.write_text("猫がいる。犬もいる。\n", encoding="utf-8")
    b.write_text("There is a cat and a dog.\n", encoding="utf-8")
    assert [text.kind for text in read_texts((a, b))] == ["document", "document"]
    assert [text.kind for text in read_texts((a, b), kind="lines")] == ["lines", "lines"]


def test_encodings_compression_and_empty_files(tmp_path):
    a, b, c = (tmp_path / name for name in ("a.txt", "b.txt.gz", "c.txt"))
    a.write_bytes("猫がいる。\n犬がいる。\n".encode("euc_jp"))
    b.write_bytes(gzip.compress(b"A cat.\n"))
    c.write_bytes(b"")
    assert (read_text(a).encoding, read_text(a).side.lang) == ("euc_jp", "ja")
    assert read_text(b).side == Side(("A cat.",), "en")
    assert read_text(c).side == Side((), "en")


def test_documents_of_other_languages_are_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Кошка. Собака.\n", encoding="utf-8")
    assert read_text(path).kind == "lines"
    with pytest.raises(ConfigError, match=r"--input: expected lines .*, found document \(ru\)"):
        read_text(path, kind="document")


# which files pair


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("C-git.ja", ("C-git", "ja")),
        ("a.en-US.md", ("a", "en")),
        ("2021-03-04.txt", ("2021-03-04", None)),
        ("ja.txt", ("ja", None)),
        ("news.jp.txt.zst", ("news", "jp")),
        ("a.ja.en.txt", ("a.ja", "en")),
    ],
)
def test_document_names(tmp_path, name, wanted):
    assert document_name(tmp_path / name) == wanted


def test_folders_pair_by_place_and_name(tmp_path):
    for name in ("s/a.txt", "s/deep/b.ja.md", "s/only.txt", "t/a.en.txt", "t/deep/b.md", "t/x/b.md", "t/.hidden/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = match(tmp_path / "s", tmp_path / "t")
    assert [name for name, _, _ in found.pairs] == ["a", "deep/b"]
    assert [path.name for path in found.src_only] == ["only.txt"]
    assert [path.parent.name for path in found.tgt_only] == ["x"]


def test_one_folder_pairs_by_language_and_results_are_no_texts(tmp_path):
    for name in ("a.ja", "a.en", "a.gold", "b.ja", "README", "a.tsv"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = match(tmp_path, tmp_path)
    assert [(name, a.name, b.name) for name, a, b in found.pairs] == [("a", "a.ja", "a.en")]
    assert [path.name for path in found.src_only] == ["b.ja"]


def test_pages_are_texts_where_they_are_asked_for(tmp_path):
    for name in ("a.ja.html", "a.en.html", "b.ja.txt", "b.en.htm"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [name for name, _, _ in match(tmp_path, tmp_path).pairs] == ["b"]
    assert [name for name, _, _ in match(tmp_path, tmp_path, glob="*.html").pairs] == ["a"]


def test_folders_that_cannot_pair_are_refused(tmp_path):
    (tmp_path / "a.ja.txt").write_text("x")
    (tmp_path / "a.ja.md").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="expected one file named a, found"):
        match(tmp_path, tmp_path)
    with pytest.raises(InputError, match=r"empty: expected files like \*\*/\*, found none"):
        match(tmp_path / "empty", tmp_path)
    with pytest.raises(InputError, match="expected a folder, as the other side is one, found a file"):
        match(tmp_path / "a.ja.md", tmp_path)


# what is done


def test_a_pair_is_written_and_every_sentence_counted(pair, tmp_path):
    src, tgt = pair
    told = []
    jobs, matched = plan(src, tgt, Output("jsonl"), out=tmp_path / "o.jsonl")
    with Aligner(AlignConfig("embed"), encoder=Numbers()) as aligner:
        report = align_files(jobs, aligner, Output("jsonl"), told=told.append)
    assert matched is None
    file = read_beads(tmp_path / "o.jsonl")
    assert [(row.src, row.tgt) for row in file.rows] == [((i,), (i,)) for i in range(4)]
    assert file.sentences == (tuple(JA), tuple(EN))
    assert file.names == ("a.ja.txt", "a.en.txt")
    [record] = report.done
    assert record["src"]["aligned"] + record["src"]["alone"] == record["src"]["sentences"] == 4
    assert record["method"] == "embed"
    assert "encoder:numbers" in record["signature"]
    assert record["output"]["bytes"] == (tmp_path / "o.jsonl").stat().st_size
    assert told[0].fates(1) == {"aligned": 4, "alone": 0}


def test_auto_takes_the_encoder_that_is_given(pair):
    src, tgt = read_texts(pair)
    with Aligner(encoder=Numbers()) as aligner:
        alignment, choice = aligner.align(src.side, tgt.side)
    assert choice.method == "embed"
    assert len(alignment.beads) == 4


def test_translations_may_be_given(pair, tmp_path):
    src, tgt = read_texts(pair)
    (tmp_path / "t.txt").write_text("".join(f"{s}\n" for s in EN), encoding="utf-8")
    with Aligner(AlignConfig(translations=tmp_path / "t.txt")) as aligner:
        alignment, choice = aligner.align(src.side, tgt.side)
    assert (choice.method, choice.why) == ("mt", "translations are given")
    assert [bead.score for bead in alignment.beads] == [1.0] * 4
    (tmp_path / "t.txt").write_text("one\n", encoding="utf-8")
    with (
        Aligner(AlignConfig(translations=tmp_path / "t.txt")) as aligner,
        pytest.raises(CountError, match="4 sentences as in the source document"),
    ):
        aligner.align(src.side, tgt.side)


def test_vectors_may_be_given(pair, tmp_path):
    src, tgt = read_texts(pair)
    for name, text in (("s", src), ("t", tgt)):
        np.save(tmp_path / f"{name}.npy", Numbers().encode(text.side.sentences))
    with Aligner(AlignConfig(vectors=(tmp_path / "s.npy", tmp_path / "t.npy"))) as aligner:
        alignment, choice = aligner.align(src.side, tgt.side)
        with pytest.raises(CountError):
            aligner.align(Side(src.side.sentences[1:], "ja"), tgt.side)
    assert (choice.method, choice.why) == ("embed", "vectors are given")
    assert [(tuple(b.src), tuple(b.tgt)) for b in alignment.beads] == [((i,), (i,)) for i in range(4)]
    assert "encoder.src:vectors" in str(alignment.signature)


def test_our_translator_works_both_ways(pair):
    src, tgt = read_texts(pair)
    with Aligner(AlignConfig("mt", model="starter")) as aligner:
        there, _ = aligner.align(src.side, tgt.side)
        back, _ = aligner.align(tgt.side, src.side, ids=("en", "ja"))
    turned = [(bead.tgt, bead.src, bead.score, bead.probability) for bead in back.beads]
    assert turned == [(bead.src, bead.tgt, bead.score, bead.probability) for bead in there.beads]
    assert (back.src_id, back.tgt_id) == ("en", "ja")
    assert "mt.model:starter" in str(there.signature)


def test_languages_that_nobody_translates_are_refused():
    with (
        Aligner(AlignConfig("mt")) as aligner,
        pytest.raises(ConfigError, match="expected ja and en, which our models"),
    ):
        aligner.align(Side(("Кот.",), "ru"), Side(("A cat.",), "en"))


def test_unlikely_pairs_are_left_out_and_counted(pair):
    out = io.StringIO()
    output = Output("tsv", min_probability=0.99)
    jobs, _ = plan(*pair, output)
    told: list[Done] = []
    with length() as aligner:
        report = align_files(jobs, aligner, output, stream=out, told=told.append)
    [record] = report.done
    kept = len(out.getvalue().splitlines())
    assert kept == record["written"] < record["beads"]
    assert record["left_out"] == {"nulls": record["nulls"], "below min_probability": record["pairs"] - kept}


def test_a_threshold_needs_a_format_of_pairs():
    with pytest.raises(ConfigError, match="--min-probability: expected --format pairs or tmx or tsv"):
        Output("vecalign", min_probability=0.5)


def test_corrections_are_honoured_on_the_next_run(pair, tmp_path):
    src, tgt = read_texts(pair)
    rows = [{"src_ids": [0, 1], "tgt_ids": [0], "status": "man"}, {"src_ids": [2], "tgt_ids": [1], "status": None}]
    path = tmp_path / "fixed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert fixed_beads(path, src, tgt) == [Bead(range(0, 2), range(0, 1), None, 1.0)]
    out = tmp_path / "o.vecalign"
    for method, encoder in (("length", None), ("embed", Numbers()), ("mt", None)):
        with Aligner(AlignConfig(method, model="starter"), encoder=encoder) as aligner:
            report = align_files([Job("a", *pair, out, path)], aligner, Output("vecalign"))
        assert (read_beads(out).rows[0].src, read_beads(out).rows[0].tgt) == ((0, 1), (0,))
        assert report.done[0]["fixed"] == 1


def test_corrections_of_other_sentences_are_refused(pair, tmp_path):
    src, tgt = read_texts(pair)
    record = {"src_ids": [0], "tgt_ids": [0], "src_sentences": ["鳥。"], "tgt_sentences": ["A bird."]}
    path = tmp_path / "fixed.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="others: they are split in another way"):
        fixed_beads(path, src, tgt)


def test_a_bad_pair_of_many_is_recorded_and_the_others_go_on(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.ja.txt").write_text("猫。\n\n犬。\n", encoding="utf-8")
        (tmp_path / f"{name}.en.txt").write_text("A cat.\n\nA dog.\n", encoding="utf-8")
    (tmp_path / "b.en.txt").write_bytes(b"\x00\x01\xff")
    (tmp_path / "c.en.txt").write_text("A cat.\nA dog.\n", encoding="utf-8")
    (tmp_path / "d.ja.txt").write_text("鳥。\n", encoding="utf-8")
    output = Output("vecalign", sentences=tmp_path / "sents")
    jobs, matched = plan(tmp_path, tmp_path, output, out_dir=tmp_path / "out")
    with Aligner(AlignConfig("length", options=AlignOptions(hard=True))) as aligner:
        report = align_files(jobs, aligner, output, matched=matched)
    assert [job.name for job, _ in report.failed] == ["b", "c"]
    assert "expected text" in str(report.failed[0][1])
    assert "--hard-boundaries for " in str(report.failed[1][1])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.vecalign"]
    assert (tmp_path / "sents" / "a.en.txt").read_text("utf-8") == "A cat.\n\nA dog.\n"
    record = json.loads(report_text(report, {"method": "length"}))
    assert record["totals"] == {
        "documents": 1,
        "failed": 2,
        "without_partner": 1,
        "beads": 3,
        "pairs": 3,
        "nulls": 0,
        "fixed": 0,
        "written": 3,
    }
    assert record["without_partner"]["src"] == [str(tmp_path / "d.ja.txt")]
    assert summary(report)[0].startswith("1 of 3 pairs of documents aligned: 3 pairs, 0 null beads; 3 written")
    assert "without a partner, 1 source file" in summary(report)[1]


def test_a_lost_pair_of_files_would_be_found_out(pair, tmp_path):
    with length() as aligner:
        report = align_files([Job("a", *pair, tmp_path / "o.tsv")], aligner, Output())
    report.jobs = 2
    with pytest.raises(MTError, match="pairs of files: 2 read, but 1 accounted for"):
        report.record({})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "--out-dir: expected a folder for the alignments of folders"),
        ({"out_dir": "out", "fixed": "a.gold"}, "--fixed: expected a folder of files"),
    ],
)
def test_folders_need_folders(tmp_path, options, said):
    (tmp_path / "a.ja").write_text("猫。")
    (tmp_path / "a.en").write_text("A cat.")
    (tmp_path / "a.gold").write_text("[0]:[0]\n")
    places = {key: tmp_path / value for key, value in options.items()}
    with pytest.raises(ConfigError, match=said):
        plan(tmp_path, tmp_path, Output(), **places)


def test_an_input_is_not_overwritten(pair):
    with pytest.raises(ConfigError, match="expected a file that is no input"):
        plan(*pair, Output(), out=pair[0])


@pytest.mark.parametrize(
    ("name", "format"), [("a.pairs.tsv", "pairs"), ("a.tsv", "tsv"), ("a.xml", "intertext"), ("a.txt", "tsv")]
)
def test_the_format_goes_by_the_name(tmp_path, name, format):
    assert format_of("auto", tmp_path / name) == format


@pytest.mark.parametrize("method", ["length", "mt", "embed"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("", "A cat.\n"),
        ("猫。\n", ""),
        ("\n" * 50, "\n" * 50),
        ("猫。\n", "A cat.\n" * 30),
        ("x" * 9000, "猫" * 9000),
    ],
    ids=["nothing", "no source", "no target", "blank lines", "one against many", "huge lines of the wrong language"],
)
def test_degenerate_input_has_an_answer(tmp_path, method, first, second):
    (tmp_path / "a").write_text(first, encoding="utf-8")
    (tmp_path / "b").write_text(second, encoding="utf-8")
    texts = read_texts((tmp_path / "a", tmp_path / "b"), ("ja", "en"), "lines")
    with Aligner(
        AlignConfig(method), encoder=Numbers(), translations=texts[0].side.sentences if method == "mt" else None
    ) as a:
        alignment, _ = a.align(texts[0].side, texts[1].side)
    assert sum(len(b.src) for b in alignment.beads) == len(texts[0].side)
    assert sum(len(b.tgt) for b in alignment.beads) == len(texts[1].side)


def test_the_public_function_aligns_a_hypothesis_with_a_reference():
    # one language, other segmentation: what an evaluation needs where segments do not match
    hypothesis = ["A cat is there and it is raining.", "He reads a book."]
    reference = ["A cat is there.", "It is raining.", "He reads books."]
    made = mt.align_sentences(hypothesis, reference, src_lang="en", method="mt")
    assert [(list(b.src), list(b.tgt)) for b in made.beads] == [([0], [0, 1]), ([1], [2])]
    own = mt.align_sentences(JA, EN, encoder=Numbers(), longest=2)
    assert len(own.beads) == 4
    with pytest.raises(ValueError, match="longest: expected a number from 1 to 10, found 0"):
        mt.align_sentences(JA, EN, longest=0)
