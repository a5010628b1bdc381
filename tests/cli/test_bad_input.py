"""Every bad input ends in one clear line and exit code 2, never in a traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

JA = "猫がいる。\n犬もいる。\n"
EN = "There is a cat.\nThere is a dog.\n"
STARTER = ROOT / "mt" / "models" / "starter"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ja.txt").write_text(JA, encoding="utf-8")
    (tmp_path / "en.txt").write_text(EN, encoding="utf-8")
    return tmp_path


def configured(folder, more=""):
    text = '[source]\npath = "ja.txt"\nlang = "ja"\n[reference]\npath = "en.txt"\nlang = "en"\n[output]\ndir = "out"\n'
    (folder / "run.toml").write_text(text + more, encoding="utf-8")
    return "run.toml"


BAD_FILES = [
    ("missing", None, "bad.txt: expected a file, found nothing there"),
    ("empty", b"", "bad.txt: expected text, found an empty file"),
    ("blank", b" \n\n", "bad.txt: expected text, found only white space"),
    ("binary", bytes(range(256)) * 4, "bad.txt:1: expected text, found a NUL byte at offset 0 (binary data?)"),
    ("nul", "猫\n犬\0鳥\n".encode(), "bad.txt:2: expected text, found a NUL byte at offset 7 (binary data?)"),
    (
        "latin",
        "caf\u00e9 — “x”\n".encode("cp1252"),
        "bad.txt:1: expected text in UTF-8, UTF-16, Shift_JIS, EUC-JP or ISO-2022-JP",
    ),
    ("10 MB line", b"a" * 10_000_000, "bad.txt:1: expected lines of at most 1,000,000 characters, found 10,000,000"),
]


@pytest.mark.parametrize(("name", "data", "said"), BAD_FILES, ids=[x[0] for x in BAD_FILES])
@pytest.mark.parametrize("how", ["translate", "score", "run"])
def test_a_file_that_is_no_text(mt, folder, name, data, said, how):
    if data is not None:
        (folder / "bad.txt").write_bytes(data)
    call = {
        "translate": ("translate", "bad.txt"),
        "score": ("score", "bad.txt", "en.txt"),
        "run": ("run", "--source", "bad.txt", "--out", "out"),
    }[how]
    answer = mt(*call, cwd=folder)
    assert answer.code == 2
    assert said in answer.error
    if how == "run":
        assert not (folder / "out").exists()


@pytest.mark.parametrize("call", [("translate", "."), ("score", ".", "en.txt"), ("run", "--source", "."), ("run", ".")])
def test_a_directory(mt, folder, call):
    answer = mt(*call, cwd=folder)
    assert answer.code == 2
    assert "expected a file, found a directory" in answer.error


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "shift_jis", "euc_jp", "iso2022_jp", "utf-8-sig"])
def test_other_encodings_are_read_as_what_they_are(mt, folder, codec):
    (folder / "other.txt").write_bytes(JA.encode(codec))
    assert mt("translate", "other.txt", cwd=folder).out == mt("translate", "ja.txt", cwd=folder).out


def test_other_encodings_on_standard_input_are_refused_by_line(mt, folder):
    answer = mt("translate", stdin=b"ok\n" + JA.encode("shift_jis"), cwd=folder)
    assert answer.code == 2
    # 猫 is 94 4C in Shift_JIS
    assert "<stdin>:2: expected UTF-8, found byte 0x94 in column 1" in answer.error


def test_mismatched_counts(mt, folder):
    (folder / "en.txt").write_text(EN + "One more.\n", encoding="utf-8")
    answer = mt("score", "ja.txt", "en.txt", cwd=folder)
    assert answer.code == 2
    assert "ja.txt: expected 3 segments as in en.txt, found 2 segments" in answer.error
    answer = mt("run", configured(folder), cwd=folder)
    assert answer.code == 2
    assert "en.txt: expected 2 paragraphs as in ja.txt, found 3 paragraphs" in answer.error


@pytest.mark.parametrize(
    "call",
    [
        ("run", "--source", "ja.txt", "--out", "en.txt"),
        ("run", "--source", "ja.txt", "--out", "/proc/nothing"),
        ("translate", "ja.txt", "-o", "/proc/nothing/x"),
        ("translate", "ja.txt", "--out-dir", "en.txt/x"),
    ],
)
def test_an_output_that_cannot_be_written(mt, folder, call):
    answer = mt(*call, cwd=folder)
    assert answer.code == 2
    assert "cannot write: " in answer.error


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[decode]\nbaem_size = 4\n", "run.toml:10: decode.baem_size: expected a known key (did you mean beam_size?)"),
        ('[decode]\nbeam_size = "4"\n', "run.toml:10: decode.beam_size: expected a whole number, found '4'"),
        ("[decode]\nbeam_size = 100\n", "run.toml:10: decode.beam_size: expected a number from 1 to 64, found 100"),
        ("oops", "run.toml:9: expected TOML"),
    ],
)
def test_a_configuration_with_a_mistake(mt, folder, more, said):
    answer = mt("run", configured(folder, more), cwd=folder)
    assert answer.code == 2
    assert said in answer.error


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("translate", "--beam-size", "0"), "--beam-size: expected a number from 1 to 64, found 0"),
        (("translate", "--beam-size", "x"), "--beam-size"),
        (("translate", "--engine", "onnx"), "'onnx' is not one of"),
        (("translate", "--no-such"), "No such option: --no-such"),
        (("translate", "--model", "nope"), "nope"),
        (("run",), "expected a configuration file or --source FILE, found neither"),
        (("score", "a.txt"), "Missing argument"),
        (("score", "ja.txt", "en.txt", "--metric", "rouge"), "metric: expected one of bleu, chrf, ter, found 'rouge'"),
        (("nonsense",), "No such command 'nonsense'"),
        (("models", "show", "nope"), "nope"),
    ],
)
def test_wrong_usage(mt, folder, call, said):
    answer = mt(*call, cwd=folder, stdin=JA.encode())
    assert answer.code == 2
    assert said in answer.error


@pytest.mark.parametrize("file", ["config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors"])
@pytest.mark.parametrize("fault", ["missing", "corrupt", "truncated"])
def test_a_model_with_a_missing_or_corrupt_file(mt, folder, file, fault):
    model = folder / "model"
    shutil.copytree(STARTER, model)
    path = model / file
    if fault == "missing":
        path.unlink()
    elif fault == "corrupt":
        path.write_bytes(b"\xde\xad" * 500)
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    answer = mt("translate", "--model", "model", stdin=JA.encode(), cwd=folder)
    assert answer.code == 2
    assert file in answer.error


def test_one_bad_file_of_a_batch_does_not_stop_the_others(mt, folder):
    (folder / "bad.txt").write_bytes(b"\0")
    answer = mt("translate", "bad.txt", "ja.txt", "no.txt", "--out-dir", "out", cwd=folder)
    assert answer.code == 2
    errors = [line for line in answer.err.splitlines() if line.startswith("mt: error: ")]
    assert len(errors) == 2
    assert "1 of 3 files written" in answer.err
    assert len((folder / "out" / "ja.en.txt").read_text("utf-8").splitlines()) == 2


def test_an_output_file_is_kept_when_nothing_could_be_translated(mt, folder):
    (folder / "x.txt").write_text("keep")
    assert mt("translate", "no1", "no2", "-o", "x.txt", cwd=folder).code == 2
    assert (folder / "x.txt").read_text() == "keep"


def test_no_input_is_overwritten_by_an_output(mt, folder):
    (folder / "ja.en.txt").write_text(JA, encoding="utf-8")
    answer = mt("translate", "ja.txt", "ja.en.txt", "--out-dir", ".", cwd=folder)
    assert answer.code == 2
    assert "expected a directory where no input is overwritten, found ja.txt going to ja.en.txt" in answer.error
    assert (folder / "ja.en.txt").read_text("utf-8") == JA


@pytest.mark.parametrize(
    "call",
    [
        ("translate", "x" * 5000),
        ("translate", "--model", "~nobody-here/x"),
        ("translate", "--threads", "-1"),
        ("translate", "--engine", "transformers", "--threads", "-1"),
        ("score", "ja.txt", "en.txt", "--resamples", "2000000000"),
    ],
)
def test_odd_arguments(mt, folder, call):
    answer = mt(*call, cwd=folder, stdin=JA.encode())
    assert answer.code == 2
    assert answer.error


@pytest.mark.parametrize(
    "more", ["a = " + "[" * 5000, "[decode]\nlength_penalty = 1" + "0" * 400, '[model]\nname = "a\\u0000b"']
)
def test_odd_configurations(mt, folder, more):
    answer = mt("run", configured(folder, more), cwd=folder)
    assert answer.code == 2
    assert answer.error.startswith("mt: error: run.toml:")


def test_a_full_disk_behind_stdout(folder):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mt", "version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr.strip() == "mt: error: standard output: cannot write: No space left on device"


def test_the_locale_does_not_matter(mt_process):
    answer = mt_process("translate", stdin="※※※\n".encode(), env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert (answer.code, answer.out) == (0, "※※※\n")
