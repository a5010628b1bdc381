"""Documents whose alignment is known, for `fit_align.py` and `bench_align.py`: gold files, and corpora cut up anew.

Made documents begin from pairs of a corpus in their order. Sentences are merged, parted at their own sentence ends and at clause marks, dropped one
by one or in stretches; the rates are drawn for each document anew, so that none is what a model could count on. Of the pieces of a pair only those
with a single sentence on one side are kept apart, since how others belong together is not known.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mt.align.side import Side
from mt.bitext.read import read_pairs

Ids = tuple[tuple[int, ...], tuple[int, ...]]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_ENDS = {
    "ja": re.compile(r"[^。！？]*[。！？]+[」』）)]*|[^。！？]+$"),
    "en": re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[A-Z\"“(])"),
}
_CLAUSES = {"ja": re.compile("、"), "en": re.compile("[,;:] ")}
_SHORTEST = {"ja": 8, "en": 16}


@dataclass(frozen=True, slots=True)
class Text:
    """Two sides and their alignment.

    Attributes:
        name: what it is called in tables.
        src: source side.
        tgt: target side.
        gold: beads in order, null beads included where the gold has them.
        true: pairs of sentences that are translations of each other even where the gold cannot say so (swapped stretches); None = the gold's.
        parallel: the documents are translations of each other.
    """

    name: str
    src: Side
    tgt: Side
    gold: tuple[Ids, ...]
    true: frozenset[tuple[int, int]] | None = None
    parallel: bool = True


def gold_sets() -> dict[str, list[Text]]:
    """The sets of `sentence-alignment/`, by name; Japanese first in all but the German-French one."""
    root = DATA / "sentence-alignment"
    sets = {
        "text-berg dev": [
            _gold(
                "dev", root / "text-berg/dev.de", root / "text-berg/dev.fr", root / "text-berg/dev.defr", ("de", "fr")
            )
        ]
    }
    for name, folder in (("progit2", root / "progit2"), ("kyoto dev", root / "kyoto" / "dev")):
        sets[name] = [
            _gold(p.stem, p.with_suffix(".ja"), p.with_suffix(".en"), p, ("ja", "en"))
            for p in sorted(folder.glob("*.gold"))
        ]
    folder = root / "coursera_doc_ja-en"
    sides = Side(_lines(folder / "doc.ja.txt"), "ja"), Side(_lines(folder / "doc.en.txt"), "en")
    rows = [line.split() for line in _lines(folder / "gold_alignment_res.txt") if line.strip()]
    gold = tuple((_numbers(row[0]), _numbers(row[1])) for row in rows)
    sets["coursera"] = [Text("coursera", *sides, gold)]
    return sets


def _numbers(field: str) -> tuple[int, ...]:
    return tuple(int(x) - 1 for x in field.split(",") if x.strip().isdigit() and int(x) > 0)


def _gold(name: str, src: Path, tgt: Path, gold: Path, langs: tuple[str, str]) -> Text:
    beads = []
    for line in _lines(gold):
        if line.strip():
            one, two = line.split(":")[:2]
            beads.append((tuple(ast.literal_eval(one)), tuple(ast.literal_eval(two))))
    return Text(name, Side(_lines(src), langs[0]), Side(_lines(tgt), langs[1]), tuple(beads))


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def wmt21() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The 81 documents of WMT21 ja-en, as pairs."""
    folder = DATA / "wmt21-ja-en"
    documents: dict[str, list[tuple[str, str]]] = {}
    rows = zip(_lines(folder / "docids.txt"), _lines(folder / "src.ja"), _lines(folder / "ref.en"), strict=True)
    for name, ja, en in rows:
        documents.setdefault(name, []).append((ja, en))
    yield from documents.items()


def corpus(name: str, count: int, skip: int = 0) -> list[tuple[str, str]]:
    """Pairs of a file of `bitext/`, in its order."""
    pairs = []
    for number, (_, ja, en) in enumerate(
        read_pairs(str(DATA / "bitext" / f"{name}.tsv.zst"), src_lang="ja", tgt_lang="en")
    ):
        if number >= skip + count:
            break
        if number >= skip:
            pairs.append((ja, en))
    return pairs


def plain(name: str, pairs: list[tuple[str, str]], rng: random.Random, merged: float, dropped: float) -> Text:
    """Merges of two neighbours on either side and drops of single sentences, at these rates; what the field notes measured with."""
    units: list[tuple[list[str], list[str]]] = []
    i = 0
    while i < len(pairs):
        (ja, en), draw = pairs[i], rng.random()
        if i + 1 < len(pairs) and draw < merged:
            more = pairs[i + 1]
            units.append(
                ([ja + more[0]], [en, more[1]]) if rng.random() < 0.5 else ([ja, more[0]], [f"{en} {more[1]}"])
            )
            i += 2
            continue
        lost = rng.random() < dropped
        left = rng.random() < 0.5
        units.append(([] if lost and left else [ja], [] if lost and not left else [en]))
        i += 1
    return _text(name, units)


def made(name: str, pairs: list[tuple[str, str]], rng: random.Random) -> Text:
    """A document with merges, parted sentences, shifted borders, drops and dropped stretches, at rates of its own, and perhaps paragraphs."""
    parted, merged, dropped = (
        rng.choice([0, 0.5, 1]),
        rng.choice([0, 0.1, 0.2, 0.35]),
        rng.choice([0, 0, 0.03, 0.06, 0.12]),
    )
    stretches, clauses, shifted = (
        rng.choice([0, 0, 0.02]),
        rng.choice([0, 0, 0.05, 0.15]),
        rng.choice([0, 0, 0.02, 0.06]),
    )
    rows = [_parted(ja, en) if rng.random() < parted else ([ja], [en]) for ja, en in pairs]
    units: list[tuple[list[str], list[str]]] = []
    i = 0
    while i < len(rows):
        src, tgt = rows[i]
        i += 1
        if not len(src) == len(tgt) == 1:
            units.append((src, tgt))
            continue
        single = [k for k in range(i, min(i + 2, len(rows))) if len(rows[k][0]) == len(rows[k][1]) == 1]
        draw = rng.random()
        if draw < merged and single[:1] == [i]:
            count = 2 if len(single) == 2 and rng.random() < 0.25 else 1
            src, tgt = src + [rows[k][0][0] for k in single[:count]], tgt + [rows[k][1][0] for k in single[:count]]
            units.append((["".join(src)], tgt) if rng.random() < 0.5 else (src, [" ".join(tgt)]))
            i += count
        elif draw < merged + shifted and single[:1] == [i]:
            units.append(_shifted((src[0], tgt[0]), (rows[i][0][0], rows[i][1][0]), rng))
            i += 1
        elif draw < merged + shifted + clauses:
            cut = _clauses if rng.random() < 0.7 else _anywhere
            units.append((cut(src[0], "ja"), tgt) if rng.random() < 0.5 else (src, cut(tgt[0], "en")))
        elif draw < merged + shifted + clauses + dropped:
            units.append(([], tgt) if rng.random() < 0.5 else (src, []))
        elif draw < merged + shifted + clauses + dropped + stretches:
            count, left = rng.randint(3, 12), rng.random() < 0.5
            units += [([], t) if left else (s, []) for s, t in [(src, tgt), *rows[i : i + count]]]
            i += count
        else:
            units.append((src, tgt))
    return _text(name, units, rng if rng.random() < 0.5 else None)


def dropped(name: str, pairs: list[tuple[str, str]], rng: random.Random) -> Text:
    """A stretch of 2 to 4 sentences is missing on one side; all else is 1-1."""
    count, left = rng.randint(2, 4), rng.random() < 0.5
    first = rng.randrange(0, max(1, len(pairs) - count + 1))
    units: list[tuple[list[str], list[str]]] = [([ja], [en]) for ja, en in pairs]
    for k in range(first, min(first + count, len(pairs))):
        units[k] = ([], units[k][1]) if left else (units[k][0], [])
    return _text(name, units)


def swapped(name: str, pairs: list[tuple[str, str]], rng: random.Random) -> Text:
    """Two neighbouring stretches in another order on the target side: the longer one is aligned, the other stands alone on both sides."""
    sizes = rng.sample(range(3, 13), 2)
    first = rng.randrange(0, max(1, len(pairs) - sum(sizes)))
    one, two, last = first, first + sizes[0], first + sum(sizes)
    units = [([ja], [en]) for ja, en in pairs]
    if sizes[0] > sizes[1]:
        order = (
            units[:one] + [([], t) for _, t in units[two:last]] + units[one:two] + [(s, []) for s, _ in units[two:last]]
        )
    else:
        order = (
            units[:one] + [(s, []) for s, _ in units[one:two]] + units[two:last] + [([], t) for _, t in units[one:two]]
        )
    text = _text(name, order + units[last:])
    places = {t: j for j, t in enumerate(text.tgt.sentences)}
    true = frozenset((i, places[en]) for i, (_, en) in enumerate(pairs))
    return Text(name, text.src, text.tgt, text.gold, true)


def strangers(name: str, one: list[tuple[str, str]], two: list[tuple[str, str]]) -> Text:
    """Japanese of one document, English of another."""
    units = [([ja], []) for ja, _ in one] + [([], [en]) for _, en in two]
    text = _text(name, units)
    return Text(name, text.src, text.tgt, text.gold, frozenset(), False)


def _parted(ja: str, en: str) -> tuple[list[str], list[str]]:
    src = [p.strip() for p in _ENDS["ja"].findall(ja) if p.strip()] or [ja]
    tgt = [p.strip() for p in _ENDS["en"].split(en) if p.strip()] or [en]
    known = min(len(src), len(tgt)) == 1 and max(len(src), len(tgt)) <= 4
    return (src, tgt) if known else ([ja], [en])


def _clauses(text: str, lang: str) -> list[str]:
    """A sentence in two, at the clause mark nearest its middle; whole where there is none."""
    shortest = _SHORTEST[lang]
    places = [m.end() for m in _CLAUSES[lang].finditer(text) if shortest <= m.end() <= len(text) - shortest]
    if not places:
        return [text]
    place = min(places, key=lambda p: abs(p - len(text) / 2))
    return [text[:place].strip(), text[place:].strip()]


def _anywhere(text: str, lang: str) -> list[str]:
    """A sentence in two, as a line that was too long: at the blank nearest two thirds, in Japanese at any character."""
    place = len(text) * 2 // 3
    if lang != "ja":
        place = text.find(" ", place)
    return [text[:place].strip(), text[place:].strip()] if place > _SHORTEST[lang] else [text]


def _shifted(one: tuple[str, str], two: tuple[str, str], rng: random.Random) -> tuple[list[str], list[str]]:
    """Two pairs whose inner border stands elsewhere on one side: a bead 2-2."""
    side, joiner = (0, "") if rng.random() < 0.5 else (1, " ")
    parts = _clauses(two[side], ("ja", "en")[side])
    moved = [one[side] + joiner + parts[0], *parts[1:]]
    kept = [one[1 - side], two[1 - side]]
    return (moved, kept) if side == 0 else (kept, moved)


def _text(name: str, units: list[tuple[list[str], list[str]]], rng: random.Random | None = None) -> Text:
    src: list[str] = []
    tgt: list[str] = []
    gold: list[Ids] = []
    paragraphs: tuple[list[int], list[int]] = ([], [])
    numbers = [0, 0]
    for one, two in units:
        if rng is not None and rng.random() < 0.25:
            # most borders stand on both sides, as in real documents
            for side in (0, 1):
                numbers[side] += rng.random() < 0.92
        paragraphs[0].extend([numbers[0]] * len(one))
        paragraphs[1].extend([numbers[1]] * len(two))
        if one and two:
            gold.append((tuple(range(len(src), len(src) + len(one))), tuple(range(len(tgt), len(tgt) + len(two)))))
        else:
            gold += [((len(src) + k,), ()) for k in range(len(one))] + [((), (len(tgt) + k,)) for k in range(len(two))]
        src += one
        tgt += two
    known = paragraphs if rng is not None else (None, None)
    return Text(
        name,
        Side(tuple(src), "ja", None if known[0] is None else tuple(known[0])),
        Side(tuple(tgt), "en", None if known[1] is None else tuple(known[1])),
        tuple(gold),
    )
