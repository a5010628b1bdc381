"""What the report of a corpus draws: against counting by hand, and the same however rows are dealt out to shards."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt.bitext.shards import RowWriter, write_columns
from mt.block import Block
from mt.filters.filter import Limit
from mt.pipeline.corpus_bins import Fine, bars, mixed, nearest
from mt.pipeline.corpus_collect import Shard, collect
from mt.report.corpus import Step

COUNT = 600
LIMITS = {"ratio": Limit(0.5, 2.5), "src-length": Limit(3)}


def corpus():
    """Rows with two scores; `reason` is the first limit broken, 3 for every 7th of the rest."""
    draw = np.random.default_rng(5)
    ratio = draw.normal(1.5, 0.6, COUNT).astype(np.float32)
    ratio[::50] = np.nan
    length = draw.integers(1, 60, COUNT).astype(np.float32)
    reason = np.zeros(COUNT, np.uint16)
    for code, (name, limit) in enumerate(LIMITS.items(), 1):
        reason[(reason == 0) & ~limit.accept({"ratio": ratio, "src-length": length}[name])] = code
    alive = np.flatnonzero(reason == 0)
    reason[alive[::7]] = 3
    rows = [(f"s:00000-{n:09}", "猫" * int(length[n]), f"cat {n}") for n in range(COUNT)]
    return rows, ratio, length, reason


def shards_of(folder, edges):
    rows, ratio, length, reason = corpus()
    made = []
    for a, b in pairwise(edges):
        shard = Shard(*(folder / f"{a}.{kind}" for kind in ("jsonl.zst", "scores.npy", "fate.npy")))
        writer = RowWriter(shard.rows)
        writer.write(Block.of(rows[a:b]))
        writer.commit()
        tgt = np.array([len(row[2]) for row in rows[a:b]], np.float32)
        write_columns(shard.scores, {"ratio": ratio[a:b], "src-length": length[a:b], "tgt-length": tgt})
        split = (np.arange(a, b) % 5 == 0).astype(np.uint8)
        write_columns(shard.fate, {"reason": reason[a:b], "split": split})
        made.append(shard)
    return made


def steps_of():
    reason = corpus()[3]
    names = [("ratio", "filter"), ("src-length", "filter"), ("exact-copy", "copy")]
    return [Step("bad-json", "malformed", 2)] + [
        Step(name, kind, int((reason == code).sum())) for code, (name, kind) in enumerate(names, 1)
    ]


def bad_of(folder):
    path = folder / "bad.jsonl.zst"
    writer = RowWriter(path)
    writer.objects(
        [{"id": f"s:{n}", "reason": "bad-json", "file": "a.jsonl", "line": n, "text": f"{{{n}"} for n in (3, 9)]
    )
    writer.commit()
    return path


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    return collect(shards_of(folder, [0, COUNT]), LIMITS, steps_of(), [bad_of(folder)])


def test_counts_are_those_of_counting(seen):
    _, ratio, _, reason = corpus()
    view = next(one for one in seen.scores if one.name == "ratio")
    known = ~np.isnan(ratio)
    assert (view.below, view.above) == (int((ratio < 0.5).sum()), int((ratio > 2.5).sum()))
    assert view.unmeasured == int((~known).sum()) == 12
    assert view.inside == int(known.sum()) - view.below - view.above
    drawn = (ratio >= view.edges[0]) & (ratio < view.edges[-1])
    assert sum(view.published) == int((drawn & (reason == 0)).sum())
    assert view.beyond == (int((ratio < view.edges[0]).sum()), int((ratio >= view.edges[-1]).sum()))
    for n, (a, b) in enumerate(pairwise(view.edges)):
        inside = (ratio >= a) & (ratio < b)  # no number lies within 1e-6 of an edge here
        assert view.published[n] == int((inside & (reason == 0)).sum())
        assert view.lost[n] == int((inside & (reason > 0)).sum())


def test_rows_around_a_threshold_are_the_nearest(seen):
    rows, ratio, _, reason = corpus()
    view = next(one for one in seen.scores if one.name == "ratio")
    for edge in view.borders:
        out = ratio < 0.5 if edge.side == "low" else ratio > 2.5
        for samples, mask in (
            (edge.rejected, out & (reason == 1)),
            (edge.accepted, ~out & (reason == 0) & ~np.isnan(ratio)),
        ):
            chosen = sorted(np.flatnonzero(mask), key=lambda n: (abs(float(ratio[n]) - edge.value), n))[:5]
            assert [one.id for one in samples] == [rows[n][0] for n in chosen]
            assert [one.score for one in samples] == pytest.approx([float(ratio[n]) for n in chosen], rel=1e-5)
    assert {one.fate for edge in view.borders for one in edge.accepted} == {"published"}
    assert {one.fate for edge in view.borders for one in edge.rejected} == {"ratio"}


def test_ties_go_by_place(seen):
    rows, _, length, reason = corpus()
    view = next(one for one in seen.scores if one.name == "src-length")
    [edge] = view.borders  # no upper end
    at = [n for n in range(COUNT) if length[n] == 3 and reason[n] == 0][:5]
    assert [one.id for one in edge.accepted] == [rows[n][0] for n in at]


def test_rejects_come_most_frequent_first_with_rows_of_theirs(seen):
    rows, _, _, reason = corpus()
    counts = [view.step.rows for view in seen.rejects]
    assert counts == sorted(counts, reverse=True)
    by_id = {row[0]: n for n, row in enumerate(rows)}
    for view in seen.rejects:
        if view.step.kind == "malformed":
            assert [(one.id, one.src) for one in view.samples] == [("a.jsonl:3", "{3"), ("a.jsonl:9", "{9")]
            continue
        code = {"ratio": 1, "src-length": 2, "exact-copy": 3}[view.step.name]
        assert len(view.samples) == min(5, view.step.rows)
        assert all(reason[by_id[one.id]] == code for one in view.samples)


def test_lengths_and_characters_of_what_is_published(seen):
    _, _, length, reason = corpus()
    kept = reason == 0
    src = seen.lengths[0]
    assert sum(src.counts) == int(kept.sum())
    assert sum(both[0] for both in seen.characters.values()) == int(length[kept].sum())
    dev = kept & (np.arange(COUNT) % 5 == 0)
    assert seen.characters[1][0] == int(length[dev].sum())


@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(1, COUNT - 1), max_size=6))
def test_shards_change_nothing(seen, tmp_path_factory, cuts):
    folder = tmp_path_factory.mktemp("many")
    found = collect(shards_of(folder, [0, *sorted(set(cuts)), COUNT]), LIMITS, steps_of(), [bad_of(folder)])
    assert found == seen


def test_a_score_that_some_shards_lack_is_not_measured_there(tmp_path):
    shards = shards_of(tmp_path, [0, 300, COUNT])
    write_columns(shards[0].scores, {"src-length": corpus()[2][:300], "tgt-length": corpus()[2][:300]})
    view = next(one for one in collect(shards, LIMITS, steps_of()).scores if one.name == "ratio")
    assert view.unmeasured == 300 + 6


def test_no_rows_at_all(tmp_path):
    writer = RowWriter(tmp_path / "r.jsonl.zst")
    writer.commit()
    write_columns(tmp_path / "s.npy", {"src-length": np.zeros(0, np.float32), "tgt-length": np.zeros(0, np.float32)})
    write_columns(tmp_path / "f.npy", {"reason": np.zeros(0, np.uint16)})
    found = collect([Shard(tmp_path / "r.jsonl.zst", tmp_path / "s.npy", tmp_path / "f.npy")], LIMITS, [])
    assert (found.scores, found.rejects, found.lengths) == ((), (), ())
    assert collect([], LIMITS, []).scores == ()


numbers = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, max_size=60), st.floats(0, 1))
def test_a_quantile_is_a_little_below_the_number_it_stands_for(values, share):
    array = np.array(values, np.float32)
    fine = Fine()
    fine.add(array)
    known = np.sort(array[~np.isnan(array)])
    assert fine.total == len(known)
    if len(known):
        true = float(known[max(1, int(np.ceil(share * len(known)))) - 1])
        found = fine.quantile(share)
        if np.isfinite(true):
            assert found <= true
            # 7 bits of the mantissa are counted; numbers so small that they have fewer are as good as 0
            assert true - found <= abs(true) / 64 + 1e-37


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=60), st.lists(st.floats(-1e6, 1e6), max_size=2))
def test_bars_take_every_number(values, ends):
    array = np.array(values, np.float32)
    fine = Fine()
    fine.add(array)
    drawn = bars(fine, ends)
    assert 1 <= drawn.count <= 100
    places = drawn.place(array[~np.isnan(array)])
    assert ((places >= -1) & (places <= drawn.count)).all()


def test_splitmix64_is_the_published_one():
    # the first outputs of seed 0 in the reference implementation by S. Vigna
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert mixed(np.arange(3)).tolist() == [(x >> 11) * 2.0**-53 for x in expected]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 6), st.integers(0, 30))
def test_nearest_does_not_depend_on_the_cut(values, most, cut):
    distances, rows = np.array(values, np.float64), np.arange(len(values))
    whole = nearest([], distances, rows, most)
    parts = nearest(nearest([], distances[:cut], rows[:cut], most), distances[cut:], rows[cut:], most)
    assert whole == parts == sorted(zip(distances.tolist(), rows.tolist(), strict=True))[:most]
