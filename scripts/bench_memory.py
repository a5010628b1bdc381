"""Speed of the translation memory, beside bare `sqlite3` reading the same rows.

    scripts/bench_memory.py --records 1000000        # a file of about 350 MB in a temporary directory

Sentences are made up of a few words, which is hard for the index of trigrams: nearly all of them are common.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mt.signature import Signature
from mt.translate import similar, upkeep
from mt.translate.memory import Memory, Record, key
from mt.types import Hypothesis

WHO = ["首相", "財務相", "日銀", "政府", "同社", "市長", "専門家", "警察", "気象庁", "大統領"]
WHAT = ["追加の措置", "新しい予算案", "来年度の計画", "事故の原因", "輸出の規制", "選挙の日程", "値上げの方針"]
WHERE = ["国会", "記者会見", "声明", "東京都内"]
DID = ["述べた", "発表した", "否定した", "指摘した", "求めた", "検討している"]
SIGNATURE = Signature.of(model="bench")
ANSWER = Hypothesis("The prime minister said that the two sides will meet again on Friday.", -12.34567, 18)
WINDOW = 4096


def sentences(count: int, rng: random.Random) -> list[str]:
    choose = rng.choice
    return [
        f"{choose(WHO)}は{rng.randrange(1, 31)}日、{choose(WHAT)}について{choose(WHERE)}で{choose(DID)}（{n}）。"
        for n in range(count)
    ]


def records(texts: list[str]) -> list[Record]:
    return [Record(key(text, SIGNATURE), text, ANSWER, 0, "mt") for text in texts]


def report(name: str, count: int, work: Callable[[], object], unit: str = "rows/s") -> float:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<44} {count / wall:>12,.0f} {unit} by the clock {count / cpu:>12,.0f} by CPU time")
    return cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    count = parser.parse_args().records
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder, Memory(Path(folder, "m.sqlite"), SIGNATURE) as memory:
        texts = sentences(count, rng)
        pages = [texts[n : n + WINDOW] for n in range(0, count, WINDOW)]
        report(f"key and keep, {WINDOW} a commit", count, lambda: [memory.keep(records(page)) for page in pages])
        answers = [[(rng.randbytes(16), (ANSWER,)) for _ in range(50)] for _ in range(40)]
        report("keep_answers, 50 a commit", 40, lambda: [memory.keep_answers(page) for page in answers], "commits/s")
        keys = [[key(text, SIGNATURE) for text in page] for page in pages[:50]]
        found = sum(map(len, keys))
        lookups(memory, keys, found, rng)
        report("human, none known", found, lambda: [memory.human(page) for page in pages[:50]], "texts/s")
        report("groups", count, lambda: upkeep.groups(memory))
        report("index of trigrams", count, lambda: similar.catch_up(memory.database))
        for threshold in (0.9, 0.8, 0.7):
            asked = [text.replace("日", "月", 1) for text in rng.sample(texts, 20)]
            report(
                f"similar, {threshold}",
                20,
                lambda a=asked, t=threshold: [memory.similar(x, threshold=t) for x in a],
                "a second",
            )
        size = Path(folder, "m.sqlite").stat().st_size / 1e6
    print(
        f"{size:,.0f} MB; at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB of memory, rows included"
    )


def lookups(memory: Memory, keys: list[list[bytes]], found: int, rng: random.Random) -> None:
    bare = sqlite3.connect(memory.database.place)
    bare.execute("PRAGMA cache_size=-65536")

    def plain(page: list[bytes]) -> object:
        marks = ",".join("?" * len(page))
        return bare.execute(f"SELECT key, src, hypothesis FROM records WHERE key IN ({marks})", page).fetchall()

    mixed = [name for page in keys for name in page]
    rng.shuffle(mixed)
    orders = {"in the order kept": keys, "shuffled": [mixed[n : n + WINDOW] for n in range(0, found, WINDOW)]}
    for name, order in orders.items():
        for _ in range(2):  # the second time from the cache
            peer = report(f"bare sqlite3, {name}", found, lambda o=order: [plain(page) for page in o], "keys/s")
            ours = report(f"records, {name}", found, lambda o=order: [memory.records(page) for page in o], "keys/s")
        print(f"{'':<44} {ours / peer:.1f} times the CPU time of bare rows, which are no records yet")
    strange = [[rng.randbytes(16) for _ in range(WINDOW)] for _ in keys]
    report("records, none known", len(strange) * WINDOW, lambda: [memory.records(page) for page in strange], "keys/s")
    bare.close()


if __name__ == "__main__":
    main()
