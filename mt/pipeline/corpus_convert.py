"""`mt corpus convert`: a corpus or a bitext in one format → the same rows in another, as a stream."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mt.bitext.records import Reject, format_of
from mt.bitext.write import FORMATS, open_file, open_writers
from mt.errors import ConfigError, MTError
from mt.pipeline.corpus_folder import WHOLE, Corpus
from mt.protocols import Progress, Silent

_WRITTEN = {"tsv": ".tsv", "jsonl": ".jsonl", "tmx": ".tmx", "parquet": ".parquet"}


@dataclass(frozen=True, slots=True)
class Converted:
    """What was done: rows by split, files with hash, size and rows, sides with a replaced character by format."""

    rows: dict[str, int]
    files: dict[str, dict[str, object]]
    replaced: dict[str, int]

    def record(self) -> dict[str, object]:
        """As JSON can hold it."""
        return {"rows": self.rows, "files": self.files, "replaced": self.replaced}


def convert(
    corpus: Corpus,
    out: Path,
    form: str = "auto",
    *,
    split: str | None = None,
    file_rows: int = 500_000,
    skipped: list[Reject] | None = None,
    progress: Progress | None = None,
) -> Converted:
    """Write a corpus anew.

    Args:
        corpus: what is read.
        out: a file, which takes one split; or a folder (a name without suffix), which takes all of them under their names, in the hub's layout where
            they are parquet. `NAME.SRC` with format `moses` writes `NAME.TGT` beside it. `.zst` behind the name compresses text.
        form: of `FORMATS`; `auto` goes by the name.
        split: only that one.
        file_rows: rows of a parquet file in a folder.
        skipped: takes what is no pair; without it, that is an error.
        progress: told of rows.

    Raises:
        ConfigError: for a format that is not written, or several splits for one file.
        InputError: naming file and line.
        OutputError: where it cannot be written.
    """
    chosen = corpus.chosen(split)
    single = bool(out.suffix) and not out.is_dir()
    made_form = _form(out, form, single, corpus.langs)
    if single and len(chosen) > 1:
        raise ConfigError("--split", f"one of {', '.join(chosen)}, since {out} is one file", "none")
    if single and out.exists() and any(out.samefile(p) for x in corpus.files[chosen[0]].values() for p, _ in x):
        raise ConfigError("OUT", "another file than what is read", str(out))
    told = progress or Silent()
    done = Converted({}, {}, {})
    for name in chosen:
        told.stage(name, None, "row")
        names = _scores(corpus, name, skipped) if made_form in ("parquet", "jsonl", "tmx") else ()
        if single:
            opened = open_file(out, made_form, corpus.langs, scores=names)
        else:
            called = "train" if name == WHOLE else name
            opened = open_writers(out, called, (made_form,), corpus.langs, scores=names, file_rows=file_rows)
        with opened as writers:
            read = 0
            for block in corpus.blocks(name, skipped=skipped):
                read += len(block)
                writers.write(block, block.given)
                told.advance(len(block))
            if writers.rows != read:
                raise MTError(f"{name}: {read:,} rows read, {writers.rows:,} written")
            done.files.update({file: dict(one) for file, one in writers.commit().items()})
            for key, count in writers.replaced.items():
                done.replaced[key] = done.replaced.get(key, 0) + count
        done.rows[name] = read
    return done


def _form(out: Path, form: str, single: bool, langs: tuple[str, str]) -> str:
    if form == "auto" and not single:
        return "parquet"
    suffix = Path(out.name.removesuffix(".zst")).suffix
    if form == "auto":
        form = "moses" if suffix == f".{langs[0]}" else format_of(out)
        if form not in FORMATS or (form != "moses" and suffix != _WRITTEN[form]):
            known = ", ".join([*_WRITTEN.values(), f".{langs[0]}"])
            raise ConfigError("OUT", f"a name that ends in {known}, or --format beside it", str(out))
    if form not in FORMATS:
        raise ConfigError("--format", f"one of {', '.join(FORMATS)}", form)
    if single and form == "moses" and suffix != f".{langs[0]}":
        raise ConfigError("OUT", f"a name that ends in .{langs[0]}, whose other side is .{langs[1]}", str(out))
    return form


def _scores(corpus: Corpus, split: str, skipped: list[Reject] | None) -> list[str]:
    """Names of all scores of a split, in the order in which they are first met; every row must be looked at, but for parquet."""
    names: dict[str, None] = {}
    aside: list[Reject] | None = None if skipped is None else []
    for block in corpus.blocks(split, skipped=aside):
        names |= dict.fromkeys(block.given)
        if corpus.formats(split)[0] == "parquet":
            break
    return list(names)
