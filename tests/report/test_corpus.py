"""Card and report of a corpus: what the hub's own readers find in the card, and a page that holds what it should."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mt.errors import MTError
from mt.report.card import card, licence_id
from mt.report.corpus import (
    CorpusPage,
    CorpusRecord,
    Edge,
    Funnel,
    Lengths,
    RejectView,
    Sample,
    ScoreView,
    SourceView,
    SplitView,
    Step,
)
from mt.report.corpus_page import render
from tests.pipeline.published import publish, record_of, rows_of

FILES = {
    "data/train-00000-of-00001.parquet": {"bytes": 100, "rows": 5, "memory": 400},
    "data/dev-00000-of-00001.parquet": {"bytes": 50, "rows": 2, "memory": 150},
    "train.tsv": {"bytes": 9, "rows": 5},
}


def test_the_hub_reads_the_cards_head(tmp_path):
    from huggingface_hub import DatasetCard

    (tmp_path / "README.md").write_text(card(record_of({"train": 5, "dev": 2}), FILES), encoding="utf-8")
    data = DatasetCard.load(tmp_path / "README.md").data.to_dict()
    assert data["language"] == ["ja", "en"]
    assert data["license"] == "cc-by-4.0"
    assert data["task_categories"] == data["multilinguality"] == ["translation"]
    assert data["size_categories"] == ["n<1K"]
    assert data["configs"][0]["data_files"] == [
        {"split": "train", "path": "data/train-*.parquet"},
        {"split": "dev", "path": "data/dev-*.parquet"},
    ]
    info = data["dataset_info"]
    assert (info["download_size"], info["dataset_size"]) == (150, 550)


def test_datasets_reads_features_and_splits_of_the_card(tmp_path):
    import datasets

    record = record_of({"train": 5, "dev": 2})
    text = card(record, FILES)
    import yaml

    info = datasets.DatasetInfo._from_yaml_dict(yaml.safe_load(text.split("---")[1])["dataset_info"])
    assert info.features["translation"] == datasets.Translation(languages=["ja", "en"])
    assert dict(info.features["scores"]) == {"fit": datasets.Value("float32")}
    assert {name: (s.num_examples, s.num_bytes) for name, s in info.splits.items()} == {
        "train": (5, 400),
        "dev": (2, 150),
    }


def test_datasets_loads_a_published_folder_by_its_card(tmp_path, monkeypatch):
    import datasets

    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    publish(tmp_path / "c", {"train": rows_of("train", 9), "dev": rows_of("dev", 3)})
    found = datasets.load_dataset(str(tmp_path / "c"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(split) for name, split in found.items()} == {"train": 9, "dev": 3}
    assert found["train"].features["translation"] == datasets.Translation(languages=["ja", "en"])
    assert found["dev"][2]["translation"] == {"ja": "devの猫が2匹。<&>", "en": "2 cats of dev."}
    assert found["train"].info.config_name == "ja-en"


@pytest.mark.parametrize("formats", [("jsonl",), ("tsv",)])
def test_without_parquet_the_card_leads_to_json_lines_or_nowhere(tmp_path, monkeypatch, formats):
    import datasets

    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    publish(tmp_path / "c", {"train": rows_of("train", 9)}, formats)
    text = (tmp_path / "c" / "README.md").read_text("utf-8")
    assert ("configs:" in text) == (formats == ("jsonl",))
    if formats == ("jsonl",):
        found = datasets.load_dataset(str(tmp_path / "c"), cache_dir=str(tmp_path / "cache"))["train"]
        assert found[3]["translation"]["en"] == "3 cats of train."


def test_the_card_says_what_a_reader_must_know():
    record = record_of(
        {"train": 5}, tests=("wmt21",), noise=(("wrong pairs", "3 of 100"),), replaced={"tmx": 2}, config="name = 1\n"
    )
    text = card(record, FILES)
    for said in (
        "CC BY 4.0",
        "A. Author",
        "src-length",
        "at least 2",
        "wmt21",
        "wrong pairs: 3 of 100",
        "corpus:cats|version:1",
        "name = 1",
        "tmx: 2 sides",
    ):
        assert said in text, said
    assert "rows were compared with no test set" not in text.lower()
    assert r"`ratio` (at most 3)" in text  # a filter that left out nothing


def test_several_licences_are_a_list_and_strange_ones_are_named(tmp_path):
    from huggingface_hub import DatasetCard

    sources = (SourceView("a", "given", "MIT", "", "", 1, 1), SourceView("b", "given", "Ask: me", "", "", 1, 1))
    record = CorpusRecord(
        "c", "1", ("ja", "en"), "x:1", Funnel(2, (), 2), sources, (SplitView("train", 2),), formats=("tsv",)
    )
    (tmp_path / "README.md").write_text(card(record, {}), encoding="utf-8")
    data = DatasetCard.load(tmp_path / "README.md").data.to_dict()
    assert (data["license"], data["license_name"]) == (["mit", "other"], "Ask: me")
    assert licence_id("CC0-1.0") == "cc0-1.0"


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(MTError, match="10 read, but 9"):
        Funnel(10, (Step("x", "filter", 2),), 7)
    source = SourceView("a", "given", "MIT", "", "", 3, 3)
    with pytest.raises(MTError, match="rows of splits are 2, expected 3"):
        CorpusRecord("c", "1", ("ja", "en"), "x:1", Funnel(3, (), 3), (source,), (SplitView("train", 2),))
    with pytest.raises(MTError, match="source a: 4 read"):
        SourceView("a", "given", "MIT", "", "", 4, 3)
    with pytest.raises(ValueError, match="3 rows drawn, 4 counted"):
        ScoreView("x", "", None, None, (0, 1), (3,), (0,), (0, 0), 0, 4, 0, 0)


def test_a_record_survives_json():
    import json

    record = record_of({"train": 5, "dev": 2}, noise=(("a", "b"),), card={"title": "t"}, tests=("w",))
    assert CorpusRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


class Tags(HTMLParser):
    """Every opened element is closed, in order."""

    VOID = frozenset({"meta", "rect", "line", "path"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page_of(record):
    evil = Sample("a:1", "<script>猫</script>\u202e", "Cat & dog", 1.5, "src-length")
    view = ScoreView(
        "src-length",
        "characters",
        2.0,
        9.0,
        (0, 5, 10),
        (4, 3),
        (1, 2),
        (0, 1),
        1,
        9,
        1,
        2,
        (Edge("low", 2.0, (evil,), ()),),
    )
    idle = ScoreView("ratio", "", None, 3.0, (0, 1), (3,), (0,), (0, 0), 0, 3, 0, 0)
    return CorpusPage(
        record, (view, idle), (RejectView(record.funnel.steps[1], (evil,)),), (Lengths("src", (0, 5), (5,)),)
    )


def test_the_page_is_whole_escaped_and_alone():
    html = render(page_of(record_of({"train": 5, "dev": 2})))
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "&lt;script&gt;猫" in html
    assert "⟨U+202E⟩" in html
    assert "<script" not in html
    assert "style=" not in html  # the security policy forbids it
    assert not re.search(r'(src|href)="(?!#)', html)
    ids = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids
    for said in (
        "7 of 13 records are published (53.8 %)",
        "1 under · 9 accepted · 1 over · 2 not measured. Outside the plot: 1 right.",
        "Just rejected",
    ):
        assert said in html, said


def test_equal_pages_are_equal_text():
    assert render(page_of(record_of({"train": 5}))) == render(page_of(record_of({"train": 5})))


def test_nothing_read_is_a_page_too():
    source = SourceView("a", "given", "MIT", "", "", 0, 0)
    record = CorpusRecord(
        "c", "1", ("ja", "en"), "x:1", Funnel(0, (), 0), (source,), (SplitView("train", 0),), formats=("tsv",)
    )
    assert "Nothing was read." in render(CorpusPage(record))
    assert "0 pairs out of 0 records" in card(record, {})
