"""Matrix products on one thread each, so that several can run at the same time.

numpy's library for products (OpenBLAS in its wheels) splits each product over all cores. For products that fit a core's cache that is slower than
giving every core products of its own, and far slower where other programs want the cores too, because its threads wait by spinning.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# get and set, as the wheels of numpy 2, of numpy 1 and the systems' packages name them
_NAMES = (
    ("scipy_openblas_get_num_threads64_", "scipy_openblas_set_num_threads64_"),
    ("openblas_get_num_threads64_", "openblas_set_num_threads64_"),
    ("scipy_openblas_get_num_threads", "scipy_openblas_set_num_threads"),
    ("openblas_get_num_threads", "openblas_set_num_threads"),
)
_lock = threading.Lock()
_inside = 0
_before = 0
_found: tuple[Any, Any] | bool | None = None


def cores() -> int:
    """CPUs that this process may use, ≥ 1."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


@contextmanager
def single_threaded() -> Iterator[bool]:
    """Inside, every product of this process is computed on the thread that asks for it; says whether that could be arranged.

    The setting is the process's, so other threads' products are meanwhile computed on one thread too; the last one out restores it.

    Example:
        >>> with single_threaded() as alone:
        ...     isinstance(alone, bool)
        True
    """
    global _inside, _before  # noqa: PLW0603 - the library's setting is one a process
    calls = _library()
    if not isinstance(calls, tuple):
        yield False
        return
    get, put = calls
    with _lock:
        if _inside == 0:
            _before = int(get())
            put(1)
        _inside += 1
    try:
        yield True
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                put(_before)


def _library() -> tuple[Any, Any] | bool:
    global _found  # noqa: PLW0603 - looked for once
    if _found is None:
        _found = False
        for path in _candidates():
            try:
                library = ctypes.CDLL(str(path))
            except OSError:
                continue
            for get, put in _NAMES:
                if hasattr(library, get) and hasattr(library, put):
                    _found = (getattr(library, get), getattr(library, put))
                    return _found
    return _found


def _candidates() -> list[Path]:
    """Where the wheels put the library: beside the package on Linux and Windows, inside it on macOS; numpy has loaded it already."""
    spec = find_spec("numpy")  # the module itself is not needed, and this floor does without
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    folders = (package.parent / "numpy.libs", package / ".libs", package / ".dylibs")
    return [path for folder in folders for path in sorted(folder.glob("*openblas*"))]
