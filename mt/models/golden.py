"""Trial translations: a few sentences whose answers are recorded with a model, so that one that computes something else is noticed.

Hashes say that the files are the same; these say that what is made of them is the same: conversion, library, processor. They are made greedily
on a CPU, one sentence at a time, so that nothing but the model and its precision can change them.
"""

from __future__ import annotations

from pathlib import Path

from mt.models.registry import open_model
from mt.models.store import Golden
from mt.protocols import Translator
from mt.text.normalize import normalize
from mt.types import DecodingOptions

# A plain sentence, a number, a name in Latin letters, a quotation, a question: what an article has.
SENTENCES = (
    "猫がいる。",
    "会議は１２日午後３時に始まる。",
    "NATOはウクライナのパートナーと協議する。",
    "「明日は雨が降る」と彼は言った。",
    "どこへ行きますか？",
)
_LONGEST = 48  # pieces of an answer; a model that runs on is recorded up to there
_GREEDY = DecodingOptions(beam_size=1)


def record(directory: Path, compute_type: str = "auto") -> Golden:
    """Translate the trial sentences.

    Args:
        directory: a model.
        compute_type: precision; `auto` is the one that `mt translate` would take on this CPU.

    Raises:
        ModelError: when the model cannot be opened.
        EngineError: when the library fails.
    """
    engine = open_model(str(directory.resolve()), compute_type=compute_type, device="cpu", threads=1)
    try:
        used = dict(engine.signature.items)["type"]
        return Golden(used, tuple((text, _answer(engine, text)) for text in SENTENCES))
    finally:
        engine.close()


def compare(directory: Path, golden: Golden) -> list[str]:
    """Trial sentences that are not translated as recorded, one line each; an empty list when all are.

    Raises:
        ModelError: when the model cannot be opened.
        ConfigError: when this CPU does not have the precision they were recorded with.
        EngineError: when the library fails.
    """
    engine = open_model(str(directory.resolve()), compute_type=golden.compute_type, device="cpu", threads=1)
    try:
        answers = [(text, wanted, _answer(engine, text)) for text, wanted in golden.answers]
    finally:
        engine.close()
    return [
        f"{directory}: expected {wanted!r} for {text} as recorded ({golden.compute_type}), found {found!r}"
        for text, wanted, found in answers
        if found != wanted
    ]


def _answer(engine: Translator, text: str) -> str:
    [pieces] = engine.encode([normalize(text, "ja")])
    limit = min(engine.max_target_pieces, _LONGEST)
    return engine.submit([pieces[: engine.max_source_pieces]], _GREEDY, limit)()[0].text
