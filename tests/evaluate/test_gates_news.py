"""Gates on newstest2021 ja-en: false alarms on the best systems and the reference, recall on planted damage, what is wrong with real systems."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mt.evaluate.gates import check
from mt.evaluate.testset import System, TestSet

NEWS = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt21-ja-en"
pytestmark = pytest.mark.skipif(not NEWS.is_dir(), reason="needs ../shared/data/wmt21-ja-en")
BEST = ("WeChat-AI", "NiuTrans", "Facebook-AI", "HuaweiTSC")


def read(path):
    return tuple(path.read_text("utf-8").removesuffix("\n").split("\n"))


def system(name):
    return System(name, read(NEWS / "systems" / f"{name}.en"))


@pytest.fixture(scope="module")
def news():
    return TestSet(
        (read(NEWS / "ref.en"),), src=read(NEWS / "src.ja"), documents=read(NEWS / "docids.txt"), name="newstest2021"
    )


def stopped(findings, gate):
    return {n for f in findings if f.gate == gate for n in f.lines}


def test_the_best_systems_and_the_reference_pass(news):
    gates = check(news, [system(name) for name in BEST])
    assert {f.severity for f in gates.findings} <= {"note"}
    for name in BEST:
        lines = {n for f in gates.findings if f.system == name for n in f.lines}
        assert len(lines) <= 0.006 * len(news), name
    # the human translation, against the best system in place of a reference
    turned = check(TestSet((system("WeChat-AI").hypotheses,), src=news.src), [System("human", news.references[0])])
    assert not turned.failed
    assert sum(f.count for f in turned.findings) <= 0.01 * len(news)


def test_what_is_known_to_be_wrong_with_real_systems(news):
    # copies of each other: the field notes, section 8; the phrase of Online-W and the kanji of Online-G were read in their files
    gates = check(news, [system(name) for name in ("KwaiNLP", "Online-G", "Online-W", "XMU")])
    said = {(f.gate, f.severity): f.said for f in gates.findings}
    assert said["identical-systems", "error"] == "KwaiNLP and XMU are the same, line by line"
    assert "“I'm not sure what to make of it.” 9 times" in said["same-answer", "warning"]
    assert said["source-script", "error"].startswith("Online-G: 17 of 1,005 lines")


def damage(rng, kind, text, src):
    words = text.split()
    if kind == "empty":
        return ""
    if kind == "source-copy":
        return src
    if kind == "source-script":
        words[rng.randrange(len(words))] = "東京"
        return " ".join(words)
    if kind == "loop":
        at = rng.randrange(len(words))
        return " ".join([*words[:at], *words[at : at + rng.randint(1, 4)] * 12])
    if kind == "length":
        return text[: len(text) // 4]
    return text.encode().replace(b"'", "’".encode()).decode("cp1252", "replace") + " â€\x9d"


@pytest.mark.parametrize("kind", ["empty", "source-copy", "source-script", "loop", "length", "damage"])
def test_planted_damage_is_found(news, kind):
    rng = random.Random(3)
    lines = list(system("WeChat-AI").hypotheses)
    # long enough for a quarter of it to be no translation, and with a word of Japanese to copy
    able = [n for n, ref in enumerate(news.references[0]) if len(ref) >= 60 and not news.src[n].isascii()]
    chosen = sorted(rng.sample(able, 50))
    for n in chosen:
        lines[n] = damage(rng, kind, lines[n], news.src[n])
    findings = check(news, [System("a", tuple(lines))]).findings
    found = stopped(findings, kind)
    assert len(found & {n + 1 for n in chosen}) >= 48
    assert len(found - {n + 1 for n in chosen}) <= 6
    assert any(f.severity in {"error", "warning"} for f in findings if f.gate == kind)


@pytest.mark.parametrize("name", ["WeChat-AI", "Illini"])
@pytest.mark.parametrize("first", [100, 500])
def test_a_line_lost_and_one_added_later_is_a_shift(news, name, first):
    lines = list(system(name).hypotheses)
    del lines[first]
    lines.insert(first + 30, "")
    [one] = [f for f in check(news, [System("a", tuple(lines))]).findings if f.gate == "shifted"]
    assert one.severity == "error"
    assert abs(one.lines[0] - (first + 1)) <= 2
    assert abs(one.count - 30) <= 4


def test_another_document_order_is_unrelated(news):
    lines = system("WeChat-AI").hypotheses
    turned = check(news, [System("a", lines[300:] + lines[:300])])
    assert "unrelated" in {f.gate for f in turned.findings if f.severity == "error"}
