"""mt-metrics-eval's directories, in and out: what WMT's metrics tasks are kept in, so that results can be checked by others.

sources/ja-en.txt                        one segment a line
documents/ja-en.docs                     DOMAIN DOCUMENT, a line a segment
references/ja-en.refA.txt
system-outputs/ja-en/SYSTEM.txt          references too, where they were scored as systems
human-scores/ja-en.NAME.seg.score        SYSTEM SCORE, `None` where there is none; blocks by system; .sys .doc .domain alike
metric-scores/ja-en/METRIC-REF.seg.score the same of a metric; REF = refA, refA.refB, src or all
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mt.bitext.stream import lines
from mt.bitext.testsets import TestData, Texts
from mt.errors import CountError, InputError
from mt.files import write_text

Column = tuple[float | None, ...]
_NAME = re.compile(r"[^\s/]+\Z")


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one file.

    Attributes:
        name: of the human judgement or of the metric, e.g. `mqm`, `BLEU`.
        level: `sys`, `domain`, `doc` or `seg`.
        references: names of the references that a metric saw; empty for human scores and for `src`.
        systems: scores by system, in the order of the set; None = not judged. Of level `domain` the file is kept in `domains`.
        path: where it was read.
    """

    name: str
    level: str
    references: Texts
    systems: Mapping[str, Column]
    path: Path


def read_mte(path: Path, *, langs: tuple[str, str] | None = None) -> TestData:
    """Sources, references, documents and system outputs; outputs that are named as a reference are left to `references`.

    Raises:
        InputError: where the directory holds no such pair of languages, or several and none is named.
        CountError: where streams differ in length.
    """
    pair = pair_of(path, langs)
    source, docs = path / "sources" / f"{pair}.txt", path / "documents" / f"{pair}.docs"
    references = {p.name[len(pair) + 1 : -4]: p for p in sorted((path / "references").glob(f"{pair}.*.txt"))}
    systems = {p.stem: p for p in sorted((path / "system-outputs" / pair).glob("*.txt")) if p.stem not in references}
    domains, documents = _documents(docs) if docs.is_file() else (None, None)
    src_lang, _, tgt_lang = pair.partition("-")
    return TestData(
        path.name or path.resolve().name,
        {name: tuple(lines(p)) for name, p in references.items()},
        tuple(lines(source)) if source.is_file() else None,
        {name: tuple(lines(p)) for name, p in systems.items()},
        documents,
        {"domain": domains} if domains is not None else {},
        (src_lang, tgt_lang),
        (*([source] if source.is_file() else []), *references.values(), *systems.values()),
    )


def pair_of(path: Path, langs: tuple[str, str] | None) -> str:
    """The pair of languages that a directory holds, e.g. `ja-en`.

    Raises:
        InputError: where it holds none, or several and none is named.
    """
    found = sorted({p.stem for p in (path / "sources").glob("*.txt")} | _folders(path / "system-outputs"))
    if langs is not None:
        wanted = "-".join(langs)
        if wanted not in found:
            raise InputError(path, f"the languages {wanted}", ", ".join(found) or "none")
        return wanted
    if len(found) != 1:
        raise InputError(path, "one pair of languages, or the name of one", ", ".join(found) or "none")
    return found[0]


def human_scores(path: Path, pair: str) -> list[Scores]:
    """All human scores of a pair of languages, levels `sys`, `doc` and `seg`."""
    found = []
    for file in sorted((path / "human-scores").glob(f"{pair}.*.score")):
        name, _, level = file.name.removesuffix(".score")[len(pair) + 1 :].rpartition(".")
        if name and level in {"sys", "doc", "seg"}:
            found.append(Scores(name, level, (), read_scores(file), file))
    return found


def metric_scores(path: Path, pair: str) -> list[Scores]:
    """All scores of metrics of a pair of languages, levels `sys`, `doc` and `seg`."""
    found = []
    for file in sorted((path / "metric-scores" / pair).glob("*.score")):
        name, _, level = file.name.removesuffix(".score").rpartition(".")
        metric, dash, refs = name.rpartition("-")
        if dash and level in {"sys", "doc", "seg"}:
            seen = () if refs == "src" else tuple(refs.split("."))
            found.append(Scores(metric, level, seen, read_scores(file), file))
    return found


def read_scores(path: Path) -> dict[str, Column]:
    """`SYSTEM SCORE` lines by system; `None` = not judged.

    Raises:
        InputError: for another line, a score that is no number, or systems with different numbers of scores.
    """
    found: dict[str, list[float | None]] = {}
    for number, line in enumerate(lines(path), 1):
        words = line.split()
        if len(words) != 2:
            raise InputError(path, "a system and its score", repr(line[:60]), line=number)
        found.setdefault(words[0], []).append(_number(path, number, words[1]))
    if not found:
        raise InputError(path, "scores", "an empty file")
    first = next(iter(found))
    for system, values in found.items():
        if len(values) != len(found[first]):
            raise CountError(f"{path}, {system}", len(values), first, len(found[first]), "score")
    return {system: tuple(values) for system, values in found.items()}


def write_mte(
    path: Path,
    data: TestData,
    *,
    human: Mapping[str, Mapping[str, Sequence[float | None]]] | None = None,
    metrics: Mapping[str, Mapping[str, Sequence[float | None]]] | None = None,
) -> list[Path]:
    """Write a test set in this layout, `data.langs` naming the pair.

    Args:
        path: the directory; files that are there already under these names are replaced.
        data: the set; every stream with as many segments.
        human: `NAME.LEVEL` → system → scores, e.g. `esa.seg`.
        metrics: `METRIC-REF.LEVEL` → system → scores, e.g. `chrF2-refA.seg`.

    Raises:
        CountError: where a system has another number of lines.
        InputError: where a name or a text cannot stand in such a file, or the languages are not known.
        OutputError: where nothing can be written.

    Example:
        >>> import tempfile
        >>> data = TestData("t", {"refA": ("A cat.",)}, ("猫。",), {"x": ("Cat.",)}, langs=("ja", "en"))
        >>> with tempfile.TemporaryDirectory() as d:
        ...     written = write_mte(Path(d), data, metrics={"chrF2-refA.seg": {"x": (61.5,)}})
        ...     read_mte(Path(d)).systems, [s.systems for s in metric_scores(Path(d), "ja-en")]
        ({'x': ('Cat.',)}, [{'x': (61.5,)}])
    """
    pair, refs = _writable(data)
    files: dict[str, Sequence[str]] = {f"references/{pair}.{name}.txt": texts for name, texts in refs.items()}
    if data.src is not None:
        files[f"sources/{pair}.txt"] = data.src
    if data.documents is not None:
        domains = data.columns.get("domain") or ("all",) * len(data)
        files[f"documents/{pair}.docs"] = [
            f"{_word(domain)}\t{_word(name)}" for domain, name in zip(domains, data.documents, strict=True)
        ]
    for name, texts in (*data.systems.items(), *refs.items()):
        files[f"system-outputs/{pair}/{_checked(name)}.txt"] = texts
    for folder, scores in ((f"human-scores/{pair}.", human or {}), (f"metric-scores/{pair}/", metrics or {})):
        for name, systems in scores.items():
            files[f"{folder}{_checked(name)}.score"] = [
                f"{_checked(system)}\t{'None' if value is None else repr(float(value))}"
                for system, values in systems.items()
                for value in values
            ]
    for name, rows in files.items():
        for number, row in enumerate(rows, 1):
            if "\n" in row:
                raise InputError(path / name, "segments without line feeds", "one", line=number)
        write_text(path / name, "".join(f"{row}\n" for row in rows))
    return [path / name for name in files]


def _writable(data: TestData) -> tuple[str, dict[str, Texts]]:
    """The pair of languages, and references under names that the layout allows."""
    if not all(data.langs):
        raise InputError(data.name, "languages, such as ja and en", "none")
    pair = "-".join(data.langs)
    for name, texts in data.systems.items():
        if len(texts) != len(data):
            raise CountError(name, len(texts), data.name, len(data), "segment")
    # "." and "-" part the names of files; all and src are words of the layout
    refs = {name if re.match(r"[A-Za-z]", name) else f"ref{name}": texts for name, texts in data.references.items()}
    for name in refs:
        if not re.fullmatch(r"[^\s./-]+", name) or name in {"all", "src"}:
            raise InputError(data.name, "a reference's name without '.', '-' and '/'", repr(name))
    return pair, refs


def _documents(path: Path) -> tuple[Texts, Texts]:
    rows = []
    for number, line in enumerate(lines(path), 1):
        words = line.split(maxsplit=1)
        if len(words) != 2:
            raise InputError(path, "a domain and a document", repr(line[:60]), line=number)
        rows.append((words[0], words[1].strip()))
    return tuple(domain for domain, _ in rows), tuple(name for _, name in rows)


def _folders(path: Path) -> set[str]:
    return {p.name for p in path.iterdir() if p.is_dir()} if path.is_dir() else set()


def _number(path: Path, line: int, word: str) -> float | None:
    if word == "None":
        return None
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(path, "a number or None", repr(word), line=line)
    return value


def _checked(name: str) -> str:
    if not _NAME.match(name) or name.startswith("."):
        raise InputError("system or score", "a name without white space and '/'", repr(name))
    return name


def _word(text: str) -> str:
    return re.sub(r"\s+", "_", text.strip()) or "none"
