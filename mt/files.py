"""Files as bytes: read with clear errors, written beside and renamed, hashed, found.

The only place that knows how a file reaches the disk: after a crash, a full disk or Ctrl-C the old file stands or the new one, never half of either.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mt.errors import InputError, OutputError

_PARTIAL = ".partial"
_ROOT = Path(__file__).resolve().parent


def read_bytes(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        InputError: when it is missing, a directory or unreadable.
    """
    try:
        if path.is_dir():
            raise InputError(path, "a file", "a directory")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(path, "a file", "nothing there") from None
    except OSError as e:
        raise InputError(path, "a readable file", _reason(e)) from None


def write_bytes(path: Path, data: bytes) -> None:
    """Write beside, flush to disk, rename: `path` holds its old bytes or all the new ones.

    A link is followed, so that what it points at changes; what is no regular file (a pipe, a device) is written to as it is.

    Raises:
        OutputError: when the place cannot be written.

    Example:
        >>> with tempfile.TemporaryDirectory() as d:
        ...     write_bytes(Path(d, "a", "x.txt"), b"hello")
        ...     Path(d, "a", "x.txt").read_bytes(), os.listdir(Path(d, "a"))
        (b'hello', ['x.txt'])
    """
    beside = None
    try:
        place = path.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            raise OutputError(path, "Is a directory")
        if place.exists() and not place.is_file():
            place.write_bytes(data)
            return
        _sweep(place)
        handle, beside = _open_beside(place)
        with os.fdopen(handle, "wb") as file:
            # mkstemp makes files that only the owner can read; an output has the mode any other new file would have
            os.chmod(beside, 0o666 & ~_umask())  # noqa: PTH101
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, place)  # noqa: PTH105
    except OSError as e:
        raise OutputError(path, _reason(e)) from None
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                os.unlink(beside)  # noqa: PTH108 - gone already when the rename succeeded


def _lock(handle: int) -> bool:
    """Mark an open file as somebody's; False where it is somebody else's. The mark is gone when its process is."""
    try:
        import fcntl
    except ImportError:  # not POSIX, where an open file cannot be taken away anyway
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _open_beside(place: Path) -> tuple[int, str]:
    """A new file beside a place, open for writing and locked: its handle and its path."""
    while True:
        handle, beside = tempfile.mkstemp(prefix=f".{place.name}.", suffix=_PARTIAL, dir=place.parent)
        if not _lock(handle):
            time.sleep(0.001)  # a file system without locks; or another process takes it for a leftover, and away
        if os.fstat(handle).st_nlink:
            return handle, beside
        os.close(handle)


_left: dict[Path, dict[str, list[Path]]] = {}


def _sweep(place: Path) -> None:
    """Take away what killed processes left beside a place; what is being written by one that lives is locked, and stays.

    A directory is looked through once a process: doing it for each of its files took 4 of 18 seconds for 2,000.
    """
    if (names := _left.get(place.parent)) is None:
        names = _left[place.parent] = {}
        for left in place.parent.glob(f".*{_PARTIAL}"):
            names.setdefault(left.name[1:].removesuffix(_PARTIAL).rpartition(".")[0], []).append(left)
    for left in names.pop(place.name, ()):
        with contextlib.suppress(OSError), left.open("rb+") as file:
            if _lock(file.fileno()):
                left.unlink()


def write_text(path: Path, text: str) -> None:
    """Like `write_bytes`, in UTF-8 with the line ends given."""
    write_bytes(path, text.encode("utf-8"))


class PartFile:
    r"""A file that is written bit by bit beside its place, and gets its name when it is whole.

    Until `commit`, whatever stood at `path` stands there still. A link is followed; what is no regular file (a pipe, a device) is written to as
    it is, and cannot be taken back. A kill without warning leaves `.NAME.….partial`, never half a file under the name itself; the next
    one for the same place takes it away.

    Raises:
        OutputError: when the place cannot be written; so do the methods, and then nothing is left beside it.

    Example:
        >>> with tempfile.TemporaryDirectory() as d:
        ...     part = PartFile(Path(d, "x.txt"))
        ...     part.write("one\n")
        ...     before = os.listdir(d) == ["x.txt"]
        ...     _, size = part.commit()
        ...     before, os.listdir(d), size
        (False, ['x.txt'], 4)
    """

    def __init__(self, path: Path) -> None:
        self.path, self._hash, self._size = path, hashlib.sha256(), 0
        self._beside: str | None = None
        with self._failing():
            self._place = path.resolve()
            self._place.parent.mkdir(parents=True, exist_ok=True)
            if self._place.is_dir():
                raise OutputError(path, "Is a directory")
            if self._place.exists() and not self._place.is_file():
                self._file = self._place.open("wb")
                return
            _sweep(self._place)
            handle, self._beside = _open_beside(self._place)
            self._file = os.fdopen(handle, "wb")

    def write(self, text: str) -> None:
        """Add text, in UTF-8 with the line ends given."""
        self.write_bytes(text.encode("utf-8"))

    def write_bytes(self, data: bytes) -> None:
        """Add bytes."""
        with self._failing():
            self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def mark(self) -> tuple[int, object]:
        """A point to come back to with `back`."""
        return self._size, self._hash.copy()

    def back(self, mark: tuple[int, object]) -> None:
        """Forget what was written behind a mark."""
        if self._beside is not None:
            with self._failing():
                self._file.flush()
                self._file.truncate(mark[0])
                self._file.seek(mark[0])
            self._size, self._hash = mark  # type: ignore[assignment]

    def commit(self) -> tuple[str, int]:
        """Flush to disk and give the file its name; its SHA-256 and size in bytes."""
        with self._failing():
            self._file.flush()
            if self._beside is not None:
                os.chmod(self._beside, 0o666 & ~_umask())  # noqa: PTH101 - as in write_bytes
                os.fsync(self._file.fileno())
            self._file.close()
            if self._beside is not None:
                os.replace(self._beside, self._place)  # noqa: PTH105
                self._beside = None
        return self._hash.hexdigest(), self._size

    def discard(self) -> None:
        """Take the file away, unless it has its name already; twice does no harm."""
        with contextlib.suppress(OSError):
            if hasattr(self, "_file"):
                self._file.close()  # which may try to write what is left once more
        if self._beside is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._beside)  # noqa: PTH108
            self._beside = None

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as e:
            self.discard()
            raise OutputError(self.path, _reason(e)) from None


def make_directory(path: Path) -> None:
    """Make a directory and its parents, and check that files can be made in it.

    Raises:
        OutputError: when that is not possible.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except FileExistsError:
        raise OutputError(path, "Not a directory") from None
    except OSError as e:
        raise OutputError(path, _reason(e)) from None


@contextlib.contextmanager
def new_directory(final: Path) -> Iterator[Path]:
    """A scratch directory beside `final` that becomes `final` when the block ends well.

    Safe when several processes do it at once: the first to finish wins, the others' work is dropped. Nothing is left behind on failure.
    OSError passes through, so that the caller can choose another place.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
    try:
        # mkdtemp makes directories that only the owner can enter; an output has the mode any other new directory would have
        scratch.chmod(0o777 & ~_umask())
        yield scratch
        try:
            os.rename(scratch, final)  # noqa: PTH104 - fails when another process put a full directory there first
        except OSError:
            if not final.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256.

    Example:
        >>> sha256(b"")[:16]
        'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shipped(relative: str) -> Path:
    """Path of something the project ships (`configs/…`, `corpora/…`): beside the package in a checkout, inside it when installed."""
    inside = _ROOT / "shipped" / relative
    return inside if inside.exists() else _ROOT.parent / relative


def cache_directory() -> Path:
    """The user's cache for this program: `$KAKEHASHI_CACHE`, else `$XDG_CACHE_HOME/kakehashi`, else `~/.cache/kakehashi`."""
    if own := os.environ.get("KAKEHASHI_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kakehashi"


def _umask() -> int:
    value = os.umask(0)
    os.umask(value)
    return value


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
