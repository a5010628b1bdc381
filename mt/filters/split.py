"""Which rows are held out for development and test: whole documents, by a hash, and nothing that stays may be like them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mt.errors import OptionError

TRAIN, DEV, TEST = 0, 1, 2
_ALL = 1 << 64


def split(documents: Sequence[str], seed: int, dev: float, test: float) -> NDArray[np.uint8]:
    """0 = train, 1 = dev, 2 = test, one a row, by the row's document alone.

    A 64-bit hash of seed and document, as a fraction of 2⁶⁴, is below `test` or not below 1 - `dev`. So a document keeps its place when others
    come or go, and when either share grows nothing leaves that part. Of D documents, D · share are held out, give or take a binomial error of
    √(D · share · (1 - share)).

    Args:
        documents: the document of each row; rows of the same one stay together.
        seed: another number gives another choice.
        dev: share of documents, 0 to 1.
        test: likewise; together at most 1.

    Raises:
        OptionError: shares out of range.

    Example:
        >>> split(["a", "a", "b", "c"], seed=1, dev=0.0, test=1.0).tolist()
        [2, 2, 2, 2]
        >>> bool((split(["a", "b"], 1, 0.3, 0.3) == split(["a", "b", "c"], 1, 0.3, 0.3)[:2]).all())
        True
    """
    for name, share in (("dev", dev), ("test", test)):
        if not 0 <= share <= 1:
            raise OptionError(name, "a share from 0 to 1", share)
    if dev + test > 1 + 1e-9:
        raise OptionError("dev", "at most 1 together with test", dev + test)
    below, above = int(test * _ALL), _ALL - int(dev * _ALL)
    known: dict[str, int] = {}
    for document in documents:
        if document not in known:
            text = f"{seed}\n{document}".encode("utf-8", "surrogatepass")
            number = int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
            known[document] = TEST if number < below else DEV if number >= above else TRAIN
    return np.fromiter(map(known.__getitem__, documents), np.uint8, len(documents))


def straddlers(roots: NDArray[np.uint64], held: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows that must go because a row of their group is held out: 2 = a row of test is like it (`near-test`), 1 = one of dev (`near-dev`), 0 = stays.

    Rows of train go for either, rows of dev for test; rows of test always stay.

    Args:
        roots: the group of each row.
        held: its split.

    Example:
        >>> straddlers(np.array([5, 5, 5, 8, 8, 9], np.uint64), np.array([0, 1, 2, 0, 1, 0], np.uint8)).tolist()
        [2, 2, 0, 1, 0, 0]
    """
    groups, number = np.unique(roots, return_inverse=True)
    most = np.zeros(len(groups), np.uint8)
    np.maximum.at(most, number, held)
    highest = most[number]
    found: NDArray[np.uint8] = np.where(held < highest, highest, np.uint8(0)).astype(np.uint8)
    return found
