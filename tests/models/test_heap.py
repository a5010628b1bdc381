"""Expected: what the C library's manual says of malloc_trim, seen in /proc."""

import ctypes
import threading
from pathlib import Path

import pytest

from mt.models.heap import Heap, _glibc


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(_glibc() is None, reason="no malloc_trim in this C library")
def test_memory_freed_below_what_is_in_use_goes_back():
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    blocks = [libc.malloc(8000) for _ in range(10_000)]
    for block in blocks:
        ctypes.memset(block, 1, 8000)
    for block in blocks[:-1]:
        libc.free(block)  # the last one keeps the heap from shrinking by itself
    held = resident_mb()
    Heap().rest()
    assert held - resident_mb() > 60
    libc.free(blocks[-1])


def test_not_more_often_than_asked_from_any_thread():
    calls = []
    heap = Heap(3600, lambda: calls.append(1))
    threads = [threading.Thread(target=heap.rest) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]
    eager = Heap(0, lambda: calls.append(2))
    eager.rest()
    eager.rest()
    assert calls == [1, 2, 2]
