"""Sentence alignment by vectors. They are made here, not learned: a meaning is a random direction, a run of sentences the sum of its meanings."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mt.align.options import AlignOptions
from mt.align.sentences import align, windows
from mt.align.side import Side
from mt.errors import OptionError
from mt.signature import Signature
from mt.types import Bead

WIDTH = 64
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def meaning(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=WIDTH)


class Encoder:
    """A sentence is a list of numbers; its vector is the sum of their directions."""

    signature = Signature.of(encoder="made")
    width = WIDTH

    def encode(self, texts):
        rows = [sum((meaning(int(w)) for w in t.replace("。", " ").split()), np.zeros(WIDTH)) for t in texts]
        array = np.array(rows, np.float32).reshape(len(texts), WIDTH)
        return array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-9)


def run(src: Side, tgt: Side, options: AlignOptions | None = None, **more):
    options = options or AlignOptions()
    vectors = tuple(windows(Encoder(), side, options.longest) for side in (src, tgt))
    return align(src, tgt, vectors, options, encoder=Encoder.signature, **more)


def sides(src: list[str], tgt: list[str], paragraphs=(None, None)) -> tuple[Side, Side]:
    return Side(tuple(src), "en", paragraphs[0]), Side(tuple(tgt), "en", paragraphs[1])


def beads(alignment) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(tuple(b.src), tuple(b.tgt)) for b in alignment.beads]


def spelled(numbers: list[int]) -> str:
    return " ".join(str(n) for n in numbers)


def complete(alignment, src: Side, tgt: Side) -> None:
    assert [i for b in alignment.beads for i in b.src] == list(range(len(src)))
    assert [j for b in alignment.beads for j in b.tgt] == list(range(len(tgt)))
    assert all(b.probability is not None and 0 <= b.probability <= 1 for b in alignment.beads)
    assert all(len(b.src) <= 4 and len(b.tgt) <= 4 for b in alignment.beads)
    assert alignment.translations is not None and 0 <= alignment.translations <= 1


@st.composite
def documents(draw):
    """Two lists of sentences over the same meanings, cut and dropped differently, with repeated and empty ones."""
    units = draw(st.lists(st.integers(0, 12), max_size=14))
    sentences: list[list[str]] = [[], []]
    for side in sentences:
        for unit in units:
            act = draw(st.sampled_from("kkkkdje"))
            if act == "e":
                side.append("")
            elif act == "j" and side:
                side[-1] = f"{side[-1]} {unit}".strip()
            elif act != "d":
                side.append(str(unit))
    return sides(*sentences)


def test_merges_drops_and_insertions_are_found():
    # six meanings; 1 and 2 are one sentence on the left, 4 is missing on the right, 9 is only there
    src, tgt = sides(["0 10", "1 11 2 12", "3 13", "4 14", "5 15"], ["0 10", "9 19", "1 11", "2 12", "3 13", "5 15"])
    found = run(src, tgt)
    assert ((1,), (2, 3)) in beads(found)
    assert {((3,), ()), ((), (1,))} < set(beads(found))
    complete(found, src, tgt)
    assert found.signature is not None
    assert str(found.signature).startswith("align:embed|version:")
    assert str(found.signature).endswith("longest:4|hard:no|soft:yes|encoder:made")


@QUICK
@given(documents())
def test_every_sentence_is_in_exactly_one_bead_in_order(pair):
    complete(run(*pair), *pair)


@QUICK
@given(documents())
def test_exchanging_the_sides_transposes_and_changes_nothing_else(pair):
    src, tgt = pair
    there, back = run(src, tgt), run(tgt, src)
    assert [(b.tgt, b.src, b.score, b.probability) for b in back.beads] == [
        (b.src, b.tgt, b.score, b.probability) for b in there.beads
    ]
    assert there.translations == back.translations


@QUICK
@given(documents(), st.data())
def test_a_fixed_bead_stands(pair, data):
    src, tgt = pair
    if not src.sentences or not tgt.sentences:
        return
    i, j = data.draw(st.integers(0, len(src) - 1)), data.draw(st.integers(0, len(tgt) - 1))
    i1, j1 = data.draw(st.integers(i + 1, len(src))), data.draw(st.integers(j + 1, len(tgt)))
    found = run(src, tgt, fixed=[Bead(range(i, i1), range(j, j1))])
    assert (tuple(range(i, i1)), tuple(range(j, j1))) in beads(found)
    assert [x for b in found.beads for x in b.src] == list(range(len(src)))


@QUICK
@given(documents(), st.data())
def test_a_fixed_null_bead_stands_wherever_its_empty_side_is_said_to_be(pair, data):
    src, tgt = pair
    if not src.sentences:
        return
    i = data.draw(st.integers(0, len(src) - 1))
    found = run(src, tgt, fixed=[Bead(range(i, i + 1), range(0, 0))])
    assert ((i,), ()) in beads(found)


def test_fixed_beads_that_cross_or_leave_the_documents_are_refused():
    src, tgt = sides(["1", "2"], ["1", "2"])
    with pytest.raises(ValueError, match="fixed beads"):
        run(src, tgt, fixed=[Bead(range(0, 1), range(1, 2)), Bead(range(1, 2), range(0, 1))])
    with pytest.raises(ValueError, match="fixed beads"):
        run(src, tgt, fixed=[Bead(range(0, 1), range(4, 5))])
    with pytest.raises(ValueError, match="fixed beads"):
        run(src, tgt, fixed=[Bead(range(7, 8), range(0, 0))])


def test_the_same_call_gives_the_same_answer():
    rng = np.random.default_rng(3)
    units = [spelled(list(rng.integers(0, 400, 3))) for _ in range(300)]
    src, tgt = sides(units, [u for u in units if rng.random() > 0.1])
    assert run(src, tgt) == run(src, tgt)


THREADS = """
import hashlib, numpy as np
from mt.align.sentences import align
from mt.align.side import Side
rng = np.random.default_rng(7)
rows = rng.normal(size=(300, 512)).astype(np.float32)
def test_strangers_are_told_from_translations_with_an_untranslated_chapter():
    rng = np.random.default_rng(11)
    chapters = [[spelled(list(rng.integers(k * 1000, k * 1000 + 999, 4))) for _ in range(60)] for k in range(3)]
    src, tgt = sides(chapters[0] + chapters[1], chapters[1])
    found = run(src, tgt)
    assert found.translations is not None and found.translations > 0.9
    assert sum(len(b.src) for b in found.beads if not b.tgt) == 60
    strangers = run(*sides(chapters[0], chapters[2]))
    assert strangers.translations is not None and strangers.translations < 0.1
    assert not [b for b in strangers.beads if b.src and b.tgt and (b.probability or 0) > 0.5]


def test_exchanged_chapters_are_survived():
    rng = np.random.default_rng(12)
    one, two = ([spelled(list(rng.integers(k * 1000, k * 1000 + 999, 4))) for _ in range(n)] for k, n in ((0, 70), (1, 50)))
    found = run(*sides(one + two, two + one))
    likely = [b for b in found.beads if b.src and b.tgt and (b.probability or 0) > 0.5]
    # the longer chapter is aligned, 0 to 69 with 50 to 119, and nothing else
    assert [(b.src.start, b.tgt.start) for b in likely] == [(i, i + 50) for i in range(70)]


def runs(single):
    sums = [sum(single[k : len(single) - n + 1 + k] for k in range(n)) for n in (1, 2, 3, 4)]
    return [s / np.sqrt(np.einsum("ij,ij->i", s, s))[:, None] for s in sums]
other = np.delete(rows, np.r_[40:44, 150:190], axis=0)
other = other + rng.normal(size=other.shape).astype(np.float32) * 0.8
sides = Side(("x" * 30,) * len(rows), "en"), Side(("y" * 30,) * len(other), "en")
print(hashlib.sha256(repr(align(*sides, (runs(rows), runs(other)))).encode()).hexdigest())
"""


def test_one_thread_and_many_give_the_same_bytes():
    answers = set()
    for threads in ("1", "3"):
        more = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        done = subprocess.run(
            [sys.executable, "-c", THREADS], env=os.environ | more, capture_output=True, text=True, check=True
        )
        answers.add(done.stdout)
    assert len(answers) == 1


@pytest.mark.parametrize("longest", [1, 2, 6])
def test_other_bead_sizes(longest):
    src, tgt = sides(["1 11", "2 12", "3 13", "4 14", "5 15"], ["1 11 2 12 3 13 4 14 5 15"])
    found = run(src, tgt, AlignOptions(longest=longest))
    assert max(len(b.src) for b in found.beads) <= longest
    assert [i for b in found.beads for i in b.src] == list(range(5))
    if longest == 6:
        assert beads(found) == [((0, 1, 2, 3, 4), (0,))]


def test_a_long_document_cut_at_anchors_is_aligned_as_a_whole_one_would_be():
    rng = np.random.default_rng(5)
    units = [spelled(list(rng.integers(0, 3000, 3))) for _ in range(400)]
    dropped = set(rng.choice(400, 30, replace=False).tolist()) | set(range(200, 260))
    src, tgt = sides(units, [u for k, u in enumerate(units) if k not in dropped])
    found = set(beads(run(src, tgt)))
    kept = [k for k in range(400) if k not in dropped]
    expected = {((k,), (j,)) for j, k in enumerate(kept)} | {((k,), ()) for k in dropped}
    assert len(found & expected) >= 0.98 * len(expected)


def test_a_fixed_bead_across_a_hard_border_is_refused():
    src, tgt = sides(["1", "2"], ["1", "3"], ((0, 1), (0, 1)))
    with pytest.raises(ValueError, match="fixed beads"):
        run(src, tgt, AlignOptions(hard=True), fixed=[Bead(range(0, 2), range(0, 2))])


def test_hard_borders_hold_and_are_refused_where_they_cannot():
    src, tgt = sides(["1", "2", "3"], ["1", "2", "3"], ((0, 0, 1), (0, 1, 1)))
    found = run(src, tgt, AlignOptions(hard=True))
    assert all(not (b.src and b.tgt) or (b.src.start < 2) == (b.tgt.start < 1) for b in found.beads)
    with pytest.raises(OptionError, match="hard: expected as many paragraphs"):
        run(*sides(["1", "2"], ["1"], ((0, 1), (0,))), AlignOptions(hard=True))
    with pytest.raises(OptionError, match="hard: expected paragraph numbers"):
        run(*sides(["1", "2"], ["1"]), AlignOptions(hard=True))


def test_vectors_that_do_not_fit_are_refused():
    src, tgt = sides(["1", "2"], ["1"])
    with pytest.raises(ValueError, match="runs of 1"):
        align(src, tgt, ([np.zeros((3, 8))] * 4, [np.zeros((3, 8))] * 4), AlignOptions())
    with pytest.raises(ValueError, match="runs of 1 to 4"):
        align(src, tgt, ([np.zeros((2, 8))], [np.zeros((1, 8))]), AlignOptions())


def test_strangers_are_told_from_translations_with_an_untranslated_chapter():
    rng = np.random.default_rng(11)
    chapters = [[spelled(list(rng.integers(k * 1000, k * 1000 + 999, 4))) for _ in range(60)] for k in range(3)]
    src, tgt = sides(chapters[0] + chapters[1], chapters[1])
    found = run(src, tgt)
    assert found.translations is not None and found.translations > 0.9
    assert sum(len(b.src) for b in found.beads if not b.tgt) == 60
    strangers = run(*sides(chapters[0], chapters[2]))
    assert strangers.translations is not None and strangers.translations < 0.1
    assert not [b for b in strangers.beads if b.src and b.tgt and (b.probability or 0) > 0.5]


def test_exchanged_chapters_are_survived():
    rng = np.random.default_rng(12)
    one, two = (
        [spelled(list(rng.integers(k * 1000, k * 1000 + 999, 4))) for _ in range(n)] for k, n in ((0, 70), (1, 50))
    )
    found = run(*sides(one + two, two + one))
    likely = [b for b in found.beads if b.src and b.tgt and (b.probability or 0) > 0.5]
    # the longer chapter is aligned, 0 to 69 with 50 to 119, and nothing else
    assert [(b.src.start, b.tgt.start) for b in likely] == [(i, i + 50) for i in range(70)]


def runs(single: np.ndarray) -> list[np.ndarray]:
    """Vectors of runs of 1 to 4: sums, on the unit sphere."""
    sums = [sum(single[k : len(single) - n + 1 + k] for k in range(n)) for n in (1, 2, 3, 4)]
    return [s / np.maximum(np.linalg.norm(s, axis=1, keepdims=True), 1e-9) for s in sums]


DEGENERATE = {
    "nothing on both sides": ([], []),
    "an empty side": (["1", "2"], []),
    "one sentence": (["1"], ["1"]),
    "one against many": (["1"], ["7", "8", "1", "9"]),
    "blank lines": ([""] * 1000, [""] * 900),
    "blank lines against text": ([""] * 300, ["1", "2"]),
    "identical": ([str(k) for k in range(200)], [str(k) for k in range(200)]),
    "one sentence again and again": (["1"] * 300, ["1"] * 290),
    "one huge line": (["1 2 3 " * 20_000], ["1", "2", "3"]),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_documents_have_a_defined_answer(name):
    src, tgt = sides(*DEGENERATE[name])
    found = run(src, tgt)
    complete(found, src, tgt)
    if name == "identical":
        assert beads(found) == [((k,), (k,)) for k in range(200)]


def test_a_hundred_thousand_sentences_against_ten():
    rng = np.random.default_rng(0)
    long = rng.normal(size=(100_000, 32)).astype(np.float32)
    long /= np.linalg.norm(long, axis=1, keepdims=True)
    places = np.arange(10) * 9_973 + 5
    src, tgt = sides(["abcdefgh"] * 100_000, ["abcdefgh"] * 10)
    found = align(src, tgt, (runs(long), runs(long[places])), AlignOptions())
    assert sum(len(b.src) for b in found.beads) == 100_000
    assert {(int(p), k) for k, p in enumerate(places)} <= {
        (b.src.start, b.tgt.start) for b in found.beads if len(b.src) == len(b.tgt) == 1
    }


@pytest.mark.parametrize("method", ["length", "embed"])
def test_no_bead_crosses_a_chapter(method):
    # by lengths and by vectors alike, the best beads would cross the borders: 2-1, 1-1 against chapters that begin at (1, 1) and (2, 1)
    from mt.align.length import align_length

    headings = ((0, 1), (3, 1))
    src = Side(tuple("abcdef"), "en", None, headings)
    tgt = Side(tuple("abcdef"[:5]), "en", None, ((0, 1), (2, 1)))
    x = np.eye(8, dtype=np.float32)
    if method == "length":
        made = align_length(src, tgt, AlignOptions(chapters=True))
    else:
        vectors = [[np.stack([x[i : i + k].sum(0) / k**0.5 for i in range(n - k + 1)]) for k in (1, 2)] for n in (6, 5)]
        made = align(src, tgt, (vectors[0], vectors[1]), AlignOptions(longest=2, chapters=True))
    for bead in made.beads:
        assert len({i >= 3 for i in bead.src} | {j >= 2 for j in bead.tgt}) == 1
    assert "chapters:yes" in str(made.signature)
    assert "chapters" not in str(align_length(src, tgt).signature)
