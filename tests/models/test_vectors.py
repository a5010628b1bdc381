"""Vectors made elsewhere, and vectors kept by their texts."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mt.errors import CountError, InputError, OutputError
from mt.models.encoders import open_encoder
from mt.models.use_encoder import UseEncoder
from mt.models.vector_cache import CachedEncoder, VectorFile, cached
from mt.models.vectors import VectorsEncoder
from mt.signature import Signature

ROOT = Path(__file__).resolve().parents[2]


def write(path, rows, dtype=np.float32):
    array = np.array(rows, dtype=dtype)
    if path.suffix == ".npy":
        np.save(path, array)
    else:
        array.tofile(path)
    return path


def test_rows_by_position_are_brought_to_norm_one(tmp_path):
    path = write(tmp_path / "a.npy", [[3, 4], [0, 2]], np.float16)
    encoder = open_encoder(f"vectors:{path}")
    assert encoder.width == 2
    assert np.allclose(encoder.encode(["x", "y"]), [[0.6, 0.8], [0, 1]])
    with pytest.raises(CountError, match=r"a\.npy: expected 3 rows as in the sentences, found 2 rows"):
        encoder.encode(["x", "y", "z"])


def test_raw_numbers_get_their_width_from_the_number_of_sentences(tmp_path):
    path = write(tmp_path / "a.bin", [[3, 4, 0], [2, 2, 1]])
    encoder = open_encoder(f"vectors:{path}")
    with pytest.raises(InputError, match="expected a known width, found raw numbers"):
        _ = encoder.width
    with pytest.raises(
        InputError, match="expected a whole vector for each of 4 texts in the sentences, found 6 numbers"
    ):
        encoder.encode(["a", "b", "c", "d"])
    assert np.allclose(encoder.encode(["x", "y"]), [[0.6, 0.8, 0], [2 / 3, 2 / 3, 1 / 3]]) and encoder.width == 3
    assert open_encoder(f"vectors:{path}", width=2).encode(["a", "b", "c"]).shape == (3, 2)
    with pytest.raises(InputError, match="expected vectors of 4 numbers, found 6 numbers"):
        open_encoder(f"vectors:{path}", width=4)


def test_rows_by_text_as_vecalign_prepares_them(tmp_path):
    # rows of its overlaps file: sentences, and runs joined by a blank
    texts = tmp_path / "a.overlaps"
    texts.write_text("猫がいる。\n犬もいる。\n猫がいる。 犬もいる。\nBLANK_LINE\n", encoding="utf-8")
    path = write(tmp_path / "a.emb", [[1, 0], [0, 1], [1, -1], [-1, 0]])
    encoder = open_encoder(f"vectors:{path},{texts}")
    assert np.allclose(encoder.encode(["犬もいる。", "猫がいる。", ""]), [[0, 1], [1, 0], [-1, 0]])
    one, two = encoder.windows(["猫がいる。", "犬もいる。", "猫がいる。"], 2, "")
    # the run that has a row gets it, the other the sum of its two
    assert np.allclose(one, [[1, 0], [0, 1], [1, 0]]) and np.allclose(two, np.array([[1, -1], [1, 1]]) / 2**0.5)
    with pytest.raises(InputError, match=r"a\.overlaps: expected the sentence '鳥。', found no such line"):
        encoder.encode(["鳥。"])
    texts.write_text("one\ntwo\nthree\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected a whole vector for each of 3 texts"):
        open_encoder(f"vectors:{path},{texts}")


def test_windows_by_position_are_sums(tmp_path):
    encoder = VectorsEncoder(write(tmp_path / "a.npy", [[1, 0], [0, 1], [-1, 0]]))
    one, two, three, four = encoder.windows(["a", "b", "c"], 4, " ")
    assert np.allclose(two, np.array([[1, 1], [-1, 1]]) / 2**0.5) and np.allclose(three, [[0, 1]])
    assert len(one) == 3 and four.shape == (0, 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([[1, 0], [0, 0]], "zeros only in row 2"),
        ([[1, float("nan")]], "a number that is not finite in row 1"),
        ([[1, 0], [1, 0], [float("inf"), 0]], "an infinite one in row 3"),
        ([1, 2, 3], r"expected an array of two dimensions, rows and numbers, found shape \(3,\)"),
        (np.zeros((2, 0)), "expected vectors of 1 to 65,536 numbers, found of 0"),
    ],
)
def test_arrays_that_are_no_vectors(tmp_path, rows, said):
    with pytest.raises(InputError, match=said):
        VectorsEncoder(write(tmp_path / "a.npy", rows))


def test_files_that_are_no_arrays(tmp_path):
    with pytest.raises(InputError, match="expected a file of vectors, found nothing there"):
        VectorsEncoder(tmp_path / "a.npy")
    with pytest.raises(InputError, match="found a directory"):
        VectorsEncoder(tmp_path)
    (tmp_path / "a.npy").write_bytes(b"text")
    with pytest.raises(InputError, match=r"expected an array of numbers \(\.npy\)"):
        VectorsEncoder(tmp_path / "a.npy")
    np.save(tmp_path / "o.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"expected an array of numbers \(\.npy\)"):
        VectorsEncoder(tmp_path / "o.npy")
    np.save(tmp_path / "i.npy", np.ones((2, 2), dtype=np.int64))
    with pytest.raises(InputError, match="expected an array of floating-point numbers, found int64"):
        VectorsEncoder(tmp_path / "i.npy")
    (tmp_path / "a.bin").write_bytes(b"12345")
    with pytest.raises(InputError, match="expected float32 numbers, 4 bytes each, found 5 bytes"):
        VectorsEncoder(tmp_path / "a.bin")
    (tmp_path / "e.bin").write_bytes(b"")
    with pytest.raises(InputError, match="found 0 numbers"):
        VectorsEncoder(tmp_path / "e.bin").encode([])


def test_the_signature_changes_with_the_file(tmp_path):
    a, b = write(tmp_path / "a.npy", [[1, 0]]), write(tmp_path / "b.npy", [[0, 1]])
    assert VectorsEncoder(a).signature != VectorsEncoder(b).signature


class Counting:
    """An encoder that says what it was asked; the vector of a text is the number of its characters in a direction."""

    def __init__(self, name="counting"):
        self.signature, self.width, self.asked = Signature.of(encoder=name), 2, []

    def encode(self, texts):
        self.asked.append(list(texts))
        return np.array([[np.cos(len(t)), np.sin(len(t))] for t in texts], dtype=np.float32).reshape(-1, 2)


def test_a_text_is_encoded_once(tmp_path):
    inner = Counting()
    encoder = cached(inner, tmp_path / "sub" / "v.db")
    first = encoder.encode(["a", "bb", "a", "ccc", "\ud83d"])
    assert inner.asked == [["a", "bb", "ccc", "\ud83d"]]
    again = cached(Counting(), tmp_path / "sub" / "v.db")
    assert np.array_equal(again.encode(["ccc", "a", "bb", "a"]), first[[3, 0, 1, 0]])
    assert again._encoder.asked == []
    assert encoder.encode([]).shape == (0, 2)
    # another encoder's vectors are others
    other = cached(Counting("other"), tmp_path / "sub" / "v.db")
    other.encode(["a"])
    assert other._encoder.asked == [["a"]] and encoder.file.count() == 5
    assert not hasattr(encoder, "windows")


def test_kept_windows_are_the_encoders(tmp_path):
    encoder = UseEncoder.open(threads=1)
    kept = cached(encoder, tmp_path / "v.db")
    sentences = ["There is a cat.", "It sleeps.", "", "So do I."]
    wanted = encoder.windows(sentences, 3, " ")
    for _ in range(2):
        for found, one in zip(kept.windows(sentences, 3, " "), wanted, strict=True):
            assert np.array_equal(found, one)
    assert np.array_equal(kept.encode(sentences), encoder.encode(sentences))
    assert kept.signature == encoder.signature
    assert [len(one) for one in kept.windows([], 2, " ")] == [0, 0]


def test_the_file_is_bounded_and_what_was_used_last_stays(tmp_path):
    file = VectorFile(tmp_path / "v.db", limit=100 * (60 + 8))
    vector = np.ones(2, dtype=np.float32)
    for part in range(10):
        file.put([(bytes([part, row]), vector) for row in range(50)])
        assert file.size() <= file.limit and file.size() == file.count() * (60 + 8)
    assert 50 <= file.count() <= 100
    assert file.prune(10 * (60 + 8)) > 0
    assert file.count() == 10
    file.close()
    file.close()
    with pytest.raises(InputError, match="expected an open file of vectors"):
        file.count()


def test_files_of_others_stay_untouched(tmp_path):
    (tmp_path / "text").write_text("this is no database, and long enough to be looked at by anybody" * 20)
    with pytest.raises(InputError, match="expected a file of kept vectors, found file is not a database"):
        VectorFile(tmp_path / "text")
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(InputError, match="found another program's database"):
        VectorFile(tmp_path / "other.db")
    with pytest.raises(OutputError, match="Is a directory"):
        VectorFile(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        VectorFile(tmp_path / "file" / "v.db")


def test_vectors_of_another_width_are_said(tmp_path):
    file = VectorFile(tmp_path / "v.db")
    file.put([(b"k", np.ones(3, dtype=np.float32))])
    with pytest.raises(InputError, match="expected vectors of 2 numbers, found one of 12 bytes"):
        file.get([b"k"], 2)


def test_two_processes_at_once(tmp_path):
    code = """
import sys
from pathlib import Path
import numpy as np
from mt.models.vector_cache import VectorFile
file = VectorFile(Path(sys.argv[1]))
for part in range(40):
    file.put([(f"{part}-{row}".encode(), np.full(4, part, dtype=np.float32)) for row in range(25)])
    assert len(file.get([f"{part}-{row}".encode() for row in range(25)], 4)) == 25
"""
    arguments = [sys.executable, "-c", code, str(tmp_path / "v.db")]
    running = [subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(p.communicate()[1], p.returncode) for p in running] == [(b"", 0)] * 3
    file = VectorFile(tmp_path / "v.db")
    assert file.count() == 1000 and file.size() == 1000 * (60 + 16)
    assert float(file.get([b"7-3"], 4)[b"7-3"][0]) == 7


def test_open_encoder_with_a_cache(tmp_path):
    encoder = open_encoder("use", cache=tmp_path / "v.db")
    assert isinstance(encoder, CachedEncoder) and json.dumps(str(encoder.signature))
    assert np.array_equal(encoder.encode(["猫"]), encoder.encode(["猫"]))
