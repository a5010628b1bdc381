"""Shards: rows written are the rows read, whole, in part and one by one; lines are those of the standard library's encoder."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.bitext import shards
from mt.bitext.shards import RowWriter, read_blocks, read_objects, read_rows
from mt.block import Block
from mt.errors import InputError

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.one_of(TEXT, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.none(), st.booleans())
KEYS = st.sampled_from(["id", "src", "tgt", "number", "document"])


def written(path, texts):
    writer = RowWriter(path)
    writer.write(Block.of([(f"a:{n}", src, tgt) for n, (src, tgt) in enumerate(texts)]))
    writer.commit()
    return path


@given(st.dictionaries(KEYS, st.one_of(VALUES, st.dictionaries(TEXT, VALUES, max_size=3)), max_size=5))
def test_a_line_is_what_the_standard_library_writes(one):
    assert shards._line(one) == json.dumps(one, ensure_ascii=False) + "\n"


@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=30), data=st.data(), chunk=st.integers(1, 200))
def test_rows_in_part_are_those_rows_of_the_whole(tmp_path_factory, texts, data, chunk):
    path = written(tmp_path_factory.mktemp("s") / "a.jsonl.zst", texts)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    old, shards._CHUNK = shards._CHUNK, chunk
    try:
        found = [id for block in read_blocks(path, 7, keep=keep) for id in block.ids]
        some = read_rows(path, [*np.flatnonzero(keep)[::-1].tolist(), *np.flatnonzero(keep).tolist()])
    finally:
        shards._CHUNK = old
    assert found == [f"a:{n}" for n in np.flatnonzero(keep)]
    assert list(some) == np.flatnonzero(keep).tolist()
    assert [(row["src"], row["tgt"]) for row in some.values()] == [texts[n] for n in some]
    assert [one["src"] for one in read_objects(path)] == [src for src, _ in texts]


def test_a_row_that_is_not_there_is_named(tmp_path):
    path = written(tmp_path / "a.jsonl.zst", [("あ", "a")] * 3)
    for call in (
        lambda: read_rows(path, [1, 3]),
        lambda: list(read_blocks(path, keep=np.array([True, False, True, True]))),
    ):
        with pytest.raises(InputError, match="expected a row 3, found 3 rows"):
            call()


def test_a_damaged_row_is_named_by_its_line(tmp_path):
    import zstandard

    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(b'{"id": "a"}\n[1]\n'))
    with pytest.raises(InputError, match=r"a\.jsonl\.zst:2: expected an object, found list"):
        list(read_blocks(path))
