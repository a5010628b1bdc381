"""One line of a file in some format → the text to translate in it → the line that answers it: plain text, JSON lines, tab-separated.

One line in, one line out, in every format. What a line holds beside its text goes out as it came in, character for character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from mt.errors import ConfigError, InputError, OptionError, plural
from mt.types import check_range

Kind = Literal["text", "jsonl", "tsv"]
KINDS: tuple[Kind, ...] = ("text", "jsonl", "tsv")

_BY_SUFFIX: dict[str, Kind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".tsv": "tsv"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# what stands between and around the values of JSON
_BLANK = " \t\r"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one line.

    Attributes:
        text: its translation.
        score: log-probability of all its pieces divided by their number; None where no model was asked.
        flags: of its sentences, each once.
        alternatives: other translations of it with their scores, best first.
        alignment: (source piece, target piece) that belong together, ascending; None where not known.
    """

    text: str
    score: float | None = None
    flags: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, float | None], ...] = ()
    alignment: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How lines are read and answered.

    Attributes:
        kind: the format; None = by the file's name, text where that says nothing.
        field: of JSON lines, the one that holds the text.
        column: of tab-separated lines, the one that holds the text, from 1.
        scores: also give the score (and flags, in tab-separated lines; JSON lines have both always).
        alternatives: also give other translations; JSON lines only.
        alignment: also give the alignment.

    Raises:
        OptionError: for an empty field, or a column below 1.
    """

    kind: Kind | None = None
    field: str = "text"
    column: int = 1
    scores: bool = False
    alternatives: bool = False
    alignment: bool = False

    def __post_init__(self) -> None:
        check_range("column", self.column, 1, 100_000)
        if not self.field or self.field in JsonLines.ADDED:
            raise OptionError("field", f"a name other than {', '.join(JsonLines.ADDED)}", repr(self.field))

    def of(self, name: str) -> Format:
        """The format of a file by its name.

        Raises:
            ConfigError: when other translations are asked for and the format has no place for them.
        """
        kind = self.kind or _BY_SUFFIX.get(Path(name).suffix.lower(), "text")
        if kind == "jsonl":
            return JsonLines(self)
        if self.alternatives:
            raise ConfigError("--num-hypotheses", "JSON lines, which have room for alternatives", f"{kind} of {name}")
        return TabSeparated(self) if kind == "tsv" else PlainText(self)


class Format(Protocol):
    """Lines of one format."""

    @property
    def kind(self) -> Kind:
        """Its name."""

    def text(self, line: str, name: str, number: int) -> str:
        """The text in a line, which may itself hold line feeds.

        Args:
            line: without its line feed.
            name: of the file, for messages.
            number: of the line, from 1, for messages.

        Raises:
            InputError: when the line is not of this format.
        """

    def answer(self, line: str, answer: Answer) -> str:
        """The line that answers a line, without a line feed."""


@dataclass(frozen=True, slots=True)
class PlainText:
    r"""The line is the text. Scores stand before the translation, alignments behind it, parted by tabs.

    Example:
        >>> PlainText(Layout(scores=True, alignment=True)).answer("猫", Answer("Cat", -0.5, alignment=((0, 0), (0, 1))))
        '-0.5000\tCat\t0-0 0-1'
    """

    layout: Layout
    kind: Kind = "text"

    def text(self, line: str, name: str, number: int) -> str:
        """The line itself."""
        return line

    def answer(self, line: str, answer: Answer) -> str:
        """The translation; with anything beside it, tabs of its own are blanks, and a carriage return ends the line still."""
        if not self.layout.scores and not self.layout.alignment:
            return answer.text
        end = "\r" if line.endswith("\r") else ""
        cells = [_number(answer.score)] if self.layout.scores else []
        cells.append(_cell(answer.text.removesuffix(end)))
        return "\t".join([*cells, *([pharaoh(answer.alignment)] if self.layout.alignment else [])]) + end


@dataclass(frozen=True, slots=True)
class TabSeparated:
    r"""Cells parted by tabs, no quoting; the translation is one more cell at the end, then score and flags, then the alignment, as asked.

    Example:
        >>> rows = TabSeparated(Layout(column=2, scores=True))
        >>> rows.text("7\t猫", "a.tsv", 1), rows.answer("7\t猫", Answer("Cat", -0.5, ("split",)))
        ('猫', '7\t猫\tCat\t-0.5000\tsplit')
    """

    layout: Layout
    kind: Kind = "tsv"

    def text(self, line: str, name: str, number: int) -> str:
        """The cell of the column that was chosen."""
        cells = line.removesuffix("\r").split("\t")
        if len(cells) < self.layout.column:
            raise InputError(name, plural(self.layout.column, "column"), plural(len(cells), "column"), line=number)
        return cells[self.layout.column - 1]

    def answer(self, line: str, answer: Answer) -> str:
        """The line as it is, and cells behind it."""
        end = "\r" if line.endswith("\r") else ""
        cells = [line.removesuffix("\r"), _cell(answer.text)]
        if self.layout.scores:
            cells += [_number(answer.score), ",".join(answer.flags)]
        if self.layout.alignment:
            cells.append(pharaoh(answer.alignment))
        return "\t".join(cells) + end


@dataclass(frozen=True, slots=True)
class JsonLines:
    r"""One JSON object a line; the answer is the same object with `translation`, `score`, `flags`, and what else was asked for.

    Example:
        >>> JsonLines(Layout()).answer('{"id": 1.50, "text": "猫"}', Answer("Cat", -0.5))
        '{"id": 1.50, "text": "猫", "translation": "Cat", "score": -0.5, "flags": []}'
    """

    ADDED = ("translation", "score", "flags", "alternatives", "alignment")

    layout: Layout
    kind: Kind = "jsonl"

    def text(self, line: str, name: str, number: int) -> str:
        """The field's text; halves of surrogate pairs, which JSON can escape and no text holds, become U+FFFD."""
        try:
            value = json.loads(line, parse_constant=_no_constant)
        except ValueError as e:
            at = f" in column {e.colno}" if isinstance(e, json.JSONDecodeError) else ""
            reason = e.msg if isinstance(e, json.JSONDecodeError) else str(e)
            raise InputError(
                name, "a JSON object", f"{reason}{at}" if line.strip() else "an empty line", line=number
            ) from None
        except RecursionError:
            raise InputError(name, "a JSON object", "one nested too deeply", line=number) from None
        if not isinstance(value, dict):
            raise InputError(name, "a JSON object", f"a {type(value).__name__}", line=number)
        text = value.get(self.layout.field)
        if not isinstance(text, str):
            found = (
                f"a {type(text).__name__} there"
                if self.layout.field in value
                else f"only {', '.join(value) or 'nothing'}"
            )
            raise InputError(name, f"a text in the field {self.layout.field!r}", found[:200], line=number)
        if not value.keys().isdisjoint(self.ADDED):
            self._writable(value, name, number)
        return _SURROGATE.sub("\ufffd", text)

    @staticmethod
    def _writable(value: dict[str, object], name: str, number: int) -> None:
        """An object that has fields of ours already is written anew, and then its numbers must be ones that can be."""
        try:
            _json(value)
        except ValueError:
            raise InputError(name, "numbers below 1.8e308", "a larger one", line=number) from None

    def answer(self, line: str, answer: Answer) -> str:
        """The object with new fields at its end; what it held of those names before is replaced where it stands."""
        fields: dict[str, object] = {
            "translation": answer.text,
            "score": None if answer.score is None else round(answer.score, 4),
            "flags": list(answer.flags),
        }
        if self.layout.alternatives:
            fields["alternatives"] = [
                {"text": text, "score": None if score is None else round(score, 4)}
                for text, score in answer.alternatives
            ]
        if self.layout.alignment:
            fields["alignment"] = None if answer.alignment is None else pharaoh(answer.alignment)
        body = line.rstrip(_BLANK)
        end = line[len(body) :]
        old = json.loads(body)
        if fields.keys() & old.keys():
            return _SURROGATE.sub(_escaped, _json(old | fields)) + end
        # the object as it was written, number formats and escapes included, with more behind it
        return body[:-1].rstrip(_BLANK) + ", " + _json(fields)[1:] + end


def pharaoh(links: Sequence[tuple[int, int]] | None) -> str:
    """Links as the format of the program Pharaoh writes them: `source-target`, numbers from 0; empty where nothing is known.

    Example:
        >>> pharaoh([(0, 0), (2, 1)])
        '0-0 2-1'
    """
    return " ".join(f"{a}-{b}" for a, b in links or ())


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.4f}"


def _cell(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ")


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # many readers take these two for line ends
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _no_constant(name: str) -> object:
    raise ValueError(f"{name}, which is no JSON")
