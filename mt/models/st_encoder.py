"""Any sentence-transformers model as an encoder: LaBSE and its like, for who has the weights or a network.

Needs the extra `encoders`. Models are read from disk only, unless the caller says that they may be downloaded; code that a model brings along
is never run, and weights are read from safetensors files only, because the older format can run code when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mt.errors import EngineError, ModelError
from mt.files import sha256, sha256_file
from mt.signature import Signature

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 64


class StEncoder:
    """A loaded sentence-transformers model; see `open_st`."""

    def __init__(self, name: str, model: Any) -> None:
        """`model` is a `SentenceTransformer` or behaves like one: `encode`, `get_sentence_embedding_dimension`."""
        import numpy as np

        self._model = model
        probe = np.asarray(model.encode(["."], convert_to_numpy=True, show_progress_bar=False))
        if probe.ndim != 2 or len(probe) != 1:
            raise ModelError(name, "a model with one vector a sentence", f"an answer of shape {probe.shape}")
        self._width = int(probe.shape[1])
        place = Path(name)
        # a directory is its files; a name of the hub is the name, and what was measured from it
        mark = _fingerprint(place) if place.is_dir() else sha256(np.round(probe, 4).tobytes())[:12]
        self._signature = Signature.of(encoder="sentence-transformers", model=place.name or name, sha=mark)

    @property
    def signature(self) -> Signature:
        """The model's name and a hash of its files."""
        return self._signature

    @property
    def width(self) -> int:
        """Numbers of a vector."""
        return self._width

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Float32 (len(texts), width), rows of norm 1. Texts longer than the model reads are cut by it.

        Raises:
            EngineError: when the model fails, or answers with what is no vector.
        """
        import numpy as np

        if not texts:
            return np.zeros((0, self._width), dtype=np.float32)
        try:
            found = self._model.encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        except RuntimeError as e:
            raise EngineError(f"sentence-transformers: {' '.join(str(e).split())}") from None
        vectors = np.asarray(found, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if vectors.shape != (len(texts), self._width) or not np.isfinite(norms).all() or not norms.all():
            raise EngineError(f"sentence-transformers: expected {len(texts)} vectors with a direction, found others")
        unit: NDArray[Any] = vectors / norms
        return unit


def open_st(name: str, *, device: str = "auto", download: bool = False) -> StEncoder:
    """Load a sentence-transformers model.

    Args:
        name: a directory, or the name of a model of the Hugging Face hub, e.g. `sentence-transformers/LaBSE`.
        device: `auto`, `cpu`, `cuda`, …
        download: whether a model that is not on disk may be fetched.

    Raises:
        ModelError: when the extra is not installed, or the model is not there or cannot be read.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as e:
        raise ModelError(
            f"encoder st:{name}", "the package sentence-transformers", str(e), hint="pip install 'kakehashi[encoders]'"
        ) from None
    place = Path(name)
    if not place.is_dir() and (place.is_absolute() or name.startswith(".")):
        raise ModelError(name, "the directory of a sentence-transformers model", "nothing there")
    try:
        model = SentenceTransformer(
            name,
            device=None if device == "auto" else device,
            local_files_only=not download,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, RuntimeError, KeyError) as e:
        hint = "" if download or place.is_dir() else "it may be downloaded only where that is asked for"
        raise ModelError(
            name, "a sentence-transformers model", " ".join(str(e).split())[:300] or type(e).__name__, hint=hint
        ) from None
    return StEncoder(name, model)


def _fingerprint(directory: Path) -> str:
    """Over names and bytes of all files that a model consists of."""
    files = sorted(p for p in directory.rglob("*") if p.is_file() and p.suffix != ".md" and ".git" not in p.parts)
    return sha256("\n".join(f"{p.relative_to(directory)} {sha256_file(p)}" for p in files).encode())[:12]
