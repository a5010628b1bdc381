"""Downloads from a hub that speaks Hugging Face's protocol: the only place of this program that touches the network.

Everything goes through `huggingface_hub`, so HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and the proxy variables mean what they mean everywhere.
The order: what the revision holds (a commit, its files, their sizes and hashes); then config.json, which must be of a Marian model; then the
small files; then the weights. Each file is fetched into a directory that outlives an interruption, beginning where it ended the last time, and
is checked against the hub's own hash. Pickled weights are never fetched.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mt.errors import ModelError, MTError, OutputError, UserError
from mt.files import make_directory, sha256_file
from mt.models.marian import (
    CONFIG,
    GENERATION,
    SOURCE_SPM,
    TARGET_SPM,
    TARGET_VOCABULARY,
    VOCABULARY,
    WEIGHTS,
)

CARD = "README.md"
_NEEDED = (
    CONFIG,
    VOCABULARY,
    SOURCE_SPM,
    TARGET_SPM,
    WEIGHTS,
)  # in the order of download, config.json first, the weights last
_WELCOME = (GENERATION, TARGET_VOCABULARY, "tokenizer_config.json", CARD)
_SECONDS = 30.0  # until the hub must have begun to answer
_DISK = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_HTTP = ("httpx", "httpx2", "httpcore", "requests", "urllib3")
_PROPOSALS = 20  # pull requests looked through for weights as safetensors


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub.

    Attributes:
        name: as the repository calls it.
        size: bytes, 0 where the hub does not say.
        digest: 64 digits: SHA-256; 40: git's SHA-1 of a blob; empty: the hub says none.
    """

    name: str
    size: int
    digest: str

    def is_at(self, path: Path) -> bool:
        """Whether a file on disk is this one."""
        if not path.is_file() or (self.size and path.stat().st_size != self.size):
            return False
        if len(self.digest) == 64:
            return sha256_file(path) == self.digest
        if len(self.digest) == 40:
            data = path.read_bytes()
            return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == self.digest
        return True


@dataclass(frozen=True, slots=True)
class Remote:
    """What a revision of a repository holds.

    Attributes:
        repository: owner/name.
        asked: the branch, tag, pull request or commit that was asked for.
        commit: what it stands for now, 40 hexadecimal digits.
        licence: as the model card says, empty where it does not.
        files: the files to download, in order.
    """

    repository: str
    asked: str
    commit: str
    licence: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def look(repository: str, revision: str = "main", *, endpoint: str | None = None) -> Remote:
    """What there is to download; nothing is downloaded.

    Args:
        repository: owner/name.
        revision: branch, tag, `refs/pr/N` or commit.
        endpoint: address of the hub; None is HF_ENDPOINT, or Hugging Face's.

    Raises:
        UserError: when huggingface_hub is not installed, or the hub cannot be reached.
        ModelError: when there is no such repository or revision, access is refused, or it holds no weights as safetensors.
    """
    api = _library().HfApi(endpoint=endpoint)
    with _said(_Place(repository, revision, api.endpoint)):
        info = api.model_info(repository, revision=revision, files_metadata=True, timeout=_SECONDS)
    held = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    place = f"{repository}@{revision}"
    if WEIGHTS not in held:
        raise _no_safetensors(api, repository, revision, held)
    for name in _NEEDED:
        if name not in held:
            raise ModelError(place, f"a Marian model with the file {name}", "none of that name")
    order = [CONFIG, *(name for name in _WELCOME if name in held), *_NEEDED[1:]]
    files = tuple(RemoteFile(name, int(held[name].size or 0), _digest(held[name])) for name in order)
    card = info.card_data or {}
    licence = card.get("license") or ""
    return Remote(repository, revision, str(info.sha), licence if isinstance(licence, str) else "", files)


def _digest(sibling: Any) -> str:
    lfs = sibling.lfs
    digest = (lfs.get("sha256") if isinstance(lfs, dict) else getattr(lfs, "sha256", None)) if lfs else sibling.blob_id
    return str(digest or "")


def _no_safetensors(api: Any, repository: str, revision: str, held: dict[str, Any]) -> ModelError:
    """Names a revision that has them, when the repository's pull requests have one: Hugging Face's converter leaves its work there."""
    place = f"{repository}@{revision}"
    pickled = sorted(name for name in held if name.endswith((".bin", ".pt", ".ckpt")))
    if not pickled:
        found = ", ".join(sorted(held)[:5]) or "no files"
        return ModelError(place, f"weights as {WEIGHTS}", found)
    better = ""
    with contextlib.suppress(Exception):  # a hint; that it cannot be had is no other error than the one at hand
        requests = api.list_repo_refs(repository, include_pull_requests=True).pull_requests or []
        newest = sorted(requests, key=lambda request: int(request.ref.rpartition("/")[2]), reverse=True)
        for request in newest[:_PROPOSALS]:
            info = api.model_info(repository, revision=request.ref, timeout=_SECONDS)
            if WEIGHTS in {sibling.rfilename for sibling in info.siblings or ()}:
                better = request.ref
                break
    why = "pickled weights can run programs and are not read"
    if better:
        hint = f"{why}; the revision {better} has safetensors: mt models pull {repository}@{better}"
    else:
        hint = (
            f"{why}; no pull request of the repository has safetensors. Convert it where you trust it "
            "(transformers: MarianMTModel.from_pretrained(…).save_pretrained(…)), then mt models import DIR"
        )
    return ModelError(place, f"weights as {WEIGHTS}", f"only {', '.join(pickled)}", hint=hint)


def download(remote: Remote, into: Path, *, endpoint: str | None = None) -> None:
    """Fetch every file into a directory; what an earlier call left there is used.

    A bar shows how far each file is where standard error is a terminal.

    Args:
        remote: of `look`.
        into: made when it is not there; it holds whole files, and one `.part` after an interruption.
        endpoint: as in `look`.

    Raises:
        UserError: when the hub cannot be reached or the connection breaks.
        ModelError: when config.json is not of a Marian model, or a file has another hash than the hub says.
        OutputError: when the disk is full or cannot be written.
    """
    make_directory(into)
    _forget_other_commit(into, remote)
    for file in remote.files:
        path = into / file.name
        if not file.is_at(path):
            _fetch(remote, file, path, endpoint)
        if file.name == CONFIG:
            _check_config(path, remote)


def _forget_other_commit(into: Path, remote: Remote) -> None:
    """Pieces of different commits do not fit together."""
    mark = into / ".commit"
    try:
        if not mark.exists() or mark.read_text("utf-8") != remote.commit:
            for path in into.iterdir():
                path.unlink()
            mark.write_text(remote.commit, encoding="utf-8")
    except OSError as e:
        raise OutputError(into, e.strerror or type(e).__name__) from None


def _fetch(remote: Remote, file: RemoteFile, path: Path, endpoint: str | None) -> None:
    hub = _library()
    from huggingface_hub.file_download import http_get

    part = path.with_name(f"{file.name}.part")
    if file.digest and file.is_at(part):  # interrupted between the last byte and the rename
        part.replace(path)
        return
    base = endpoint or hub.constants.ENDPOINT
    url = hub.hf_hub_url(remote.repository, file.name, revision=remote.commit, endpoint=endpoint)
    with _said(_Place(remote.repository, remote.asked, base, file.name)), _bars_on_a_terminal():
        if hub.constants.HF_HUB_OFFLINE:
            raise hub.errors.OfflineModeIsEnabled("HF_HUB_OFFLINE")
        part.touch()
        # not "ab": where a hub ignores the range, the library begins anew by cutting the file off, and goes on where it then stands
        with part.open("r+b") as out:
            have = out.seek(0, os.SEEK_END)
            if file.size and have >= file.size:
                have = out.truncate(out.seek(0))
            http_get(
                url,
                out,
                resume_size=have,
                headers=hub.utils.build_hf_headers(),
                expected_size=file.size or None,
                displayed_filename=file.name,
            )
    if not file.is_at(part):
        found = f"sha256 {sha256_file(part)[:12]}…" if len(file.digest) == 64 else "others"
        part.unlink()
        expected = f"the bytes that the hub announced ({file.digest[:12]}…)"
        raise ModelError(f"{remote.repository}/{file.name}", expected, found, hint="what came was removed; try again")
    part.replace(path)


def _check_config(path: Path, remote: Remote) -> None:
    try:
        kind = json.loads(path.read_bytes()).get("model_type")
    except (OSError, ValueError, AttributeError):
        kind = "something that is no JSON object"
    if kind != "marian":
        raise ModelError(f"{remote.repository}/{CONFIG}", 'model_type "marian"', repr(kind))


def _library() -> Any:
    """huggingface_hub with what is used of it."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ImportError as e:
        missing = f"downloading needs the package {e.name or 'huggingface_hub'}, which is not installed"
        raise UserError(f"{missing}: pip install 'kakehashi[hub]'") from None
    return huggingface_hub


@contextlib.contextmanager
def _bars_on_a_terminal() -> Iterator[None]:
    """The library's progress bars where somebody sees them, and its warnings never: every failure has its own line here."""
    from huggingface_hub.utils import logging

    utils, level = _library().utils, logging.get_verbosity()
    hide = not sys.stderr.isatty() and not utils.are_progress_bars_disabled()
    logging.set_verbosity(50)
    if hide:
        utils.disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if hide:
            utils.enable_progress_bars()


@dataclass(frozen=True, slots=True)
class _Place:
    """What was being asked for, for messages."""

    repository: str
    revision: str
    endpoint: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.repository}/{self.name}" if self.name else self.repository


@contextlib.contextmanager
def _said(place: _Place) -> Iterator[None]:
    """Turns what the library raises into one clear line."""
    errors = _library().errors
    try:
        yield
    except MTError:
        raise
    except Exception as e:
        known = _refusal(errors, e, place) or _failure(errors, e, place)
        if known is None:
            raise
        raise known from None


def _refusal(errors: Any, e: Exception, place: _Place) -> ModelError | None:
    """The hub answered, and does not give what was asked for."""
    status = getattr(getattr(e, "response", None), "status_code", None)
    if isinstance(e, errors.GatedRepoError) or status == 403:
        hint = "accept its terms on its page on the hub, and set HF_TOKEN"
        return ModelError(str(place), "a repository that anybody may read", f"a gated one (HTTP {status})", hint=hint)
    if isinstance(e, errors.RevisionNotFoundError):
        where = f"{place.repository}@{place.revision}"
        return ModelError(where, "a branch, tag, refs/pr/N or commit", "no such revision")
    if isinstance(e, errors.RepositoryNotFoundError) or status in (401, 404):
        hint = "if it is private, set HF_TOKEN" if status == 401 else "is the name right?"
        what = "such a file" if place.name else "such a repository"
        return ModelError(str(place), f"{what} on {place.endpoint}", f"none (HTTP {status})", hint=hint)
    if isinstance(e, errors.HFValidationError):
        return ModelError(str(place), "owner/name", repr(place.repository))
    return None


def _failure(errors: Any, e: Exception, place: _Place) -> UserError | None:
    """The hub could not be asked, or what it sent could not be kept."""
    if isinstance(e, errors.OfflineModeIsEnabled):
        hint = "unset it, or fetch the directory elsewhere and use mt models import"
        return UserError(f"{place}: expected a network, found HF_HUB_OFFLINE set; {hint}")
    if isinstance(e, OSError) and e.errno in _DISK:
        return OutputError(e.filename or str(place), e.strerror or type(e).__name__)
    status = getattr(getattr(e, "response", None), "status_code", None)
    answer = f"{place}: expected an answer of {place.endpoint}"
    if status is not None:
        return UserError(f"{answer}, found HTTP {status}; what came before is kept, try again later")
    # connection errors come from whichever HTTP library this version of huggingface_hub uses
    if isinstance(e, OSError) or type(e).__module__.partition(".")[0] in _HTTP:
        reason = next((line.strip() for line in str(e).splitlines() if line.strip()), type(e).__name__)
        hint = "what came before is kept; is there a network? HF_ENDPOINT and the proxy variables are respected"
        return UserError(f"{answer}, found {type(e).__name__} ({reason}); {hint}")
    return None
