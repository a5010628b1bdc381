"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from mt.cli import console
from mt.errors import ConfigError, OptionError

Model = Annotated[
    str, typer.Option("--model", "-m", help="A model's name (mt models list), a directory, or auto: pinned, else best.")
]
Engine = Annotated[
    Literal["ctranslate2", "transformers"],
    typer.Option(help="transformers needs the extra `train`.", show_choices=True),
]
ComputeType = Annotated[str, typer.Option(help="auto (int8 on a CPU, float16 on a GPU), float32, int8, ….")]
Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="auto takes a GPU where there is one.")]
Threads = Annotated[int, typer.Option(help="CPU threads; 0 = as many as there are cores.")]
BeamSize = Annotated[int, typer.Option(help="Hypotheses kept, 1 to 64; 1 is greedy.")]
LengthPenalty = Annotated[float, typer.Option(help="Exponent of the length a score is divided by, 0 to 10.")]
MaxBatchPieces = Annotated[int, typer.Option(help="Padded source pieces decoded together: speed and memory.")]
InterThreads = Annotated[
    int, typer.Option("--inter-threads", "--threads", help="Batches decoded at a time on a CPU; 0 = one a core.")
]
IntraThreads = Annotated[int, typer.Option(help="CPU threads of each; 0 = one.")]
EveryScript = Annotated[
    bool, typer.Option("--every-script", help="Let a model for English write kana and kanji too; slower.")
]
RepetitionPenalty = Annotated[
    float, typer.Option(help="Divides the scores of pieces written already, 1 to 10; 1 = none.")
]
NoRepeatNgramSize = Annotated[
    int, typer.Option(help="Forbids writing so many pieces twice in a row of them; 0 = none.")
]
NumHypotheses = Annotated[
    int, typer.Option(help="Answers of the search, at most the beam; more than 1 needs JSON lines.")
]
Guard = Annotated[
    bool, typer.Option("--guard/--no-guard", help="Doubt translations by comparing them with their source.")
]
Limits = Annotated[
    Path | None, typer.Option(help="Thresholds of the guard: a TOML file like configs/translate/guard.toml.")
]
RetryBudget = Annotated[
    float, typer.Option(help="Share of the work that trying doubtful ones again may add, 0 to 100.")
]
Memory = Annotated[
    Path | None,
    typer.Option(
        envvar="KAKEHASHI_MEMORY",
        help="The file that remembers translations, so that a stopped run goes on; by default one in your cache.",
    ),
]
NoMemory = Annotated[bool, typer.Option("--no-memory", help="Remember nothing, and recall nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def chosen(model: str) -> str:
    """The model that `--model` means; for `auto`, standard error says which one and why."""
    from mt.pipeline.models import resolve

    name, why = resolve(model)
    if why:
        console.note(why)
    return name


@contextmanager
def checked() -> Iterator[None]:
    """Turns an option out of range into the error that names it as it is typed.

    Example:
        >>> with checked():
        ...     raise OptionError("beam_size", "a number from 1 to 64", 0)
        Traceback (most recent call last):
        mt.errors.ConfigError: --beam-size: expected a number from 1 to 64, found 0
    """
    try:
        yield
    except OptionError as e:
        raise ConfigError("--" + e.key.replace("_", "-"), e.expected, e.found) from None
