"""Keys are equal just where folded texts are, spread evenly, and depend on their row alone."""

import io
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.block import Block
from mt.filters.keys import keys
from mt.filters.overlap import plain

BITEXT = Path(__file__).resolve().parents[3] / "shared" / "data" / "bitext"
COLUMNS = ["pair_high", "pair_low", "src_high", "src_low", "tgt_high", "tgt_low"]
TEXT = st.text(st.sampled_from("aAbＢ猫。!?…ﾊﾟ𠮷1.-"), max_size=4)


def block(pairs):
    return Block.of([(f"a:{n}", *pair) for n, pair in enumerate(pairs)])


@settings(deadline=None)  # the first call makes the table of characters
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20))
def test_equal_keys_are_equal_texts(pairs):
    """A side's meaning for copies, from the definition: what `plain` leaves, or the text itself where it leaves nothing."""
    found = keys(block(pairs))
    assert list(found) == COLUMNS
    meant = [tuple((plain(side), "") if plain(side) else ("", side) for side in pair) for pair in pairs]
    for name, of in (("pair", meant), ("src", [m[0] for m in meant]), ("tgt", [m[1] for m in meant])):
        for half in ("high", "low"):
            known = dict(zip(of, found[f"{name}_{half}"].tolist(), strict=True))
            assert [known[one] for one in of] == found[f"{name}_{half}"].tolist()
            assert len(set(known.values())) == len(known)


def test_other_numbers_are_no_copies():
    found = keys(
        block(
            [
                ("増加は3.5%。", "It grew 3.5%."),
                ("増加は35%。", "It grew 35%."),
                ("増加は-35%。", "It grew -35%."),
                ("増加は35％", "it grew 35%"),
            ]
        )
    )
    assert [len(set(found[name].tolist())) for name in ("pair_high", "src_high", "tgt_high")] == [3, 3, 3]
    assert found["pair_high"][1] == found["pair_high"][3]


def test_sides_do_not_change_places():
    one = keys(block([("a", "b"), ("b", "a"), ("ab", ""), ("", "ab")]))
    assert len(set(one["pair_high"].tolist())) == len(set(one["pair_low"].tolist())) == 4


def test_neither_blocks_nor_neighbours_matter():
    rng = random.Random(1)
    pairs = [("".join(rng.choices("猫犬鳥。…𠮷ｶﾞ", k=rng.randint(0, 9))), "x" * rng.randint(0, 5)) for _ in range(1100)]
    whole = keys(block(pairs))
    parts = [keys(block(pairs[at : at + 77])) for at in range(0, len(pairs), 77)]
    for name in COLUMNS:
        np.testing.assert_array_equal(whole[name], np.concatenate([part[name] for part in parts]))


def test_a_key_is_the_same_on_every_machine():
    """By coreutils: `printf cat | iconv -t UTF-16LE | b2sum -l 128`, its bytes read as two little-endian numbers."""
    digest = bytes.fromhex("e83e48275efbdb507b305f3630d9ed18")
    found = keys(block([("Cat.", "")]))
    assert [int(found[f"src_{half}"][0]) for half in ("high", "low")] == [
        int.from_bytes(digest[:8], "little"),
        int.from_bytes(digest[8:], "little"),
    ]


@pytest.mark.skipif(not BITEXT.exists(), reason="no ../shared/data/bitext")
def test_real_texts_have_different_keys_and_fill_buckets_evenly():
    import zstandard

    pairs = set()
    for name in ("names_cldr", "tatoeba_train", "react_docs_ja"):
        with (BITEXT / f"{name}.tsv.zst").open("rb") as file:
            lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
            pairs |= {tuple(line.rstrip("\n").split("\t")[:2]) for _, line in zip(range(15_000), lines, strict=False)}
    ordered = sorted(pairs)
    found = keys(block(ordered))
    different = len({(plain(src) or src, plain(tgt) or tgt) for src, tgt in ordered})
    for half in ("pair_high", "pair_low"):
        values = np.unique(found[half])
        assert len(values) == different
        for bits in (values % np.uint64(97), values >> np.uint64(57)):
            counts = np.array(list(Counter(bits.tolist()).values()))
            expected = len(values) / len(counts)
            # χ² of n cells has mean n - 1 and variance 2 (n - 1): five of its deviations
            assert abs(((counts - expected) ** 2 / expected).sum() - (len(counts) - 1)) < 5 * (2 * len(counts)) ** 0.5
