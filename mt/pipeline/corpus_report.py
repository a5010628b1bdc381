"""The last files of a build: what its stages recorded → card, report and manifest."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import mt
from mt.files import sha256, write_bytes
from mt.filters import table
from mt.pipeline.corpus_collect import Collected, Shard, collect
from mt.pipeline.corpus_config import CorpusConfig
from mt.pipeline.corpus_dedup import REASONS
from mt.pipeline.corpus_fate import FATE, NEAR_HELD, SPLITS, Fate, fates
from mt.pipeline.corpus_parts import ROWS, SCORES, limits, parts, rows_path
from mt.pipeline.corpus_said import Said, output, read_said
from mt.pipeline.corpus_work import Stage, Work
from mt.report.corpus import CorpusPage, CorpusRecord, FilterView, Funnel, Kind, SourceView, SplitView, Step, finite
from mt.signature import Signature

CARD, REPORT, MANIFEST = "README.md", "report.html", "manifest.json"
ABOUT = {
    "exact-copy": "equal on both sides to a better row but for case, width, white space and punctuation",
    "near-copy": "nearly equal on both sides to a better row",
    "same-target": "more rows with the same target than may be",
    "same-source": "more rows with the same source than may be",
    "near-dev": "like a row of the development set",
    "near-test": "like a row of the test set",
    "bad-columns": "other columns than its file has",
    "bad-json": "no JSON",
    "bad-encoding": "no UTF-8",
    "no-language": "without one of the two sides",
    "too-long": "a side is too long to be a sentence",
    "fuzzy": "marked as a guess by its own file",
    "untranslated": "without a target yet",
}
_LEFT_OUT = frozenset({"part_rows"})  # settings that change no published byte


def finish(work: Work, config: CorpusConfig, base: Path, plan: Sequence[Stage], fate: Fate) -> list[Path]:
    """Write card, report and manifest, the manifest last. What its maintainer said of the corpus before is said again.

    Args:
        work: the folder, all stages before complete.
        config: of the build.
        base: the folder that its paths are relative to.
        plan: the stages before.
        fate: the stage that decided.

    Raises:
        OutputError: where they cannot be written.
        UserError: for a `card.toml` that cannot be read.
    """
    from mt.report.card import card
    from mt.report.corpus_page import render

    root = work.root
    said = read_said(root) or Said()
    (root / MANIFEST).unlink(missing_ok=True)  # it would vouch for files that are about to change
    files, replaced, names = _published(work, plan)
    funnel, sources = counts(work, config, plan[0], fate)
    read: Any = plan[0]
    shards = [
        Shard(rows_path(work, part.name), work.path(SCORES, f"{part.name}.npy"), work.path(FATE, f"{part.name}.npy"))
        for part in parts(work, read)
    ]
    rejects = [work.path(ROWS, f"{unit.name}.rejects.jsonl.zst") for unit in plan[0].units(work)]
    about = {name: one.about for name, one in table.TABLE.items()}
    seen = collect(shards, limits(config), funnel.steps, rejects, about=about)
    record = _record(config, (funnel, sources, _splits(work, fate, seen)), names, replaced)
    record = said.record(record)
    outputs = {**files, **_others(work, plan, files), **output(root)}
    for name, text in ((CARD, card(record, files)), (REPORT, render(_page(record, seen)))):
        outputs[name] = write_output(root / name, text)
    inputs = [one for found in work.records(read) for one in found["more"]["files"]]
    write_manifest(root, record, outputs, inputs)
    return [root / name for name in (CARD, REPORT, MANIFEST)]


def write_output(path: Path, text: str) -> dict[str, Any]:
    """Write a text; its SHA-256 and size."""
    data = text.encode("utf-8", "replace")
    write_bytes(path, data)
    return {"sha256": sha256(data), "bytes": len(data)}


def write_manifest(
    root: Path,
    record: CorpusRecord,
    outputs: Mapping[str, Mapping[str, Any]],
    inputs: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write `manifest.json`: the record, hash and size of every file that was read, and hash, size and rows of every file beside it."""
    whole = {
        "made_by": f"kakehashi {mt.__version__}",
        **record.to_json(),
        "inputs": list(inputs),
        "outputs": dict(sorted(outputs.items())),
    }
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    write_bytes(root / MANIFEST, text.encode("utf-8", "replace"))


def counts(work: Work, config: CorpusConfig, read: Stage, fate: Fate) -> tuple[Funnel, tuple[SourceView, ...]]:
    """What became of every record, of all sources and of each."""
    seen: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    lost: dict[str, Counter[str]] = {name: Counter() for name in config.source}
    malformed: set[str] = set()
    for record in work.records(read):
        source = record["more"]["source"]
        seen[source] += record["read"]
        lost[source].update(record["rejected"])
        malformed |= record["rejected"].keys()
    for unit, record in zip(fate.units(work), work.records(fate), strict=True):
        kept[unit.args["source"]] += record["written"]
        lost[unit.args["source"]].update(record["rejected"])
    total: Counter[str] = sum(lost.values(), Counter())
    names = fates(config)
    steps = [Step(name, "malformed", total[name], ABOUT.get(name, "")) for name in sorted(malformed - set(names))]
    steps += [Step(name, _kind(name, config), total[name], _about(name)) for name in names]
    sources = tuple(
        SourceView(
            name, one.make, one.licence, one.url, one.credit, seen[name], kept[name], dict(sorted(lost[name].items()))
        )
        for name, one in config.source.items()
    )
    return Funnel(seen.total(), tuple(steps), kept.total()), sources


def _kind(name: str, config: CorpusConfig) -> Kind:
    if name in limits(config):
        return "filter"
    if name in REASONS.values():
        return "copy"
    return "held" if name in NEAR_HELD.values() else "test"


def _about(name: str) -> str:
    return table.TABLE[name].about if name in table.TABLE else ABOUT.get(name, "")


def _splits(work: Work, fate: Fate, seen: Collected) -> tuple[SplitView, ...]:
    rows: Counter[str] = Counter()
    for record in work.records(fate):
        rows.update(record["more"]["splits"])
    return tuple(
        SplitView(name, rows[name], *seen.characters.get(number, (0, 0)))
        for number, name in enumerate(SPLITS)
        if rows[name] or name == SPLITS[0]
    )


def _published(work: Work, plan: Sequence[Stage]) -> tuple[dict[str, dict[str, Any]], dict[str, int], tuple[str, ...]]:
    """Files by name, sides with replaced characters by format, and names of the published scores."""
    from mt.pipeline.corpus_finish import PUBLISH, shown

    files: dict[str, dict[str, Any]] = {}
    replaced: Counter[str] = Counter()
    for stage in plan:
        if stage.name == PUBLISH:
            for record in work.records(stage):
                files |= record["more"]["files"]
                replaced.update(record["more"]["replaced"])
    read: Any = plan[0]
    return files, dict(sorted(replaced.items())), tuple(shown(work, read))


def _others(work: Work, plan: Sequence[Stage], files: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Outputs of the last stages that stand beside the corpus and are none of its formats: the rejects."""
    found: dict[str, dict[str, Any]] = {}
    for stage in plan:
        for record in work.records(stage):
            for name, out in record["outputs"].items():
                if not name.startswith("work/") and name not in files:
                    found[name] = {**out, "rows": record["written"]}
    return found


def _record(
    config: CorpusConfig,
    parts_: tuple[Funnel, tuple[SourceView, ...], tuple[SplitView, ...]],
    names: tuple[str, ...],
    replaced: Mapping[str, int],
) -> CorpusRecord:
    funnel, sources, splits = parts_
    views = [FilterView(name, _about(name), finite(one.low), finite(one.high)) for name, one in limits(config).items()]
    return CorpusRecord(
        config.name,
        config.version,
        (config.src_lang, config.tgt_lang),
        str(signature(config)),
        funnel,
        sources,
        splits,
        tuple(views),
        tuple(config.decontaminate),
        _recipe(config),
        tuple(config.publish),
        names,
        replaced=replaced,
        config=config_text(config),
    )


def signature(config: CorpusConfig) -> Signature:
    """The recipe of a corpus: the rules, and a hash of all settings that change a row."""
    digest = hashlib.sha256(config_text(config).encode()).hexdigest()[:12]
    made = Signature.of(corpus=config.name, version=config.version, langs=f"{config.src_lang}-{config.tgt_lang}")
    return made.plus(profile=config.profile, config=digest, kakehashi=mt.__version__)


def _recipe(config: CorpusConfig) -> tuple[tuple[str, str], ...]:
    n, d, s = config.normalize, config.dedup, config.split
    said = [n.form] + ["mojibake repaired"] * n.mojibake + ["control characters dropped"] * n.controls
    copies = ["exact"] if d.exact else []
    copies += [f"near (Jaccard similarity of character 5-grams from {d.near:g})"] if d.near else []
    copies += [f"at most {d.per_target:,} a target"] if d.per_target else []
    copies += [f"at most {d.per_source:,} a source"] if d.per_source else []
    rows = [("normalisation", ", ".join(said)), ("profile of the filters", config.profile)]
    rows.append(("copies left out", ", ".join(copies) or "none"))
    if s.dev or s.test:
        rows.append(("split", f"by a hash of seed {s.seed} and document: dev {s.dev:g}, test {s.test:g}"))
    return tuple(rows)


def _page(record: CorpusRecord, seen: Collected) -> CorpusPage:
    return CorpusPage(record, seen.scores, seen.rejects, seen.lengths)


def config_text(config: CorpusConfig) -> str:
    """A configuration as the file it could have been read from, without what is left at its default or changes no published byte.

    Example:
        >>> from mt.pipeline.corpus_config import SourceConfig
        >>> print(config_text(CorpusConfig("cats", {"a": SourceConfig("a.tsv", weight=2)})), end="")
        name = "cats"
        <BLANKLINE>
        [source.a]
        path = "a.tsv"
        weight = 2
    """
    return "\n".join(_tables("", config)).strip("\n") + "\n"


def _tables(name: str, value: Any) -> list[str]:
    """Lines of a table and of those within it."""
    if is_dataclass(value):
        items = {f.name: getattr(value, f.name) for f in fields(value) if _told(f, getattr(value, f.name))}
    else:
        items = dict(value)
    inner = {k: v for k, v in items.items() if is_dataclass(v) or isinstance(v, Mapping)}
    lines = [f"{_key(k)} = {_value(v)}" for k, v in items.items() if k not in inner and v is not None]
    if name and (lines or not inner):
        lines = ["", f"[{name}]", *lines]
    for key, one in inner.items():
        lines += _tables(f"{name}.{_key(key)}" if name else _key(key), one)
    return lines


def _told(one: Any, value: Any) -> bool:
    if one.name in _LEFT_OUT:
        return False
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    return bool(value != default)


def _key(name: str) -> str:
    return name if name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name) else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
