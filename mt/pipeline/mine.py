"""What `mt mine` does: two files of sentences in any order in, the pairs that are translations of each other out, everything else counted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mt import __version__
from mt.bitext import jsonl, piles, tmx, tsv
from mt.errors import ConfigError, InputError, plural
from mt.files import make_directory, read_bytes, write_bytes
from mt.pipeline.manifest import check_sum
from mt.protocols import Progress, SentenceEncoder, Silent
from mt.signature import Signature
from mt.text.script import language
from mt.types import Pair

if TYPE_CHECKING:
    from mt.align.mining import Mined, MiningOptions
    from mt.align.neighbours import Array, Neighbours
    from mt.align.pool import Pool

Format = Literal["tsv", "pairs", "jsonl", "tmx"]
FORMATS: tuple[Format, ...] = ("tsv", "pairs", "jsonl", "tmx")


@dataclass(frozen=True, slots=True)
class MineConfig:
    """How piles are mined.

    Attributes:
        options: what makes a pair; None = the defaults.
        encoder: see `mt.models.encoders.open_encoder`.
        vectors: files of both piles' vectors, a row for every sentence that is read, in place of an encoder's.
        cache: a file that keeps the encoder's vectors by their texts.
        download: whether the encoder may be fetched where it is not on disk.
        device: of the encoder.
        threads: of the encoder; 0 = as many as there are cores.
        shards: parts that the target pile is searched in; changes no bit of the result.
        work: a folder that keeps the neighbours of every part, so that a run that was stopped goes on; None = nothing is kept.
        search: `exact`, `faiss` (misses some neighbours, faster for hundreds of thousands), or `auto`: see `mt.align.approximate.chosen`.
        field: of JSON lines, the one that holds the text.
    """

    options: MiningOptions | None = None
    encoder: str = "use"
    vectors: tuple[Path, Path] | None = None
    cache: Path | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    shards: int = 1
    work: Path | None = None
    search: Literal["auto", "exact", "faiss"] = "auto"
    download: bool = False
    field: str = "text"


@dataclass(frozen=True, slots=True)
class MineReport:
    """Pairs with their sentences, and what became of all others.

    Attributes:
        mined: numbers and reasons.
        ids: of every sentence read, source side and target side.
        texts: the same.
        langs: of the sides.
        reused: parts of the search that an earlier run had done.
    """

    mined: Mined
    ids: tuple[Sequence[str], Sequence[str]]
    texts: tuple[Sequence[str], Sequence[str]]
    langs: tuple[str, str]
    reused: int = 0
    counts: dict[str, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Raises an error where a sentence is in no count, or in two."""
        counts = self.mined.counts()
        for side, numbers in counts.items():
            check_sum(numbers["read"], {k: v for k, v in numbers.items() if k != "read"}, f"{side} sentences")
        object.__setattr__(self, "counts", counts)

    def pairs(self) -> list[Pair]:
        """Best margin first; ids are those of both sides, joined."""
        origin = f"mined:{self.mined.signature}"
        return [
            Pair(
                f"{self.ids[0][p.src]}:{self.ids[1][p.tgt]}",
                self.texts[0][p.src],
                self.texts[1][p.tgt],
                origin,
                {"margin": round(p.margin, 6), "cosine": round(p.cosine, 6)},
            )
            for p in self.mined.pairs
        ]

    def text(self, format: Format) -> str:
        """The pairs in a format: `tsv` = margin, source, target; `pairs` = source, target; `jsonl` with everything known; `tmx`."""
        if format == "tsv":
            return piles.scored((p.scores["margin"], p.src, p.tgt) for p in self.pairs())
        if format == "pairs":
            return tsv.dumps(self.pairs())
        if format == "tmx":
            src_lang, tgt_lang = self.langs
            return tmx.dumps(self.pairs(), src_lang=src_lang, tgt_lang=tgt_lang, tool_version=__version__)
        return jsonl.dumps(
            {
                **jsonl.pair_record(pair),
                "src_id": self.ids[0][p.src],
                "tgt_id": self.ids[1][p.tgt],
                "src_rank": p.src_rank,
                "tgt_rank": p.tgt_rank,
            }
            for pair, p in zip(self.pairs(), self.mined.pairs, strict=True)
        )

    def record(self) -> dict[str, object]:
        """For machines: counts that add up, the fit of lengths, warnings, the recipe."""
        ratio, spread = self.mined.log_ratio, self.mined.spread
        return {
            "pairs": len(self.mined.pairs),
            **self.counts,
            "log_length_ratio": None if ratio is None else round(ratio, 4),
            "length_spread": None if spread is None else round(spread, 4),
            "langs": list(self.langs),
            "parts_reused": self.reused,
            "warnings": list(self.mined.warnings),
            "signature": str(self.mined.signature),
        }

    def lines(self) -> list[str]:
        """For people: a line a side."""
        said = []
        for side, numbers in self.counts.items():
            dropped = ", ".join(f"{n:,} {reason}" for reason, n in numbers.items() if reason not in ("read", "paired"))
            said.append(
                f"{side}: {numbers['read']:,} read, {numbers['paired']:,} in pairs; {dropped or 'none'} dropped"
            )
        return said


def format_of(asked: str, out: Path | None) -> Format:
    """The format asked for, or by the name of the output, `tsv` where that says nothing.

    Example:
        >>> format_of("auto", Path("a.tmx")), format_of("auto", None), format_of("pairs", Path("a.tmx"))
        ('tmx', 'tsv', 'pairs')
    """
    for known in FORMATS:
        if asked == known:
            return known
    if asked != "auto":
        raise ConfigError("--format", f"auto, {', '.join(FORMATS)}", asked)
    suffix = "" if out is None else out.suffix.lower()
    return "tmx" if suffix == ".tmx" else "jsonl" if suffix in piles.JSON_SUFFIXES else "tsv"


def mine_files(
    src: Path,
    tgt: Path,
    config: MineConfig | None = None,
    *,
    langs: tuple[str | None, str | None] = (None, None),
    encoder: SentenceEncoder | None = None,
    progress: Progress | None = None,
) -> MineReport:
    """Mine two files.

    Args:
        src: sentences, one a line, or JSON lines; compressed or not.
        tgt: the same.
        config: the defaults where None.
        langs: of the sides; None = by script.
        encoder: used in place of the configured one.
        progress: told of sentences encoded and pairs compared.

    Raises:
        InputError: for a file that cannot be used, or vectors that are not one a sentence.
        OptionError: for an option out of range.
        ConfigError: where faiss is asked for and is not there.
    """
    config, progress = config or MineConfig(), progress or Silent()
    read = (piles.sentences(src, config.field), piles.sentences(tgt, config.field))
    return mine(
        (read[0][1], read[1][1]), config, ids=(read[0][0], read[1][0]), langs=langs, encoder=encoder, progress=progress
    )


def mine(
    texts: tuple[Sequence[str], Sequence[str]],
    config: MineConfig | None = None,
    *,
    ids: tuple[Sequence[str], Sequence[str]] | None = None,
    langs: tuple[str | None, str | None] = (None, None),
    encoder: SentenceEncoder | None = None,
    progress: Progress | None = None,
) -> MineReport:
    """Mine two piles of sentences; arguments as of `mine_files`."""
    from mt.align.approximate import both, chosen
    from mt.align.mining import MiningOptions, select
    from mt.align.pool import Pool

    config, progress = config or MineConfig(), progress or Silent()
    options = config.options or MiningOptions()
    pools = tuple(Pool.of(side, shortest=options.shortest, longest=options.longest) for side in texts)
    kept = config.work is not None or config.shards > 1
    search = chosen(config.search, len(pools[0].kept), len(pools[1].kept), exact_only=kept)
    one, two, signature = _vectors(pools[0], pools[1], config, encoder, progress)
    if search == "faiss":
        (forward, backward), reused = both(one, two, options.neighbours, progress=progress), 0
        signature = signature.plus(search="faiss")
    else:
        forward, backward, reused = _neighbours(one, two, options.neighbours, config, progress)
    known = tuple(lang or language(side[:10_000]) or "und" for lang, side in zip(langs, texts, strict=True))
    mined = select(pools[0], pools[1], forward, backward, options, langs=(known[0], known[1]), encoder=signature)
    numbers = tuple([str(n) for n in range(1, len(side) + 1)] for side in texts)
    return MineReport(mined, ids or (numbers[0], numbers[1]), texts, (known[0], known[1]), reused)


def _vectors(
    src: Pool, tgt: Pool, config: MineConfig, encoder: SentenceEncoder | None, progress: Progress
) -> tuple[Array, Array, Signature]:
    from mt.align.pool import encode
    from mt.models.encoders import open_encoder

    if encoder is None and config.vectors is not None:
        opened = [open_encoder(f"vectors:{path}") for path in config.vectors]
        made = [one.encode(pool.sentences)[list(pool.kept)] for one, pool in zip(opened, (src, tgt), strict=True)]
        if made[0].shape[1] != made[1].shape[1]:
            widths = tuple(plural(rows.shape[1], "number") for rows in made)
            raise InputError(config.vectors[1], f"rows of {widths[0]} as in {config.vectors[0]}", widths[1])
        return made[0], made[1], opened[0].signature
    if encoder is None:
        encoder = open_encoder(
            config.encoder,
            device=config.device,
            threads=config.threads or None,
            cache=config.cache,
            download=config.download,
        )
    return encode(encoder, src.texts(), progress), encode(encoder, tgt.texts(), progress), encoder.signature


def _neighbours(
    src: Array, tgt: Array, k: int, config: MineConfig, progress: Progress
) -> tuple[Neighbours, Neighbours, int]:
    """Part by part, each kept in the folder of work where there is one; also how many were there already."""
    from mt.align.neighbours import merge, shard
    from mt.types import check_range

    check_range("shards", config.shards, 1, 100_000)
    key = ""
    if config.work is not None:
        make_directory(config.work)
        # what the neighbours depend on: the vectors themselves, to the bit
        digest = hashlib.sha256(f"{src.shape} {tgt.shape} {k}".encode())
        digest.update(src.data)
        digest.update(tgt.data)
        key = digest.hexdigest()[:16]
    progress.stage("comparing", len(src) * len(tgt), "pair")
    parts, reused = [], 0
    for part in range(config.shards):
        path = None if config.work is None else config.work / f"{key}.{part + 1:05}-of-{config.shards:05}.knn"
        if path is not None and (there := _kept(path)) is not None:
            parts.append(there)
            reused += 1
            continue
        parts.append(shard(src, tgt, k, part, config.shards, progress=progress))
        if path is not None:
            first, second = (side.to_bytes() for side in parts[-1])
            write_bytes(path, len(first).to_bytes(8, "little") + first + second)
    forward, backward = merge(parts)
    return forward, backward, reused


def _kept(path: Path) -> tuple[Neighbours, Neighbours] | None:
    """What an earlier run wrote whole; None where there is nothing, or something else."""
    from mt.align.neighbours import Neighbours

    if not path.exists():
        return None
    data = read_bytes(path)
    end = 8 + int.from_bytes(data[:8], "little")
    try:
        return Neighbours.from_bytes(data[8:end]), Neighbours.from_bytes(data[end:])
    except ValueError:
        return None
