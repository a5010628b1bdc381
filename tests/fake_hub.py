"""A hub on this machine that speaks the few requests of Hugging Face's protocol that a download needs, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin", ".spm")  # kept as LFS on the real hub: their hash is SHA-256, of others git's


def commit_of(files: dict[str, bytes]) -> str:
    """Forty digits that change with the content."""
    return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


@dataclass
class FakeHub:
    """Use in a `with` block; `url` is its address.

    Attributes:
        repositories: owner/name → revision → file name → bytes.
        cut: file name → bytes after which its next transfer breaks off; after that the hub answers 503 to downloads until `cut` is cleared.
        lies: file name → a hash announced instead of the right one.
        refuse: owner/name → status of every answer: 401, 403, 500.
        ignore_ranges: whole files are sent whatever was asked for.
        log: method, path and range of every request.
    """

    repositories: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    lies: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, int] = field(default_factory=dict)
    ignore_ranges: bool = False
    log: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def add(self, repository: str, directory: Path, revision: str = "main", **more: bytes) -> dict[str, bytes]:
        """A directory's files as a revision."""
        files = {p.name: p.read_bytes() for p in directory.iterdir()} | {
            k.replace("__", "."): v for k, v in more.items()
        }
        self.repositories.setdefault(repository, {})[revision] = files
        return files

    def downloads(self) -> list[tuple[str, str]]:
        """File and range of every download asked for so far."""
        return [
            (path.rpartition("/")[2], span)
            for method, path, span in self.log
            if method == "GET" and "/resolve/" in path
        ]

    def __enter__(self) -> FakeHub:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # headers and body are two small writes; waiting for the other side takes 40 ms each time
    )

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.log.append((self.command, path, self.headers.get("Range", "")))
        found = re.fullmatch(r"(?:/api/models)?/([^/]+/[^/]+)/(revision|refs|resolve)(?:/(.+))?", path)
        repository, what, rest = (found[1], found[2], found[3] or "") if found else ("", "", "")
        if repository in self.hub.refuse:
            status = self.hub.refuse[repository]
            self._error(status, {403: "GatedRepo"}.get(status, ""))
        elif repository not in self.hub.repositories:
            self._error(404, "RepoNotFound")
        elif what == "refs":
            self._json(self._refs(self.hub.repositories[repository]))
        else:
            revision, name = (rest, "") if what == "revision" else (rest.rpartition("/")[0], rest.rpartition("/")[2])
            files = self._revision(self.hub.repositories[repository], revision)
            if files is None:
                self._error(404, "RevisionNotFound")
            elif what == "revision":
                self._json(self._info(repository, files))
            elif name not in files:
                self._error(404, "EntryNotFound")
            else:
                self._file(name, files, body=body)

    @staticmethod
    def _revision(revisions: dict[str, dict[str, bytes]], asked: str) -> dict[str, bytes] | None:
        return revisions.get(asked) or next((f for f in revisions.values() if commit_of(f) == asked), None)

    @staticmethod
    def _refs(revisions: dict[str, dict[str, bytes]]) -> dict[str, object]:
        requests = [
            {"name": r, "ref": r, "targetCommit": commit_of(f)}
            for r, f in revisions.items()
            if r.startswith("refs/pr/")
        ]
        return {"branches": [], "converts": [], "tags": [], "pullRequests": requests}

    def _info(self, repository: str, files: dict[str, bytes]) -> dict[str, object]:
        siblings = []
        for name, data in files.items():
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            row: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": self.hub.lies.get(name, git)}
            if name.endswith(LARGE):
                digest = self.hub.lies.get(name, hashlib.sha256(data).hexdigest())
                row["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
            siblings.append(row)
        card = {"license": "cc-by-4.0"} if "README.md" in files else None
        return {"id": repository, "sha": commit_of(files), "siblings": siblings, "cardData": card, "tags": []}

    def _file(self, name: str, files: dict[str, bytes], *, body: bool) -> None:
        data = files[name]
        if body and self.hub.broken:
            self._error(503, "")
            return
        start = 0
        if (span := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))) and not self.hub.ignore_ranges:
            start = int(span[1])
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", commit_of(files))
        self.send_header("X-Linked-Size", str(len(data)))
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if body and name in self.hub.cut:
            self.wfile.write(data[start : self.hub.cut[name]])
            self.wfile.flush()
            self.hub.broken = self.close_connection = True
        elif body:
            self.wfile.write(data[start:])

    def _json(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _error(self, status: int, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()
