"""Import, export and prune: counts that add up, TMX that other programs read, nothing of people's taken out unasked."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage import tmx as toolkit

from mt.bitext import read
from mt.errors import ConfigError, InputError, OptionError
from mt.pipeline import memory as work
from mt.pipeline.memory import Imported
from mt.signature import Signature
from mt.text.normalize import normalize
from mt.translate.memory import Memory, Record, key
from mt.types import EMPTY, NUMBERS, Hypothesis

STARTER, OTHER = Signature.of(model="starter", beam=4), Signature.of(model="other", beam=16)


def machine(src, tgt, signature=STARTER, flags=()):
    return Record(key(src, signature), src, Hypothesis(tgt, -2.5, 3, flags=flags), 0, "mt")


@pytest.fixture
def filled(tmp_path):
    """Two models, one imported file, three decodings in the journal; all made now."""
    path = tmp_path / "m.sqlite"
    with Memory(path, STARTER) as memory:
        memory.keep([machine("猫", "Cat"), machine("3匹", "Four", flags=(NUMBERS,)), machine("無", "", flags=(EMPTY,))])
        memory.keep_answers([(bytes([n]), (Hypothesis("x", -1.0, 2),)) for n in range(3)])
        memory.keep_human([("犬", "The dog")], "a.tmx")
    with Memory(path, OTHER) as memory:
        memory.keep([machine("猫", "A cat", OTHER)])
    return path


def age(path, days):
    with Memory(path, STARTER) as memory, memory.database.writing() as db:
        for table in ("records", "answers"):
            db.execute(f"UPDATE {table} SET made = made - {days * 86_400}")


def sides(path):
    return [(src, tgt) for _, src, tgt in read.read_pairs(path)]


# import


def test_every_row_is_counted_once(tmp_path):
    (tmp_path / "a.tsv").write_text(
        "猫\tCat\n犬\tDog\n　猫 \tA cat\n犬\tDog\n\tnobody\n鳥\t \n　\t\n", encoding="utf-8"
    )
    done = work.take([str(tmp_path / "a.tsv")], tmp_path / "m")
    assert done == Imported(pairs=7, new=2, replaced=1, unchanged=1, no_source=1, no_target=1, empty=1)
    with Memory(tmp_path / "m", STARTER) as memory:
        found = memory.human(["猫", "犬"])
    assert {src: r.hypothesis.text for src, r in found.items()} == {"猫": "A cat", "犬": "Dog"}
    assert {r.origin for r in found.values()} == {"human:a.tsv"}
    again = work.take([str(tmp_path / "a.tsv")], tmp_path / "m", origin="again")
    assert (again.new, again.replaced, again.unchanged) == (0, 2, 2)  # 猫 is Cat, then A cat once more


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="expected 2 pairs in the counts, found 1"):
        Imported(pairs=2, new=1)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.text("猫犬Ａ　 1", max_size=3), st.text("ab \u2028", max_size=3)), max_size=12))
def test_an_import_holds_the_last_translation_of_each_source(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("import")
    text = "".join(json.dumps({"src": src, "tgt": tgt}) + "\n" for src, tgt in rows)
    (folder / "a.jsonl").write_text(text, "utf-8")
    done = work.take([str(folder / "a.jsonl")], folder / "m")
    wanted = {normalize(src): " ".join(tgt.splitlines()).strip() for src, tgt in rows if src.strip() and tgt.strip()}
    assert (done.pairs, done.new) == (len(rows), len(wanted))
    with Memory(folder / "m", STARTER) as memory:
        assert {src: r.hypothesis.text for src, r in memory.human(list(wanted)).items()} == wanted


def test_batches_do_not_change_an_import(tmp_path, monkeypatch):
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress("".join(f"{n % 7}匹\t{n % 5}\n" for n in range(50)).encode()))
    done = [work.take([str(tmp_path / "a.tsv.gz")], tmp_path / "one")]
    monkeypatch.setattr(work, "_BATCH", 3)
    done.append(work.take([str(tmp_path / "a.tsv.gz")], tmp_path / "two"))
    assert done[0] == done[1]
    assert done[0].pairs == 50
    assert done[0].new == 7


def test_a_line_break_in_a_translation_becomes_a_blank(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"ja": "猫", "en": "A\r\ncat\n"}) + "\n", encoding="utf-8")
    work.take([str(tmp_path / "a.jsonl")], tmp_path / "m")
    with Memory(tmp_path / "m", STARTER) as memory:
        assert memory.human(["猫"])["猫"].hypothesis.text == "A cat"


def test_a_bad_line_is_named_and_what_stood_before_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_BATCH", 1)
    (tmp_path / "a.tsv").write_text("猫\tCat\n犬\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.tsv:2: expected two columns, found 1 column"):
        work.take([str(tmp_path / "a.tsv")], tmp_path / "m")
    with Memory(tmp_path / "m", STARTER) as memory:
        assert set(memory.human(["猫", "犬"])) == {"猫"}


def test_an_empty_origin_is_refused(tmp_path):
    with pytest.raises(OptionError, match="origin: expected a name, found nothing"):
        work.take([], tmp_path / "m", origin=" ")


# export


def test_tmx_is_what_another_program_reads(filled, tmp_path):
    done = work.export(tmp_path / "o.tmx", filled)
    assert (done.written, done.failed) == (4, 1)
    with (tmp_path / "o.tmx").open("rb") as file:
        units = toolkit.tmxfile(file, "ja", "en").units
    assert [(u.source, u.target) for u in units] == [
        ("猫", "Cat"),
        ("3匹", "Four"),
        ("犬", "The dog"),
        ("猫", "A cat"),
    ]
    properties = [{p.get("type"): p.text for p in u.xmlelement.iter("prop")} for u in units]
    assert properties[1] == {"x-origin": f"mt:{STARTER}", "x-logprob": "-2.5", "x-flag-numbers": "1"}
    assert properties[2] == {"x-origin": "human:a.tmx", "x-flag-human": "1"}
    assert len({u.xmlelement.get("tuid") for u in units}) == 4


@pytest.mark.parametrize("name", ["o.tmx", "o.tsv"])
def test_what_is_exported_can_be_imported(filled, tmp_path, name):
    work.export(tmp_path / name, filled, human_only=True)
    assert sides(tmp_path / name) == [("犬", "The dog")]
    assert work.take([str(tmp_path / name)], filled).unchanged == 1
    work.export(tmp_path / name, filled, signature=f"beam:16|{'model:other'}")
    assert sides(tmp_path / name) == [("猫", "A cat")]


def test_pages_do_not_change_an_export(filled, tmp_path, monkeypatch):
    work.export(tmp_path / "one.tmx", filled)
    monkeypatch.setattr(work, "_BATCH", 1)
    monkeypatch.setattr("mt.translate.upkeep._PAGE", 2)
    work.export(tmp_path / "two.tmx", filled)
    assert (tmp_path / "one.tmx").read_bytes() == (tmp_path / "two.tmx").read_bytes()


@pytest.mark.parametrize("name", ["o.tmx", "o.tsv"])
def test_odd_characters_leave_a_file_that_can_be_read(tmp_path, name):
    with Memory(tmp_path / "m", STARTER) as memory:
        memory.keep([machine("猫\ud800\t<&>", "C\0at\x0b]]>")])
    work.export(tmp_path / name, tmp_path / "m")
    [(src, tgt)] = sides(tmp_path / name)
    assert src == ("猫\ufffd\t<&>" if name == "o.tmx" else "猫\ufffd <&>")
    assert tgt == ("C\ufffdat\ufffd]]>" if name == "o.tmx" else "C\0at\x0b]]>")


def test_an_empty_memory_exports_an_empty_file(tmp_path):
    Memory(tmp_path / "m", STARTER).close()
    work.export(tmp_path / "o.tmx", tmp_path / "m")
    with (tmp_path / "o.tmx").open("rb") as file:
        assert toolkit.tmxfile(file, "ja", "en").units == []


def test_other_languages_stay_where_they_are(filled, tmp_path):
    with Memory(filled, Signature.of(model="back"), src_lang="en", tgt_lang="ja") as memory:
        memory.keep([machine("Cat", "猫", Signature.of(model="back"))])
    assert work.export(tmp_path / "o.tsv", filled).written == 4
    assert [g["langs"] for g in work.stats(filled)["groups"]] == ["ja-en", "ja-en", "ja-en", "en-ja"]


def test_a_failed_export_leaves_the_old_file(filled, tmp_path, monkeypatch):
    (tmp_path / "o.tmx").write_text("old")
    monkeypatch.setattr(work, "_pair", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work.export(tmp_path / "o.tmx", filled)
    assert (tmp_path / "o.tmx").read_text() == "old"
    assert not list(tmp_path.glob(".o.tmx*"))


def test_an_export_needs_no_memory_for_its_rows(tmp_path, monkeypatch):
    """Eight times the rows, and not twice the peak."""
    monkeypatch.setattr(work, "_BATCH", 200)
    monkeypatch.setattr("mt.translate.upkeep._PAGE", 200)
    peaks = []
    for count in (1_000, 8_000):
        path = tmp_path / f"{count}"
        with Memory(path, STARTER) as memory:
            memory.keep_human([(f"{n}番目の文です。", f"Sentence {n}.") for n in range(count)], "a")
        tracemalloc.start()
        assert work.export(tmp_path / "o.tmx", path).written == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


@pytest.mark.parametrize(
    ("signature", "expected"), [("beam", "key:value pairs"), ("beam:1", "pairs of a signature that mt memory stats")]
)
def test_a_signature_that_nothing_has_is_refused(filled, tmp_path, signature, expected):
    # beam:1 is a part of beam:16, and no pair of it
    with pytest.raises(OptionError, match=f"signature: expected {expected}"):
        work.export(tmp_path / "o.tmx", filled, signature=signature)
    with pytest.raises(OptionError, match="signature"):
        work.prune(filled, signature=signature)


def test_another_suffix_is_refused(filled, tmp_path):
    with pytest.raises(ConfigError, match=r"OUT: expected a name that ends in \.tmx or \.tsv"):
        work.export(tmp_path / "o.xliff", filled)


# statistics and pruning


def test_stats_count_everything(filled):
    before = int(time.time())
    found = work.stats(filled)
    assert (found["translations"], found["human"], found["machine"]) == (5, 1, 4)
    assert [(g["signature"], g["origin"], g["count"]) for g in found["groups"]] == [
        (str(STARTER), "mt", 3),
        ("human:ja-en", "human:a.tmx", 1),
        (str(OTHER), "mt", 1),
    ]
    assert found["journal"]["count"] == 3
    assert found["bytes"] >= filled.stat().st_size
    newest = time.strptime(found["journal"]["newest"], "%Y-%m-%dT%H:%M:%S+00:00")
    assert abs(time.mktime(newest) - time.timezone - before) < 3700  # an hour for summer time
    lines = work.stats_lines(filled)
    assert "5 translations" in lines[0]
    assert any("human:a.tmx" in line for line in lines)
    assert "3 decodings" in lines[-1]


def left(path):
    """Translations of the starter, of the other model and of people; decodings."""
    found = work.stats(path)
    counts = {(g["signature"], g["origin"]): g["count"] for g in found["groups"]}
    names = [(str(STARTER), "mt"), (str(OTHER), "mt"), ("human:ja-en", "human:a.tmx")]
    return [*(counts.get(name, 0) for name in names), found["journal"]["count"]]


@pytest.mark.parametrize(
    ("options", "rest"),
    [
        ({"machine": True}, [0, 0, 1, 3]),
        ({"journal": True}, [3, 1, 1, 0]),
        ({"human": True}, [3, 1, 0, 3]),
        ({"signature": "model:other"}, [3, 0, 1, 3]),
        ({"signature": "beam:4", "journal": True, "machine": True}, [0, 1, 1, 0]),
        ({"older_than": 1}, [3, 1, 1, 3]),
    ],
)
def test_what_goes_and_what_stays(filled, options, rest):
    every = [3, 1, 1, 3]
    assert left(filled) == every
    would = work.prune(filled, **options, dry_run=True)
    assert left(filled) == every
    done = work.prune(filled, **options)
    assert left(filled) == rest
    assert (would.translations, would.decodings) == (done.translations, done.decodings)
    assert sum(n for _, n in done.translations) == sum(every[:3]) - sum(left(filled)[:3])
    assert done.decodings == every[3] - left(filled)[3]


def test_age_is_in_days(filled):
    age(filled, 10)
    with Memory(filled, STARTER) as memory:
        memory.keep([machine("新しい", "New")])
    assert work.prune(filled, older_than=10.1).translations == ()
    work.prune(filled, older_than=9.9)
    assert left(filled) == [1, 0, 1, 0]  # people's are not meant unless they are named
    work.prune(filled, older_than=9.9, human=True)
    assert left(filled) == [1, 0, 0, 0]


def test_nothing_said_takes_nothing(filled):
    with pytest.raises(OptionError, match="to say what goes"):
        work.prune(filled)
    with pytest.raises(OptionError, match="older_than"):
        work.prune(filled, older_than=-1)
    assert left(filled) == [3, 1, 1, 3]


def test_room_is_given_back_in_pages(tmp_path, monkeypatch):
    monkeypatch.setattr("mt.translate.upkeep._PAGE", 100)
    with Memory(tmp_path / "m", STARTER) as memory:
        memory.keep([machine(f"{n}番目", "x" * 500) for n in range(1000)])
        memory.keep([machine("17番目の長い文の例です。", "Long")])
        assert len(memory.similar("18番目の長い文の例です。")) == 1
    done = work.prune(tmp_path / "m", machine=True)
    assert done.translations[0][1] == 1001
    assert done.bytes_after < done.bytes_before / 4
    assert done.bytes_before > 500_000
    said = work.prune_lines(done, dry_run=False)
    assert said[0].startswith("gone: 1,001 translations")
    with Memory(tmp_path / "m", STARTER) as memory:
        # the index cannot take out single rows, so it went whole
        assert memory.database.read("SELECT count(*) FROM sqlite_master WHERE name LIKE 'trigrams%'") == [(0,)]
        memory.keep([machine("17番目の文です。", "New")])
        assert [r.hypothesis.text for _, r in memory.similar("17番目の文です。")] == ["New"]


def test_a_running_translation_goes_on_while_it_is_pruned(filled):
    with Memory(filled, STARTER) as running:
        assert running.records([key("猫", STARTER)])
        work.prune(filled, machine=True, journal=True)
        assert running.records([key("猫", STARTER)]) == {}
        running.keep([machine("鳥", "Bird")])
        assert len(running.records([key("鳥", STARTER)])) == 1


def test_only_import_makes_a_memory(tmp_path):
    for use in (work.stats, lambda p: work.export(tmp_path / "o.tmx", p), lambda p: work.similar("猫", p)):
        with pytest.raises(InputError, match="expected a translation memory, found nothing there"):
            use(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "o.tmx").exists()
