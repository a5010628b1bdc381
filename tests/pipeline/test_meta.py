"""`mt evaluate meta` on directories; WMT21's accuracies were computed from the same files by another program."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mt.bitext.testsets import TestData
from mt.bitext.testsets_mte import write_mte
from mt.errors import ConfigError, InputError
from mt.pipeline.meta import MetaConfig, evaluate_metrics, lines_of, pair_of_langs

WMT21 = Path("../shared/data/wmt21-ja-en")


def test_wmt21s_pairwise_accuracies_come_out():
    if not WMT21.is_dir():
        pytest.skip("no ../shared/data/wmt21-ja-en")
    found = evaluate_metrics(MetaConfig(WMT21, trials=50))
    assert found["human"] == "z"
    assert found["counted"] == (
        "120 pairs of 16 systems; KwaiNLP and XMU wrote the same: 1 pair left out; 119 pairs counted"
    )
    rows = {row["metric"]: row for row in found["metrics"]}
    assert (rows["BLEU"]["alike"], f"{rows['BLEU']['accuracy']:.3f}") == (88, "0.739")
    assert (rows["chrF2"]["alike"], f"{rows['chrF2']['accuracy']:.3f}") == (91, "0.765")
    assert 0.6 < rows["chrF2"]["soft"] < 0.9
    assert rows["chrF2"]["acc23"] is None
    json.dumps(found, allow_nan=False)


@pytest.fixture
def judged(tmp_path):
    """Systems that copy the reference but for a share of their words; people's scores are that share with noise."""
    rng = np.random.default_rng(1)
    words = [f"word{n}" for n in range(300)]
    refs = [" ".join(rng.choice(words, 8)) for _ in range(40)]
    systems, mqm, opposite = {}, {}, {}
    for k, share in enumerate((0.05, 0.2, 0.4, 0.6, 0.8)):
        wrong = rng.random((40, 8)) < share
        systems[f"s{k}"] = tuple(
            " ".join("no" if bad else word for word, bad in zip(ref.split(), row, strict=True))
            for ref, row in zip(refs, wrong, strict=True)
        )
        mqm[f"s{k}"] = [None if n == 3 else -float(row.sum()) for n, row in enumerate(wrong)]
        opposite[f"s{k}"] = [float(row.sum()) for row in wrong]
    data = TestData("t", {"refA": tuple(refs)}, tuple(refs), systems, ("d",) * 40, langs=("ja", "en"))
    write_mte(
        tmp_path,
        data,
        human={"mqm.seg": mqm, "other.sys": {name: [float(-k)] for k, name in enumerate(systems)}},
        metrics={"MetricX-23-refA.seg": opposite, "Bad-src.seg": opposite},
    )
    return tmp_path


def test_a_directory_of_metrics_eval_is_measured_whole(judged):
    found = evaluate_metrics(MetaConfig(judged, metrics=("chrf",), trials=99))
    rows = {row["metric"]: row for row in found["metrics"]}
    assert found["human"] == "mqm"
    assert set(rows) == {"chrF2", "MetricX-23-refA", "Bad"}
    assert rows["chrF2"]["accuracy"] == 1.0
    assert rows["chrF2"]["acc23"] > 0.75
    # lower is better for MetricX by name: minus its score is people's own; the other metric says the opposite
    assert rows["MetricX-23-refA"]["acc23"] == 1.0
    assert (rows["Bad"]["accuracy"], rows["Bad"]["soft"] < 0.3) == (0.0, True)
    assert rows["chrF2"]["items"] == 39
    test = next(t for t in found["tests"] if t["metrics"] == ["chrF2", "Bad"])
    assert test["acc23"][1] == pytest.approx(0.01)
    said = "\n".join(lines_of(found))
    assert "10 pairs of 5 systems; 10 pairs counted" in said
    assert "acc23" in said
    again = evaluate_metrics(MetaConfig(judged, metrics=(), trials=9, lower=("bad",)))
    assert {row["accuracy"] for row in again["metrics"]} == {1.0}


def test_human_scores_can_be_chosen_and_must_exist(judged):
    assert evaluate_metrics(MetaConfig(judged, "other", trials=9))["notes"]
    with pytest.raises(InputError, match="mqm, other"):
        evaluate_metrics(MetaConfig(judged, "esa"))
    for path in (judged / "human-scores").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="human scores"):
        evaluate_metrics(MetaConfig(judged))


def test_files_of_judgements_in_a_plain_folder_are_placed_and_measured(tmp_path):
    (tmp_path / "systems").mkdir()
    (tmp_path / "human").mkdir()
    (tmp_path / "ref.en").write_text("A cat.\nA dog.\n", encoding="utf-8")
    (tmp_path / "docids.txt").write_text("d1\nd2\n", encoding="utf-8")
    for name, text in (("x", "A cat.\nA dog.\n"), ("y", "A cot.\nUgly.\n")):
        (tmp_path / "systems" / f"{name}.en").write_text(text, encoding="utf-8")
    rows = [("u", s, n, "TGT", "jpn", "eng", v, f"d{n + 1}", "False", "[]", 0, 1)
            for s, values in (("x", (90, 80)), ("y", (50, 10))) for n, v in enumerate(values)]  # fmt: skip
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    (tmp_path / "human" / "esa.csv").write_text(text, encoding="utf-8")
    found = evaluate_metrics(MetaConfig(tmp_path, metrics=("chrf",), trials=9))
    assert (found["human"], found["choices"]) == ("esa", ["esa", "esa-z"])
    assert found["metrics"][0]["acc23"] == 1.0


def test_the_command_prints_and_answers_bad_input_in_one_line(mt, judged, tmp_path):
    assert "people's mqm" in mt("evaluate", "meta", judged, "-m", "chrf", "--trials", 9).out
    found = json.loads(mt("evaluate", "meta", judged, "-m", "chrf", "--trials", 9, "--json").out)
    assert found["schema"] == "kakehashi-meta/1"
    answer = mt("evaluate", "meta", tmp_path / "nothing")
    assert (answer.code, "expected" in answer.error) == (2, True)
    assert "--trials: expected" in mt("evaluate", "meta", judged, "--trials", 0).error


def test_languages_are_two_codes():
    with pytest.raises(ConfigError):
        pair_of_langs("jaen")
