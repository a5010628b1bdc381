"""The page of an evaluation, read back with lxml; positions in plots derived here from the data; search and links, by Chromium where there is one.

Contrast is computed by WCAG 2.2's definition (relative luminance).
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from mt.report import diffs, evaluate_plots, tables
from mt.report.evaluate_page import (
    EvaluatePage,
    Example,
    Examples,
    Facts,
    Figure,
    Grid,
    Section,
    Segments,
    Text,
    markdown,
    render,
)
from mt.report.tables import TextTable

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "mt" / "report"
CSS = (REPORT / "run.css").read_text("utf-8") + (REPORT / "evaluate.css").read_text("utf-8")

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "\"'><svg onload=alert(4)>",
    "{{ 7 * 7 }}",
    "<!-- &amp; ]]>",
)


def segments(count: int = 50) -> Segments:
    return Segments(
        systems=("A", "B"),
        pair=(0, 1),
        documents=tuple(f"d{n // 5}" for n in range(count)),
        src=tuple(f"文{n}。" for n in range(count)),
        references=tuple(f"Sentence number {n} of the text." for n in range(count)),
        texts=(
            tuple(f"Sentence number {n} of a text." for n in range(count)),
            tuple(f"Phrase {n}." for n in range(count)),
        ),
        scores=(tuple(90.0 - n for n in range(count)), tuple(10.0 + n for n in range(count))),
    )


def page(**changes: object) -> EvaluatePage:
    table = TextTable("Scores", ("system", "BLEU"), (("A", "27.2"), ("B & C", "9.1")), ("Percent.",))
    example = Example(3, "d1", "文。", "A black cat.", (("A", "A cat.", 50.0), ("B", "", 0.0)), "+50.0 chrF2")
    row = evaluate_plots.Row("A − B", (evaluate_plots.Mark(1.0, 0.5, 1.5, "1.0"),))
    svg = evaluate_plots.intervals([row], x_title="points", label="differences", zero=True)
    base = EvaluatePage(
        "A test",
        ("Japanese → English", "50 segments"),
        ("A is better than B.", "People would agree.", "Rule."),
        (
            Section(
                "data",
                "Data and gates",
                (Text(("No gate.",), "muted"), Facts("Files", (("reference 1", "ref.txt"),), code=True)),
            ),
            Section(
                "scores",
                "Scores",
                (Grid(table, {(0, 1): "good"}), Grid(dataclasses.replace(table, title="More"), folded=True)),
            ),
            Section("differences", "Differences", (Figure("Forest", svg, "Bars.", ("A", "B")),)),
            Section("examples", "Examples", (Examples((("Worst", (example,)),)),)),
        ),
        segments(),
        command="mt evaluate a b --ref r",
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def tree(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


# --- structure


def test_sections_stand_in_order_each_in_the_navigation_with_its_heading() -> None:
    root = tree(render(page()))
    ids = [s.get("id") for s in root.xpath("//main/section")]
    assert ids == ["verdict", "data", "scores", "differences", "examples"]
    assert [a.get("href") for a in root.xpath("//nav//a")] == [f"#{i}" for i in ids[1:]]
    for section in root.xpath("//main/section[@aria-labelledby]"):
        assert root.get_element_by_id(section.get("aria-labelledby")).tag == "h2"


def test_every_inner_link_has_a_target_or_is_a_segment_that_the_data_hold() -> None:
    root = tree(render(page()))
    ids = set(root.xpath("//@id"))
    count = len(json.loads(root.get_element_by_id("segments").text)["ref"])
    for href in root.xpath("//a/@href"):
        number = re.fullmatch(r"#seg-(\d+)", href)
        assert href[1:] in ids or (number and 1 <= int(number[1]) <= count), href


def test_ids_are_there_once_and_tables_have_scopes() -> None:
    root = tree(render(page()))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(root.xpath("//thead//th/@scope")) == {"col"}
    assert set(root.xpath("//tbody//th/@scope")) == {"row"}
    assert all(
        svg.get("role") == "img" and svg.get("aria-label") for svg in root.xpath("//svg[contains(@class,'plot')]")
    )


def test_words_that_the_reference_does_not_have_are_marked_and_no_character_is_lost() -> None:
    example = Example(1, "", "", "A black cat sat.", (("A", "A white cat sat  down.", 50.0),))
    root = tree(render(page(sections=(Section("examples", "E", (Examples((("x", (example,)),)),)),))))
    [said] = root.xpath("//span[contains(@class,'hyp-text')]")
    assert said.text_content() == "A white cat sat  down."
    assert [m.text_content() for m in said.xpath(".//mark")] == ["white", "  down"]


def test_the_page_needs_no_network_and_the_policy_names_its_own_style_and_script() -> None:
    text = render(page())
    root = tree(text)
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert "url(" not in CSS
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    style = text.split("<style>")[1].split("</style>")[0]
    script = text.rsplit("<script>", 1)[1].rsplit("</script>", 1)[0]
    for part in (style, script):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("evil", EVIL)
def test_texts_cannot_become_markup(evil: str) -> None:
    table = TextTable(evil, (evil, evil), ((evil, evil),), (evil,))
    example = Example(1, evil, evil, evil, ((evil, evil + " x", 1.0),), evil)
    own = Segments((evil,), (0, 0), (evil,), (evil,), (evil,), ((evil,),), ((1.0,),))
    svg = evaluate_plots.intervals(
        [evaluate_plots.Row(evil, (evaluate_plots.Mark(1, 0, 2, evil),), evil)], x_title=evil, label=evil
    )
    blocks = (
        Text((evil,)),
        Facts(evil, ((evil, evil),)),
        Grid(table),
        Figure(evil, svg, evil),
        Examples(((evil, (example,)),)),
    )
    root = tree(render(EvaluatePage(evil, (evil,), (evil,), (Section("s", evil, blocks, evil),), own, command=evil)))
    assert len(root.xpath("//script")) == 2
    assert not root.xpath("//*[@onload or @onerror]")
    assert json.loads(root.get_element_by_id("segments").text)["ref"] == [evil]
    assert root.xpath("//h1")[0].text_content() == evil


def test_equal_pages_give_equal_text() -> None:
    assert render(page()) == render(page())


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="columns of 50 segments"):
        dataclasses.replace(segments(), src=("a",))


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_comparison_loses_no_character(a: str, b: str) -> None:
    assert "".join(p.text for p in diffs.compared(a, b)) == a
    assert all(not p.only for p in diffs.compared(a, a))


# --- plots: x = 100 * (value - first tick) / (last tick - first tick), ticks as `span` says


def test_intervals_stand_where_the_axis_says() -> None:
    rows = [
        evaluate_plots.Row("a", (evaluate_plots.Mark(1.0, 0.5, 1.5, "t"),)),
        evaluate_plots.Row("b", (evaluate_plots.Mark(-1.0, None, None, "t"),)),
    ]
    svg = evaluate_plots.intervals(rows, x_title="points", label="l", zero=True)
    # ticks from -1 to 1.5 in steps of 0.5: 0 stands at 40 %, 1.0 at 80 %, the bar from 60 % to 100 %
    assert 'class="axis" x1="40%"' in svg
    assert 'cx="80%"' in svg
    assert 'class="bar" x="60%" width="40%"' in svg
    assert 'cx="0%"' in svg


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_an_axis_covers_what_it_shows(low: float, width: float) -> None:
    marks = evaluate_plots.span(low, low + width)
    assert marks[0] <= low + 1e-6 * max(1, abs(low))
    assert marks[-1] >= low + width - 1e-6 * max(1, abs(low + width))
    assert 2 <= len(marks) <= 9


def test_a_histogram_and_a_course_have_an_element_for_each_number() -> None:
    assert (
        evaluate_plots.histogram([1, 0, 3], [0, 1, 2, 3], x_title="x", label="l", rule=1.5).count('class="fill"') == 3
    )
    course = evaluate_plots.course(
        [("1", 40.0, 39.0, 41.0, False), ("2", 38.0, None, None, True)], y_title="chrF2", label="l"
    )
    assert course.count("<circle") == 2
    assert course.count("mark marked") == 1


# --- the other forms


def test_markdown_holds_every_table_and_text() -> None:
    text = markdown(page())
    for words in (
        "# A test",
        "**A is better than B.**",
        "| B & C | 9.1 |",
        "### More",
        "No gate.",
        "ref.txt",
        "A black cat.",
    ):
        assert words in text


def test_latex_escapes_what_latex_reads() -> None:
    # the ten special characters of LaTeX
    made = tables.latex([TextTable("t", ("a", "b"), ((r"& % $ # _ { } ~ ^ \ ", "−1"),))])
    assert r"\& \% \$ \# \_ \{ \} \textasciitilde{} \textasciicircum{} \textbackslash{}" in made
    assert "$-$1" in made


def test_a_table_of_unequal_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 cells, found 1"):
        TextTable("t", ("a", "b"), (("x",),))


# --- colours


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_of_text_can_be_read(dark: bool) -> None:
    found: dict[str, str] = {}
    for block in re.findall(r"(@media screen and \(prefers-color-scheme: dark\) \{\s*)?:root \{(.*?)\}", CSS, re.S):
        if not block[0] or dark:
            found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block[1]))
    for ink in ("ink", "muted", "accent", "warn", "two", "good"):
        for ground in ("card", "ground"):
            a, b = sorted((_luminance(found[ink]), _luminance(found[ground])))
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ink, ground, dark)
    a, b = sorted((_luminance(found["warn"]), _luminance(found["warn-soft"])))
    assert (b + 0.05) / (a + 0.05) >= 4.5


# --- in a browser


@pytest.fixture(scope="module")
def browser():
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("no Chromium on the PATH")
    place = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert place is not None and place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    with module.Browser() as one:
        yield one


@pytest.fixture
def opened(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(render(page()), encoding="utf-8")
    browser.window(1280)
    browser.open(path)
    return browser


def _type(browser, words: str) -> None:
    browser.value(
        f"{{ const f = document.getElementById('find'); f.value = {json.dumps(words)}; f.dispatchEvent(new Event('input', {{bubbles: true}})); }} 0"
    )


def _shown(browser) -> list[str]:
    return browser.value("[...document.querySelectorAll('#results .where')].map(a => a.textContent)")


def test_search_finds_segments_in_every_column(opened) -> None:
    for words, expected in (
        ("number 17", ["Segment 18"]),
        ("文4。", ["Segment 5"]),
        ("ＰＨＲＡＳＥ 33", ["Segment 34"]),
        ("d9", [f"Segment {n}" for n in range(46, 51)]),
    ):
        _type(opened, words)
        assert _shown(opened) == expected, words
        assert opened.value("found.textContent") == f"{len(expected)} of 50"
    _type(opened, "no such thing")
    assert opened.value("none.hidden") is False


def test_search_finds_what_is_wrong_at_sight(browser, tmp_path) -> None:
    flags = (tuple("numbers: missing 3\nshort: 0.2" if n == 7 else "" for n in range(50)), ("",) * 50)
    path = tmp_path / "report.html"
    path.write_text(render(page(segments=dataclasses.replace(segments(), flags=flags))), encoding="utf-8")
    browser.open(path)
    _type(browser, "Numbers: missing")
    assert _shown(browser) == ["Segment 8"]
    assert browser.value("[...document.querySelectorAll('#results .badge')].map(b => b.textContent)") == [
        "numbers: missing 3",
        "short: 0.2",
    ]


def test_orders_sort_and_more_shows_more(opened) -> None:
    for value, first in (
        ("worst", "Segment 50"),
        ("gain", "Segment 1"),
        ("loss", "Segment 50"),
        ("number", "Segment 1"),
    ):
        opened.value(f"order.value = '{value}'; order.dispatchEvent(new Event('input', {{bubbles: true}})); 0")
        assert _shown(opened)[0] == first, value
    assert len(_shown(opened)) == 20
    opened.value("more.click(); more.click(); 0")
    assert len(_shown(opened)) == 50
    assert opened.value("more.hidden") is True


def test_words_that_differ_are_marked_against_the_reference_or_each_other(opened) -> None:
    _type(opened, "number 17")
    marked = "[...document.querySelectorAll('#results .hyp-text')].map(c => [...c.querySelectorAll('mark')].map(m => m.textContent))"
    # "Sentence number 17 of a text." against "Sentence number 17 of the text.", and "Phrase 17."
    assert opened.value(marked) == [["a"], ["Phrase"]]
    opened.value("against.value = 'each'; against.dispatchEvent(new Event('input', {bubbles: true})); 0")
    assert opened.value(marked) == [["Sentence number", " of a text"], ["Phrase"]]


def test_a_link_to_a_segment_shows_it(opened) -> None:
    opened.value("document.querySelector('a[href=\"#seg-3\"]').click(); 0")
    opened.settle()
    opened.value("new Promise(done => setTimeout(() => done(0), 100))")
    assert opened.value("document.activeElement.id") == "seg-3"
    assert "Segment 3" in _shown(opened)


def test_a_page_that_holds_a_part_finds_it_by_number_and_says_what_it_lacks(browser, tmp_path) -> None:
    part = dataclasses.replace(segments(), numbers=tuple(range(10, 1010, 20)), total=1000, note="A part.")
    path = tmp_path / "report.html"
    path.write_text(render(page(segments=part)), encoding="utf-8")
    browser.open(path)
    assert browser.value("found.textContent") == "50 segments held, of 1,000"
    _type(browser, "number 17")
    # the 18th of 10, 30, 50, …
    assert _shown(browser) == ["Segment 350"]
    # the page has segment 3 among its examples only: the table's link leads to what is not there
    browser.value("document.querySelector('a[href=\"#seg-3\"]').click(); 0")
    browser.value("new Promise(done => setTimeout(() => done(0), 100))")
    assert browser.value("none.textContent") == "Segment 3 is not on this page: it is line 3 of segments.jsonl."
    browser.value("location.hash = '#seg-350'; 0")
    browser.value("new Promise(done => setTimeout(() => done(0), 100))")
    assert browser.value("document.activeElement.id") == "seg-350"
    assert browser.value("none.hidden") is True


def test_every_link_of_the_navigation_leads_to_its_section(opened) -> None:
    for id in opened.value("[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1))"):
        opened.value(f"document.querySelector('nav a[href=\"#{id}\"]').click(); 0")
        assert opened.value("location.hash") == f"#{id}"
        assert opened.value(f"Boolean(document.getElementById('{id}'))") is True


def test_the_page_fits_every_window(browser, tmp_path) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(page()), encoding="utf-8")
    for width in (320, 390, 700, 1280):
        browser.window(width)
        browser.open(path)
        assert browser.value("document.documentElement.scrollWidth") <= width
