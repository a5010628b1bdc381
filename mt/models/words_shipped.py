"""The lexicon in the package: frequent words of Kyoto Wiki, Japanese and English, for whoever has no bitext to learn from.

`lexicon/README.md` says what it is made of and how; `scripts/prune_lexicon.py` makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mt.models.tokens import japanese
from mt.models.words_hmm import LexiconScorer

DIRECTORY = Path(__file__).parent / "lexicon"


@cache
def shipped_lexicon() -> LexiconScorer | None:
    """A lexicon of Japanese → English, read once; None where fugashi is not installed, by whose words it goes.

    Raises:
        ModelError: where its files are damaged.

    Example:
        >>> lexicon = shipped_lexicon()
        >>> lexicon is None or dict(lexicon.signature.items)["lexicon"] == "eflomal"
        True
    """
    return LexiconScorer.open(DIRECTORY) if japanese() == "fugashi" else None
