"""Tokenised pairs: what goes in comes out, what does not is counted, and a store is whole or not there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.errors import InputError, OutputError
from mt.protocols import Silent
from mt.train import store

ROW = st.lists(st.integers(0, 65_535), max_size=6)


def pretend(texts):
    """Numbers as text, so that any numbers can be 'encoded'."""
    return [[int(n) for n in text.split()] for text in texts]


def build(path, **sources):
    given = {name: (lambda counts, rows=rows: iter(rows)) for name, rows in sources.items()}
    return store.build(path, given, (pretend, pretend), longest=4, pieces=65_536, progress=Silent())


@given(st.lists(st.tuples(ROW, ROW), min_size=1, max_size=30), st.integers(1, 5))
def test_what_goes_in_comes_out(tmp_path_factory, rows, chunk):
    """The rule, written out: both sides of 1 to 4 pieces, the first of equal pairs, in order."""
    texts = [(" ".join(map(str, s)), " ".join(map(str, t))) for s, t in rows]
    fits = [(s, t) for s, t in rows if 1 <= len(s) <= 4 and 1 <= len(t) <= 4]
    expected = list(dict.fromkeys((tuple(s), tuple(t)) for s, t in fits))
    place = tmp_path_factory.mktemp("store") / "pairs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_CHUNK", chunk)
        patch.setattr(store, "_HASHES", 7)  # several passes over the keys
        if not expected:
            with pytest.raises(InputError, match=r"one: expected pairs that can be trained on, found none \("):
                build(place, one=texts)
            assert not place.exists()
            return
        made = build(place, one=texts)
    found = [tuple(tuple(made.pieces(side, n).tolist()) for side in ("src", "tgt")) for n in range(len(made))]
    assert found == expected
    assert made.lengths("tgt", np.arange(len(made))).tolist() == [len(t) for _, t in expected]
    assert sum(made.counts["one"].values()) == len(rows)


def test_a_pair_of_an_earlier_source_is_counted_as_repeated(tmp_path):
    made = build(tmp_path / "pairs", one=[("1", "2"), ("3", "4")], two=[("1", "2"), ("5", "6"), ("1 2 3 4 5", "1")])
    assert made.ranges == [(0, 2), (2, 3)]
    assert made.counts == {"one": {"kept": 2}, "two": {"kept": 1, "repeated": 1, "too-many-pieces": 1}}


def test_an_empty_source_is_an_error(tmp_path):
    with pytest.raises(InputError, match="two: expected pairs that can be trained on, found an empty source"):
        build(tmp_path / "pairs", one=[("1", "2")], two=[])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_text", full)
    with pytest.raises(OutputError, match="No space left on device"):
        build(tmp_path / "pairs", one=[("1", "2")])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_is_refused(tmp_path):
    build(tmp_path / "pairs", one=[("1", "2")])
    with (tmp_path / "pairs" / "src.ids").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match=r"src\.ids: expected 2 bytes, found 3"):
        store.Store(tmp_path / "pairs")
    (tmp_path / "pairs" / "store.json").write_text("{}")
    with pytest.raises(InputError, match="expected tokenised pairs, found none that can be read"):
        store.Store(tmp_path / "pairs")


def test_large_vocabularies_have_wide_numbers(tmp_path):
    rows = {"one": lambda counts: iter([("65536", "70000")])}
    made = store.build(tmp_path / "pairs", rows, (pretend, pretend), longest=4, pieces=70_001, progress=Silent())
    assert [made.pieces(s, 0).tolist() for s in ("src", "tgt")] == [[65_536], [70_000]]
