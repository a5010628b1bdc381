"""Pictures of a report, taken with headless Chromium: the README's, and desktop/phone in light/dark to look at.

    python scripts/screenshots.py runs/article/report.html                     # writes docs/report.png
    python scripts/screenshots.py evaluation/report.html                       # a page of mt evaluate: writes docs/evaluate.png
    python scripts/screenshots.py corpus/report.html                           # a page of mt corpus build: writes docs/corpus.png
    python scripts/screenshots.py tuned.html                                   # a page of mt corpus tune --plot: writes docs/tune.png
    python scripts/screenshots.py runs/article/report.html --into pictures     # and pictures/{desktop,phone}-{light,dark}.png, print.pdf
    python scripts/screenshots.py view.html                                    # a page of mt align view: writes docs/align.png

Speaks the DevTools protocol over two pipes, with the standard library alone: widths below a window's minimum and the dark mode are emulated, not
hoped for. Ends with an error when the page is wider than its window anywhere.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# What a page's text holds → the README's picture of it, and what fits on that, in CSS px; the first that applies.
PAGES = (
    # a doubtful bead with its buttons, and what is around it
    ('id="beads"', DOCS / "align.png", (1280, 760)),
    # the verdict, what was checked, and the scores
    ('<body class="evaluation">', DOCS / "evaluate.png", (1280, 1500)),
    # the verdict, the funnel, sources, splits, and the first plots
    ('<body class="evaluation corpus">', DOCS / "corpus.png", (1100, 1500)),
    # noise by kind, and the first curves
    ('<body class="evaluation corpus tune">', DOCS / "tune.png", (1280, 1300)),
    # of a run: the verdict and the scores down to the lists of paragraphs
    ("", DOCS / "report.png", (1280, 1360)),
)
DESKTOP, PHONE = 1280, 390
PATIENCE = 60  # seconds
WIDTHS = (
    320,
    360,
    390,
    699,
    700,
    939,
    940,
    1280,
    1920,
)  # where a page could overflow: telephones and both sides of each breakpoint


class PictureError(Exception):
    """What the user must know, in one line."""


class Browser:
    """One headless browser with one tab; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if program is None:
            raise PictureError(f"no browser found: expected one of {', '.join(BROWSERS)} on the PATH")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        # The browser reads commands from descriptor 3 and answers on 4.
        command_out, command_in = os.pipe()
        answer_out, answer_in = os.pipe()

        def place() -> None:
            # moved out of the way first: 3 or 4 may be among the pipes' own numbers
            a, b = os.dup(command_out), os.dup(answer_in)
            spare = max(a, b, 9)
            os.dup2(a, spare + 1)
            os.dup2(b, spare + 2)
            os.dup2(spare + 1, 3)
            os.dup2(spare + 2, 4)

        self._process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self._profile.name}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(3, 4),
            preexec_fn=place,  # noqa: PLW1509 - this script has one thread
        )
        os.close(command_out)
        os.close(answer_in)
        self._commands, self._answers = os.fdopen(command_in, "wb"), os.fdopen(answer_out, "rb")
        self._buffer, self._count, self._session, self._events = b"", 0, "", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._session = ""
            self.call("Browser.close")
        except (PictureError, OSError):
            self._process.kill()
        self._process.wait(timeout=30)
        self._commands.close()
        self._answers.close()
        self._profile.cleanup()

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command and its answer; events that come in between are kept."""
        self._count += 1
        message: dict[str, object] = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while True:
            answer = self._receive()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise PictureError(f"{method}: {answer['error']['message']}")
                return answer.get("result", {})
            self._events.append(answer.get("method"))

    def open(self, page: Path) -> None:
        """Load a file and wait until it is drawn."""
        self._events.clear()
        self.call("Page.navigate", url=page.as_uri())
        while "Page.loadEventFired" not in self._events:
            self._events.append(self._receive().get("method"))
        self.settle()

    def settle(self) -> None:
        """Wait until fonts are there and two frames are drawn."""
        frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"
        self.value(f"document.fonts.ready.then(() => {frames})")

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives, promises awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise PictureError(f"the page's script failed: {answer['exceptionDetails']['text']}")
        return answer["result"].get("value")

    def window(self, width: int, height: int = 900, *, dark: bool = False, scale: float = 1) -> None:
        """Size in CSS pixels, colour scheme, and pixels of the picture for one CSS pixel."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 700,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """The window as a PNG, or the whole page."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        _save(path, data)

    def pdf(self, path: Path) -> None:
        """What a printer would get, on A4."""
        size = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
        _save(path, self.call("Page.printToPDF", **size)["data"])

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._answers], [], [], PATIENCE)[0]:
                raise PictureError(f"the browser gave no answer for {PATIENCE} s")
            block = os.read(self._answers.fileno(), 1 << 20)
            if not block:
                raise PictureError("the browser ended before it answered")
            self._buffer += block
        line, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(line))


def check_widths(browser: Browser, page: Path) -> None:
    """Raises PictureError at the first width at which the page would have to be scrolled sideways."""
    for width in WIDTHS:
        browser.window(width)
        browser.open(page)
        inner, needed = browser.value("[innerWidth, document.documentElement.scrollWidth]")
        if inner != width or needed > width:
            raise PictureError(
                f"{page}: expected a page of {width} px, found a window of {inner} px and a page of {needed} px"
            )


def is_alignment(page: Path) -> bool:
    """True for a page of `mt align view`."""
    return 'id="beads"' in page.read_text(encoding="utf-8")


def readme_picture(page: Path) -> tuple[Path, tuple[int, int]]:
    """Where the picture for the README goes, and its size."""
    text = page.read_text(encoding="utf-8")
    return next((picture, size) for said, picture, size in PAGES if said in text)


def press(browser: Browser, keys: str) -> None:
    """Keys as a person would press them, one after the other."""
    for key in keys:
        event = f"new KeyboardEvent('keydown', {{key: {json.dumps(key)}, bubbles: true, cancelable: true}})"
        browser.value(f"document.activeElement.dispatchEvent({event})")


def take(page: Path, readme: Path, into: Path | None) -> list[Path]:
    """All pictures; returns the files written."""
    written = [readme]
    with Browser() as browser:
        check_widths(browser, page)
        alignment = is_alignment(page)
        browser.window(*readme_picture(page)[1])
        browser.open(page)
        if alignment:
            press(browser, "jnnn")
            browser.value("document.querySelector('[aria-current]').scrollIntoView({block: 'center'})")
            browser.settle()
        browser.picture(readme)
        if into is None:
            return written
        for name, width, scale in (("desktop", DESKTOP, 1.0), ("phone", PHONE, 2.0)):
            for dark in (False, True):
                path = into / f"{name}-{'dark' if dark else 'light'}.png"
                browser.window(width, scale=scale, dark=dark)
                browser.open(page)
                height = min(browser.value("document.documentElement.scrollHeight"), 6000)
                browser.window(width, height, scale=scale, dark=dark)
                browser.settle()
                browser.picture(path)
                written.append(path)
        browser.window(DESKTOP, dark=True)  # a dark screen must not make a dark sheet of paper
        browser.open(page)
        browser.pdf(into / "print.pdf")
        written.append(into / "print.pdf")
    return written


def _save(path: Path, data: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="a report.html, or another page that mt made")
    parser.add_argument(
        "--readme", type=Path, help="the README's picture (default: docs/report.png, of other pages as above)"
    )
    parser.add_argument("--into", type=Path, help="directory for desktop/phone pictures in light/dark, and print.pdf")
    given = parser.parse_args()
    try:
        if not given.report.is_file():
            raise PictureError(f"{given.report}: expected a report.html, found no file")
        readme = given.readme or readme_picture(given.report)[0]
        for path in take(given.report.resolve(), readme, given.into):
            print(path)
    except (PictureError, OSError) as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
