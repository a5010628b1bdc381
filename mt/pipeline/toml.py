"""TOML → frozen dataclasses, checked before any work: an unknown key, a wrong type or a missing value is an error with file and line."""

from __future__ import annotations

import collections.abc
import dataclasses
import difflib
import re
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from mt.errors import ConfigError, InputError, OptionError
from mt.files import read_bytes

T = TypeVar("T")

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}


def load(path: Path, kind: type[T]) -> T:
    """Read a file into the dataclass `kind`, whose fields are tables (dataclasses) or values.

    Raises:
        InputError: when the file is missing, not UTF-8 or not TOML.
        ConfigError: naming key, line, what was expected and what was found.
    """
    try:
        text = read_bytes(path).decode("utf-8")
        raw = tomllib.loads(text)
    except RecursionError:
        raise InputError(path, "TOML", "brackets nested too deep") from None
    except UnicodeDecodeError as e:
        raise InputError(path, "TOML in UTF-8", f"byte 0x{e.object[e.start]:02x} at offset {e.start:,}") from None
    except tomllib.TOMLDecodeError as e:
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(e))
        message = str(e)[: place.start()] if place else str(e)
        line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
        raise InputError(path, "TOML", f"a mistake ({message[0].lower() + message[1:]})", line=line) from None
    return build(raw, kind, path, text)


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands, for messages: its dotted key, the file and the file's text."""

    key: str
    path: Path | None
    text: str

    def error(self, expected: str, found: str) -> ConfigError:
        # a value within an inline table stands on the line of the table
        line = _line_of(self.text, self.key) or _line_of(self.text, self.key.rpartition(".")[0])
        return ConfigError(self.key, expected, found, path=self.path, line=line)

    def below(self, key: str) -> _Place:
        return dataclasses.replace(self, key=f"{self.key}.{key}" if self.key else key)


def build(raw: dict[str, Any], kind: type[T], path: Path | None = None, text: str = "") -> T:
    """A dataclass from a parsed file; `path` and `text` only serve messages.

    Raises:
        ConfigError: naming the key, where it stands, what was expected and what was found.

    Example:
        >>> @dataclasses.dataclass(frozen=True)
        ... class Run:
        ...     name: str
        ...     beam: int = 4
        >>> build({"name": "a"}, Run)
        Run(name='a', beam=4)
        >>> build({"name": "a", "baem": 2}, Run)
        Traceback (most recent call last):
        mt.errors.ConfigError: baem: expected a known key (did you mean beam?), found an unknown one
    """
    return _table(raw, kind, _Place("", path, text))


def _table(raw: dict[str, Any], kind: type[T], place: _Place) -> T:
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in raw.items():
        here = place.below(key)
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            known = f"did you mean {near[0]}?" if near else "known: " + ", ".join(fields)
            raise here.error(f"a known key ({known})", "an unknown one")
        values[key] = _value(value, hints[key], here)
    for field in fields.values():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and field.name not in values:
            raise place.below(field.name).error("a value", "none")
    try:
        return kind(**values)
    except OptionError as e:
        raise place.below(e.key).error(e.expected, e.found) from None


def _value(value: Any, hint: Any, place: _Place) -> Any:
    options = _members(hint)
    for option in options:
        if dataclasses.is_dataclass(option) and isinstance(option, type):
            if isinstance(value, dict):
                return _table(value, option, place)
        elif typing.get_origin(option) is collections.abc.Mapping:
            if isinstance(value, dict):
                inner = typing.get_args(option)[1]
                return {name: _value(v, inner, place.below(name)) for name, v in value.items()}
        elif typing.get_origin(option) is typing.Literal:
            if value in typing.get_args(option):
                return value
        elif typing.get_origin(option) is tuple:
            if isinstance(value, list):
                return tuple(_value(v, typing.get_args(option)[0], place) for v in value)
        elif _is(value, option):
            if isinstance(value, str) and "\0" in value:
                raise place.error("text without a NUL character", _found(value))
            # a whole number is a number, unless it is one that no float can hold
            return option(value) if option is not float or abs(value) < 2**1000 else value
    raise place.error(" or ".join(_said(o) for o in options if o is not type(None)), _found(value))


def _members(hint: Any) -> tuple[Any, ...]:
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if union else (hint,)


def _is(value: Any, option: Any) -> bool:
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return option in (bool, str) and isinstance(value, option)


def _said(option: Any) -> str:
    if typing.get_origin(option) is typing.Literal:
        return "one of " + ", ".join(repr(x) for x in typing.get_args(option))
    if typing.get_origin(option) is tuple:
        return f"a list of which each is {_said(typing.get_args(option)[0])}"
    return _WORDS.get(option, "a table")


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)


def _line_of(text: str, name: str) -> int | None:
    """1-based line where a dotted key stands, None when it cannot be told (inline tables, quoted keys)."""
    *tables, key = name.split(".")
    here: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if head := re.match(r"\s*\[([\w.\-]+)\]", line):
            here = head[1].split(".")
            if here == [*tables, key]:
                return number
        elif here == tables and re.match(rf"\s*{re.escape(key)}\s*[=.]", line):
            return number
    return None
