"""The adapter to neural metrics, against workers of a few lines that behave well or badly."""

from __future__ import annotations

import shlex
import sys
import time

import pytest

from mt.errors import ConfigError, CountError, ModelError
from mt.models.neural_metric import measure

WORKER = """
import json, sys, time
hello = {"protocol": "kakehashi-metric/1", "metric": "FAKE", "model": "m", "revision": "r1", "precision": "fp32",
         "library": "fake 1.0", "lower_is_better": False, "needs": ["src", "mt", "ref"]}
hello.update(HELLO)
if "--silent" in sys.argv: time.sleep(60)
print(json.dumps(hello), flush=True)
rows = [json.loads(line) for line in sys.stdin]
answers = [{"id": r["id"], "score": len(r["mt"]) + 100 * len(r.get("ref", ""))} for r in rows]
BODY
for a in answers: print(json.dumps(a))
"""
HYPS, REFS, SRC = ["a", "bbb", "cc"], ["x", "", "yy"], ["猫", "犬", "鳥"]


@pytest.fixture
def worker(tmp_path):
    def make(body="", hello="{}", *more):
        path = tmp_path / "a worker.py"
        path.write_text(WORKER.replace("HELLO", hello).replace("BODY", body), encoding="utf-8")
        return shlex.join([sys.executable, "-S", str(path), *more])

    return make


def test_scores_come_in_the_order_of_segments_with_the_recipe(worker):
    recipe, scores = measure(worker("answers.reverse()"), HYPS, src=SRC, references=REFS)
    assert scores == (101.0, 3.0, 202.0)
    assert str(recipe.signature()) == (
        "metric:FAKE|model:m|revision:r1|precision:fp32|library:fake 1.0|sides:src+mt+ref|better:higher"
    )


def test_only_what_the_metric_needs_is_sent(worker):
    body = "assert all(set(r) == {'id', 'src', 'mt'} for r in rows)"
    assert measure(worker(body, "{'needs': ['mt', 'src']}"), HYPS, src=SRC)[1] == (1.0, 3.0, 2.0)


@pytest.mark.parametrize(
    ("body", "hello", "error", "said"),
    [
        ("answers.pop()", "{}", CountError, "found 2 scores"),
        ("answers.append(answers[0])", "{}", ModelError, "a second time"),
        ("answers[0]['id'] = 7", "{}", ModelError, "which was not asked for"),
        ("answers[0]['score'] = None", "{}", ModelError, "a number as score of segment 0"),
        ("answers[0]['score'] = float('nan')", "{}", ModelError, "a number as score of segment 0"),
        ("answers = [{'error': 'CUDA is out of memory'}]", "{}", ModelError, "CUDA is out of memory"),
        ("print('Loading weights')", "{}", ModelError, "print nothing else to stdout"),
        ("sys.exit('no weights at /models/x')", "{}", ModelError, "exit code 1; it said: no weights at /models/x"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "{}", ModelError, "signal 9"),
        ("", "{'protocol': 'other/2'}", ModelError, "the protocol kakehashi-metric/1"),
        ("", "{'revision': ''}", ModelError, "revision in its greeting"),
        ("", "{'needs': ['src']}", ModelError, "mt among them"),
        ("", "{'lower_is_better': 'no'}", ModelError, "true or false"),
    ],
)
def test_what_goes_wrong_is_one_clear_error(worker, body, hello, error, said):
    with pytest.raises(error) as e:
        measure(worker(body, hello), HYPS, src=SRC, references=REFS)
    assert said in str(e.value)
    assert "\n" not in str(e.value)


def test_a_silent_worker_is_ended(worker):
    began = time.monotonic()
    with pytest.raises(ModelError, match="silence"):
        measure(worker("", "{}", "--silent"), HYPS, src=SRC, references=REFS, timeout=1.0)
    assert time.monotonic() - began < 20


def test_a_worker_that_never_reads_cannot_hold_us_up(tmp_path):
    path = tmp_path / "w.py"
    path.write_text(WORKER.split("rows =", maxsplit=1)[0].replace("HELLO", "{}") + "sys.exit('gone')", encoding="utf-8")
    many = ["x" * 1000] * 3000  # more than a pipe holds
    with pytest.raises(ModelError, match="exit code 1"):
        measure(shlex.join([sys.executable, "-S", str(path)]), many, src=many, references=many)


def test_what_cannot_start_or_lacks_a_side_is_an_option_at_fault(worker):
    for command in ("no-such-command-anywhere", "", "'open"):
        with pytest.raises(ConfigError, match="a command that starts"):
            measure(command, HYPS)
    with pytest.raises(ConfigError, match="the side ref"):
        measure(worker(), HYPS, src=SRC)
    with pytest.raises(CountError):
        measure(worker(), HYPS, src=SRC[:2])
