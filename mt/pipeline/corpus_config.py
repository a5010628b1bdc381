"""What a build is told: `configs/corpus/*.toml` as one frozen value.

Example of a file:

    name = "docs-ja-en"
    profile = "web"
    [source.react]
    path = "../../shared/react/*.ja.md"     # relative to this file
    tgt_path = "../../shared/react/*.en.md"
    make = "align"
    licence = "CC BY 4.0"
    [filter.length-ratio]
    high = 3
    [decontaminate.wmt21]
    path = "src.ja"
    tgt_path = "ref.en"
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mt.errors import OptionError
from mt.filters.classifier import Classifier
from mt.types import check_range

Make = Literal["given", "align", "mine", "translate"]
Profile = Literal["web", "news", "tm", "strict", "keep-most"]
Publish = Literal["parquet", "tsv", "moses", "jsonl", "tmx"]


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """Where pairs come from, and how they are made.

    Attributes:
        path: a file or a pattern (`*.ja.md`), relative to the configuration; `hf:owner/name[:config[:split]]` for a hub dataset (fetched).
        tgt_path: the other side, where each side is a file of its own; a pattern is paired by what its `*` stands for.
        make: `given` = rows are pairs; `align` = documents in pairs, sentences aligned; `mine` = two piles of sentences; `translate` = `path`
            alone, translated.
        format: how files are written; `auto` goes by the name.
        columns: of a table, what stands where: `src`, `tgt`, `document` or the name of a number → column from 1, or its name in the header;
            see `mt.bitext.records.Layout`.
        tags: keep the inline tags of TMX and XLIFF.
        licence: for the card; SPDX where there is one.
        url: where it is from, for the card.
        credit: whom to name, for the card.
        weight: which source wins among equal pairs of equal score: the greater one.
        document: `row` = every row is a document of its own; `file` = every file is; `auto` = what the format says, else blocks of 50 rows.
        method: of `align` (see `mt align`).
        model: of `translate` (see `mt translate`).
        min_margin: of `mine`.
    """

    path: str
    tgt_path: str | None = None
    make: Make = "given"
    format: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    tags: bool = False
    licence: str = "unknown"
    url: str = ""
    credit: str = ""
    weight: float = 1.0
    document: Literal["auto", "row", "file"] = "auto"
    method: str = "auto"
    model: str = "auto"
    min_margin: float = 1.15

    def __post_init__(self) -> None:
        """Raises OptionError for a number out of range, or for a side that is missing or too many."""
        check_range("weight", self.weight, 0, 1000)
        check_range("min_margin", self.min_margin, 0, 10)
        if self.make in ("align", "mine") and self.tgt_path is None:
            raise OptionError("tgt_path", f"the other side, which make = '{self.make}' needs", "none")
        if self.make == "translate" and self.tgt_path is not None:
            raise OptionError("tgt_path", "none, since make = 'translate' writes it", self.tgt_path)


@dataclass(frozen=True, slots=True)
class NormalizeConfig:
    """What is done to both sides before anything is measured; the text as read stays beside where it differs.

    Attributes:
        form: `nfkc` as the models read it; `nfc` keeps full-width variety, which is not neutral in Japanese; `none`.
        mojibake: repair text that was decoded wrongly, where that is sure.
        controls: drop control and invisible characters.
    """

    form: Literal["nfkc", "nfc", "none"] = "nfkc"
    mojibake: bool = True
    controls: bool = True


@dataclass(frozen=True, slots=True)
class LimitConfig:
    """Thresholds of one filter, over the profile's; `off` leaves the filter out."""

    low: float = -math.inf
    high: float = math.inf
    off: bool = False

    def __post_init__(self) -> None:
        """Raises OptionError for an interval without a number."""
        if not self.low <= self.high:
            raise OptionError("high", f"a number from low = {self.low:g} on", self.high)


@dataclass(frozen=True, slots=True)
class DedupConfig:
    """Which copies are left out.

    Attributes:
        exact: rows equal on both sides but for case, width, white space and punctuation: the best stays.
        near: Jaccard similarity of character 5-grams of both sides from which on rows are copies; 0 = not looked for.
        per_target: most rows with the same target; 0 = any number.
        per_source: most rows with the same source; 0 = any number.
    """

    exact: bool = True
    near: float = 0.8
    per_target: int = 0
    per_source: int = 0

    def __post_init__(self) -> None:
        """Raises OptionError for numbers out of range."""
        if self.near:
            check_range("near", self.near, 0.3, 1)
        check_range("per_target", self.per_target, 0, 1_000_000)
        check_range("per_source", self.per_source, 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class TestConfig:
    """A test set that no published row may repeat: pairs as `mt.bitext.read` takes them."""

    path: str
    tgt_path: str | None = None


@dataclass(frozen=True, slots=True)
class SplitConfig:
    """Shares of documents that become development and test sets, by a hash of seed and document: what is in one stays there as data grows."""

    dev: float = 0.0
    test: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises OptionError unless something is left to train on."""
        check_range("dev", self.dev, 0, 1)
        check_range("test", self.test, 0, 1)
        if self.dev + self.test > 1:
            raise OptionError("dev", "shares of at most 1 together with test", self.dev)


@dataclass(frozen=True, slots=True)
class ScoreConfig:
    """Scores that need a model, or a list of yours: computed only where a filter of the profile or of the file asks for them.

    Attributes:
        profanity: a file of words, one a line, that the filter `profanity` counts, relative to the configuration; none by default.
        encoder: of `cosine` (see `mt align`).
        model: of `mt-chrf`, `mt-logprob`, `mt-worst`, `mt-end` and `dual` (see `mt translate`).
        reverse_model: of `dual`: a model that translates the target's language into the source's; none by default.
        device: `auto`, `cpu` or `cuda`.
    """

    encoder: str = "use"
    model: str = "auto"
    reverse_model: str = ""
    profanity: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """A whole build.

    Attributes:
        name: of the corpus: letters, digits, `-`, `_` and `.`.
        source: name → where pairs come from, in this order.
        learned: the classifier whose answers the filter `learned` is about, as `mt corpus tune` writes it; none by default.
        part_rows: rows of a shard; changes no published byte.
        file_rows: rows of a published parquet file.
    """

    name: str
    source: Mapping[str, SourceConfig]
    version: str = "1"
    src_lang: str = "ja"
    tgt_lang: str = "en"
    profile: Profile = "web"
    normalize: NormalizeConfig = field(default_factory=NormalizeConfig)
    filter: Mapping[str, LimitConfig] = field(default_factory=dict)
    score: ScoreConfig = field(default_factory=ScoreConfig)
    learned: Classifier | None = None
    dedup: DedupConfig = field(default_factory=DedupConfig)
    decontaminate: Mapping[str, TestConfig] = field(default_factory=dict)
    split: SplitConfig = field(default_factory=SplitConfig)
    publish: tuple[Publish, ...] = ("parquet", "tsv")
    part_rows: int = 20_000
    file_rows: int = 500_000

    def __post_init__(self) -> None:
        """Raises OptionError for what no build can do."""
        check_range("part_rows", self.part_rows, 1, 1_000_000)
        check_range("file_rows", self.file_rows, 1, 100_000_000)
        if not self.source:
            raise OptionError("source", "a [source.NAME] table or more", "none")
        for key, name in (("name", self.name), *(("source", name) for name in self.source)):
            if not name or not all(c.isalnum() or c in "-_." for c in name) or name.startswith("."):
                raise OptionError(key, "letters, digits, - _ and .", name)
        if not self.publish:
            raise OptionError("publish", "a format or more", "none")
        from mt.filters.table import TABLE

        for name in self.filter:
            if name not in TABLE:
                near = difflib.get_close_matches(name, TABLE, n=3) or list(TABLE)
                raise OptionError(f"filter.{name}", f"a filter ({', '.join(near)})", name)
        if "profanity" in self.filter and not self.score.profanity:
            raise OptionError("filter.profanity", "a list of words in score.profanity", "none")


def load_corpus(path: Path) -> CorpusConfig:
    """Read a configuration.

    Raises:
        InputError, ConfigError: naming file, line, what was expected and what was found.
    """
    from mt.pipeline.toml import load

    return load(path, CorpusConfig)
