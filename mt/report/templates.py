"""How all pages are filled: what is no text of ours is escaped, and characters that a browser would hide are shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mt.report import plots

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """A fresh environment over this folder's templates; a name that is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    def show(value: object) -> object:
        return plots.visible(value) if type(value) is str else value  # not Markup: our own drawings pass as they are

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=show,
    )
