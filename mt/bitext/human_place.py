"""Judgements of people → lines of a test set: by text where a file holds texts, else by numbers that documents and spans check."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from mt.bitext.human import Judgement
from mt.errors import InputError

MISFITS = 0.01  # share of judgements that need not fit; WMT24's en-ja files have 0, under the wrong base 20 to 30 %
_NAME_OF_FILE = re.compile(r"[^.]+\.[a-z]{2,3}-[a-z]{2,3}\.(hyp|ref)\.(.+?)\.[a-z]{2,3}(?:\.txt)?")
_BEFORE_NAME = re.compile(r"(?:wmt\d\d\.)?(?:Human-)?")
_CODES = (
    "ces:cs deu:de eng:en est:et fas:fa fin:fi fra:fr guj:gu hau:ha heb:he hin:hi hrv:hr isl:is jpn:ja kaz:kk khm:km kor:ko lav:lv lit:lt pol:pl "
    "pus:ps ron:ro rus:ru spa:es srp:sr swa:sw tam:ta tur:tr ukr:uk vie:vi xho:xh zho:zh zul:zu"  # of ISO 639-2's what WMT's files have
)
_TWO = dict(word.split(":") for word in _CODES.split())
Way = tuple[
    int, str, tuple[tuple[int, Judgement], ...]
]  # number of the first segment, what numbers count in, judgements with their lines


@dataclass(frozen=True, slots=True)
class Placed:
    """Judgements on lines.

    Attributes:
        judgements: (line of the test set from 0, judgement).
        how: `text`, `document and number`, or `number`: what they were joined by.
        lost: judgements without a place, by reason.
        base: number of the first segment where they were joined by number, else None.
    """

    judgements: tuple[tuple[int, Judgement], ...]
    how: str
    lost: Mapping[str, int]
    base: int | None = None


def placed(
    judgements: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    *,
    src: Sequence[str] | None = None,
    documents: Sequence[str] | None = None,
    base: int | None = None,
    langs: tuple[str, str] | None = None,
) -> Placed:
    """Join judgements to the lines of a test set.

    By text where the file has texts: line whose system text is the same but for white space, and where several are, the one with the same source
    and document, then the first not taken by the same annotator. Without texts by number: within the document if that names a line under one of
    the bases 0 and 1 (−1 where neither does), else within the set, checked by document names and by the ends of spans; one judgement in a
    hundred may not fit, and is left out.

    Args:
        judgements: of a file.
        systems: what systems wrote, one string a line, by name; the judgements' names may have more around it (`own_name`).
        src: the source, one string a line.
        documents: name of each line's document.
        base: number of the first segment, where the file's maker says it; None = found out.
        langs: codes of source and target; judgements that say others are left out: WMT24's files hold several pairs of languages with the same
            source, numbers and names of systems. None = all are taken.

    Raises:
        InputError: where numbers fit the lines under both bases or under none.
    """
    lost: dict[str, int] = defaultdict(int)
    known: list[Judgement] = []
    for one in judgements:
        name = own_name(one.system, systems)
        if langs is not None and one.langs is not None and (of := tuple(map(two_letters, one.langs))) != langs:
            lost[f"of {'-'.join(of)}, not {'-'.join(langs)}"] += 1
        elif name is not None:
            known.append(one if one.system == name else replace(one, system=name))
        else:
            lost[f"system {one.system} is not among those evaluated"] += 1
    if not known:
        return Placed((), "text", dict(lost))
    if any(one.tgt for one in known):  # an empty text is a text, where others have one
        found = _by_text(known, systems, src, documents, lost)
        return Placed(tuple(found), "text", dict(lost))
    bases = (0, 1) if base is None else (base,)
    if base is None and documents is not None and not _ways(known, systems, documents, bases):
        bases = (-1,)  # WMT24's first files do not count the canary line with which the published texts begin
    first, how, pairs = _one_way(_ways(known, systems, documents, bases), len(known), lost)
    whole = tuple((n, in_characters(one, systems[one.system][n])) for n, one in pairs)
    return Placed(whole, how, dict(lost), first)


def in_characters(one: Judgement, text: str) -> Judgement:
    """The same with spans in characters of the system's text; an end behind the text is moved to its end.

    Example:
        >>> from mt.bitext.human import Span
        >>> one = Judgement("x", "u", "1", errors=(Span(3, 6, "minor"),), utf16=True)
        >>> in_characters(one, "A😀cat.").errors
        (Span(start=2, end=5, severity='minor', category='', in_source=False),)
    """
    if not one.utf16 or not one.errors:
        return one
    places = [n for n, char in enumerate(text) for _ in range(1 + (ord(char) > 0xFFFF))]

    def place(unit: int) -> int:
        return places[unit] if unit < len(places) else len(text)

    errors = tuple(
        replace(span, start=place(span.start), end=place(span.end))
        if span.start is not None and span.end is not None and not span.in_source
        else span
        for span in one.errors
    )
    return replace(one, errors=errors, utf16=False)


def own_name(said: str, systems: Container[str]) -> str | None:
    """The system that a file of judgements means: its name with WMT's number behind it, its year or `Human-` before it, or as a file's name.

    Example:
        >>> own_name("XMU.10", {"XMU"}), own_name("wmt23.XMU", {"XMU"}), own_name("Human-refA", {"refA"})
        ('XMU', 'XMU', 'refA')
        >>> own_name("generaltest2022.en-liv.hyp.XMU.liv.txt", {"XMU"}), own_name("gpt-3.5", {"gpt-4"})
        ('XMU', None)
    """
    found = _NAME_OF_FILE.fullmatch(said)
    ways = (said, said.rpartition(".")[0], _BEFORE_NAME.sub("", said), found[2] if found else "")
    more = (f"ref{found[2]}", f"ref.{found[2]}") if found and found[1] == "ref" else ()
    return next((name for name in (*more, *ways) if name and name in systems), None)


def two_letters(code: str) -> str:
    """A language's two letters, where WMT's files have three, or a region behind them.

    Example:
        >>> two_letters("jpn"), two_letters("en"), two_letters("ja_JP")
        ('ja', 'en', 'ja')
    """
    code = re.split("[_-]", code.strip().lower())[0]
    return _TWO.get(code, code)


def _by_text(
    known: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    src: Sequence[str] | None,
    documents: Sequence[str] | None,
    lost: dict[str, int],
) -> list[tuple[int, Judgement]]:
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for name in {one.system for one in known}:
        for n, text in enumerate(systems[name]):
            places[name, _plain(text)].append(n)
    taken: set[tuple[str, str, int]] = set()
    found = []
    for one in known:
        hits = places.get((one.system, _plain(one.tgt)), [])
        for stream, own in ((src, one.src), (documents, one.document)):
            if len(hits) > 1 and stream is not None and own:
                hits = [n for n in hits if n < len(stream) and _plain(stream[n]) == _plain(own)] or hits
        place = next((n for n in hits if (one.system, one.annotator, n) not in taken), None)
        if place is None:
            lost["its text is not among the system's" if not hits else "judged twice by one annotator"] += 1
            continue
        taken.add((one.system, one.annotator, place))
        found.append((place, one))
    return found


def _ways(
    known: Sequence[Judgement],
    systems: Mapping[str, Sequence[str]],
    documents: Sequence[str] | None,
    bases: Sequence[int],
) -> list[Way]:
    """Ways of counting under which nearly all judgements fit their lines."""
    numbers = [_number(one) for one in known]
    starts: dict[str, int] = {}
    sizes: dict[str, int] = defaultdict(int)
    for n, name in enumerate(documents or ()):
        starts.setdefault(name, n)
        sizes[name] += 1
    ways: list[Way] = []
    for base in bases:
        inside = [
            (starts[one.document] + n - base, one)
            for n, one in zip(numbers, known, strict=True)
            if one.document in starts and 0 <= n - base < sizes[one.document]
        ]
        whole = [(n - base, one) for n, one in zip(numbers, known, strict=True)]
        for how, pairs in (("document and number", inside), ("number", whole)):
            fitting = tuple((n, one) for n, one in pairs if _fits(n, one, systems, documents))
            if len(known) - len(fitting) <= MISFITS * len(known):
                ways.append((base, how, fitting))
    return ways


def _one_way(ways: Sequence[Way], count: int, lost: dict[str, int]) -> Way:
    """The way with far fewer misfits than the others: a wrong one has many, not a few more."""
    least = min((count - len(pairs) for *_, pairs in ways), default=0)
    ways = [way for way in ways if count - len(way[2]) <= 10 * least]
    if len({tuple(n for n, _ in pairs) for *_, pairs in ways}) != 1:
        said = "none" if not ways else "several (" + ", ".join(f"{how} from {base}" for base, how, _ in ways) + ")"
        raise InputError("judgements", "one way of counting segments under which documents and spans fit", said)
    if misfits := count - len(ways[0][2]):
        lost["its document or spans do not fit the line"] += misfits
    return ways[0]


def _number(one: Judgement) -> int:
    if not (one.segment.isascii() and one.segment.isdigit() and len(one.segment) < 10):
        raise InputError("judgements", "numbers as ids of segments", repr(one.segment), line=one.line)
    return int(one.segment)


def _fits(n: int, one: Judgement, systems: Mapping[str, Sequence[str]], documents: Sequence[str] | None) -> bool:
    own = systems[one.system]
    if not 0 <= n < len(own) or (documents is not None and one.document and documents[n] != one.document):
        return False
    length = len(own[n].encode("utf-16-le", "surrogatepass")) // 2 if one.utf16 else len(own[n])
    return all(span.end is None or span.in_source or span.end <= length for span in one.errors or ())


def _plain(text: str) -> str:
    return " ".join(text.split())
