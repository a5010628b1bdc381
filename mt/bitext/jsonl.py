"""JSON lines: one object a line, UTF-8, keys in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from mt.types import Pair


def dumps(records: Iterable[Mapping[str, object]]) -> str:
    r"""The file's text. U+2028 and U+2029 are escaped: many readers take them for line ends.

    Example:
        >>> dumps([{"id": "1", "src": "猫"}])
        '{"id": "1", "src": "猫"}\n'
    """
    return "".join(_line(record) for record in records)


def pair_record(pair: Pair) -> dict[str, object]:
    """A pair as an object: id, src, tgt, origin, scores.

    Example:
        >>> pair_record(Pair("1", "猫", "Cat", "mt:starter", {"logprob": -1.5}))
        {'id': '1', 'src': '猫', 'tgt': 'Cat', 'origin': 'mt:starter', 'scores': {'logprob': -1.5}}
    """
    return {"id": pair.id, "src": pair.src, "tgt": pair.tgt, "origin": pair.origin, "scores": dict(pair.scores)}


def _line(record: Mapping[str, object]) -> str:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029") + "\n"
