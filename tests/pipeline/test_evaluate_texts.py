"""What mt evaluate says of texts: read from files, put into the record, shown on the page; answers read off four short segments."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mt.errors import CountError, InputError
from mt.pipeline.evaluate import evaluate, record, segments
from mt.pipeline.evaluate_config import EvaluateConfig
from mt.pipeline.evaluate_frequencies import frequencies_of
from mt.pipeline.evaluate_page import build_page
from mt.pipeline.evaluate_read import FileRecord
from mt.pipeline.evaluate_texts import flags_of
from mt.report.evaluate_page import markdown

TEXTS = {
    "src": ["メルケルが来た。", "20人と話した。", "メルケルは去った。", "NATOは強い。"] * 10,
    "ref": ["Merkel came in.", "She talked to 20 men.", "Merkel went away.", "NATO is strong."] * 10,
    "a": ["Merkel came in.", "She talked to 30 men.", "Merkel went away.", "NATO is strong."] * 10,
    "b": ["Merkel came.", "She talked to 20 men.", "Mercer was away.", "It is is is strong."] * 10,
    "docs": [f"d{n // 4}" for n in range(40)],
}


@pytest.fixture
def place(tmp_path):
    for name, lines in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = ["domain\tspeaker", *(f"{'news' if n < 35 else 'talk'}\ts{n}" for n in range(40))]
    (tmp_path / "columns.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("強い\tstrong|mighty\n去った\twent\n", encoding="utf-8")
    return tmp_path


def config(place: Path, **changes: object) -> EvaluateConfig:
    given: dict[str, object] = {
        "resamples": 50,
        "trials": 50,
        "source": place / "src.txt",
        "documents": place / "docs.txt",
    }
    names = tuple(str(place / f"{name}.txt") for name in ("a", "b"))
    return EvaluateConfig(names, (place / "ref.txt",), pair=("a", "b"), **(given | changes))  # type: ignore[arg-type]


def test_everything_found_is_in_the_record_and_on_the_page(place):
    state = evaluate(config(place, columns=place / "columns.tsv", glossary=place / "terms.tsv"))
    found = json.loads(json.dumps(record(state), allow_nan=False))
    own = {s["name"]: s for s in found["slices"]["slices"] if s["dimension"] == "domain"}
    assert (own["news"]["segments"], own["news"]["enough"], own["talk"]["enough"]) == (35, True, False)
    people, a, b = found["glossary"]
    assert (people["hits"], a["hits"], b["hits"]) == (20, 20, 10)
    assert b["terms"][0]["src"] == "去った"
    people, a, b = found["consistency"]
    assert (people["share"], a["share"], b["share"]) == (100.0, 100.0, 50.0)
    assert [p["loops"] for p in found["profiles"]] == [0, 0, 10]
    assert found["flags"]["kinds"]["numbers"] == {"a": 10, "b": 0}
    assert found["flags"]["segments"]["a"]["2"] == ["numbers: missing 20人, extra 30"]
    assert found["examples"]["flagged"] == [1, 5, 9, 13, 17, 21, 25, 29]
    said = markdown(build_page(found, segments(state)))
    for words in ("Terms missed", "One name for one thing", "Form of the texts", "Flagged for a only", "domain: news"):
        assert words in said
    assert "numbers: missing 20人, extra 30" in said


def test_flags_of_an_example_name_their_system_where_there_are_two():
    found = {"flags": {"segments": {"A": {"7": ["empty"]}, "B": {"7": ["a loop", "short"]}}}}
    assert flags_of(found, 7, ("A", "B")) == "A: empty · B: a loop; short"
    assert flags_of(found, 7, ("A",)) == "empty"
    assert flags_of(found, 8, ("A", "B")) == flags_of({}, 7, ("A",)) == ""


def test_without_source_documents_and_glossary_there_is_less_to_say(place):
    found = record(evaluate(config(place, source=None, documents=None)))
    assert found["glossary"] is found["consistency"] is None
    assert found["profiles"]


def test_training_data_make_slices_of_rare_words(place):
    (place / "train.tsv").write_text("猫\tMerkel went away to NATO in 2 days\n" * 3, encoding="utf-8")
    found = record(evaluate(config(place, training=(place / "train.tsv",))))
    own = {s["name"]: s["segments"] for s in found["slices"]["slices"] if "training" in s["dimension"]}
    # `went`, `away`, `Merkel` were seen three times; `came`, `talked` and `strong` never
    assert own == {"never seen": 30, "seen 1–9 times": 10}
    assert found["words"]["bands"]
    assert found["words"]["counted"] == "train.tsv"


def test_a_list_of_words_goes_before_training_data_and_says_what_it_leaves_out(place):
    (place / "list.tsv").write_text(
        "# name: my news\n# least: 2\nwent\t20\nAway\t5\nmerkel\t3\nto\t9\n", encoding="utf-8"
    )
    (place / "train.tsv").write_text("猫\tNATO\n", encoding="utf-8")
    state = evaluate(config(place, frequencies=str(place / "list.tsv"), training=(place / "train.tsv",)))
    found = record(state)
    own = {s["name"]: s["segments"] for s in found["slices"]["slices"] if "training" in s["dimension"]}
    assert own == {"seen fewer than 2 times": 30, "seen 2–9 times": 10}
    assert "Counted in my news." in markdown(build_page(found, segments(state)))


def test_the_starters_list_is_used_for_its_runs_and_where_it_is_asked_for(place):
    plain = evaluate(config(place))
    assert frequencies_of(plain) is None
    asked = frequencies_of(evaluate(config(place, frequencies="starter")))
    # 90,000 words; `the` is the commonest of English, and what three of a million texts do not hold is not in it
    assert (
        asked.least == 3 and max(asked.counts, key=asked.counts.get) == "the" and 80_000 < len(asked.counts) < 100_000
    )
    run = place / "run"
    run.mkdir()
    (run / "manifest.json").write_text('{"signature": "model:starter|sha:1"}', encoding="utf-8")
    files = (*plain.files, FileRecord("system", "run", str(run / "translation.en.txt"), "", 40))
    assert frequencies_of(replace(plain, files=files)) is asked
    assert frequencies_of(replace(plain, files=files, config=replace(plain.config, frequencies="none"))) is None
    (run / "manifest.json").write_text('{"signature": "model:other"}', encoding="utf-8")
    assert frequencies_of(replace(plain, files=files)) is None


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("domain\n" + "x\n" * 39, CountError, "40"),
        ("domain\tdomain\n" + "x\ty\n" * 40, InputError, "different names"),
        ("domain\t\n" + "x\ty\n" * 40, InputError, "different names"),
        ("domain\n" + "x\n" * 39 + "x\ty\n", InputError, "1 column"),
    ],
)
def test_columns_that_do_not_fit_are_refused(place, text, error, said):
    (place / "columns.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=said):
        evaluate(config(place, columns=place / "columns.tsv"))


@pytest.mark.parametrize("text", ["強い\n", "強い\t\n", "", "a\tb\tc\n"])
def test_a_glossary_that_is_none_is_refused(place, text):
    (place / "terms.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        evaluate(config(place, glossary=place / "terms.tsv"))


def test_a_table_without_a_system_says_what_its_columns_are_called(place):
    (place / "set.tsv").write_text("src\tref\tmine\n" + "猫。\tA cat.\tCat.\n" * 3, encoding="utf-8")
    with pytest.raises(InputError, match="hyp:NAME"):
        evaluate(EvaluateConfig(hypotheses=(str(place / "set.tsv"),), references=()))
