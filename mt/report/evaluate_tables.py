r"""Tables of scores for two readers: a grid for a terminal, drawn as sacrebleu draws it, and a table that can be pasted into a paper.

The grid has the measures of tabulate's `fancy_grid`, which sacrebleu prints: heads have a space more on both sides than cells, the first column
stands to the right, the others in the middle with the odd space behind, and a cell may have several lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mt.report.plots import visible
from mt.report.tables import latex_text

_RULES = {
    "top": ("╒", "═", "╤", "╕"),
    "head": ("╞", "═", "╪", "╡"),
    "row": ("├", "─", "┼", "┤"),
    "end": ("╘", "═", "╧", "╛"),
}
_MARKS = {"†": r"$^{\dagger}$", "‡": r"$^{\ddagger}$"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a paper's table.

    Attributes:
        text: what it says, without LaTeX.
        small: set smaller behind it, e.g. an interval.
        bold: whether the text is set bold.
        mark: a sign set high behind it, `†` or `‡`, or empty.
    """

    text: str
    small: str = ""
    bold: bool = False
    mark: str = ""


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""Cells in a frame; those of several lines have line feeds.

    Args:
        heads: names of the columns.
        rows: as many cells each.

    Raises:
        ValueError: for a row of another width.

    Example:
        >>> print(grid(["System", "BLEU"], [["a", "27.2"], ["long name", "9.1\n(p = 0.2)"]]))
        ╒═══════════╤═══════════╕
        │    System │   BLEU    │
        ╞═══════════╪═══════════╡
        │         a │   27.2    │
        ├───────────┼───────────┤
        │ long name │    9.1    │
        │           │ (p = 0.2) │
        ╘═══════════╧═══════════╛
    """
    for row in rows:
        if len(row) != len(heads):
            raise ValueError(f"grid: expected {len(heads)} cells, found {len(row)}")
    table = [[[visible(line) for line in cell.split("\n")] for cell in row] for row in rows]
    widths = [
        max([_width(head) + 2, *(_width(line) for row in table for line in row[n])]) for n, head in enumerate(heads)
    ]

    def rule(kind: str) -> str:
        left, line, cross, right = _RULES[kind]
        return left + cross.join(line * (width + 2) for width in widths) + right

    def drawn(row: Sequence[Sequence[str]]) -> list[str]:
        height = max(len(cell) for cell in row)
        lines = [[*cell, *[""] * (height - len(cell))] for cell in row]
        return [
            "│" + "│".join(_set(cell[k], widths[n], n) for n, cell in enumerate(lines)) + "│" for k in range(height)
        ]

    found = [rule("top"), *drawn([[visible(head)] for head in heads]), rule("head")]
    for n, cells in enumerate(table):
        found += [*([rule("row")] if n else []), *drawn(cells)]
    return "\n".join([*found, rule("end")])


def paper(
    heads: Sequence[str],
    groups: Sequence[Sequence[Sequence[Cell]]],
    *,
    caption: str,
    signatures: Sequence[tuple[str, str]] = (),
    label: str = "scores",
) -> str:
    r"""A `table` with booktabs, its caption and the signatures of the scores.

    Args:
        heads: names of the columns, the first to the left.
        groups: rows with as many cells each, parted by a thin line.
        caption: without LaTeX; `†` and `‡` become signs set high.
        signatures: names and signatures of scores, which the caption ends with.
        label: behind `tab:`.

    Example:
        >>> rows = [[Cell("a_b"), Cell("27.2", "26.1–28.3", bold=True)], [Cell("c"), Cell("27.0", mark="†")]]
        >>> print(paper(["System", "BLEU"], [rows], caption="Two systems.", signatures=[("BLEU", "nrefs:1|tok:13a")]), end="")
        \begin{table}[t]
        \centering
        \begin{tabular}{lr}
        \toprule
        System & BLEU \\
        \midrule
        a\_b & \textbf{27.2} {\scriptsize 26.1--28.3} \\
        c & 27.0$^{\dagger}$ \\
        \bottomrule
        \end{tabular}
        \caption{Two systems. BLEU: {\scriptsize\texttt{nrefs:1|\allowbreak tok:13a}}.}
        \label{tab:scores}
        \end{table}
    """
    lines = [r"\begin{table}[t]", r"\centering", rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}", r"\toprule"]
    lines.append(" & ".join(latex_text(head) for head in heads) + r" \\")
    for group in groups:
        lines += [r"\midrule", *(" & ".join(_cell(cell) for cell in row) + r" \\" for row in group)]
    said = [_marked(caption)]
    for name, signature in signatures:
        broken = r"|\allowbreak ".join(latex_text(part) for part in signature.split("|"))
        said.append(rf"{latex_text(name)}: {{\scriptsize\texttt{{{broken}}}}}.")
    lines += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{' '.join(said)}}}", rf"\label{{tab:{label}}}"]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _cell(cell: Cell) -> str:
    text = latex_text(cell.text)
    text = (rf"\textbf{{{text}}}" if cell.bold else text) + _MARKS.get(cell.mark, "")
    return text + (rf" {{\scriptsize {latex_text(cell.small)}}}" if cell.small else "")


def _marked(text: str) -> str:
    made = latex_text(text)
    for sign, mark in _MARKS.items():
        made = made.replace(sign, mark)
    return made


def _set(text: str, width: int, column: int) -> str:
    space = width - _width(text)
    left = space if column == 0 else space // 2
    return f" {' ' * left}{text}{' ' * (space - left)} "


def _width(text: str) -> int:
    """Columns of a terminal: wide characters take two, those that join the one before none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
