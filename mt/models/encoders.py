"""Names → sentence encoders.

`use` is the default: offline, on the CPU, good for ja and en (`mt.models.use_encoder`).
"""

from __future__ import annotations

from pathlib import Path

from mt.errors import ConfigError
from mt.protocols import SentenceEncoder

USE = "use"


def open_encoder(
    name_or_path: str = USE, *, device: str = "auto", threads: int | None = None, cache: Path | None = None
) -> SentenceEncoder:
    """Open a sentence encoder.

    Args:
        name_or_path: `use`.
        device: `auto` or `cpu`.
        threads: CPU threads; None = as many as this process has cores.
        cache: a file that keeps vectors by their texts; None = none is kept.

    Raises:
        ConfigError: for a name or a device that is not known.
        ModelError: when weights are missing or damaged.

    Example:
        >>> open_encoder("use", threads=1).width
        512
    """
    from mt.models.use_encoder import UseEncoder

    if name_or_path != USE:
        raise ConfigError("encoder", USE, name_or_path)
    if device not in {"auto", "cpu"}:
        raise ConfigError("device", "auto or cpu for the encoder use", device)
    return UseEncoder.open(threads=threads)
