"""What `mt models` says of models: lists, facts, cards, and which one `auto` is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from mt.errors import UserError
from mt.files import read_bytes
from mt.models import ready_ct2, store
from mt.models.hub import CARD
from mt.models.marian import MarianDirectory
from mt.models.registry import AUTO, RANKED_BY, ModelEntry, choose, entry_of, find, known, read_model
from mt.models.store import Installed, Record
from mt.models.weights import OUTPUT_BIAS, SOURCE_POSITIONS, TARGET_POSITIONS, read_weights


def resolve(name: str) -> tuple[str, str]:
    """The model that a `--model` option means, and a line that says which and why; the line is empty where the option says it itself.

    Raises:
        ConfigError: when it is `auto` and a model is pinned that is not there.

    Example:
        >>> resolve("starter")
        ('starter', '')
    """
    if name != AUTO:
        return name, ""
    choice = choose()
    return choice.name, f"model {choice.name}: {choice.reason}"


def records() -> list[dict[str, object]]:
    """Every known and every installed model as an object, for machines and for `list_lines`."""
    try:
        chosen = choose().name
    except UserError:
        chosen = ""
    entries = known()
    others = [one for one in store.installed() if one.record.name not in {entry.name for entry in entries}]
    rows = [_known_record(entry) for entry in entries] + [_own_record(one) for one in others]
    return [row | {"chosen": row["name"] == chosen} for row in rows]


def _known_record(entry: ModelEntry) -> dict[str, object]:
    return {
        "name": entry.name,
        "installed": entry.directory is not None,
        "known": True,
        "src_lang": entry.src_lang,
        "tgt_lang": entry.tgt_lang,
        "parameters": entry.parameters,
        "megabytes": _megabytes(entry.directory) if entry.directory else None,
        "licence": entry.licence,
        "description": entry.description,
        "good_for": entry.good_for,
        "warning": entry.warning or None,
        "scores": [asdict(score) for score in entry.scores],
    }


def _own_record(own: Installed) -> dict[str, object]:
    return {
        "name": own.record.name,
        "installed": True,
        "known": False,
        "src_lang": None,
        "tgt_lang": None,
        "parameters": None,
        "megabytes": _megabytes(own.directory),
        "licence": own.record.licence,
        "description": f"from {own.record.origin}",
        "good_for": None,
        "warning": None,
        "scores": [],
    }


def list_lines(rows: Sequence[dict[str, object]]) -> list[str]:
    """`records` for people, a line a model; * marks the one that `--model auto` takes."""
    width = max((len(str(row["name"])) for row in rows), default=0)
    lines = []
    for row in rows:
        scores = cast(list[dict[str, object]], row["scores"])
        chrf = next((score["chrf"] for score in scores if score["set"] == RANKED_BY), None)
        parameters = cast(int | None, row["parameters"])
        columns = (
            "*" if row["chosen"] else " ",
            f"{row['name']:{width}}",
            "installed" if row["installed"] else "         ",
            "      " if parameters is None else f"{parameters / 1e6:4.0f} M",
            f"{RANKED_BY} chrF2 {chrf:4.1f}" if chrf is not None else " " * (len(RANKED_BY) + 11),
            f"{row['licence']!s:26}",
            f"{row['description']}",
        )
        lines.append("  ".join(columns))
        if row["warning"]:
            lines.append(f"   warning: {row['warning']}")
    return lines


def describe(name: str) -> dict[str, object]:
    """What a model is: from its files where it is there, from the registry where it is known.

    Raises:
        ModelError: when there is no such model or it is not whole.
    """
    entry = entry_of(name)
    if entry is not None and entry.directory is None:
        return _known_record(entry) | {"repository": entry.repository, "pull": f"mt models pull {name}"}
    directory = find(name)
    model = read_model(directory)
    c = model.config
    ready = ready_ct2.is_ready(directory)
    facts: dict[str, object] = {
        "name": name,
        "directory": str(directory),
        "kind": "MarianMT in CTranslate2 format" if ready else "MarianMT",
        "megabytes": _megabytes(directory),
        "parameters": None if ready else _parameters(model),
        "layers": f"{c.encoder_layers} encoder, {c.decoder_layers} decoder",
        "width": c.d_model,
        "heads": c.encoder_attention_heads,
        "activation": c.activation_function,
        "vocabulary": len(model.source_pieces) - 1,
        "shared_vocabulary": model.source_pieces == model.target_pieces,
        "longest_input_pieces": c.max_position_embeddings - 1,
        "sha256": model.weights_sha256,
    }
    own = record_of(directory)
    if own is not None:
        facts |= {"origin": own.origin, "revision": own.revision, "installed": own.installed, "licence": own.licence}
    entry = next((e for e in known() if e.directory == directory), None)
    if entry is not None:
        facts |= {"licence": entry.licence, "description": entry.description, "good_for": entry.good_for}
        facts |= {"warning": entry.warning or None, "scores": [asdict(score) for score in entry.scores]}
    return facts


def fact_lines(facts: dict[str, object]) -> list[str]:
    """`describe` for people; scores one a line, what is not known left out."""
    lines = [f"{key:22}{value}" for key, value in facts.items() if key != "scores" and value is not None]
    for score in cast(list[dict[str, object]], facts.get("scores", [])):
        numbers = [f"{n} {score[k]}" for n, k in (("BLEU", "bleu"), ("chrF2", "chrf")) if score[k] is not None]
        lines.append(f"{'score':22}{score['set']}: {', '.join(numbers)} ({score['source']})")
    return lines


def _megabytes(directory: Path) -> float:
    return round(sum(p.stat().st_size for p in directory.iterdir() if p.is_file()) / 1e6, 1)


def record_of(directory: Path) -> Record | None:
    """The record of an installed model, None for any other directory."""
    return store.read_record(directory) if (directory / store.RECORD).is_file() else None


def _parameters(model: MarianDirectory) -> int:
    """Trained numbers: a table that serves several places counts once; positions and the mask of `<pad>` are not trained."""
    weights = read_weights(model)
    computed = {SOURCE_POSITIONS, TARGET_POSITIONS, OUTPUT_BIAS}
    return sum({id(w): w.size for name, w in weights.items() if name not in computed}.values())


def card(name: str) -> str:
    """The model card: the directory's README.md, or one made from what is known.

    Raises:
        ModelError: when there is no such model.
    """
    entry = entry_of(name)
    directory = entry.directory if entry is not None else find(name)
    if directory is not None and (directory / CARD).is_file():
        return read_bytes(directory / CARD).decode("utf-8", "replace")
    facts = describe(name)
    lines = [f"# {name}", "", *(f"- {' '.join(line.split())}" for line in fact_lines(facts))]
    return "\n".join(lines) + "\n"
