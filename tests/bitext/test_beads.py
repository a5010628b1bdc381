"""Alignment formats. Samples are written as their programs write them (Vecalign's and SentAlign's READMEs, hunalign's manual, InterText's and OPUS's
files); round trips are properties: what a format can hold comes back, and what it cannot is said in `HOLDS`.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mt.bitext.beads import (
    FORMATS,
    PAIR_FORMATS,
    BeadFile,
    Row,
    Sheet,
    Written,
    person_made,
    read_beads,
    read_documents,
    rows_of,
    to_alignment,
    write_beads,
    write_rows,
)
from mt.bitext.read import read_pairs
from mt.errors import InputError, OptionError
from mt.signature import Signature
from mt.types import Alignment, Bead, Links

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "sentence-alignment"
HARMLESS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the gold alignments of ../shared/data are not there")


def file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ids(read: BeadFile) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(row.src, row.tgt) for row in read.rows]


# --- samples

SAMPLES = {
    # name: (text, format that auto finds, numbers, scores)
    "sent.path": ("[0]:[0]:0.75\n", "sentalign", [((0,), (0,))], [0.75]),
    "a.path": (
        "[8, 9]:[10, 11, 12]:0.139594\n[10]:[]:0.000000\n",
        "vecalign",
        [((8, 9), (10, 11, 12)), ((10,), ())],
        [0.139594, 0.0],
    ),
    "a.vecalign": ("[8, 9]:[10, 11, 12]:0.139594\n", "vecalign", [((8, 9), (10, 11, 12))], [0.139594]),
    "gold.defr": ("[0]:[0]\n[1]:[1, 2]\n[]:[3]\n", "vecalign", [((0,), (0,)), ((1,), (1, 2)), ((), (3,))], [None] * 3),
    "b.txt": ("[0]:[0,1]:0.7565\n[1]:[2]:0.5\n", "sentalign", [((0,), (0, 1)), ((1,), (2,))], [0.7565, 0.5]),
    "hun.txt": (
        "0\t0\t0.3\n1\t2\t-0.25\n2\t2\t1.5\n4\t3\t0\n",
        "hunalign",
        [((0,), (0, 1)), ((1,), ()), ((2, 3), (2,))],
        [0.3, -0.25, 1.5],
    ),
    "hun.tsv": ("猫 ~~~ 犬\tCat\t0.5\n\tBird\t0\n", "hunalign-text", [((0, 1), (0,)), ((), (1,))], [0.5, 0.0]),
    "gold.txt": ("1 1\n5,6 5\n", "columns", [((1,), (1,)), ((5, 6), (5,))], [None, None]),
    "inter.xml": (
        "<?xml version='1.0' encoding='utf-8'?>\n<linkGrp toDoc='b.xml' versionWarning='' fromDoc='a.xml'>\n"
        "<link type='1-2' xtargets='1:1;1:1 1:2' status='man'/>\n<link type='1-0' xtargets='2:1;' status='auto'/>\n</linkGrp>\n",
        "intertext",
        [((0,), (0, 1)), ((1,), ())],
        [None, None],
    ),
    "opus.xml": (
        '<?xml version="1.0"?>\n<!DOCTYPE cesAlign PUBLIC "-//CES//DTD XML cesAlign//EN" "">\n<cesAlign version="1.0">\n'
        '<linkGrp targType="s" fromDoc="ja/1.xml.gz" toDoc="en/1.xml.gz">\n'
        '<link id="SL0" certainty="0.53" xtargets="s1;s1 s2" />\n<link id="SL1" xtargets="s2 s3;s3"/>\n</linkGrp></cesAlign>\n',
        "intertext",
        [((1,), (1, 2)), ((2, 3), (3,))],
        [0.53, None],
    ),
    "a.jsonl": ('{"src_ids": [0, 1], "tgt_ids": [], "score": 1, "more": true}\n', "jsonl", [((0, 1), ())], [1.0]),
    "a.tsv": ("猫\tCat\t0.5\t\t3\t4,5\n", "tsv", [((3,), (4, 5))], [0.5]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_other_programs_write_is_recognised_and_read(tmp_path, name):
    text, format, numbers, scores = SAMPLES[name]
    read = read_beads(file(tmp_path / name, text))
    assert (read.format, ids(read)) == (format, numbers)
    assert [row.score for row in read.rows] == scores


def test_which_end_of_the_scores_is_good_is_declared_and_kept(tmp_path):
    path = file(tmp_path / "a.txt", "[0]:[0, 1]:0.25\n")
    assert read_beads(path).score_is == "cost"
    assert read_beads(path, score_is="similarity").score_is == "similarity"
    assert read_beads(file(tmp_path / "b.txt", "[0]:[0,1]:0.25\n")).score_is == "similarity"
    assert read_beads(file(tmp_path / "c.txt", "[0]:[0, 1]\n")).score_is is None
    # a bead's score is the better the higher it is, whatever the file thinks
    assert to_alignment(read_beads(path), 1, 2).beads[0].score == -0.25
    assert to_alignment(read_beads(path, score_is="similarity"), 1, 2).beads[0].score == 0.25


def test_numbers_from_one(tmp_path):
    gold = file(tmp_path / "gold.txt", "1 1\n2,3 2\n")
    assert ids(read_beads(gold, base=1)) == [((0,), (0,)), ((1, 2), (1,))]
    with pytest.raises(InputError, match=r"bad\.txt:1: expected sentence numbers from 1, found 0"):
        read_beads(file(tmp_path / "bad.txt", "[0]:[1]\n"), base=1)
    assert ids(read_beads(file(tmp_path / "l.txt", "1\t1\t0\n2\t2\n"), base=1)) == [((0,), (0,))]
    with pytest.raises(OptionError, match="base: expected 0 or 1, found 2"):
        read_beads(gold, base=2)


def test_names_and_status_of_standoff_links(tmp_path):
    read = read_beads(file(tmp_path / "inter.xml", SAMPLES["inter.xml"][0]))
    assert read.names == ("a.xml", "b.xml")
    assert [row.status for row in read.rows] == ["man", "auto"]
    assert [(row.src, row.tgt) for row in person_made(read)] == [((0,), (0, 1))]


def test_gold_without_any_status_is_a_persons(tmp_path):
    read = read_beads(file(tmp_path / "gold.txt", "[0]:[0]\n[1]:[1]\n"))
    assert person_made(read) == read.rows


@needs_data
def test_the_gold_files_of_the_field():
    berg = read_beads(DATA / "text-berg" / "dev.defr")
    # its README: 422 beads; it leaps over sentences and leaves out two, so it is no Alignment
    assert (berg.format, len(berg.rows)) == ("vecalign", 422)
    with pytest.raises(InputError, match=r"dev\.defr:\d+: expected neighbouring target sentences"):
        to_alignment(berg, 468, 554)
    hand = read_beads(DATA / "coursera_doc_ja-en" / "gold_alignment_res.txt", base=1)
    assert (hand.format, hand.rows[4].src, hand.rows[4].tgt) == ("columns", (4, 5), (4,))
    with pytest.raises(
        InputError, match=r":51: expected every sentence once, found source sentence 50 again \(line 41\)"
    ):
        to_alignment(hand, 92, 76)
    for path in [*(DATA / "kyoto" / "dev").glob("*.gold"), *(DATA / "progit2").glob("*.gold")]:
        sizes = [len(path.with_suffix(end).read_text("utf-8").splitlines()) for end in (".ja", ".en")]
        alignment = to_alignment(read_beads(path), *sizes)
        assert sum(bool(b.src and b.tgt) for b in alignment.beads) == len(read_beads(path).rows)


# --- mistakes

MISTAKES = [
    ("a.vecalign", "[0]:[0]\n[1]:[1\n", "a.vecalign:2: expected [source numbers]:[target numbers]"),
    ("a.vecalign", "[0]:[0]\n\n[1]:[1]\n", "a.vecalign:2: expected [source numbers]"),
    ("a.vecalign", "[0, 0]:[0]\n", "a.vecalign:1: expected each sentence once, found [0, 0]"),
    ("a.vecalign", "[-1]:[0]\n", "a.vecalign:1: expected [source"),
    ("a.vecalign", "[0]:[0]:nan\n", "a.vecalign:1: expected [source"),
    ("a.vecalign", "[0]:[__import__('os')]\n", "a.vecalign:1: expected [source"),
    ("a.vecalign", "[99999999999]:[0]\n", "a.vecalign:1: expected [source"),
    ("a.ladder", "1\t0\t0\n", "a.ladder:1: expected a first rung 0 0, found 1 0"),
    ("a.ladder", "0\t0\t0\n2\t2\t1\n1\t3\t1\n", "a.ladder:3: expected a rung beyond 2 2, found 1 3"),
    ("a.ladder", "0\t0\t0\n0\t0\t1\n", "a.ladder:2: expected a rung beyond 0 0"),
    ("a.ladder", "0\t0\t0\nx\t0\t1\n", "a.ladder:2: expected source and target position"),
    ("a.jsonl", '{"src_ids": [0]}\n', "a.jsonl:1: expected tgt_ids as a list of sentence numbers, found no tgt_ids"),
    ("a.jsonl", '{"src_ids": [true], "tgt_ids": []}\n', "a.jsonl:1: expected src_ids as a list"),
    (
        "a.jsonl",
        '{"src_ids": [0], "tgt_ids": [], "probability": 2}\n',
        "a.jsonl:1: expected a probability from 0 to 1, found 2",
    ),
    ("a.jsonl", '{"src_ids": [0], "tgt_ids": [], "score": "x"}\n', "a.jsonl:1: expected score as a number or null"),
    ("a.jsonl", '{"src_ids": [0], "tgt_ids": [], "links": [[1, 2]]}\n', "a.jsonl:1: expected links as"),
    ("a.jsonl", "[1]\n", "a.jsonl:1: expected a JSON object, found list"),
    ("a.jsonl", "{\n", "a.jsonl:1: expected a JSON object"),
    ("a.tsv", "a\tb\tx\t\t0\t0\n", "a.tsv:1: expected a number, found 'x'"),
    ("a.tsv", "a\tb\t\t\t0\tx\n", "a.tsv:1: expected sentence numbers, comma between, found 'x'"),
    ("a.tsv", "a\tb\n", "a.tsv: expected sentence numbers, or the sentences of both sides given beside it"),
    ("a.xml", "<linkGrp><link xtargets='1'/></linkGrp>", "a.xml:1: expected xtargets='source ids;target ids'"),
    ("a.xml", "<linkGrp><link xtargets='x;1'/></linkGrp>", "a.xml:1: expected ids with a number in them"),
    ("a.xml", "<linkGrp>\n<link xtargets='1;1'", "a.xml:2: expected XML, found a mistake"),
    ("a.xml", "<linkGrp/>", "a.xml: expected links with xtargets, found none"),
    (
        "a.xml",
        '<!DOCTYPE a [<!ENTITY b "c">]><linkGrp/>',
        "a.xml:1: expected XML without entities of its own, found the entity b",
    ),
    ("a.tmx", "<linkGrp/>", "a.tmx: expected the element tmx, found linkGrp"),
    ("a.tmx", "<tmx><body/></tmx>", "a.tmx: expected units in ja and en, found none"),
    ("a.what", "hello\n", "a.what:1: expected an alignment (vecalign"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_mistake_is_told_with_file_line_expected_and_found(tmp_path, name, text, message):
    format = {"a.tsv": "tsv"}.get(name, "auto")
    with pytest.raises(InputError) as error:
        read_beads(file(tmp_path / name, text), format=format)
    assert str(error.value).replace(f"{tmp_path}/", "").startswith(message), str(error.value)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(OptionError, match="format: expected auto or one of vecalign"):
        read_beads(tmp_path / "x", format="giza")
    with pytest.raises(OptionError, match="format: expected one of vecalign"):
        write_rows(io.StringIO(), [], Sheet([], []), format="giza")


def test_an_empty_file_is_an_alignment_of_nothing(tmp_path):
    for name in ("a.path", "a.txt", "a.jsonl", "a.tsv"):
        read = read_beads(file(tmp_path / name, ""))
        assert read.rows == ()
        assert to_alignment(read, 0, 0).beads == ()


def test_several_documents_in_one_file(tmp_path):
    rows = [{"src_ids": [0], "tgt_ids": [0], "src_doc": d, "tgt_doc": d + "e"} for d in ("a", "b", "a")]
    rows[2]["src_ids"] = rows[2]["tgt_ids"] = [1]
    path = file(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [(f.names, len(f.rows)) for f in read_documents(path)] == [(("a", "ae"), 2), (("b", "be"), 1)]
    with pytest.raises(InputError, match="expected one pair of documents, found 2"):
        read_beads(path)


# --- round trips

# What comes back of a row: scores are one number (the probability where there is one) or both.
HOLDS = {
    "vecalign": "one",
    "sentalign": "one",
    "hunalign": "one",
    "hunalign-text": "one",
    "bertalign": "none",
    "pairs": "none",
    "tsv": "both",
    "jsonl": "both",
    "intertext": "one",
    "tmx": "both",
    "columns": "none",
}
NUMBERED = ("vecalign", "sentalign", "hunalign", "tsv", "jsonl", "intertext", "tmx", "columns")

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(lambda t: "x" + t + "y")
numbers = st.none() | st.floats(-99, 99).map(lambda x: float(f"{x:.6g}"))
likely = st.none() | st.floats(0, 1).map(lambda x: float(f"{x:.4g}"))
sizes = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any)


def close(found, expected):
    """Equal to six digits, None to None only."""
    return [x is None for x in found] == [y is None for y in expected] and all(
        x == pytest.approx(y, abs=1e-6, rel=1e-5) for x, y in zip(found, expected, strict=True) if x is not None
    )


@st.composite
def alignments(draw):
    beads, src, tgt = [], 0, 0
    for n, m in draw(st.lists(sizes, max_size=7)):
        beads.append(Bead(range(src, src + n), range(tgt, tgt + m), draw(numbers), draw(likely)))
        src, tgt = src + n, tgt + m
    # different texts on each side, so that looking for them can find only the right ones
    sides = [[f"{k} {draw(texts)} {k}" for k in range(count)] for count in (src, tgt)]
    return Alignment("日本語.txt", 'a "b" <c>.txt', tuple(beads)), *sides


def test_the_table_names_every_format():
    assert set(HOLDS) == set(FORMATS)


@pytest.mark.parametrize("format", NUMBERED)
@given(made=alignments(), base=st.sampled_from([0, 1]))
@HARMLESS
def test_numbers_and_scores_come_back(tmp_path, format, made, base):
    alignment, src, tgt = made
    written = write_beads(tmp_path / "x", alignment, src, tgt, format=format, base=base)
    pairs = [b for b in alignment.beads if b.src and b.tgt]
    kept = pairs if format in PAIR_FORMATS or format == "columns" else list(alignment.beads)
    assert written == Written(len(alignment.beads), len(kept), len(alignment.beads) - len(kept))
    if format in ("tmx", "intertext") and not kept:
        with pytest.raises(InputError, match="found none"):
            read_beads(tmp_path / "x", format=format)
        return
    read = read_beads(tmp_path / "x", format=format, base=base)
    assert ids(read) == [(tuple(b.src), tuple(b.tgt)) for b in kept]
    back = to_alignment(read, len(src), len(tgt))
    if len(kept) == len(alignment.beads):
        assert [(b.src, b.tgt) for b in back.beads] == [(b.src, b.tgt) for b in alignment.beads]
    if HOLDS[format] == "both":
        assert close([row.score for row in read.rows], [b.score for b in kept])
        assert close([row.probability for row in read.rows], [b.probability for b in kept])
    elif HOLDS[format] == "one":
        probable = any(b.probability is not None for b in kept)
        one = [b.probability if probable else b.score for b in kept]
        if format == "vecalign":
            one = [None if x is None else 1 - x if probable else -x for x in one]
        assert close([row.score for row in read.rows], one)
        assert all(row.probability is None for row in read.rows)


@pytest.mark.parametrize("format", ["hunalign-text", "bertalign", "pairs", "tsv", "tmx"])
@given(made=alignments())
@HARMLESS
def test_texts_are_found_among_the_sentences(tmp_path, format, made):
    alignment, src, tgt = made
    write_beads(tmp_path / "x", alignment, src, tgt, format=format)
    if format == "tsv":  # as another program would have written it
        lines = (tmp_path / "x").read_text("utf-8").split("\n")
        file(tmp_path / "x", "\n".join("\t".join(line.split("\t")[:3]) for line in lines))
    if format == "tmx":
        text = (tmp_path / "x").read_text("utf-8")
        file(tmp_path / "x", text.replace('type="src-ids"', 'type="other"'))
    pairs = [b for b in alignment.beads if b.src and b.tgt]
    if format == "tmx" and not pairs:
        return
    read = read_beads(tmp_path / "x", format=format, sentences=(src, tgt))
    kept = pairs if format in PAIR_FORMATS else alignment.beads
    assert ids(read) == [(tuple(b.src), tuple(b.tgt)) for b in kept]
    if format == "hunalign-text":
        assert ids(read_beads(tmp_path / "x", format=format)) == ids(read)


@given(made=alignments())
@HARMLESS
def test_json_lines_hold_everything(tmp_path, made):
    alignment, src, tgt = made
    rows = [
        replace(row, status="man" if n % 2 else None, links=Links((((0, 1), (0, 2)),)) if row.src and row.tgt else None)
        for n, row in enumerate(rows_of(alignment))
    ]
    names = (alignment.src_id, alignment.tgt_id)
    write_rows(
        tmp_path / "x.jsonl", rows, Sheet(src, tgt, names=names, translations=0.25, origin="align:x"), format="jsonl"
    )
    read = read_beads(tmp_path / "x.jsonl")
    assert ids(read) == [(row.src, row.tgt) for row in rows]
    assert [(row.status, row.links) for row in read.rows] == [(row.status, row.links) for row in rows]
    if rows:
        assert (read.names, read.translations, read.origin) == (names, 0.25, "align:x")
    assert read.sentences == (tuple(src), tuple(tgt))
    # the same file is a bitext
    joined = [("".join(src[n] for n in row.src), " ".join(tgt[n] for n in row.tgt)) for row in rows]
    assert [(a, b) for _, a, b in read_pairs(tmp_path / "x.jsonl")] == joined


def test_links_may_be_numbers_of_words(tmp_path):
    record = {
        "src_ids": [0],
        "tgt_ids": [0],
        "src_tokens": [[0, 1], [1, 3]],
        "tgt_tokens": [[0, 3], [4, 5]],
        "links": [[1, 0], [0, 1]],
    }
    read = read_beads(file(tmp_path / "a.jsonl", json.dumps(record) + "\n"))
    assert read.rows[0].links == Links((((0, 1), (4, 5)), ((1, 3), (0, 3))))
    record["links"] = [[7, 0]]
    with pytest.raises(InputError, match=r"a\.jsonl:1: expected links as"):
        read_beads(file(tmp_path / "a.jsonl", json.dumps(record) + "\n"))


def test_a_table_cannot_hold_tabs_breaks_and_hunaligns_mark():
    alignment = Alignment("a", "b", (Bead(range(1), range(1)),))
    for format, expected in (
        ("hunalign-text", "a b ~~ c d\te f\n"),
        ("bertalign", "a b ~~~ c d\te f\n"),
        ("pairs", "a b ~~~ c d\te f\n"),
    ):
        out = io.StringIO()
        write_beads(out, alignment, ["a\tb ~~~ c\nd"], ["e\r\nf"], format=format)
        assert out.getvalue() == expected


def test_an_empty_sentence_alone_on_its_side_looks_like_none(tmp_path):
    alignment = Alignment("a", "b", (Bead(range(1), range(1)), Bead(range(1, 2), range(1, 2))))
    write_beads(tmp_path / "x", alignment, ["猫", ""], ["Cat", "Dog"], format="hunalign-text")
    assert ids(read_beads(tmp_path / "x", format="hunalign-text")) == [((0,), (0,)), ((), (1,))]


def test_doubtful_pairs_are_left_out_of_pair_formats_only_and_counted():
    beads = (
        Bead(range(1), range(1), None, 0.4),
        Bead(range(1, 2), range(1, 1), None, 0.1),
        Bead(range(2, 3), range(1, 2), None, 0.9),
    )
    alignment = Alignment("a", "b", beads, Signature.of(method="x"))
    for format in FORMATS:
        out = io.StringIO()
        done = write_beads(out, alignment, ["a", "b", "c"], ["d", "e"], format=format, min_probability=0.5)
        if format in PAIR_FORMATS:
            assert done == Written(3, 1, 1, 1)
            assert "c" in out.getvalue()
            assert ">d<" not in out.getvalue()
        else:
            assert done.doubtful == 0
    with pytest.raises(ValueError, match="expected 3 beads in the counts"):
        Written(3, 1, 1, 0)


def test_the_sentences_must_be_those_of_the_alignment():
    with pytest.raises(
        ValueError, match=r"alignment of \(1, 1\) sentences: expected the sentences it is of, found \(2, 1\)"
    ):
        write_beads(io.StringIO(), Alignment("a", "b", (Bead(range(1), range(1)),)), ["x", "y"], ["z"], format="tsv")


def test_what_xml_cannot_hold_is_replaced_and_others_read_the_file(tmp_path):
    from lxml import etree
    from translate.storage.tmx import tmxfile

    alignment = Alignment("a\x01.txt", "b&<.txt", (Bead(range(2), range(1), 0.5, 0.75),))
    src, tgt = ["猫\x00と", "<犬> & ]]>"], ["A cat\ud800 and\ufffe a dog"]
    for format in ("tmx", "intertext"):
        write_beads(tmp_path / f"x.{format}", alignment, src, tgt, format=format)
        etree.parse(tmp_path / f"x.{format}")
    [unit] = tmxfile.parsefile(str(tmp_path / "x.tmx")).units
    assert str(unit.source) == "猫\ufffdと<犬> & ]]>"
    assert str(unit.target) == "A cat\ufffd and\ufffd a dog"
    read = read_beads(tmp_path / "x.tmx")
    assert (ids(read), read.rows[0].score, read.rows[0].probability) == ([((0, 1), (0,))], 0.5, 0.75)
    assert [(a, b) for _, a, b in read_pairs(tmp_path / "x.tmx")] == [(str(unit.source), str(unit.target))]
    props = [p.get("type") for p in etree.parse(tmp_path / "x.tmx").iterfind(".//tu/prop")]
    assert props == ["type", "score-bead", "score-probability", "src-ids", "tgt-ids"]


def test_half_a_character_does_not_stop_json_lines(tmp_path):
    alignment = Alignment("a", "b", (Bead(range(1), range(1)),))
    write_beads(tmp_path / "x.jsonl", alignment, ["猫\ud800\u2028"], ["Cat"], format="jsonl")
    assert read_beads(tmp_path / "x.jsonl").sentences == (("猫\ud800\u2028",), ("Cat",))


# --- rows to an alignment


@given(made=alignments(), drop=st.sets(st.integers(0, 6)), seed=st.randoms())
@HARMLESS
def test_rows_in_any_order_and_with_holes_become_an_alignment_of_every_sentence(made, drop, seed):
    alignment, src, tgt = made
    rows = [row for n, row in enumerate(rows_of(alignment)) if n not in drop]
    pairs = [(row.src, row.tgt) for row in rows if row.src and row.tgt]
    seed.shuffle(rows)
    made_of = to_alignment(BeadFile(tuple(rows), "vecalign"), len(src), len(tgt))
    assert [(tuple(b.src), tuple(b.tgt)) for b in made_of.beads if b.src and b.tgt] == pairs
    assert [n for b in made_of.beads for n in b.src] == list(range(len(src)))
    assert [n for b in made_of.beads for n in b.tgt] == list(range(len(tgt)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0]:[0]\n[0]:[1]\n", "a.txt:2: expected every sentence once, found source sentence 0 again (line 1)"),
        ("[0]:[0]\n[1]:[0]\n", "a.txt:2: expected every sentence once, found target sentence 0 again (line 1)"),
        ("[0, 2]:[0]\n", "a.txt:1: expected neighbouring source sentences, found [0, 2]"),
        ("[0]:[5]\n", "a.txt:1: expected target sentences up to 2, found 5"),
        (
            "[0]:[1]\n[1]:[0]\n",
            "a.txt:1: expected beads in the order of both documents, found [0]:[1], which crosses another",
        ),
    ],
)
def test_the_first_conflict_is_named(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        to_alignment(read_beads(file(tmp_path / "a.txt", text)), 3, 3)
    assert str(error.value).replace(f"{tmp_path}/", "") == message


def test_null_beads_keep_the_order_of_the_file():
    rows = (Row((0,), (0,)), Row((), (1,)), Row((1,), ()), Row((2,), (2,)))
    for order in (rows, (rows[0], rows[2], rows[1], rows[3])):
        beads = to_alignment(BeadFile(order, "x"), 3, 3).beads
        assert [(tuple(b.src), tuple(b.tgt)) for b in beads] == [(row.src, row.tgt) for row in order]


def test_ten_thousand_texts_are_found_in_a_moment(tmp_path):
    src, tgt = [f"文{n}。" for n in range(10_000)], [f"Sentence {n}." for n in range(10_000)]
    beads = tuple(Bead(range(n, n + 1), range(n, n + 1)) for n in range(10_000))
    write_beads(tmp_path / "x", Alignment("a", "b", beads), src, tgt, format="pairs")
    read = read_beads(tmp_path / "x", sentences=(src, tgt))
    assert all(a.src[0] + 1 == b.src[0] for a, b in pairwise(read.rows))
