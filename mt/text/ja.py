"""Where Japanese sentences end: rules, in linear time, as offsets into untouched text.

One pattern finds the few places that could end a sentence; only they are looked at. A place is no end inside a quotation or bracket, before a
word that carries the sentence on (…かな？と思う), in a number, a name, an address or an abbreviation. What follows an end mark and cannot
begin a sentence (further marks, closing brackets, the stray 。 of a machine-made text) stays with the sentence before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from mt.text.marks import CLOSERS, quotations

_SPACE = " \t\u3000\u00a0\r"
_STOPS = "。｡！？!?‼⁇⁈⁉"
_DOTS = ".．…‥"
_MARKS = frozenset(_STOPS + _DOTS)
_CLOSING = re.escape(CLOSERS)
_STOP = re.compile(f"[{_STOPS}]")
# A run of end marks, with trailing dots; a line break with the white space behind it; a quotation or bracket
# closed behind an end mark or before a blank.
# It begins with a character class, since `re` runs ahead to the first character of one without trying each position.
_CANDIDATE = re.compile(
    rf"[{_STOPS}{_DOTS}\n」』｣”〟）)\"](?:(?<=[{_STOPS}{_DOTS}])[{_STOPS}{_DOTS}・]*(?: \.(?![!-~]))*|(?<=\n)[{_SPACE}\n]*"
    rf"|(?<=[{_STOPS}…][」』｣”〟\"])|(?<=[。｡][）)])|(?<=[」』])(?=[ \u3000]))"
)
# What cannot begin a sentence: closing brackets; white space before further end marks or before a closing bracket; the laugh of a letter;
# a colon with nothing behind it.
_TAIL = re.compile(
    rf"(?:[{_CLOSING}]|[{_SPACE}]*(?:[。｡！？!?…‥]|[.．]{{2,}})+|[（(](?:爆?笑|苦笑|泣|涙|汗|怒|爆|謎)[）)]|[{_SPACE}]*[:：]+(?=[{_SPACE}]*(?:\n|\Z)))+"
)
# Words that carry the sentence on behind an end mark. A particle is known by what it stands before: と before とても is none.
_GOES_ON = re.compile(
    r"[ \t\u3000\u00a0\r]*[、，,]|って|っと|を|(?:な(?:ど|んて|んか)|だの|とか)"
    r"|と(?!ても|っ|ん|うとう|うに|りわけ|どのつまり|にかく|ころ|き|もかく|もあれ|もに|は[い言]え|りあえず|ある|お[りい]|[な隣]|同時|すると|すれば"
    r"|[い言](?:っても|えば|え[、ど]|う(?:のも|のは|わけ|こと[ではに])))"
    r"|の(?!ち|んびり|ど|り|ぼ|こ|び|ろ)"
    r"|(?:は|が|に|も|や|へ)(?=[一-龯々ァ-ヶＡ-Ｚａ-ｚA-Za-z])"
    r"|(?:から|まで|より|へと|です|だと|だっ)(?=[、の一-龯])"
    r"|か(?=、|[聞訊尋問]|どうか)"
    r"|[ \u3000]+(?:を|など|って(?!い)|と(?:思|言|聞|書|呼|述|い[うっ]))"
)
# What _TAIL and _GOES_ON can begin with; the empty string is the end of the text, where nothing needs a second look.
_LOOK_TWICE = frozenset(CLOSERS + _SPACE + _STOPS + _DOTS + '"、，,っをなだととのはがにもやへかまよで（(:：')
_URL = re.compile(r"(?:https?://|ftp://|www\.)[!-~]+")
_MAIL_HOST = re.compile(r"@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_MAIL_NAME = re.compile(r"[\w.+-]+\Z", re.ASCII)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|Gen|Sen|Rep|Gov|St|Jr|Sr|No|Nos|Vol|vol|Fig|fig|Eq|pp|p|ed|eds|cf|vs|etc|Inc|Ltd|Co|Corp|al|e\.g|i\.e)"
    r"|(?<![A-Za-z])[A-Z]|(?<![Ａ-Ｚａ-ｚ])[Ａ-Ｚ]|Ｎｏ|Ｄｒ|Ｍｒ)[.．]\Z"
)
_LIST_MARK = re.compile(
    r"[・●■◆◇○◎□▲△▼▽★☆※•*]|[-–—][ \u3000]|[(（]?[0-9０-９]{1,3}[.．、)）]|[①-⑳]|[(（][一二三四五六七八九十ア-ンa-zA-Z][)）]|\u3000"
)
_UNFINISHED = "、，,はがをにでとのもへてし"  # a line that ends in one of these was broken off, however short it is
_NUMBERED = re.compile(
    r"[(（]?(?:第?[0-9０-９]{1,3}|第?[0-9０-９一二三四五六七八九十]{1,3}[章節条項部編話回]|[a-zA-Z]|[ivxIVX]+)\Z"
)
_HEADING = 0.6  # of the widest line: a line this short ended by itself, not because it was full

Span = tuple[int, int]


def split(text: str, *, longest_quotation: int = 400) -> list[Span]:
    """Half-open spans of the sentences of a text, ascending, without outer white space; every other character is in exactly one.

    Args:
        text: a paragraph, or a whole text; a line break ends a sentence unless the line was full (a hard wrap).
        longest_quotation: characters; nothing is split inside a quotation or bracket up to this length. 0 splits inside all.

    Example:
        >>> text = "「猫は３匹いる。」と彼は言った。犬はいない。 。３．５％だ！"
        >>> [text[a:b] for a, b in split(text)]
        ['「猫は３匹いる。」と彼は言った。', '犬はいない。 。', '３．５％だ！']
    """
    return _Splitter(text, longest_quotation).run()


class _Splitter:
    """The places of one text, from left to right; `_start` is where the open sentence begins."""

    def __init__(self, text: str, longest: int) -> None:
        self._text = text
        self._start = _beyond_space(text, 0)
        self._spans: list[Span] = []
        self._whole = _outermost(quotations(text, longest), _addresses(text))
        self._begins = [start for start, _ in self._whole]
        self._widest = max(map(len, text.split("\n"))) if "\n" in text else 0

    def run(self) -> list[Span]:
        text, whole = self._text, self._whole
        for match in _CANDIDATE.finditer(text):
            start, stop = match.span()
            if start < self._start:
                continue  # taken by the sentence before
            mark = text[start]
            if mark == "。" and stop == start + 1 and text[stop : stop + 1] not in _LOOK_TWICE:
                # most ends by far: one 。 and then a character that neither belongs to it nor carries the sentence on
                end = None if whole and self._inside(start) else stop
            elif mark in _MARKS:
                end = self._after_marks(start, stop)
            elif mark == "\n":
                end = self._after_line(start, stop)
            else:
                end = self._after_quotation(start)
            if end is not None:
                self._close(end)
        self._close(len(text))
        return self._spans

    def _close(self, end: int) -> None:
        text, start = self._text, self._start
        self._start = _beyond_space(text, end)
        while start < end and text[end - 1].isspace():
            end -= 1
        if start < end:
            self._spans.append((start, end))

    def _inside(self, at: int) -> Span | None:
        """The quotation or address that the character stands in."""
        number = bisect_right(self._begins, at) - 1
        if number >= 0 and at < self._whole[number][1]:
            return self._whole[number]
        return None

    def _after_marks(self, start: int, end: int) -> int | None:
        inside = self._inside(start)
        if inside is not None:
            return None
        text, run = self._text, self._text[start:end]
        if tail := self._tail(end):
            end = tail
        following = text[end : end + 1]
        if all(c in _DOTS + "・ " for c in run) and not self._dots_end(start, run, following):
            return None
        if start == self._start and following.strip() and all(c in "!?！？" for c in run):
            return None  # nothing before it to end
        if run == "!" and text[start - 1 : start].isascii() and text[start - 1 : start].isalpha() and following.strip():
            return None  # Yahoo!ニュース
        if run[-1] in "！？!?" and following and following in "（(－–—-":
            return None  # a doubt or a comment on one word: 鉄？（てってい）, 没年？－1581
        return None if _GOES_ON.match(text, end) else end

    def _dots_end(self, start: int, run: str, following: str) -> bool:
        """Whether a run of dots alone ends a sentence."""
        before = self._text[start - 1 : start]
        if len(run) > 1 or run in "…‥":
            # a pause inside a sentence, unless nothing follows it
            return not following.strip() or (run[0] in ".．" and not _latin(before) and not _latin(following))
        if self._joins(run, before, following) or _ABBREVIATION.search(
            self._text, max(self._start, start - 6), start + 1
        ):
            return False
        return not _NUMBERED.match(self._text, self._start, start)  # 1. of a list

    def _joins(self, dot: str, before: str, following: str) -> bool:
        """A dot inside a number, a name or a piece of code."""
        if not following.strip():
            return False
        if following.isdigit():
            # 3.14, ３．１４, file.1, 打率.346; but …です.3日に
            return before.isdigit() or _latin(before) or (dot == "." and not "ぁ" <= before <= "ん")
        if dot == "." and following.isascii() and (not before.strip() or before in "（("):
            return True  # .NETで, .gitignoreを
        return following.islower() or (_latin(before) and (_latin(following) or following in "[({<_*/\\-="))

    def _after_quotation(self, at: int) -> int | None:
        """A quotation or bracket that is a sentence of its own: 「元気？」「うん。」 and 「寒い。」 before a new sentence."""
        inside = self._inside(at)
        if inside is None or at != inside[1] - 1:
            return None
        inner = self._text[at - 1]
        if inside[0] != self._start and (self._text[at] in "）)" or inner not in _MARKS):
            return None  # （以下略。）次の文 is two sentences, 彼（学生。）は is none
        if inner not in _MARKS:
            return self._after_blank(inside[0], at)
        end = self._tail(at + 1) or at + 1
        following = self._text[end : end + 1]
        if _GOES_ON.match(self._text, end) or "ぁ" <= following <= "ん":
            return None
        return end if inner in "。｡" or not following.strip() or following in "「『｢“" else None

    def _after_blank(self, start: int, at: int) -> int | None:
        """A quotation of several sentences, then a blank, then what can be no verb of saying: 「寒い。帰りたい」 母は窓を閉めた。"""
        beyond = _beyond_space(self._text, at + 1)
        following = self._text[beyond : beyond + 1]
        if not _STOP.search(self._text, start, at) or "ぁ" <= following <= "ん":
            return None
        return at + 1 if following.isalnum() or following in "「『" else None

    def _tail(self, at: int) -> int | None:
        """End of what cannot begin a sentence; brackets that belong to an opening mark inside a quotation are not taken."""
        match = _TAIL.match(self._text, at)
        if match is not None:
            at = match.end()
        # a straight quote that closes nothing, or closes what is open
        if self._text[at : at + 1] == '"' and ((w := self._inside(at)) is None or w[0] < self._start):
            return at + 1
        return at if match is not None else None

    def _after_line(self, start: int, end: int) -> int | None:
        """A line break ends a sentence unless the line was full and the next one goes on."""
        if self._text.count("\n", start, end) == 1:
            if self._inside(start) is not None:
                return None
            line = self._text[self._text.rfind("\n", 0, start) + 1 : start].rstrip()
            indent = self._text[start + 1 : end]
            full = len(line) >= _HEADING * self._widest or line[-1:] in _UNFINISHED
            if full and "\u3000" not in indent and not _LIST_MARK.match(self._text, end):
                return None
        return end


def _outermost(quoted: list[Span], addresses: list[Span]) -> list[Span]:
    """Both kinds in order, without those that begin inside another."""
    if not addresses:
        return quoted
    found: list[Span] = []
    for span in sorted(quoted + addresses):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _addresses(text: str) -> list[Span]:
    """Web and mail addresses. A mail address is found by its @ and looked at backwards: forwards, every word would be tried as its start."""
    found = [m.span() for m in _URL.finditer(text)] if "://" in text or "www." in text else []
    for host in _MAIL_HOST.finditer(text) if "@" in text else ():
        if name := _MAIL_NAME.search(text, max(0, host.start() - 64), host.start()):
            found.append((name.start(), host.end()))
    return found


def _beyond_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
