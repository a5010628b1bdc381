"""Tables as Markdown and as LaTeX, from rows of strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mt.report.plots import visible

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\N{MINUS SIGN}": r"$-$",
    "±": r"$\pm$",
    "–": "--",
    "μ": r"$\mu$",
    "Δ": r"$\Delta$",
    "≤": r"$\leq$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    **{c: "\\" + c for c in "&%$#_{}"},
}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of strings.

    Attributes:
        title: what it shows.
        heads: names of the columns; the first is to the left, the others to the right.
        rows: as many cells each as there are heads.
        notes: lines below it.

    Raises:
        ValueError: for a row of another width.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heads):
                raise ValueError(f"table {self.title}: expected {len(self.heads)} cells, found {len(row)}")


def markdown(tables: Sequence[TextTable]) -> str:
    r"""Tables in GitHub's Markdown, each under its title; what Markdown would take for its own signs is escaped.

    Example:
        >>> print(markdown([TextTable("Scores", ("system", "BLEU"), (("a|b", "27.2"),), ("95 %",))]), end="")
        ### Scores
        <BLANKLINE>
        | system | BLEU |
        |---|---:|
        | a\|b | 27.2 |
        <BLANKLINE>
        95 %
    """
    parts = []
    for table in tables:
        lines = [f"### {table.title}", ""] if table.title else []
        lines += [_row(table.heads), "|---|" + "---:|" * (len(table.heads) - 1)]
        lines += [_row(row) for row in table.rows]
        for note in table.notes:
            lines += ["", _escaped(note)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def latex(tables: Sequence[TextTable]) -> str:
    r"""Tables for LaTeX with the package booktabs.

    Example:
        >>> print(latex([TextTable("Scores, %", ("system", "BLEU"), (("a_b", "27.2"),))]), end="")
        % Scores, %
        \begin{tabular}{lr}
        \toprule
        system & BLEU \\
        \midrule
        a\_b & 27.2 \\
        \bottomrule
        \end{tabular}
    """
    parts = []
    for table in tables:
        lines = [f"% {_one_line(table.title)}", rf"\begin{{tabular}}{{l{'r' * (len(table.heads) - 1)}}}", r"\toprule"]
        lines += [_cells(table.heads), r"\midrule", *(_cells(row) for row in table.rows)]
        lines += [r"\bottomrule", r"\end{tabular}"]
        lines += [f"% {_one_line(note)}" for note in table.notes]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def latex_text(text: str) -> str:
    r"""Text as LaTeX reads it, in one line.

    Example:
        >>> print(latex_text("a_b ± 5 %, chrF2 ↑"))
        a\_b $\pm$ 5 \%, chrF2 $\uparrow$
    """
    return "".join(_LATEX.get(c, c) for c in _one_line(text))


def plain(tables: Sequence[TextTable]) -> str:
    """Tables for a terminal: columns in line, no frame.

    Example:
        >>> print(plain([TextTable("Scores", ("system", "BLEU"), (("a", "27.2"), ("long name", "9.1")))]), end="")
        Scores
        system     BLEU
        a          27.2
        long name   9.1
    """
    parts = []
    for table in tables:
        rows = [table.heads, *table.rows]
        widths = [max(len(visible(row[n])) for row in rows) for n in range(len(table.heads))]
        lines = [table.title] if table.title else []
        for row in rows:
            cells = [
                visible(c).ljust(w) if not n else visible(c).rjust(w)
                for n, (c, w) in enumerate(zip(row, widths, strict=True))
            ]
            lines.append("  ".join(cells).rstrip())
        parts.append("\n".join([*lines, *table.notes]) + "\n")
    return "\n".join(parts)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(text: str) -> str:
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", _one_line(text))


def _cells(cells: Sequence[str]) -> str:
    return " & ".join(latex_text(cell) for cell in cells) + r" \\"


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())
