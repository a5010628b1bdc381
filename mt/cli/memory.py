"""`mt memory`: what is remembered of earlier translations, in and out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mt.cli import console, options

app = typer.Typer(help="Count, export, fill, prune and search the memory of translations.", no_args_is_help=True)

File = Annotated[
    Path | None,
    typer.Option("--memory", help="The memory; default: $KAKEHASHI_MEMORY, else memory.sqlite in the cache."),
]


@app.command("stats")
def stats(memory: File = None, json: options.Json = False) -> int:
    """Show what a memory holds: translations by signature and origin, and decodings of runs that have not ended.

    Examples:

      mt memory import mine.tsv --memory mine.sqlite

      mt memory stats --memory mine.sqlite

      mt memory stats --memory mine.sqlite --json
    """
    from mt.pipeline import memory as work

    if json:
        console.out_json(work.stats(memory))
    else:
        for line in work.stats_lines(memory):
            console.out(line)
    return 0


@app.command("import")
def import_pairs(
    files: Annotated[
        list[str], typer.Argument(help=".tmx, .tsv, .jsonl, .parquet, compressed or not.", show_default=False)
    ],
    origin: Annotated[str | None, typer.Option(help="Where they come from; default: the file's name.")] = None,
    memory: File = None,
) -> int:
    """Import people's translations. They win over a machine's, whatever model is used; the newest import of a source wins.

    Examples:

      mt memory import mine.tsv

      mt memory import mine.tsv --origin "our translators" --memory mine.sqlite
    """
    from mt.errors import plural
    from mt.pipeline.memory import take

    with options.checked(), console.progress() as progress:
        done = take(files, memory, origin=origin, progress=progress)
    console.out(
        f"{plural(done.pairs, 'pair')}: {done.new:,} imported, {done.replaced:,} replaced, {done.unchanged:,} unchanged; left out: "
        f"{done.no_source:,} without source, {done.no_target:,} without translation, {done.empty:,} empty"
    )
    return 0


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="A name that ends in .tmx or .tsv.", show_default=False)],
    signature: Annotated[str | None, typer.Option(help="Only translations whose signature has these pairs.")] = None,
    human_only: Annotated[bool, typer.Option("--human-only", help="Only people's translations.")] = False,
    memory: File = None,
) -> int:
    """Export a memory as TMX, with origin and flags as properties, or as tab-separated pairs.

    Examples:

      mt memory import mine.tsv --memory mine.sqlite

      mt memory export mine.tmx --memory mine.sqlite

      mt memory export people.tsv --human-only --memory mine.sqlite
    """
    from mt.errors import plural
    from mt.pipeline.memory import export as write

    with options.checked(), console.progress() as progress:
        done = write(out, memory, signature=signature, human_only=human_only, progress=progress)
    failed = f"; left out: {done.failed:,} flagged as failed" if done.failed else ""
    console.out(f"{out}: {plural(done.written, 'translation')}{failed}")
    return 0


@app.command("prune")
def prune(
    older_than: Annotated[float | None, typer.Option(help="Only what was made so many days ago or earlier.")] = None,
    signature: Annotated[str | None, typer.Option(help="Only translations whose signature has these pairs.")] = None,
    journal: Annotated[bool, typer.Option("--journal", help="Decodings of runs that have not ended.")] = False,
    machine: Annotated[bool, typer.Option("--machine", help="Translations by models.")] = False,
    human: Annotated[bool, typer.Option("--human", help="Translations by people.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and take out nothing.")] = False,
    memory: File = None,
) -> int:
    """Take translations out of a memory and make its file smaller.

    Without --journal, --machine and --human the first two are meant: people's translations go only where --human says so.

    Examples:

      mt memory import mine.tsv --memory mine.sqlite

      mt memory prune --older-than 90 --memory mine.sqlite

      mt memory prune --human --dry-run --memory mine.sqlite
    """
    from mt.pipeline import memory as work

    with options.checked():
        done = work.prune(
            memory,
            older_than=older_than,
            signature=signature,
            journal=journal,
            machine=machine,
            human=human,
            dry_run=dry_run,
        )
    for line in work.prune_lines(done, dry_run=dry_run):
        console.out(line)
    return 0


@app.command("similar")
def similar(
    text: Annotated[str, typer.Argument(help="A sentence of the source language.", show_default=False)],
    threshold: Annotated[float, typer.Option(help="Least similarity, 0.5 to 1: 1 - edits / longer length.")] = 0.8,
    limit: Annotated[int, typer.Option(help="Most translations shown, 1 to 1,000.")] = 3,
    memory: File = None,
    json: options.Json = False,
) -> int:
    """Show translations of similar sentences, best first. Translating never uses them; it takes equal sentences only.

    The first question makes an index of the memory, which takes some seconds for every million sentences.

    Examples:

      mt memory import mine.tsv --memory mine.sqlite

      mt memory similar 猫が20匹いる。 --memory mine.sqlite
    """
    from mt.pipeline import memory as work

    with options.checked():
        found = work.similar(text, memory, threshold=threshold, limit=limit)
    if json:
        rows = [(score, record, record.hypothesis) for score, record in found]
        console.out_json(
            [
                {"similarity": round(score, 4), "src": r.src, "tgt": h.text, "origin": r.origin, "flags": list(h.flags)}
                for score, r, h in rows
            ]
        )
        return 0
    for score, record in found:
        console.out(f"{score:.0%}  {record.src} → {record.hypothesis.text}  ({record.origin})")
    if not found:
        console.note(f"no source is {threshold:.0%} similar")
    return 0
