"""Documentation under test: every command documented, every example of help and README runs."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    ("run",),
    ("translate",),
    ("score",),
    ("evaluate",),
    ("evaluate", "compare"),
    ("evaluate", "meta"),
    ("models",),
    ("models", "list"),
    ("models", "show"),
    ("models", "verify"),
    ("align", "score"),
    ("align", "view"),
    ("memory",),
    ("memory", "stats"),
    ("memory", "import"),
    ("memory", "export"),
    ("memory", "prune"),
    ("memory", "similar"),
    ("align",),
    ("align", "docs"),
    ("align", "words"),
    ("align", "words", "train"),
    ("align", "words", "score"),
    ("mine",),
    ("corpus",),
    ("corpus", "build"),
    ("corpus", "tune"),
    ("corpus", "stats"),
    ("corpus", "sample"),
    ("corpus", "diff"),
    ("corpus", "validate"),
    ("corpus", "card"),
    ("corpus", "convert"),
    ("train",),
    ("distill",),
    ("version",),
]
CORPUS = """name = "mine"
profile = "tm"
[source.mine]
path = "mine.tsv"
[dedup]
near = 0
"""
RECIPE = """name = "mine"
[source]
mine = { path = "mine.tsv", hold_out = 4 }
[sampling]
longest = 40
[vocabulary]
size = 60
byte_fallback = false
[model]
preset = "toy"
anchor = false
[schedule]
updates = 2
[loop]
tokens = 200
guide = 0
threads = 1
"""


@pytest.fixture
def workplace(tmp_path):
    """A directory with the files that the examples name."""
    (tmp_path / "article.ja.txt").write_text("猫がいる。\n犬もいる。\n", encoding="utf-8")
    for name in ("reference.en.txt", "hyp.txt", "ref.txt", "other.txt"):
        (tmp_path / name).write_text("There is a cat.\nThere is a dog.\n", encoding="utf-8")
    for name in ("gold.path", "test.path"):
        (tmp_path / name).write_text("[0]:[0]\n[1]:[1]\n", encoding="utf-8")
    for name in ("a", "b", "c"):
        system = tmp_path / "judged" / "systems" / f"{name}.en"
        system.parent.mkdir(parents=True, exist_ok=True)
        system.write_text(f"There is a {name} cat.\nThere is a dog.\n", encoding="utf-8")
    (tmp_path / "judged" / "ref.en").write_text("There is a cat.\nThere is a dog.\n", encoding="utf-8")
    (tmp_path / "judged" / "human").mkdir()
    scores = "RAW.SCR Z.SCR N SYS N.ALL\n70 0.2 9 a.1 9\n60 0.1 9 b.2 9\n50 -0.3 9 c.3 9\n"
    (tmp_path / "judged" / "human" / "ad-sys-scores-ja-en.csv").write_text(scores, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "corpus.toml").write_text(CORPUS, encoding="utf-8")
    pairs = "".join(f"猫が{n}匹いる。\tThere are {n} cats.\n" for n in range(60))
    (tmp_path / "mine.tsv").write_text(pairs, encoding="utf-8")
    return tmp_path


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", README, re.S)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example_that_runs(mt, shell, workplace, command):
    answer = mt(*command, "--help", env={"COLUMNS": "200"})
    assert answer.code == 0
    assert f"mt {' '.join(command)}" in answer.out
    examples = [
        x.strip(" │") for x in answer.out.splitlines() if re.match(r"\s*(echo .*\| )?mt (?!.*OPTIONS)", x.strip(" │"))
    ]
    if command not in {("models",), ("memory",), ("corpus",)}:
        assert examples
    for line in examples:
        shell(line, workplace)


def test_help_of_the_program_names_every_command(mt):
    out = mt("--help").out
    assert all(command[0] in out for command in COMMANDS)


@pytest.mark.long
def test_the_readmes_shell_examples_run(shell, workplace):
    lines = [x.split("  #")[0].strip() for block in blocks("bash") for x in block.splitlines()]
    lines = [x for x in lines if re.match(r"(echo .*\| )?mt ", x)]
    assert len(lines) >= 5
    for line in lines:
        shell(line, workplace)


def test_the_readmes_python_runs(workplace, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    [code] = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=workplace, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_opens_with_the_two_commands_and_the_picture():
    head = README[:1500]
    assert "scripts/run" in head
    assert "scripts/test" in head
    picture = re.search(r"!\[[^\]]+\]\(([^)]+\.png)\)", head)
    assert picture
    assert (ROOT / picture[1]).is_file()


def test_every_link_of_the_documents_leads_somewhere():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("corpora/*/README.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), (path, target)


def test_the_scripts_say_what_they_do():
    for name in ("run", "test"):
        text = (ROOT / "scripts" / name).read_text("utf-8")
        assert text.startswith("#!/usr/bin/env bash\n# ")
