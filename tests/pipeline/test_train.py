"""`mt train` from recipe to model: what is refused before any work, what is held out and guarded, and that the same command resumes."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from mt.errors import ConfigError, InputError
from mt.pipeline.train import load_recipe
from mt.pipeline.train_data import TrainingPairs
from mt.train.options import Recipe, Source, TestSet
from tests.conftest import ROOT
from tests.train.toys import reversals

TOY = """name = "toy"
src_lang = "xx"
tgt_lang = "yy"
[source.digits]
path = "digits.tsv"
hold_out = 20
[sampling]
longest = 40
pool = 300
[vocabulary]
size = 16
byte_fallback = false
[model]
preset = "toy"
anchor = false
[schedule]
updates = 6
[loop]
tokens = 300
guide = 0
threads = 1
log_updates = 2
check_updates = 4
"""


@pytest.fixture
def toy(tmp_path):
    (tmp_path / "toy.toml").write_text(TOY)
    (tmp_path / "digits.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in reversals(400)))
    return tmp_path


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "train").glob("*.toml")), ids=lambda p: p.name)
def test_every_shipped_recipe_is_well(path, tmp_path):
    """The files it names are not part of the project, so empty ones stand in for them."""
    import tomllib

    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in (*raw["source"].values(), *raw["refuse"].values()):
        for name in filter(None, (row["path"], row.get("tgt_path"))):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    recipe = load_recipe(path, tmp_path)
    assert recipe.name == path.stem
    assert set(recipe.refuse) >= {"wmt21", "flores", "tatoeba"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "updates = 6",
            "updats = 6",
            r"toy\.toml:17: schedule\.updats: expected a known key \(did you mean updates\?\)",
        ),
        (
            'preset = "toy"',
            'preset = "huge"',
            r"toy\.toml:14: model\.preset: expected one of 'toy', 'tiny', 'small', 'base'",
        ),
        ("hold_out = 20", "share = 0", r"toy\.toml:6: source\.digits\.share: expected a number above 0"),
        (
            'path = "digits.tsv"',
            'path = "no.tsv"',
            r"toy\.toml: source\.digits\.path: expected a file .*, found none at .*no\.tsv",
        ),
        ("tokens = 300", "tokens = 30", r"loop\.tokens: expected room for one pair of longest \+ 1 = 41, found 30"),
        (
            'name = "toy"',
            'name = "toy"\nanneal = { digit = 1 }',
            r"anneal\.digit: expected the name of a source, found none of that name",
        ),
        ("[source.digits]", "[source]", r"toy\.toml:\d+: source\.path: expected a table, found 'digits\.tsv'"),
    ],
)
def test_a_wrong_recipe_fails_before_any_work(toy, old, new, said):
    (toy / "toy.toml").write_text(TOY.replace(old, new, 1))
    with pytest.raises(ConfigError, match=said):
        load_recipe(toy / "toy.toml")


JA = [f"政府は第{n}回の会合で新しい予算案について話し合った。" for n in range(40)]
EN = [f"At meeting number {n} the government talked about its new budget." for n in range(40)]


def bitext(path, rows):
    path.write_text("".join(f"{s}\t{t}\n" for s, t in rows), encoding="utf-8")
    return str(path)


def test_held_out_pairs_and_their_sides_are_never_trained_on(tmp_path):
    rows = list(zip(JA, EN, strict=True))
    one = bitext(tmp_path / "one.tsv", rows)
    other = bitext(
        tmp_path / "other.tsv",
        [(JA[0], "Another translation of the first sentence."), ("猫がいる。", "There is a cat.")],
    )
    data = TrainingPairs(Recipe("x", {"one": Source(one, hold_out=8), "other": Source(other)}))
    assert [src for src, _ in data.dev] == JA[::5]
    counts = Counter()
    read = data.sources()
    assert list(read["one"](counts)) == [row for n, row in enumerate(rows) if n % 5]
    assert counts == {"held-out": 8}
    assert list(read["other"](counts)) == [("猫がいる。", "There is a cat.")]
    with pytest.raises(InputError, match="expected more than hold_out = 40 pairs, found 40"):
        TrainingPairs(Recipe("x", {"one": Source(one, hold_out=40)}))


def test_a_source_that_overlaps_a_test_set_is_refused_or_its_pairs_dropped(tmp_path):
    test = TestSet(bitext(tmp_path / "test.tsv", [(JA[3], EN[3])]))
    source = {
        "one": Source(bitext(tmp_path / "one.tsv", [("猫がいる。", "There is a cat."), ("別の文だ。", EN[3].upper())]))
    }
    with pytest.raises(
        InputError, match=r"one\.tsv:2: expected no pair of the test set news .*, found a copy: 別の文だ。"
    ):
        list(TrainingPairs(Recipe("x", source, refuse={"news": test})).sources()["one"](Counter()))
    near = {"one": Source(bitext(tmp_path / "two.tsv", [("別の文だ。", EN[3].replace("its", "the"))]))}
    counts = Counter()
    assert not list(TrainingPairs(Recipe("x", near, refuse={"news": test}, on_overlap="drop")).sources()["one"](counts))
    assert counts == {"test-news-near": 1}


def test_the_vocabulary_is_learned_from_every_source(tmp_path):
    big = bitext(tmp_path / "big.tsv", [(f"猫が{n}匹いる。", f"There are {n} cats.") for n in range(2500)])
    small = bitext(tmp_path / "small.tsv", [("鳥がいる。", "There is a bird.")])
    sample = list(TrainingPairs(Recipe("x", {"big": Source(big), "small": Source(small)})).sample(1500))
    assert len(sample) == 1500
    assert ("鳥がいる。", "There is a bird.") in sample


@pytest.mark.long
@pytest.mark.torch
def test_the_command_trains_resumes_and_decays(toy, mt):
    pytest.importorskip("torch", reason="needs the extra `train`")
    first = mt("train", toy / "toy.toml", "--out", toy / "run", "--json")
    assert first.code == 0, first.err
    assert json.loads(first.out)["updates"] == 6
    assert "digits: " in first.err and "20 held out" in first.err
    again = mt("train", toy / "toy.toml", "--out", toy / "run", "--updates", "9")
    assert again.code == 0 and "resumed at update 6" in again.err
    decayed = mt("train", toy / "toy.toml", "--out", toy / "run", "--updates", "0", "--decay", "0.01")
    assert decayed.code == 0 and decayed.out.strip().endswith("decayed")
    assert (toy / "run" / "curve.svg").read_text().startswith("<svg")
    assert json.loads((toy / "run" / "scores.json").read_text()).keys() == {"BLEU", "chrF"}
    (toy / "toy.toml").write_text(TOY.replace("pool = 300", "pool = 301"))
    other = mt("train", toy / "toy.toml", "--out", toy / "run")
    assert other.code == 2
    assert "--out: expected a new directory, or the sources, sampling" in other.error


@pytest.mark.long
@pytest.mark.torch
def test_killed_without_warning_it_resumes_to_the_same_weights(toy, mt):
    """SIGKILL at any moment: the same command goes on from the last checkpoint, and ends with the bytes of a run that was left alone."""
    pytest.importorskip("torch", reason="needs the extra `train`")
    recipe = toy / "toy.toml"
    recipe.write_text(TOY.replace("updates = 6", "updates = 30").replace("[loop]", "[loop]\nsave_minutes = 0"))
    assert mt("train", recipe, "--out", toy / "whole").code == 0
    call = [sys.executable, "-m", "mt", "train", recipe, "--out", toy / "killed"]
    running = subprocess.Popen(call, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pointer = toy / "killed" / "state.json"
    while running.poll() is None and not (pointer.exists() and json.loads(pointer.read_text())["updates"] >= 5):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "it ended before it could be killed"
    again = mt("train", recipe, "--out", toy / "killed")
    assert again.code == 0 and "resumed at update" in again.err
    one, other = (json.loads((toy / name / "state.json").read_text()) for name in ("whole", "killed"))
    assert one == other  # the hash of the weights, average, optimiser and random numbers is in it


@pytest.mark.long
@pytest.mark.torch
def test_back_translated_text_becomes_a_source(toy, mt):
    """English to Japanese, with the starter as the model of the other direction: what people wrote stays on the target side, untouched."""
    pytest.importorskip("torch", reason="needs the extra `train`")
    head = (
        TOY.replace('"xx"', '"en"')
        .replace('"yy"', '"ja"')
        .replace("size = 16", "size = 80")
        .replace("hold_out = 20", "")
    )
    (toy / "toy.toml").write_text(head)
    bitext(toy / "digits.tsv", [(f"There are {n} cats.", f"猫が{n}匹いる。") for n in range(60)])
    mono = [f"犬が{n}匹、庭で遊んでいる。" for n in range(12)]
    (toy / "mono.ja").write_text("".join(f"{line}\n" for line in mono), encoding="utf-8")
    call = ("train", toy / "toy.toml", "--out", toy / "run", "--back-translate", toy / "mono.ja")
    assert "--with: expected a model ja→en, found none" in mt(*call).error
    answer = mt(*call, "--with", "starter")
    assert answer.code == 0, answer.err
    assert "12 pairs" in answer.err and "back-translated: " in answer.err
    made = [row.split("\t") for row in (toy / "run" / "back-translated.tsv").read_text(encoding="utf-8").splitlines()]
    assert [tgt for _, tgt in made] == mono
    assert all(src.isascii() and src for src, _ in made)
    again = mt(*call, "--with", "starter", "--updates", "8")
    assert again.code == 0 and "resumed at update 6" in again.err


@pytest.mark.torch
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 2\t2 1\n1 2 3\n", "digits.tsv:2: expected two columns, found 1 column"),
        ("", "expected more than hold_out = 20 pairs, found 0"),
    ],
)
def test_bad_sources_are_named(toy, mt, text, said):
    (toy / "digits.tsv").write_text(text)
    answer = mt("train", toy / "toy.toml", "--out", toy / "run")
    assert answer.code == 2
    assert said in answer.error
