"""Three known defects of sacrebleu 2.6, each with its own behaviour shown beside ours: a later sacrebleu that mends one fails the test here."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest, _compute_p_value

from mt.errors import CountError
from mt.evaluate.significance import compare
from mt.evaluate.statistics import METRICS, table, tables

THREE = ["It rained all day long.", "He is not here.", "Yes, of course."]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("hyps", "refs"), [(THREE, THREE[:1]), (THREE[:1], THREE)])
def test_streams_of_unequal_length_are_refused_and_not_cut(metric, hyps, refs):
    """sacrebleu#220: the Python interface pairs lines while both sides have some, and scores three lines against one as perfect."""
    theirs = {"bleu": BLEU, "chrf": CHRF, "chrf++": lambda: CHRF(word_order=2), "ter": TER}[metric]()
    assert theirs.corpus_score(hyps, [refs]).score == pytest.approx(0 if metric == "ter" else 100)
    with pytest.raises(CountError, match=r"expected . segments? as in reference, found . segment"):
        table(metric, hyps, [refs])


def test_a_comparison_by_chrf_can_be_written_as_json(tmp_path):
    """sacrebleu's default format of several systems, with --paired-bs and chrF, ends in a traceback: a number of numpy's is not JSON."""
    lines = THREE * 10
    files = {"ref": lines, "a": [x.lower() for x in lines], "b": [x.upper() for x in lines]}
    for name, content in files.items():
        (tmp_path / name).write_text("\n".join(content) + "\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "sacrebleu",
        "ref",
        "-i",
        "a",
        "b",
        "-m",
        "chrf",
        "--paired-bs",
        "--paired-bs-n",
        "50",
    ]
    theirs = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert theirs.returncode == 1
    assert "TypeError: Object of type float32 is not JSON serializable" in theirs.stderr
    ours = compare(dict(zip("ab", tables("chrf", [files["a"], files["b"]], [lines]), strict=True)), trials=99)
    assert json.loads(json.dumps(dataclasses.asdict(ours)))["pairs"][0]["better"] == "a"


def test_p_of_the_bootstrap_is_two_sided():
    """sacrebleu's --paired-bs takes the absolute value of what it should centre first, and reports half of p.

    Over references of ten words TER is ten times the mean number of edits. Of 400 segments the one system needs an edit more in 115 and one less in
    87, so Δ is 28 edits, its variance 202 − 28² / 400, z = 1.98, and p = 2 (1 − Φ(z)) = 0.048, from a table of the normal distribution.
    """
    refs = ["w w w w w w w w w w"] * 400
    one = ["x x w w w w w w w w"] * 115 + ["w w w w w w w w w w"] * 87 + ["x w w w w w w w w w"] * 198
    other = ["x w w w w w w w w w"] * 400
    p = 0.048
    [pair] = compare(
        dict(zip("ab", tables("ter", [one, other], [refs]), strict=True)), resamples=4000, trials=4000
    ).pairs
    _, theirs = PairedTest([("a", one), ("b", other)], {"TER": TER()}, [refs], "bs", n_samples=4000)()
    assert pair.difference == pytest.approx(28 / 40)
    # four standard errors of 4,000 draws, and 28 edits that are one of few whole numbers
    assert pair.p_bootstrap == pytest.approx(p, abs=0.016)
    assert pair.p == pytest.approx(p, abs=0.016)
    assert theirs["TER"][1].p_value == pytest.approx(p / 2, abs=0.01)


def test_the_formula_that_halves_p_is_the_one_that_sacrebleu_uses():
    """Resampled differences lie about Δ, nearly all on its side of 0, so the mean of their sizes is about Δ too, and |Δ*| − Δ > Δ is one tail."""
    drawn = np.random.default_rng(1).normal(1.8, 1.0, 100_000)  # resampled differences about Δ = 1.8 σ
    size = np.abs(drawn)
    theirs = _compute_p_value(size - size.mean(), 1.8)
    centred = float((np.abs(drawn - drawn.mean()) >= 1.8).mean())
    assert centred == pytest.approx(0.0719, abs=0.004)  # 2 (1 − Φ(1.8)), from a table of the normal distribution
    assert theirs == pytest.approx(0.0359, abs=0.004)  # 1 − Φ(1.8)
