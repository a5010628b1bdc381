"""Fuzzy matches of a translation memory: sources that are nearly the one asked for, found by shared trigrams and scored by edit distance.

Similarity is 1 − d / (characters of the longer text), d being Levenshtein's distance, as translation tools give it. An edit destroys at most
three trigrams, so where d edits are allowed, any 3·d + 1 trigrams of a text still name every text in question (Ukkonen 1992, "Approximate
string matching with q-grams and maximal matches"). The rarest are asked for, and no more of them once many texts have been named.
"""

from __future__ import annotations

from collections.abc import Sequence

from mt.errors import UserError
from mt.translate.database import Database, Row, plain

CANDIDATES = 50_000  # texts that are compared; reaching it leaves the commonest trigrams out, and can miss a match
# Shorter texts have too few trigrams for the rule above at a similarity of 0.8, and are all compared.
_SHORT = 9  # characters
_PAGE = 20_000  # rows put into the index in one commit
# Made at the first question and continued at each: who never asks pays nothing. It holds no text, only which row has which trigram.
_INDEX = "CREATE VIRTUAL TABLE IF NOT EXISTS trigrams USING fts5(src, tokenize='trigram', content='', detail=none)"
_COUNTS = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.trigram_counts USING fts5vocab(main, trigrams, row)"


def candidates(db: Database, text: str, threshold: float) -> list[tuple[int, str]]:
    """Rows (id, source) that may be as similar to a text as `threshold`, a number above 0 and up to 1; more than are."""
    shortest, longest = int(len(text) * threshold - 1e-9), int(len(text) / threshold) + 1
    if len(text) < _SHORT:
        # the literal must be the index's own, or SQLite does not see that the index serves
        where = "chars < 12 AND chars BETWEEN ? AND ?"
        rows = db.read(f"SELECT id, src FROM records WHERE {where}", (shortest, longest))
    elif catch_up(db):
        indexed = _indexable(text)
        grams = sorted({indexed[n : n + 3] for n in range(len(indexed) - 2)})
        rows = _by_trigrams(db, _rarest(db, grams, 3 * _edits(text, threshold) + 1), shortest, longest)
    else:
        # an SQLite without FTS5 or its trigrams (before 3.34): every text of about that length
        rows = db.read("SELECT id, src FROM records WHERE chars BETWEEN ? AND ?", (shortest, longest))
    return [(number, plain(src)) for number, src in rows]


def best(rows: Sequence[tuple[int, str]], text: str, threshold: float) -> list[tuple[float, int]]:
    """(similarity, id) of the rows that are similar enough, best first, then in the order given."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import extract

    # by whole numbers: the library's normalised scorer loses 1 - 2/10 where 0.8 is asked for, to rounding (version 3.14)
    texts = [src for _, src in rows]
    found = extract(text, texts, scorer=Levenshtein.distance, score_cutoff=_edits(text, threshold), limit=None)
    scores = ((1 - edits / max(len(text), len(src)), rows[place][0]) for src, edits, place in found)
    return sorted((pair for pair in scores if pair[0] >= threshold - 1e-9), key=lambda pair: -pair[0])


def _edits(text: str, threshold: float) -> int:
    """Most edits between a text and one as similar: d ≤ (1 - t) · (len + d), the longer text being at most d longer."""
    return int(len(text) * (1 - threshold) / threshold + 1e-9)


def catch_up(db: Database) -> bool:
    """Put rows that are new since the last question into the index; False where this SQLite has no such index."""
    try:
        with db.writing() as connection:
            connection.execute(_INDEX)
        db.read(_COUNTS)
    except UserError as e:
        if "fts5" in str(e) or "tokenizer" in str(e):
            return False
        raise
    while True:
        with db.writing() as connection:
            [last] = connection.execute("SELECT coalesce(max(id), 0) FROM trigrams_docsize").fetchone()
            rows = connection.execute("SELECT id, src FROM records WHERE id > ? ORDER BY id LIMIT ?", (last, _PAGE))
            values = [(number, _indexable(plain(src))) for number, src in rows]
            if not values:
                return True
            connection.executemany("INSERT INTO trigrams (rowid, src) VALUES (?, ?)", values)


def forget(db: Database) -> None:
    """Drop the index; the next question makes it anew."""
    with db.writing() as connection:
        connection.execute("DROP TABLE IF EXISTS trigrams")


def _indexable(text: str) -> str:
    """As many characters, none of which ends a text for SQLite or is half a character."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _rarest(db: Database, grams: Sequence[str], wanted: int) -> list[str]:
    """Trigrams of a text, rarest first: `wanted` of them, fewer where they name too many texts; those that name none cost nothing."""
    marks = ",".join("?" * len(grams))
    folded: dict[str, int] = dict(
        db.read(f"SELECT term, doc FROM temp.trigram_counts WHERE term IN ({marks})", [g.lower() for g in grams])
    )
    chosen: list[str] = []
    sum_of_rows = 0
    for gram in sorted(grams, key=lambda g: (folded.get(g.lower(), 0), g))[:wanted]:
        sum_of_rows += folded.get(gram.lower(), 0)
        if sum_of_rows > CANDIDATES and any(folded.get(g.lower()) for g in chosen):
            break
        chosen.append(gram)
    return chosen


def _by_trigrams(db: Database, grams: Sequence[str], shortest: int, longest: int) -> list[Row]:
    names = " OR ".join('"' + gram.replace('"', '""') + '"' for gram in grams)
    return db.read(
        "SELECT id, src FROM records WHERE id IN (SELECT rowid FROM trigrams WHERE trigrams MATCH ? LIMIT ?)"
        " AND chars BETWEEN ? AND ?",
        (names, 4 * CANDIDATES, shortest, longest),
    )
