"""Installing models and checking installed ones: what `mt models pull`, `import`, `verify` and `pin` do."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from mt.errors import ConfigError, InputError, ModelError, UserError
from mt.files import read_bytes
from mt.models import golden, hub, store
from mt.models.registry import AUTO, entry_of, find, known, near_names, open_model, verify
from mt.models.store import Installed, Kind, Record
from mt.pipeline.models import record_of, records
from mt.translate.run import BatchTranslator
from mt.types import DecodingOptions

# Sentences any ja→en model must answer with something: a plain one, numbers, and one of every script.
_TRIAL = ("猫がいる。", "会議は１２日午後３時に始まる。", "NATOはウクライナのパートナーと協議する。")
_UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class Installation:
    """What `pull` and `take` did: the model, and whether it is new (False: the same was there already)."""

    model: Installed
    new: bool


def pull(name: str, *, force: bool = False, endpoint: str | None = None) -> Installation:
    """Download and install a model; what an interrupted call left is used.

    Args:
        name: a known model or any `owner/name` of the hub, with `@revision` behind it where not the usual one is wanted.
        force: also a model that the registry warns of.
        endpoint: address of the hub; None is HF_ENDPOINT, or Hugging Face's.

    Raises:
        UserError: when the name is wrong, the hub does not have the model or cannot be reached, or the model cannot be used.
    """
    name, _, revision = name.partition("@")
    entry = entry_of(name)
    store.check_name(name)
    if entry is None and "/" not in name:
        near = near_names(name, [e.name for e in known() if e.repository])
        found = f"{name!r}" + (f" (did you mean {' or '.join(near)}?)" if near else "")
        raise ConfigError("name", "a model on the hub, owner/name", found)
    if entry is not None and entry.warning and not force:
        raise ModelError(name, "--force", f"a model to be warned of: {entry.warning}")
    remote = hub.look(
        entry.repository if entry else name, revision or (entry.revision if entry else "main"), endpoint=endpoint
    )
    own = store.installed_as(name)
    if own is not None and own.record.revision == remote.commit and not store.damage(own):
        return Installation(own, new=False)
    place = store.partial_directory(name)
    hub.download(remote, place, endpoint=endpoint)
    licence = entry.licence if entry else remote.licence or _UNSTATED
    try:
        (place / ".commit").unlink(missing_ok=True)
        origin = f"hub:{remote.repository}"
        final = _finish(place, Record(name, origin, remote.commit, "huggingface", licence, _now()))
    except ModelError:
        shutil.rmtree(place, ignore_errors=True)  # every byte is the hub's: to fetch them again would not help
        raise
    return Installation(Installed(final, store.read_record(final)), new=True)


def take(source: Path, name: str | None = None) -> Installation:
    """Install a local directory: Hugging Face, Marian-native or CTranslate2.

    Args:
        source: the directory; it is copied, and stays as it is.
        name: what to call the model; None is the directory's own name.

    Raises:
        UserError: when the directory is no model, cannot be used, or the name is wrong or taken.
    """
    from mt.models.imports import import_directory

    if not source.is_dir():
        raise InputError(source, "a model directory", "a file" if source.exists() else "nothing there")
    name = store.check_name(name or re.sub(r"[^\w.-]+", "-", source.resolve().name, flags=re.ASCII).strip("-._"))
    if store.directory_of(name).exists():
        raise ConfigError("name", "a name that is free (--name)", f"{name!r}, which is installed (mt models remove)")
    with store.scratch() as scratch:
        place = scratch / "model"
        kind = cast(Kind, import_directory(source, place))
        if (source / hub.CARD).is_file() and not (place / hub.CARD).exists():
            (place / hub.CARD).write_bytes(read_bytes(source / hub.CARD))
        entry = entry_of(name)
        licence = entry.licence if entry else _card_licence(place) or _UNSTATED
        final = _finish(place, Record(name, str(source.resolve()), "", kind, licence, _now()))
    return Installation(Installed(final, store.read_record(final)), new=True)


def _finish(place: Path, record: Record) -> Path:
    """Check what is in a directory, record its trial translations and hashes, and give it its name."""
    (place / store.RECORD).unlink(missing_ok=True)
    problems = verify(place)
    if problems:
        raise ModelError(record.name, "a model that can be used", problems[0].replace(f"{place}/", ""))
    trial = golden.record(place)
    values = {key: getattr(record, key) for key in ("name", "origin", "revision", "kind", "licence", "installed")}
    store.write_record(place, Record(**values, files=store.hash_files(place), golden=trial))
    return store.put(place, record.name)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _card_licence(directory: Path) -> str:
    """`license:` of the front matter of a model card, empty where there is none."""
    try:
        text = (directory / hub.CARD).read_text("utf-8", errors="replace")
    except OSError:
        return ""
    head = re.match(r"---\n(.*?)\n---", text, re.S)
    found = re.search(r"(?m)^license:[ \t]*[\"']?([\w .+-]+)", head[1]) if head else None
    return found[1].strip() if found else ""


@dataclass(frozen=True, slots=True)
class Check:
    """What `check` found.

    Attributes:
        name: the model.
        problems: files that are not what they were, or a model that cannot be used.
        differences: trial sentences that are not translated as recorded.
        compared: trial sentences that were.
    """

    name: str
    problems: tuple[str, ...]
    differences: tuple[str, ...] = ()
    compared: int = 0

    @property
    def verdict(self) -> Literal["whole", "damaged", "different"]:
        """`damaged`: files are; `different`: files are whole, translations are not as recorded."""
        return "damaged" if self.problems else "different" if self.differences else "whole"


def check(name: str) -> Check:
    """Files first, then loading, then trial sentences, compared with the recorded ones where there are any.

    Raises:
        ModelError: when there is no such model.
    """
    directory = find(name)
    problems = verify(directory)
    if problems:
        return Check(name, tuple(problems))
    record = record_of(directory)
    entry = next((e for e in known() if e.directory == directory), None)
    wanted = (record.golden if record else None) or (entry.golden if entry else None)
    try:
        if wanted is not None:
            return Check(name, (), tuple(golden.compare(directory, wanted)), len(wanted.answers))
        return Check(name, tuple(_trial(directory)))
    except UserError as e:
        return Check(name, (str(e),))


def check_all() -> list[Check]:
    """`check` of every model that is there; one that cannot even be found by its name is `damaged`."""
    names = dict.fromkeys([str(row["name"]) for row in records() if row["installed"]] + list(store.unreadable()))
    checks = []
    for name in names:
        try:
            checks.append(check(name))
        except UserError as e:
            checks.append(Check(name, (str(e),)))
    return checks


def _trial(directory: Path) -> list[str]:
    engine = open_model(str(directory.resolve()))
    with BatchTranslator(engine, DecodingOptions(beam_size=1)) as translator:
        hypotheses = list(translator.translate(_TRIAL))
    return [
        f"{directory}: expected a translation of {src}, found {' and '.join(h.flags)}"
        for src, h in zip(_TRIAL, hypotheses, strict=True)
        if h.failed
    ]


def pin(name: str | None) -> Path:
    """Make a model the one that `--model auto` takes, or none; the file that says so.

    Raises:
        ModelError: when there is no such model.
        ConfigError: for `auto` itself.
    """
    if name == AUTO:
        raise ConfigError("name", "a model", "auto, which is what is chosen without a pinned one (mt models unpin)")
    if name is not None:
        directory = find(name)
        if entry_of(name) is None and store.installed_as(name) is None:
            name = str(directory.resolve())  # a path means the same wherever the command is run
    return store.pin(name)


def drop(name: str) -> list[str]:
    """Remove an installed model, and its pin; a line for each thing that is gone.

    Raises:
        ModelError: when there is none of that name.
        ConfigError: for what is no name, or the embedded model.
        OutputError: when something cannot be removed.
    """
    gone = [f"removed {path}" for path in store.remove(name)]
    if not gone:
        raise ModelError(name, "an installed model", "none of that name", hint="mt models list")
    if store.pinned() == name:
        gone.append(f"not pinned any more in {store.pin(None)}")
    return gone
