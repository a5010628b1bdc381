"""Where English sentences end: rules, in linear time, as offsets into untouched text."""

from __future__ import annotations

import re

from mt.text.marks import CLOSERS

_CLOSING = re.escape(CLOSERS) + "\"'"
# Sentence marks with the closing quotes, brackets and note numbers behind them, then white space or the end; or a line break.
_CANDIDATE = re.compile(rf"(?P<marks>(?<![.!?…])[.!?…]+)(?:[{_CLOSING}]|\[\d{{1,3}}\])*(?=\s|\Z)|(?P<line>\n\s*)")
_TITLES = (
    "Mr Mrs Ms Dr Prof Rev Hon Pres Gov Sen Rep Gen Adm Col Maj Capt Cmdr Lt Sgt Cpl Ste Mt Ft Messrs Mme Mlle Fr Sr Supt "
    "Approx Nos Fig Figs Eq Sec Ch Vol pp approx ca cf vs v viz e.g i.e"
)
_USUALLY_INSIDE = "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Ave Blvd Rd Inc Ltd Mfg Co Corp Bros Jr etc al dept est ed eds a.m p.m"
# Never ends a sentence: a name, a number or an explanation follows.
_BINDS = frozenset(_TITLES.split())
# Ends one only where what follows looks like a beginning.
_MAY_END = frozenset(_USUALLY_INSIDE.split())
_NAMES = ("Yahoo", "Jeopardy")  # written with an exclamation mark
_COUNTED = frozenset({"no", "nos", "No", "p", "fig", "vol", "ch", "sec"})  # words, unless a number follows
_NUMBER = re.compile(r"[#A-Z]?\d")  # No. 5, No. M1
_NEVER_NAMES = re.compile(
    r"[\"'“‘(]*(?:The|This|That|These|Those|It|She|They|We|In|On|At|But|And|However|There|When|While)\b(?!\.)"
)
_WORD = re.compile(r"[\w.&-]*\Z")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\Z|[A-Z]\Z")
_BEGINS = re.compile(r"[\"'“‘«(\[{]*(?:[A-Z\d¿¡À-Þ]|[^\x00-\x7f–—…·])")
# Words that begin sentences and hardly ever stand capitalised inside one, behind an abbreviation such as U.S.
_STARTERS = re.compile(
    r"[\"'“‘(]*(?:The|This|That|These|Those|It|He|She|They|We|I|You|In|On|At|But|And|However|There|A|An|As|If|When|While|After|"
    r"Before|For|His|Her|Its|Their|Our|My|What|Who|Why|How|Not|No|So|Yet|Meanwhile|Since|With|By|From|Some|Many|Most|All|Both)\b"
)
_ENUMERATION = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})\Z")
_LIST_MARK = re.compile(r"[-–—•*·▪][ \t]|[(\[]?(?:\d{1,3}|[a-z])[.)]\s")
_HEADING = 0.6  # of the widest line: a line this short ended by itself, not because it was full


def split(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of a text, ascending, without outer white space; every other character is in exactly one.

    Args:
        text: a paragraph, or a whole text; a line break ends a sentence unless the line was full (a hard wrap).

    Example:
        >>> text = 'Mr. J. R. Smith paid $3.5 in the U.S. on Jan. 5. "Really?" she asked. He did.'
        >>> [text[a:b] for a, b in split(text)]
        ['Mr. J. R. Smith paid $3.5 in the U.S. on Jan. 5.', '"Really?" she asked.', 'He did.']
    """
    lines = text.split("\n")
    widest = max(map(len, lines)) if len(lines) > 1 else 0
    spans: list[tuple[int, int]] = []
    start = _next(text, 0)
    for match in _CANDIDATE.finditer(text):
        ends = _mark_ends(text, start, match) if match["marks"] else _line_ends(text, match, widest)
        if ends:
            _add(spans, text, start, match.end())
            start = _next(text, match.end())  # so that no later look at the sentence begins with white space
    _add(spans, text, start, len(text))
    return spans


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    sentence = text[start:end]
    kept = sentence.strip()
    if kept:
        begin = start + len(sentence) - len(sentence.lstrip())
        spans.append((begin, begin + len(kept)))


def _mark_ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a run of marks, followed by white space or the end, ends the sentence that began at `start`."""
    following = _next(text, match.end())
    if following == match.end() or following >= len(text):
        return True
    if not _BEGINS.match(text, following):
        return False  # "What?" he asked; and so on ... and so forth
    if match["marks"] == "!" and text.endswith(_NAMES, start, match.start()):
        return False
    return match["marks"] != "." or _stop_ends(text, start, match, following)


def _stop_ends(text: str, start: int, match: re.Match[str], following: int) -> bool:
    """Whether a single full stop ends a sentence, by the word before it and the word that follows."""
    at = match.start()
    word = _WORD.search(text, max(start, at - 40), at)
    before = word[0] if word else ""
    starts = bool(_STARTERS.match(text, following))
    if before in _COUNTED and _NUMBER.match(text, following):
        return False
    if before in _BINDS or (_ENUMERATION.match(text, start, at) and match.end() - at == 1):
        return False
    if _INITIALS.match(before):
        # J. R. Smith and K. He go on; "… of the U.S. The army …" and "… of plan B. It failed" do not
        return starts if len(before) > 1 or before == "I" else bool(_NEVER_NAMES.match(text, following))
    if before == "St":
        return bool(_NEVER_NAMES.match(text, following))  # a street; else a saint
    if before in _MAY_END:
        return starts
    return True


def _next(text: str, at: int) -> int:
    """Where the text goes on behind white space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _line_ends(text: str, match: re.Match[str], widest: int) -> bool:
    """A line break ends a sentence unless the line was full and the next one goes on."""
    if match[0].count("\n") > 1:
        return True
    length = len(text[text.rfind("\n", 0, match.start()) + 1 : match.start()].rstrip())
    return length < _HEADING * widest or bool(_LIST_MARK.match(text, match.end()))
