"""The first stage of a build: units, ids, documents, rejects; the same rows every time."""

import json
import random
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.block import Block
from mt.errors import ConfigError, InputError
from mt.pipeline import corpus_files, corpus_make, corpus_rows
from mt.pipeline.corpus_config import CorpusConfig, NormalizeConfig, SourceConfig
from mt.pipeline.corpus_files import units
from mt.pipeline.corpus_normalize import normaliser
from mt.pipeline.corpus_read import fingerprint, read_unit
from mt.types import Hypothesis


def written(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def config(**sources):
    return CorpusConfig("c", {name: SourceConfig(**source) for name, source in sources.items()})


def everything(made, base):
    """(rows as dicts, rejects) of all units."""
    rows, rejects = [], []
    for unit in units(made, base)[0]:
        for part in read_unit(made, base, unit):
            if not isinstance(part, Block):
                rejects += part
                continue
            assert 0 < len(part) <= corpus_rows.BLOCK
            for n, id in enumerate(part.ids):
                given = {k: v[n] for k, v in part.given.items() if v[n] == v[n]}
                rows.append((id, part.src[n], part.tgt[n], part.documents[n], part.origins[n], given))
    return rows, rejects


def test_files_are_units_and_every_record_has_an_id(tmp_path):
    written(
        tmp_path,
        b_tsv="猫\tCat\n犬\n鳥\tBird\n",
        a_tsv="魚\tFish\n",
        x__c_jsonl='{"src": "虫", "tgt": "Bug", "score": 1}\n',
    )
    made = config(zoo={"path": "*.tsv", "licence": "CC0-1.0"}, ants={"path": "x/c.jsonl"})
    found, notes = units(made, tmp_path)
    assert [(u.name, u.source, u.first, u.names) for u in found] == [
        ("000-zoo-00000", "zoo", 0, ("a",)),
        ("000-zoo-00001", "zoo", 1, ("b",)),
        ("001-ants-00000", "ants", 0, ("c.jsonl",)),
    ]
    assert notes == []
    rows, rejects = everything(made, tmp_path)
    assert rows == [
        ("zoo:00000-000000000", "魚", "Fish", "zoo/a#0000000", "zoo:given", {}),
        ("zoo:00001-000000000", "猫", "Cat", "zoo/b#0000000", "zoo:given", {}),
        ("zoo:00001-000000002", "鳥", "Bird", "zoo/b#0000000", "zoo:given", {}),
        ("ants:00000-000000000", "虫", "Bug", "ants/c.jsonl#0000000", "ants:given", {"score": 1.0}),
    ]
    assert rejects == [{"id": "zoo:00001-000000001", "reason": "bad-columns", "file": "b.tsv", "line": 2, "text": "犬"}]


def test_stars_pair_the_files_of_two_sides(tmp_path):
    written(
        tmp_path,
        d__x__a_ja="猫\n",
        d__x__a_en="Cat\n",
        d__y__b_ja="犬\n",
        d__y__c_en="Dog\n",
        d__z_ja="一\n",
        d__z_en="One\n",
    )
    found, notes = units(config(s={"path": "d/**/*.ja", "tgt_path": "d/**/*.en"}), tmp_path)
    assert [(u.names, [p.name for p in u.files]) for u in found] == [
        (("x/a",), ["a.ja", "a.en"]),
        (("z",), ["z.ja", "z.en"]),
    ]
    assert notes == ["s: 1 source file without a partner: y/b", "s: 1 target file without a partner: y/c"]
    for paths, said in (
        (("d/*.xx", "d/*.en"), "files like that"),
        (("d/z.ja", "d/none"), "nothing there"),
        (("d/**/a.ja", "d/**/z.en"), "files that have partners like"),
    ):
        with pytest.raises(InputError, match=said):
            units(config(s={"path": paths[0], "tgt_path": paths[1]}), tmp_path)
    with pytest.raises(ConfigError, match=r"source\.s\.tgt_path: expected a pattern with 1 star, as path has"):
        units(config(s={"path": "d/*.ja", "tgt_path": "d/*/*.en"}), tmp_path)


def test_documents_are_batches(tmp_path):
    for n in range(40):
        written(tmp_path, **{f"{n:02}_ja_md": "猫", f"{n:02}_en_md": "Cat"})
    found, _ = units(config(s={"path": "*.ja.md", "tgt_path": "*.en.md", "make": "align"}), tmp_path)
    assert [(u.name, u.first, len(u.files), u.names[0]) for u in found] == [
        ("000-s-00000", 0, 64, "00"),
        ("000-s-00001", 32, 16, "32"),
    ]


def test_documents_of_rows(tmp_path):
    written(
        tmp_path,
        a_tsv="".join(f"{n}\tN {n}\n" for n in range(120)),
        b_jsonl='{"src": "a", "tgt": "b", "document": "d"}\n',
    )
    rows, _ = everything(config(s={"path": "a.tsv"}), tmp_path)
    assert [row[3] for row in rows[49:51]] == ["s/a.tsv#0000000", "s/a.tsv#0000001"]
    by_file, _ = everything(config(s={"path": "a.tsv", "document": "file"}), tmp_path)
    assert {row[3] for row in by_file} == {"s/a.tsv"}
    by_row, _ = everything(config(s={"path": "a.tsv", "document": "row"}), tmp_path)
    assert len({row[3] for row in by_row}) == 120
    written(tmp_path, a_tsv="new\tx\n" + "".join(f"{n}\tN {n}\n" for n in range(120)))
    grown, _ = everything(config(s={"path": "a.tsv", "document": "row"}), tmp_path)
    assert [row[3] for row in grown[1:]] == [row[3] for row in by_row]
    told, _ = everything(config(s={"path": "b.jsonl"}), tmp_path)
    assert told[0][3] == "s/d"


def test_a_catalogue_is_a_document(tmp_path):
    written(tmp_path, ja__a_po='msgid "Cat"\nmsgstr "猫"\n', ja__b_po='msgid "Dog"\nmsgstr "犬"\n')
    rows, _ = everything(config(s={"path": "ja/*.po"}), tmp_path)
    assert [row[1:4] for row in rows] == [("猫", "Cat", "s/a"), ("犬", "Dog", "s/b")]


def test_rows_keep_what_was_read_where_it_differs(tmp_path):
    written(tmp_path, a_tsv="ＮＡＴＯ\tNATO’s\n猫\tCat\n縺ｯ\tItâ€™s\n")
    made = config(s={"path": "a.tsv"})
    [block] = read_unit(made, tmp_path, units(made, tmp_path)[0][0])
    assert (block.src, block.src_raw) == (["NATO", "猫", "は"], ["ＮＡＴＯ", None, "縺ｯ"])
    assert (block.tgt, block.tgt_raw) == (["NATO's", "Cat", "It's"], ["NATO’s", None, "Itâ€™s"])


def test_blocks_are_small_and_ids_ascend(tmp_path):
    lines = ["x" if n % 3 == 2 else f"{n}\tN {n}" for n in range(20_000)]
    written(tmp_path, a_tsv="\n".join(lines))
    rows, rejects = everything(config(s={"path": "a.tsv"}), tmp_path)
    assert len(rows) == sum("\t" in line for line in lines)
    ids = sorted([row[0] for row in rows] + [reject["id"] for reject in rejects])
    assert ids == [f"s:00000-{n:09}" for n in range(20_000)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_a_fingerprint_changes_with_what_changes_rows(tmp_path):
    written(tmp_path, a_tsv="猫\tCat\n")
    base = {"path": "a.tsv"}
    [unit], _ = units(config(s=base), tmp_path)
    plain = fingerprint(config(s=base), unit)
    json.dumps(plain)
    assert fingerprint(config(s=base | {"licence": "CC0-1.0", "weight": 2.0}), unit) == plain
    for change in ({"format": "tsv"}, {"columns": {"src": "1", "tgt": "2"}}, {"document": "row"}, {"tags": True}):
        assert fingerprint(config(s=base | change), unit) != plain
    other = CorpusConfig("c", {"s": SourceConfig("a.tsv")}, normalize=NormalizeConfig(form="nfc"))
    assert fingerprint(other, unit) != plain


FORMS = [NormalizeConfig(form=form) for form in ("nfkc", "nfc", "none")]  # type: ignore[arg-type]


@given(st.text(max_size=40), st.sampled_from(FORMS), st.sampled_from(["ja", "en"]))
def test_normalising_twice_is_normalising_once_and_gives_one_line(text, form, lang):
    fix = normaliser(NormalizeConfig(form=form.form, mojibake=False), lang)
    made = fix(text)
    assert fix(made) == made
    assert len(made.splitlines()) <= 1
    assert "\t" not in made


@given(st.text(max_size=40), st.sampled_from(["ja", "en"]))
def test_the_quick_way_gives_what_the_normaliser_gives(text, lang):
    from mt.text.normalize import normalize

    assert normaliser(NormalizeConfig(mojibake=False, controls=False), lang)(text) == normalize(text, lang)


PAGES = {
    "ja": "# 猫の本\n\n猫がいる。犬もいる。鳥は空を飛ぶ。\n\n```\nx\n```\n\nこの文には訳がありません、本当に何もありません。\n\n魚は海で泳ぐ。\n",
    "en": "# The book of cats\n\nThere is a cat. There is a dog too. Birds fly in the sky.\n\nFish swim in the sea.\n",
}


def test_documents_are_aligned(tmp_path):
    written(tmp_path, a_ja_md=PAGES["ja"], a_en_md=PAGES["en"], b_ja_md="", b_en_md="A cat.\n")
    made = config(s={"path": "*.ja.md", "tgt_path": "*.en.md", "make": "align"})
    rows, rejects = everything(made, tmp_path)
    assert ("猫の本", "The book of cats") in [row[1:3] for row in rows]
    assert ("魚は海で泳ぐ。", "Fish swim in the sea.") in [row[1:3] for row in rows]
    assert all(
        row[3] == "s/a" and row[4] == "s:align" and row[5].keys() == {"probability", "translations"} for row in rows
    )
    assert rejects[0] == {
        "id": "s:00000-000000000",
        "reason": "code-block",
        "file": "a.ja.md",
        "line": 5,
        "text": "```",
    }
    assert rejects[-1] == {"id": "s:00001-000000000", "reason": "unaligned", "file": "b.en.md", "tgt": "A cat."}
    # no sentence is lost: those of rows and of rejects are those of the pages
    shown = "".join(chain((row[1] for row in rows), (r.get("src", "") for r in rejects)))
    assert sorted(shown) == sorted(
        PAGES["ja"].replace("```\nx\n```", "").replace("#", "").replace("\n", "").replace(" ", "")
    )
    assert everything(made, tmp_path) == (rows, rejects)


def test_piles_are_mined(tmp_path):
    pairs = [
        ("猫が窓の外を見ている。", "The cat is looking out of the window."),
        ("電車は三時に駅を出る。", "The train leaves the station at three."),
        ("大統領は新しい法律に署名した。", "The president signed the new law."),
        ("彼女は毎朝パンを焼く。", "She bakes bread every morning."),
        ("この山には雪が多い。", "There is a lot of snow on this mountain."),
    ]
    order = list(range(5))
    random.Random(1).shuffle(order)
    written(
        tmp_path,
        a_txt="\n".join(ja for ja, _ in pairs) + "\n\n猫が窓の外を見ている。\n",
        b_txt="\n".join(pairs[i][1] for i in order),
    )
    made = config(s={"path": "a.txt", "tgt_path": "b.txt", "make": "mine", "min_margin": 1.0})
    rows, rejects = everything(made, tmp_path)
    assert {row[1:3] for row in rows} <= set(pairs)
    assert len(rows) >= 4
    assert all(row[5].keys() == {"margin", "cosine"} for row in rows)
    assert {"id": f"s:00000-{5:09}", "reason": "repeated", "file": "a.txt", "line": 7, "src": pairs[0][0]} in rejects
    assert len(rows) * 2 + len(rejects) == 11


def test_sentences_are_translated_either_way(tmp_path):
    written(tmp_path, a_txt="猫がいる。\n2021\n\nこれは本です。\n", b_jsonl='{"text": "猫がいる。"}\n{"x": 1}\n')
    made = config(s={"path": "a.txt", "make": "translate", "model": "starter"})
    rows, rejects = everything(made, tmp_path)
    assert [row[1] for row in rows] == ["猫がいる。", "これは本です。"]
    assert "cat" in rows[0][2].lower()
    assert rows[0][4] == "s:translate"
    assert rows[0][5]["logprob"] < 0
    assert rejects == [
        {"id": "s:00000-000000001", "reason": "passed-through", "file": "a.txt", "line": 2, "src": "2021"}
    ]
    back = CorpusConfig(
        "c", {"s": SourceConfig("b.jsonl", make="translate", model="starter")}, src_lang="en", tgt_lang="ja"
    )
    turned, slips = everything(back, tmp_path)
    assert turned[0][1:3] == rows[0][2:0:-1]
    assert slips[0]["reason"] == "no-language"
    with pytest.raises(ConfigError, match="ja and en, which our models translate"):
        everything(CorpusConfig("c", dict(back.source), src_lang="de"), tmp_path)


def test_long_files_are_translated_in_stretches(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_files, "LINES", 2)
    written(tmp_path, a_txt="猫。\n\n犬。\n鳥。\n1", b_txt="魚。\n", c_md="# 虫\n\n馬。\n")
    made = config(s={"path": "*.*", "make": "translate", "model": "starter"})
    found, _ = units(made, tmp_path)
    assert [(u.first, u.names, u.lines) for u in found] == [
        (0, ("a/txt@00000",), (0, 2)),
        (1, ("a/txt@00001",), (2, 4)),
        (2, ("a/txt@00002",), (4, 6)),
        (3, ("b/txt",), None),
        (4, ("c/md",), None),
    ]
    rows, rejects = everything(made, tmp_path)
    assert [row[:2] for row in rows] == [
        ("s:00000-000000000", "猫。"),
        ("s:00001-000000000", "犬。"),
        ("s:00001-000000001", "鳥。"),
        ("s:00003-000000000", "魚。"),
        ("s:00004-000000000", "虫"),
        ("s:00004-000000001", "馬。"),
    ]
    assert [(reject["id"], reject["line"]) for reject in rejects] == [("s:00002-000000000", 5)]


def test_why_a_hypothesis_is_no_translation():
    assert corpus_make.failure(Hypothesis("x", -1.0, 3, flags=("repetition", "unfinished"))) == "unfinished"
    assert corpus_make.failure(Hypothesis(" ", -1.0, 3)) == "empty"
    assert corpus_make.failure(Hypothesis("x", -1.0, 3, flags=("repetition",))) is None
