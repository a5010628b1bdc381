"""The exceptions of this package, one tree.

    MTError                   exit code 1: something inside failed
    ├── UserError             exit code 2: what was given cannot be used
    │   ├── InputError        a text or data file: path, line, expected, found
    │   │   ├── EncodingError     bytes that are not the text they should be
    │   │   └── CountError        two streams that must have the same length do not
    │   ├── ConfigError       a run configuration or an option
    │   ├── ModelError        a model directory: missing, corrupt or not supported
    │   └── OutputError       a place that cannot be written
    └── EngineError           the translation engine failed while decoding

Every message is one line that says the place, what was expected and what was found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class MTError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns for it."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """How an error comes out of a process of a pool: with its fields, not by calling its class with the message alone.

        Example:
            >>> import pickle
            >>> str(pickle.loads(pickle.dumps(OutputError("/proc/x", "Permission denied"))))
            '/proc/x: cannot write: Permission denied'
        """
        return _again, (type(self), self.args), self.__dict__


class UserError(MTError):
    """The input, the options or the environment must change; the program is well."""

    exit_code = 2


class InputError(UserError):
    """A file's content cannot be used.

    Example:
        >>> str(InputError("a.txt", "text", "an empty file"))
        'a.txt: expected text, found an empty file'
        >>> str(InputError("a.txt", "two columns", "one", line=7))
        'a.txt:7: expected two columns, found one'
    """

    def __init__(self, path: str | Path, expected: str, found: str, *, line: int | None = None) -> None:
        """`line` is 1-based; None when the place is the whole file."""
        self.path, self.expected, self.found, self.line = str(path), expected, found, line
        where = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{where}: expected {expected}, found {found}")


class EncodingError(InputError):
    """Bytes that no supported encoding explains."""


class CountError(InputError):
    """Two streams that must be equally long are not.

    Example:
        >>> str(CountError("hyp.txt", 30, "ref.txt", 31, "paragraph"))
        'hyp.txt: expected 31 paragraphs as in ref.txt, found 30 paragraphs'
    """

    def __init__(
        self, path: str | Path, count: int, other: str | Path, other_count: int, unit: str, *, hint: str = ""
    ) -> None:
        """`count` units were read from `path`, `other_count` from `other`; `hint` says where they part or what helps, behind a semicolon."""
        self.count, self.other, self.other_count, self.hint = count, str(other), other_count, hint
        said = plural(count, unit) + (f"; {hint}" if hint else "")
        super().__init__(path, f"{plural(other_count, unit)} as in {other}", said)


class ConfigError(UserError):
    """A run configuration or a command line option is wrong.

    Example:
        >>> str(ConfigError("beam_size", "a whole number from 1 to 64", "0", path="run.toml", line=3))
        'run.toml:3: beam_size: expected a whole number from 1 to 64, found 0'
    """

    def __init__(
        self, key: str, expected: str, found: str, *, path: str | Path | None = None, line: int | None = None
    ) -> None:
        """`key` is dotted (`decode.beam_size`); `path` and `line` (1-based) say where it stands, if in a file."""
        self.key, self.expected, self.found, self.path, self.line = key, expected, found, path, line
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{where}{key}: expected {expected}, found {found}")


class OptionError(ValueError):
    """One field of a value of options is out of range. Who knows where the field was written turns it into a `ConfigError`.

    Example:
        >>> str(OptionError("beam_size", "a number from 1 to 64", 0))
        'beam_size: expected a number from 1 to 64, found 0'
    """

    def __init__(self, key: str, expected: str, found: object) -> None:
        """`key` is the field's name."""
        self.key, self.expected, self.found = key, expected, str(found)
        super().__init__(f"{key}: expected {expected}, found {found}")

    def __reduce__(self) -> tuple[Any, ...]:
        """As of `MTError`."""
        return _again, (type(self), self.args), self.__dict__


class ModelError(UserError):
    """A model directory is missing, corrupt or of a kind that is not supported.

    Example:
        >>> str(ModelError("models/x/config.json", "a JSON object", "no such file"))
        'models/x/config.json: expected a JSON object, found no such file'
    """

    def __init__(self, path: str | Path, expected: str, found: str, *, hint: str = "") -> None:
        """`hint` is a command or a sentence that helps; it follows after a semicolon."""
        self.path, self.expected, self.found, self.hint = str(path), expected, found, hint
        super().__init__(f"{path}: expected {expected}, found {found}" + (f"; {hint}" if hint else ""))


class OutputError(UserError):
    """A place that cannot be written.

    Example:
        >>> str(OutputError("/proc/x", "Permission denied"))
        '/proc/x: cannot write: Permission denied'
    """

    def __init__(self, path: str | Path, reason: str) -> None:
        """`reason` is the operating system's word for it."""
        self.path, self.reason = str(path), reason
        super().__init__(f"{path}: cannot write: {reason}")


class EngineError(MTError):
    """The engine failed while decoding, through no fault of the input that could be found."""


def plural(count: int, unit: str) -> str:
    """A count with its unit in the right number.

    Example:
        >>> plural(1, "line"), plural(1234, "line")
        ('1 line', '1,234 lines')
    """
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def _again(kind: type[Exception], args: tuple[Any, ...]) -> Exception:
    """An error without its constructor having run; its fields follow."""
    made = kind.__new__(kind, *args)
    made.args = args
    return made
