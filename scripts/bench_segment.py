"""Japanese sentence segmentation beside its peers: boundary precision, recall, F1, and characters per second.

    python scripts/bench_segment.py [--data ../shared/data/segmentation-ja] [--peers DIR] [--repeats 5]

A boundary is the number of non-white characters before it, inside a paragraph; the end of the paragraph is not counted. The peers (pysbd,
sentencex, ja-sentence-segmenter, bunkai) are installed for this comparison into an environment of their own, in DIR or beside the cache. Each
runs in a process of its own over the same paragraphs; the time is the median of the repeats, loading not counted.

Many borders of the Kyoto paragraphs are arbitrary: items of lists and tables run together without any mark (`地獄道（…）│餓鬼道（…）`), which no
splitter of running text can or should find. They are counted, and the second F1 sets them aside: borders without one of 。．.！？!?… (with closing
brackets) before them.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

from mt.files import cache_directory
from mt.text import ja

ROOT = Path(__file__).resolve().parents[1]
PEERS = {
    "pysbd": "import pysbd; s = pysbd.Segmenter(language='ja', clean=False); split = s.segment",
    "sentencex": "from sentencex import segment; split = lambda t: list(segment('ja', t))",
    "ja-sentence-segmenter": (
        "import functools\n"
        "from ja_sentence_segmenter.common.pipeline import make_pipeline\n"
        "from ja_sentence_segmenter.concatenate.simple_concatenator import concatenate_matching\n"
        "from ja_sentence_segmenter.split.simple_splitter import split_newline, split_punctuation\n"
        "p = functools.partial(split_punctuation, punctuations=r'。！？!?')\n"
        "f = make_pipeline(split_newline, p)\n"
        "split = lambda t: list(f(t))"
    ),
    "bunkai": "from bunkai import Bunkai; b = Bunkai(); split = lambda t: list(b(t.replace('\\n', '\\u2581')))",
}
WORKER = """
import json, sys, time, statistics
{setup}
texts, repeats = json.load(sys.stdin)
answers = [split(t) for t in texts]
seconds = []
for _ in range(repeats):
    begin = time.perf_counter()
    for t in texts:
        split(t)
    seconds.append(time.perf_counter() - begin)
print("\\n" + json.dumps([answers, statistics.median(seconds)]))
"""
MARKED = re.compile(r"[。｡．.！？!?…‥][」』）)】\]”’\"]*\Z")
Paragraphs = list[tuple[str, list[str]]]


def kyoto(folder: Path) -> Paragraphs:
    rows = (folder / "kyoto_paragraphs_dev.jsonl").read_text("utf-8").splitlines()
    return [(r["text"], r["sentences"]) for r in map(json.loads, rows)]


def bunkai_sample(folder: Path) -> Paragraphs:
    lines = (folder / "bunkai_sample.gold.txt").read_text("utf-8").split("\n")
    marked = [line.replace("▁", "\n") for line in lines if line.strip()]
    return [(line.replace("│", ""), line.split("│")) for line in marked]


def bunkai_lines(folder: Path) -> Paragraphs:
    found = []
    for row in map(json.loads, (folder / "bunkai_annotated_linebreak.jsonl").read_text("utf-8").splitlines()):
        text, last, sentences = row["text"], 0, []
        for _, end, _ in row["labels"]:
            sentences.append(text[last:end])
            last = end
        sentences.append(text[last:])
        found.append((text.replace("▁", "\n"), [s.replace("▁", "\n") for s in sentences if s]))
    return found


def pysbd_golden(folder: Path) -> Paragraphs:
    rows = json.loads((folder / "pysbd_ja_golden.json").read_text("utf-8"))
    return [(r["text"], r["sentences"]) for r in rows]


SETS: dict[str, Callable[[Path], Paragraphs]] = {
    "kyoto": kyoto,
    "bunkai sample": bunkai_sample,
    "bunkai lines": bunkai_lines,
    "pysbd golden": pysbd_golden,
}


def boundaries(sentences: list[str]) -> set[int]:
    found, length = set(), 0
    for sentence in sentences:
        length += sum(not c.isspace() and c != "▁" for c in sentence)
        found.add(length)
    return found - {length, 0}


def marked(text: str, at: int) -> bool:
    bare = "".join(text.split())
    return bool(MARKED.search(bare[max(0, at - 8) : at]))


def measure(gold: Paragraphs, answers: list[list[str]], *, only_marked: bool) -> tuple[float, float, float]:
    hit = extra = missed = 0
    for (text, sentences), answer in zip(gold, answers, strict=True):
        wanted, found = boundaries(sentences), boundaries(answer)
        if only_marked:
            wanted = {at for at in wanted if marked(text, at)}
            found = {at for at in found if at in wanted or marked(text, at) or at not in boundaries(sentences)}
        hit, extra, missed = hit + len(wanted & found), extra + len(found - wanted), missed + len(wanted - found)
    return (
        100 * hit / max(hit + extra, 1),
        100 * hit / max(hit + missed, 1),
        200 * hit / max(2 * hit + extra + missed, 1),
    )


def changed(texts: list[str], answers: list[list[str]]) -> int:
    """Paragraphs whose characters, white space aside, are not all there in order."""
    bare = ["".join(c for c in t if not c.isspace() and c != "▁") for t in texts]
    joined = ["".join(c for s in a for c in s if not c.isspace() and c != "▁") for a in answers]
    return sum(a != b for a, b in zip(bare, joined, strict=True))


def ours(texts: list[str], repeats: int) -> tuple[list[list[str]], float]:
    answers = [[t[a:b] for a, b in ja.split(t)] for t in texts]
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for text in texts:
            [text[a:b] for a, b in ja.split(text)]
        seconds.append(time.perf_counter() - begin)
    return answers, statistics.median(seconds)


def python_of(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making {folder} for the peers", file=sys.stderr)
        venv.create(folder, with_pip=True)
    return python


def peer(name: str, python: Path, texts: list[str], repeats: int) -> tuple[list[list[str]], float]:
    probe = subprocess.run([python, "-m", "pip", "show", "-q", name], capture_output=True, check=False)
    if probe.returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", name], check=True, capture_output=True)
    code = WORKER.format(setup=PEERS[name])
    done = subprocess.run(
        [python, "-c", code], input=json.dumps([texts, repeats]), capture_output=True, text=True, check=True
    )
    answers, seconds = json.loads(done.stdout.splitlines()[-1])
    return answers, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "segmentation-ja")
    parser.add_argument("--peers", "--peers-venv", type=Path, default=cache_directory() / "bench-segment")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data}: expected the segmentation sets, found nothing there")
    sets: dict[str, Paragraphs] = {}
    for name, read in SETS.items():
        try:
            sets[name] = read(options.data)
        except FileNotFoundError as e:
            print(f"{name}: left out: expected {e.filename}, found nothing there", file=sys.stderr)
    if not sets:
        sys.exit(f"{options.data}: expected at least one of {', '.join(SETS)}, found none")
    whole = [row for rows in sets.values() for row in rows]
    texts = [text for text, _ in whole]
    size = sum(map(len, texts))
    systems: dict[str, tuple[list[list[str]], float]] = {"kakehashi": ours(texts, options.repeats)}
    for name in PEERS:
        try:
            systems[name] = peer(name, python_of(options.peers), texts, options.repeats)
        except (subprocess.CalledProcessError, OSError) as e:
            reason = getattr(e, "stderr", "") or str(e)
            text = reason if isinstance(reason, str) else reason.decode("utf-8", "replace")
            print(f"{name}: left out: {text.strip().splitlines()[-1]}", file=sys.stderr)
    report(sets, systems, size)


def report(sets: dict[str, Paragraphs], systems: dict[str, tuple[list[list[str]], float]], size: int) -> None:
    whole = [row for rows in sets.values() for row in rows]
    texts = [text for text, _ in whole]
    rows = sets.get("kyoto", [])
    bare = sum(not marked(t, at) for t, s in rows for at in boundaries(s))
    total = sum(len(boundaries(s)) for _, s in rows)
    print(
        f"{len(texts)} paragraphs, {size:,} characters; {bare} of {total} Kyoto borders stand behind no mark at all\n"
    )
    print(f"{'':22} {'P':>6} {'R':>6} {'F1':>6} {'F1 marked':>10} {'chars/s':>12} {'ours is':>9} {'damaged':>8}")
    for title, rows in [("all", whole), *sets.items()]:
        print(title)
        first = 0 if title == "all" else whole.index(rows[0])
        for name, (answers, seconds) in systems.items():
            part = answers[first : first + len(rows)]
            p, r, f = measure(rows, part, only_marked=False)
            f_marked = measure(rows, part, only_marked=True)[2]
            line = f"  {name:20} {p:6.1f} {r:6.1f} {f:6.1f} {f_marked:10.1f}"
            if title == "all":
                ratio = seconds / systems["kakehashi"][1]
                line += f" {size / seconds:12,.0f} {ratio:8.1f}x {changed(texts, answers):8}"
            print(line)


if __name__ == "__main__":
    main()
