"""Count the English words of the starter's training data: the list by which `mt evaluate` slices runs of the starter.

    python scripts/count_words.py [--data ../shared/data/bitext] [--least 3] [--out mt/models/starter/words.en.tsv.xz]

Words are those of the slice (`mt.evaluate.frequencies.words`, lower-cased). A text that stands in several pairs is counted once: the bitext holds
20,000 English sentences with the Japanese of some twenty systems each, and a word of one of them is still a rare word. The bitext belongs to
others and is not part of this repository; what is written are counts.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from mt.bitext.stream import lines
from mt.bitext.word_counts import WordCounts, write_counts
from mt.errors import InputError
from mt.evaluate.frequencies import words

ROOT = Path(__file__).resolve().parents[1]
NOTES = ("Counts of words in the corpora of the model card; each text counted once. Made by scripts/count_words.py.",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "bitext")
    parser.add_argument("--least", type=int, default=3, help="rarer words are left out")
    parser.add_argument("--out", type=Path, default=ROOT / "mt" / "models" / "starter" / "words.en.tsv.xz")
    options = parser.parse_args()
    files = sorted(options.data.glob("*.tsv.zst"))
    if not files:
        raise InputError(options.data, "files *.tsv.zst", "none")
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    pairs = 0
    for path in files:
        for line in lines(path):
            pairs += 1
            text = line.split("\t")[1].lower()
            if text not in seen:
                seen.add(text)
                counts.update(words(text))
    kept = {word: count for word, count in counts.items() if count >= options.least}
    write_counts(options.out, WordCounts(kept, "the starter's training data", options.least), NOTES)
    print(f"{pairs:,} pairs, {len(seen):,} different texts, {counts.total():,} words, {len(counts):,} different ones")
    print(
        f"{options.out}: {len(kept):,} words counted {options.least} times and more, {options.out.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
