"""Training of word alignment models by sil-thot (the extra `words`): EFLOMAL (Östling and Tiedemann 2016) or fast_align (Dyer et al. 2013).

sil-thot is a reimplementation of both (LGPL). It is needed for training only: what it learnt is taken out by its own interface into a `WordModel`,
which numpy applies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from mt.errors import ConfigError, InputError, UserError
from mt.models.words_hmm import Lexicon, WordModel
from mt.protocols import Progress, Silent

METHODS = ("eflomal", "fast_align")
LONGEST = 100  # words of a side; longer pairs teach little and take long
_LEAST = 1e-4  # probability of a lexicon's entry; what is less is forgotten
_REACH = 40  # words of the longest jump told apart; EFLOMAL's own window is 100
_MOST_ROUNDS = 48  # of EFLOMAL: what it takes for 50,000 pairs
_ROUNDS = 5  # of fast_align's EM, as its own program has it
_LARGEST_TENSION = 50.0


def train(
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    method: str = "eflomal",
    tokens: tuple[str, str] = ("given", "given"),
    seed: int = 1,
    recipe: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> WordModel:
    """Learn which words belong together, in both directions.

    Args:
        pairs: words of source and target, as `mt.models.words_hmm.plain` has them; neither side empty.
        method: `eflomal` or `fast_align`.
        tokens: how the texts were cut, for the record.
        seed: of EFLOMAL's sampling; the same seed and pairs give the same model.
        recipe: what else goes into the signature.
        progress: told of every round over the pairs.

    Raises:
        UserError: when sil-thot is not installed.
        ConfigError: for an unknown method.
        InputError: for no pairs.
    """
    if method not in METHODS:
        raise ConfigError("method", f"one of {', '.join(METHODS)}", repr(method))
    if not pairs:
        raise InputError("bitext", "pairs to learn from", "none")
    sides = tuple(_vocabulary(pair[side] for pair in pairs) for side in (0, 1))
    progress = progress or Silent()
    lexicons = []
    for way, came_from, to in (("forward", 0, 1), ("backward", 1, 0)):
        model = _model(method, seed)
        for pair in pairs:
            model.add_sentence_pair(list(pair[came_from]), list(pair[to]))
        rounds = _rounds(model, method)
        progress.stage(f"learning words {way}", rounds, "round")
        for _ in range(rounds):
            model.train()
            progress.advance(1)
        model.end_training()
        lexicons.append(_lexicon(model, method, sides[came_from], sides[to]))
    said = {"seed": str(seed)} if method == "eflomal" else {}
    return WordModel(method, tokens, (sides[0], sides[1]), lexicons[0], lexicons[1], len(pairs), said | (recipe or {}))


def _vocabulary(texts: Any) -> tuple[str, ...]:
    """Words by falling frequency, those of one frequency by code points."""
    counts = Counter(word for text in texts for word in text)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def _model(method: str, seed: int) -> Any:
    try:
        from thot import alignment
    except ImportError:
        raise UserError(
            "learning words needs the package sil-thot, which is not installed: pip install 'kakehashi[words]'"
        ) from None
    if method == "fast_align":
        return alignment.FastAlignModel()
    model = alignment.EflomalAlignmentModel()
    model.seed, model.deterministic, model.num_samplers = seed, True, 1
    return model


def _rounds(model: Any, method: str) -> int:
    model.start_training()
    if method != "eflomal":
        return _ROUNDS
    # the schedule depends on the number of pairs, so it is known only now; for a few thousand it would be hundreds of rounds
    return min(int(model.scheduled_iterations), _MOST_ROUNDS)


def _lexicon(model: Any, method: str, came_from: Sequence[str], words: Sequence[str]) -> Lexicon:
    numbers = {model.get_trg_word_index(word): number for number, word in enumerate(words, 1)}
    starts, found, logs = [0], [], []
    # index 0 is thot's own empty word
    for index in [0, *(model.get_src_word_index(word) for word in came_from)]:
        row = sorted(
            (numbers[word], math.log(p)) for word, p in model.get_translations(index, _LEAST) if word in numbers
        )
        found += [word for word, _ in row]
        logs += [log for _, log in row]
        starts.append(len(found))
    jumps, tension, no_word = None, 0.0, 0.0
    if method == "eflomal":
        jumps = np.array([max(model.jump_prob(n), 1e-8) for n in range(-_REACH, _REACH + 1)], np.float32)
        no_word = float(model.p0)
    else:
        tension, no_word = _tension(model), float(model.fast_align_p0)
    return Lexicon(
        np.array(starts, np.int64), np.array(found, np.int32), np.array(logs, np.float16), jumps, tension, no_word
    )


def _tension(model: Any) -> float:
    """fast_align's λ, from two of its probabilities: e^(-λ · |i/m - j/n|) one step of 1/10 apart on the same side of the diagonal."""
    near, far = model.alignment_prob(1, 10, 10, 5), model.alignment_prob(1, 10, 10, 6)
    if not (near > 0 and far > 0):
        return _LARGEST_TENSION
    return float(min(max(10 * math.log(near / far), 0.0), _LARGEST_TENSION))
