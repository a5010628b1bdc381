"""Making pairs for a corpus: documents aligned, piles mined, sentences translated. What becomes of no pair is a reject that says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from mt.bitext.records import Reject, short
from mt.block import Block
from mt.errors import ConfigError
from mt.pipeline.corpus_config import CorpusConfig, SourceConfig
from mt.pipeline.corpus_files import ReadUnit, by_side, said
from mt.pipeline.corpus_normalize import normaliser
from mt.pipeline.corpus_rows import Rejects, Rows
from mt.pipeline.corpus_text import pages, sentences
from mt.translate.run import BatchTranslator
from mt.types import DOUBTS, EMPTY, FAILURES, PASSED_THROUGH, Bead, Hypothesis

# Reasons beside those of reading (`mt.bitext.records`), of pages (`mt.documents`), of mining (`mt.align.mining`) and failures of translation.
UNALIGNED = "unaligned"  # a sentence that the other document has no translation of

_TRANSLATES = ("ja", "en")
_DIGITS = 4  # of numbers that models give: the next ones depend on the processor


def make(config: CorpusConfig, base: Path, unit: ReadUnit, rows: Rows) -> Iterator[Block | Rejects]:
    """Rows of a unit whose pairs have to be made; see `mt.pipeline.corpus_read.read_unit`."""
    how = {"align": _align, "mine": _mine, "translate": _translate}[config.source[unit.source].make]
    return how(config, base, unit, rows)


def recipe(config: CorpusConfig, source: SourceConfig) -> dict[str, object]:
    """What made pairs depend on beside their files and the options of `fingerprint`: models by their signatures, so that another version is another
    recipe.

    Raises:
        UserError: where a model that is asked for is not there.
    """
    from mt.documents.html import version

    found: dict[str, object] = {"html": version()}
    encoder, device = config.score.encoder, config.score.device
    if source.make == "mine":
        found |= {"encoder": _encoder_signature(encoder, device), "min_margin": source.min_margin}
    elif source.make == "translate":
        found |= {"translator": _translator_signature(source.model, device)}
    else:
        from mt.align.options import AlignOptions

        found |= {"method": source.method, "options": str(AlignOptions().signature())}
        if source.method in ("auto", "embed"):
            found["encoder"] = _encoder_signature(encoder, device)
        elif source.method == "mt":
            found["translator"] = _translator_signature(source.model, device)
    return found


@lru_cache(maxsize=8)
def _encoder_signature(name: str, device: str) -> str:
    from mt.models.encoders import open_encoder

    return str(open_encoder(name, device=device).signature)


@lru_cache(maxsize=8)
def _translator_signature(name: str, device: str) -> str:
    with _open_translator(name, device) as translator:
        return str(translator.signature)


def _open_translator(name: str, device: str) -> BatchTranslator:
    from mt.pipeline.config import DecodeConfig, ModelConfig
    from mt.pipeline.models import resolve
    from mt.pipeline.translator import open_configured

    # one thread: units are done side by side
    model = ModelConfig(resolve(name)[0], device=device, threads=1)  # type: ignore[arg-type] # one of three, checked there
    return open_configured(model, DecodeConfig())


def _align(config: CorpusConfig, base: Path, unit: ReadUnit, rows: Rows) -> Iterator[Block | Rejects]:
    from mt.pipeline.aligner import AlignConfig, Aligner

    source = config.source[unit.source]
    options = AlignConfig(
        method=source.method,  # type: ignore[arg-type] # checked by Aligner
        encoder=config.score.encoder,
        device=config.score.device,
        model=source.model,
        threads=1,
    )
    with Aligner(options) as aligner:
        pairs = zip(unit.files[::2], unit.files[1::2], unit.names, strict=True)
        for number, (src_path, tgt_path, name) in enumerate(pairs, unit.first):
            shown = said(src_path, base), said(tgt_path, base)
            rows.file(number, shown[0], name)
            both = pages((src_path, tgt_path), (config.src_lang, config.tgt_lang), source.format)
            for page, file in zip(both, shown, strict=True):
                for dropped in page.dropped:
                    rows.reject(dropped.reason, line=dropped.line, text=short(dropped.text), file=file)
            src, tgt = both[0].side, both[1].side
            beads: tuple[Bead, ...]
            translations = None
            if len(src) and len(tgt):
                alignment, _ = aligner.align(src, tgt)
                beads, translations = alignment.beads, alignment.translations
            else:
                beads = (Bead(range(len(src)), range(len(tgt))),) if len(src) or len(tgt) else ()
            for bead in beads:
                texts = [src.sentences[i] for i in bead.src], [tgt.sentences[i] for i in bead.tgt]
                if texts[0] and texts[1]:
                    given = {"probability": bead.probability, "translations": translations}
                    scores = {key: round(value, _DIGITS) for key, value in given.items() if value is not None}
                    rows.row(src.joiner.join(texts[0]), tgt.joiner.join(texts[1]), name, scores)
                    continue
                for one in texts[0]:
                    rows.reject(UNALIGNED, src=one)
                for one in texts[1]:
                    rows.reject(UNALIGNED, tgt=one, file=shown[1])
            if rows.full():
                yield from rows.rest()
    yield from rows.rest()


def _mine(config: CorpusConfig, base: Path, unit: ReadUnit, rows: Rows) -> Iterator[Block | Rejects]:
    """Rows by the place of their source sentence; behind them the target sentences of no pair."""
    from mt.align.mining import MiningOptions
    from mt.pipeline.mine import MineConfig, mine

    source = config.source[unit.source]
    rows.file(0, "", "mined")
    langs = (config.src_lang, config.tgt_lang)
    piles = []
    for files, lang in zip(by_side(unit), langs, strict=True):
        pile: list[tuple[str, int, str]] = []
        for path in files:
            for one in sentences(path, lang, source.format):
                if isinstance(one, Reject):
                    rows.reject(one.reason, line=one.line, text=one.text, file=said(path, base))
                else:
                    pile.append((said(path, base), *one))
        piles.append(pile)
    fixes = [normaliser(config.normalize, lang) for lang in langs]
    texts = [[fix(text) for _, _, text in pile] for fix, pile in zip(fixes, piles, strict=True)]
    options = MineConfig(
        MiningOptions(min_margin=source.min_margin),
        encoder=config.score.encoder,
        device=config.score.device,
        threads=1,
    )
    mined = mine((texts[0], texts[1]), options, langs=langs).mined
    partner = {pair.src: pair for pair in mined.pairs}
    for number, (file, line, text) in enumerate(piles[0]):
        if (pair := partner.get(number)) is not None:
            given = {"margin": round(pair.margin, _DIGITS), "cosine": round(pair.cosine, _DIGITS)}
            rows.row(text, piles[1][pair.tgt][2], None, given)
        else:
            rows.reject(str(mined.src_reasons[number]), line=line, src=text, file=file)
        if rows.full():
            yield from rows.rest()
    for reason, (file, line, text) in zip(mined.tgt_reasons, piles[1], strict=True):
        if reason is not None:
            rows.reject(reason, line=line, tgt=text, file=file)
        if rows.full():
            yield from rows.rest()
    yield from rows.rest()


def _translate(config: CorpusConfig, base: Path, unit: ReadUnit, rows: Rows) -> Iterator[Block | Rejects]:
    """Sentences with their translations; of a corpus into Japanese, Japanese is the target and its translation the source (back-translation)."""
    from mt.pipeline.lines import pooled

    source = config.source[unit.source]
    langs = (config.src_lang, config.tgt_lang)
    if set(langs) != set(_TRANSLATES):
        raise ConfigError("src_lang", "ja and en, which our models translate", f"{langs[0]} and {langs[1]}")
    forward = langs == _TRANSLATES
    path = unit.files[0]
    rows.file(unit.first, said(path, base), unit.names[0])
    fix = normaliser(config.normalize, _TRANSLATES[0])

    def text_of(one: tuple[int, str] | Reject) -> list[str]:
        return [] if isinstance(one, Reject) else [fix(one[1])]

    with _open_translator(source.model, config.score.device) as translator:
        found = sentences(path, _TRANSLATES[0], source.format, unit.lines)
        for one, hypotheses in pooled(translator, found, text_of):
            if isinstance(one, Reject):
                rows.reject(one.reason, line=one.line, text=one.text)
            elif (reason := failure(hypotheses[0])) is not None:
                rows.reject(reason, line=one[0], **{"src" if forward else "tgt": one[1]})
            else:
                sides = (one[1], hypotheses[0].text)
                rows.row(*(sides if forward else sides[::-1]), None, _scores(hypotheses[0]))
            if rows.full():
                yield from rows.rest()
    yield from rows.rest()


def failure(hypothesis: Hypothesis) -> str | None:
    """Why a hypothesis is no translation, None where it is one.

    Example:
        >>> failure(Hypothesis("2021", None, 0, flags=("passed-through",))), failure(Hypothesis("Cat.", -1.5, 3))
        ('passed-through', None)
    """
    if PASSED_THROUGH in hypothesis.flags:
        return PASSED_THROUGH
    if hypothesis.failed:
        return next(flag for flag in hypothesis.flags if flag in FAILURES)
    return None if hypothesis.text.strip() else EMPTY


def _scores(hypothesis: Hypothesis) -> dict[str, float]:
    """Log-probability a piece, and the number of reasons to doubt."""
    found = {"doubts": float(sum(flag in DOUBTS for flag in hypothesis.flags))}
    if hypothesis.logprob is not None and hypothesis.pieces:
        found["logprob"] = round(hypothesis.logprob / hypothesis.pieces, _DIGITS)
    return found
