"""A command that is also a group: `mt align A B …` does the work itself, `mt align score …` is a command of its own."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

DEFAULT = "files"


class DefaultGroup(TyperGroup):
    """A group whose command named `files` is meant where the first word names no other.

    Its help is the default command's, with the other commands' names behind it. A file that is called like a command is written `./score`.

    Example:
        >>> import typer
        >>> app = typer.Typer(cls=DefaultGroup)
        >>> @app.command("files", hidden=True)
        ... def _files(a: str) -> None:
        ...     print("files", a)
        >>> @app.command("score")
        ... def _score(a: str) -> None:
        ...     print("score", a)
        >>> for words in (["x.txt"], ["score", "x.txt"], ["./score"]):
        ...     app(words, standalone_mode=False)
        files x.txt
        score x.txt
        files ./score
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The words behind the group's name, with the default command's put before them unless they begin with another's, or ask for help."""
        asks = args[:1] in (["-h"], ["--help"])
        if args and not asks and args[0] not in self.commands:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The default command's help, then what else there is."""
        command = self.commands[DEFAULT]
        # a context of the group's own name and parent, so that the usage line reads `mt align …`, not `mt align files …`
        with type(ctx)(command, info_name=ctx.info_name, parent=ctx.parent) as own:
            command.format_help(own, formatter)
        others = [(name, one) for name, one in self.commands.items() if name != DEFAULT and not one.hidden]
        if others:
            width = max(len(name) for name, _ in others)
            print(f" Also, each with its own help ({ctx.command_path} COMMAND --help):")
            for name, one in others:
                print(f"   {name:<{width}}  {one.get_short_help_str(100)}")
            print()
