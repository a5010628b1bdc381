"""The card of a published corpus: `README.md` with the YAML that the Hugging Face hub reads, and a text that people read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mt.errors import plural
from mt.report.corpus import SAID, CorpusRecord
from mt.report.run_page import LANGUAGES
from mt.report.tables import TextTable, _escaped, markdown

FIELDS = ("title", "description", "licence", "homepage", "contact")  # what a maintainer may set
# Licences the hub knows by these names; what is none of them is `other`.
LICENCES = frozenset(
    (
        *(
            "apache-2.0",
            "mit",
            "isc",
            "zlib",
            "unlicense",
            "wtfpl",
            "bsd",
            "bsd-2-clause",
            "bsd-3-clause",
            "mpl-2.0",
            "gfdl",
        ),
        *(
            "gpl",
            "gpl-2.0",
            "gpl-3.0",
            "lgpl",
            "lgpl-2.1",
            "lgpl-3.0",
            "agpl-3.0",
            "odbl",
            "odc-by",
            "pddl",
            "cdla-permissive-2.0",
        ),
        *(
            "cc",
            "cc0-1.0",
            "cc-by-2.0",
            "cc-by-2.5",
            "cc-by-3.0",
            "cc-by-4.0",
            "cc-by-sa-3.0",
            "cc-by-sa-4.0",
            "cc-by-nd-4.0",
        ),
        *("cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"),
        *("cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "other", "unknown"),
    )
)
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_MORE = ((10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"))
_MAKES = {
    "given": "rows were pairs already",
    "align": "documents in pairs, their sentences aligned (`mt align`)",
    "mine": "sentences of two piles paired by the margin of their vectors (`mt mine`)",
    "translate": "the source side translated by a model: machine translation, not written by people",
}


def card(record: CorpusRecord, files: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole file.

    Args:
        record: what is known of the corpus.
        files: name → `bytes`, `rows` and for parquet `memory` of what is published.
    """
    head = "\n".join(front(record, files))
    parts = [f"---\n{head}\n---", f"# {_escaped(record.card.get('title') or record.name)}", _summary(record)]
    if description := record.card.get("description"):
        parts.append(_escaped(description))
    parts += [_use(record), _sources(record), _filters(record), _splits(record), _noise(record), _reproduce(record)]
    return "\n\n".join(part for part in parts if part) + "\n"


def licence_id(text: str) -> str:
    """The hub's name of a licence.

    Example:
        >>> [licence_id(x) for x in ("CC BY 4.0", "CC-BY-SA-4.0", "MIT", "ask them", "unknown", "")]
        ['cc-by-4.0', 'cc-by-sa-4.0', 'mit', 'other', 'unknown', 'unknown']
    """
    name = re.sub(r"[\s_]+", "-", text.strip().lower()) or "unknown"
    return name if name in LICENCES else "other"


def size_category(rows: int) -> str:
    """The hub's name of a size.

    Example:
        >>> size_category(999), size_category(1000), size_category(10**12)
        ('n<1K', '1K<n<10K', 'n>1T')
    """
    more = ((10**11, "10B<n<100B"), (10**12, "100B<n<1T"))
    return next((name for most, name in (*_SIZES, *_MORE, *more) if rows < most), "n>1T")


def front(record: CorpusRecord, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Lines of YAML; strings are written as JSON writes them, which YAML reads alike."""
    licences = _licences(record)
    lines = ["language:", *(f"- {lang}" for lang in record.langs), f"pretty_name: {_quoted(_title(record))}"]
    lines += ["license:", *(f"- {one}" for one in licences)] if len(licences) > 1 else [f"license: {licences[0]}"]
    if "other" in licences:
        named = {s.licence for s in record.sources if licence_id(s.licence) == "other"} or {record.card["licence"]}
        lines.append(f"license_name: {_quoted(', '.join(sorted(named)))}")
    lines += ["multilinguality:", "- translation", "task_categories:", "- translation"]
    lines += ["size_categories:", f"- {size_category(record.funnel.published)}"]
    name = f"{record.langs[0]}-{record.langs[1]}"
    found = _data_files(record)
    if found:
        lines += ["configs:", f"- config_name: {name}", "  data_files:"]
        for held, pattern in found:
            lines += [f"  - split: {held}", f"    path: {_quoted(pattern)}"]
        lines += ["dataset_info:", f"  config_name: {name}", *_features(record)]
        lines += ["  splits:"]
        for split in record.splits:
            lines += [f"  - name: {split.name}", f"    num_bytes: {_memory(split.name, files)}"]
            lines += [f"    num_examples: {split.rows}"]
        loaded = [one for file, one in files.items() if _loaded(file, record)]
        lines.append(f"  download_size: {sum(int(one['bytes']) for one in loaded)}")
        lines.append(f"  dataset_size: {sum(_memory(split.name, files) for split in record.splits)}")
    return lines


def _title(record: CorpusRecord) -> str:
    return record.card.get("title") or record.name


def _licences(record: CorpusRecord) -> list[str]:
    if own := record.card.get("licence"):
        return [licence_id(own)]
    return sorted({licence_id(source.licence) for source in record.sources}) or ["unknown"]


def _data_files(record: CorpusRecord) -> list[tuple[str, str]]:
    """(split, pattern) of what the hub shall load: parquet, else JSON lines; nothing where there is neither."""
    if "parquet" in record.formats:
        return [(split.name, f"data/{split.name}-*.parquet") for split in record.splits]
    return [(split.name, f"{split.name}.jsonl") for split in record.splits] if "jsonl" in record.formats else []


def _loaded(name: str, record: CorpusRecord) -> bool:
    if "parquet" in record.formats:
        return name.startswith("data/") and name.endswith(".parquet")
    return name.endswith(".jsonl")


def _memory(split: str, files: Mapping[str, Mapping[str, Any]]) -> int:
    parquet = sum(
        int(one["memory"]) for name, one in files.items() if name.startswith(f"data/{split}-") and "memory" in one
    )
    return parquet or sum(int(one["bytes"]) for name, one in files.items() if name == f"{split}.jsonl")


def _features(record: CorpusRecord) -> list[str]:
    lines = ["  features:", "  - name: id", "    dtype: string", "  - name: translation", "    dtype:"]
    lines += ["      translation:", "        languages:", *(f"        - {lang}" for lang in record.langs)]
    lines += ["  - name: source", "    dtype: string", "  - name: document", "    dtype: string"]
    if record.scores:
        lines += ["  - name: scores", "    struct:"]
        for name in record.scores:
            lines += [f"    - name: {_quoted(name)}", "      dtype: float32"]
    return lines


def _summary(record: CorpusRecord) -> str:
    one, other = (LANGUAGES.get(lang, lang) for lang in record.langs)
    funnel = record.funnel
    said = f"{one}–{other} sentence pairs for machine translation: {plural(funnel.published, 'pair')} out of {plural(funnel.read, 'record')}"
    said += f" of {plural(len(record.sources), 'source')}, version {record.version}."
    return f"{said} `report.html` shows what was left out and where the thresholds lie; `manifest.json` holds the hash of every file."


def _use(record: CorpusRecord) -> str:
    lines = ["## Use", ""]
    if _data_files(record):
        lines += ["```python", "from datasets import load_dataset", ""]
        lines += [
            'corpus = load_dataset("PATH OF THIS FOLDER")',
            f'corpus["{record.splits[0].name}"][0]["translation"]',
            "```",
            "",
        ]
        what = [
            "`id` (source, file and record)",
            "`translation` (both sides)",
            "`source` (and how its pairs were made)",
            "`document`",
        ]
        what += ["`scores`"] if record.scores else []
        lines += [f"Columns: {', '.join(what)}."]
    others = {"tsv": "`SPLIT.tsv` (source, tab, target)", "tmx": "`SPLIT.tmx` (TMX 1.4)", "jsonl": "`SPLIT.jsonl`"}
    others["moses"] = f"`SPLIT.{record.langs[0]}` and `SPLIT.{record.langs[1]}`, line by line"
    there = [others[name] for name in record.formats if name in others]
    if there:
        lines.append(f"The same rows in the same order: {'; '.join(there)}.")
    lines += [
        f"{name}: {count:,} sides hold a character that the format cannot, replaced there."
        for name, count in record.replaced.items()
    ]
    if home := record.card.get("homepage"):
        lines += ["", f"Home: {_escaped(home)}"]
    return "\n".join(lines)


def _sources(record: CorpusRecord) -> str:
    rows = tuple(
        (s.name, s.licence, s.url or "—", s.credit or "—", f"{s.read:,}", f"{s.published:,}") for s in record.sources
    )
    table = TextTable("", ("source", "licence", "from", "credit", "records", "published"), rows)
    makes = {s.make: None for s in record.sources}
    said = [
        f"- **{make}** ({', '.join(s.name for s in record.sources if s.make == make)}): {_MAKES.get(make, make)}"
        for make in makes
    ]
    return f"## Sources\n\n{markdown([table])}\n### How pairs were made\n\n" + "\n".join(said)


def _filters(record: CorpusRecord) -> str:
    views = {view.name: view for view in record.filters}
    rows, idle = [], []
    for step, left in zip(record.funnel.steps, record.funnel.left(), strict=True):
        view = views.get(step.name)
        accepted = _interval(view.low, view.high) if view else "—"
        if step.rows:
            rows.append((step.name, SAID[step.kind], accepted, f"{step.rows:,}", f"{left:,}"))
        elif view:
            idle.append(f"`{step.name}` ({accepted})")
    table = TextTable("", ("reason", "kind", "accepted", "left out", "left"), tuple(rows))
    parts = [
        f"## What was left out\n\nOf {record.funnel.read:,} records, in this order; each has one fate.\n\n{markdown([table])}"
    ]
    parts += [f"Filters that left out nothing: {', '.join(idle)}.\n"] if idle else []
    parts += ["\n".join(f"- {_escaped(name)}: {_escaped(value)}" for name, value in record.recipe)]
    return "\n".join(parts).rstrip("\n")


def _interval(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"


def _splits(record: CorpusRecord) -> str:
    rows = tuple((s.name, f"{s.rows:,}", f"{s.src_characters:,}", f"{s.tgt_characters:,}") for s in record.splits)
    heads = ("split", "rows", f"{record.langs[0]} characters", f"{record.langs[1]} characters")
    text = f"## Splits\n\n{markdown([TextTable('', heads, rows)])}\n"
    found = sum(step.rows for step in record.funnel.steps if step.kind == "test")
    if record.tests:
        names = _escaped(", ".join(record.tests))
        return f"{text}Test sets that no row repeats, exactly or nearly: {names}; {plural(found, 'row')} left out for that."
    return f"{text}Rows were compared with no test set: check before you evaluate a model that was trained on them."


def _noise(record: CorpusRecord) -> str:
    lines = ["## Known noise, bias and personal data", ""]
    if record.noise:
        lines += [f"- {_escaped(name)}: {_escaped(value)}" for name, value in record.noise]
    else:
        lines.append("The share of wrong pairs was not measured.")
    lines += [
        "",
        "Rows are as their sources have them: names, addresses of e-mail and other data of persons may be among them, and so may whatever",
    ]
    lines.append("their authors believed. Nothing was looked for or removed beyond the filters above.")
    if contact := record.card.get("contact"):
        lines += ["", f"To have something removed: {_escaped(contact)}"]
    return "\n".join(lines)


def _reproduce(record: CorpusRecord) -> str:
    lines = [
        "## Make it again",
        "",
        "```bash",
        "mt corpus build corpus.toml",
        "```",
        "",
        f"Recipe: `{record.signature}`",
    ]
    if record.config:
        lines += ["", "```toml", record.config.rstrip("\n"), "```"]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def field_names(asked: Sequence[str]) -> list[str]:
    """Those of some names that are no fields of a card."""
    return [name for name in asked if name not in FIELDS]
