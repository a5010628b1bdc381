"""The first stage of a build: any source → rows and rejects, by file; a pure function of the configuration and the files.

units(config, base)                → what is read, in order
fingerprint(config, unit)          → what else its rows depend on
read_unit(config, base, unit)      → blocks of rows and lists of rejects, in order
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mt.bitext.records import Layout, Record, format_of, records
from mt.block import Block
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_files import HUB, ReadUnit, said, units
from mt.pipeline.corpus_normalize import signature
from mt.pipeline.corpus_rows import ROWS, Rejects, Rows

VERSION = 1  # raised whenever other rows are made of the same files and options
_CHECKED = 1000  # records between two looks at how many there are, a divisor of what a block holds
_WHOLE = frozenset({"po", "xliff"})  # formats whose files are documents


def fingerprint(config: CorpusConfig, unit: ReadUnit) -> dict[str, object]:
    """Everything but its files' bytes that changes a unit's rows, as JSON can hold it.

    Raises:
        UserError: where a model that the source asks for is not there.
    """
    source = config.source[unit.source]
    found: dict[str, object] = {
        "read": VERSION,
        "source": unit.source,
        "langs": f"{config.src_lang}-{config.tgt_lang}",
        "make": source.make,
        "format": source.format,
        "columns": dict(source.columns),
        "tags": source.tags,
        "document": f"{source.document}:{ROWS}",
        "normalize": signature(config.normalize),
        "first": unit.first,
        "names": list(unit.names),
        "lines": unit.lines,
    }
    if source.make != "given":
        from mt.pipeline.corpus_make import recipe

        found["recipe"] = recipe(config, source)
    return found


def read_unit(config: CorpusConfig, base: Path, unit: ReadUnit) -> Iterator[Block | Rejects]:
    """Rows of a unit, at most 5,000 in a block, and what it could not make rows of.

    Every record is in exactly one of them. Rejects are objects with `id`, `reason`, `file` (relative to `base`), and where there is something to say
    `line`, `text`, `src` and `tgt`; for the reasons see `mt.bitext.records` and `mt.pipeline.corpus_make`.

    Args:
        config: the build.
        base: the folder that its paths are relative to.
        unit: one of `units(config, base)`.

    Raises:
        InputError: for a file that is missing, damaged or not of its format.
        UserError: where a model or a package that the source asks for is not there.
    """
    source = config.source[unit.source]
    rows = Rows(config, unit.source)
    if source.make == "given":
        return _given(config, base, unit, rows)
    from mt.pipeline.corpus_make import make

    return make(config, base, unit, rows)


def _given(config: CorpusConfig, base: Path, unit: ReadUnit, rows: Rows) -> Iterator[Block | Rejects]:
    source = config.source[unit.source]
    layout = Layout(config.src_lang, config.tgt_lang, source.format, source.columns, source.tags)
    path: Path | str = unit.files[0] if unit.files else f"{HUB}{unit.names[0]}"
    rows.file(unit.first, said(path, base) if isinstance(path, Path) else path, unit.names[0])
    kind = format_of(path) if isinstance(path, Path) and source.format == "auto" else source.format
    whole = unit.names[0] if kind in _WHOLE else ""
    tgt_path = unit.files[1] if len(unit.files) > 1 else None
    for number, one in enumerate(records(path, layout, tgt_path=tgt_path), 1):
        if type(one) is Record:
            rows.row(one.src, one.tgt, one.document or whole, one.given)
        else:
            rows.reject(one.reason, line=one.line, text=one.text, src=one.src, tgt=one.tgt)  # type: ignore[union-attr]
        if not number % _CHECKED and rows.full():
            yield from rows.rest()
    yield from rows.rest()


__all__ = ["ReadUnit", "Rejects", "fingerprint", "read_unit", "units"]
