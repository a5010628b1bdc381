r"""SubRip subtitles → one segment a subtitle, with its times.

7
00:00:05,000 --> 00:00:07,250
- Where is the cat?
- <i>On the mat.</i>
"""

from __future__ import annotations

import re
from pathlib import Path

from mt.bitext.stream import lines
from mt.bitext.testsets import Stream
from mt.errors import InputError

_TIME = r"(\d{1,3}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(\s.*)?\Z")
_TAG = re.compile(r"</?(?:[biu]|font|c)\b[^<>]*>|\{\\[^{}]*\}", re.I)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")


def read_srt(path: Path) -> Stream:
    """Subtitles in the order of the file; lines of one are joined, with a space unless both ends are Japanese; formatting tags are left out.

    Numbers are not looked at, since many programs write them wrong. A subtitle without text is an empty segment.

    Raises:
        InputError: for text before the first times, times that end before they begin, or a file without a subtitle.
    """
    found: list[list[str]] = []
    times: list[tuple[int, int]] = []
    rows = list(lines(path))
    for number, line in enumerate(rows, 1):
        if match := _TIMES.match(line):
            start, end = _milliseconds(match, 1), _milliseconds(match, 5)
            if end < start:
                raise InputError(path, "an end behind its start", line.strip(), line=number)
            if found and found[-1] and found[-1][-1].strip().isdigit():
                found[-1].pop()  # the number of this subtitle
            found.append([])
            times.append((start, end))
        elif found:
            found[-1].append(line)
        elif line.strip() and not line.strip().isdigit():
            raise InputError(path, "times such as 00:00:05,000 --> 00:00:07,250", repr(line[:60]), line=number)
    if not found:
        raise InputError(path, "subtitles", "none")
    return Stream(tuple(_joined(block) for block in found), times=tuple(times))


def _joined(block: list[str]) -> str:
    text = ""
    for line in (_TAG.sub("", one).strip() for one in block):
        space = "" if not text or not line or (_UNSPACED.match(text[-1]) and _UNSPACED.match(line[0])) else " "
        text += space + line if line else ""
    return text


def _milliseconds(match: re.Match[str], group: int) -> int:
    hours, minutes, seconds = (int(match[group + k]) for k in range(3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(match[group + 3].ljust(3, "0"))
