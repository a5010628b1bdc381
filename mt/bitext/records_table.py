"""Parquet files and datasets of the Hugging Face hub → records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mt.bitext import read_table
from mt.bitext.records import Layout, Record, Reject
from mt.bitext.records_text import extractor
from mt.errors import InputError, UserError

_BATCH = 5000  # rows read at a time


def parquet(path: Path, layout: Layout) -> Iterator[Record | Reject]:
    """Rows of a parquet file, read a few thousand at a time; columns as in JSON lines, see `mt.bitext.records_text.jsonl`.

    Raises:
        UserError: when `pyarrow` is missing.
        InputError: for a file that is no parquet.
    """
    if not path.is_file():
        raise InputError(path, "a file", "a folder" if path.is_dir() else "nothing there")
    try:
        import pyarrow
        import pyarrow.parquet as pq
    except ImportError:
        raise UserError(f"{path}: expected the package pyarrow, found none; install kakehashi[corpora]") from None
    extract = extractor(layout)
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield extract(number, row, "columns " + ", ".join(row))
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as e:
        reason = (str(e).splitlines() or [type(e).__name__])[0]
        raise InputError(path, "a parquet file", reason[:200], line=number or None) from None


def hub(name: str, layout: Layout) -> Iterator[Record | Reject]:
    """Rows of `hf:owner/name[:config[:split]]`, downloaded as they are read. This uses the network, as its name asks for.

    Raises:
        UserError: when `datasets` is missing.
        InputError: when the hub does not have it, or cannot be reached.
    """
    extract = extractor(layout)
    for number, row in read_table.objects(name):
        yield extract(number, row, _columns(row))


def _columns(row: dict[str, Any]) -> str:
    return "columns " + ", ".join(row)
