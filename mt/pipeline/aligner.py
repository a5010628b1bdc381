"""A method with what it needs, opened once for many pairs of documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mt.align.choose import Choice, choose
from mt.align.options import AlignOptions
from mt.align.side import Side
from mt.errors import ConfigError, CountError, ModelError
from mt.protocols import Progress, SentenceEncoder, Silent
from mt.signature import Signature
from mt.translate.run import BatchTranslator
from mt.types import Alignment, Bead

TRANSLATES = ("ja", "en")  # what the models of this program translate
# What encoders were trained on, by name; of others nothing is known, and any language is taken. `use`: Yang et al. 2020, table 1.
_READS = {"use": frozenset(["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"])}


@dataclass(frozen=True, slots=True)
class AlignConfig:
    """How documents are aligned.

    Attributes:
        method: `embed` compares vectors, `mt` translations, `length` lengths; `auto` takes what is there, see `mt.align.choose`.
        encoder: what makes vectors, see `mt.models.encoders.open_encoder`.
        options: beads and borders.
        vectors: files of both sides' sentence vectors, in place of an encoder's (see `mt.models.vectors`); None = the encoder makes them.
        cache: a file that keeps the encoder's vectors by their texts.
        device: of the encoder and the translator.
        threads: of the encoder; 0 = as many as there are cores.
        model: of the translator, see `mt models list`.
        translations: a translation of each source sentence, one a line, in place of the translator's.
        download: whether the encoder may be fetched where it is not on disk.
    """

    method: Literal["auto", "embed", "mt", "length"] = "auto"
    encoder: str = "use"
    options: AlignOptions = field(default_factory=AlignOptions)
    vectors: tuple[Path, Path] | None = None
    cache: Path | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 0
    model: str = "auto"
    translations: Path | None = None
    download: bool = False


class Aligner:
    """Aligns pairs of documents; close it, or use it in a `with` block.

    Example:
        >>> with Aligner(AlignConfig("length")) as aligner:
        ...     alignment, choice = aligner.align(Side(("猫がいる。",), "ja"), Side(("There is a cat.",), "en"))
        >>> alignment.beads[0].src, choice.why
        (range(0, 1), 'asked for')
    """

    def __init__(
        self,
        config: AlignConfig | None = None,
        *,
        encoder: SentenceEncoder | None = None,
        translations: Sequence[str] | None = None,
    ) -> None:
        """`encoder` is used in place of the configured one, and stays its owner's; `translations` in place of the configured file.

        Raises:
            ConfigError: where the method cannot do what else is asked for.
        """
        self.config = config or AlignConfig()
        if self.config.vectors is not None and self.config.method not in ("auto", "embed"):
            raise ConfigError("--vectors-src", "--method embed or auto beside it", self.config.method)
        self._translations = translations
        if self._translates and self.config.method not in ("auto", "mt"):
            raise ConfigError("--translations", "--method mt or auto beside it", self.config.method)
        self._stack = ExitStack()
        self._encoder = encoder
        self._given = encoder is not None
        self._translator: BatchTranslator | None = None

    @property
    def _translates(self) -> bool:
        """Somebody else translated the source."""
        return self._translations is not None or self.config.translations is not None

    def __enter__(self) -> Aligner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free what was opened. Calling it twice does no harm."""
        self._stack.close()
        self._translator = None
        if not self._given:
            self._encoder = None

    def align(
        self,
        src: Side,
        tgt: Side,
        *,
        fixed: Sequence[Bead] = (),
        ids: tuple[str, str] = ("src", "tgt"),
        progress: Progress | None = None,
    ) -> tuple[Alignment, Choice]:
        """Align two documents; also says by which method, and why.

        Raises:
            UserError: where the method lacks something, or hard borders or fixed beads do not fit these documents.
        """
        progress = progress or Silent()
        choice = self._choose(src, tgt)
        if choice.method == "embed":
            return self._embed(src, tgt, fixed, ids, progress), choice
        if choice.method == "mt":
            return self._translated(src, tgt, fixed, ids, progress), choice
        from mt.align.length import align_length

        return align_length(src, tgt, self.config.options, fixed=fixed, ids=ids, progress=progress), choice

    def _choose(self, src: Side, tgt: Side) -> Choice:
        config = self.config
        if config.method != "auto":
            return Choice(config.method, "asked for")
        if config.vectors is not None:
            return Choice("embed", "vectors are given")
        if self._translates:
            return Choice("mt", "translations are given")
        name, langs = self._known()
        return choose((src.lang, tgt.lang), encoder=name, encoder_langs=langs, translator_langs=TRANSLATES)

    def _known(self) -> tuple[str | None, frozenset[str] | None]:
        """Name and languages of the encoder; no name where the default one cannot be had. One that was named must be there."""
        if self._given:
            return "the encoder given", None
        try:
            self._open()
        except ModelError:
            if self.config.encoder != AlignConfig().encoder:
                raise
            return None, None
        return self.config.encoder, _READS.get(self.config.encoder)

    def _open(self) -> SentenceEncoder:
        if self._encoder is None:
            from mt.models.encoders import open_encoder

            config = self.config
            self._encoder = open_encoder(
                config.encoder,
                device=config.device,
                threads=config.threads or None,
                cache=config.cache,
                download=config.download,
            )
        return self._encoder

    def _embed(
        self, src: Side, tgt: Side, fixed: Sequence[Bead], ids: tuple[str, str], progress: Progress
    ) -> Alignment:
        from mt.align.sentences import align, windows

        encoders = (self._open(),) * 2 if self.config.vectors is None else self._precomputed()
        progress.stage("encoding", None, "sentence")
        longest = self.config.options.longest
        vectors = (windows(encoders[0], src, longest), windows(encoders[1], tgt, longest))
        first, second = (encoder.signature for encoder in encoders)
        signature = first if self.config.vectors is None else _joint(first, second)
        return align(src, tgt, vectors, self.config.options, fixed=fixed, encoder=signature, ids=ids, progress=progress)

    def _precomputed(self) -> tuple[SentenceEncoder, SentenceEncoder]:
        from mt.models.encoders import open_encoder

        first, second = self.config.vectors or (Path(), Path())
        return open_encoder(f"vectors:{first}"), open_encoder(f"vectors:{second}")

    def _translated(
        self, src: Side, tgt: Side, fixed: Sequence[Bead], ids: tuple[str, str], progress: Progress
    ) -> Alignment:
        from mt.align.translated import align_translated

        options = self.config.options
        if not self._translates and (_base(src), _base(tgt)) == TRANSLATES[::-1]:
            # our models translate one way only: the target side is translated, and the sides change places for the while
            back = tuple(Bead(bead.tgt, bead.src, bead.score, bead.probability) for bead in fixed)
            answers, signature = self._answers(tgt, src, progress)
            turned = align_translated(
                tgt, src, answers, options, fixed=back, translator=signature, ids=ids[::-1], progress=progress
            )
            beads = tuple(Bead(bead.tgt, bead.src, bead.score, bead.probability) for bead in turned.beads)
            return Alignment(*ids, beads, turned.signature, turned.translations)
        answers, signature = self._answers(src, tgt, progress)
        return align_translated(
            src, tgt, answers, options, fixed=fixed, translator=signature, ids=ids, progress=progress
        )

    def _answers(self, src: Side, tgt: Side, progress: Progress) -> tuple[tuple[str, ...], Signature]:
        """The source sentences in the target's language, and who translated them."""
        if self._translations is not None:
            return tuple(self._translations), Signature.of(model="given")
        if self.config.translations is not None:
            from mt.bitext.stream import lines

            path = self.config.translations
            given = tuple(lines(path))
            if len(given) != len(src):
                raise CountError(path, len(given), "the source document", len(src), "sentence")
            return given, Signature.of(model="given")
        if _base(src) == _base(tgt):
            return src.sentences, Signature.of(model="none")
        if (_base(src), _base(tgt)) != TRANSLATES:
            expected = f"{TRANSLATES[0]} and {TRANSLATES[1]}, which our models translate, or --translations"
            raise ConfigError("--method mt", expected, f"{src.lang} and {tgt.lang}")
        progress.stage("translating", len(src), "sentence")
        translator = self._open_translator()
        answers = []
        for hypothesis in translator.translate(src.sentences):
            answers.append(hypothesis.text)
            progress.advance(1)
        return tuple(answers), translator.signature

    def _open_translator(self) -> BatchTranslator:
        if self._translator is None:
            from mt.pipeline.config import DecodeConfig, ModelConfig
            from mt.pipeline.models import resolve
            from mt.pipeline.translator import open_configured

            # greedy and unguarded: overlap with the target is judged, not style, and a lost clause costs a bead little
            model = ModelConfig(resolve(self.config.model)[0], device=self.config.device)
            self._translator = open_configured(model, DecodeConfig(beam_size=1, guard=False))
            self._stack.enter_context(self._translator)
        return self._translator


def _joint(first: Signature, second: Signature) -> Signature:
    """Of two files of vectors: every key of each, with its side behind it."""
    sides = (("src", first), ("tgt", second))
    return Signature(tuple((f"{key}.{side}", value) for side, signature in sides for key, value in signature.items))


def both(src: Path | None, tgt: Path | None) -> tuple[Path, Path] | None:
    """Files of vectors: two, or none.

    Raises:
        ConfigError: for one without the other.
    """
    if src is None and tgt is None:
        return None
    if src is None or tgt is None:
        raise ConfigError("--vectors-src", "--vectors-tgt beside it, or neither", "one of them")
    return src, tgt


def _base(side: Side) -> str:
    return side.lang.lower().replace("_", "-").split("-")[0]
