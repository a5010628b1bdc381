"""Memory over time: synthetic lines, what a process holds, and `bench_translate.py --lines N`, the curve of `mt translate` over N lines."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

WORDS = """
父 母 兄 妹 先生 医者 店員 記者 市長 隣人 友人 社長 学生 画家 漁師 農家 弁護士 警官 作家 料理人
今朝 昨日 先週 去年 日曜日 三月 十二日 夕方 夜中 昼前 五年前 冬
駅 学校 病院 市場 公園 港 図書館 工場 村 会議室 空港 劇場 畑 橋の上 山小屋
本 手紙 古い地図 魚 自転車 時計 写真 薬 米 切符 絵 計画 新しい法律 機械 花 荷物 約束 報告書 鍵 橋
買った 見つけた 売った 忘れた 直した 運んだ 探していた 読んだ 断った 待っている 作り直した 褒めた
"""
WHO, WHEN, WHERE, WHAT, DID = (row.split() for row in WORDS.strip().splitlines())
GOAL_MB = 1500  # MB are 10⁶ bytes throughout
DIFFERENT, STRETCH, IN_STRETCH = 4000, 50_000, 40


def sentences(seed: int) -> Iterator[str]:
    """Short Japanese sentences without end, drawn from the 864,000 that the words above make."""
    draw = random.Random(seed)
    while True:
        who, when, where, what, did = map(draw.choice, (WHO, WHEN, WHERE, WHAT, DID))
        yield f"{who}は{when}、{where}で{what}を{did}。"


def repetitive(seed: int, count: int) -> Iterator[str]:
    """`count` lines of 4,000 different ones; 50,000 lines in a row draw from 40 of them, as logs and forms repeat themselves.

    Nearly all are so answered by deduplication: ten million lines take a machine minutes, and what is measured is the way around the decoder.
    """
    every = list(itertools.islice(dict.fromkeys(itertools.islice(sentences(seed), 2 * DIFFERENT)), DIFFERENT))
    draw = random.Random(seed)
    for number in range(count):
        if number % STRETCH == 0:
            some = draw.sample(every, IN_STRETCH)
        yield draw.choice(some)


def resident_mb(process: int | None = None) -> float:
    """What a process holds in memory, in MB; Linux only."""
    pages = int(Path(f"/proc/{process or os.getpid()}/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(count: int, model: str) -> list[dict[str, Any]]:
    """Pipe lines through `mt translate`, one in and one out, and print what the process holds on the way.

    Raises:
        SystemExit: when the command fails, or answers another number of lines.
    """
    print(
        f"{count:,} lines through `mt translate`, {DIFFERENT:,} different, {IN_STRETCH} of them in every {STRETCH:,}\n"
    )
    print(f"{'lines':>12} {'seconds':>9} {'MB':>8}", flush=True)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "mt", "translate", "--model", model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdin is not None and process.stdout is not None
        threading.Thread(target=_feed, args=(process.stdin, count), daemon=True).start()
        marks = {max(round(count * 10 ** (-i / 8)), 1) for i in range(25)} | {count * i // 20 for i in range(1, 20)}
        read = 0
        for read, _ in enumerate(process.stdout, 1):
            # the process is measured while it lives; the very last lines can come when it is gone already
            if read in marks and process.poll() is None and (resident := resident_mb(process.pid)):
                rows.append({"lines": read, "seconds": time.perf_counter() - began, "mb": resident})
                print(f"{read:12,} {rows[-1]['seconds']:9.1f} {resident:8.1f}", flush=True)
        code = process.wait()
        if read != count or code not in (0, 3):  # 3 = some are flagged, which here is no matter
            errors.seek(0)
            sys.exit(f"mt translate: exit code {code}, {read:,} of {count:,} lines: {errors.read().decode()[-500:]}")
    most = max(row["mb"] for row in rows)
    half = [row for row in rows if row["lines"] >= count / 2]
    slope = statistics.linear_regression([row["lines"] / 1e6 for row in half], [row["mb"] for row in half]).slope
    low, high = min(row["mb"] for row in half), max(row["mb"] for row in half)
    print(f"\nmost {most:,.0f} MB, goal under {GOAL_MB:,}: {'met' if most < GOAL_MB else 'missed'}")
    print(f"second half of the lines: {low:,.0f} to {high:,.0f} MB, fitted slope {slope:+.2f} MB a million lines")
    return rows


def _feed(stream: BinaryIO, count: int) -> None:
    try:
        for line in repetitive(1, count):
            stream.write(f"{line}\n".encode())
        stream.close()
    except BrokenPipeError:  # the other end failed, and says why itself
        pass
