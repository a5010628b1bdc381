r"""Markdown pages → prose: paragraphs, headings, list items and table cells without their marks; code blocks out.

What documentation sites write is read, which is more than CommonMark: settings before the page (their `title` and `description` are text), HTML and
JSX tags, comments of both (`<!-- -->`, `{/* */}`), Liquid and Hugo tags (`{% %}`, `{{ }}`, `{{< >}}`), kramdown's attributes (`{: .class}`, `{#id}`),
footnotes, reference links, tables.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from mt.documents.prose import Dropped, Prose, joined

CODE = "code-block"

_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})([^`]*)\Z")
_LIQUID = re.compile(r"\s*\{%-?\s*(highlight|raw|code|codeblock)\b[^%]*%\}\s*\Z")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|\Z)(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_ITEM = re.compile(r"([ \t]*)([-*+•]|\d{1,9}[.)])([ \t]+|\Z)(?:\[[ xX]\][ \t]+)?")
_RULE = re.compile(r"\s*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|=+)\Z")
_TABLE = re.compile(r"\s*\|.*\|\s*\Z")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\Z")
_DEFINITION = re.compile(r" {0,3}\[(?!\^)([^\]]+)\]:\s*\S+")
_FOOTNOTE = re.compile(r" {0,3}\[\^[^\]]+\]:\s*")
_QUOTE = re.compile(r"[ \t]*>[ \t]?(?:\[!\w+\]\s*\Z)?")
_ADMONITION = re.compile(r"\s*:{3,}.*\Z")
_MODULE = re.compile(r"(?:import|export)\s.*(?:from\s+['\"]|['\"];?\s*\Z|=\s|\{\s*\Z)")
_ALONE = re.compile(r"\s*</?[A-Za-z][^<]*>?\s*\Z")  # a line that is one tag, or begins one
_SETTING = re.compile(r"(?:title|description|summary):\s*(.+)")

# Spans within a line are bounded: what opens a thousand times and never closes would else be looked at a million times.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|\{/\*.*?(?:\*/\}|\Z)", re.S)
_CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)(?P<kept>.{1,2000}?)(?<!`)\1(?!`)", re.S)
_SPAN = re.compile("\ue000(\\d+)\ue001")
_HIDDEN = re.compile(r"\{%.{0,1000}?%\}|\{\{[<%]?.{0,1000}?[%>]?\}\}|\{:[^}]*\}|\{#[\w-]+\}|\{' '\}", re.S)
_ELEMENT = re.compile(r"<(script|style)\b.{0,5000}?</\1\s*>", re.S | re.I)
_BREAK = re.compile(r"<br\s*/?>", re.I)
_TAG = re.compile(
    r"</?(?:[A-Za-z][\w.:-]*(?:\s+(?:\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}|[^>\"'{}]){0,500})?)?/?>", re.S
)
_ADDRESS = re.compile(r"<((?:https?|ftp|mailto):[^\s<>]+|[\w.+-]+@[\w.-]+)>")
_NESTED = r"(?:[^\[\]]|\[[^\[\]]*\])*"
_TARGET = r"\((?:[^()\s]|\([^()]*\)|\s)*?\)"
_IMAGE = re.compile(rf"!\[({_NESTED})\](?:{_TARGET}|\[[^\]]*\])")
_LINK = re.compile(rf"\[({_NESTED})\]{_TARGET}")
_REFERENCE = re.compile(rf"\[({_NESTED})\][ ]?\[([^\]]*)\]")
_NOTE = re.compile(r"\[\^[^\]]+\]")
_STRONG = re.compile(r"(\*\*\*|\*\*|\*|~~)(?=[^\s*~])(.{1,1000}?)(?<=[^\s])\1", re.S)
_UNDER = re.compile(r"(?<![\w_])(___|__|_)(?=[^\s_])(.{1,1000}?)(?<=[^\s])\1(?![\w_])", re.S)
_ESCAPED = re.compile(r"\\(?P<kept>[!-/:-@\[-`{-~])")
_LETTER = re.compile(r"[^\W_]")


def prose(text: str, lang: str) -> Prose:
    r"""The prose of a page.

    Args:
        text: the page.
        lang: its language, for how lines of a paragraph are joined.

    Example:
        >>> page = prose("---\ntitle: 'A *page*'\n---\n## One {/*one*/}\n\nSee [the\ndocs](/x) for `a`.\n\n```js\nx\n```\n- item\n", "en")
        >>> page.paragraphs
        ('A *page*', 'One', 'See the docs for a.', 'item')
        >>> page.dropped
        (Dropped(line=9, reason='code-block', text='```js'),)
    """
    reader = _Reader(lang)
    for number, line in _lines(text, reader):
        reader.line(number, line)
    reader.end()
    return Prose(tuple(reader.made), tuple(sorted(reader.dropped, key=lambda d: d.line or 0)))


def _lines(text: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without settings, comments and fenced code; what is taken out leaves blank lines."""
    lines = [line.removesuffix("\r").expandtabs(4) for line in text.split("\n")]
    start = _settings(lines, reader)
    fence, begun = "", 0
    kept = []
    for number, line in enumerate(lines[start:], start + 1):
        mark = _FENCE.match(line)
        if fence:
            if (mark and mark[1].startswith(fence) and not mark[2].strip()) or (
                fence == "{%" and line.strip().startswith("{%") and " end" in line.replace("-", " ")
            ):
                fence = ""
            kept.append("")
        elif mark or _LIQUID.match(line):
            fence, begun = (mark[1] if mark else "{%"), number
            reader.dropped.append(Dropped(begun, CODE, line.strip()))
            kept.append("")
        else:
            kept.append(line)
    blanks = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), "\n".join(kept))
    yield from enumerate(blanks.split("\n"), start + 1)


def _settings(lines: list[str], reader: _Reader) -> int:
    """Number of lines of settings before the page."""
    if not lines or lines[0].rstrip() not in ("---", "+++"):
        return 0
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in (lines[0].rstrip(), "...")), None)
    if end is None:
        return 0
    for line in lines[1:end]:
        if found := _SETTING.match(line.replace(" = ", ": ", 1)):
            reader.plain(found[1].strip())
    return end + 1


class _Reader:
    """Lines → paragraphs."""

    def __init__(self, lang: str) -> None:
        self.made: list[str] = []
        self.dropped: list[Dropped] = []
        self._lang = lang
        self._open: list[str] = []
        self._inner = 0  # where the text of the list item begins that we are in
        self._blank, self._code = True, False

    def line(self, number: int, line: str) -> None:
        """One more line."""
        quote = _QUOTE.match(line)
        while quote:
            line = line[quote.end() :]
            quote = _QUOTE.match(line)
        stripped = line.strip()
        if not stripped:
            self.end()
            self._blank = True
            return
        indent = len(line) - len(line.lstrip())
        if self._indented(number, line, indent):
            return
        blank, self._blank, self._code = self._blank, False, False
        if indent == 0 and blank and not _ITEM.match(line):
            self._inner = 0
        if self._special(line, stripped):
            return
        if item := _ITEM.match(line):
            self.end()
            self._inner = item.end()
            line = line[item.end() :]
            if heading := _HEADING.match(line):
                line = heading[2]
        elif _ALONE.match(line) and "://" not in line:
            # a tag alone parts paragraphs, but one that goes on over lines must stay in one piece
            if not line.rstrip().endswith(">"):
                self._open.append(line)
                return
            self._open.append(line)
            self.end()
            return
        self._open.append(line)

    def _indented(self, number: int, line: str, indent: int) -> bool:
        """True for a line of an indented code block."""
        if (self._blank or self._code) and not self._open and indent >= self._inner + 4 and line.lstrip()[0] != "<":
            if not self._code and _ITEM.match(line) and self._inner:
                return False  # a list in a list, indented generously
            if not self._code:
                self.dropped.append(Dropped(number, CODE, line.strip()))
            self._code, self._blank = True, False
            return True
        return False

    def _special(self, line: str, stripped: str) -> bool:
        """True for a line that is a whole block, or none."""
        if heading := _HEADING.match(line):
            self.end()
            self._open.append(heading[2])
            self.end()
            return True
        if _RULE.match(line) or _ADMONITION.match(line) or (self._open and _TABLE_RULE.match(line)):
            self.end()
            return True
        if _TABLE.match(line):
            self.end()
            if not _TABLE_RULE.match(line):
                for cell in re.split(r"(?<!\\)\|", stripped.strip("|")):
                    self._open.append(cell)
                    self.end()
            return True
        if _DEFINITION.match(line) or (not self._open and _MODULE.match(line)):
            return True
        if note := _FOOTNOTE.match(line):
            self.end()
            self._open.append(line[note.end() :])
            return True
        return False

    def end(self) -> None:
        """The paragraph is over."""
        if self._open:
            lines, self._open = self._open, []
            self._add(_plain("\n".join(lines)))

    def plain(self, text: str) -> None:
        """A text without marks: the value of a setting."""
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1].replace('\\"', '"').replace("''", "'")
        self._add(text)

    def _add(self, text: str) -> None:
        if _LETTER.search(text):
            self.made.append(" ".join(joined(text.split("\n"), self._lang).split(" ")).strip())


def _plain(text: str) -> str:
    """A paragraph without its marks; what stands in code spans is text as it is."""
    spans: list[str] = []

    def keep(found: re.Match[str]) -> str:
        spans.append(found["kept"].strip())
        return f"\ue000{len(spans) - 1}\ue001"

    text = _CODE_SPAN.sub(keep, text.replace("\ue000", "").replace("\ue001", ""))
    text = _ESCAPED.sub(keep, text)
    text = _ELEMENT.sub("", _HIDDEN.sub("", text))
    text = _TAG.sub("", _ADDRESS.sub(r"\1", _BREAK.sub("\n", text)))
    text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))
    text = _NOTE.sub("", text)
    for _ in range(3):  # marks within marks
        text = _UNDER.sub(r"\2", _STRONG.sub(r"\2", text))
    text = html.unescape(text)
    text = _SPAN.sub(lambda found: spans[int(found[1])], text)
    return re.sub(r"[ \t\u00a0]{2,}", " ", text)
