"""Parquet files and datasets of the Hugging Face hub → rows, by the package `datasets`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mt.bitext.read_text import sides
from mt.errors import InputError, UserError

Row = tuple[int, str, str]
HUB = "hf:"


def parquet(path: Path, src_lang: str, tgt_lang: str) -> Iterator[Row]:
    """Rows of a parquet file; columns as in JSON lines, see `mt.bitext.read_text.jsonl`.

    Raises:
        UserError: when `datasets` is missing.
        InputError: for a file that is no parquet, or has other columns.
    """
    if not path.is_file():
        raise InputError(path, "a file", "nothing there")
    return _rows(str(path), src_lang, tgt_lang, "parquet", data_files=str(path), split="train")


def hub(name: str, src_lang: str, tgt_lang: str) -> Iterator[Row]:
    """Rows of `hf:owner/name[:config[:split]]`, downloaded as they are read. This uses the network, as its name asks for.

    Raises:
        UserError: when `datasets` is missing.
        InputError: when the hub does not have it, or cannot be reached.
    """
    repository, more = _named(name)
    return _rows(name, src_lang, tgt_lang, repository, **more)


def objects(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of a dataset of the hub as they are, with their numbers from 1; name and errors as of `hub`."""
    repository, more = _named(name)
    return _objects(name, repository, **more)


def _named(name: str) -> tuple[str, dict[str, str]]:
    repository, _, rest = name.removeprefix(HUB).partition(":")
    config, _, split = rest.partition(":")
    return repository, {"split": split or "train"} | ({"name": config} if config else {})


def _rows(said: str, src_lang: str, tgt_lang: str, *args: str, **options: Any) -> Iterator[Row]:
    for number, row in _objects(said, *args, **options):
        pair = sides(row, src_lang, tgt_lang)
        if pair is None:
            expected = f"src and tgt, or {src_lang} and {tgt_lang}, as text"
            raise InputError(said, expected, "columns " + ", ".join(row), line=number)
        yield number, *pair


def _objects(said: str, *args: str, **options: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        import datasets
    except ImportError:
        raise UserError(f"{said}: expected the package datasets, found none; install kakehashi[corpora]") from None
    number = 0
    try:
        for number, row in enumerate(datasets.load_dataset(*args, streaming=True, **options), 1):
            yield number, row
    except UserError:
        raise
    except Exception as e:  # whatever the package meets: a damaged file, a missing repository, no network
        reason = (str(e).splitlines() or [type(e).__name__])[0]
        raise InputError(said, "a dataset that can be read", reason[:200], line=number or None) from None
