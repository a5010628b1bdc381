"""A Marian `.npz`: named arrays in a ZIP archive, read so that a file from anywhere can do no harm. None is unpickled."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mt.errors import ModelError

if TYPE_CHECKING:
    from mt.models.weights import Array

# An archive of floating point numbers hardly shrinks; what unpacks to more than this is no model. A small one may be mostly zeros.
_MOST_EXPANSION, _SMALL = 20, 2**26

# What the libraries raise when they read a damaged archive or array; tokenize and SyntaxError are from numpy's reading of a header.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, TypeError, SyntaxError, tokenize.TokenError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


class Archive:
    """A `.npz`: a ZIP archive of arrays, none of them pickled, each taken once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise ModelError(path, "a file", "nothing there") from None
        except OSError as e:
            raise ModelError(path, "a readable file", e.strerror or type(e).__name__) from None
        except _DAMAGED:
            raise ModelError(path, "a whole .npz archive", "something else (is the file whole?)") from None
        try:
            self._left = self._members()
        except ModelError:
            self._file.close()
            raise

    def _members(self) -> dict[str, zipfile.ZipInfo]:
        """By name. What would unpack to far more than it is, or with a program that is seldom tested, is not unpacked."""
        members, path = self._file.infolist(), self.path
        size = sum(member.file_size for member in members)
        if size > max(_SMALL, _MOST_EXPANSION * path.stat().st_size):
            raise ModelError(path, "an archive of weights", f"one that would unpack to {size:,} bytes")
        if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
            raise ModelError(path, "an archive as numpy writes it", "another compression")
        by_name = {member.filename.removesuffix(".npy"): member for member in members}
        if len(by_name) != len(members):
            raise ModelError(path, "every array once", "one name twice")
        return by_name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str) -> str:
        """A text stored as bytes, with or without the NUL that C++ puts behind."""
        data = bytes(self._array(name).astype("u1").tobytes())
        try:
            return data.rstrip(b"\0").decode("utf-8")
        except UnicodeDecodeError:
            raise ModelError(self.path, f"{name} in UTF-8", "other bytes") from None

    def take(self, name: str, shape: tuple[int, ...]) -> Array:
        """A tensor of that shape as float32; Marian puts a 1 in front of a vector's length."""
        import numpy as np

        array = self._array(name)
        if array.dtype.kind != "f":
            raise ModelError(self.path, f"{name} in floating point", str(array.dtype))
        found = array.shape
        while len(found) > len(shape) and found[0] == 1:
            found = found[1:]
        if found != shape:
            raise ModelError(self.path, f"{name} of shape {shape}", str(array.shape))
        if not np.isfinite(array).all():
            raise ModelError(self.path, f"{name} made of finite numbers", "NaN or infinity")
        result: Array = array.reshape(shape).astype(np.float32)
        return result

    def check_nothing_left(self) -> None:
        """Refuse what no part of the model would use."""
        names = sorted(self._left)
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            raise ModelError(self.path, "no other arrays than such a model has", ", ".join(names[:3]) + more)

    def _array(self, name: str) -> Any:
        import numpy as np

        member = self._left.pop(name, None)
        if member is None:
            raise ModelError(self.path, f"the array {name}", "none of that name")
        try:
            # the header's size is bounded by the check above, and read_array allocates no more than the data can fill
            data = self._file.read(member)
            self._check_header(name, data)
            return np.load(io.BytesIO(data), allow_pickle=False)
        except (OSError, *_DAMAGED):
            raise ModelError(self.path, f"{name} as a whole array", "something else (is the file whole?)") from None

    def _check_header(self, name: str, data: bytes) -> None:
        """The data must be as long as the header says, and numbers: an array of objects is a pickled program."""
        from numpy.lib import format as npy

        stream = io.BytesIO(data)
        read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(npy.read_magic(stream))
        if read_header is None:
            raise ValueError("a version of the format for names that are no ASCII")
        shape, _, dtype = read_header(stream)
        if dtype.hasobject:
            raise ModelError(self.path, f"{name} as numbers", "pickled objects, which are not read")
        if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
            raise ValueError("cut short")
