"""Translation speed beside peers: same weights, same sentences, same beam, same cores, in one run, taking turns.

    python scripts/bench_translate.py                              the engine, its limit, transformers, EasyNMT's batches
    python scripts/bench_translate.py --peers transformers easynmt argos
    python scripts/bench_translate.py --sentences 2000 --repeats 2 a short run
    python scripts/bench_translate.py --sweep                      beams, precisions and batch budgets: speed beside quality
    python scripts/bench_translate.py --lines 10000000             memory of `mt translate` over so many lines

*limit* is CTranslate2 given pieces in sorted batches, with the best threads and batches of a short search; normalising, cutting and joining are not
counted; its vocabulary is whole, as in the model that anybody's converter makes. *limit, one script* is the same without the pieces that the
engine's model never writes (`mt.models.written`). *engine* is `mt.open_translator(...).translate`, text to text, with its guards off and on (or as
it is, where they cannot be switched). *transformers* is `generate` in 32 bits over length-sorted batches of 32, and one sentence at a time.
*easynmt* makes batches as EasyNMT does, of 16 and of 32 sentences by characters, through `generate` and, to be fair, through CTranslate2. *argos*
is Argos Translate with a package made of the same weights, in an environment of its own (`--peers-venv`) that this script makes and fills; it takes
2 GB of disk.

All decode with the same beam. A sentence that loops costs what its limit allows: the limit of an answer is the engine's, by length class, in
limit, transformers and easynmt's batches through CTranslate2; 512 pieces in EasyNMT's own, 256 in Argos, which also has its own length
penalty, 0.2, and no way to change either. Sentences over 160 pieces are cut at clause marks for limit and engine, and go whole to the others.
Sentences are different from each other and have words, so nothing is won by deduplication or passing through; and all systems
get them normalised, as the peers do not know the model's normaliser.

Slow systems get `--slow` sentences: every k-th batch of 32 of the sentences sorted by pieces, so that lengths are distributed as in the whole
and batches hold what they would hold in it. Every system has a process of its own. Rates are medians over the repeats; a ratio is of source
pieces/s, the median of the ratios within each repeat, and of slow systems to what limit and engine do with the same sample. A goal is met or
missed where all repeats agree. "per cpu s" is sentences per second of processor time, which other work on the machine disturbs less. "same" is
the share of texts equal to the limit's, "chrF2" is measured against them: where it is high the weights are the same; 8 and 32 bits differ.

Needs the environment of scripts/test; --data holds texts of others, which are not part of this repository.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import bench_growth
import bench_peers
import bench_sweep
from bench_rounds import Runner, Work, conditions, cores, goals, measure, table

from mt.bitext.read import read_pairs
from mt.errors import MTError
from mt.files import cache_directory
from mt.models.marian import read_directory
from mt.models.pieces import Pieces
from mt.models.registry import find
from mt.pipeline.score import file_lines
from mt.text.features import translatable
from mt.text.normalize import normalize
from mt.types import DecodingOptions

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("transformers", "easynmt", "argos")
BLOCK = 32
SEED = 20
BUDGETS = {"async": (256, 512, 1024, 2048, 4096), "tokens": (512, 1024, 4096)}


def usable(texts: list[str]) -> list[str]:
    """Normalised, each once, without those that have no words."""
    return [text for text in dict.fromkeys(map(normalize, texts)) if translatable(text)]


def kyoto(data: Path, count: int) -> list[str]:
    texts = usable([src for _, src, _ in read_pairs(data / "bitext" / "kyoto_wiki.tsv.zst")])
    step = max(len(texts) // count, 1)
    return texts[random.Random(SEED).randrange(step) :: step][:count]


def wmt21(data: Path, count: int) -> list[str]:
    return usable(file_lines(data / "wmt21-ja-en" / "src.ja"))[:count]


SETS = {"kyoto": kyoto, "wmt21": wmt21}


def sample(lengths: list[int], count: int) -> list[int]:
    """Numbers of about `count` sentences: every k-th block of 32 of them sorted by pieces."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    blocks = [order[i : i + BLOCK] for i in range(0, len(order), BLOCK)]
    wanted = min(max(count // BLOCK, 1), len(blocks))
    chosen = [blocks[(2 * i + 1) * len(blocks) // (2 * wanted)] for i in range(wanted)]
    return sorted(row for block in chosen for row in block)


def best(what: str, tried: list[Runner], texts: Path, warm: Path) -> Runner:
    """The fastest, by the better of two runs each; every one is started and stopped alone."""
    found = []
    for runner in tried:
        runner.start().ask(warm)
        found.append((min(runner.ask(texts)["seconds"] for _ in range(2)), runner))
        runner.stop()
    seconds, winner = min(found, key=lambda one: one[0])
    settings = [r.options | r.environment for r in tried]
    chosen = winner.options | winner.environment
    differing = {key: value for key, value in chosen.items() if any(other[key] != value for other in settings)}
    print(f"{what}: best of {len(tried)} is {differing}, {seconds:.1f} s", file=sys.stderr, flush=True)
    return winner


def systems(asked: argparse.Namespace, texts: Path, few: Path) -> list[Runner]:
    """All systems, with the settings that are fastest here."""
    base = {
        "directory": str(find(asked.model)),
        "model": asked.model,
        "beam": asked.beam,
        "compute_type": asked.compute_type,
        "longest": DecodingOptions().max_source_pieces,
    }
    found = [limit(asked, base | {"every_script": True}, texts, few)]
    found.append(Runner("limit, one script", "limit", found[0].options | {"every_script": False}))
    guards = {"engine": False, "engine, guards": True} if bench_peers.takes_guard() else {"engine": None}
    found += [Runner(name, "engine", base | {"guard": guard}) for name, guard in guards.items()]
    if {"transformers", "easynmt"} & set(asked.peers):
        plain = base | {"batch": BLOCK, "order": "pieces", "limited": True}
        tried = [Runner("", "transformers", plain | {"threads": threads}) for threads in sorted({1, cores()})]
        plain = best("threads of transformers", tried, few, few).options
    if "transformers" in asked.peers:
        found.append(Runner("transformers, sorted", "transformers", plain, slow=True))
        single = plain | {"batch": 1, "order": "none"}
        found.append(Runner("transformers, one by one", "transformers", single, slow=True))
    if "easynmt" in asked.peers:
        for size in (16, 32):
            fixed = plain | {"batch": size, "order": "characters", "limited": False}
            found.append(Runner(f"easynmt, {size}", "transformers", fixed, slow=True))
            fixed = found[0].options | {"submit": "fixed", "budget": size}
            found.append(Runner(f"easynmt, {size}, ctranslate2", "limit", fixed, slow=True))
    if "argos" in asked.peers:
        try:
            found.append(argos(asked, base, few))
        except (RuntimeError, ValueError, OSError, subprocess.CalledProcessError) as e:
            print(f"argos: left out: {e}", file=sys.stderr)
    return found


def limit(asked: argparse.Namespace, base: dict[str, Any], texts: Path, few: Path) -> Runner:
    """CTranslate2 with the threads, then the batches, that are fastest; or with those asked for."""

    def runner(inter: int, intra: int, submit: str, budget: int) -> Runner:
        own = {"inter": inter, "intra": intra, "submit": submit, "budget": budget}
        return Runner("limit", "limit", base | own)

    if asked.limit:
        inter, intra, submit, budget = asked.limit
        return runner(int(inter), int(intra), submit, int(budget))
    n = cores()
    layouts = [runner(*threads, "async", 1024) for threads in sorted({(n, 1), (1, n), (1, 1)})]
    threads = best("threads of limit", layouts, texts, few).options
    layout = threads["inter"], threads["intra"]
    tried = [runner(*layout, submit, budget) for submit, budgets in BUDGETS.items() for budget in budgets]
    return best("batches of limit", tried, texts, few)


def argos(asked: argparse.Namespace, base: dict[str, Any], few: Path) -> Runner:
    """Argos Translate with its package, and threads as it has them or one, whichever is faster: it decodes a sentence at a time."""
    python = peers_python(asked.peers_venv / "argos")
    place = asked.peers_venv / f"argos-{Path(base['directory']).name}"
    bench_peers.argos_package(Path(base["directory"]), place / "packages" / "translate-ja_en")
    environment = {name: str(place / name.lower()) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    environment |= {"ARGOS_PACKAGES_DIR": str(place / "packages"), "ARGOS_DEVICE_TYPE": "cpu", "PYTHONPATH": ""}
    environment |= {"ARGOS_BEAM_SIZE": str(asked.beam), "ARGOS_COMPUTE_TYPE": asked.compute_type}
    tried = [
        Runner("argos", "argos", base, True, python, environment | {"ARGOS_INTRA_THREADS": threads}) for threads in "01"
    ]
    return best("threads of argos", tried, few, few)


def peers_python(folder: Path) -> Path:
    """The interpreter of the environment of Argos Translate, made and filled where it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making {folder} for argostranslate", file=sys.stderr)
        venv.create(folder, with_pip=True)
    install = [python, "-m", "pip", "install", "-q"]
    if subprocess.run(
        [python, "-m", "pip", "show", "-q", "argostranslate"], capture_output=True, check=False
    ).returncode:
        # torch first, by the release that constraints.txt names: what argostranslate would take brings gigabytes of CUDA
        subprocess.run([*install, "torch", "-c", ROOT / "scripts" / "constraints.txt"], check=True, capture_output=True)
        subprocess.run([*install, "argostranslate==1.11.0"], check=True, capture_output=True)
    return python


def side_by_side(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The comparison on every set."""
    pieces = Pieces(read_directory(find(asked.model)))
    every: list[dict[str, Any]] = []
    runners: list[Runner] = []
    with tempfile.TemporaryDirectory() as folder:
        for title in asked.sets:
            try:
                texts = SETS[title](asked.data, asked.sentences)
            except (OSError, MTError) as e:
                print(f"{title}: left out: {e}", file=sys.stderr)
                continue
            lengths = [len(row) for row in pieces.encode(texts)]
            work = Work(title, texts, lengths, sample(lengths, asked.slow), Path(folder))
            work.write()
            if not runners:
                runners = started(asked, [texts[row] for row in sample(lengths, asked.calibration)], work.folder)
            every += table(work, runners, measure(work, runners, asked.repeats))
    for runner in runners:
        runner.stop()
    return every


def started(asked: argparse.Namespace, texts: list[str], folder: Path) -> list[Runner]:
    """All systems that can be had, loaded and warm; those that cannot are named and left out."""
    some, few = folder / "calibration.json", folder / "few.json"
    some.write_text(json.dumps(texts), "utf-8")
    few.write_text(json.dumps(texts[:: max(len(texts) // BLOCK, 1)]), "utf-8")
    found = []
    for runner in systems(asked, some, few):
        try:
            runner.start().ask(few)
            found.append(runner)
        except RuntimeError as e:
            if runner.name in ("limit", "engine"):
                raise
            print(f"{runner.name}: left out: {e}", file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", default="starter")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--sentences", type=int, default=20_000, help="of each set, at most")
    parser.add_argument("--slow", type=int, default=640, help="sentences for slow systems")
    parser.add_argument(
        "--calibration", type=int, default=480, help="sentences that settings of the limit are tried on"
    )
    parser.add_argument(
        "--limit",
        nargs=4,
        metavar=("INTER", "INTRA", "SUBMIT", "BUDGET"),
        help="settings of the limit, instead of a search",
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=["transformers", "easynmt"])
    parser.add_argument("--peers-venv", type=Path, default=cache_directory() / "bench-translate")
    parser.add_argument("--json", type=Path, help="also write everything there")
    parser.add_argument("--sweep", action="store_true", help="beams, precisions and budgets instead")
    parser.add_argument("--lines", type=int, help="measure memory over so many lines instead")
    asked = parser.parse_args()
    before = conditions()
    if asked.lines:
        rows = bench_growth.growth(asked.lines, asked.model)
    elif asked.sweep:
        rows = bench_sweep.sweep(asked.model, asked.data / "wmt21-ja-en", asked.sentences, asked.repeats)
    else:
        rows = side_by_side(asked)
        print()
        goals(rows)
    after = conditions()
    print(f"\n{json.dumps(before | {'load_after': after['load']}, ensure_ascii=False)}")
    if asked.json:
        asked.json.write_text(
            json.dumps({"conditions": before, "after": after, "rows": rows}, ensure_ascii=False, indent=1), "utf-8"
        )


if __name__ == "__main__":
    main()
