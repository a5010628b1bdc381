"""Which files are meant, and where their translations go."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import ConfigError, InputError
from mt.pipeline.targets import Found, Naming, find, targets


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        "in/b.txt",
        "in/a.ja.txt",
        "in/deep/er/c.txt",
        "in/notes.md",
        "in/.hidden.txt",
        "in/.git/x.txt",
        "in/en/old.txt",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("猫\n", encoding="utf-8")
    return tmp_path


def names(found):
    return [(f.path.as_posix(), f.below.as_posix()) for f in found]


def test_a_tree_is_walked_in_order_without_hidden_files_and_earlier_output(tree):
    wanted = [("in/a.ja.txt", "."), ("in/b.txt", "."), ("in/deep/er/c.txt", "deep/er")]
    assert names(find([Path("in")], skip=Path("in/en"))) == wanted
    assert names(find([Path("in")], "*.md")) == [("in/notes.md", ".")]
    assert names(find([Path("in/**/*.txt")], skip=Path("in/en"))) == wanted
    assert names(find([Path("in/d*/er/?.txt")])) == [("in/deep/er/c.txt", "deep/er")]


def test_files_that_are_named_are_taken_as_they_are(tree):
    Path("[x].txt").write_text("猫")
    named = [Path("in/.hidden.txt"), Path("no.txt"), Path("[x].txt"), Path("-")]
    assert names(find(named)) == [(p.as_posix(), ".") for p in named]
    assert names(find([Path("in")], None)) == [("in", ".")]  # for who opens it to complain


@pytest.mark.parametrize(
    ("path", "pattern", "error"),
    [("in", "*.srt", InputError), ("x*.txt", None, InputError), ("in", "/etc/*", ConfigError), ("in", "", ConfigError)],
)
def test_nothing_found_and_no_pattern(tree, path, pattern, error):
    with pytest.raises(error):
        find([Path(path)], pattern)


def test_trees_are_mirrored(tree):
    rows = targets(find([Path("in")], skip=Path("in/en")), Naming(Path("out")))
    assert [t.as_posix() for _, t in rows] == ["out/a.en.txt", "out/b.en.txt", "out/deep/er/c.en.txt"]
    rows = targets(find([Path("in/deep")]), Naming.suffix("_en"))
    assert [t.as_posix() for _, t in rows] == ["in/deep/er/c_en.txt"]
    rows = targets(find([Path("in/deep")]), Naming(Path("out"), "{dir}/x/{name}"))
    assert [t.as_posix() for _, t in rows] == ["out/er/x/c.txt"]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{dir}/x.txt", "{stem} or {name} in it"),
        ("{stem}{lang}", "fields {dir}, {stem}, {ext}, {name} only"),
        ("{stem!r}", "fields"),
        ("{stem:>9}", "fields"),
        ("{0}{stem}", "fields"),
        ("{stem.x}", "fields"),
        ("{stem", "a template such as"),
    ],
)
def test_templates_with_a_mistake(template, said):
    with pytest.raises(ConfigError) as e:
        Naming(template=template)
    assert str(e.value).startswith(f"--template: expected {said}")


@given(st.text(st.sampled_from("ab{}.ja "), min_size=1, max_size=12).filter(lambda s: s.strip(". ")))
def test_braces_in_names_and_suffixes_are_only_braces(name):
    found = Found(Path(name + ".txt"))
    assert Naming.suffix(name).of(found).name == name.removesuffix(".ja") + name + ".txt"


@pytest.mark.parametrize("suffix", ["", "a/b"])
def test_a_suffix_that_is_none(suffix):
    with pytest.raises(ConfigError, match="--suffix: expected letters"):
        Naming.suffix(suffix)


def test_clashes_and_inputs_about_to_be_overwritten(tree):
    with pytest.raises(
        ConfigError, match=r"--out-dir: expected files of different names, found x/a\.ja\.txt and y/a\.txt"
    ):
        targets([Found(Path("x/a.ja.txt")), Found(Path("y/a.txt"))], Naming(Path("out"), option="--out-dir"))
    overwritten = r"--suffix: expected names where no input is overwritten, found in/b\.txt going to in/b\.ja\.txt"
    with pytest.raises(ConfigError, match=overwritten):
        targets([Found(Path("in/b.txt")), Found(Path("in/b.ja.txt"))], Naming.suffix(".ja"))
    with pytest.raises(ConfigError, match="different names"):
        targets([Found(Path("a.txt"))], Naming(Path("out")), also=[Path("out/a.en.txt")])


def test_a_link_to_an_input_is_that_input(tree):
    Path("link").symlink_to("in")
    with pytest.raises(ConfigError, match="no input is overwritten"):
        targets([Found(Path("in/b.txt"))], Naming(Path("link"), "{name}", option="--out-dir"))
