"""The command `mt`: its commands, its exit codes, and errors as one line.

Exit codes: 0 all well · 1 internal error · 2 usage or bad input · 3 finished with flagged failures · 130 interrupted
(141 when the reader of the output went away, as shells say of `mt … | head`).
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Annotated, cast

import typer

from mt.cli import (
    align,
    console,
    corpus,
    distill,
    evaluate,
    memory,
    mine,
    models,
    run,
    score,
    train,
    translate,
    version,
)
from mt.errors import MTError, OutputError

app = typer.Typer(
    name="mt",
    help="Translate Japanese to English in batches, make parallel corpora, and score translations.",
    epilog="Examples:  mt run configs/article.toml  ·  echo 猫がいる。 | mt translate  ·  mt score hyp.txt ref.txt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.command)
app.command("translate")(translate.command)
app.command("score")(score.command)
app.add_typer(
    evaluate.app, name="evaluate", help="Compare systems: scores, tests, what people would say, where and why."
)
app.add_typer(align.app, name="align", help="Align the sentences of two texts, or of two folders of texts.")
app.add_typer(corpus.app, name="corpus")
app.command("train")(train.command)
app.command("distill")(distill.command)
app.add_typer(models.app, name="models")
app.add_typer(memory.app, name="memory")
app.command("mine")(mine.command)
app.command("version")(version.command)


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=version.print_short)
    ] = False,
) -> None:
    """Options of the command itself."""


def run_command() -> int:
    """Run the command of `sys.argv`; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # text is UTF-8 whatever the locale says, and what is no text (a file name of odd bytes) is shown, not a reason to fail
        cast(io.TextIOWrapper, stream).reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        code = app(prog_name="mt", standalone_mode=False)
        sys.stdout.flush()
    except MTError as e:
        console.fail(e)
        return e.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _silence()
        return 141
    except OSError as e:
        _silence()
        console.fail(OutputError(e.filename or "standard output", e.strerror or type(e).__name__))
        return OutputError.exit_code
    except Exception as e:
        return _unexpected(e)
    return code if isinstance(code, int) else 0


def _silence() -> None:
    """Python flushes stdout once more at exit, and must not complain when nobody reads it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> int:
    # usage errors come from the command line library under a name that differs between its versions
    message = getattr(error, "format_message", None)
    if callable(message):
        print(f"mt: error: {str(message()).rstrip('.')} (mt --help tells more)", file=sys.stderr)
        return 2
    if type(error).__name__ == "Abort":
        return 130
    if os.environ.get("MT_DEBUG"):
        raise error
    print(
        f"mt: internal error: {type(error).__name__}: {error} (MT_DEBUG=1 shows where)".replace("\n", " "),
        file=sys.stderr,
    )
    return 1
