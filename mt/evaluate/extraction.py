"""Rows of sufficient statistics of texts: sacrebleu's tokenisers and counts, with the references counted once for all systems.

sacrebleu's own extraction counts the references again for every system, in a dictionary a segment. Here both sides are counted by
`mt/evaluate/ngrams.py`, a block of segments at a time, and edits by `mt/evaluate/edits.py`; the rows are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mt.errors import ConfigError
from mt.evaluate.edits import edits
from mt.evaluate.formulas import Rows, values
from mt.evaluate.ngrams import Ints, Symbols, Trie, totals

_BLOCK = 256  # segments whose n-grams stay in the processor's cache; any other number gives the same rows


def extract(
    metric: str,
    systems: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    *,
    lowercase: bool = False,
    tokenize: str = "13a",
) -> tuple[list[Rows], str]:
    """Rows of each system, shape (units, columns), and sacrebleu's signature.

    Args:
        metric: a key of `mt.evaluate.formulas.METRICS`.
        systems: streams with one string a unit.
        references: likewise, at least one; all streams have the same length.
        lowercase: compare without regard to case (TER always does).
        tokenize: sacrebleu's tokeniser of BLEU.

    Raises:
        ConfigError: for a tokeniser that sacrebleu has not, or whose dictionary is not installed.

    Example:
        >>> rows, signature = extract("bleu", [["A cat."]], [["A big cat."]])
        >>> rows[0].astype(int).tolist(), signature[:30]
        ([[3, 4, 3, 1, 0, 0, 3, 2, 1, 0]], 'nrefs:1|case:mixed|eff:no|tok:')
    """
    scorer = _scorer(metric, lowercase, tokenize)
    scorer.num_refs = len(references)
    rows_of = {"bleu": _bleu, "chrf": _chrf, "chrf++": _chrf, "ter": _ter}[metric]
    # two systems with the same text, or one named twice, are counted once
    different = {tuple(stream): None for stream in systems}
    streams = list(different)
    blocks = [
        rows_of(scorer, [s[k : k + _BLOCK] for s in streams], [r[k : k + _BLOCK] for r in references])
        for k in range(0, len(references[0]), _BLOCK)
    ]
    rows = {stream: np.concatenate([block[n] for block in blocks]) for n, stream in enumerate(streams)}
    return [rows[tuple(stream)] for stream in systems], str(scorer.get_signature())


def _bleu(scorer: Any, systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> list[Rows]:
    order = scorer.max_ngram_order
    vocabulary: dict[str, int] = {}
    refs = [_numbered(([*scorer._preprocess_segment(s).split()] for s in r), vocabulary) for r in references]
    trie = Trie(refs, order)
    ref_lengths = np.array([r.lengths for r in refs])
    found = []
    for stream in systems:
        hyp = _numbered(([*scorer._preprocess_segment(s).split()] for s in stream), vocabulary, grow=False)
        # the nearest reference length, of two equally near the shorter
        away = np.abs(ref_lengths - hyp.lengths)
        near = np.where(away == away.min(axis=0), ref_lengths, np.iinfo(np.int64).max).min(axis=0)
        matches = trie.matches(hyp, union=True)[:, 0]
        found.append(np.vstack([hyp.lengths, near, matches, totals(hyp.lengths, order)]).T.astype(np.float64))
    return found


def _chrf(scorer: Any, systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> list[Rows]:
    vocabulary: dict[str, int] = {}
    orders = [n for n in (scorer.char_order, scorer.word_order) if n]

    def symbols(stream: Sequence[str], grow: bool) -> list[Symbols]:
        lines = [scorer._preprocess_segment(s) for s in stream]
        kinds = [Symbols.of_characters(["".join(line.split()) for line in lines])]
        if scorer.word_order:
            kinds.append(_numbered((scorer._remove_punctuation(line) for line in lines), vocabulary, grow=grow))
        return kinds

    refs = [symbols(stream, True) for stream in references]
    tries = [Trie([r[kind] for r in refs], order) for kind, order in enumerate(orders)]
    had = [np.vstack([totals(r[kind].lengths, order) for kind, order in enumerate(orders)]) for r in refs]
    found = []
    for stream in systems:
        hyp = symbols(stream, False)
        matches = np.concatenate([trie.matches(hyp[kind]) for kind, trie in enumerate(tries)])
        wrote = np.vstack([totals(hyp[kind].lengths, order) for kind, order in enumerate(orders)])
        found.append(_best([_triples(wrote, had[n], matches[:, n]) for n in range(len(refs))]))
    return found


def _triples(wrote: Ints, had: Ints, matches: Ints) -> Rows:
    """Columns of chrF from shape (orders, segments); n-grams of an order that the reference has none of do not count."""
    counts = np.stack([np.where(had > 0, wrote, 0), had, matches], axis=1)
    return counts.reshape(3 * len(had), -1).T.astype(np.float64)


def _best(tables: list[Rows]) -> Rows:
    """Each segment's row of the reference it is most like; of equal ones the first."""
    if len(tables) == 1:
        return tables[0]
    scores = [values("chrf", table) for table in tables]
    best: Rows = np.stack(tables)[np.argmax(scores, axis=0), np.arange(len(tables[0]))]
    return best


def _ter(scorer: Any, systems: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> list[Rows]:
    refs = [[scorer._preprocess_segment(s).split() for s in stream] for stream in references]
    lengths = np.mean([[len(words) for words in stream] for stream in refs], axis=0)
    known: dict[tuple[int, str], int] = {}  # systems often agree on a segment
    found = []
    for stream in systems:
        least = []
        for n, segment in enumerate(stream):
            key = (n, scorer._preprocess_segment(segment))
            if key not in known:
                words = key[1].split()
                known[key] = min(edits(words, ref[n]) for ref in refs)
            least.append(known[key])
        found.append(np.stack([np.array(least, np.float64), lengths], axis=1))
    return found


def _numbered(segments: Iterable[list[str]], vocabulary: dict[str, int], *, grow: bool = True) -> Symbols:
    """Words as numbers; those that no reference has are one number, which matches nothing."""
    if grow:
        return Symbols.of([[vocabulary.setdefault(word, len(vocabulary)) for word in words] for words in segments])
    none = len(vocabulary)
    return Symbols.of([[vocabulary.get(word, none) for word in words] for words in segments])


def _scorer(metric: str, lowercase: bool, tokenize: str) -> Any:
    from sacrebleu.metrics import BLEU, CHRF, TER

    if metric == "ter":
        return TER()
    if metric != "bleu":
        return CHRF(word_order=2 if metric == "chrf++" else 0, lowercase=lowercase)
    if tokenize not in BLEU.TOKENIZERS:
        raise ConfigError("tokenize", f"one of {', '.join(BLEU.TOKENIZERS)}", repr(tokenize))
    try:
        return BLEU(lowercase=lowercase, tokenize=tokenize, force=True)
    except (ImportError, RuntimeError) as error:  # MeCab and its dictionaries come with extras of sacrebleu
        raise ConfigError(
            "tokenize", "a tokeniser that is installed", f"{tokenize}: {error}".splitlines()[0]
        ) from error
