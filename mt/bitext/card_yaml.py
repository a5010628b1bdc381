"""The YAML at the top of a dataset's card, read as the Hugging Face hub reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_card(path: Path) -> dict[str, Any] | str | None:
    """What the card says by key; a sentence where it says nothing that can be read; None without the package huggingface_hub, which knows."""
    try:
        from huggingface_hub import DatasetCard, DatasetCardData
    except ImportError:
        return None
    try:
        found = DatasetCard.load(path).data
    except Exception as e:  # whatever the package and its YAML meet: no header, broken YAML, a field of another kind
        return f"no card that can be read ({(str(e).splitlines() or [type(e).__name__])[0][:160]})"
    if not isinstance(found, DatasetCardData):
        return "a card of something else"
    made: dict[str, Any] = found.to_dict()
    return made
