"""Sentence vectors that somebody else computed: a `.npy` array, or raw float32 numbers in a `.bin` file as Vecalign and LASER write them.

    vectors:a.npy              row i is the vector of sentence i
    vectors:a.emb,a.overlaps   row i is the vector of line i of the second file, wherever that text is asked for

The second form reads what Vecalign's `overlap.py` prepares, runs of joined sentences among it. Rows need not have norm 1; they are brought to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import CountError, InputError, plural
from mt.files import read_bytes, sha256_file
from mt.signature import Signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDEST = 65_536
_ROWS = 4096  # checked and normalised at a time
_BLANK = "BLANK_LINE"  # what Vecalign writes for an empty line


class VectorsEncoder:
    """A `SentenceEncoder` that looks vectors up. It knows no texts but those it was given.

    Without a file of texts, what is asked for must be as many sentences as there are rows, in their order.

    Args:
        path: the vectors; a name that ends in `.npy` is an array with its shape, any other raw float32 numbers (little-endian).
        texts: a UTF-8 file with the text of each row, one a line; None = by position.
        width: numbers a vector; None = what the file says, or its size divided by the number of texts.

    Raises:
        InputError: for a file that is missing, damaged, of another shape or width, or holds a vector without direction.
    """

    def __init__(self, path: Path, *, texts: Path | None = None, width: int | None = None) -> None:
        self._path, self._texts = path, texts
        self._lines = None if texts is None else _lines(texts)
        self._array: NDArray[Any] | None = None
        if path.suffix == ".npy":
            self._array = _checked(path, _from_npy(path), width)
        else:
            self._numbers = _from_raw(path)
            if width is None and self._lines is not None:
                width = self._width_for(len(self._lines), texts or path)
            if width is not None:
                self._array = self._shaped(width)
        if self._array is not None and self._lines is not None and len(self._array) != len(self._lines):
            raise CountError(path, len(self._array), texts or path, len(self._lines), "row")
        self._row_of = None if self._lines is None else {line: row for row, line in reversed([*enumerate(self._lines)])}
        self._signature = Signature.of(encoder="vectors", sha=sha256_file(path)[:12])

    @property
    def signature(self) -> Signature:
        """Hash of the file."""
        return self._signature

    @property
    def width(self) -> int:
        """Numbers of a vector.

        Raises:
            InputError: for raw numbers before the first `encode`, where neither texts nor a width were given.
        """
        if self._array is None:
            raise InputError(
                self._path, "a known width", "raw numbers; give their texts, or encode all sentences first"
            )
        return int(self._array.shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Float32 (len(texts), width), rows of norm 1.

        Raises:
            CountError: when there are more or fewer rows than texts, and no file says which is which.
            InputError: for a text that the file of texts has not.
        """
        import numpy as np

        if self._row_of is not None:
            rows = [self._row(text) for text in texts]
            return self._known[rows] if rows else np.zeros((0, self.width), dtype=np.float32)
        if self._array is None:
            self._array = self._shaped(self._width_for(len(texts), "the sentences"))
        if len(self._array) != len(texts):
            raise CountError(self._path, len(self._array), "the sentences", len(texts), "row")
        return self._array

    def windows(self, sentences: Sequence[str], longest: int, joiner: str) -> list[NDArray[Any]]:
        """Vectors of runs: those of the joined text where the file of texts has it, else the sum of the sentences' vectors.

        See `mt.protocols.WindowEncoder`. A sum is not what an encoder would make of the joined text, but points where it does, roughly.
        """
        import numpy as np

        single = self.encode(sentences)
        total = np.concatenate([np.zeros((1, single.shape[1])), np.cumsum(single, axis=0, dtype=np.float64)])
        found = [single]
        for size in range(2, longest + 1):
            count = max(0, len(sentences) - size + 1)
            sums = total[size : size + count] - total[:count]
            sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
            vectors = sums.astype(np.float32)
            if self._row_of is not None:
                for start in range(count):
                    row = self._joined(sentences[start : start + size], joiner)
                    if row is not None:
                        vectors[start] = self._known[row]
            found.append(vectors)
        return found[:longest]

    @property
    def _known(self) -> NDArray[Any]:
        assert self._array is not None
        return self._array

    def _row(self, text: str) -> int:
        row = self._find(text)
        if row is None:
            raise InputError(self._texts or self._path, f"the sentence {text[:60]!r}", "no such line")
        return row

    def _find(self, text: str) -> int | None:
        rows = self._row_of or {}
        clean = text.strip()
        return rows.get(text, rows.get(clean or _BLANK))

    def _joined(self, sentences: Sequence[str], joiner: str) -> int | None:
        row = self._find(joiner.join(sentences))
        # Vecalign joins every language with blanks
        return row if row is not None else self._find(" ".join(s.strip() or _BLANK for s in sentences))

    def _width_for(self, count: int, other: str | Path) -> int:
        size = len(self._numbers)
        if count == 0 or size % count or not 1 <= size // count <= _WIDEST:
            raise InputError(
                self._path, f"a whole vector for each of {plural(count, 'text')} in {other}", plural(size, "number")
            )
        return size // count

    def _shaped(self, width: int) -> NDArray[Any]:
        if not 1 <= width <= _WIDEST or len(self._numbers) % width:
            raise InputError(self._path, f"vectors of {plural(width, 'number')}", plural(len(self._numbers), "number"))
        return _checked(self._path, self._numbers.reshape(-1, width), width)


def open_vectors(name: str, *, width: int | None = None) -> VectorsEncoder:
    """The encoder that `vectors:NAME` asks for: a file of vectors, or with a comma also the file of their texts.

    Raises:
        InputError: as `VectorsEncoder` does.
    """
    vectors, comma, texts = name.rpartition(",")
    if not comma or Path(name).exists():
        return VectorsEncoder(Path(name), width=width)
    return VectorsEncoder(Path(vectors), texts=Path(texts), width=width)


def _lines(path: Path) -> list[str]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise InputError(path, "UTF-8", f"byte {e.start} that is none") from None
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _from_npy(path: Path) -> NDArray[Any]:
    import numpy as np

    _exists(path)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as e:
        raise InputError(path, "an array of numbers (.npy)", str(e) or type(e).__name__) from None
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        raise InputError(path, "an array of floating-point numbers", str(getattr(array, "dtype", "an archive")))
    if array.ndim != 2:
        raise InputError(path, "an array of two dimensions, rows and numbers", f"shape {array.shape}")
    return array


def _from_raw(path: Path) -> NDArray[Any]:
    import numpy as np

    _exists(path)
    size = path.stat().st_size
    if size % 4:
        raise InputError(path, "float32 numbers, 4 bytes each", f"{size:,} bytes")
    return np.memmap(path, dtype="<f4", mode="r") if size else np.zeros(0, dtype="<f4")


def _exists(path: Path) -> None:
    if not path.is_file():
        raise InputError(path, "a file of vectors", "a directory" if path.is_dir() else "nothing there")


def _checked(path: Path, array: NDArray[Any], width: int | None) -> NDArray[Any]:
    """Float32, every row finite and of norm 1."""
    import numpy as np

    if width is not None and array.shape[1] != width:
        raise InputError(path, f"vectors of {plural(width, 'number')}", f"of {array.shape[1]:,}")
    if not 1 <= array.shape[1] <= _WIDEST:
        raise InputError(path, f"vectors of 1 to {_WIDEST:,} numbers", f"of {array.shape[1]:,}")
    out = np.empty(array.shape, dtype=np.float32)
    for start in range(0, len(array), _ROWS):
        part = array[start : start + _ROWS].astype(np.float64)
        norms = np.linalg.norm(part, axis=1)
        bad = np.flatnonzero(~np.isfinite(norms) | (norms == 0))
        if len(bad):
            norm = float(norms[bad[0]])
            what = (
                "zeros only" if norm == 0 else "a number that is not finite" if math.isnan(norm) else "an infinite one"
            )
            raise InputError(path, "vectors with a direction", f"{what} in row {start + int(bad[0]) + 1:,}")
        out[start : start + _ROWS] = part / norms[:, None]
    return out
