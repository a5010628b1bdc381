"""Names → sentence encoders.

use                    the default: offline, on the CPU, ja and en and 14 more languages (`mt.models.use_encoder`)
st:NAME_OR_DIRECTORY   any sentence-transformers model, e.g. `st:sentence-transformers/LaBSE` (`mt.models.st_encoder`)
vectors:FILE[,TEXTS]   vectors that somebody else computed (`mt.models.vectors`)
"""

from __future__ import annotations

import re
from pathlib import Path

from mt.errors import ConfigError
from mt.protocols import SentenceEncoder

USE = "use"
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?|mps")


def open_encoder(
    name_or_path: str = USE,
    *,
    device: str = "auto",
    threads: int | None = None,
    cache: Path | None = None,
    download: bool = False,
    width: int | None = None,
) -> SentenceEncoder:
    """Open a sentence encoder.

    Args:
        name_or_path: see above.
        device: `auto`, `cpu`, `cuda` or `mps`, of a sentence-transformers model; `use` computes on the CPU whatever is said.
        threads: CPU threads of `use`; None = as many as this process has cores.
        cache: a file that keeps vectors by their texts, made where there is none; None = none are kept.
        download: whether a sentence-transformers model may be fetched that is not on disk.
        width: numbers a vector, for files that do not say.

    Raises:
        ConfigError: for a name or a device that is not known, or a number out of range.
        InputError: for files of vectors that cannot be used.
        ModelError: when weights are missing or damaged.
        OutputError: for a cache that cannot be written.

    Example:
        >>> open_encoder("use", threads=1).width
        512
        >>> open_encoder("labse")
        Traceback (most recent call last):
        mt.errors.ConfigError: encoder: expected use, st:NAME_OR_DIRECTORY or vectors:FILE[,TEXTS], found labse
    """
    if not _DEVICE.fullmatch(device):
        raise ConfigError("device", "auto, cpu, cuda or mps", device)
    kind, colon, place = name_or_path.partition(":")
    encoder: SentenceEncoder
    if name_or_path == USE:
        from mt.models.use_encoder import UseEncoder

        if threads is not None and threads < 1:
            raise ConfigError("threads", "a number from 1", str(threads))
        encoder = UseEncoder.open(threads=threads)
    elif colon and place and kind == "st":
        from mt.models.st_encoder import open_st

        encoder = open_st(place, device=device, download=download)
    elif colon and place and kind == "vectors":
        from mt.models.vectors import open_vectors

        return open_vectors(place, width=width)  # they are on disk already
    else:
        raise ConfigError("encoder", "use, st:NAME_OR_DIRECTORY or vectors:FILE[,TEXTS]", name_or_path)
    if cache is None:
        return encoder
    from mt.models.vector_cache import cached

    return cached(encoder, cache)
