"""The report of a corpus that was built: a single HTML file that needs no network, for a desk, a telephone, the dark and the printer.

`render` puts a `CorpusPage` into `corpus.html.j2` with the style inline. There is no script; everything that came from a text is escaped.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mt import __version__
from mt.errors import plural
from mt.report.corpus import SAID, CorpusPage, CorpusRecord, Lengths, ScoreView, SourceView
from mt.report.corpus_plots import share, stacked
from mt.report.run_page import LANGUAGES, _asset, _policy
from mt.report.templates import environment

if TYPE_CHECKING:
    from jinja2 import Template

CUT = 400  # characters of a side that are shown
_NAMED = 3  # reasons named in a line


def render(page: CorpusPage) -> str:
    """The page as one HTML document: no external address, no clock, no chance; equal pages give equal text.

    Example:
        >>> from mt.report.corpus import Funnel, SourceView, SplitView
        >>> source = SourceView("a", "given", "CC0-1.0", "", "", 3, 3)
        >>> record = CorpusRecord("cats & dogs", "1", ("ja", "en"), "x:1", Funnel(3, (), 3), (source,), (SplitView("train", 3),))
        >>> html = render(CorpusPage(record))
        >>> "<h1>cats &amp; dogs</h1>" in html, "<script" in html
        (True, False)
    """
    record = page.record
    css = "".join(_asset(name) for name in ("run.css", "evaluate.css", "corpus.css"))
    drawn = [(view, _histogram(view)) for view in page.scores]
    steps = list(zip(record.funnel.steps, record.funnel.left(), strict=True))
    return _template().render(
        page=page,
        record=record,
        langs=record.langs,
        css=css,
        policy=_policy(css, ""),
        facts=_facts(record),
        verdict=_verdict(record),
        funnel=[(step, left) for step, left in steps if step.rows],
        idle=[step.name for step, _ in steps if not step.rows],
        shown={view.step.name: n for n, view in enumerate(page.rejects, 1)},
        kinds=SAID,
        bar=share,
        lengths=[_length(one, record.langs) for one in page.lengths],
        scores=drawn,
        idle_scores=[one for one in drawn if not _active(one[0])],
        version=__version__,
    )


def _facts(record: CorpusRecord) -> list[str]:
    names = [LANGUAGES.get(lang, lang) for lang in record.langs]
    return [
        " → ".join(names),
        f"version {record.version}",
        plural(record.funnel.published, "row"),
        plural(len(record.sources), "source"),
        ", ".join(record.formats),
    ]


def _verdict(record: CorpusRecord) -> list[str]:
    funnel = record.funnel
    first = f"{funnel.published:,} of {plural(funnel.read, 'record')} are published"
    lines = [f"{first} ({_percent(funnel.published, funnel.read)})." if funnel.read else "Nothing was read."]
    most = sorted((step for step in funnel.steps if step.rows), key=lambda step: -step.rows)[:_NAMED]
    if most:
        said = ", ".join(f"{step.name} ({step.rows:,})" for step in most)
        lines.append(f"Most were left out for {said}.")
    lines += [f"{name}: {value}." for name, value in record.noise]
    if record.replaced:
        said = ", ".join(f"{name} {count:,}" for name, count in record.replaced.items())
        lines.append(f"Sides with a character that a format cannot hold, replaced there: {said}.")
    return lines


def _length(one: Lengths, langs: tuple[str, str]) -> tuple[str, str, str]:
    lang = langs[0] if one.side == "src" else langs[1]
    name = LANGUAGES.get(lang, lang)
    svg = stacked(one.edges, one.counts, x_title="characters →", label=f"Lengths of the {name} side in characters")
    width = one.edges[1] - one.edges[0]
    return name, svg, f"A bar is {plural(int(width), 'character')} wide; the last one holds all longer sides too."


def _histogram(view: ScoreView) -> str:
    width = view.edges[1] - view.edges[0]
    rules = [view.low] if view.low is not None else []
    if view.high is not None:
        # counts lie in the bar from their number to the next: the line belongs behind the bar of the last accepted one
        rules.append(view.high + (1 if width >= 1 and view.high == int(view.high) else 0))
    label = f"{view.name}: rows by number, published and left out"
    return stacked(view.edges, view.published, view.lost, rules=rules, x_title=f"{view.name} →", label=label)


def _active(view: ScoreView) -> bool:
    """True where a row lies outside the interval, or there is none."""
    return bool(view.below or view.above or (view.low is None and view.high is None))


def _percent(part: int, whole: int) -> str:
    if whole and 0 < part < 0.0005 * whole:
        return "< 0.1 %"
    return f"{100 * part / whole:.1f} %" if whole else "—"


def _short(value: float) -> str:
    return f"{value:,.4g}".replace("-", "\N{MINUS SIGN}")


def _accepts(view: ScoreView) -> str:
    if view.low is not None and view.high is not None:
        return f"accepted: {_short(view.low)} to {_short(view.high)}"
    if view.low is not None:
        return f"accepted: at least {_short(view.low)}"
    return f"accepted: at most {_short(view.high)}" if view.high is not None else "no threshold: only measured"


def _counts(view: ScoreView) -> str:
    parts = [f"{view.below:,} under"] if view.low is not None else []
    parts += [f"{view.inside:,} accepted"] if view.low is not None or view.high is not None else []
    parts += [f"{view.above:,} over"] if view.high is not None else []
    parts = parts or [f"{view.inside:,} measured"]
    parts += [f"{view.unmeasured:,} not measured"] if view.unmeasured else []
    said = [f"{view.beyond[0]:,} left"] if view.beyond[0] else []
    said += [f"{view.beyond[1]:,} right"] if view.beyond[1] else []
    return " · ".join(parts) + (f". Outside the plot: {', '.join(said)}." if said else ".")


def _top(source: SourceView) -> str:
    most = sorted(source.rejected.items(), key=lambda item: -item[1])[:_NAMED]
    return ", ".join(f"{name} {count:,}" for name, count in most if count) or "—"


def _cut(text: str) -> str:
    return text if len(text) <= CUT else text[: CUT - 1] + "…"


@cache
def _template() -> Template:
    filled = environment()
    filled.filters.update(
        {
            "number": lambda n: f"{n:,}",
            "share": _percent,
            "mean": lambda total, rows: f"{total / rows:.1f}" if rows else "—",
            "short": _short,
            "cut": _cut,
            "accepts": _accepts,
            "counts": _counts,
            "top": _top,
        }
    )
    filled.tests["active"] = _active
    return filled.get_template("corpus.html.j2")
