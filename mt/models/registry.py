"""Which models there are: names → directories, what they are, whether they are whole, and opening them.

`registry.toml` beside this module lists the models known by name; `mt.models.store` holds those the user installed; any other MarianMT directory
is used by its path. `auto` is the model the user pinned, else the installed one with the best published score, else the starter.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mt.errors import ConfigError, InputError, ModelError
from mt.files import read_bytes, sha256
from mt.models import ready_ct2, store
from mt.models.engine import one_of
from mt.models.marian import WEIGHTS, MarianDirectory, read_directory
from mt.models.pieces import Pieces
from mt.models.store import Golden
from mt.models.weights import read_weights
from mt.protocols import Translator

_HERE = Path(__file__).resolve().parent
_REGISTRY = _HERE / "registry.toml"
ENGINES = ("ctranslate2", "transformers")
AUTO = "auto"
RANKED_BY = (
    "WMT21"  # the test set that says which of two models is better: news, and every known model was measured on it
)


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """What somebody measured: BLEU and chrF2 in percent over segments, None where not published."""

    set: str
    bleu: float | None
    chrf: float | None
    source: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model known by name.

    Attributes:
        name: what to call it by.
        directory: where it is, or None while it is not installed.
        repository: where it is on the hub; empty for the embedded one.
        revision: the branch, tag or commit to download by default.
        parameters: how many numbers it learned, tied ones once; None where not known.
        licence: what its weights may be used for.
        description: one sentence.
        good_for: what to use it for, and what not.
        warning: why it is not downloaded without being forced to; empty for most.
        src_lang: language it reads, ISO 639-1.
        tgt_lang: language it writes.
        scores: what was published of it.
        sha256: file name → what its bytes must hash to.
        golden: trial translations, where the project ships them.
    """

    name: str
    directory: Path | None
    repository: str
    revision: str
    parameters: int | None
    licence: str
    description: str
    good_for: str
    warning: str
    src_lang: str
    tgt_lang: str
    scores: tuple[PublishedScore, ...]
    sha256: tuple[tuple[str, str], ...]
    golden: Golden | None

    @property
    def rank(self) -> float | None:
        """Published chrF2 on WMT21, by which `auto` chooses; None where there is none, or a warning."""
        ranks = [score.chrf for score in self.scores if score.set == RANKED_BY]
        return ranks[0] if ranks and not self.warning else None


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that `auto` stands for.

    Attributes:
        name: its name, or the path that was pinned.
        directory: where it is.
        reason: why this one, for people.
    """

    name: str
    directory: Path
    reason: str


def known() -> tuple[ModelEntry, ...]:
    """All models known by name, in the registry's order.

    Raises:
        ModelError: when the registry itself is wrong.

    Example:
        >>> [entry.name for entry in known()][:2]
        ['starter', 'Helsinki-NLP/opus-mt-ja-en']
    """
    return tuple(_entry(row) for row in tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))["model"])


_TEXTS = ("name", "src_lang", "tgt_lang", "description", "good_for", "licence")
_MAYBE = {
    "directory": str,
    "repository": str,
    "revision": str,
    "warning": str,
    "parameters": int,
    "score": list,
    "sha256": dict,
    "golden": dict,
}


def _entry(row: Mapping[str, Any]) -> ModelEntry:
    name = str(row.get("name"))
    for key in _TEXTS:
        if not isinstance(row.get(key), str) or not row[key]:
            raise ModelError(_REGISTRY, f"{key} of {name}: text", repr(row.get(key)))
    for key, value in row.items():
        if key not in _TEXTS and not (key in _MAYBE and isinstance(value, _MAYBE[key])):
            raise ModelError(_REGISTRY, f"known keys of the right type in {name}", f"{key} = {value!r}")
    if ("directory" in row) == ("repository" in row):
        raise ModelError(_REGISTRY, f"a directory or a repository for {name}", "both or neither")
    golden = row.get("golden")
    return ModelEntry(
        **{key: row[key] for key in _TEXTS},
        directory=_place(row),
        repository=row.get("repository", ""),
        revision=row.get("revision", "main"),
        parameters=row.get("parameters"),
        warning=row.get("warning", ""),
        scores=tuple(_score(name, score) for score in row.get("score", ())),
        sha256=tuple(row.get("sha256", {}).items()),
        golden=Golden(golden["compute_type"], tuple((s, t) for s, t in golden["answers"])) if golden else None,
    )


def _score(name: str, raw: Mapping[str, Any]) -> PublishedScore:
    numbers = [raw.get(key) for key in ("bleu", "chrf")]
    right = all(n is None or (isinstance(n, float) and 0 <= n <= 100) for n in numbers)
    if not right or not raw.get("set") or not raw.get("source") or raw.keys() - {"set", "bleu", "chrf", "source"}:
        raise ModelError(_REGISTRY, f"set, source, and percents in every score of {name}", repr(dict(raw)))
    return PublishedScore(raw["set"], raw.get("bleu"), raw.get("chrf"), raw["source"])


def _place(row: Mapping[str, Any]) -> Path | None:
    """The directory of the embedded model, or of an installed one."""
    if "directory" in row:
        return path if (path := _HERE / row["directory"]).is_dir() else None
    try:
        path = store.directory_of(row["name"])
    except ConfigError as e:
        raise ModelError(_REGISTRY, e.expected, e.found) from None
    return path if (path / store.RECORD).is_file() else None


def entry_of(name: str) -> ModelEntry | None:
    """The registry's entry of that name, None when it has none.

    Example:
        >>> entry_of("starter").licence
        'research use; see NOTICE'
    """
    return next((entry for entry in known() if entry.name == name), None)


def choose() -> Choice:
    """The model that `auto` stands for: the pinned one, else the installed one with the best published score, else the starter.

    An installed model that the registry does not know is never chosen; it can be pinned.

    Raises:
        ConfigError: when a model is pinned that is not there.
    """
    name = store.pinned()
    if name is not None:
        try:
            if name != AUTO:
                return Choice(name, find(name), f"pinned in {store.config_file()}")
            raise ModelError(name, "a model", "auto")
        except ModelError:
            found = f"{name!r}, which is not there (mt models pull, mt models pin and mt models unpin change that)"
            raise ConfigError("model", "an installed model", found, path=store.config_file()) from None
    best: Choice | None = None
    high = 0.0
    for entry in known():
        if entry.directory is not None and entry.rank is not None and (best is None or entry.rank > high):
            high = entry.rank
            reason = f"the best installed by published score (chrF2 {high:g} on {RANKED_BY})"
            if entry.name == "starter":
                reason = "embedded; no better one is installed (mt models list)"
            best = Choice(entry.name, entry.directory, reason)
    if best is None:
        raise ModelError(_REGISTRY, "an embedded model", "none")
    return best


def find(name_or_path: str) -> Path:
    """The directory of a known or installed model, or the directory itself. A name wins; `./starter` is a path; `auto` is `choose`.

    Raises:
        ModelError: when it is none of them, with the names that are near, or how to install it.
        ConfigError: when it is `auto` and a model is pinned that is not there.

    Example:
        >>> find("starter").name
        'starter'
    """
    if name_or_path == AUTO:
        return choose().directory
    entries = known()
    try:
        path = Path(name_or_path).expanduser()
    except RuntimeError:  # ~somebody who is not there
        path = Path(name_or_path)
    for entry in entries:
        if entry.directory is not None and (entry.name == name_or_path or _same(entry.directory, path)):
            return entry.directory
    if (own := store.installed_as(name_or_path)) is not None:
        return own.directory
    if name_or_path and path.is_dir():
        return path
    raise _unknown(name_or_path, path, entries)


def _unknown(asked: str, path: Path, entries: tuple[ModelEntry, ...]) -> ModelError:
    entry = next((e for e in entries if e.name == asked), None)
    if entry is not None:
        hint = f"mt models pull {asked}" if not entry.directory else ""
        return ModelError(asked, "an installed model", "a known one that is not installed", hint=hint)
    names = [e.name for e in entries] + [one.record.name for one in store.installed()]
    found = "a file" if asked and path.exists() else "nothing of that name"
    near = near_names(asked, names)
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    listed = ", ".join(dict.fromkeys(name for name in names if name != asked))
    return ModelError(asked or "''", f"a known model ({listed}) or a model directory", found, hint=hint)


def near_names(asked: str, names: list[str]) -> list[str]:
    """At most two names that look like what was asked for, with or without the owner.

    Example:
        >>> near_names("fugumt-ja-en", ["starter", "staka/fugumt-ja-en"])
        ['staka/fugumt-ja-en']
    """
    by_form = {form.lower(): name for name in names for form in (name, name.rpartition("/")[2])}
    if asked.lower() in by_form:
        return [by_form[asked.lower()]]
    close = difflib.get_close_matches(asked.lower(), by_form, n=4, cutoff=0.7)
    return list(dict.fromkeys(by_form[form] for form in close))[:2]


def read_model(directory: Path) -> MarianDirectory:
    """Settings and vocabularies of a model, be it in Hugging Face or in CTranslate2 format.

    Raises:
        ModelError: naming the first file that is missing, corrupt or not supported.
    """
    return ready_ct2.read(directory) if ready_ct2.is_ready(directory) else read_directory(directory)


def verify(directory: Path) -> list[str]:
    """What is wrong with a model directory, one line a problem; an empty list when nothing is.

    Every file of a known or installed model must have its recorded hash. Any directory must hold a MarianMT model that can be used: settings,
    vocabularies, sentencepiece models, every tensor with its shape, finite numbers. Nothing is decoded.

    Example:
        >>> verify(find("starter"))
        []
    """
    problems = [p for entry in known() if _same(entry.directory, directory) for p in _hash_problems(entry, directory)]
    try:
        if (directory / store.RECORD).is_file():
            problems += store.damage(store.Installed(directory, store.read_record(directory)))
        read = read_model(directory)
        Pieces(read)
        if not ready_ct2.is_ready(directory):
            read_weights(read)
    except ModelError as e:
        problems.append(str(e))
    return problems


def open_model(
    name_or_path: str,
    *,
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2",
    compute_type: str = "auto",
    device: str = "auto",
    threads: int = 0,
    intra_threads: int = 0,
    every_script: bool = False,
) -> Translator:
    """Load a model.

    Args:
        name_or_path: a known or installed model, `auto`, or a MarianMT directory.
        engine: `ctranslate2`, or `transformers` from the extra `train`.
        compute_type: precision; `auto` is int8 on a CPU and float16 on a GPU, float32 with transformers.
        device: `auto` (a GPU where there is one), `cpu` or `cuda`.
        threads: on a CPU: workers of ctranslate2, each with a batch of its own, or threads of torch. 0 = one a core.
        intra_threads: on a CPU: threads of a worker of ctranslate2; 0 = one (`open_ct2` says why).
        every_script: let a model write pieces that its target language is not written with, too; slower, see `mt.models.written`. One in
            CTranslate2 format always may.

    Raises:
        ModelError: when there is no such model, or it is corrupt or not supported.
        ConfigError: when engine, device or compute type are not to be had here.
        UserError: when the engine is not installed.
    """
    one_of("engine", engine, ENGINES)
    directory = find(name_or_path)
    if engine == "transformers":
        if ready_ct2.is_ready(directory):
            raise ModelError(
                directory, f"{WEIGHTS}, which the engine transformers reads", "a model in CTranslate2 format"
            )
        from mt.models.marian_torch import open_torch

        dtype = "float32" if compute_type == "auto" else compute_type
        return open_torch(directory, device=device, dtype=dtype, threads=threads, every_script=every_script)
    if ready_ct2.is_ready(directory):
        return ready_ct2.open_ready(
            directory, compute_type=compute_type, device=device, threads=threads, intra_threads=intra_threads
        )
    from mt.models.marian_ct2 import open_ct2

    return open_ct2(
        directory,
        compute_type=compute_type,
        device=device,
        inter_threads=threads,
        intra_threads=intra_threads,
        every_script=every_script,
    )


def _same(one: Path | None, other: Path) -> bool:
    return one is not None and one.resolve() == other.resolve()


def _hash_problems(entry: ModelEntry, directory: Path) -> list[str]:
    problems = []
    for name, expected in entry.sha256:
        path = directory / name
        try:
            found = sha256(read_bytes(path))
        except InputError as e:
            problems.append(str(e))
            continue
        if found != expected:
            problems.append(f"{path}: expected sha256 {expected[:12]}…, found {found[:12]}…")
    return problems
