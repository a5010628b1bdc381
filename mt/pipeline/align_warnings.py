"""What looks wrong about two texts before anybody reads their alignment: another language than was said, a mixture of scripts, one language twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mt.align.pieces import chapters
from mt.pipeline.align_text import Text
from mt.text.script import language

_MANY = 0.3  # share of a text in another script from which it is told: quotations and code have less
_LEAST = 12  # characters in another script that are told; fewer are a name
_SAMPLE = 2000  # sentences of a side that are looked at
# The language that `mt.text.script.language` names for the script that each is written in; of others nothing is said.
_SCRIPTS = {
    **{code: code for code in ("ja", "zh", "ko", "ru", "el", "ar", "he", "th", "hi")},
    **dict.fromkeys(("yue",), "zh"),
    **dict.fromkeys(("uk", "bg", "be"), "ru"),
    **dict.fromkeys(("fa", "ur"), "ar"),
    **dict.fromkeys(
        ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv", "da", "nb", "fi", "cs", "id", "vi"), "en"
    ),
}
_NAMES = {
    "ja": "kana or kanji",
    "zh": "Chinese characters without kana",
    "ko": "hangul",
    "en": "Latin letters",
    "ru": "Cyrillic",
    "el": "Greek",
    "ar": "Arabic",
    "he": "Hebrew",
    "th": "Thai",
    "hi": "Devanagari",
}


def warnings(src: Text, tgt: Text, *, headings: bool = False) -> list[str]:
    """A line for each thing that makes an alignment of two texts doubtful.

    Args:
        src: the source text.
        tgt: the target text.
        headings: these were to be borders.
    """
    said = [line for text in (src, tgt) if (line := _other_script(text))]
    if src.side.lang == tgt.side.lang and not (src.known and tgt.known) and len(src.side) and len(tgt.side):
        said.append(
            f"{src.path} and {tgt.path} are both taken for {src.side.lang} by their script; "
            "if one is in another language, name it (--src-lang, --tgt-lang)"
        )
    if headings and not chapters(src.side, tgt.side):
        said.append(
            f"{src.path} and {tgt.path}: no level of headings that both have alike (# … in Markdown, <h1> … in HTML): no borders"
        )
    return said


def _other_script(text: Text) -> str:
    """A line where many letters of a text are of a script that its language is not written in."""
    wanted = _SCRIPTS.get(text.side.lang.lower().replace("_", "-").split("-")[0])
    found = scripts(text.side.sentences)
    total = sum(found.values())
    if wanted is None or not total:
        return ""
    others = Counter({code: n for code, n in found.items() if code != wanted})
    if wanted == "zh" and language(text.side.sentences) != "ja":
        del others["ja"]  # a short line without kana may be either's
    if others.total() < max(_MANY * total, _LEAST):
        return ""
    parts = ", ".join(f"{n / total:.0%} {_NAMES[code]}" for code, n in others.most_common() if n)
    named = text.side.lang if text.known else f"{text.side.lang} by its script"
    return f"{text.path}: taken for {named}, but {parts}: it may be in another language, or mix several"


def scripts(sentences: Sequence[str]) -> Counter[str]:
    """Characters of sentences by the language of their script; a long text is sampled.

    Example:
        >>> scripts(["猫がいる。", "There is a cat.", "…"])
        Counter({'en': 15, 'ja': 5})
    """
    step = max(1, len(sentences) // _SAMPLE)
    found: Counter[str] = Counter()
    for sentence in sentences[::step]:
        if code := language([sentence]):
            found[code] += len(sentence)
    return found
