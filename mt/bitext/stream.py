"""Compressed or plain files → lines of UTF-8 text, one at a time: a corpus need not fit in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from mt.errors import EncodingError, InputError

LONGEST_LINE = (
    10_000_000  # characters; a longer line is no line of a corpus but a wrong file, and would fill the memory
)
_ZSTD = b"\x28\xb5\x2f\xfd"


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed where its first bytes say gzip, bzip2, xz or zstandard, whatever its name says.

    Raises:
        InputError: when the file is missing, unreadable, damaged or cut short.
    """
    try:
        with path.open("rb") as raw, _decompressed(raw) as stream:
            yield stream
    except FileNotFoundError:
        raise InputError(path, "a file", "nothing there") from None
    except IsADirectoryError:
        raise InputError(path, "a file", "a directory") from None
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as e:
        raise InputError(path, "a whole compressed file", f"a damaged one ({e})") from None
    except OSError as e:
        # bz2 has no error of its own
        raise InputError(path, "a readable file", e.strerror or str(e)) from None
    except Exception as e:
        if type(e).__name__ != "ZstdError":  # its class is known only where the package was imported
            raise
        raise InputError(path, "a whole compressed file", f"a damaged one ({e})") from None


def lines(path: Path) -> Iterator[str]:
    r"""Lines of a UTF-8 file without their `\n` or `\r\n`; nothing else ends a line. A byte order mark at the start is dropped.

    Raises:
        InputError: when the file cannot be read, or a line is longer than ten million characters.
        EncodingError: naming the line and byte that are not UTF-8.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.gz").write_bytes(gzip.compress("猫\r\n\u2028犬\n".encode()))
        ...     list(lines(Path(d, "a.gz")))
        ['猫', '\u2028犬']
    """
    with open_bytes(path) as stream:
        number = 0
        while line := stream.readline(4 * LONGEST_LINE):
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as e:
                found = f"byte 0x{line[e.start]:02x} at byte {e.start + 1:,} of the line"
                raise EncodingError(path, "UTF-8", found, line=number) from None
            if len(text) > LONGEST_LINE:
                raise InputError(path, f"a line of at most {LONGEST_LINE:,} characters", "a longer one", line=number)
            yield text.removesuffix("\n").removesuffix("\r")


@contextmanager
def _decompressed(raw: BinaryIO) -> Iterator[BinaryIO]:
    head = raw.read(6)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(raw) as stream:
            yield cast(BinaryIO, stream)
    elif head.startswith(b"BZh"):
        with bz2.open(raw) as bz:
            yield cast(BinaryIO, bz)
    elif head == b"\xfd7zXZ\x00":
        with lzma.open(raw) as xz:
            yield cast(BinaryIO, xz)
    elif head.startswith(_ZSTD):
        yield _zstandard(raw)
    else:
        yield raw


def _zstandard(raw: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Frames(raw), 1 << 17))


class _Frames(io.RawIOBase):
    """Zstandard frames one behind another. The package's own reader ends without a word where a file was cut short."""

    def __init__(self, raw: BinaryIO) -> None:
        import zstandard

        self._raw, self._make, self._rest = raw, zstandard.ZstdDecompressor, b""
        self._frame = self._make().decompressobj()
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            data = self._frame.unused_data if self._frame.eof else b""
            data = data or self._raw.read(1 << 17)
            if not data:
                if self._begun and not self._frame.eof:
                    raise EOFError("it ends within a frame")
                return 0
            if self._frame.eof:
                self._frame = self._make().decompressobj()
            self._rest, self._begun = self._frame.decompress(data), True
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
