"""The models a user has installed, one directory each, with a record that says where its bytes come from.

    $KAKEHASHI_MODELS, else $XDG_DATA_HOME/kakehashi/models, else ~/.local/share/kakehashi/models
        Helsinki-NLP+opus-mt-ja-en/     the name with + for /
            kakehashi.json              the record: origin, revision, hash and size of every file, trial translations; written last
            config.json, …              what the model needs
        .partial/Helsinki-NLP+…         a download that was interrupted, to be resumed

A directory appears under its name when it is whole, by a rename. Which model is pinned stands in $XDG_CONFIG_HOME/kakehashi/config.toml.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mt.errors import ConfigError, InputError, ModelError, OutputError
from mt.files import read_bytes, sha256_file, write_text

RECORD = "kakehashi.json"
KINDS = ("huggingface", "marian-native", "ctranslate2")
_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?\Z", re.ASCII)
_RESERVED = ("starter", "auto")  # the embedded model, and the word for "choose one"

Kind = Literal["huggingface", "marian-native", "ctranslate2"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must be: 64 hexadecimal digits, and bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Golden:
    """Trial translations of a model, by which a later one can be compared.

    Attributes:
        compute_type: precision they were made with, on a CPU.
        answers: source and translation of each trial sentence.
    """

    compute_type: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What `kakehashi.json` says of an installed model.

    Attributes:
        name: what to call it by.
        origin: a repository on the hub (`hub:owner/name`) or a directory.
        revision: the commit that was downloaded; empty for an imported directory.
        kind: the format it came in.
        licence: what its weights may be used for, as far as known.
        installed: when, ISO 8601 in UTC.
        files: file name → hash and size.
        golden: trial translations made when it was installed.
    """

    name: str
    origin: str
    revision: str
    kind: Kind
    licence: str
    installed: str
    files: dict[str, FileRecord] = field(default_factory=dict)
    golden: Golden | None = None


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed model: its directory and its record."""

    directory: Path
    record: Record


def models_directory() -> Path:
    """Where models are installed.

    Raises:
        OutputError: when there is neither a variable that says so nor a home directory.
    """
    if own := os.environ.get("KAKEHASHI_MODELS"):
        return Path(own)
    return _base("XDG_DATA_HOME", ".local/share") / "kakehashi" / "models"


def config_file() -> Path:
    """The user's settings: `$XDG_CONFIG_HOME/kakehashi/config.toml`, else below `~/.config`."""
    return _base("XDG_CONFIG_HOME", ".config") / "kakehashi" / "config.toml"


def check_name(name: str) -> str:
    """The name itself, if a model can be called so: `name` or `owner/name` of ASCII letters, digits, `.`, `_` and `-`.

    Raises:
        ConfigError: when it cannot.

    Example:
        >>> check_name("staka/fugumt-ja-en")
        'staka/fugumt-ja-en'
        >>> check_name("../x")
        Traceback (most recent call last):
        mt.errors.ConfigError: name: expected name or owner/name of letters, digits, '.', '_' and '-', found '../x'
    """
    if not _NAME.match(name):
        raise ConfigError("name", "name or owner/name of letters, digits, '.', '_' and '-'", repr(name))
    if name in _RESERVED:
        raise ConfigError("name", "another name than " + " or ".join(_RESERVED), repr(name))
    return name


def directory_of(name: str) -> Path:
    """Where a model of that name is, or would be, installed.

    Raises:
        ConfigError: for what is no name.
    """
    return models_directory() / check_name(name).replace("/", "+")


def partial_directory(name: str) -> Path:
    """Where the pieces of an interrupted download wait."""
    return models_directory() / ".partial" / check_name(name).replace("/", "+")


def installed() -> tuple[Installed, ...]:
    """All installed models, by name; a directory without a readable record is none."""
    try:
        directories = sorted(p for p in models_directory().iterdir() if p.is_dir() and not p.name.startswith("."))
    except (OSError, OutputError):  # no such place yet, or none at all
        return ()
    found = []
    for directory in directories:
        with contextlib.suppress(ModelError):
            found.append(Installed(directory, read_record(directory)))
    return tuple(sorted(found, key=lambda one: one.record.name))


def unreadable() -> tuple[str, ...]:
    """Names of the directories that have a record which cannot be read: they are no installed models, and should be one."""
    try:
        records = sorted(models_directory().glob(f"[!.]*/{RECORD}"))
    except (OSError, OutputError):
        return ()
    whole = {one.directory for one in installed()}
    return tuple(path.parent.name.replace("+", "/") for path in records if path.parent not in whole)


def installed_as(name: str) -> Installed | None:
    """The installed model of that name, None when there is none."""
    if not _NAME.match(name) or name in _RESERVED:
        return None
    try:
        directory = directory_of(name)
    except OutputError:
        return None
    if not (directory / RECORD).is_file():
        return None
    return Installed(directory, read_record(directory))


def read_record(directory: Path) -> Record:
    """The record of an installed model.

    Raises:
        ModelError: when it is missing or is not one.
    """
    path = directory / RECORD
    try:
        return _record(json.loads(read_bytes(path)))
    except InputError as e:
        raise ModelError(path, e.expected, e.found) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise ModelError(path, "a record of an installed model", f"something else ({_brief(e)})") from None


def _record(raw: Any) -> Record:
    if raw.pop("format") != _FORMAT:
        raise ValueError(f"format is not {_FORMAT}")
    files = {str(name): FileRecord(str(f["sha256"]), int(f["size"])) for name, f in raw.pop("files").items()}
    golden = raw.pop("golden", None)
    if golden is not None:
        golden = Golden(str(golden["compute_type"]), tuple((str(src), str(tgt)) for src, tgt in golden["answers"]))
    if raw["kind"] not in KINDS or not all(isinstance(value, str) for value in raw.values()):
        raise ValueError("unknown kind")
    return Record(**raw, files=files, golden=golden)


def write_record(directory: Path, record: Record) -> None:
    """Write `kakehashi.json`.

    Raises:
        OutputError: when it cannot be written.
    """
    value = {"format": _FORMAT, **asdict(record)}
    write_text(directory / RECORD, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def hash_files(directory: Path) -> dict[str, FileRecord]:
    """Hash and size of every file but the record."""
    paths = sorted(p for p in directory.iterdir() if p.is_file() and p.name != RECORD)
    return {p.name: FileRecord(sha256_file(p), p.stat().st_size) for p in paths}


def damage(model: Installed) -> list[str]:
    """What is not as it was installed, one line a file; an empty list when nothing is."""
    problems = []
    for name, wanted in model.record.files.items():
        path = model.directory / name
        try:
            size = path.stat().st_size
            digest = sha256_file(path) if size == wanted.size else ""
        except OSError as e:
            missing = isinstance(e, FileNotFoundError)
            problems.append(f"{path}: expected a file, found {'nothing there' if missing else e.strerror}")
            continue
        if size != wanted.size:
            problems.append(f"{path}: expected {wanted.size:,} bytes, found {size:,}")
        elif digest != wanted.sha256:
            problems.append(f"{path}: expected sha256 {wanted.sha256[:12]}…, found {digest[:12]}…")
    return problems


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """An empty directory on the models' disk, removed afterwards with whatever is still in it.

    Raises:
        OutputError: when nothing can be written there.
    """
    try:
        models_directory().mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".new-", dir=models_directory()))
    except OSError as e:
        raise OutputError(models_directory(), e.strerror or type(e).__name__) from None
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def put(whole: Path, name: str) -> Path:
    """Make a whole model directory (record written, on the models' disk) the installed one of that name; an earlier one is replaced.

    Raises:
        OutputError: when it cannot be moved; the earlier one is still there then.
    """
    final = directory_of(name)
    with scratch() as aside:
        try:
            whole.chmod(models_directory().stat().st_mode & 0o777)  # a scratch directory is closed to others
            if final.exists():
                final.rename(aside / "old")
            try:
                whole.rename(final)
            except OSError:
                if (aside / "old").exists():
                    (aside / "old").rename(final)
                raise
        except OSError as e:
            raise OutputError(final, e.strerror or type(e).__name__) from None
    return final


def remove(name: str) -> list[Path]:
    """Remove an installed model, and what is left of an interrupted download; the directories that are gone.

    Raises:
        ConfigError: for what is no name, or is `starter`, which is part of the program.
        OutputError: when something cannot be removed.
    """
    if name == "starter":
        raise ConfigError("name", "an installed model", "starter, which is part of the program")
    gone = []
    for path in (directory_of(name), partial_directory(name)):
        if not path.is_dir():
            continue
        try:
            with scratch() as aside:  # moved away first: half a model is never seen under its name
                path.rename(aside / "gone")
        except OSError as e:
            raise OutputError(path, e.strerror or type(e).__name__) from None
        gone.append(path)
    return gone


def pinned() -> str | None:
    """The model the user has pinned, None when there is none.

    Raises:
        InputError: when the settings cannot be read or are not TOML.
        ConfigError: when `model` is there and is no name.
    """
    try:
        path = config_file()
    except OutputError:  # a user without a home directory has no settings
        return None
    value = _settings(path).get("model")
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise ConfigError("model", "a model's name in quotes", repr(value), path=path)
    return value


def pin(name: str | None) -> Path:
    """Pin a model, or none: the line `model = …` of the user's settings, which otherwise stay as they are.

    Raises:
        InputError: when the settings are there and are not TOML.
        OutputError: when they cannot be written.
    """
    path = config_file()
    _settings(path)  # what is no TOML is not made worse
    old = read_bytes(path).decode("utf-8") if path.exists() else ""
    head, bracket, tables = old.partition("\n[") if not old.startswith("[") else ("", "[", old[1:])
    kept = [line for line in head.splitlines() if not re.match(r"\s*model\s*=", line)]
    line = [] if name is None else [f"model = {json.dumps(name, ensure_ascii=False)}"]
    text = "\n".join([*line, *kept])
    write_text(path, (text + "\n" if text else "") + (bracket.lstrip("\n") + tables if bracket else ""))
    return path


def _settings(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(read_bytes(path).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as e:
        raise InputError(path, "TOML", f"a mistake ({_brief(e)})") from None


def _base(variable: str, below_home: str) -> Path:
    value = os.environ.get(variable)
    try:
        return Path(value) if value else Path.home() / below_home
    except RuntimeError as e:  # pathlib's word for a user without a home directory
        raise OutputError("~", str(e)) from None


def _brief(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
