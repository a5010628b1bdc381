"""Word alignment: scores of words by one or several methods → links, and the words of a pair by name.

Three methods score every pair of words of a sentence pair: a lexicon learnt from bitext (`mt.models.words_hmm`), a translation model's attention
(`mt.models.words_attention`), and likeness of word vectors (`mt.models.words_similar`). `combined` adds up what there is. Links are the cells above
one threshold, and those above a lower one that touch a link where a word has none yet.

Heads, weights and thresholds of the whole sum are the best of 720 settings on sentences 1, 3, 5, … of the 291 of KFTT (`scripts/bench_words.py` shows
both halves). What the settings were to be, the thresholds of single methods, and the weight of likeness beside attention alone, were found with the
other half in view, so its figures flatter a little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from mt.align.links import Cells, csls, itermax, mutual_best, off_diagonal, symmetrize, to_characters
from mt.errors import ConfigError, ModelError
from mt.models.registry import find
from mt.models.tokens import KINDS, japanese, tokenizer
from mt.models.words_attention import AttentionScorer, Head
from mt.models.words_hmm import LexiconScorer
from mt.models.words_shipped import shipped_lexicon
from mt.models.words_similar import SimilarScorer
from mt.signature import Signature
from mt.text.tokens import Tokens, is_cut
from mt.types import Links, Pair

METHODS = ("auto", "combined", "eflomal", "fast_align", "attention", "similar")
TOKENS = ("auto", *KINDS)
_NEIGHBOURS, _SLOPE, _ROUNDS = (
    3,
    0.3,
    2,
)  # of likeness: CSLS's k, what the way from the diagonal costs, itermax's rounds
_HEADS = 3  # of a model whose best heads nobody measured
_SHOWN = 100  # pairs by which they are chosen
TokenPair = tuple[Tokens, Tokens]


class Scorer(Protocol):
    """What a method is."""

    @property
    def signature(self) -> Signature:
        """Method and model."""

    def scores(self, pairs: Sequence[TokenPair]) -> list[Any]:
        """A float array (src words, tgt words) for each pair, higher = likelier linked."""


@dataclass(frozen=True, slots=True)
class Part:
    """One method of a combination, and what its scores are multiplied by; what is below 0 counts as 0."""

    scorer: Scorer
    weight: float = 1.0
    swapped: bool = False  # the method reads the target and writes the source

    def scores(self, pairs: Sequence[TokenPair]) -> list[Any]:
        """Scores of the pairs as they are given."""
        if not self.swapped:
            return self.scorer.scores(pairs)
        return [one.T for one in self.scorer.scores([(tgt, src) for src, tgt in pairs])]


@dataclass(frozen=True, slots=True)
class WordLinker:
    """Links of pairs whose words are known; implements `mt.protocols.WordAligner` with the cut of `tokens`.

    Attributes:
        parts: at least one.
        firm: cells with a higher sum of scores are links.
        weak: cells with a higher sum that touch a link are, where one of their words has none yet; ≤ `firm`.
        likeness: the sum is of cosines: links are taken by CSLS and itermax instead, and both thresholds mean nothing.
        tokens: kinds of words of source and target, see `mt.models.tokens`.

    Example:
        >>> linker = open_linker("attention", tokens=("characters", "words"))
        >>> linker.align([Pair("1", "3匹", "3 cats", "test")])[0].spans[0]
        ((0, 1), (0, 1))
    """

    parts: tuple[Part, ...]
    firm: float = 0.0
    weak: float = 0.0
    likeness: bool = False
    tokens: tuple[str, str] = ("given", "given")

    @property
    def signature(self) -> Signature:
        """Every method with its weight, the thresholds, and the words."""
        line = Signature.of(words="+".join(f"{part.weight:g}" for part in self.parts))
        for part in self.parts:
            own = Signature(
                tuple(
                    (f"{part.scorer.signature.items[0][0]}-{k}" if n else k, v)
                    for n, (k, v) in enumerate(part.scorer.signature.items)
                )
            )
            line = line.join(own)
        if self.likeness:
            line = line.plus(csls=_NEIGHBOURS, slope=_SLOPE, itermax=_ROUNDS)
        else:
            line = line.plus(firm=self.firm, weak=self.weak)
        return line.plus(src=self.tokens[0], tgt=self.tokens[1])

    def cells(self, pairs: Sequence[TokenPair]) -> list[Cells]:
        """Links of each pair as (src word, tgt word), from 0; none where a side has no words."""
        sums: list[Any] = [0.0] * len(pairs)
        for part in self.parts:
            for n, scores in enumerate(part.scores(pairs)):
                sums[n] = sums[n] + part.weight * (scores if self.likeness else scores.clip(0))
        return [self._links(scores) for scores in sums]

    def align(self, pairs: Sequence[Pair]) -> list[Links]:
        """Links of each pair as spans of characters, in order."""
        cut = tuple(tokenizer(kind) for kind in self.tokens)
        tokens = [(cut[0](pair.src), cut[1](pair.tgt)) for pair in pairs]
        return [to_characters(cells, *one) for cells, one in zip(self.cells(tokens), tokens, strict=True)]

    def _links(self, scores: Any) -> Cells:
        if not scores.size:
            return frozenset()
        if self.likeness:
            return itermax(near(scores), _ROUNDS)
        firm, weak = (_above(scores, limit) for limit in (self.firm, self.weak))
        return symmetrize(firm, firm | weak, "grow-diag")


def near(cosines: Any) -> Any:
    """Cosines less what hubs have too much and what distance from the diagonal costs."""
    return csls(cosines, _NEIGHBOURS) - _SLOPE * off_diagonal(cosines.shape)


def _above(scores: Any, limit: float) -> Cells:
    rows, columns = (scores > limit).nonzero()
    return frozenset((int(i), int(j)) for i, j in zip(rows, columns, strict=True))


def open_linker(
    method: str = "auto",
    *,
    model: Path | None = None,
    scorer: Scorer | None = None,
    translator: str = "starter",
    src_lang: str = "ja",
    tgt_lang: str = "en",
    tokens: tuple[str, str] = ("given", "given"),
    sample: Iterable[TokenPair] = (),
    shipped: bool = True,
) -> WordLinker:
    """A method by its name.

    Args:
        method: `eflomal` or `fast_align` (a lexicon), `attention`, `similar`, `combined` (the lexicon if there is one, attention and likeness), or
            `auto`: the same, without attention where the translation model is not for these languages.
        model: directory of a lexicon that `mt align words train` made; without one, `combined` and `auto` take that of the package for Japanese and
            English where fugashi is installed.
        scorer: a lexicon in memory, in place of `model`.
        translator: a MarianMT model from ja to en, by name or directory, for attention.
        src_lang: language of the source, as a code.
        tgt_lang: language of the target.
        tokens: kinds of words; they decide what links count, not what the methods read.
        sample: pairs by which the heads of a model other than the starter are chosen.
        shipped: whether the lexicon of the package may be taken.

    Raises:
        ConfigError: for an unknown method, or one that needs a lexicon without one.
        ModelError: for a model that cannot be used.
        UserError: for a package that is not installed.
    """
    if method not in METHODS:
        raise ConfigError("--method", f"one of {', '.join(METHODS)}", repr(method))
    lexicon: Scorer | None = scorer if scorer is not None else LexiconScorer.open(model) if model is not None else None
    if method in ("eflomal", "fast_align"):
        if lexicon is None:
            raise ConfigError("--model", f"a lexicon for --method {method} (mt align words train makes one)", "none")
        found = dict(lexicon.signature.items)["lexicon"]
        if found != method:
            raise ConfigError("--method", f"{found}, as the lexicon was learnt", method)
        return WordLinker((Part(lexicon),), 0.4, 0.35, tokens=tokens)
    langs = (src_lang, tgt_lang)
    if method == "similar" or (method == "auto" and set(langs) != {"ja", "en"} and lexicon is None):
        return WordLinker((Part(SimilarScorer()),), likeness=True, tokens=tokens)
    if method == "auto" and set(langs) != {"ja", "en"}:
        assert lexicon is not None
        return WordLinker((Part(lexicon), Part(SimilarScorer(), 0.1)), 0.4, 0.35, tokens=tokens)
    attention = _attention(translator, langs == ("en", "ja"), sample)
    if method == "attention":
        return WordLinker((attention,), 0.2, 0.125, tokens=tokens)
    swapped = False
    if lexicon is None and shipped and set(langs) == {"ja", "en"}:
        lexicon, swapped = shipped_lexicon(), langs == ("en", "ja")
    if lexicon is None:
        return WordLinker((attention, Part(SimilarScorer(), 0.2)), 0.25, 0.2, tokens=tokens)
    heavy = Part(attention.scorer, 0.7, attention.swapped)
    return WordLinker((Part(lexicon, 0.3, swapped), heavy, Part(SimilarScorer(), 0.1)), 0.275, 0.2, tokens=tokens)


def _attention(translator: str, swapped: bool, sample: Iterable[TokenPair]) -> Part:
    directory = find(translator)
    scorer = AttentionScorer(directory)
    if not scorer.chosen:
        shown = list(islice(sample, _SHOWN))
        shown = [(tgt, src) for src, tgt in shown] if swapped else shown
        scorer = AttentionScorer(directory, choose_heads(scorer, shown, directory))
    return Part(scorer, swapped=swapped)


def choose_heads(scorer: AttentionScorer, pairs: Sequence[TokenPair], name: Path) -> tuple[Head, ...]:
    """The heads whose attention is greatest, on the average, at the mutual-best links of word likeness; each weighs as much as that.

    No gold links are needed. Of the starter's heads this takes first the one that has the best AER by far, and it does not need many pairs.

    Raises:
        ModelError: without a pair to choose by.
    """
    links = [mutual_best(near(scores)) for scores in SimilarScorer().scores(pairs)]
    sums, count = [0.0] * len(scorer.heads), sum(map(len, links))
    if not count:
        raise ModelError(name, "pairs with words to choose its attention heads by", "none")
    for pair, cells in zip(pairs, links, strict=True):
        for n, scores in enumerate(scorer.by_head(*pair)):
            sums[n] += float(sum(scores[cell] for cell in cells))
    order = sorted(range(len(sums)), key=lambda n: (-sums[n], n))[:_HEADS]
    return tuple(
        Head(h.layer, h.head, h.after, round(sums[n] / count, 4) or 1e-4) for n in order for h in (scorer.heads[n],)
    )


def cutters(
    tokens: tuple[str, str], langs: tuple[str, str], texts: tuple[Sequence[str], Sequence[str]]
) -> tuple[tuple[str, str], tuple[Callable[[str], Tokens], Callable[[str], Tokens]]]:
    """What `auto` means for each side, and the functions that cut.

    Text of which Japanese words are parted by blanks is cut already, and so is then the other side of it; other Japanese is cut by fugashi, or
    into characters where that is not installed, and other languages into words and marks.

    Raises:
        ConfigError: for an unknown kind.
    """
    for kind in tokens:
        if kind not in TOKENS:
            raise ConfigError("--tokens", f"one of {', '.join(TOKENS)}", repr(kind))
    cut = any(is_cut(side) for side in texts)
    own = tuple(
        kind if kind != "auto" else "given" if cut else japanese() if lang == "ja" else "words"
        for kind, lang in zip(tokens, langs, strict=True)
    )
    return (own[0], own[1]), (tokenizer(own[0]), tokenizer(own[1]))
