"""`mt align words`: files of pairs → files of links; training on bitext; links against gold ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

from mt.bitext import links as files
from mt.bitext.read import read_pairs
from mt.bitext.stream import lines
from mt.errors import ConfigError, CountError, InputError, OptionError, plural
from mt.evaluate.links import LinkScores, score
from mt.files import PartFile
from mt.models import words_thot
from mt.models.tokens import japanese, tokenizer
from mt.models.words_hmm import LexiconScorer, WordModel, plain
from mt.pipeline.words import METHODS, TokenPair, WordLinker, cutters, open_linker
from mt.protocols import Progress, Silent

BARS = "|||"
_BATCH = 500  # pairs linked, and written, at a time; the first batch decides what `auto` words are
Row = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of the pairs of a file.

    Attributes:
        pairs: pairs read, and lines written.
        links: links found.
        without: pairs without a link; among them those of which a side is empty.
        empty: pairs of which a side has no words.
        tokens: what words were, of source and target.
        signature: of the linker.
    """

    pairs: int
    links: int
    without: int
    empty: int
    tokens: tuple[str, str]
    signature: str


def pairs_of(paths: Sequence[Path], src_lang: str = "ja", tgt_lang: str = "en") -> Iterator[Row]:
    r"""Pairs of one file in any format of bitext, of one file of lines `source ||| target`, or of two files of lines.

    Raises:
        ConfigError: for more than two files.
        InputError: naming file and line.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     _ = Path(d, "a.txt").write_text("猫 。 ||| cat .\n", encoding="utf-8")
        ...     list(pairs_of([Path(d, "a.txt")]))
        [(1, '猫 。', 'cat .')]
    """
    if not 1 <= len(paths) <= 2:
        raise ConfigError("PAIRS", "one file of pairs, or a file of each side", f"{len(paths)} files")
    if len(paths) == 2:
        return read_pairs(paths[0], src_lang=src_lang, tgt_lang=tgt_lang, tgt_path=paths[1])
    if str(paths[0]).startswith("hf:") or not _barred(paths[0]):
        return read_pairs(paths[0], src_lang=src_lang, tgt_lang=tgt_lang)
    return _bars(paths[0])


def _barred(path: Path) -> bool:
    if path.suffix in (".parquet", ".tmx", ".jsonl"):
        return False
    first = next((line for line in lines(path) if line.strip()), "")
    return BARS in first and "\t" not in first


def _bars(path: Path) -> Iterator[Row]:
    for number, line in enumerate(lines(path), 1):
        sides = line.split(BARS)
        if len(sides) != 2:
            raise InputError(path, "source ||| target", f"{len(sides) - 1} bars of three", line=number)
        yield number, sides[0].strip(), sides[1].strip()


@dataclass(frozen=True, slots=True)
class WordsConfig:
    """How words are linked and written.

    Attributes:
        method: see `mt.pipeline.words.open_linker`, as `model` and `translator`; `eflomal` and `fast_align` without a model learn from the pairs
            themselves, as those programs do.
        model: a lexicon made by `train_words`.
        translator: for attention.
        format: see `mt.bitext.links`; of WPT, pairs without links have no line.
        base: what words are counted from, 0 or 1; None = as the format does.
        src_lang: language of the source.
        tgt_lang: language of the target.
        tokens: kinds of words of source and target, or `auto`; see `mt.pipeline.words.cutters`.
    """

    method: str = "auto"
    model: Path | None = None
    translator: str = "starter"
    format: str = "pharaoh"
    base: int | None = None
    src_lang: str = "ja"
    tgt_lang: str = "en"
    tokens: tuple[str, str] = ("auto", "auto")

    def __post_init__(self) -> None:
        """Raises OptionError naming the option, what it may be and what was found."""
        if self.format not in files.FORMATS:
            raise OptionError("format", f"one of {', '.join(files.FORMATS)}", self.format)
        if self.base not in (None, 0, 1):
            raise OptionError("base", "0 or 1", self.base)
        if self.method not in METHODS:
            raise OptionError("method", f"one of {', '.join(METHODS)}", self.method)

    @property
    def langs(self) -> tuple[str, str]:
        """Of source and target."""
        return self.src_lang, self.tgt_lang


def align_words(
    paths: Sequence[Path],
    out: Path | Callable[[str], object],
    config: WordsConfig | None = None,
    *,
    progress: Progress | None = None,
) -> Linked:
    """Link the words of every pair of a file; a line of the output for every pair, empty where a pair has no links.

    Args:
        paths: see `pairs_of`.
        out: the file of links, written beside and renamed; or a function that takes their lines, some at a time.
        config: how; None = by default.
        progress: told of every pair.

    Raises:
        ConfigError: for an option that does not fit another.
        InputError: for a file that is not what it should be, with its line.
        ModelError: for a model that cannot be used.
        OutputError: for a place that cannot be written.
    """
    config, progress = config or WordsConfig(), progress or Silent()
    rows = pairs_of(paths, *config.langs)
    first = list(islice(rows, _BATCH))
    kinds, cut = cutters(config.tokens, config.langs, ([row[1] for row in first], [row[2] for row in first]))
    own = None
    if config.method in words_thot.METHODS and config.model is None:
        rest = list(rows)
        own = LexiconScorer(_learn(first + rest, config.method, config.langs, kinds, progress))
        rows = iter(rest)
    linker = _linker(config, own, kinds, [(cut[0](src), cut[1](tgt)) for _, src, tgt in first])
    progress.stage("linking words", None, "pair")
    counts = [0, 0, 0, 0]
    part = PartFile(out) if isinstance(out, Path) else None
    write = part.write if part is not None else cast(Callable[[str], object], out)
    try:
        batch = first
        while batch:
            pairs = [(cut[0](src), cut[1](tgt)) for _, src, tgt in batch]
            found = [
                files.LinkLine.of(cells, (), *pair) for cells, pair in zip(linker.cells(pairs), pairs, strict=True)
            ]
            write("".join(files.dumps(found, config.format, base=config.base, first=counts[0] + 1)))
            _count(counts, found)
            progress.advance(len(batch))
            batch = list(islice(rows, _BATCH))
        if part is not None:
            part.commit()
    finally:
        if part is not None:
            part.discard()
    return Linked(counts[0], counts[1], counts[2], counts[3], kinds, str(linker.signature))


def _linker(
    config: WordsConfig, own: LexiconScorer | None, kinds: tuple[str, str], sample: Sequence[TokenPair]
) -> WordLinker:
    return open_linker(
        config.method,
        model=config.model,
        scorer=own,
        translator=config.translator,
        src_lang=config.src_lang,
        tgt_lang=config.tgt_lang,
        tokens=kinds,
        sample=sample,
    )


def _count(counts: list[int], found: Sequence[files.LinkLine]) -> None:
    counts[0] += len(found)
    counts[1] += sum(len(row.sure) for row in found)
    counts[2] += sum(not row.sure for row in found)
    counts[3] += sum(not row.src or not row.tgt for row in found)


def linked_line(done: Linked) -> str:
    """For people."""
    return (
        f"{plural(done.pairs, 'pair')}, {plural(done.links, 'link')}; {done.without:,} without a link, {done.empty:,} of them with an empty "
        f"side; words: {done.tokens[0]} and {done.tokens[1]}"
    )


def train_words(
    paths: Sequence[Path],
    out: Path,
    *,
    method: str = "eflomal",
    src_lang: str = "ja",
    tgt_lang: str = "en",
    tokens: tuple[str, str] = ("auto", "auto"),
    limit: int = 0,
    seed: int = 1,
    progress: Progress | None = None,
) -> WordModel:
    """Learn a lexicon from bitext and save it as a directory.

    Args:
        paths: files of bitext, each as in `pairs_of` of one file.
        out: the directory.
        method: `eflomal` or `fast_align`.
        src_lang: language of the source.
        tgt_lang: language of the target.
        tokens: kinds of words; `auto` = what `mt.models.tokens.japanese` says for Japanese, else words and marks.
        limit: at most so many pairs, spread evenly over all that are usable; 0 = all.
        seed: of the sampling.
        progress: told of pairs read and rounds done.

    Raises:
        InputError: for a file that is not what it should be, or holds no usable pair.
        ConfigError: for an option out of range.
        UserError: where sil-thot is not installed.
        OutputError: for a place that cannot be written.
    """
    if limit < 0:
        raise ConfigError("--limit", "a number from 0", str(limit))
    progress = progress or Silent()
    kinds = (_kind(tokens[0], src_lang), _kind(tokens[1], tgt_lang))
    rows: Iterator[Row] = chain.from_iterable(pairs_of([path], src_lang, tgt_lang) for path in paths)
    if limit:
        every = [row for row in rows if row[1].strip() and row[2].strip()]
        rows = iter(every[:: max(len(every) // limit, 1)][:limit])
    model = _learn(rows, method, (src_lang, tgt_lang), kinds, progress, seed=seed, name=str(paths[0]))
    model.save(out)
    return model


def _kind(kind: str, lang: str) -> str:
    return kind if kind != "auto" else japanese() if lang == "ja" else "words"


def _learn(
    rows: Any,
    method: str,
    langs: tuple[str, str],
    kinds: tuple[str, str],
    progress: Progress,
    *,
    seed: int = 1,
    name: str = "PAIRS",
) -> WordModel:
    cut = (tokenizer(kinds[0]), tokenizer(kinds[1]))
    progress.stage("reading words", None, "pair")
    pairs = []
    for _, src, tgt in rows:
        words = tuple(tuple(plain(word) for word in cut[side](text).words) for side, text in enumerate((src, tgt)))
        if all(1 <= len(side) <= words_thot.LONGEST for side in words):
            pairs.append((words[0], words[1]))
        progress.advance(1)
    if not pairs:
        raise InputError(name, f"pairs of 1 to {words_thot.LONGEST} words a side", "none")
    recipe = {"langs": "-".join(langs)}
    return words_thot.train(pairs, method=method, tokens=kinds, seed=seed, recipe=recipe, progress=progress)


def score_words(
    gold: Path,
    test: Path,
    *,
    gold_format: str = "auto",
    test_format: str = "auto",
    gold_base: int | None = None,
    test_base: int | None = None,
    pairs: Sequence[Path] = (),
    resamples: int = 1000,
    seed: int = 12345,
) -> LinkScores:
    """Judge a file of links by a gold one.

    Args:
        gold: the right links.
        test: those to be judged.
        gold_format: see `mt.bitext.links`.
        test_format: the same of the test.
        gold_base: what the gold's words are counted from; None = as its format does.
        test_base: the same of the test.
        pairs: the texts whose words, parted by blanks, are linked: links beyond their ends are counted and left out. Without them nobody knows.
        resamples: bootstrap samples of pairs; 0 = no intervals.
        seed: of the resampling.

    Raises:
        InputError: for a file that is none.
        CountError: for unequal numbers of pairs.
    """
    for key, base in (("--gold-base", gold_base), ("--test-base", test_base)):
        if base not in (None, 0, 1):
            raise ConfigError(key, "0 or 1", str(base))
    shapes = None
    if pairs:
        shapes = [(len(src.split()), len(tgt.split())) for _, src, tgt in pairs_of(pairs)]
    right = files.read(gold, gold_format, base=gold_base, pairs=None if shapes is None else len(shapes))
    found = files.read(test, test_format, base=test_base, pairs=len(right))
    if shapes is not None and len(shapes) != len(right):
        raise CountError(gold, len(right), str(pairs[0]), len(shapes), "pair")
    if shapes is None and all(row.src is not None for row in found):
        shapes = [(len(row.src or ()), len(row.tgt or ())) for row in found]
    return score(
        [row.sure + row.possible for row in found],
        [row.sure for row in right],
        [row.possible for row in right],
        shapes=shapes,
        resamples=resamples,
        seed=seed,
        names=(str(test), str(gold)),
    )


def score_lines(scores: LinkScores) -> list[str]:
    """For people."""
    lines_ = [
        f"{s.name:10}{s.value:6.1f}" + ("" if s.low is None else f"  [{s.low:.1f}, {s.high:.1f}]")
        for s in scores.scores
    ]
    lines_.append(
        f"{scores.pairs:,} pairs, {scores.links:,} links against {scores.sure:,} sure and {scores.possible:,} possible"
    )
    if scores.ignored or scores.gold_ignored:
        lines_.append(
            f"ignored for naming words that are not there: {scores.ignored:,} links, {scores.gold_ignored:,} of the gold"
        )
    return lines_


def score_record(scores: LinkScores) -> dict[str, object]:
    """For machines."""
    return {
        "scores": [
            {"name": s.name, "value": s.value, "low": s.low, "high": s.high, "signature": str(s.signature)}
            for s in scores.scores
        ],
        "pairs": scores.pairs,
        "links": scores.links,
        "sure": scores.sure,
        "possible": scores.possible,
        "ignored": scores.ignored,
        "gold_ignored": scores.gold_ignored,
    }
