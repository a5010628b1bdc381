"""`mt corpus tune`: fit the filters of a configuration to clean pairs and planted noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console, options

_Config = Annotated[
    Path,
    typer.Argument(metavar="CONFIG|PAIRS", help="A build's TOML file, or a bitext of clean pairs.", show_default=False),
]
_Clean = Annotated[
    list[Path] | None,
    typer.Option("--clean", help="Clean pairs; again for more files, which are judged by one another. PAIRS if none."),
]
_Noise = Annotated[
    str, typer.Option(help="Kinds to plant, with commas between; by default all that the scores can tell.")
]
_Share = Annotated[float, typer.Option(help="Share of the pairs that get noise.")]
_Loss = Annotated[float, typer.Option(help="Share of the clean pairs that filters may reject.")]
_Rows = Annotated[int, typer.Option(help="Pairs of each file, in runs of 50 spread over it; 0 = all.")]
_Scores = Annotated[
    str,
    typer.Option(
        help="Scores by models beside the rules, with commas between (cosine,cosine-half,mt-logprob …), or none."
    ),
]
_Method = Annotated[
    Literal["thresholds", "learned", "both"],
    typer.Option(help="An interval a score; a classifier on all scores; intervals first, a classifier for the rest."),
]
_Judge = Annotated[
    Literal["files", "documents"],
    typer.Option(help="The classifier loses so much on files it did not see, or on documents it did not see."),
]
_Seed = Annotated[int, typer.Option(help="Of planting.")]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the configuration here, beside CONFIG.", show_default=False)
]
_Plot = Annotated[
    Path | None, typer.Option(help="Draw the curves: an HTML page without network or script.", show_default=False)
]


def command(
    config: _Config,
    clean: _Clean = None,
    noise: _Noise = "",
    share: _Share = 0.2,
    max_clean_loss: _Loss = 0.03,
    rows: _Rows = 5000,
    scores: _Scores = "cosine",
    method: _Method = "both",
    judge: _Judge = "files",
    seed: _Seed = 1,
    threads: options.Threads = 0,
    output: _Output = None,
    plot: _Plot = None,
    json: options.Json = False,
) -> int:
    """Fit a build's filters: plant noise in clean pairs, score them, and spend a loss of clean pairs where it finds most noise.

    Prints what is found of every kind of noise, what of it is lost, and the curve of both. Near copies are planted for no filter: deduplication
    finds them. Machine translations put for targets are told by mt-* scores alone, and only those of that very model. A core does about 300 pairs a
    second of cosine, 200 of cosine-half, 50 of mt-logprob, -worst, -sure, -end and -own together, 25 of mt-chrf.

    Examples:

      mt corpus tune corpus.toml --clean mine.tsv -o tuned.toml --plot tuned.html

      mt corpus tune mine.tsv --noise misaligned,number --scores cosine,cosine-half --max-clean-loss 0.01 --json
    """
    from mt.errors import ConfigError
    from mt.pipeline.corpus_tune import TuneOptions, read_config, tune_files, write

    with options.checked(), console.progress() as progress:
        read, text = read_config(config, output)
        if clean is None and config.suffix.lower() == ".toml":
            raise ConfigError("--clean", "a file of clean pairs", "none")
        asked = TuneOptions(
            _names(noise),
            share,
            max_clean_loss,
            rows,
            _names("" if scores == "none" else scores),
            method,
            seed,
            threads,
            judge,
        )
        tuned = tune_files(read, clean or [config], asked, progress=progress)
    if output is not None:
        write(output, text, tuned)
    if plot is not None:
        from mt.pipeline.corpus_tune_plot import plot as draw

        draw(plot, tuned, max_clean_loss)
    if json:
        console.out_json(tuned.record())
    else:
        for line in tuned.lines():
            print(line)
    return 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
