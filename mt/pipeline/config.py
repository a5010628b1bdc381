"""What a run is told: `configs/*.toml` or the options of `mt run`, as one frozen value.

Example of a file:

    [source]
    path = "../corpora/nato-demands/article.ja.txt"   # relative to this file
    [output]
    dir = "runs/article"                              # relative to where the command is run
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mt.errors import ConfigError, OptionError
from mt.evaluate.metrics import METRICS
from mt.files import shipped
from mt.pipeline.toml import load
from mt.text.paragraphs import Mode
from mt.translate.run import MAX_BATCH_PIECES, RETRY_BUDGET
from mt.types import DecodingOptions, check_range


@dataclass(frozen=True, slots=True)
class TextConfig:
    """One text: where it is, its language, and what parts its paragraphs."""

    path: str
    lang: Literal["ja", "en"]
    paragraphs: Mode = "auto"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model, on which engine. `auto`: the pinned, else the best installed one. `threads` 0 = as many as there are cores.

    Attributes:
        every_script: let it write pieces that its target language is not written with, too (`mt.models.written`).
    """

    name: str = "auto"
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2"
    compute_type: str = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    every_script: bool = False

    def __post_init__(self) -> None:
        """Raises OptionError for an impossible number of threads."""
        check_range("threads", self.threads, 0, 256)


@dataclass(frozen=True, slots=True)
class DecodeConfig(DecodingOptions):
    """How to search; see `mt.types.DecodingOptions`, and `mt.translate.run.BatchTranslator` for the last three."""

    max_batch_pieces: int = MAX_BATCH_PIECES
    guard: bool = True
    retry_budget: float = RETRY_BUDGET

    def __post_init__(self) -> None:
        """Raises OptionError naming the option, its range and what was found."""
        DecodingOptions.__post_init__(self)
        check_range("retry_budget", self.retry_budget, 0, 100)
        check_range("max_batch_pieces", self.max_batch_pieces, 1, 10_000_000)


@dataclass(frozen=True, slots=True)
class ScoreConfig:
    """Which scores, over which unit, and how their intervals are drawn."""

    metrics: tuple[Literal["bleu", "chrf", "ter"], ...] = METRICS  # type: ignore[assignment]
    resamples: int = 1000
    seed: int = 12345

    def __post_init__(self) -> None:
        """Raises OptionError for numbers out of range or a metric named twice."""
        check_range("resamples", self.resamples, 0, 1_000_000)
        check_range("seed", self.seed, 0, 2**63 - 1)
        if len(set(self.metrics)) != len(self.metrics) or not self.metrics:
            raise OptionError("metrics", "one metric or more, each once", list(self.metrics))


@dataclass(frozen=True, slots=True)
class OutputConfig:
    """Where the run folder is made; relative to the directory the command is run in."""

    dir: str


@dataclass(frozen=True, slots=True)
class RunConfig:
    """A whole run. Without `reference` nothing is scored."""

    source: TextConfig
    output: OutputConfig
    title: str = ""
    reference: TextConfig | None = None
    model: ModelConfig = field(default_factory=ModelConfig)
    decode: DecodeConfig = field(default_factory=DecodeConfig)
    score: ScoreConfig = field(default_factory=ScoreConfig)


def load_run(path: Path) -> RunConfig:
    """A run from a file. Input paths are relative to the file; a shipped `configs/…` is found outside a checkout too.

    Raises:
        InputError: when the file cannot be read.
        ConfigError: when something in it is wrong.
    """
    if not path.exists() and not path.is_absolute() and shipped(str(path)).is_file():
        path = shipped(str(path))
    config = load(path, RunConfig)
    if config.source.lang != "ja":
        raise ConfigError("source.lang", "'ja' (the models translate ja→en)", repr(config.source.lang), path=path)
    if config.reference is not None and config.reference.lang != "en":
        raise ConfigError("reference.lang", "'en'", repr(config.reference.lang), path=path)
    source = replace(config.source, path=_beside(path, config.source.path))
    reference = config.reference and replace(config.reference, path=_beside(path, config.reference.path))
    return replace(config, source=source, reference=reference, title=config.title or path.stem)


def _beside(config: Path, path: str) -> str:
    return str(Path(path) if Path(path).is_absolute() else Path(_relative(config.parent / path)))


def _relative(path: Path) -> Path:
    """Without `..` in the middle, and as seen from here when it is below here: what a person would type."""
    whole = path.resolve()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole
