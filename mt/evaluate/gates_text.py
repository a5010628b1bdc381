"""What is seen in one answer, with its source and its references beside it; each detector says what, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mt.evaluate.gates_found import GateLimits
from mt.evaluate.resegment_bags import UNSPACED, tokens
from mt.text.features import translatable
from mt.text.script import language

_BARE = re.compile(r"[\W_]+")
_GLOSS = re.compile(r"[(（\[［][^()（）\[\]［］]*[)）\]］]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CHARACTERS = re.compile(r"([^\s\d]{1,8}?)\1{7,}")
_PERIOD = 8  # words of a loop
_SAID = 40  # characters of a text that are shown in a reason

# Frequent words of languages in Latin script that are no English words and in no name that English keeps (de, la, van, el)
_FOREIGN_WORDS = (
    "der das und ist nicht auf eine einen dem wird auch sich für oder aber "
    "les des est dans une pour que qui sur avec pas et du aux sont cette "
    "los las una por con para está del pero como más "
    "il che di non sono della nel questo anche "
    "uma não mais ao "
    "het een niet dat zijn voor maar ook "
    "och är att det som på inte"
)
_ENGLISH_WORDS = (
    "the of and to in is that for it was on with as are by at be from his he she they we you i a an this have has not"
)
_FOREIGN, _ENGLISH = frozenset(_FOREIGN_WORDS.split()), frozenset(_ENGLISH_WORDS.split())

# Text that was decoded by another encoding than its own: UTF-8 as Latin-1 or cp1252, as cp932; and what a tokeniser or an escape leaves
_DAMAGE = (
    ("replacement character", re.compile("\ufffd")),
    ("UTF-8 read as Latin-1", re.compile("[ÃÂ][\u0080-\u00bf]|â€.?|ã[\u0080-\u0083]|ï¼")),
    ("UTF-8 read as cp1252", re.compile("[ãåæçèé][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]{2}")),
    ("UTF-8 read as Shift_JIS", re.compile("[縺繧繝].*[縺繧繝]")),
    ("control character", re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")),
    ("half of a character", re.compile("[\ud800-\udfff]")),
    ("an entity of HTML", re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,5});")),
    ("pieces of a tokeniser", re.compile(r"▁|@@ |\S@@\Z|@-@|⁇|<unk>|</s>|<pad>|\[UNK\]")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One segment as the detectors see it.

    Attributes:
        text: the answer.
        src: the source, "" where it is not known.
        references: one string a stream.
        langs: codes of source and target language.
        limits: thresholds.
    """

    text: str
    src: str
    references: tuple[str, ...]
    langs: tuple[str, str]
    limits: GateLimits


def empty(line: Line) -> str:
    """No letter and no digit, where a reference has some.

    Example:
        >>> empty(Line(" … ", "猫。", ("A cat.",), ("ja", "en"), GateLimits()))
        'no text'
    """
    return "no text" if not bare(line.text) and any(map(bare, line.references)) else ""


def copied(line: Line) -> str:
    """The source, or a part of it with at least half its letters, where no reference is that.

    Example:
        >>> copied(Line("猫がいる", "庭に猫がいる。", ("A cat.",), ("ja", "en"), GateLimits()))
        'the source'
    """
    text, src = bare(line.text), bare(line.src)
    if not text or text not in src or 2 * len(text) < len(src) or any(text in bare(ref) for ref in line.references):
        return ""
    # short answers in Latin letters are names as often as not
    return "" if text.isascii() and len(line.text.split()) < 4 else "the source"


def japanese(line: Line) -> str:
    """Kana or kanji in another language than Japanese or Chinese, outside of brackets, where no reference has any.

    Example:
        >>> [japanese(Line(x, "", ("The cat sat.",), ("ja", "en"), GateLimits())) for x in ("The 猫 sat.", "Kyoto (京都)")]
        ['猫', '']
    """
    if line.langs[1] in UNSPACED or not translatable(line.text, "ja"):
        return ""
    outside = _GLOSS.sub(" ", line.text)
    if not translatable(outside, "ja") or any(translatable(ref, "ja") for ref in line.references):
        return ""
    return _short("".join(c for c in outside if translatable(c, "ja")))


def foreign(line: Line) -> str:
    """Another language than the reference: by script, and in English by the frequent words of other languages.

    Example:
        >>> foreign(Line("Die Katze ist nicht mit dem Hund auf der Straße.", "", ("The cat is out.",), ("ja", "en"), GateLimits()))
        '5 words that are not English'
    """
    lang = line.langs[1]
    found = language([line.text])
    if found is not None and found != lang and sum(map(str.isalpha, line.text)) >= 4:
        known = {language([ref]) for ref in line.references}
        if lang in known and found not in known:
            return f"looks like {found}"
    if lang == "en":
        words = [word.lower() for word in _WORD.findall(line.text)]
        strange = sum(word in _FOREIGN for word in words)
        if strange >= 3 and strange > 2 * sum(word in _ENGLISH for word in words):
            return f"{strange} words that are not English"
    return ""


def looped(line: Line) -> str:
    """A few words, or characters, again and again, or a long stretch twice; as often as a reference or the source repeats is allowed.

    Example:
        >>> looped(Line("We go and go and go and go and go on", "", ("We go on.",), ("ja", "en"), GateLimits()))
        "4 times in a row 'go and'"
    """
    limits = line.limits
    words = _words(line.text, line.langs[1])
    if len(words) >= limits.loop:
        copies, what = runs(words)
        if copies >= limits.loop:
            known = [runs(_words(ref, line.langs[1]))[0] for ref in line.references]
            known.append(runs(_words(line.src, line.langs[0]))[0])
            if 2 * copies > 3 * max(known):
                return f"{copies} times in a row '{_short(what)}'"
    if (again := _twice(words, limits.again)) and not any(
        _twice(_words(ref, line.langs[1]), limits.again) for ref in line.references
    ):
        return f"twice '{_short(again)}'"
    if (match := _CHARACTERS.search(line.text)) and not any(
        _CHARACTERS.search(x) for x in (*line.references, line.src)
    ):
        return f"{len(match[0]) // len(match[1])} times in a row '{match[1]}'"
    return ""


def length(line: Line) -> str:
    """Much shorter or longer than all references.

    Example:
        >>> length(Line("A cat.", "", ("A cat sat on the mat and looked at the dog.",), ("ja", "en"), GateLimits()))
        '6 characters, reference 43'
    """
    found = len(line.text.strip())
    lengths = [len(ref.strip()) for ref in line.references if ref.strip()]
    if not found or not lengths:
        return ""
    low, high, limits = min(lengths), max(lengths), line.limits
    short = found < limits.shortest * low and low - found >= limits.slack
    long = found > limits.longest * high and found - high >= limits.slack
    return f"{found} characters, reference {low if short else high}" if short or long else ""


def overlong(line: Line) -> str:
    """More words than metrics and models read at once.

    Example:
        >>> overlong(Line("word " * 300, "", ("x",), ("ja", "en"), GateLimits()))
        '300 words'
    """
    if len(line.text) <= line.limits.words:
        return ""
    count = len(tokens(line.text, line.langs[1]))
    return f"{count} words" if count > line.limits.words else ""


def damaged(line: Line) -> str:
    """Signs of a wrong encoding, of escapes or of a tokeniser, where no reference has the same.

    Example:
        >>> damaged(Line("It â€™s here", "", ("It is here",), ("ja", "en"), GateLimits()))
        "UTF-8 read as Latin-1: 'â€™'"
    """
    if line.text.isascii() and not _ESCAPED.search(line.text):
        return ""
    for what, pattern in _DAMAGE:
        if (match := pattern.search(line.text)) and not any(pattern.search(ref) for ref in line.references):
            shown = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in match[0][:_SAID])
            return f"{what}: '{shown}'"
    return ""


_ESCAPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f&@<\[]")

Detector = Callable[[Line], str]


def bare(text: str) -> str:
    """Letters and digits only, small, full-width forms as their narrow ones.

    Example:
        >>> bare("ＡＢＣ、 3％!")
        'abc3'
    """
    return _BARE.sub("", unicodedata.normalize("NFKC", text)).lower()


def runs(words: Sequence[str]) -> tuple[int, str]:
    """Most copies in a row of one to eight words, ≥ 1, with what is repeated; "" where nothing is.

    Example:
        >>> runs("no no no yes".split()), runs(["a"])
        ((3, 'no'), (1, ''))
    """
    best, what = 1, ""
    for period in range(1, min(_PERIOD, len(words) // 2) + 1):
        same = 0
        for k in range(period, len(words)):
            same = same + 1 if words[k] == words[k - period] else 0
            if same // period + 1 > best:
                best, what = same // period + 1, " ".join(words[k - period + 1 : k + 1])
    return best, what


def _twice(words: Sequence[str], size: int) -> str:
    seen: dict[tuple[str, ...], int] = {}
    for k in range(len(words) - size + 1):
        gram = tuple(words[k : k + size])
        if k - seen.setdefault(gram, k) >= size:
            return " ".join(gram)
    return ""


def _words(text: str, lang: str) -> list[str]:
    if lang in UNSPACED:
        return [word for word in tokens(text.lower(), lang).words if word[0].isalnum()]
    return _WORD.findall(text.lower())


def _short(text: str) -> str:
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"
