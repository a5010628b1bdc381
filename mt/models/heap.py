"""Freed memory given back to the system.

A batch's tensors have the size of its sentences, and glibc's allocator keeps what was freed between two that are still in use. Over hours of
batches of changing sizes, decoded on several threads with an arena each, more and more of it lies there unused: 110 MB an hour and more were seen.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

_EVERY = 10.0  # seconds; pages given back must be asked for again, some 20 ms for all of them


class Heap:
    """Trims the heap of this process from time to time, where its allocator can.

    Args:
        every: least seconds between two times.
        trim: what gives the memory back; glibc's `malloc_trim` where there is one.

    Example:
        >>> calls = []
        >>> heap = Heap(3600, lambda: calls.append("trimmed"))
        >>> heap.rest(), heap.rest(), calls
        (None, None, ['trimmed'])
    """

    def __init__(self, every: float = _EVERY, trim: Callable[[], object] | None = None) -> None:
        self._every, self._trim = every, trim or _glibc()
        self._last = float("-inf")
        self._lock = threading.Lock()

    def rest(self) -> None:
        """Say that this is a moment to trim in; done if the last time is long enough ago. Safe to call from several threads."""
        if self._trim is None or not self._due() or not self._lock.acquire(blocking=False):
            return
        try:
            if self._due():  # nobody else did it since
                self._trim()
                self._last = time.monotonic()
        finally:
            self._lock.release()

    def _due(self) -> bool:
        return time.monotonic() - self._last >= self._every


def _glibc() -> Callable[[], object] | None:
    """`malloc_trim(0)`, None where the C library has none (musl, macOS, Windows)."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
    return lambda: trim(0)
