"""The command `mt`: its commands, its exit codes, and errors as one line.

Exit codes: 0 all well · 1 internal error · 2 usage or bad input · 3 finished with flagged failures · 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from mt.cli import console, models, run, score, translate, version
from mt.errors import MTError

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
app.add_typer(models.app, name="models")
app.command("version")(version.command)


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=version.print_short)
    ] = False,
) -> None:
    """Options of the command itself."""


def main() -> None:
    """Entry point of the console script."""
    sys.exit(_code())


def _code() -> int:
    try:
        code = app(prog_name="mt", standalone_mode=False)
        sys.stdout.flush()
    except MTError as e:
        console.fail(e)
        return e.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader went away (mt … | head): nobody is left to tell, and Python's own flush at exit must not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as e:
        return _unexpected(e)
    return code if isinstance(code, int) else 0


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
