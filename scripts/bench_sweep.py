"""For `bench_translate.py --sweep`: what a beam, a precision and a batch budget cost and give.

Speed is of the whole way, lines to lines as `mt translate` does it, guards off, repeats taking turns; quality is chrF2 of the same lines, WMT21
news. "differ" counts the texts that are not those of batches of one sentence (budget 1) with the same beam and precision: in 8 bits on CPUs
without VNNI instructions neighbours in a batch change a few texts, since oneDNN's kernels saturate there; in 32 bits none should.
"""

from __future__ import annotations

import inspect
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from mt.models.registry import open_model
from mt.pipeline.lines import translate_lines
from mt.pipeline.score import file_lines
from mt.translate.run import BatchTranslator
from mt.types import DecodingOptions

BEAMS, TYPES = (1, 2, 4, 6), ("int8", "float32")
BUDGETS = (1, 256, 512, 1024, 2048, 4096, 8192)
BEAM = 4  # of the budgets
DEFAULT: int = inspect.signature(BatchTranslator).parameters["max_batch_pieces"].default
Setting = tuple[int, str, int]  # beam, precision, budget


def settings() -> list[Setting]:
    """Every beam at the default budget, every budget at beam 4, both precisions; budget 1 beside every beam, to compare texts with."""
    beams = [(beam, kind, budget) for beam in BEAMS for kind in TYPES for budget in (1, DEFAULT)]
    return list(dict.fromkeys([*beams, *((BEAM, kind, budget) for kind in TYPES for budget in BUDGETS)]))


def sweep(model: str, folder: Path, count: int, repeats: int) -> list[dict[str, Any]]:
    """Measure and print all settings.

    Args:
        model: a name or directory.
        folder: of WMT21, with src.ja and ref.en.
        count: lines, at most.
        repeats: timed runs of each setting; budget 1 is timed once, since it is slow and nobody's choice.
    """
    from sacrebleu.metrics import CHRF

    src, ref = file_lines(folder / "src.ja")[:count], file_lines(folder / "ref.en")[:count]
    texts: dict[Setting, list[str]] = {}
    seconds: dict[Setting, list[float]] = {}
    for turn in range(repeats):
        for setting in settings():
            if turn == 0 or setting[2] != 1:
                texts[setting], taken = once(model, setting, src)
                seconds.setdefault(setting, []).append(taken)
                print(f"{turn + 1}/{repeats} {setting}: {taken:.1f} s", file=sys.stderr, flush=True)
    chrf = CHRF()
    print(
        f"{len(src):,} lines of WMT21 news\n\n{'beam':>4} {'type':>8} {'budget':>7} {'lines/s':>8} {'chrF2':>6} {'differ':>7}"
    )
    rows = []
    for setting in settings():
        beam, kind, budget = setting
        rate = len(src) / statistics.median(seconds[setting])
        alone = texts[beam, kind, 1]
        differ = sum(a != b for a, b in zip(texts[setting], alone, strict=True))
        score = chrf.corpus_score(texts[setting], [ref]).score
        print(
            f"{beam:4} {kind:>8} {budget:7,}{'*' if budget == DEFAULT else ' '}{rate:8.1f} {score:6.2f} {differ / len(src):7.1%}"
        )
        rows.append(
            {"beam": beam, "type": kind, "budget": budget, "lines_per_second": rate, "chrf2": score, "differ": differ}
        )
    print(f"\n* the default\n{chrf.get_signature()}")
    return rows


def once(model: str, setting: Setting, src: list[str]) -> tuple[list[str], float]:
    """Texts and seconds, loading and a first batch not counted."""
    beam, kind, budget = setting
    with BatchTranslator(
        open_model(model, compute_type=kind), DecodingOptions(beam_size=beam), max_batch_pieces=budget
    ) as translator:
        list(translate_lines(translator, src[:16]))
        began = time.perf_counter()
        texts = list(translate_lines(translator, src))
        return texts, time.perf_counter() - began
