"""What `mt memory` does: a translation memory counted, exported, filled from bitext, pruned and asked for similar sentences."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from mt import __version__
from mt.bitext import tmx, tsv
from mt.bitext.read import read_pairs
from mt.errors import ConfigError, OptionError, plural
from mt.files import PartFile
from mt.protocols import Progress, Silent
from mt.signature import Signature
from mt.text.normalize import normalize
from mt.translate import upkeep
from mt.translate.memory import Kept, Memory, Record, default_path, existing
from mt.translate.upkeep import Group
from mt.types import Pair, check_range

_BATCH = 5_000  # pairs a commit, and pairs written at a time
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the pairs of some files; `pairs == new + replaced + unchanged + no_source + no_target + empty`.

    Attributes:
        pairs: rows read.
        new: sources that no person had translated yet.
        replaced: sources whose translation is another one now.
        unchanged: sources that had this very translation.
        no_source: rows with a translation only; left out.
        no_target: rows with a source only; left out.
        empty: rows with neither; left out.
    """

    pairs: int = 0
    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    no_source: int = 0
    no_target: int = 0
    empty: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError where a pair is in no count, or in two."""
        told = self.new + self.replaced + self.unchanged + self.no_source + self.no_target + self.empty
        if told != self.pairs:
            raise ValueError(f"import: expected {self.pairs} pairs in the counts, found {told}")


@dataclass(frozen=True, slots=True)
class Exported:
    """How many translations were written, and how many were left out because they are none (empty, or without an end)."""

    written: int
    failed: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out, or would be: translations by group, decodings of the journal, and bytes of the file before and after."""

    translations: tuple[tuple[Group, int], ...]
    decodings: int
    bytes_before: int
    bytes_after: int


def open_memory(path: Path | None, *, new: bool = False) -> Memory:
    """The memory at a path, or the default one; one that is not there is made only where it may be new.

    Raises:
        InputError: where nothing is there, or something else.
    """
    place = path if path is not None else default_path()
    return Memory(place if new else existing(place), Signature.of(tool="mt-memory"))


def stats(path: Path | None = None) -> dict[str, object]:
    """What is in a memory, for machines and for `stats_lines`; times are ISO 8601 in UTC."""
    with open_memory(path) as memory:
        found, waiting = upkeep.groups(memory), upkeep.journal(memory)
        place = memory.path or Path()
    human = sum(group.count for group in found if group.human)
    every = sum(group.count for group in found)
    return {
        "path": str(place),
        "bytes": _size(place),
        "translations": every,
        "human": human,
        "machine": every - human,
        "groups": [
            {
                "signature": group.signature,
                "langs": group.langs,
                "origin": group.origin,
                "count": group.count,
                "oldest": _moment(group.oldest),
                "newest": _moment(group.newest),
            }
            for group in found
        ],
        "journal": {"count": waiting.count, "oldest": _moment(waiting.oldest), "newest": _moment(waiting.newest)},
    }


def stats_lines(path: Path | None = None) -> list[str]:
    """The same for people: a line of totals, a line a group, a line of the journal."""
    with open_memory(path) as memory:
        found, waiting = upkeep.groups(memory), upkeep.journal(memory)
        place = memory.path or Path()
    every = sum(group.count for group in found)
    lines = [f"{place}: {plural(every, 'translation')}, {_room(_size(place))}"]
    lines += [
        f"  {group.count:>9,}  {group.langs}  {_day(group.oldest)} to {_day(group.newest)}  {_shown(group)}"
        for group in found
    ]
    if waiting.count:
        lines.append(
            f"  journal: {plural(waiting.count, 'decoding')} of runs that have not ended, "
            f"{_day(waiting.oldest)} to {_day(waiting.newest)}"
        )
    return lines


def export(
    out: Path,
    path: Path | None = None,
    *,
    signature: str | None = None,
    human_only: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write a memory's translations as TMX or tab-separated pairs, as a stream; beside and renamed.

    In TMX, `x-origin` says who made a translation (a machine's signature behind `mt:`), `x-logprob` how likely the model found it, and
    `x-flag-NAME` each of its flags. What a machine failed to translate is left out and counted.

    Args:
        out: a name that ends in .tmx or .tsv.
        path: the memory; None = the default one.
        signature: `key:value` pairs, joined by `|`, that a translation's signature must have; None = any.
        human_only: people's translations only.
        progress: told of every translation written.

    Raises:
        OptionError: for a signature that no translation has.
        ConfigError: for another kind of file.
        InputError: for what is no memory.
        OutputError: for a place that cannot be written.
    """
    suffix = out.suffix.lower()
    if suffix not in (".tmx", ".tsv"):
        raise ConfigError("OUT", "a name that ends in .tmx or .tsv", str(out))
    progress = progress or Silent()
    with open_memory(path) as memory:
        chosen = [
            g for g in _with_signature(memory, signature) if g.langs == memory.langs and (g.human or not human_only)
        ]
        progress.stage("exporting", sum(group.count for group in chosen), "translation")
        written = failed = 0
        part = PartFile(out)
        try:
            head, foot = _frame(memory, suffix)
            part.write(head)
            rows = upkeep.records(memory, chosen)
            while page := list(islice(rows, _BATCH)):
                pairs = [_pair(group, record) for group, record in page if not record.hypothesis.failed]
                part.write(_rows(memory, pairs, suffix))
                written, failed = written + len(pairs), failed + len(page) - len(pairs)
                progress.advance(len(page))
            part.write(foot)
            part.commit()
        finally:
            part.discard()
    return Exported(written, failed)


def take(
    files: Sequence[str], path: Path | None = None, *, origin: str | None = None, progress: Progress | None = None
) -> Imported:
    """Keep the pairs of bitext files as people's translations; a later one of the same source replaces an earlier one.

    Sources are normalised as `mt translate` does before it asks; line breaks in a translation become blanks. What stands before a bad line
    is kept, and importing the file again changes nothing of it.

    Args:
        files: TMX, tab-separated, JSON lines, parquet; compressed or not; `hf:owner/name`.
        path: the memory, made where there is none; None = the default one.
        origin: what the origin `human:…` says; None = the file's name.
        progress: told of every pair.

    Raises:
        InputError: for a file that is not what it should be, with its line.
        OptionError: for an empty origin.
    """
    if origin is not None and not origin.strip():
        raise OptionError("origin", "a name", "nothing")
    progress = progress or Silent()
    kept, pairs, lost = Kept(), 0, {(False, True): 0, (True, False): 0, (False, False): 0}
    with open_memory(path, new=True) as memory:
        for file in files:
            progress.stage(f"importing {Path(file).name}", None, "pair")
            rows = _normalised(file, memory)
            while page := list(islice(rows, _BATCH)):
                whole = [(src, tgt) for src, tgt in page if src and tgt]
                for src, tgt in page:
                    if not (src and tgt):
                        lost[bool(src), bool(tgt)] += 1
                now = memory.keep_human(whole, origin or Path(file).name)
                kept = Kept(kept.new + now.new, kept.replaced + now.replaced, kept.unchanged + now.unchanged)
                pairs += len(page)
                progress.advance(len(page))
    return Imported(
        pairs, kept.new, kept.replaced, kept.unchanged, lost[False, True], lost[True, False], lost[False, False]
    )


def prune(
    path: Path | None = None,
    *,
    older_than: float | None = None,
    signature: str | None = None,
    journal: bool = False,
    machine: bool = False,
    human: bool = False,
    dry_run: bool = False,
) -> Pruned:
    """Take translations and decodings out of a memory, and give their room back to the disk.

    `journal`, `machine` and `human` say what; without any of them it is the first two, so that people's work never goes unasked. The other two
    narrow it; a signature belongs to translations only, so with one the journal stays unless it is named.

    Args:
        path: the memory; None = the default one.
        older_than: days, ≥ 0, since it was made or last replaced.
        signature: as in `export`.
        journal: decodings of runs that have not ended.
        machine: translations by models.
        human: translations by people.
        dry_run: count only.

    Raises:
        OptionError: where nothing says what to take out, for a number out of range, or a signature that no translation has.
    """
    if not (journal or machine or human or signature is not None or older_than is not None):
        raise OptionError("older_than", "this or --signature, --journal, --machine, --human to say what goes", "none")
    before = None
    if older_than is not None:
        check_range("older_than", older_than, 0, 100_000)
        before = int(time.time() - older_than * 86_400)
    if not (journal or machine or human):
        journal, machine = signature is None, True
    with open_memory(path) as memory:
        chosen = [g for g in _with_signature(memory, signature) if (human if g.human else machine)]
        counts = tuple((g, n) for g in chosen if (n := upkeep.count(memory, g, before)))
        decodings = upkeep.journal(memory, before).count if journal else 0
        place = memory.path or Path()
        size = _size(place)
        if not dry_run:
            upkeep.remove(memory, [group for group, _ in counts], answers=journal, before=before)
        return Pruned(counts, decodings, size, _size(place))


def prune_lines(pruned: Pruned, *, dry_run: bool) -> list[str]:
    """What went, for people."""
    word = "would go" if dry_run else "gone"
    lines = [f"{word}: {plural(count, 'translation')}  {_shown(group)}" for group, count in pruned.translations]
    if pruned.decodings or not lines:
        lines.append(f"{word}: {plural(pruned.decodings, 'decoding')} of the journal")
    if not dry_run:
        lines.append(f"{_room(pruned.bytes_before)} before, {_room(pruned.bytes_after)} now")
    return lines


def similar(
    text: str, path: Path | None = None, *, threshold: float = 0.8, limit: int = 3
) -> list[tuple[float, Record]]:
    """Translations of sources that are nearly this one; see `mt.translate.memory.Memory.similar`."""
    with open_memory(path) as memory:
        return memory.similar(text, threshold=threshold, limit=limit)


def _normalised(file: str, memory: Memory) -> Iterator[tuple[str, str]]:
    for _, src, tgt in read_pairs(file, src_lang=memory.src_lang, tgt_lang=memory.tgt_lang):
        # a hypothesis is one line, and what ends a line for Python is white space for everybody
        yield normalize(src, memory.src_lang), " ".join(tgt.splitlines()).strip()


def _with_signature(memory: Memory, signature: str | None) -> list[Group]:
    found = upkeep.groups(memory)
    if signature is None:
        return found
    try:
        wanted = Signature.parse(signature)
    except ValueError:
        raise OptionError("signature", "key:value pairs, e.g. model:starter", signature) from None
    chosen = [group for group in found if group.has(wanted)]
    if not chosen:
        raise OptionError("signature", "pairs of a signature that mt memory stats lists", signature)
    return chosen


def _pair(group: Group, record: Record) -> Pair:
    h = record.hypothesis
    scores = {} if h.logprob is None else {"logprob": h.logprob}
    origin = record.origin if record.human else f"{record.origin}:{group.signature}"
    return Pair(record.key.hex(), record.src, h.text, origin, scores | {f"flag-{flag}": 1.0 for flag in h.flags})


def _frame(memory: Memory, suffix: str) -> tuple[str, str]:
    """What stands before and behind the rows."""
    if suffix == ".tsv":
        return "", ""
    head, mark, foot = _tmx(memory, ()).partition("  </body>\n")
    return head, mark + foot


def _rows(memory: Memory, pairs: Sequence[Pair], suffix: str) -> str:
    if suffix == ".tsv":
        return _SURROGATES.sub("\ufffd", tsv.dumps(pairs))
    head, foot = _frame(memory, suffix)
    return _tmx(memory, pairs).removeprefix(head).removesuffix(foot)


def _tmx(memory: Memory, pairs: Iterable[Pair]) -> str:
    return tmx.dumps(pairs, src_lang=memory.src_lang, tgt_lang=memory.tgt_lang, tool_version=__version__)


def _size(path: Path) -> int:
    """Bytes of a memory and its log."""
    return sum(p.stat().st_size for p in (path, path.with_name(path.name + "-wal")) if p.exists())


def _shown(group: Group) -> str:
    return group.origin if group.human else group.signature


def _room(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _day(seconds: int | None) -> str:
    return (_moment(seconds) or "never")[:10]
