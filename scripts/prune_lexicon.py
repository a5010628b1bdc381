"""A lexicon of `mt align words train` made small enough to ship: frequent words, and of each the likeliest translations.

    python scripts/bench_words.py --without ../shared/data/word-alignment/kftt-dev.src-tgt ../shared/data/bitext/kyoto_wiki.tsv.zst kyoto.tsv
    mt align words train kyoto.tsv --out lexicon
    python scripts/prune_lexicon.py lexicon mt/models/lexicon

makes the one in the package. Words come by falling frequency in a lexicon, so that the first ones are kept; logarithms are rounded to eighths, which
compress better. What is lost is told by `python scripts/bench_words.py --model mt/models/lexicon`.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from mt.models.words_hmm import Lexicon, load


def pruned(lexicon: Lexicon, came_from: int, words: int, least: float, most: int) -> Lexicon:
    """The rows of the first `came_from` words and of no word, with at most `most` of the first `words` words that are as likely as `least`."""
    starts, kept, logs = [0], [], []
    for number in range(came_from + 1):
        row = slice(lexicon.starts[number], lexicon.starts[number + 1])
        found, log = lexicon.words[row], lexicon.logs[row].astype(np.float32)
        fits = (found <= words) & (log >= math.log(least))
        found, log = found[fits], log[fits]
        if number:  # any word may come from none
            best = np.sort(np.argsort(-log, kind="stable")[:most])
            found, log = found[best], log[best]
        kept.append(found)
        logs.append(np.round(log * 8) / 8)
        starts.append(starts[-1] + len(found))
    return Lexicon(
        np.array(starts, np.int64),
        np.concatenate(kept).astype(np.int32),
        np.concatenate(logs).astype(np.float16),
        lexicon.jumps,
        lexicon.tension,
        lexicon.no_word,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lexicon", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--words", type=int, default=20_000, help="of each side")
    parser.add_argument("--least", type=float, default=0.01, help="probability of a translation")
    parser.add_argument("--most", type=int, default=10, help="translations of a word")
    args = parser.parse_args()
    model = load(args.lexicon)
    sides = (model.sides[0][: args.words], model.sides[1][: args.words])
    sizes = (len(sides[0]), len(sides[1]))
    small = replace(
        model,
        sides=sides,
        forward=pruned(model.forward, *sizes, args.least, args.most),
        backward=pruned(model.backward, *sizes[::-1], args.least, args.most),
        recipe={**model.recipe, "words": str(args.words), "least": f"{args.least:g}", "most": str(args.most)},
    )
    small.save(args.out)
    size = sum(path.stat().st_size for path in args.out.iterdir() if path.name != "README.md")
    print(f"{args.out}: {sizes[0]:,} and {sizes[1]:,} words, {size / 1e6:.2f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
