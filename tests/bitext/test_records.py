"""Reading record by record: what is malformed is counted with its line, what is no file of its format is an error."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext import records_text, tmx
from mt.bitext.records import Layout, Record, Reject, records
from mt.bitext.stream import lines
from mt.errors import ConfigError, CountError, InputError
from mt.types import Pair

PACK = {"plain": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}
FORMATS = Path("../shared/data/formats")


def written(folder, name, text):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def short(path, **layout):
    """(line, src, tgt) of pairs, (line, reason) of rejects."""
    found = records(path, Layout(**layout))
    return [one[:3] if isinstance(one, Record) else (one.line, one.reason) for one in found]


@pytest.mark.parametrize("kind", PACK)
def test_a_malformed_row_is_a_reject_and_the_rest_goes_on(tmp_path, kind):
    data = "猫\tCat\n犬\n\n鳥\tBird\tx\r\n魚\tFish\r\n".encode() + b"\xff\xfe\tx\n" + "虫\tBug".encode()
    path = written(tmp_path, "a.tsv", PACK[kind](data))
    assert short(path) == [
        (1, "猫", "Cat"),
        (2, "bad-columns"),
        (3, "bad-columns"),
        (4, "bad-columns"),
        (5, "魚", "Fish"),
        (6, "bad-encoding"),
        (7, "虫", "Bug"),
    ]


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40), st.integers(1, 20))
def test_lines_are_those_of_the_strict_reader_whatever_the_blocks(tmp_path_factory, text, size):
    path = written(tmp_path_factory.mktemp("lines"), "a", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records_text, "_BLOCK", size)
        assert list(records_text.raw_lines(path)) == list(enumerate(lines(path), 1))


def test_a_line_without_end_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(records_text, "_BLOCK", 16)
    monkeypatch.setattr(records_text, "LONGEST_LINE", 10)
    path = written(tmp_path, "a.tsv", "a\tb\n" + "x" * 200 + "\nc\td\n" + "y" * 100)
    found = list(records_text.raw_lines(path))
    assert [(n, one if isinstance(one, str) else one.reason) for n, one in found] == [
        (1, "a\tb"),
        (2, "too-long"),
        (3, "c\td"),
        (4, "too-long"),
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tsv", bytes(range(256)) * 20),
        ("a.jsonl", "".join(f"line {n}\n" for n in range(10)).encode()),
        ("a.jsonl", b'[\n{"ja": "x", "en": "y"}\n]\n'),
        ("a.po", b"<html>\n"),
        ("a.tmx", b"<html></html>"),
        ("a.xlf", b"<xliff><file>"),
        ("a.parquet", b"no parquet"),
        ("a.tsv.zst", zstandard.compress(b"a\tb\n" * 10_000)[:-9]),
    ],
)
def test_what_is_not_of_its_format_is_an_error(tmp_path, name, data):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="needs the extra `corpora`")
    with pytest.raises(InputError, match=name):
        list(records(written(tmp_path, name, data)))


def test_a_short_file_with_nothing_but_slips_and_an_empty_one_are_no_errors(tmp_path):
    assert short(written(tmp_path, "a.tsv", "x\n")) == [(1, "bad-columns")]
    assert short(written(tmp_path, "b.tsv", "")) == []
    with pytest.raises(InputError, match="nothing there"):
        list(records(tmp_path / "none.tsv"))


def test_sides_that_are_no_sentences(tmp_path):
    long = "x" * 100_001
    assert short(written(tmp_path, "a.tsv", f"a\tb\n{long}\tb\n")) == [(1, "a", "b"), (2, "too-long")]


def test_moses_files_must_be_equally_long(tmp_path):
    src, tgt = (
        written(tmp_path, "a.ja", "猫\n\n犬\n".encode() + b"\xff\n"),
        written(tmp_path, "a.en", "Cat\n\nDog\nx\n"),
    )
    found = list(records(src, tgt_path=tgt))
    assert found[:3] == [Record(1, "猫", "Cat"), Record(2, "", ""), Record(3, "犬", "Dog")]
    assert found[3][:2] == (4, "bad-encoding")
    with pytest.raises(CountError, match=r"b\.en: expected 4 lines as in .*a\.ja, found 1 line"):
        list(records(src, tgt_path=written(tmp_path, "b.en", "Cat\n")))


def test_tables_say_themselves_what_their_columns_are(tmp_path):
    header = written(tmp_path, "a.tsv", "en\tscore\tja\tdoc\nCat\t0.5\t猫\tx\nDog\t?\t犬\ty\n")
    assert list(records(header)) == [Record(2, "猫", "Cat", "x"), Record(3, "犬", "Dog", "y")]
    rows = "".join(f"{0.9 - n / 100}\t猫{n}\tCat {n}\n" for n in range(20))  # as LASER and `mt mine` write pairs
    assert next(iter(records(written(tmp_path, "b.tsv", rows)))) == Record(1, "猫0", "Cat 0", "", {"score": 0.9})
    rows = "".join(f"猫{n}\tCat {n}\t{n / 100}\tx\t7\n" for n in range(20))
    assert list(records(written(tmp_path, "c.tsv", rows)))[1] == Record(
        2, "猫1", "Cat 1", "", {"score": 0.01, "score2": 7}
    )


def test_columns_that_are_told(tmp_path):
    path = written(tmp_path, "a.tsv", "u1\tCat\t猫\t0.7\tmore\nu2\tDog\t犬\tx\tmore\nu3\tBird\n")
    columns = {"src": "3", "tgt": "2", "document": "1", "quality": "4"}
    assert list(records(path, Layout(columns=columns))) == [
        Record(1, "猫", "Cat", "u1", {"quality": 0.7}),
        Record(2, "犬", "Dog", "u2", {}),
        Reject(3, "bad-columns", "u3\tBird"),
    ]
    with pytest.raises(ConfigError, match=r"columns\.src: expected a number from 1 or a name in the header"):
        list(records(path, Layout(columns={"src": "ja", "tgt": "en"})))
    with pytest.raises(ConfigError, match="src and tgt among them"):
        Layout(columns={"src": "1"})
    with pytest.raises(ConfigError, match="format: expected one of auto, tsv"):
        Layout(format="xls")


def test_tables_of_paracrawl(tmp_path):
    # the columns as the notes on the field have them: url url text text checksum checksum hash score bicleaner collection
    raw = written(tmp_path, "raw", "u1\tu2\tCat\t猫\tc\tc\th\t1.0\t0.8\tx\n")
    assert list(records(raw, Layout("en", "ja", "paracrawl"))) == [Record(1, "Cat", "猫", "u1", {"bicleaner": 0.8})]
    japanese = written(tmp_path, "en-ja.txt", "a.jp\ta.jp\t0.77\tCat\t猫\n")
    assert list(records(japanese, Layout("ja", "en", "jparacrawl"))) == [
        Record(1, "猫", "Cat", "a.jp", {"bicleaner": 0.77})
    ]


def test_json_lines_with_documents_and_scores(tmp_path):
    rows = [
        {"src": "猫", "tgt": "Cat", "document": "d1", "scores": {"logprob": -1.5, "ok": True}},
        {"translation": {"ja": "犬", "en": "Dog"}, "score": 0.5},
        {"ja": "鳥"},
        [],
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows) + '{"ja": "\\ud800", "en": "x"}\n{"ja"\n'
    found = list(records(written(tmp_path, "a.jsonl", text)))
    assert found[:2] == [Record(1, "猫", "Cat", "d1", {"logprob": -1.5}), Record(2, "犬", "Dog", "", {"score": 0.5})]
    assert [one[:2] for one in found[2:]] == [
        (3, "no-language"),
        (4, "no-language"),
        (5, "bad-encoding"),
        (6, "bad-json"),
    ]


TMX = """<?xml version="1.0"?>
<tmx version="1.4"><header srclang="en"/><body>
<tu><prop type="score-bicleaner-ai">0.9</prop><prop type="info">x</prop>
<tuv xml:lang="en"><prop type="source-document">http://a/en</prop>
<seg>The <bpt i="1">&lt;b&gt;</bpt>cat<ept i="1">&lt;/b&gt;</ept> &amp; co</seg></tuv>
<tuv xml:lang="ja-JP"><seg>猫&#x1F;など</seg></tuv></tu>
<tu><tuv lang="EN"><seg>Dog</seg></tuv><tuv lang="de"><seg>Hund</seg></tuv></tu>
<tu><tuv lang="EN-us"><seg>A<ph type="lb"/>b</seg></tuv><tuv lang="JA"><seg>鳥</seg></tuv></tu>
</body></tmx>"""


def test_tmx_with_properties_old_attributes_and_forbidden_characters(tmp_path):
    path = written(tmp_path, "a.tmx", TMX)
    assert list(records(path)) == [
        Record(3, "猫など", "The cat & co", "http://a/en", {"bicleaner-ai": 0.9}),
        Reject(7, "no-language", "Dog"),
        Record(8, "鳥", "A b"),
    ]
    kept = list(records(path, Layout(tags=True)))
    assert kept[0].tgt == 'The <bpt i="1">&lt;b&gt;</bpt>cat<ept i="1">&lt;/b&gt;</ept> &amp; co'
    assert kept[2].tgt == 'A<ph type="lb"/>b'


def test_tmx_of_ours_comes_back_with_its_scores(tmp_path):
    pairs = [Pair("1", "猫", "Cat", "mt", {"margin": 1.25})]
    path = written(tmp_path, "a.tmx", tmx.dumps(pairs, src_lang="ja", tgt_lang="en", tool_version="1"))
    assert next(iter(records(path)))[1:] == ("猫", "Cat", "", {"margin": 1.25})


def test_an_entity_is_refused(tmp_path):
    text = '<!DOCTYPE xliff [<!ENTITY a "b">]><xliff version="1.2"><file/></xliff>'
    with pytest.raises(InputError, match="found the entity a"):
        list(records(written(tmp_path, "a.xlf", text)))


XLIFF1 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="a.html" source-language="en-US" target-language="ja">
<body><trans-unit id="1"><source>Hello <g id="1">big</g> <x id="2"/>world</source><target>やあ、
   <g id="1">大きな</g>世界</target><alt-trans><source>Hi</source><target>おい</target></alt-trans></trans-unit>
<trans-unit id="2"><source>New</source><target state="new">New</target></trans-unit>
<trans-unit id="3"><source>None</source></trans-unit>
<trans-unit id="4"><source>Guess</source><target state="needs-review-translation">推測</target></trans-unit>
<trans-unit id="5"><source>One. Two.</source><seg-source><mrk mtype="seg" mid="0">One.</mrk> <mrk mtype="seg" mid="1">Two.</mrk></seg-source>
<target><mrk mtype="seg" mid="0">一。</mrk><mrk mtype="seg" mid="1">二。</mrk></target></trans-unit>
</body></file></xliff>"""
XLIFF2 = """<xliff version="2.1" srcLang="ja" trgLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:mtc="urn:x">
<file id="f"><unit id="1"><mtc:matches><mtc:match><source>x</source><target>y</target></mtc:match></mtc:matches>
<segment state="final"><source>猫<ph id="1"/>。</source><target>A <pc id="1">cat</pc>.</target></segment><ignorable><source> </source></ignorable>
<segment><source>犬。</source><target>A dog.</target></segment>
<segment state="initial"><source>鳥。</source><target>鳥。</target></segment></unit></file></xliff>"""


def test_xliff_in_both_versions_and_directions(tmp_path):
    path = written(tmp_path, "a.xlf", XLIFF1)
    assert list(records(path)) == [
        Record(3, "やあ、 大きな世界", "Hello big world", "a.html"),
        Reject(5, "untranslated", "New"),
        Reject(6, "untranslated", "None"),
        Reject(7, "fuzzy", "推測", "推測", "Guess"),
        Record(8, "一。", "One.", "a.html"),
        Record(8, "二。", "Two.", "a.html"),
    ]
    assert next(iter(records(path, Layout(tags=True)))).tgt == 'Hello <g id="1">big</g> <x id="2"/>world'
    assert {one[1] for one in short(path, src_lang="de", tgt_lang="fr")} == {"no-language", "untranslated"}
    assert short(written(tmp_path, "b.xliff", XLIFF2)) == [
        (3, "猫。", "A cat."),
        (4, "犬。", "A dog."),
        (5, "untranslated"),
    ]


PO = r"""# a comment
msgid ""
msgstr ""
"Language: ja_JP\n"
"Content-Type: text/plain; charset=UTF-8\n"

#: a.c:1
msgid "Hello\n"
"\"world\""
msgstr "こんにちは\t"
"世界"

#, fuzzy, c-format
msgid "Guess"
msgstr "推測"

#, fuzzy
#~ msgid "Old"
#~ msgstr "古い"

msgctxt "menu"
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d ファイル"

msgid "Empty"
msgstr ""

msgid "broken
msgstr "壊れた"

msgid "Last"
msgstr "最後"
"""


def test_po_with_guesses_plurals_and_slips(tmp_path):
    path = written(tmp_path, "a.po", PO)
    assert list(records(path)) == [
        Record(8, "こんにちは\t世界", 'Hello\n"world"'),
        Reject(14, "fuzzy", "Guess", "推測", "Guess"),
        Record(22, "%d ファイル", "%d files"),
        Reject(26, "untranslated", "Empty"),
        Reject(29, "bad-columns", 'msgid "broken'),
        Record(32, "最後", "Last"),
    ]
    forward = [one for one in records(path, Layout("en", "ja")) if isinstance(one, Record)]
    assert forward[-1] == Record(32, "Last", "最後")
    other = short(path, src_lang="en", tgt_lang="fr")
    assert {reason for _, reason in other} == {"no-language", "bad-columns", "untranslated"}
    eastern = PO.replace("UTF-8", "EUC-JP").encode("euc_jp")
    assert list(records(written(tmp_path, "b.po", eastern))) == list(records(path))


def test_po_as_translate_toolkit_reads_it():
    toolkit = pytest.importorskip("translate.storage.po", reason="needs translate-toolkit, of the extra `dev`")
    files = sorted((FORMATS / "po").glob("*.po")) if FORMATS.is_dir() else []
    if not files:
        pytest.skip("needs ../shared/data/formats")
    for path in files:
        units = [u for u in toolkit.pofile.parsefile(str(path)).units if not u.isheader() and not u.isobsolete()]
        theirs = [(str(u.target), str(u.source)) for u in units if u.istranslated()]
        ours = list(records(path))
        assert [(one.src, one.tgt) for one in ours if isinstance(one, Record)] == theirs
        assert len(ours) == len(units)


def test_xliff_as_translate_toolkit_reads_it():
    toolkit = pytest.importorskip("translate.storage.xliff", reason="needs translate-toolkit, of the extra `dev`")
    files = sorted((FORMATS / "xliff").glob("*.xlf")) if FORMATS.is_dir() else []
    if not files:
        pytest.skip("needs ../shared/data/formats")
    for path in files:
        units = toolkit.xlifffile.parsefile(str(path)).units
        assert len(list(records(path))) == len(units)


def test_parquet_row_by_row(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs the extra `corpora`")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra `corpora`")
    rows = [
        {"translation": {"ja": "猫", "en": "Cat"}, "doc_id": "d", "score": 0.5},
        {"translation": {"ja": None, "en": "Dog"}, "doc_id": None, "score": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert list(records(tmp_path / "a.parquet")) == [
        Record(1, "猫", "Cat", "d", {"score": 0.5}),
        Reject(2, "no-language", "columns translation, doc_id, score"),
    ]
