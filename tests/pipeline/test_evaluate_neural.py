"""Neural metrics in an evaluation, by a worker of a few lines whose scores are lengths, so that every expected number is derived here."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from mt.bitext.testsets_mte import metric_scores, read_mte
from mt.errors import ConfigError
from mt.pipeline import evaluate_outputs as outputs
from mt.pipeline.evaluate import evaluate, record, segments
from mt.pipeline.evaluate_compare import compare_runs, compared_lines
from mt.pipeline.evaluate_config import EvaluateConfig
from mt.pipeline.evaluate_neural import write_layout
from mt.pipeline.meta import MetaConfig, evaluate_metrics

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import json, sys
print(json.dumps({"protocol": "kakehashi-metric/1", "metric": sys.argv[1], "model": "m", "revision": sys.argv[2], "precision": "fp32",
                  "library": "fake 1.0", "lower_is_better": sys.argv[1] == "LEN", "needs": ["mt", "ref"]}), flush=True)
for line in sys.stdin:
    row = json.loads(line)
    print(json.dumps({"id": row["id"], "score": abs(len(row["mt"]) - len(row["ref"]))}))
"""
REFS = [f"Sentence number {n} has {n * n} words." for n in range(12)]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "worker.py").write_text(WORKER, encoding="utf-8")
    texts = {"ref": REFS, "good": [r + "!" for r in REFS], "poor": [r[:-5] for r in REFS]}
    for name, rows in texts.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def run(place, *workers):
    commands = tuple(shlex.join([sys.executable, "-S", str(place / "worker.py"), *words]) for words in workers)
    names = (str(place / "good.txt"), str(place / "poor.txt"))
    return evaluate(EvaluateConfig(names, (place / "ref.txt",), resamples=50, trials=50, neural=commands))


def test_a_workers_scores_reach_record_page_and_layout(place, tmp_path):
    state = run(place, ("LEN", "r1"), ("UP", "r1"))
    first, second = state.parts["neural"]
    assert [(row["system"], row["value"]) for row in first["rows"]] == [("good", 1.0), ("poor", 5.0)]
    assert [row["system"] for row in second["rows"]] == ["poor", "good"]
    assert first["segments"]["poor"] == [5.0] * 12
    found, rows = record(state), segments(state)
    page = outputs.text("markdown", found, rows)
    assert re.search(r"\| good +\| +1\.0000", page)
    assert "LEN ↓" in page
    assert "revision:r1" in page
    write_layout(state, tmp_path / "set")
    scores = {(s.name, s.level): s for s in metric_scores(tmp_path / "set", "ja-en")}
    assert scores["LEN", "sys"].systems == {"good": (-1.0,), "poor": (-5.0,)}
    assert scores["LEN", "seg"].references == ("refA",)
    assert read_mte(tmp_path / "set").systems["poor"] == tuple(r[:-5] for r in REFS)
    human = tmp_path / "set" / "human-scores" / "ja-en.mqm.sys.score"
    human.parent.mkdir()
    human.write_text("good 0\npoor -1\n", encoding="utf-8")
    measured = evaluate_metrics(MetaConfig(tmp_path / "set", metrics=(), trials=9))
    assert {m["metric"]: m["accuracy"] for m in measured["metrics"]} == {
        "LEN-refA": 1.0,
        "UP-refA": 0.0,
        "chrF2-refA": 1.0,
        "BLEU-refA": 1.0,
    }


def test_two_recipes_never_share_a_column(place, tmp_path):
    with pytest.raises(ConfigError, match="--neural, LEN"):
        run(place, ("LEN", "r1"), ("LEN", "r2"))
    for name, revision in (("a", "r1"), ("b", "r1"), ("c", "r2")):
        state = run(place, ("LEN", revision))
        outputs.write(tmp_path / name, record(state), segments(state))
    same, other = (compare_runs(tmp_path / "a", tmp_path / name, trials=50) for name in "bc")
    assert [s["difference"] for s in same["neural"][0]["systems"]] == [0.0, 0.0]
    assert other["neural"][0]["systems"] == []
    assert "LEN not compared: signature of LEN" in "\n".join(compared_lines(other))


def test_the_documented_worker_for_comet_is_python_and_greets_with_every_key():
    text = (ROOT / "docs" / "neural-metrics.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.S)
    compile(code, "comet_worker.py", "exec")
    for key in ("protocol", "metric", "model", "revision", "precision", "library", "lower_is_better", "needs"):
        assert f'"{key}"' in code
        assert f"`{key}`" in text


def test_the_documented_worker_speaks_the_protocol(tmp_path):
    # the same code, against stand-ins for the packages it imports
    from mt.models.neural_metric import measure

    text = (ROOT / "docs" / "neural-metrics.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(.*?)```", text, re.S)
    (tmp_path / "comet_worker.py").write_text(code.replace("version('unbabel-comet')", "'2.2.7'"), encoding="utf-8")
    (tmp_path / "torch.py").write_text(
        "class cuda:\n    is_available = staticmethod(lambda: False)\n", encoding="utf-8"
    )
    (tmp_path / "comet.py").write_text(
        "print('noise')\nclass M:\n    def predict(self, data, **_):\n        print('more noise')\n"
        "        class R:\n            scores = [len(d['mt']) / 10 for d in data]\n        return R\n"
        "def load_from_checkpoint(path):\n    return M()\n",
        encoding="utf-8",
    )
    weights = tmp_path / "wmt22-comet-da" / "checkpoints"
    weights.mkdir(parents=True)
    (weights / "model.ckpt").write_bytes(b"weights")
    command = shlex.join([sys.executable, "-S", str(tmp_path / "comet_worker.py"), str(weights.parent)])
    recipe, scores = measure(command, ["a", "bbb"], src=["猫", "犬"], references=["x", "y"])
    assert (recipe.model, recipe.needs, scores) == ("wmt22-comet-da", ("src", "mt", "ref"), (0.1, 0.3))
    assert json.dumps(scores)
