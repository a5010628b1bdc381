"""The work of mt evaluate: sacrebleu is the second program for scores; counts, limits and histories are derived in the tests."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sacrebleu.metrics import BLEU, CHRF, TER

from mt.errors import ConfigError, CountError, InputError, OptionError
from mt.pipeline import evaluate_outputs as outputs
from mt.pipeline import history
from mt.pipeline.evaluate import evaluate, record, segments
from mt.pipeline.evaluate_campaign import write_appraise
from mt.pipeline.evaluate_compare import compare_runs, compared_lines
from mt.pipeline.evaluate_config import EvaluateConfig, limits, metric_keys
from mt.pipeline.evaluate_human import write_campaign
from mt.pipeline.evaluate_inputs import found, read_inputs
from mt.pipeline.evaluate_page import build_page
from mt.pipeline.evaluate_verdict import pair_of
from mt.pipeline.published import published
from mt.report.evaluate_page import EvaluatePage, markdown, render

ROOT = Path(__file__).resolve().parents[2]
WMT21 = ROOT.parent / "shared" / "data" / "wmt21-ja-en"
TEXT = "the old bridge over a quiet river was built by people who liked stone more than wood and told stories about it"
WORDS = TEXT.split()


def sentence(n: int, shift: int = 0) -> str:
    """Sentences that differ: words drawn by a fixed walk, so that BLEU has 4-grams to match."""
    return " ".join(WORDS[(n * 7 + k * (1 + n % 3) + shift) % len(WORDS)] for k in range(9)).capitalize() + "."


@pytest.fixture
def place(tmp_path):
    """120 segments in 12 documents; `good` differs from the reference in every tenth word, `poor` in every second, `same` is `good` again."""
    refs = [sentence(n) for n in range(120)]

    def spoilt(every: int) -> list[str]:
        return [
            " ".join("x" if (n + k) % every == 0 else w for k, w in enumerate(r.split())) for n, r in enumerate(refs)
        ]

    texts = {"ref": refs, "good": spoilt(10), "poor": spoilt(2), "same": spoilt(10)}
    texts |= {"src": [f"文{n}。" for n in range(120)], "docs": [f"d{n // 10}" for n in range(120)]}
    for name, lines in texts.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def config(place: Path, *systems: str, **changes: object) -> EvaluateConfig:
    given: dict[str, object] = {
        "resamples": 200,
        "trials": 500,
        "documents": place / "docs.txt",
        "source": place / "src.txt",
    }
    names = tuple(str(place / f"{name}.txt") for name in systems)
    return EvaluateConfig(names, (place / "ref.txt",), **(given | changes))  # type: ignore[arg-type]


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


# --- scores and verdict


def test_scores_are_sacrebleus(place) -> None:
    state = evaluate(config(place, "good", "poor", metrics=("chrf", "bleu", "chrf++", "ter")))
    refs = [lines(place / "ref.txt")]
    for metric, other in (("chrf", CHRF()), ("bleu", BLEU()), ("chrf++", CHRF(word_order=2)), ("ter", TER())):
        for row in state.comparisons[metric].scores:
            assert row.value == pytest.approx(
                other.corpus_score(lines(place / f"{row.system}.txt"), refs).score, abs=1e-6
            )


def test_the_verdict_names_the_better_system_with_difference_p_and_what_people_would_say(place) -> None:
    made = record(evaluate(config(place, "poor", "good")))
    first, second, third = made["verdict"]["lines"]
    assert first.startswith("good is better than poor: +")
    assert "chrF2 (95 % interval" in first
    assert "people would agree in about" in second
    assert made["verdict"]["best"] == "good"
    assert "12 documents" in made["verdict"]["rule"]
    assert third


def test_one_system_gets_its_score_and_no_comparison(place) -> None:
    made = record(evaluate(config(place, "good")))
    assert "one system" in made["verdict"]["lines"][0]
    assert made["verdict"]["best"] is None
    assert "differences" not in [s.id for s in build_page(made, segments_of(place, "good")).sections]


def test_equal_systems_are_not_told_apart(place) -> None:
    made = record(evaluate(config(place, "good", "same")))
    assert "wrote the same" in made["verdict"]["lines"][0]
    assert made["verdict"]["best"] is None


def segments_of(place: Path, *systems: str) -> list[dict[str, object]]:
    return segments(evaluate(config(place, *systems)))


def test_a_pair_can_be_turned_round(place) -> None:
    main = record(evaluate(config(place, "good", "poor")))["comparisons"]["chrf"]
    one, other = pair_of(main, "good", "poor"), pair_of(main, "poor", "good")
    assert one is not None and other is not None
    assert one["difference"] == -other["difference"]
    assert (one["low"], one["high"]) == (-other["high"], -other["low"])


# --- outputs


def test_record_page_and_tables_hold_the_same_numbers(place, tmp_path) -> None:
    state = evaluate(config(place, "good", "poor"))
    made, rows = record(state), segments(state)
    paths = outputs.write(tmp_path / "out", made, rows, command="mt evaluate")
    assert [p.name for p in paths] == ["report.html", "report.md", "tables.tex", "segments.jsonl", "scores.json"]
    again, more = outputs.read(tmp_path / "out")
    assert again == json.loads(json.dumps(made)) and more == rows
    value = next(s["value"] for s in again["comparisons"]["chrf"]["scores"] if s["system"] == "good")
    for name in ("report.html", "report.md", "tables.tex"):
        assert f"{value:.1f}" in (tmp_path / "out" / name).read_text("utf-8")


def test_a_record_made_again_gives_the_same_page(place) -> None:
    state = evaluate(config(place, "good", "poor"))
    made, rows = record(state), segments(state)
    again = json.loads(json.dumps(made))
    assert render(build_page(made, rows)) == render(build_page(again, json.loads(json.dumps(rows))))


def test_every_key_of_the_record_is_in_the_schema_with_its_type(place) -> None:
    schema = json.loads((ROOT / "docs" / "scores.schema.json").read_text("utf-8"))
    made = json.loads(json.dumps(record(evaluate(config(place, "good", "poor", history=place / "h.sqlite")))))
    assert list(wrong(made, schema, schema, "")) == []
    assert set(made) == set(schema["properties"])
    # the checker itself finds a planted fault
    assert list(wrong({**made, "systems": "good"}, schema, schema, "")) != []


def wrong(value, schema, root, where):
    """Places where a value is not as its JSON Schema says: type, required, properties, items, $ref, enum."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    types = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    named = schema.get("type")
    kinds = named if isinstance(named, list) else [named] if named else []
    if kinds and not any(
        isinstance(value, types[k]) and (k == "boolean" or not isinstance(value, bool)) for k in kinds
    ):
        yield f"{where}: expected {kinds}, found {type(value).__name__}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not in {schema['enum']}"
    if isinstance(value, dict):
        yield from (f"{where}: {key} is missing" for key in schema.get("required", ()) if key not in value)
        extra = schema.get("additionalProperties", True)
        for key, one in value.items():
            if key in schema.get("properties", {}):
                yield from wrong(one, schema["properties"][key], root, f"{where}.{key}")
            elif extra is False:
                yield f"{where}: {key} is not known"
            elif isinstance(extra, dict):
                yield from wrong(one, extra, root, f"{where}.{key}")
    if isinstance(value, list) and "items" in schema:
        for n, one in enumerate(value):
            yield from wrong(one, schema["items"], root, f"{where}[{n}]")


def test_limits_decide_the_exit_code(place) -> None:
    made = record(evaluate(config(place, "good", "poor", fail_under=(("chrf", 70.0),))))
    assert [x.split(":")[0] for x in made["failed_limits"]] == ["poor"]
    assert outputs.exit_code(made, strict=False) == 3
    made = record(evaluate(config(place, "good", metrics=("chrf", "ter"), fail_under=(("ter", 90.0),))))
    assert outputs.exit_code(made, strict=False) == 0


# --- inputs


def test_systems_come_by_pattern_name_and_run_folder(tmp_path) -> None:
    for name in ("a/x.en", "b/x.en", "c.en", "run/translation.en.txt", "run/sentences.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A.\n", encoding="utf-8")
    names = list(found([str(tmp_path / "*" / "x.en"), f"new={tmp_path / 'c.en'}", str(tmp_path / "run")]))
    assert names == ["a/x", "b/x", "new", "run"]
    assert list(found([str(tmp_path / "c.en"), str(tmp_path / "c*")])) == ["c"]
    with pytest.raises(InputError, match="expected a pattern that files have, found none"):
        found([str(tmp_path / "nothing*")])
    with pytest.raises(InputError, match="a test set"):
        read_inputs([str(tmp_path / "a")], [])
    with pytest.raises(InputError, match="new: expected a name for one system"):
        found([f"new={tmp_path / 'c.en'}", f"new={tmp_path / 'a' / 'x.en'}"])


def test_a_test_set_brings_its_systems_source_documents_and_columns(tmp_path) -> None:
    (tmp_path / "set" / "systems").mkdir(parents=True)
    for name, text in (
        ("src.ja", "猫。\n犬。\n"),
        ("ref.en", "A cat.\nA dog.\n"),
        ("docids.txt", "d\nd\n"),
        ("systems/x.en", "Cat.\nDog.\n"),
    ):
        (tmp_path / "set" / name).write_text(text, encoding="utf-8")
    for words, references in (([str(tmp_path / "set")], []), ([], [tmp_path / "set"])):
        inputs = read_inputs(words, references)
        assert inputs.test.references == (("A cat.", "A dog."),)
        assert inputs.test.src == ("猫。", "犬。")
        assert inputs.test.documents == ("d", "d")
        assert [(s.name, s.hypotheses) for s in inputs.systems] == [("x", ("Cat.", "Dog."))]


def test_a_run_folder_is_scored_by_paragraph_on_the_reference_it_was_made_with(tmp_path) -> None:
    (tmp_path / "ref.txt").write_text("A cat is here. It sleeps.\nA dog.\n", encoding="utf-8")
    run = tmp_path / "run"
    run.mkdir()
    rows = [(0, "猫がいる。", "There is a cat."), (0, "寝ている。", "It sleeps."), (1, "犬。", "A dog.")]
    sentences = [json.dumps({"paragraph": p, "src": s, "hyp": h}) for p, s, h in rows]
    (run / "sentences.jsonl").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    (run / "translation.en.txt").write_text("There is a cat. It sleeps.\nA dog.\n", encoding="utf-8")
    options = {"reference": {"path": str(tmp_path / "ref.txt"), "lang": "en", "paragraphs": "line"}}
    (run / "manifest.json").write_text(json.dumps({"options": options}), encoding="utf-8")
    state = evaluate(EvaluateConfig((str(run),), (), resamples=10, trials=10))
    assert state.systems[0].hypotheses == ("There is a cat. It sleeps.", "A dog.")
    assert state.test.references == (("A cat is here. It sleeps.", "A dog."),)
    assert state.test.src == ("猫がいる。寝ている。", "犬。")
    assert "unit:paragraph" in state.main.signature
    (run / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="the sentences of a run"):
        read_inputs([str(run)], [])


def test_a_document_that_comes_back_is_another_one(place) -> None:
    (place / "docs.txt").write_text("\n".join(["a", "b", "a"] * 40) + "\n", encoding="utf-8")
    test = read_inputs([str(place / "good.txt")], [place / "ref.txt"], documents=place / "docs.txt").test
    # a b a, a b a, …: one run at the start, then b and a double a for each of the 40, the last a single
    assert len(list(test.spans())) == 1 + 2 * 40
    assert test.documents is not None and test.documents[2] == "a (2)"


def test_counts_that_differ_are_refused_with_both(place) -> None:
    short = place / "good.txt"
    short.write_text("\n".join(lines(short)[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(CountError, match="expected 120 lines as in the reference, found 119 lines") as e:
        evaluate(config(place, "good"))
    assert "--align auto" in str(e.value)
    (place / "src.txt").write_text("文。\n", encoding="utf-8")
    with pytest.raises(CountError, match=r"src.txt: expected 120 lines as in .*ref.txt, found 1 line"):
        evaluate(config(place, "poor"))


def test_options_out_of_range_say_so(place) -> None:
    with pytest.raises(OptionError, match="alpha"):
        config(place, "good", alpha=0.9)
    with pytest.raises(ConfigError, match="expected one of bleu"):
        metric_keys(("blue",))
    with pytest.raises(ConfigError, match="METRIC=NUMBER"):
        limits(("chrF2:40",))
    with pytest.raises(ConfigError, match="measured"):
        config(place, "good", fail_under=(("ter", 40.0),))
    with pytest.raises(ConfigError, match="--pair"):
        evaluate(config(place, "good", "poor", pair=("good", "nobody")))


def test_a_system_with_other_lines_is_aligned_where_that_is_asked_for(place) -> None:
    whole = lines(place / "good.txt")
    pairs = [f"{whole[n]} {whole[n + 1]}" for n in range(0, 120, 2)]
    (place / "joined.txt").write_text("\n".join(pairs) + "\n", encoding="utf-8")
    state = evaluate(config(place, "joined", "good", align="auto"))
    scores = {s.system: s.value for s in state.comparisons["chrf"].scores}
    # the bar of the field notes for chrF after alignment
    assert abs(scores["joined"] - scores["good"]) <= 0.5
    made = record(state)
    assert "align:" in made["comparisons"]["chrf"]["signature"]
    # every word of the system is kept, in order
    assert " ".join(state.systems[0].hypotheses).split() == " ".join(whole).split()
    [section] = [s for s in build_page(made, segments(state)).sections if s.id == "alignment"]
    assert "joined" in markdown_of(section)


@pytest.mark.parametrize(
    ("way", "method"),
    [("auto", "ids"), ("ids", "ids"), ("beads", "bead+soft"), ("words", "soft"), ("documents", "document")],
)
def test_every_rung_of_the_ladder_can_be_asked_for_and_is_named_in_the_report(place, way, method) -> None:
    """`cut` is `good` with every fifth segment in two lines, in another order of documents: by ids and documents of its lines nothing is lost."""
    rows = []
    for n, text in reversed(list(enumerate(lines(place / "good.txt"), 1))):
        words = text.split()
        parts = [" ".join(words[4:]), " ".join(words[:4])] if n % 5 == 0 else [text]
        rows += [(f"d{(n - 1) // 10}", str(n), part) for part in parts]
    rows.reverse()
    if way in {"auto", "ids"}:
        # other order than the segments': what only ids repair; the parts of one segment in theirs
        rows.sort(key=lambda row: row[0], reverse=True)
    for name, column in (("cut-docs", 0), ("cut-ids", 1), ("cut", 2)):
        (place / f"{name}.txt").write_text("\n".join(row[column] for row in rows) + "\n", encoding="utf-8")
    given: dict[str, object] = {"line_documents": (f"cut={place / 'cut-docs.txt'}",), "align": way}
    if method == "ids":
        given["line_ids"] = (f"cut={place / 'cut-ids.txt'}",)
    if way == "ids":
        given["line_ids"] = (*given["line_ids"], f"good={place / 'numbers.txt'}")  # type: ignore[misc]
        (place / "numbers.txt").write_text("\n".join(map(str, range(1, 121))) + "\n", encoding="utf-8")
    state = evaluate(config(place, "cut", "good", **given))
    made = record(state)
    assert {s["name"]: s["method"] for s in made["alignment"]["systems"]}["cut"] == method
    assert f"align:{method}" in made["comparisons"]["chrf"]["signature"].replace("+lines", "")
    scores = {s.system: s.value for s in state.comparisons["chrf"].scores}
    # exact by ids; the bar of the field notes for what is aligned
    assert abs(scores["cut"] - scores["good"]) <= (1e-9 if method in {"ids", "document"} else 0.5)
    shown = markdown_of(next(s for s in build_page(made, segments(state)).sections if s.id == "alignment"))
    assert f"asked for was {way}" in shown and f"| {method} |" in shown


def test_rows_with_ids_in_another_order_are_refused_or_joined(place) -> None:
    refs, good = lines(place / "ref.txt"), lines(place / "good.txt")
    (place / "set.tsv").write_text("id\tref\n" + "".join(f"s{n}\t{r}\n" for n, r in enumerate(refs)), encoding="utf-8")
    rows = [f"s{n}\t{text}\n" for n, text in enumerate(good)]
    (place / "good.tsv").write_text("id\tmt\n" + "".join(reversed(rows)), encoding="utf-8")

    def asked(align: str) -> EvaluateConfig:
        return EvaluateConfig((str(place / "good.tsv"),), (place / "set.tsv",), align=align, resamples=0, trials=9)  # type: ignore[arg-type]

    with pytest.raises(InputError, match=r"good.tsv:1: expected the id 's0'; --align ids joins by them, found 's119'"):
        evaluate(asked("none"))
    assert evaluate(asked("auto")).systems[0].hypotheses == tuple(good)


def test_what_is_asked_of_lines_must_fit_them(place) -> None:
    (place / "few.txt").write_text("1\n2\n", encoding="utf-8")
    with pytest.raises(CountError, match=r"few.txt: expected 120 lines as in good, found 2 lines"):
        evaluate(config(place, "good", line_ids=(str(place / "few.txt"),)))
    with pytest.raises(InputError, match="expected one of the systems good, found bad"):
        evaluate(config(place, "good", line_ids=(f"bad={place / 'few.txt'}",)))
    with pytest.raises(ConfigError, match="--align ids: expected segments of the lines of good"):
        evaluate(config(place, "good", align="ids"))


def markdown_of(section) -> str:
    return markdown(EvaluatePage("", (), (), (section,)))


def test_peoples_judgements_come_in_and_a_campaign_goes_out(place, tmp_path) -> None:
    heads = ("system", "doc", "doc_id", "seg_id", "rater", "source", "target", "category", "severity")
    rows = ["\t".join(heads)]
    for n in range(10):
        for name, severity in (("good", "no-error"), ("poor", "Major")):
            text = lines(place / f"{name}.txt")[n]
            category = "no-error" if severity == "no-error" else "Accuracy/Mistranslation"
            rows.append(
                "\t".join((name, f"d{n // 10}", str(n % 10), str(n), "r1", f"文{n}。", text, category, severity))
            )
    (tmp_path / "mqm.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    state = evaluate(config(place, "good", "poor", human=(tmp_path / "mqm.tsv",)))
    [found_people] = record(state)["human"]
    # a major error weighs 5, none 0, and an MQM value is minus the sum
    assert {s["system"]: s["mean"] for s in found_people["systems"]} == {"good": 0.0, "poor": -5.0}
    [section] = [s for s in build_page(record(state), segments(state)).sections if s.id == "human"]
    assert "| poor | −5.00 |" in markdown_of(section) or "| poor | -5.00 |" in markdown_of(section)
    assert write_campaign(state, tmp_path / "campaign.json", 7) == 7
    made = json.loads((tmp_path / "campaign.json").read_text("utf-8"))
    items = [item for annotator in made["data"] for document in annotator for item in document]
    assert len(items) == 7
    assert all(item["tgt"]["good"] != item["tgt"]["poor"] for item in items)
    count, files = write_appraise(state, tmp_path / "appraise", 7)
    [batch] = json.loads(files[0].read_text("utf-8"))
    asked = {item["itemID"] for item in batch["items"] if item["itemType"] == "TGT"}
    # the same segments, which Pearmut's file numbers from 1 and Appraise's from 1,000,001, and more for a task of 100 items
    assert asked > {1_000_000 + int(item["item_id"].removeprefix("segment-")) for item in items}
    # 91 items of two systems, 9 checks
    assert count == len(asked) == 45


# --- two runs, and many


def test_two_runs_are_compared_on_their_segments(place, tmp_path) -> None:
    for name, system in (("old", "good"), ("new", "poor")):
        state = evaluate(config(place, system))
        outputs.write(tmp_path / name, record(state), segments(state))
    result = compare_runs(tmp_path / "old", tmp_path / "new", trials=500)
    [row] = result["systems"]
    assert (row["old"], row["new"], row["worse"]) == ("good", "poor", True)
    chrf = next(s for s in row["scores"] if s["metric"] == "chrf")
    refs = [lines(place / "ref.txt")]
    expected = [CHRF().corpus_score(lines(place / f"{name}.txt"), refs).score for name in ("good", "poor")]
    assert [chrf["old"], chrf["new"]] == pytest.approx(expected)
    assert "worse" in "\n".join(compared_lines(result))
    same = compare_runs(tmp_path / "old", tmp_path / "old", trials=10)
    assert same["systems"][0]["changed"] == 0
    with pytest.raises(InputError, match="an evaluation with the schema"):
        (tmp_path / "old" / "scores.json").write_text("{}", encoding="utf-8")
        compare_runs(tmp_path / "old", tmp_path / "new")


def test_runs_of_different_test_sets_are_refused(place, tmp_path) -> None:
    state = evaluate(config(place, "good"))
    outputs.write(tmp_path / "old", record(state), segments(state))
    changed = lines(place / "ref.txt")
    changed[4] = "Something else."
    (place / "ref.txt").write_text("\n".join(changed) + "\n", encoding="utf-8")
    state = evaluate(config(place, "good"))
    outputs.write(tmp_path / "new", record(state), segments(state))
    with pytest.raises(InputError, match="from segment 5 on"):
        compare_runs(tmp_path / "old", tmp_path / "new")


def entry(run: str, value: float, sha: str) -> history.Entry:
    return history.Entry(run, "t", "a", sha, "chrf", "s", value, value - 1, value + 1, "abc")


def test_a_history_keeps_each_text_once_in_a_row_and_names_what_fell(tmp_path) -> None:
    file = tmp_path / "h.sqlite"
    assert history.keep(file, [entry("1", 40, "x")]) == 1
    assert history.keep(file, [entry("2", 40, "x")]) == 0
    assert history.keep(file, [entry("3", 42, "y")]) == 1
    assert history.keep(file, [entry("4", 40, "x")]) == 1
    rows = history.course(file, "t", "chrf", "s")
    assert [(e.run, e.value, e.commit) for e in rows] == [("1", 40, "abc"), ("3", 42, "abc"), ("4", 40, "abc")]
    # 40 + 1 < 42: the third lies wholly below the best before it
    assert [e.run for e in history.regressed(rows)] == ["4"]
    assert history.course(file, "t", "chrf", "another signature") == []


def test_a_file_that_is_no_history_is_left_alone(tmp_path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("notes " * 100, encoding="utf-8")
    with pytest.raises(InputError, match="a history of scores"):
        history.keep(text, [entry("1", 40, "x")])
    assert text.read_text("utf-8") == "notes " * 100
    other = tmp_path / "other.sqlite"
    base = sqlite3.connect(other)
    base.execute("CREATE TABLE mine (x)")
    base.commit()
    base.close()
    with pytest.raises(InputError, match="another SQLite file"):
        history.keep(other, [entry("1", 40, "x")])


# --- WMT21


needs_wmt21 = pytest.mark.skipif(not WMT21.is_dir(), reason="needs ../shared/data/wmt21-ja-en")


@needs_wmt21
def test_the_test_set_is_known_and_its_published_figures_are_these() -> None:
    found_set = published([lines(WMT21 / "ref.en")])
    assert found_set is not None
    # WMT21's own table of automatic scores: WeChat-AI 27.8 / 53.5
    assert {"system": "WeChat-AI (best BLEU of WMT21)", "bleu": 27.8, "chrf": 53.5} in found_set["systems"]


@needs_wmt21
@pytest.mark.slow
def test_sixteen_systems_are_scored_as_the_organisers_scored_them() -> None:
    names = [str(p) for p in sorted((WMT21 / "systems").iterdir())]
    made = EvaluateConfig(
        tuple(names),
        (WMT21 / "ref.en",),
        source=WMT21 / "src.ja",
        documents=WMT21 / "docids.txt",
        resamples=200,
        trials=1000,
    )
    state = evaluate(made)
    scores = {m: {s.system: s.value for s in c.scores} for m, c in state.comparisons.items()}
    # the organisers' automatic-scores.tsv
    published_scores = {
        "WeChat-AI": (27.79, 53.48),
        "Facebook-AI": (27.70, 53.61),
        "NiuTrans": (27.25, 53.22),
        "Online-Y": (17.30, 45.48),
    }
    for name, (bleu, chrf) in published_scores.items():
        assert scores["bleu"][name] == pytest.approx(bleu, abs=0.006)
        assert scores["chrf"][name] == pytest.approx(chrf, abs=0.006)
    found_record = record(state)
    pair = pair_of(found_record["comparisons"]["chrf"], "KwaiNLP", "XMU")
    assert pair is not None and pair["identical"]
    assert len(render(build_page(found_record, segments(state)))) < 6_000_000
