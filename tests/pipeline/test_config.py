"""Configurations: the shipped ones load, every mistake is named with its line."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from mt.errors import ConfigError, InputError, UserError
from mt.pipeline.config import RunConfig, load_run

ROOT = Path(__file__).resolve().parents[2]
GOOD = '[source]\npath = "a.txt"\nlang = "ja"\n\n[output]\ndir = "out"\n'


def load(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    return load_run(path)


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.toml")), ids=lambda p: p.name)
def test_every_shipped_run_loads_and_its_inputs_are_there(path):
    config = load_run(path)
    assert Path(config.source.path).is_file()
    assert config.reference is None or Path(config.reference.path).is_file()


def leaves(kind, prefix=""):
    for f in fields(kind):
        hint = get_type_hints(kind)[f.name]
        inner = next((h for h in (hint, *get_args(hint)) if is_dataclass(h)), None)
        if inner:
            yield from leaves(inner, f"{prefix}{f.name}.")
        else:
            yield f"{prefix}{f.name}", f


def test_the_article_run_shows_every_key_and_documents_the_defaults():
    text = (ROOT / "configs" / "article.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    shown = {f"{t}.{k}" for t, table in raw.items() if isinstance(table, dict) for k in table}
    shown |= {k for k, v in raw.items() if not isinstance(v, dict)}
    assert shown == {name for name, _ in leaves(RunConfig)}
    for name, field in leaves(RunConfig):
        table, _, key = name.rpartition(".")
        if table in {"model", "decode", "score"} and field.default is not MISSING:
            value = raw[table][key]
            if name == "model.name":  # the article's scores are the starter's, whatever else is installed
                assert (value, field.default) == ("starter", "auto")
                continue
            assert (tuple(value) if isinstance(value, list) else value) == field.default, name
    for line in text.split("\n"):
        if "=" in line.split("#")[0]:
            assert "#" in line or "lang" in line or "[reference]" in text, line


def test_inputs_are_relative_to_the_file(tmp_path):
    assert load(tmp_path, GOOD).source.path == str(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "[decode]\nbaem_size = 4\n", r"run\.toml:8: decode\.baem_size: .*did you mean beam_size\?.*unknown"),
        (GOOD + "[decoding]\n", r"run\.toml:7: decoding: expected a known key \(did you mean decode\?\)"),
        (GOOD + '[decode]\nbeam_size = "4"\n', r"run\.toml:8: decode\.beam_size: expected a whole number, found '4'"),
        (GOOD + "[decode]\nbeam_size = true\n", r"expected a whole number, found true"),
        (GOOD + "[decode]\nbeam_size = 4.0\n", r"expected a whole number, found 4\.0"),
        (
            GOOD + "[decode]\nbeam_size = 0\n",
            r"run\.toml:8: decode\.beam_size: expected a number from 1 to 64, found 0",
        ),
        (GOOD + "[decode]\nlength_penalty = nan\n", r"length_penalty: expected a number from 0 to 10, found nan"),
        (GOOD + "[model]\nthreads = -1\n", r"run\.toml:8: model\.threads: expected a number from 0 to 256, found -1"),
        (
            GOOD + '[model]\nengine = "onnx"\n',
            r"model\.engine: expected one of 'ctranslate2', 'transformers', found 'onnx'",
        ),
        (
            GOOD + '[score]\nmetrics = ["bleu", "rouge"]\n',
            r"score\.metrics: expected one of 'bleu', 'chrf', 'ter', found 'rouge'",
        ),
        (GOOD + "[score]\nmetrics = []\n", r"score\.metrics: expected one metric or more"),
        (GOOD + '[score]\nmetrics = "bleu"\n', r"score\.metrics: expected a list"),
        ('source = "a.txt"\n[output]\ndir = "o"\n', r"run\.toml:1: source: expected a table, found 'a.txt'"),
        ('[source]\npath = "a"\nlang = "ja"\n', r"run\.toml: output: expected a value, found none"),
        ('[source]\nlang = "ja"\n[output]\ndir = "o"\n', r"run\.toml:1: source\.path: expected a value, found none"),
        (GOOD.replace('"ja"', '"en"'), r"source\.lang: expected 'ja'.*found 'en'"),
        (GOOD.replace('"ja"', '"fr"'), r"run\.toml:3: source\.lang: expected one of 'ja', 'en', found 'fr'"),
        (GOOD + '[reference]\npath = "b"\nlang = "ja"\n', r"reference\.lang: expected 'en'"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, text)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[source\n", r"run\.toml:1: expected TOML, found a mistake \(expected ']'"),
        (b"a = 1\nb = \n", r"run\.toml:2: expected TOML, found a mistake \(invalid value"),
        (b"a = '\xff'\n", r"run\.toml: expected TOML in UTF-8, found byte 0xff at offset 5"),
        (b"a = 1\na = 2\n", r"run\.toml:2: expected TOML, found a mistake \(cannot overwrite a value"),
    ],
)
def test_what_is_no_toml_is_said_so(tmp_path, data, said):
    path = tmp_path / "run.toml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        load_run(path)


def test_a_missing_configuration_is_an_input_error(tmp_path):
    with pytest.raises(UserError, match="expected a file, found nothing there"):
        load_run(tmp_path / "no.toml")
