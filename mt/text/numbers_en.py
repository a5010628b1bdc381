"""Numbers of an English text: digits, words, ordinals, fractions, months, decades and scales.

Words up to ten are never sure (`one of them`, `for a second`): they can be what a number of the other side became, no more. Digits are sure
unless they belong to a name (F-35, COVID-19).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from mt.text.quantity import Number, Value, decimal, distinct, exact

_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2,
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
    "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip
# Words that hold a number besides the cardinals and ordinals: what each may stand for, the plain reading first.
_OTHERS: dict[str, tuple[Value, ...]] = {
    **dict.fromkeys(["once", "single", "sole", "solo", "only", "alone", "monthly", "annual", "freshman"], (1,)),
    **dict.fromkeys(["secondly", "twice", "double", "doubled", "doubles", "doubling", "both", "couple", "pair"], (2,)),
    **dict.fromkeys(["pairs", "twin", "twins", "dual", "duo", "twofold", "either", "bilateral", "runner", "sophomore"], (2,)),
    **dict.fromkeys(["thirdly", "thrice", "triple", "tripled", "trio", "triplets", "threefold"], (3,)),
    **dict.fromkeys(["quadruple", "quadrupled", "quartet", "fourfold"], (4,)),
    **dict.fromkeys(["quintupled", "quintet", "fivefold"], (5,)),
    **dict.fromkeys(["tenfold", "teens", "teenage", "teenager", "teenagers", "teen"], (10,)),
    **dict.fromkeys(["centennial", "centenary"], (100,)),
    **dict.fromkeys(["bicentennial", "bicentenary"], (200,)),
    "biennial": (2,), "sevens": (7,), "fortnight": (14, 2), "noon": (12, 0), "midday": (12,), "midnight": (0, 12, 24),
    "half": (Fraction(1, 2), 50, 30), "halved": (Fraction(1, 2), 50), "halves": (Fraction(1, 2),),
    "quarter": (Fraction(1, 4), 25, 15), "quarters": (Fraction(1, 4),),
}  # fmt: skip
_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
]  # fmt: skip
# Atoms: what kind of word, and its value. Classes: u 0-9, t 10-19, T tens, h hundred, S scale, D a multiplier that may stand for itself,
# d digits; an ordinal has the class of its number in capitals of its own: flag behind.
_Atom = tuple[str, Value, bool]


def _words() -> dict[str, _Atom]:
    """Every number word with its class, value and whether it is an ordinal."""
    words: dict[str, _Atom] = {w: ("u", v, False) for v, w in enumerate(_UNITS)}
    words |= {w: ("t", v, False) for v, w in enumerate(_TEENS, 10)}
    words |= {w: ("u" if v < 10 else "t", v, True) for w, v in _ORDINALS.items()}
    for v, word in enumerate(_TENS, 2):
        words |= {
            word: ("T", 10 * v, False),
            word[:-1] + "ieth": ("T", 10 * v, True),
            word[:-1] + "ies": ("x", 10 * v, False),
        }
    for word, v in {"hundred": 100, **_SCALES}.items():
        kind = "h" if v == 100 else "S"
        words |= {word: (kind, v, False), word + "s": (kind, v, False), word + "th": (kind, v, True)}
    for word, v in (("dozen", 12), ("decade", 10), ("century", 100)):
        words[word] = ("D", v, False)
    words |= {"decades": ("D", 10, False), "centuries": ("D", 100, False), "dozens": ("D", 12, False)}
    words |= {w: ("x", v[0], False) for w, v in _OTHERS.items()}
    # denominators: two-thirds, three-quarters
    words |= {w + "s": ("f", v, False) for w, v in _ORDINALS.items() if v > 2}
    return words


_WORDS = _words()
_MONTH = {w: n for n, w in enumerate(_MONTHS, 1)} | {w[:3]: n for n, w in enumerate(_MONTHS, 1)} | {"sept": 9}
_ROMAN = {"II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12}
_SUFFIX = {"bn": 10**9, "tn": 10**12, "trn": 10**12, "mn": 10**6, "mln": 10**6, "m": 10**6, "k": 10**3, "b": 10**9}


def _alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, by first letter: three times as fast as a plain list of so many."""
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words, reverse=True):
        by_letter.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())


# Matches small letters; the text itself is looked at where capitals matter. Digits begin with a class, not with a choice: it is searched
# faster. No number has more than 40, since reading more takes quadratic time.
_TOKEN = re.compile(
    rf"(?<![a-z])(?P<w>{_alternatives([*_WORDS, *_MONTH, *map(str.lower, _ROMAN)])})(?![a-z])|"
    r"(?P<d>\.(?<![\w.]\.)[0-9]{1,40}|"
    r"[0-9](?:[0-9]{0,2}(?:,[0-9]{2,3}){0,12},[0-9]{3}(?![0-9])(?:\.[0-9]{1,40})?|[0-9]{0,40}(?:\.[0-9]{1,40})?))"
    r"(?P<dotted>(?:\.[0-9]+)*)(?:(?P<ord>st|nd|rd|th)\b|(?P<many>['’]?s)\b|(?P<scale>bn|tn|trn|mn|mln|[mkb])\b)?"
)
_UNIT_BEHIND = re.compile(
    r"(?:[kcm]?m2?|m[gl]|[kM]?[gWVHt]|[kKMGT]?B|Hz|ha|dl|[LlXx]|kcal|ppm|[ap]m|[AP]M|bps|fps|dpi|px|cc|kph|mph|yen|fold|"
    r"h|hrs?|min|s|sec|ft|lbs?|in|oz|yrs?)(?![A-Za-z])"
)
_ABOUT = frozenset([
    "about", "around", "some", "roughly", "approximately", "approx", "approx.", "nearly", "almost", "over", "under", "than", "least", "most",
    "to", "circa", "estimated", "c.", "ca.",
])  # fmt: skip
_ABOUT_BEHIND = re.compile(r"\s(?:or so|or more|plus|odd)\b|\+", re.I)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent|percentage|points?\b)", re.I)
_HOUR = re.compile(r":[0-9]{2}(?![0-9])|(?::[0-9]{2})?\s?[ap]\.?m\b|\so.clock", re.I)
_DAYS = frozenset({"number", "ordinal"})  # kinds that a day of the month looks like
_CENTS = re.compile(r"[0-9]{1,4}\.[0-9]{2}")
_BELOW = re.compile(r"/([0-9]{1,2})(?![0-9/])")
# Words that digits are hyphened to without making a name, as COVID-19 is one.
_NAME_BEFORE = re.compile(
    r"(?<![A-Za-z])(?!(?:mid|pre|post|top|under|over|early|late|sub|non|age|to|or|and|by|for|from|in)-)[A-Za-z]+-?$|[A-Za-z]$",
    re.I,
)
_SCALE_BEHIND = re.compile(r"[ -]?(?:hundred|thousand|million|billion|trillion|lakh|crore)\b")
_RANGE = re.compile(r"\s?[-–—~]\s?[$€£¥]?|(?:-|\s)(?:to|or|and)(?:-|\s)[$€£¥]?")


class _Run:
    """A number being read: `last` is the class of its last word, `total` what its scales have closed, `section` what is open."""

    __slots__ = ("closed", "end", "first", "kind", "last", "more", "scale", "section", "start", "total")

    def __init__(self, start: int, end: int, cls: str, value: Value, ordinal: bool) -> None:
        self.start, self.end, self.last, self.closed = start, end, cls, ordinal or cls in "xfD"
        self.total: Value = value if cls == "S" else 0
        self.section: Value = 0 if cls == "S" else value
        self.scale = int(value) if cls == "S" else 1
        self.more: tuple[Value, ...] = ()
        self.kind = "ordinal" if ordinal else "number"
        self.first = cls

    def extend(self, end: int, cls: str, value: Value, ordinal: bool, gap: str) -> bool:
        """Takes the next word in where it belongs to the same number."""
        near = gap in (" ", "-", "")  # nothing: £11million
        last = self.last
        if self.closed and not (last == "x" and self.section == Fraction(1, 2)):
            return False
        if last == "x":  # half a million, half-century
            if cls not in "hSD" or gap not in (" a ", "-a-", " ", "-"):
                return False
            self.section, self.more = self.section * value, ()
        elif cls == "x":
            if not self._share(value, gap):
                return False
        elif cls == "f" or (ordinal and value > 2 and last in "ut" and self.total == 0 and self.section == 1):
            if not near or last not in "ut" or self.total:
                return False
            share = Fraction(self.section) / value
            self.more, self.section, self.kind = (exact(share * 100),), exact(share), "fraction"
        elif not self._add(cls, value, near, gap == " and "):
            return False
        self.end, self.last = end, cls
        self.closed = ordinal or cls in "xfD"
        self.kind = "ordinal" if ordinal and self.kind == "number" else self.kind
        return True

    def _share(self, value: Value, gap: str) -> bool:
        """Three quarters, two and a half."""
        if gap in (" ", "-") and value == Fraction(1, 4) and self.last == "u":
            self.more, self.section = (self.section * 25, self.section), exact(self.section * Fraction(1, 4))
            self.kind = "fraction"
            return True
        if gap in (" and a ", "-and-a-") and value in (Fraction(1, 2), Fraction(1, 4)):
            self.more, self.section = (self.total + self.section,), self.section + value
            return True
        return False

    def _add(self, cls: str, value: Value, near: bool, linked: bool) -> bool:
        """The grammar of cardinals: tens and unit, hundred and rest, section and scale."""
        last = self.last
        if cls in "utT":
            fits = (near and cls == "u" and last == "T") or ((near or linked) and last in "hS")
            fits = fits and value > 0 and self.first != "d"
        elif cls == "h":
            fits = near and last in "utd" and 0 < self.section < 100
        elif cls == "S":
            fits = near and last in "utThd" and (self.scale == 1 or value < self.scale)
        else:
            fits = cls == "D" and near and last in "utTd"
        if not fits:
            return False
        if cls in "utT":
            self.section += value
        elif cls == "S":
            self.total, self.section, self.scale = self.total + self.section * value, 0, int(value)
        else:
            self.more = (
                (self.section,) if cls == "D" and value != 12 else ()
            )  # two decades are 20 years, or two decades
            self.section *= value
        return True

    def number(self, text: str) -> Number:
        """The finished number. `A million` is as often a figure of speech, and a fraction of words may be a share in other words."""
        value = exact(Fraction(self.total + self.section)) if self.more else self.total + self.section
        sure = value != 1 and (self.first == "d" or (self.first in "utT" and value > 12 and self.kind != "fraction"))
        about = _about(text, self.start) or _ABOUT_BEHIND.match(text, self.end) is not None
        kind = "percent" if self.kind == "number" and _PERCENT.match(text, self.end) else self.kind
        values: tuple[Value, ...] = (value,)
        if self.more:
            values = distinct(value, *self.more)
        elif kind == "ordinal" and 3 <= value <= 10:
            values = (value, Fraction(1, int(value)))  # the third, or a third
        return Number(text[self.start : self.end], self.start, self.end, values, kind, sure, about)


def parse(text: str) -> tuple[Number, ...]:
    """Numbers of an English text, by offset.

    Example:
        >>> [(n.text, *map(str, n.values)) for n in parse("On May 3, nearly two-thirds of the 1.2 million, or twenty-one per cent")]
        [('May', '5'), ('3', '3'), ('two-thirds', '2/3', '200/3'), ('1.2 million', '1200000'), ('twenty-one', '21')]
    """
    numbers: list[Number] = []
    run: _Run | None = None
    small = text.lower()
    small = (
        small if len(small) == len(text) else text
    )  # a few letters become two when small, and offsets would not hold
    for match in _TOKEN.finditer(small):
        word = match["w"]
        atom: Number | _Atom | None
        if word is None:
            atom = _digits(text, match, numbers[-1] if numbers and run is None else None)
        else:
            atom = _WORDS.get(word) or _name(text, match)
            if atom is None:
                continue
        start, end = match.span()
        if isinstance(atom, Number):
            _close(text, run, numbers)
            run = None
            _dated(text, numbers, atom)
            continue
        cls, value, ordinal = atom
        if (
            run is not None
            and not _another(small, run, end)
            and run.extend(end, cls, value, ordinal, small[run.end : start])
        ):
            continue
        _close(text, run, numbers)
        run = None
        if cls != "f" and not (cls in "hSD" and word and word[-1] == "s"):  # thirds; hundreds of people: no number
            run = _Run(start, end, cls, value, ordinal)
            if cls == "x" and word:
                run.more = _OTHERS.get(word, ())
    _close(text, run, numbers)
    return tuple(numbers)


def _about(text: str, start: int) -> bool:
    """Whether the word before says that a number is rounded: nearly $5, almost a third, more than 30, close to 10."""
    words = text[max(0, start - 16) : start].lower().rstrip(" $€£¥").rsplit(None, 2)
    if words and words[-1] in ("a", "an"):
        words.pop()
    if not words or words[-1] not in _ABOUT:
        return False
    return words[-1] != "to" or words[-2:-1] in (["close"], ["up"])


def _another(small: str, run: _Run, end: int) -> bool:
    """Whether a word that could go on with a number begins another of the same scale: three million and five million."""
    following = _SCALE_BEHIND.match(small, end) if run.scale > 1 else None
    return following is not None and _SCALES.get(following[0].lstrip(" -"), 0) >= run.scale


def _close(text: str, run: _Run | None, numbers: list[Number]) -> None:
    """Adds what was being read; its scale holds for the other end of a range too: 10 to 20 million."""
    if run is None:
        return
    number = run.number(text)
    if (
        numbers
        and run.scale > 1
        and numbers[-1].values[0] < run.scale
        and _RANGE.fullmatch(text, numbers[-1].end, run.start)
    ):
        a = numbers[-1]
        numbers[-1] = Number(
            a.text, a.start, a.end, distinct(a.values[0] * run.scale, *a.values), a.kind, a.sure, a.approximate
        )
    _dated(text, numbers, number)


def _dated(text: str, numbers: list[Number], number: Number) -> None:
    """Adds a number; beside a month it is a day: May 6, 6 May, the 6th of May."""
    before = numbers[-1] if numbers else None
    if before is not None and (before.kind == "month") != (number.kind == "month"):
        gap = text[before.end : number.start]
        if before.kind == "month":
            if gap in (" ", ". ", " the ") and number.kind in _DAYS and 0 < number.values[0] <= 31:
                number = replace(number, kind="day")
        elif gap in (" ", " of ") and before.kind in _DAYS and 0 < before.values[0] <= 31:
            numbers[-1] = replace(before, kind="day")
    numbers.append(number)


def _name(text: str, match: re.Match[str]) -> Number | None:
    """A month or a Roman numeral; only as a counterpart, since both are words and names as well."""
    word = text[slice(*match.span())]
    if not word[0].isupper():
        return None
    value = _MONTH.get(word.lower()) if word not in _ROMAN else _ROMAN[word]
    if value is None:
        return None
    return Number(word, *match.span(), (value,), "token" if word in _ROMAN else "month", sure=False)


def _digits(text: str, match: re.Match[str], previous: Number | None) -> Number | _Atom:
    """Digits that mean one thing as a finished number; plain ones as the beginning of what words may go on with."""
    start, end = match.span()
    value = decimal(match["d"])
    if match["dotted"]:  # a version, an address
        end = match.end("dotted")
        return Number(text[start:end], start, end, (int(value),), "token", sure=False)
    military = len(match["d"]) == 4 and match["d"][0] == "0"  # 0430 hours, 0200GMT
    if not military and _in_name(text, start, match.end("d"), end):
        return Number(text[start : match.end("d")], start, match.end("d"), (value,), "token", sure=False)
    if military:
        end = match.end("d")
        reading = _Reading(distinct(value, *divmod(int(value), 100)), "hour")
    elif match["scale"]:
        scaled = value * _SUFFIX[match["scale"]]
        reading = _Reading((scaled,) if len(match["scale"]) > 1 else distinct(scaled, value))
    elif match["many"]:
        short = (value % 100,) if value % 100 else ()
        reading = _Reading(distinct(value, *(short if value >= 100 else (1900 + value, 2000 + value))), "year")
    elif match["ord"]:
        reading = _Reading((value,), "ordinal", value != 1)
    else:
        plain = _plain(text, match, value, previous)
        if plain is None:
            return ("d", value, False)
        reading = plain
    return Number(text[start:end], start, end, reading.values, reading.kind, reading.sure, _about(text, start))


class _Reading(NamedTuple):
    """What a number stands for."""

    values: tuple[Value, ...]
    kind: str = "number"
    sure: bool = True


def _plain(text: str, match: re.Match[str], value: Value, previous: Number | None) -> _Reading | None:
    """Hours, minutes, years in full and cut short (2015-16), the halves of 1/3 and of $3.74; None for what is a number and no more."""
    digits, (start, end) = match["d"], match.span()
    gap = text[previous.end : start] if previous is not None else ""
    below = _BELOW.match(text, end)
    reading = None
    if value <= 24 and _HOUR.match(text, end):
        hour = int(value)
        minutes = () if value == hour else (value, int((value - hour) * 100))  # 4.40 p.m.
        reading = _Reading(distinct(hour, hour + 12 if hour < 12 else hour - 12, *minutes), "hour")
    elif _SCALE_BEHIND.match(text, end):
        reading = None
    elif len(digits) == 4 and digits.isdecimal() and 1000 <= value <= 2100:
        reading = _Reading((value,), "year")
    elif previous is not None and previous.kind == "year" and len(digits) == 2 and gap in ("-", "–", "/"):
        reading = _Reading(distinct(value, previous.values[0] // 100 * 100 + value), "year")
    elif below and digits.isdecimal() and int(below[1]):
        reading = _Reading(distinct(value, exact(Fraction(int(value), int(below[1])))), sure=False)
    elif (digits == "00" and text[start - 1 : start] == ":") or (gap == "/" and previous and not previous.sure):
        reading = _Reading((value,), sure=False)
    elif _CENTS.fullmatch(digits) and not _PERCENT.match(text, end):  # or a time: 23.45
        reading = _Reading(distinct(value, *map(int, digits.split("."))))
    return reading


def _in_name(text: str, start: int, end: int, full: int) -> bool:
    """Whether digits belong to a name: G7, F-35, 5G, but not 50km, mid-1990s or 3rd."""
    before = text[start - 1 : start]
    if (before == "-" or before.isalpha()) and _NAME_BEFORE.search(text, max(0, start - 12), start):
        return _SCALE_BEHIND.match(text, end) is None  # N585 million are naira
    following = text[full : full + 1]
    return (
        full == end
        and following.isascii()
        and following.isalpha()
        and not (_UNIT_BEHIND.match(text, end) or _SCALE_BEHIND.match(text, end))
    )
