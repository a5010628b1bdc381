"""Lines in, lines out, for `mt translate`: one line in, one line out, always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from mt.documents.plain import TextFile, document
from mt.errors import ConfigError, UserError
from mt.files import make_directory, write_text
from mt.protocols import Progress
from mt.text.features import translatable
from mt.translate.run import BatchTranslator

WINDOW = 4096  # lines pooled into batches; 1 answers every line before the next is read


def translate_lines(
    translator: BatchTranslator, lines: Iterable[str], *, window: int = WINDOW, progress: Progress | None = None
) -> Iterator[str]:
    """Each line's translation, its sentences joined by a blank; lines without text come out as they came in.

    Args:
        translator: the model with its options.
        lines: without their line feeds.
        window: lines read ahead; changes speed and delay, not results.
        progress: told of every sentence that is done.
    """
    stream = iter(lines)
    while chunk := list(islice(stream, window)):
        documents = [document("line", translator.src_lang, line, "line") for line in chunk]
        answers = translator.translate([s.text for d in documents for s in d.segments], progress)
        for line, d in zip(chunk, documents, strict=True):
            translated = d.rebuild([hypothesis.text for hypothesis in islice(answers, len(d.segments))])
            # a line of several segments without a word must not get blanks between them either
            yield translated if translatable(line) else line


@dataclass(slots=True)
class Batch:
    """What became of a batch of files; `errors` holds one clear line for each file that could not be translated."""

    done: list[Path] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)


def translate_files(
    translator: BatchTranslator, files: Iterable[tuple[Path, Path]], progress: Progress | None = None
) -> Batch:
    """Translate each file to its target path; a bad one is recorded and the rest goes on."""
    batch = Batch()
    for source, target in files:
        try:
            text = translate_file(translator, source, progress)
            write_text(target, text)
            batch.done.append(target)
        except UserError as e:
            batch.errors.append(e)
    return batch


def translate_file(translator: BatchTranslator, source: Path, progress: Progress | None = None) -> str:
    """The translated text of a file, line for line, each with a line feed.

    Raises:
        InputError: when the file cannot be read as text.
    """
    lines = translate_lines(translator, TextFile(source).lines(), progress=progress)
    return "".join(f"{line}\n" for line in lines)


def targets(sources: Iterable[Path], directory: Path, lang: str = "en") -> list[tuple[Path, Path]]:
    """Where each source's translation goes in a directory: `a.ja.txt` and `a.txt` → `a.en.txt`.

    Raises:
        ConfigError: when two sources would be written to one file, or one over another.
        OutputError: when the directory cannot be made.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as d:
        ...     [t.name for _, t in targets([Path("a.ja.txt"), Path("b.md")], Path(d))]
        ['a.en.txt', 'b.en.md']
    """
    make_directory(directory)
    taken: dict[Path, Path] = {}
    sources = list(sources)
    given = {source.resolve() for source in sources}
    for source in sources:
        target = directory / f"{source.stem.removesuffix('.ja')}.{lang}{source.suffix}"
        if target in taken:
            raise ConfigError("--out-dir", "files of different names", f"{taken[target]} and {source}")
        if target.resolve() in given:
            raise ConfigError("--out-dir", "a directory where no input is overwritten", f"{source} going to {target}")
        taken[target] = source
    return [(source, target) for target, source in taken.items()]
