"""Which pairs an update sees: a pure function of seed and position, so that a run resumes exactly and nothing but two numbers is kept.

Item t of the endless stream is found without walking to it: every source is in a shuffled order given by a Feistel network over its numbers
(a permutation that needs no memory; Luby and Rackoff 1988, with cycle walking), and sources are interleaved evenly by their probability.
The stream is cut into pools; each pool is concatenated here and there, sorted by length, cut into batches, and the batches shuffled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mt.train.options import Sampling, Source

Array = np.ndarray[Any, Any]
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One input of a batch: numbers of its pairs (two where they were joined) and its length, the longer side in pieces."""

    pairs: tuple[int, ...]
    length: int


def rates(sources: Mapping[str, Source], sizes: Sequence[int], options: Sampling) -> list[float]:
    """Probability that a drawn pair comes from each source; see `Sampling.kind`.

    Example:
        >>> two = {"a": Source("a", share=1.0), "b": Source("b", share=0.5)}
        >>> [round(x, 3) for x in rates(two, [100, 400], Sampling("epoch"))]
        [0.333, 0.667]
        >>> [round(x, 3) for x in rates(two, [100, 400], Sampling("fixed"))]
        [0.667, 0.333]
        >>> [round(x, 3) for x in rates(two, [100, 400], Sampling("temperature", temperature=2))]
        [0.5, 0.5]
    """
    power = {"epoch": 1.0, "fixed": 0.0, "temperature": 1 / options.temperature}[options.kind]
    raw = [s.share * size**power if size else 0.0 for s, size in zip(sources.values(), sizes, strict=True)]
    return [x / sum(raw) for x in raw]


def permuted(numbers: Array, size: int, seed: int) -> Array:
    """A permutation of 0 … size-1, at the places `numbers`, without holding it.

    Example:
        >>> sorted(permuted(np.arange(10), 10, 7).tolist()) == list(range(10))
        True
    """
    half = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
    keys = np.random.default_rng([seed, size]).integers(1, 2**32, _ROUNDS, dtype=np.uint64)
    out = numbers.astype(np.uint64)
    todo = np.arange(len(out))
    while len(todo):
        out[todo] = _feistel(out[todo], half, keys)
        todo = todo[out[todo] >= size]  # outside: walk the cycle on until it comes back in
    return out.astype(np.int64)


def _feistel(x: Array, half: int, keys: Array) -> Array:
    mask = np.uint64((1 << half) - 1)
    left, right = x >> np.uint64(half), x & mask
    for key in keys:
        # a round function need not be invertible; this is the finaliser of splitmix64 (Steele et al. 2014)
        mixed = (right + key) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        left, right = right, left ^ ((mixed ^ (mixed >> np.uint64(31))) & mask)
    return (left << np.uint64(half)) | right


def drawn(pool: int, ranges: Sequence[tuple[int, int]], share: Sequence[float], options: Sampling, seed: int) -> Array:
    """Numbers of the pairs of one pool, in the order of the stream.

    Args:
        pool: which, from 0.
        ranges: of each source, its half-open range of pair numbers.
        share: probability of each source, as `rates` gives it.
        options: `pool` pairs are drawn.
        seed: another seed, another order.
    """
    parts = []
    for number, ((start, end), rate) in enumerate(zip(ranges, share, strict=True)):
        # rounding both ends the same way: over all pools a source is drawn exactly as often as its share says
        a, b = (int(k * options.pool * rate + 0.5) for k in (pool, pool + 1))
        at, size = np.arange(a, b), end - start
        for epoch in range(a // size, -(-b // size)) if size and b > a else ():
            here = at[(at >= epoch * size) & (at < (epoch + 1) * size)] % size
            parts.append(start + permuted(here, size, seed + 1_000_003 * epoch + 7919 * number))
    joined = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return np.random.default_rng([seed, pool, 1]).permutation(joined)


def batches(
    pairs: Array, src: Array, tgt: Array, options: Sampling, *, tokens: int, seed: Sequence[int], short: bool
) -> list[list[Item]]:
    """One pool as batches in the order they are trained on.

    Args:
        pairs: numbers of the drawn pairs.
        src: length of each drawn pair's source in pieces, the end mark not counted; shape as `pairs`.
        tgt: likewise of its target.
        options: concatenation and its limit.
        tokens: budget: (longest side + 1) × inputs of a batch.
        seed: of the random choices.
        short: leave out what is longer than `short_pieces`.
    """
    rng = np.random.default_rng([*seed, 2])
    if short:
        keep = np.maximum(src, tgt) <= options.short_pieces
        pairs, src, tgt = pairs[keep], src[keep], tgt[keep]
    items = sorted(
        _joined(pairs, src, tgt, options, chance=rng.random(len(pairs)), short=short), key=lambda x: x.length
    )
    out: list[list[Item]] = []
    for item in items:
        if not out or (item.length + 1) * (len(out[-1]) + 1) > tokens:
            out.append([])
        out[-1].append(item)
    return [out[i] for i in rng.permutation(len(out))]


def _joined(pairs: Array, src: Array, tgt: Array, options: Sampling, *, chance: Array, short: bool) -> Iterator[Item]:
    """Pairs, some joined with the one behind; a pair that does not fit behind another stands by itself."""
    limit = options.short_pieces if short else options.longest
    at, count = 0, len(pairs)
    while at < count:
        s, t = int(src[at]), int(tgt[at])
        behind = at + 1
        if chance[at] < options.concat and t < limit // 4 and behind < count:
            s2, t2 = s + int(src[behind]), t + int(tgt[behind])
            if max(s2, t2) <= limit:
                yield Item((int(pairs[at]), int(pairs[behind])), max(s2, t2))
                at += 2
                continue
        yield Item((int(pairs[at]),), max(s, t))
        at += 1
