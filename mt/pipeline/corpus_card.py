"""`mt corpus card`: write a published corpus's card anew from its manifest, with what its maintainer says of it (`corpus_said`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from mt.errors import ConfigError
from mt.files import read_bytes
from mt.pipeline.corpus_folder import read_manifest
from mt.pipeline.corpus_report import CARD, MANIFEST, write_manifest, write_output
from mt.pipeline.corpus_said import Said, output, read_said, write_said
from mt.report.card import FIELDS, card


def edit(folder: Path, fields: Mapping[str, str], noise: Mapping[str, str]) -> str:
    """Set fields, write `card.toml`, card and manifest, and give the card's text back.

    What is said already is read from `card.toml`, where it may have been changed by hand, or where there is none from the manifest.

    Args:
        folder: with a manifest.
        fields: of `FIELDS`; an empty text takes one away.
        noise: what is known of its errors, name → value; an empty value takes one away. What stands there and is not named stays.

    Raises:
        ConfigError: for a field that there is not.
        InputError: for a folder without a manifest of a corpus, or a `card.toml` that is none.
        OutputError: where it cannot be written.
    """
    record, outputs = read_manifest(folder)
    for name in fields:
        if name not in FIELDS:
            raise ConfigError("card", f"one of {', '.join(FIELDS)}", name)
    said = read_said(folder) or Said().changed(record.card, dict(record.noise))
    said = said.changed(fields, noise)
    write_said(folder, said)
    record = said.record(record)
    outputs |= output(folder)
    text = card(record, outputs)
    outputs[CARD] = write_output(folder / CARD, text)
    inputs = json.loads(read_bytes(folder / MANIFEST)).get("inputs", [])
    write_manifest(folder, record, outputs, inputs)
    return text


def noise_of(text: str) -> tuple[str, str]:
    """`NAME=VALUE` taken apart.

    Raises:
        ConfigError: without the sign.

    Example:
        >>> noise_of("wrong pairs = 3 of 100")
        ('wrong pairs', '3 of 100')
    """
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ConfigError("--noise", "NAME=VALUE", repr(text))
    return name.strip(), value.strip()
