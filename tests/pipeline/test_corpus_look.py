"""Commands that look at a corpus: what they say of small corpora counted by hand, and what `validate` finds when something was changed."""

from __future__ import annotations

import json

import pytest

from mt.bitext.read_rows import read_rows
from mt.bitext.records import Layout
from mt.bitext.write import FORMATS, open_file
from mt.block import Block
from mt.errors import ConfigError, InputError
from mt.pipeline.corpus_card import edit, noise_of
from mt.pipeline.corpus_convert import convert
from mt.pipeline.corpus_diff import diff
from mt.pipeline.corpus_folder import open_corpus
from mt.pipeline.corpus_sample import sample, tsv
from mt.pipeline.corpus_stats import stats
from mt.pipeline.corpus_validate import validate
from tests.pipeline.published import publish, rows_of


@pytest.fixture
def folder(tmp_path):
    publish(tmp_path / "c", {"train": rows_of("train", 9), "dev": rows_of("dev", 3)})
    return tmp_path / "c"


def table(path, rows):
    path.write_text("".join(f"{src}\t{tgt}\n" for src, tgt in rows), encoding="utf-8")
    return path


# reading back


@pytest.mark.parametrize("form", ["parquet", "jsonl", "tmx"])
def test_rows_come_back_with_all_that_is_known_of_them(folder, form):
    [block, *more] = list(open_corpus(folder).blocks("train", form))
    ids = [*block.ids, *(id for one in more for id in one.ids)]
    assert ids == [row[0] for row in rows_of("train", 9)]
    assert block.origins[0] == "a:given"
    assert block.documents[2] == "a/train-1"
    assert block.given["fit"][2] == 0.25


@pytest.mark.parametrize("form", ["tsv", "moses"])
def test_formats_without_a_place_for_ids_number_their_rows(folder, form):
    [block] = list(open_corpus(folder).blocks("train", form))
    assert block.ids[4] == "train:000000005"
    assert block.src[4] == "trainの猫が4匹。<&>"


def test_a_bad_record_is_an_error_with_its_line_or_is_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"ja": "猫", "en": "Cat"}\n{"ja": 3}\n{"id": 7, "ja": "犬", "en": "Dog"}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.jsonl:2: expected a pair, found no-language"):
        list(read_rows(path))
    skipped = []
    [block] = read_rows(path, skipped=skipped)
    assert (block.ids, [one.line for one in skipped]) == (["a:000000001", "7"], [2])


def test_a_parquet_file_of_others_and_a_damaged_one(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"ja": ["猫"], "en": ["Cat"]}), tmp_path / "other.parquet")
    [block] = read_rows(tmp_path / "other.parquet")
    assert (block.src, block.tgt) == (["猫"], ["Cat"])
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match=r"bad\.parquet: expected a parquet file"):
        list(read_rows(tmp_path / "bad.parquet"))


def test_a_parquet_file_of_other_languages(folder):
    path = next((folder / "data").glob("train-*.parquet"))
    with pytest.raises(InputError, match="no-language: 'languages en, ja'"):
        list(read_rows(path, Layout("ja", "fr")))


# stats


def test_stats_are_those_of_counting(tmp_path):
    rows = [("猫がいる。", "A cat, Tom's cat."), ("ねこ ABC 12", "cat"), ("猫がいる", "a CAT, Tom’s cat!"), ("", "x")]
    found = stats(open_corpus(table(tmp_path / "a.tsv", rows))).record
    split = found["splits"]["all"]
    assert (found["rows"], split["rows"]) == (4, 4)
    assert split["copies"] == 0.25  # the third row is the first but for case and punctuation
    assert split["src"]["characters"] == 5 + 9 + 4
    assert (split["src"]["longest"], split["src"]["empty"]) == (9, 1)
    assert split["src"]["different_characters"] == len(set("猫がいる。ねこ ABC 12"))
    assert split["src"]["scripts"]["hiragana"] == round((3 + 2 + 3) / 18, 4)
    assert split["src"]["scripts"]["latin"] == round(3 / 18, 4)
    assert sum(split["src"]["scripts"].values()) == pytest.approx(1, abs=1e-3)
    assert (split["tgt"]["words"], split["tgt"]["different_words"]) == (4 + 1 + 4 + 1, 5)  # a cat tom's tom’s x
    assert "words" not in split["src"]


def test_stats_of_a_folder_by_split_and_source(folder):
    found = stats(open_corpus(folder))
    assert {name: s["rows"] for name, s in found.record["splits"].items()} == {"train": 9, "dev": 3}
    assert found.record["splits"]["train"]["sources"] == {"a:given": 9}
    assert found.record["splits"]["train"]["documents"] == 5
    assert stats(open_corpus(folder), "dev").record["rows"] == 3
    with pytest.raises(ConfigError, match="--split: expected one of train, dev, found test"):
        stats(open_corpus(folder), "test")
    json.dumps(found.record, allow_nan=False)
    assert [t.title for t in found.tables()][:2] == ["Rows", "Lengths in characters"]


def test_stats_of_nothing(tmp_path):
    found = stats(open_corpus(table(tmp_path / "a.tsv", [])))
    assert found.record["rows"] == 0
    assert found.tables()


# sample


def test_a_sample_is_stable_and_grows_with_the_corpus(tmp_path):
    rows = [(f"猫が{n}匹", f"{n} cats") for n in range(300)]
    short = open_corpus(table(tmp_path / "a.tsv", rows[:200]))
    long = open_corpus(table(tmp_path / "b.tsv", rows))
    one, again = sample(short, 20), sample(short, 20)
    assert one == again
    assert [int(row.id.split(":")[1]) for row in one] == sorted(int(row.id.split(":")[1]) for row in one)
    grown = {row.src for row in sample(long, 20)}
    # what left the sample left it for rows that came in
    assert grown - {row.src for row in one} <= {src for src, _ in rows[200:]}
    assert {row.src for row in sample(short, 20, seed=2)} != {row.src for row in one}
    assert len(sample(short, 1000)) == 200


def test_a_sample_by_score(folder):
    corpus = open_corpus(folder)
    assert [row.scores["fit"] for row in sample(corpus, 3, split="train", by_score="fit")] == [0, 0.125, 0.25]
    top = sample(corpus, 2, by_score="fit", highest=True)
    assert [row.scores["fit"] for row in top] == [1, 0.875]
    assert tsv(top, "fit").splitlines()[0] == "train:00000-000000008\t1\ttrainの猫が8匹。<&>\t8 cats of train."
    with pytest.raises(ConfigError, match="--by-score: expected one of fit, found cosine"):
        sample(corpus, 3, by_score="cosine")


# diff


def test_a_difference_by_text_and_by_id(folder, tmp_path):
    rows = rows_of("train", 9)
    changed = [*rows[:3], (rows[3][0], "犬", "Dog"), *rows[5:], ("new:1", "鳥", "Bird")]
    publish(tmp_path / "d", {"train": changed, "dev": rows_of("dev", 3)})
    found = diff(open_corpus(folder), open_corpus(tmp_path / "d"))
    assert found.by_text == {"both": 10, "added": 2, "removed": 2}
    assert found.by_id == {"both": 11, "added": 1, "removed": 1, "changed": 1, "moved": 0}
    assert [row[0] for row in found.examples["changed"]] == [rows[3][0]]
    assert [row[0] for row in found.examples["added"]] == ["new:1"]
    assert {row[0] for row in found.examples["removed"]} == {rows[3][0], rows[4][0]}
    assert found.counts["published"] == (12, 12)
    assert not found.same()
    assert diff(open_corpus(folder), open_corpus(folder)).same()


def test_rows_that_changed_their_split(folder, tmp_path):
    publish(tmp_path / "d", {"train": rows_of("train", 8), "dev": [*rows_of("dev", 3), rows_of("train", 9)[8]]})
    found = diff(open_corpus(folder), open_corpus(tmp_path / "d"))
    assert (found.by_text["added"], found.by_id["moved"]) == (0, 1)
    assert not found.same()


def test_equal_rows_are_counted_and_files_without_ids_compared_by_text(tmp_path):
    a = table(tmp_path / "a.tsv", [("猫", "Cat")] * 3 + [("犬", "Dog")])
    b = table(tmp_path / "b.tsv", [("犬", "Dog"), ("猫", "Cat"), ("鳥", "Bird")])
    found = diff(open_corpus(a), open_corpus(b))
    assert found.by_text == {"both": 2, "added": 1, "removed": 2}
    assert found.by_id is None
    assert "compared by text only" in found.tables()[1].notes[0]


# convert


@pytest.mark.parametrize("name", ["x.tsv", "x.jsonl.zst", "x.tmx", "x.parquet", "x.ja", "x.tsv.zst"])
def test_any_format_becomes_any_other(folder, tmp_path, name):
    corpus = open_corpus(folder)
    done = convert(corpus, tmp_path / name, split="train")
    assert done.rows == {"train": 9}
    assert done.files[name]["rows"] == 9
    tgt = tmp_path / "x.en" if name == "x.ja" else None
    [block] = read_rows(tmp_path / name, tgt_path=tgt)
    assert list(zip(block.src, block.tgt, strict=True)) == [row[1:] for row in rows_of("train", 9)]
    if not name.startswith(("x.tsv", "x.ja")):
        again = open_corpus(tmp_path / name)
        convert(again, tmp_path / "back.parquet")
        assert diff(corpus, open_corpus(tmp_path / "back.parquet")).by_id["both"] == 9
        [block] = read_rows(tmp_path / "back.parquet")
        assert block.given["fit"][3] == 0.375


def test_a_folder_is_converted_into_one_that_datasets_reads(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    corpus = open_corpus(table(tmp_path / "a.tsv", [(f"猫{n}", f"cat {n}") for n in range(5)]))
    done = convert(corpus, tmp_path / "hub", file_rows=2)
    assert sorted(done.files) == [f"data/train-{n:05}-of-00003.parquet" for n in range(3)]
    found = datasets.load_dataset(str(tmp_path / "hub"), cache_dir=str(tmp_path / "cache"))["train"]
    assert found["translation"][4] == {"ja": "猫4", "en": "cat 4"}


def test_what_cannot_be_converted(folder, tmp_path):
    corpus = open_corpus(folder)
    with pytest.raises(ConfigError, match="--split: expected one of train, dev, since"):
        convert(corpus, tmp_path / "x.tsv")
    with pytest.raises(ConfigError, match=r"OUT: expected a name that ends in \.tsv"):
        convert(corpus, tmp_path / "x.xlsx", split="dev")
    with pytest.raises(ConfigError, match="OUT: expected another file than what is read"):
        convert(corpus, folder / "dev.tsv", split="dev")
    assert not list(tmp_path.glob("x*"))
    lonely = open_corpus(table(tmp_path / "bad.tsv", [("猫", "Cat"), ("a\tb", "c")]))
    with pytest.raises(InputError, match=r"bad\.tsv:2: expected a pair"):
        convert(lonely, tmp_path / "y.jsonl")
    assert not list(tmp_path.glob("*y.jsonl*"))


# validate


def test_a_published_folder_is_valid(folder):
    found = validate(folder)
    assert (found.wrong, len(found.checked)) == ([], 4)


def test_a_folder_with_characters_that_formats_replace_is_valid(tmp_path):
    rows = [
        (f"a:{n}", text, "x\ty")
        for n, text in enumerate(["猫\n犬", "a\x01b", "a\u2028b", "\ufeffz", " a ", "a\rb", "<>&"])
    ]
    publish(tmp_path / "c", {"train": rows})
    assert validate(tmp_path / "c").wrong == []


def resign(folder, name):
    """Make the manifest vouch for a file as it is now, so that the other checks see it."""
    from mt.files import sha256_file

    path = folder / "manifest.json"
    found = json.loads(path.read_text("utf-8"))
    found["outputs"][name] |= {"sha256": sha256_file(folder / name), "bytes": (folder / name).stat().st_size}
    path.write_text(json.dumps(found), encoding="utf-8")


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_is_wrong_is_found(folder):
    change(folder / "train.tsv", "3 cats", "4 cats")
    (folder / "train.en").unlink()
    (folder / "data" / "train-00007-of-00009.parquet").write_bytes(b"x")
    wrong = "\n".join(validate(folder).wrong)
    assert "train.tsv: expected the hash of the manifest, found another" in wrong
    assert "train.en: expected as the manifest says, found nothing there" in wrong
    assert "data/train-00007-of-00009.parquet: expected no file that the manifest does not name" in wrong


def test_a_row_that_differs_between_formats(folder):
    change(folder / "train.tsv", "3 cats", "4 cats")
    resign(folder, "train.tsv")
    [wrong] = validate(folder).wrong
    assert wrong.startswith("train: row 4 (train:00000-000000003): expected in tsv what parquet has")


def test_a_row_that_is_missing_in_one_format(folder):
    change(folder / "dev.tsv", "devの猫が2匹。<&>\t2 cats of dev.\n", "")
    resign(folder, "dev.tsv")
    assert validate(folder).wrong == ["dev: expected 3 rows, found 2 in tsv"]


def test_an_id_that_differs(folder):
    change(folder / "train.tmx", "train:00000-000000003", "train:00000-000000033")
    resign(folder, "train.tmx")
    assert len(validate(folder).wrong) == 1


def test_splits_that_share_rows_or_documents(tmp_path):
    shared = [(f"x:{n}", src.upper() + "！", tgt) for n, (_, src, tgt) in enumerate(rows_of("train", 2))]
    publish(tmp_path / "c", {"train": rows_of("train", 9), "test": [*shared, ("train:1", "別", "other")]})
    wrong = validate(tmp_path / "c").wrong
    assert "train: expected no row of test, found 2" in wrong
    assert any("train: expected no document of test, found 1 (a/train-1)" in one for one in wrong)


def test_a_card_that_says_something_else(folder):
    change(folder / "README.md", "license: cc-by-4.0", "license: mit")
    change(folder / "README.md", "num_examples: 9", "num_examples: 8")
    change(folder / "README.md", "- ja\n- en\npretty", "- ja\npretty")
    resign(folder, "README.md")
    wrong = validate(folder).wrong
    assert [one.split(":")[1].strip() for one in wrong] == ["language", "license", "dataset_info"]
    (folder / "README.md").write_text("no card", encoding="utf-8")
    resign(folder, "README.md")
    assert any("README.md: expected" in one for one in validate(folder).wrong)


def test_rows_of_a_test_set(folder, tmp_path):
    test = table(
        tmp_path / "wmt.tsv", [("この猫はとても大きくて白い猫です。", "trainの猫が5匹。"), ("x", "5 cats of train.")]
    )
    wrong = validate(folder, [(test, None)]).wrong
    assert wrong
    assert all("wmt.tsv" in one for one in wrong)
    other = table(
        tmp_path / "o.tsv", [("この猫はとても大きくて白い猫です。", "This cat is a large and very white cat.")]
    )
    assert validate(folder, [(other, None)]).wrong == []


def test_a_folder_without_manifest_or_with_a_wrong_one(tmp_path, folder):
    with pytest.raises(InputError, match="nothing there"):
        validate(tmp_path / "none")
    change(folder / "manifest.json", '"published": 12', '"published": 13')
    with pytest.raises(InputError, match=r"manifest\.json: expected numbers that add up"):
        validate(folder)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="expected the manifest of a corpus"):
        validate(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(InputError, match=r"expected a manifest.json, found none"):
        validate(folder)
    assert stats(open_corpus(folder)).record["rows"] == 12  # but it can be looked at


# card


def test_a_card_is_edited_and_stays_valid(folder):
    text = edit(folder, {"title": "Cats", "licence": "CC0 1.0"}, {"wrong pairs": "3 of 100"})
    assert "# Cats" in text
    assert "license: cc0-1.0" in text
    assert "wrong pairs: 3 of 100" in text
    assert validate(folder).wrong == []
    again = edit(folder, {"title": ""}, {})
    assert "# cats" in again
    assert "wrong pairs" in again  # what is not named stays
    assert (folder / "README.md").read_text("utf-8") == again
    with pytest.raises(ConfigError, match="--noise: expected NAME=VALUE"):
        noise_of("nothing")


def test_a_single_file_gets_its_own_name(tmp_path):
    block = Block.of([("a:1", "猫", "Cat")])
    for name, form in (("p.q.parquet", "parquet"), ("deep/p.tsv.zst", "tsv"), ("m.ja.zst", "moses")):
        with open_file(tmp_path / name, form, ("ja", "en")) as writers:
            writers.write(block)
            made = writers.commit()
        assert (tmp_path / name).is_file()
        assert (tmp_path / name).name in made
    assert (tmp_path / "m.en.zst").is_file()
    assert set(FORMATS) == {"parquet", "tsv", "moses", "jsonl", "tmx"}
