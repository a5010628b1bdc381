"""Everything that decides what a training run makes, as frozen values checked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mt.errors import OptionError
from mt.types import check_range


@dataclass(frozen=True, slots=True)
class Source:
    """One bitext.

    Attributes:
        path: a file, or `hf:owner/name` for a dataset of the hub; relative to the recipe's `data`.
        share: how much of it is drawn, see `Sampling`; > 0.
        hold_out: so many pairs, taken evenly over the file, are kept for the development set and never trained on.
        tgt_path: the target side, where the two sides are two files (Moses).
    """

    path: str
    share: float = 1.0
    hold_out: int = 0
    tgt_path: str | None = None

    def __post_init__(self) -> None:
        """Raises OptionError for a share that is no share."""
        if not 0 < self.share <= 10_000:
            raise OptionError("share", "a number above 0 and up to 10,000", self.share)
        check_range("hold_out", self.hold_out, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class TestSet:
    """A bitext that must not be trained on; paths as in `Source`."""

    __test__ = False  # it is no test of pytest's

    path: str
    tgt_path: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """In which proportion and order pairs are drawn.

    Attributes:
        kind: `epoch`: a pass takes `share` times every source (0.3 = three pairs of ten, 2 = each pair twice); `fixed`: a pair comes from
            a source with probability proportional to `share`; `temperature`: proportional to share · size^(1/temperature).
        temperature: 1 = by size, large = all sources alike (Arivazhagan et al. 2019).
        concat: probability that a short pair is joined with the next one, so that the model sees long inputs, 0 to 1.
        longest: pieces; longer sides are dropped and counted, and concatenation stops there.
        pool: pairs that are sorted by length together.
        short_updates: updates at the start that see short sentences only.
        short_pieces: longest side, in pieces, that is short.
    """

    kind: Literal["epoch", "fixed", "temperature"] = "epoch"
    temperature: float = 5.0
    concat: float = 0.1
    longest: int = 160
    pool: int = 60_000
    short_updates: int = 0
    short_pieces: int = 24

    def __post_init__(self) -> None:
        """Raises OptionError for a value out of range."""
        check_range("temperature", self.temperature, 1, 1000)
        check_range("concat", self.concat, 0, 1)
        check_range("longest", self.longest, 4, 1024)
        check_range("pool", self.pool, 16, 10_000_000)
        check_range("short_updates", self.short_updates, 0, 10**9)
        check_range("short_pieces", self.short_pieces, 4, 1024)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A sentencepiece unigram model (Kudo 2018), trained where no checkpoint brings one.

    Attributes:
        kind: `joint` = one model for both sides; `separate` = one a side and their union as vocabulary, as OPUS-MT has it.
        size: pieces a model, the padding not counted.
        coverage: share of the text's characters that get a piece, 0.98 to 1; 0.9995 is usual for Japanese.
        byte_fallback: write other characters as bytes instead of <unk>.
        sentences: at most so many pairs are looked at.
    """

    kind: Literal["joint", "separate"] = "joint"
    size: int = 16_000
    coverage: float = 0.9995
    byte_fallback: bool = True
    sentences: int = 1_000_000

    def __post_init__(self) -> None:
        """Raises OptionError for a value out of range."""
        check_range("size", self.size, 16, 250_000)
        check_range("coverage", self.coverage, 0.98, 1)
        check_range("sentences", self.sentences, 10, 100_000_000)


@dataclass(frozen=True, slots=True)
class Model:
    """What is trained.

    Attributes:
        start: `scratch`, or a MarianMT directory or the name of an installed model to train on from.
        preset: size of a model from scratch, see `mt.train.model.PRESETS`: tiny 11 M, small 22 M, base 60 M (with 16,000 pieces).
        new_vocabulary: give a checkpoint a vocabulary trained on these sources; rows of pieces it knows are kept.
        anchor: from scratch, take the embeddings from the multilingual sentence encoder's token table.
        residual_scale: from scratch, scale the last matrix of every residual branch, 0 to 1; 1 = plain.
        dropout: 0 to 0.9.
    """

    start: str = "scratch"
    preset: Literal["toy", "tiny", "small", "base"] = "tiny"
    new_vocabulary: bool = False
    anchor: bool = True
    residual_scale: float = 0.2
    dropout: float = 0.0

    def __post_init__(self) -> None:
        """Raises OptionError for a value out of range."""
        check_range("residual_scale", self.residual_scale, 0.01, 1)
        check_range("dropout", self.dropout, 0, 0.9)
        if self.new_vocabulary and self.start == "scratch":
            raise OptionError("new_vocabulary", "false, since a start from scratch has a new vocabulary anyway", "true")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Learning rate over updates: warm-up, stable, decay (Hu et al. 2024, MiniCPM); the decay can begin at any checkpoint.

    Attributes:
        rate: learning rate of the stable part.
        warmup: updates from 0 to `rate`, linear; a resumed run does not warm up again.
        cooling: from this update on the rate falls with 1/√update (Vaswani et al. 2017); 0 = it stays.
        decay_updates: length of the linear fall to 0 at the end; 0 = none.
        updates: the run ends here, decay included; 0 = when it is stopped.
        minutes: the run ends after so many minutes of this call; 0 = no limit. With `decay_only` this is the decay's length.
    """

    rate: float = 8e-4
    warmup: int = 200
    cooling: int = 8000
    decay_updates: int = 0
    updates: int = 0
    minutes: float = 0.0

    def __post_init__(self) -> None:
        """Raises OptionError for a value out of range."""
        check_range("rate", self.rate, 1e-7, 1)
        check_range("warmup", self.warmup, 0, 10**8)
        check_range("cooling", self.cooling, 0, 10**9)
        check_range("updates", self.updates, 0, 10**9)
        check_range("minutes", self.minutes, 0, 10**6)
        check_range("decay_updates", self.decay_updates, 0, self.updates)


@dataclass(frozen=True, slots=True)
class Loop:
    """One update, and what happens between them.

    Attributes:
        tokens: budget of a batch: longest side with its end mark times pairs stays within it.
        accumulate: batches an update.
        clip: largest norm of the gradient; 0 = not clipped.
        label_smoothing: 0 to 0.5 (Szegedy et al. 2016).
        guide: weight of the guided attention's loss; 0 = none. Needs an anchor.
        ema: how far the moving average of the weights goes towards the weights every fourth update; 0 = no average.
        save_minutes: state is saved so often.
        log_updates: a line of the log for so many updates.
        check_updates: the development set is translated and scored so often; 0 = only at the end.
        patience: stop after so many checks without a better chrF; 0 = never.
        seed: of the data order and of the initial weights.
        threads: of the CPU; 0 = all.
        device: `auto` takes a GPU where there is one.
    """

    tokens: int = 3000
    accumulate: int = 1
    clip: float = 1.0
    label_smoothing: float = 0.1
    guide: float = 0.2
    ema: float = 0.002
    save_minutes: float = 10.0
    log_updates: int = 100
    check_updates: int = 0
    patience: int = 0
    seed: int = 1
    threads: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"

    def __post_init__(self) -> None:
        """Raises OptionError for a value out of range."""
        check_range("tokens", self.tokens, 16, 10_000_000)
        check_range("accumulate", self.accumulate, 1, 10_000)
        check_range("clip", self.clip, 0, 1e6)
        check_range("label_smoothing", self.label_smoothing, 0, 0.5)
        check_range("guide", self.guide, 0, 10)
        check_range("ema", self.ema, 0, 1)
        check_range("save_minutes", self.save_minutes, 0, 10**6)
        check_range("log_updates", self.log_updates, 1, 10**6)
        check_range("check_updates", self.check_updates, 0, 10**9)
        check_range("patience", self.patience, 0, 10**6)
        check_range("seed", self.seed, 0, 2**31)
        check_range("threads", self.threads, 0, 1024)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training run.

    Attributes:
        name: of the model that comes out.
        source: name → bitext; at least one.
        data: directory that the paths of sources and test sets are relative to, itself relative to the configuration.
        refuse: name → test set; a source that overlaps one is refused, see `on_overlap`.
        src_lang: language code of the source side.
        tgt_lang: of the target side.
        anneal: name of a source → its share while a decay runs, so that the last and lasting updates see more of what the model is for.
        dev: a bitext to score on besides what sources hold out; a path like theirs.
        near: share of character 5-grams in common from which on a pair overlaps a test segment.
        on_overlap: `refuse` the source, or `drop` the pairs and count them.
    """

    name: str
    source: Mapping[str, Source]
    data: str = "."
    src_lang: str = "ja"
    tgt_lang: str = "en"
    anneal: Mapping[str, float] = field(default_factory=dict)
    dev: str | None = None
    refuse: Mapping[str, TestSet] = field(default_factory=dict)
    near: float = 0.8
    on_overlap: Literal["refuse", "drop"] = "refuse"
    sampling: Sampling = field(default_factory=Sampling)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    model: Model = field(default_factory=Model)
    schedule: Schedule = field(default_factory=Schedule)
    loop: Loop = field(default_factory=Loop)

    def __post_init__(self) -> None:
        """Raises OptionError for a recipe that cannot train."""
        if not self.source:
            raise OptionError("source", "at least one table [source.NAME]", "none")
        check_range("near", self.near, 0.3, 1)
        for name, share in self.anneal.items():
            if name not in self.source:
                raise OptionError(f"anneal.{name}", "the name of a source", "none of that name")
            if not 0 < share <= 10_000:
                raise OptionError(f"anneal.{name}", "a number above 0 and up to 10,000", share)
        if self.sampling.short_pieces > self.sampling.longest:
            raise OptionError(
                "sampling.short_pieces", f"at most longest = {self.sampling.longest}", self.sampling.short_pieces
            )
        if self.loop.tokens < self.sampling.longest + 1:
            raise OptionError(
                "loop.tokens", f"room for one pair of longest + 1 = {self.sampling.longest + 1}", self.loop.tokens
            )
