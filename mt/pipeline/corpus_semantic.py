"""Scores of a build that need a model: asked for by a filter, measured by shard, kept beside the pair like any other.

    cosine      of both sides' vectors, -1 to 1
    cosine-half that less the best cosine of a half of one side with the whole other: low = one side translates half of the other
    mt-chrf     chrF2 in percent of our greedy translation of the source against the target: low = another sentence, near 100 = machine output
    mt-logprob  mean log-probability (nats) that a model gives a target's pieces and its end, its source given
    mt-worst    the lowest such mean of any run of eight pieces: what stands in the target only
    mt-sure     that mean plus 2.4, by the root of the target's characters: high = the model is at its ease all along, as with its own output
    mt-end      log-probability of the end alone: low where the target stops before it has said all
    mt-own      log odds of the model's own output against people's text, summed over the pieces by their probability, by the root of their number:
                a search takes hardly a piece below e^-3, people take many
    dual        dual cross-entropy (Junczys-Dowmunt 2018, "Dual Conditional Cross-Entropy Filtering of Noisy Parallel Corpora"):
                |a - b| + (a + b) / 2, where a and b are the two directions' -mt-logprob; 0 = both are sure; needs `score.reverse_model`

`learned` is made of other scores, by the configuration's classifier (`mt corpus tune`), when verdicts are: a new classifier scores nothing again.

A margin needs neighbours, and a build's pairs have none but those of their shard, which must not matter: it comes with mined pairs, as
`margin`, and is measured nowhere else.

All models compute in float32, where a number depends on its pair alone but for the sixth digit, and numbers are rounded to four digits and
fewer: so the same pair has the same number in any shard, but for one in some ten thousand, which may differ by one in its last digit. A
translation depends on its sentence alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mt.block import Block
from mt.errors import ConfigError, OptionError
from mt.filters.classifier import Classifier
from mt.pipeline.corpus_config import CorpusConfig, ScoreConfig
from mt.text.normalize import normalize

if TYPE_CHECKING:
    from mt.translate.run import BatchTranslator

Numbers = NDArray[np.float32]

FORCED = ("mt-logprob", "mt-worst", "mt-sure", "mt-end", "mt-own")
MEASURED = ("cosine", "cosine-half", "mt-chrf", *FORCED, "dual")
LEARNED = "learned"
_MARKS = frozenset(",;:.!?、。，；：！？")
_EASE = (
    2.4  # what tells machine output best from short human sentences, of 1 to 2.5 tried on the sources of development
)
_RUN = 8  # pieces: a phrase
# What a log-probability says for a piece's being the model's own output, in nats, on straight lines between these points: a logistic regression of
# beam output against people's text, on the sources of development of `scripts/measure_noise.py`. Below e^-3 are 1 in 100 pieces of beam output and
# 3 in 10 of people's; what is surest (names, ends of words) is as sure in both.
_POINTS = (-6.0, -4.0, -3.0, -2.0, -1.0, -0.5, 0.0)
_ODDS = (-2.2, -2.4, -1.0, 0.2, 0.7, 0.4, -0.2)


def asked(names: Iterable[str], classifier: Classifier | None = None) -> tuple[str, ...]:
    """Of the filters of a build and of what its classifier asks, the scores that this module measures."""
    wanted = {*names, *(classifier.score if classifier is not None else ())}
    return tuple(name for name in MEASURED if name in wanted)


def learned(config: CorpusConfig, columns: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """The score `learned` of rows whose other scores are there: what the configuration's classifier says; nothing where it has none.

    Raises:
        ConfigError: where the classifier asks for a score that there is not.
    """
    if config.learned is None:
        return {}
    try:
        return {LEARNED: config.learned.chance(columns)}
    except OptionError as e:
        raise ConfigError(e.key, e.expected, e.found) from None


def measure(names: Sequence[str], block: Block, config: CorpusConfig, *, threads: int = 1) -> dict[str, Numbers]:
    """The scores of a block's rows, float32, by name; NaN where a side is empty, or longer than a model reads.

    Args:
        names: of `MEASURED`.
        block: the rows.
        config: which models.
        threads: of each model; a build has one process a core already.

    Raises:
        UserError: for a model that cannot be used; for `dual` without a reverse model.
    """
    found: dict[str, Numbers] = {}
    asked_score = config.score
    if "cosine" in names or "cosine-half" in names:
        both = _cosines(block, asked_score, threads, halves="cosine-half" in names)
        found |= {name: column for name, column in both.items() if name in names}
    if "mt-chrf" in names:
        made = [one.text for one in translator(config, threads=threads).translate(block.src)]
        found["mt-chrf"] = chrf(made, block.tgt)
    langs = config.src_lang, config.tgt_lang
    if "dual" in names or any(name in FORCED for name in names):
        ahead = forced(_engine(asked_score.model, asked_score.device, threads), block.src, block.tgt, langs)
        found |= {name: ahead[name] for name in FORCED if name in names}
        if "dual" in names:
            reverse = asked_score.reverse_model
            if not reverse:
                raise ConfigError("score.reverse_model", "a model of the other direction, which dual needs", "none")
            engine = _engine(reverse, asked_score.device, threads)
            back = forced(engine, block.tgt, block.src, langs[::-1])["mt-logprob"]
            found["dual"] = dual(ahead["mt-logprob"], back)
    return found


def dual(ahead: Numbers, back: Numbers) -> Numbers:
    """Dual cross-entropy from mean log-probabilities of both directions.

    Example:
        >>> dual(np.array([-1, -1], np.float32), np.array([-1, -4], np.float32)).tolist()
        [1.0, 5.5]
    """
    found: Numbers = np.round(np.abs(ahead - back) - (ahead + back) / 2, 2).astype(np.float32)
    return found


def chrf(made: Sequence[str], tgt: Sequence[str]) -> Numbers:
    """chrF2 of each translation, in percent; NaN for an empty target.

    Example:
        >>> chrf(["A cat.", "A dog.", ""], ["A cat.", "No.", ""]).tolist()
        [100.0, 19.600000381469727, nan]
    """
    from mt.evaluate.statistics import table as statistics
    from mt.evaluate.statistics import values

    if not tgt:
        return np.zeros(0, np.float32)
    found = np.round(values("chrf", statistics("chrf", list(made), [list(tgt)]).rows), 1)
    return np.where([not text.strip() for text in tgt], np.nan, found).astype(np.float32)


def forced(engine: Any, src: Sequence[str], tgt: Sequence[str], langs: tuple[str, str]) -> dict[str, Numbers]:
    """The scores `FORCED` of pairs by an engine that has `encode`, `encode_target` and `force`."""
    found = {name: np.full(len(src), np.nan, np.float32) for name in FORCED}
    sources = engine.encode([normalize(text, langs[0]) for text in src])
    targets = engine.encode_target([normalize(text, langs[1]) for text in tgt])
    rows = [
        row
        for row, (one, other) in enumerate(zip(sources, targets, strict=True))
        if 1 <= len(one) <= engine.max_source_pieces and 1 <= len(other) <= engine.max_target_pieces
    ]
    scored = engine.force([sources[row] for row in rows], [targets[row] for row in rows])
    for row, numbers in zip(rows, scored, strict=True):
        for name, number in _of_pieces(np.array(numbers), len(tgt[row])).items():
            found[name][row] = number
    return {name: np.round(numbers, 2) for name, numbers in found.items()}


def _of_pieces(logs: NDArray[np.float64], characters: int) -> dict[str, float]:
    """The scores `FORCED` of one target, by the log-probabilities of its pieces and its end."""
    sums = np.concatenate([[0.0], np.cumsum(logs)])
    size = min(_RUN, len(logs))
    worst = ((sums[size:] - sums[:-size]) / size).min()
    return {
        "mt-logprob": logs.mean(),
        "mt-worst": worst,
        "mt-sure": (worst + _EASE) * math.sqrt(characters),
        "mt-end": logs[-1],
        "mt-own": own(logs),
    }


def own(logs: NDArray[np.float64]) -> float:
    """The score `mt-own` of one target: sum of each piece's log odds, by the root of the number of pieces.

    Args:
        logs: log-probabilities (nats) of the pieces and the end.

    Example:
        >>> round(own(np.log([0.4, 0.4, 0.4, 0.9])), 2), round(own(np.log([0.4, 0.001, 0.4, 0.9])), 2)
        (0.94, -0.49)
    """
    return float(np.interp(logs, _POINTS, _ODDS).sum()) / math.sqrt(len(logs))


def halved(text: str) -> tuple[str, str]:
    """A text's halves, cut at the blank or mark that is nearest to the middle, if there is one in the half around it.

    Example:
        >>> halved("If it rains, we stay."), halved("雨が降れば、家にいます。"), halved("ab")
        (('If it rains,', 'we stay.'), ('雨が降れば、', '家にいます。'), ('a', 'b'))
    """
    middle, quarter = len(text) // 2, len(text) // 4
    places = [n + 1 for n in range(quarter, len(text) - quarter) if text[n] in _MARKS]
    if not places and " " in text[quarter : len(text) - quarter]:
        places = [n + 1 for n in range(quarter, len(text) - quarter) if text[n] == " "]
    cut = min(places, key=lambda n: (abs(n - middle), n)) if places else middle
    return text[:cut].strip(), text[cut:].strip()


def _cosines(block: Block, score: ScoreConfig, threads: int, *, halves: bool) -> dict[str, Numbers]:
    encoder, count = _encoder(score.encoder, score.device, threads), len(block)
    vectors = encoder.encode([*block.src, *block.tgt])
    src, tgt = vectors[:count], vectors[count:]
    whole = np.einsum("ij,ij->i", src, tgt)
    empty = [not one.strip() or not other.strip() for one, other in zip(block.src, block.tgt, strict=True)]
    found = {"cosine": whole}
    if halves:
        best = np.full(count, -1.0, np.float32)
        for side, other in ((block.src, tgt), (block.tgt, src)):
            for parts in zip(*map(halved, side), strict=True):
                best = np.maximum(best, np.einsum("ij,ij->i", encoder.encode(list(parts)), other))
        found["cosine-half"] = whole - best
    return {name: np.where(empty, np.nan, np.round(column, 4)).astype(np.float32) for name, column in found.items()}


def translator(config: CorpusConfig, *, threads: int = 1, beam_size: int = 1) -> BatchTranslator:
    """What makes the translations of `mt-chrf`.

    Args:
        config: which model.
        threads: 0 = as many as there are cores.
        beam_size: of the search; greedy is measured with.
    """
    score, langs = config.score, (config.src_lang, config.tgt_lang)
    found: BatchTranslator = _translator(score.model, score.device, langs, threads, beam_size)
    return found


@lru_cache(maxsize=1)
def _encoder(name: str, device: str, threads: int) -> Any:
    from mt.models.encoders import open_encoder

    return open_encoder(name, device=device, threads=threads)


@lru_cache(maxsize=2)
def _engine(name: str, device: str, threads: int) -> Any:
    from mt.models.registry import open_model

    return open_model(name, compute_type="float32", device=device, threads=threads)


@lru_cache(maxsize=2)
def _translator(name: str, device: str, langs: tuple[str, str], threads: int, beam_size: int) -> Any:
    from mt.translate.run import BatchTranslator
    from mt.types import DecodingOptions

    engine = _engine(name, device, threads)
    return BatchTranslator(engine, DecodingOptions(beam_size=beam_size), src_lang=langs[0], tgt_lang=langs[1])
