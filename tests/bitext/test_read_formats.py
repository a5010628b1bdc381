"""Every format a bitext comes in. Truth: files written by hand after their specifications, and parquet written by pyarrow."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext import jsonl, tmx
from mt.bitext.read import read_pairs
from mt.errors import CountError, InputError
from mt.types import Pair

# After the example of the TMX 1.4b specification: two languages and a third, an older `lang`, inline elements, a comment.
TMX = """<?xml version="1.0"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence" o-tmf="x" adminlang="en" srclang="en" datatype="xml"/>
<body>
<tu tuid="1"><tuv xml:lang="EN-US"><seg>Press <bpt i="1">&lt;b></bpt>OK<ept i="1">&lt;/b></ept>.</seg></tuv>
<tuv xml:lang="ja"><seg>OK を<hi>押します</hi>。</seg></tuv></tu>
<!-- no Japanese: no pair -->
<tu><tuv xml:lang="en"><seg>Yes</seg></tuv><tuv xml:lang="fr"><seg>Oui</seg></tuv></tu>
<tu><tuv lang="ja_JP"><seg>&#x732B; &amp; 犬</seg></tuv><tuv lang="en"><seg>Cat &amp; dog</seg></tuv></tu>
</body></tmx>
"""


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_tmx_units_of_both_languages(tmp_path):
    path = written(tmp_path, "m.tmx", TMX)
    assert list(read_pairs(path)) == [(5, "OK を押します。", "Press OK."), (9, "猫 & 犬", "Cat & dog")]
    assert [r[1:] for r in read_pairs(path, src_lang="en", tgt_lang="fr")] == [("Yes", "Oui")]
    assert len(list(read_pairs(written(tmp_path, "m.tmx.gz", gzip.compress(TMX.encode()))))) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TMX.replace("</body>", ""), r"m\.tmx:10: expected TMX, found a mistake \(mismatched tag\)"),
        ("<html/>", r"m\.tmx:1: expected the element tmx, found html"),
        ("", r"found a mistake \(no element found\)"),
        (TMX.replace("ja", "de"), r"expected units in ja and en, found languages de, de-jp, en, en-us, fr"),
        (
            '<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<tmx><body/></tmx>',
            r"expected TMX without entities of its own, found the entity a",
        ),
        (
            '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]><tmx/>',
            r"without entities of its own, found the entity a",
        ),
    ],
)
def test_what_is_no_tmx_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        list(read_pairs(written(tmp_path, "m.tmx", text)))


def test_a_pair_of_files(tmp_path):
    src, tgt = written(tmp_path, "a.ja", "猫\n\n犬\n"), written(tmp_path, "a.en", "Cat\n\nDog\n")
    assert list(read_pairs(src, tgt_path=tgt)) == [(1, "猫", "Cat"), (2, "", ""), (3, "犬", "Dog")]
    short = written(tmp_path, "b.en", "Cat\n")
    for files in ((src, short), (short, src)):
        with pytest.raises(CountError, match=r"b\.en: expected 3 lines as in .*a\.ja, found 1 line"):
            list(read_pairs(files[0], tgt_path=files[1]))


def test_json_lines_in_three_shapes(tmp_path):
    text = (
        '{"src": "猫", "tgt": "Cat", "id": 1}\n{"ja": "犬", "en": "Dog"}\n{"translation": {"ja": "鳥", "en": "Bird"}}\n'
    )
    assert list(read_pairs(written(tmp_path, "a.jsonl", text))) == [
        (1, "猫", "Cat"),
        (2, "犬", "Dog"),
        (3, "鳥", "Bird"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "expected a JSON object, found '{'"),
        ("[]", "expected src and tgt, or ja and en, as text, found list"),
        ('{"ja": "猫", "fr": "Chat"}', "found keys ja, fr"),
        ('{"src": "猫", "tgt": 3}', "found keys src, tgt"),
    ],
)
def test_json_lines_that_hold_no_pair(tmp_path, line, said):
    path = written(tmp_path, "a.jsonl", f'{{"src": "a", "tgt": "b"}}\n{line}\n')
    with pytest.raises(InputError, match=r"a\.jsonl:2: .*") as error:
        list(read_pairs(path))
    assert said in str(error.value)


def test_parquet_as_pyarrow_writes_it(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs the extra `corpora`")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra `corpora`")
    pytest.importorskip("datasets", reason="needs the extra `corpora`")

    path = tmp_path / "a.parquet"
    rows = [{"translation": {"ja": "猫", "en": "Cat"}}, {"translation": {"ja": "犬", "en": "Dog"}}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert list(read_pairs(path)) == [(1, "猫", "Cat"), (2, "犬", "Dog")]
    pq.write_table(pa.Table.from_pylist([{"de": "x"}]), path)
    with pytest.raises(InputError, match="found columns de"):
        list(read_pairs(path))
    with pytest.raises(InputError, match="expected a dataset that can be read"):
        list(read_pairs(written(tmp_path, "b.parquet", "no parquet")))
    with pytest.raises(InputError, match="nothing there"):
        list(read_pairs(tmp_path / "c.parquet"))


LEGAL = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=20
)


@given(st.lists(st.tuples(LEGAL, LEGAL), min_size=1, max_size=5))
def test_what_the_writers_write_is_read_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("formats")
    pairs = [Pair(str(n), s, t, "x") for n, (s, t) in enumerate(rows, 1)]
    one = written(folder, "a.jsonl", jsonl.dumps(jsonl.pair_record(p) for p in pairs))
    other = written(folder, "a.tmx", tmx.dumps(pairs, src_lang="ja", tgt_lang="en", tool_version="1"))
    assert [r[1:] for r in read_pairs(one)] == rows
    assert [r[1:] for r in read_pairs(other)] == rows
