"""Entry point of the command `mt` and of `python -m mt`: an interrupt ends with 130 even while modules are being imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from mt.cli.app import run_command

        code = run_command()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
