"""A published corpus without a build: rows that a test chooses, in every format, with card, report and manifest."""

from __future__ import annotations

import numpy as np

from mt.bitext.write import FORMATS, open_writers
from mt.block import Block
from mt.pipeline.corpus_report import write_manifest, write_output
from mt.report.card import card
from mt.report.corpus import CorpusPage, CorpusRecord, FilterView, Funnel, SourceView, SplitView, Step
from mt.report.corpus_page import render

LANGS = ("ja", "en")


def rows_of(split, count):
    """Different texts in each split; two rows a document."""
    return [(f"{split}:00000-{n:09}", f"{split}の猫が{n}匹。<&>", f"{n} cats of {split}.") for n in range(count)]


def block_of(rows):
    made = Block.of(rows, origin="a:given")
    documents = [f"a/{id.split(':')[0]}-{n // 2}" for n, (id, _, _) in enumerate(rows)]
    return Block(made.ids, made.src, made.tgt, documents, made.origins, made.src_raw, made.tgt_raw)


def record_of(splits, formats=FORMATS, **more):
    count = sum(splits.values())
    steps = (
        Step("bad-columns", "malformed", 2, "other columns"),
        Step("src-length", "filter", 3),
        Step("ratio", "filter", 0),
        Step("exact-copy", "copy", 1),
    )
    source = SourceView(
        "a", "given", "CC BY 4.0", "https://example.org", "A. Author", count + 6, count, {s.name: s.rows for s in steps}
    )
    views = (FilterView("src-length", "characters", 2.0, None), FilterView("ratio", "a | b", None, 3.0))
    made = tuple(SplitView(name, n, 10 * n, 20 * n) for name, n in splits.items())
    known = {
        "filters": views,
        "formats": tuple(formats),
        "scores": ("fit",),
        "recipe": (("normalisation", "nfkc"),),
        **more,
    }
    return CorpusRecord(
        "cats", "1", LANGS, "corpus:cats|version:1", Funnel(count + 6, steps, count), (source,), made, **known
    )


def publish(folder, splits, formats=FORMATS, **more):
    """`splits`: name → rows. Returns the record."""
    outputs = {}
    for name, rows in splits.items():
        with open_writers(folder, name, formats, LANGS, scores=("fit",), file_rows=4) as writers:
            writers.write(block_of(rows), {"fit": np.arange(len(rows), dtype=np.float32) / 8})
            outputs |= writers.commit()
    record = record_of({name: len(rows) for name, rows in splits.items()}, formats, **more)
    outputs["README.md"] = write_output(folder / "README.md", card(record, outputs))
    outputs["report.html"] = write_output(folder / "report.html", render(CorpusPage(record)))
    write_manifest(folder, record, outputs)
    return record
