"""What `mt align docs` does: two folders or JSON lines of documents in, which is whose translation out, and which have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mt.bitext import jsonl, piles
from mt.documents.plain import document
from mt.errors import ConfigError, InputError
from mt.pipeline.align_match import document_name
from mt.pipeline.align_text import SPLIT, read_text
from mt.pipeline.manifest import check_sum
from mt.protocols import Progress, SentenceEncoder, Silent
from mt.text.script import language

if TYPE_CHECKING:
    from mt.align.document_vectors import TextDocument
    from mt.align.documents import DocumentOptions, Likeness, Matched, NullDocument

    _Side = tuple[TextDocument, ...]

Format = Literal["tsv", "jsonl"]


@dataclass(frozen=True, slots=True)
class DocsConfig:
    """How documents are matched.

    Attributes:
        options: the defaults where None.
        encoder: see `mt.models.encoders.open_encoder`.
        cache: a file that keeps the encoder's vectors by their texts.
        device: of the encoder.
        threads: of the encoder; 0 = as many as there are cores.
        download: whether the encoder may be fetched where it is not on disk.
        glob: which files of a folder; `{lang}` in it stands for the side's language.
    """

    options: DocumentOptions | None = None
    encoder: str = "use"
    cache: Path | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    glob: str = "**/*"
    download: bool = False


@dataclass(frozen=True, slots=True)
class DocsReport:
    """Documents and how they were matched."""

    src: tuple[TextDocument, ...]
    tgt: tuple[TextDocument, ...]
    matched: Matched

    def __post_init__(self) -> None:
        """Raises an error where a document is in no count, or in two."""
        pairs = len(self.matched.pairs)
        check_sum(len(self.src), {"paired": pairs, "null": len(self.matched.src_nulls)}, "src documents")
        check_sum(len(self.tgt), {"paired": pairs, "null": len(self.matched.tgt_nulls)}, "tgt documents")

    def text(self, format: Format) -> str:
        """Pairs in the order of the source side, then documents without a partner, source side first.

        `tsv` has seven cells: source, target, score, margin, reason; and of a document without a partner, whose other cell is empty and whose
        reason is `null`, the best candidate and its score. `jsonl` has the parts of the score too.
        """
        if format == "jsonl":
            return jsonl.dumps(self._records())
        rows: list[tuple[str | float | None, ...]] = []
        for p in self.matched.pairs:
            rows.append((self.src[p.src].id, self.tgt[p.tgt].id, p.likeness.score, p.margin, p.reason, None, None))
        for side, other, nulls in self._nulls():
            for n in nulls:
                one = side[n.number].id
                cells = (one, None) if side is self.src else (None, one)
                best = (None, None) if n.best is None else (other[n.best].id, n.likeness.score if n.likeness else None)
                rows.append((*cells, None, None, "null", *best))
        return piles.table(rows)

    def _nulls(self) -> tuple[tuple[_Side, _Side, tuple[NullDocument, ...]], ...]:
        return (self.src, self.tgt, self.matched.src_nulls), (self.tgt, self.src, self.matched.tgt_nulls)

    def _records(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for p in self.matched.pairs:
            src, tgt = self.src[p.src], self.tgt[p.tgt]
            found.append({"src": src.id, "tgt": tgt.id, **_parts(p.likeness), "margin": p.margin, "reason": p.reason})
        for side, other, nulls in self._nulls():
            for n in nulls:
                one = side[n.number].id
                ids = {"src": one, "tgt": None} if side is self.src else {"src": None, "tgt": one}
                best = None if n.best is None else {"id": other[n.best].id, **_parts(n.likeness)}
                found.append({**ids, "score": None, "reason": "null", "best": best})
        return found

    def record(self) -> dict[str, object]:
        """For machines: counts that add up, hints that were refused, the recipe."""
        m = self.matched
        return {
            "src": {"read": len(self.src), "paired": len(m.pairs), "null": len(m.src_nulls)},
            "tgt": {"read": len(self.tgt), "paired": len(m.pairs), "null": len(m.tgt_nulls)},
            "reasons": dict(sorted(Counter(p.reason for p in m.pairs).items())),
            "hints_refused": [[self.src[i].id, self.tgt[j].id] for i, j in m.refused],
            "langs": [side[0].lang if side else None for side in (self.src, self.tgt)],
            "signature": str(m.signature),
        }

    def lines(self) -> list[str]:
        """For people."""
        m = self.matched
        reasons = ", ".join(f"{n:,} by {r}" for r, n in sorted(Counter(p.reason for p in m.pairs).items()))
        said = [
            f"{len(m.pairs):,} pairs ({reasons or 'none'}); without a partner: {len(m.src_nulls):,} src, {len(m.tgt_nulls):,} tgt"
        ]
        if m.refused:
            said.append(f"{len(m.refused):,} pairs of equal names were refused: their texts say otherwise")
        return said


def _parts(likeness: Likeness | None) -> dict[str, object]:
    if likeness is None:
        return {"score": None}
    return {
        "score": likeness.score,
        "aligned": likeness.aligned,
        "content": likeness.content,
        "shared": likeness.shared,
        "agreement": likeness.agreement,
    }


def format_of(asked: str, out: Path | None) -> Format:
    """The format asked for, or by the name of the output, `tsv` where that says nothing."""
    if asked in {"tsv", "jsonl"}:
        return "tsv" if asked == "tsv" else "jsonl"
    if asked != "auto":
        raise ConfigError("--format", "auto, tsv, jsonl", asked)
    return "jsonl" if out is not None and out.suffix.lower() in piles.JSON_SUFFIXES else "tsv"


def match_documents(
    src: Path,
    tgt: Path,
    config: DocsConfig | None = None,
    *,
    langs: tuple[str | None, str | None] = (None, None),
    encoder: SentenceEncoder | None = None,
    progress: Progress | None = None,
) -> DocsReport:
    """Match the documents of two folders, or of two files of JSON lines.

    Args:
        src: a folder of texts, or JSON lines with `id`, `url` if any, and `text` or `sentences`.
        tgt: the same; of one folder given twice, files belong to the side whose language their names say.
        config: the defaults where None.
        langs: of the sides; None = by script.
        encoder: used in place of the configured one.
        progress: told of sentences encoded and documents compared.

    Raises:
        InputError: for what cannot be read, or a folder without such files.
        OptionError: for an option out of range.
    """
    config = config or DocsConfig()
    if src.resolve() == tgt.resolve():
        langs = (langs[0] or "ja", langs[1] or "en")
        if langs[0] == langs[1]:
            raise ConfigError("--tgt-lang", "another language than --src-lang, both sides being one folder", langs[1])
    one = _load(src, langs[0], config.glob, named=src.resolve() == tgt.resolve())
    two = _load(tgt, langs[1], config.glob, named=src.resolve() == tgt.resolve())
    return match_loaded(one, two, config, encoder=encoder, progress=progress)


def match_loaded(
    src: Sequence[TextDocument],
    tgt: Sequence[TextDocument],
    config: DocsConfig | None = None,
    *,
    encoder: SentenceEncoder | None = None,
    progress: Progress | None = None,
) -> DocsReport:
    """Match documents that are in memory; their sentences must not be blank."""
    from mt.align.documents import match
    from mt.align.pool import encode
    from mt.models.encoders import open_encoder

    config, progress = config or DocsConfig(), progress or Silent()
    if encoder is None:
        encoder = open_encoder(
            config.encoder,
            device=config.device,
            threads=config.threads or None,
            cache=config.cache,
            download=config.download,
        )
    vectors = []
    for side in (src, tgt):
        # menus and footers stand in many documents: every text is encoded once
        places = {text: n for n, text in enumerate(dict.fromkeys(s for d in side for s in d.sentences))}
        rows = encode(encoder, list(places), progress)
        vectors.append([rows[[places[s] for s in d.sentences]] for d in side])
    matched = match(src, tgt, (vectors[0], vectors[1]), config.options, encoder=encoder.signature, progress=progress)
    return DocsReport(tuple(src), tuple(tgt), matched)


def _load(path: Path, lang: str | None, glob: str, *, named: bool) -> list[TextDocument]:
    """Documents of one side. The language of most of them is that of all; one in another language stays, and is no translation."""
    found = _folder(path, lang, glob, named=named) if path.is_dir() else _json(path, lang)
    from mt.align.document_vectors import TextDocument

    code = lang or Counter(one[3] for one in found if one[3]).most_common(1)[0][0] if found else lang or "und"
    return [TextDocument(id, code or "und", tuple(s for s in texts if s.strip()), name) for id, name, texts, _ in found]


_Loaded = tuple[str, str, Sequence[str], str | None]  # id, name, sentences, language


def _folder(path: Path, lang: str | None, glob: str, *, named: bool) -> list[_Loaded]:
    pattern = glob.replace("{lang}", lang or "*")
    try:
        files = sorted(p for p in path.glob(pattern) if p.is_file())
    except (ValueError, NotImplementedError) as e:
        raise ConfigError("--glob", "a pattern relative to the folder, e.g. **/*.txt", f"{glob!r} ({e})") from None
    found: list[_Loaded] = []
    for file in files:
        below = file.relative_to(path)
        if any(part.startswith(".") for part in below.parts):
            continue
        if named and document_name(file)[1] != lang:
            continue
        text = read_text(file, lang)
        found.append((below.as_posix(), below.as_posix(), text.side.sentences, text.side.lang))
    if not found:
        raise InputError(path, f"files like {pattern}" + (f" named for {lang}" if named else ""), "none")
    return found


def _json(path: Path, lang: str | None) -> list[_Loaded]:
    raw = piles.documents(path)
    code = lang or language(t for d in raw for t in ([d.text] if d.text is not None else d.sentences or ()))
    found: list[_Loaded] = []
    for one in raw:
        # an id is a name where it looks like a path or says a language; running numbers mean nothing
        name = one.url or (one.id if "/" in one.id or document_name(Path(one.id))[1] else "")
        texts: Sequence[str] = one.sentences or ()
        if one.text is not None:
            base = (code or "und").split("-")[0]
            split = base in SPLIT
            texts = [s.text for s in document(one.id, base, one.text).segments] if split else one.text.split("\n")
        found.append((one.id, name, texts, code))
    return found
