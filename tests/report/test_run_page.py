"""The report's page, read back with lxml and html.parser; positions in plots are derived here from the data and the tick rule.

Contrast is computed by WCAG 2.2's definition (relative luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib.util
import math
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from mt.report import plots, run_page
from mt.report.run_page import FLAGS, ParagraphView, RunPage, SentenceView, Table, render
from mt.signature import Signature
from mt.types import EMPTY, PASSED_THROUGH, RETRIED, SPLIT, UNFINISHED, Score

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "mt" / "report" / "run.css").read_text(encoding="utf-8")

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "</style><img src=x onerror=alert(3)>",
    "\"'><svg onload=alert(4)>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- &amp; &lt; ]]>",
    "javascript:alert(5)",
)


def sentence(n: int, src: str = "", hyp: str = "", flags: tuple[str, ...] = ()) -> SentenceView:
    return SentenceView(f"a-{n:02d}", src or f"文{n}。", hyp or f"Sentence number {n}.", -1.5 * n, 3 * n, flags)


def score(name: str, value: float, low: float | None = None, high: float | None = None) -> Score:
    return Score(name, value, low, high, Signature.of(nrefs=1, case="mixed", unit="paragraph"))


def paragraphs(count: int, each: int = 2, *, reference: bool = True) -> tuple[ParagraphView, ...]:
    return tuple(
        ParagraphView(
            p,
            tuple(sentence(p * each + s + 1) for s in range(each)),
            f"Reference {p}." if reference else None,
            10.0 + p if reference else None,
        )
        for p in range(count)
    )


def page(views: tuple[ParagraphView, ...], **changes: object) -> RunPage:
    base = RunPage(
        title="An article",
        created="2025-01-02T03:04:05Z",
        src_lang="ja",
        tgt_lang="en",
        verdict="chrF2 41.3 over 8 paragraphs: the gist.",
        notes=("8 paragraphs: few.",),
        unit="paragraph",
        unit_count=len(views),
        scores=(score("BLEU", 12.34, 10.0, 14.5), score("chrF2", 41.3, 38.0, 44.0), score("TER", 80.0, 70.0, 90.0)),
        document_scores=(score("BLEU", 15.0),),
        paragraphs=views,
        counts=(("sentences read", 1234), ("decoded", 1234), ("failed", 0)),
        tables=(Table("Inputs", (("source", "a.txt (sha256 0123)"),)),),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def bare(views: tuple[ParagraphView, ...]) -> RunPage:
    """A run without a reference and without anything else that can be missing."""
    return page(views, scores=(), document_scores=(), notes=(), counts=(), tables=())


def tree(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def words(element: lxml_html.HtmlElement) -> str:
    return str(element.text_content())


def texts(root: lxml_html.HtmlElement, path: str) -> list[str]:
    return [words(e) for e in root.xpath(path)]


class Tags(HTMLParser):
    """Every element and attribute, and whether what was opened is closed, by the standard library's parser."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


# --- structure


def test_every_sentence_stands_once_on_each_side_and_the_sides_name_each_other() -> None:
    views = paragraphs(8)
    root = tree(render(page(views)))
    expected = [s for p in views for s in p.sentences]
    assert texts(root, "//p[@class='src']") == [s.src for s in expected]
    assert texts(root, "//p[@class='hyp']") == [s.hyp for s in expected]
    numbers = [str(n) for n in range(1, len(expected) + 1)]
    assert root.xpath("//p[@class='src']/@data-pair") == numbers
    assert root.xpath("//p[@class='hyp']/@data-pair") == numbers
    assert [e.get("id") for e in root.xpath("//li[@class='pair']")] == [f"s{n}" for n in numbers]
    assert texts(root, "//div[@class='ref']/p") == [p.reference for p in views]


def test_each_paragraph_holds_its_own_sentences_and_its_chrf() -> None:
    views = paragraphs(8, each=3)
    for view, article in zip(views, tree(render(page(views))).xpath("//article"), strict=True):
        assert texts(article, ".//p[@class='src']") == [s.src for s in view.sentences]
        assert article.get("id") == f"p{view.number + 1}"
        assert texts(article, ".//*[@class='chip']") == [f"chrF2 {view.chrf:.1f}"]


def test_ids_are_unique_and_every_link_leads_somewhere() -> None:
    marked = ParagraphView(8, (sentence(17, flags=(SPLIT, UNFINISHED)),), "R.", 5.0)
    root = tree(render(page((*paragraphs(8), marked))))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = root.xpath("//a/@href")
    assert links and {link[1:] for link in links} <= set(ids)


def test_what_refers_to_another_element_finds_it() -> None:
    root = tree(render(page(paragraphs(8))))
    assert set(root.xpath("//@aria-labelledby")) <= set(root.xpath("//@id"))


def test_tags_are_balanced_for_a_second_parser() -> None:
    for shown in (page(paragraphs(8)), bare(paragraphs(2, reference=False))):
        parsed = Tags(render(shown))
        assert not parsed.wrong and not parsed.open


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attributes in Tags(render(page(paragraphs(8)))).found:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "video", "audio", "image", "use"}
        assert "src" not in attributes and "srcset" not in attributes and "style" not in attributes
        assert attributes.get("href", "#").startswith("#")
    assert "url(" not in CSS and "@import" not in CSS and "@font-face" not in CSS


def test_languages_are_named() -> None:
    root = tree(render(page(paragraphs(2))))
    assert root.get("lang") == "en"
    assert set(root.xpath("//p[@class='src']/@lang")) == {"ja"}
    assert set(root.xpath("//p[@class='hyp']/@lang | //div[@class='ref']/p/@lang")) == {"en"}


def test_headings_descend_one_level_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Tags(render(page(paragraphs(8)))).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_scores_show_direction_interval_signature_and_the_number_of_units() -> None:
    root = tree(render(page(paragraphs(8))))
    section = root.get_element_by_id("scores")
    arrows = [s.xpath("string(.//*[@aria-hidden])") for s in section.xpath(".//*[@class='score']")]
    assert arrows == ["↑", "↑", "↓"]
    assert texts(section, ".//*[@class='score']//b") == ["12.3", "41.3", "80.0"]
    assert [t.removeprefix("95 % interval ") for t in texts(section, ".//*[@class='range-text']")] == [
        "10.0 – 14.5",
        "38.0 – 44.0",
        "70.0 – 90.0",
    ]
    assert set(texts(section, ".//code")) == {"nrefs:1|case:mixed|unit:paragraph"}
    assert "8 paragraphs" in texts(section, ".//*[@class='tag']")
    aside = section.xpath(".//*[contains(@class, 'aside')]")[0]
    assert "Not comparable" in words(aside) and not aside.xpath(".//svg")


def test_verdict_notes_counts_and_tables_are_shown() -> None:
    root = tree(render(page(paragraphs(2))))
    assert texts(root, "//p[@class='verdict']") == ["chrF2 41.3 over 8 paragraphs: the gist."]
    assert texts(root, "//ul[@class='notes']/li") == ["8 paragraphs: few."]
    assert texts(root, "//dl[@class='counts']//dd") == ["1,234", "1,234", "0"]
    assert texts(root, "//*[@id='reproduce']//dd") == ["a.txt (sha256 0123)"]


def test_worst_and_best_are_linked_with_their_chrf() -> None:
    values = (40.0, 10.0, 90.0, 20.0, 30.0, 80.0, 50.0, 70.0)
    views = tuple(dataclasses.replace(p, chrf=v) for p, v in zip(paragraphs(8), values, strict=True))
    root = tree(render(page(views)))
    assert root.xpath("//ol[@class='jumps worst']//@href") == ["#p2", "#p4", "#p5"]
    assert root.xpath("//ol[@class='jumps best']//@href") == ["#p3", "#p6", "#p8"]
    assert texts(root, "//ol[@class='jumps worst']//*[@class='why']") == ["10.0", "20.0", "30.0"]


@pytest.mark.parametrize(("count", "each_way"), [(1, 0), (2, 1), (5, 2), (6, 3), (20, 3)])
def test_no_paragraph_is_both_worst_and_best(count: int, each_way: int) -> None:
    equal = tuple(dataclasses.replace(p, chrf=50.0) for p in paragraphs(count))
    root = tree(render(page(equal)))
    worst, best = (root.xpath(f"//ol[@class='jumps {kind}']//@href") for kind in ("worst", "best"))
    assert len(worst) == len(best) == each_way and not set(worst) & set(best)


# --- what can be missing


def test_without_a_reference_the_page_says_so_and_names_the_least_certain_sentences() -> None:
    views = (ParagraphView(0, tuple(sentence(n) for n in range(1, 5)), None, None),)
    # the mean log-probability is −0.5 a piece for all but this one
    odd = dataclasses.replace(views[0].sentences[2], logprob=-90.0)
    changed = dataclasses.replace(views[0], sentences=(*views[0].sentences[:2], odd, views[0].sentences[3]))
    root = tree(render(bare((changed,))))
    assert "There is no reference" in words(root.get_element_by_id("scores"))
    assert root.xpath("//ol[@class='jumps worst']//@href")[0] == "#s3"
    assert texts(root, "//*[@class='why']")[0] == "−10.00"  # −90 / 9 pieces
    assert not root.xpath("//*[@class='chip'] | //*[@class='ref'] | //*[contains(@class, 'bars')]")
    assert "reference" not in words(root.xpath("//*[@class='heads']")[0])


def test_a_reference_without_scores() -> None:
    root = tree(render(page(paragraphs(3), scores=(), document_scores=())))
    assert "No scores were measured" in words(root.get_element_by_id("scores"))


def test_scores_without_intervals_and_without_the_document() -> None:
    root = tree(render(page(paragraphs(1), scores=(score("BLEU", 12.0),), document_scores=())))
    assert not root.xpath("//*[@class='range'] | //*[@class='range-text'] | //*[contains(@class, 'aside')]")


@pytest.mark.parametrize("views", [(), paragraphs(1, each=1), (ParagraphView(0, (), None, None),)])
def test_hardly_anything_to_show(views: tuple[ParagraphView, ...]) -> None:
    root = tree(render(bare(views)))
    assert len(root.xpath("//article")) == len(views)


def test_some_paragraphs_without_chrf() -> None:
    views = tuple(dataclasses.replace(p, chrf=None) if p.number % 2 else p for p in paragraphs(6))
    root = tree(render(page(views)))
    assert len(root.xpath("//*[contains(@class, 'bars')]//a")) == 3


# --- flags


def test_flags_are_badges_that_lead_to_their_explanation() -> None:
    flags = ((PASSED_THROUGH,), (SPLIT, RETRIED, UNFINISHED), (EMPTY,), ("new <flag>",), ())
    rows = tuple(sentence(n, flags=f) for n, f in enumerate(flags, 1))
    root = tree(render(bare((ParagraphView(0, rows, None, None),))))
    shown = [texts(li, ".//a[contains(@class, 'badge')]") for li in root.xpath("//li[@class='pair']")]
    assert shown == [list(f) for f in flags]
    for badge in root.xpath("//li//a[contains(@class, 'badge')]"):
        legend = root.get_element_by_id(badge.get("href")[1:])
        assert legend.xpath("string(.//dt/span)") == badge.text_content()
        if badge.text_content() in FLAGS:
            assert legend.xpath("string(.//dd)") == FLAGS[badge.text_content()] == badge.get("title")
    assert texts(root, "//li//a[contains(@class, 'bad') and contains(@class, ' bad')]") == [UNFINISHED, EMPTY]


def test_without_flags_there_is_no_legend_and_no_filter_for_them() -> None:
    text = render(page(paragraphs(8)))
    assert 'class="flags"' not in text and 'value="flagged"' not in text and "data-flagged" not in text


def test_filters_count_the_paragraphs_they_show() -> None:
    flagged = tuple(
        dataclasses.replace(p, sentences=(sentence(100 + p.number, flags=(SPLIT,)),)) if p.number in (1, 5) else p
        for p in paragraphs(30)
    )
    root = tree(render(page(flagged)))
    label = {i.get("value"): i.xpath("string(../span/i)") for i in root.xpath("//input[@name='show']")}
    assert label == {"all": "30", "flagged": "2", "low": "10"}
    assert [a.get("id") for a in root.xpath("//article[@data-flagged]")] == ["p2", "p6"]
    assert [a.get("id") for a in root.xpath("//article[@data-low]")] == [f"p{n}" for n in range(1, 11)]


def test_an_empty_output_leaves_its_place_empty() -> None:
    row = SentenceView("a-1", "文。", "", -1.0, 1, (EMPTY,))
    root = tree(render(bare((ParagraphView(0, (row,), None, None),))))
    [cell] = root.xpath("//p[@class='hyp']")
    assert cell.text is None and not len(cell)  # what `.hyp:empty` in the style needs


# --- escaping


def everywhere(text: str) -> RunPage:
    """The text in every place that a text can reach."""
    row = SentenceView(text, text, text.replace("\n", " "), -1.0, 2, (text,))
    calm = text.replace("|", " ").replace("\n", " ") or "-"
    scores = (Score(text, 1.0, 0.5, 2.0, Signature((("key", calm),))),)
    return RunPage(
        title=text,
        created=text,
        src_lang=text,
        tgt_lang=text,
        verdict=text,
        notes=(text,),
        unit=text,
        unit_count=2,
        scores=scores,
        document_scores=scores,
        paragraphs=tuple(ParagraphView(n, (row, row), text, 10.0 + n) for n in range(4)),
        counts=((text, 1),),
        tables=(Table(text, ((text, text),)),),
    )


def skeleton(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes; without the plots' scales, which follow the lengths of the texts."""
    return [(tag, tuple(attributes)) for tag, attributes in Tags(text).found if tag not in {"line", "text"}]


@pytest.mark.parametrize("evil", EVIL)
def test_a_text_adds_no_element_and_no_attribute(evil: str) -> None:
    assert skeleton(render(everywhere(evil))) == skeleton(render(everywhere("harmless")))
    root = tree(render(everywhere(evil)))
    assert texts(root, "//p[@class='src']") == [evil] * 8
    assert texts(root, "//p[@class='hyp']") == [evil] * 8


@given(st.text(min_size=1, max_size=40))
def test_any_text_comes_back_as_it_shows(text: str) -> None:
    rendered = render(everywhere(text))
    assert skeleton(rendered) == skeleton(render(everywhere("harmless")))
    rendered.encode("utf-8")  # no lone surrogate is left
    assert texts(tree(rendered), "//p[@class='src']")[0] == plots.visible(text)


def test_characters_that_a_page_would_hide_are_shown_by_number() -> None:
    hidden = "a\0b\x0bc\u2028d\u202ee\x7ff\ud800g\rh"
    root = tree(render(everywhere(hidden)))
    shown = "a⟨U+0000⟩b⟨U+000B⟩c⟨U+2028⟩d⟨U+202E⟩e⟨U+007F⟩f⟨U+D800⟩g⟨U+000D⟩h"
    assert texts(root, "//p[@class='src']")[0] == shown
    assert texts(root, "//p[@class='hyp']")[0] == shown


def test_white_space_inside_a_sentence_is_kept() -> None:
    kept = "一つ  目 。\t。\n次の行"
    assert texts(tree(render(everywhere(kept))), "//p[@class='src']")[0] == kept


def test_the_policy_names_exactly_our_style_and_our_script() -> None:
    root = tree(render(page(paragraphs(2))))
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for tag in ("style", "script"):
        [content] = root.xpath(f"//{tag}/text()")
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [
        name for _, attributes in Tags(render(page(paragraphs(2)))).found for name in attributes if name[:2] == "on"
    ]


# --- plots


@given(st.floats(1e-6, 1e9), st.integers(1, 10))
def test_ticks_start_at_zero_cover_the_data_and_are_even(high: float, intervals: int) -> None:
    marks = plots.ticks(high, intervals)
    step = marks[1]
    assert marks[0] == 0 and marks[-1] >= high * (1 - 1e-6) and len(marks) <= intervals + 1
    assert marks[-1] - step < high  # no empty interval at the end
    assert all(math.isclose(m, i * step, rel_tol=1e-9, abs_tol=1e-12) for i, m in enumerate(marks))
    digits = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(digits - d) for d in (1, 2, 5)) < 1e-6


@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
def test_a_sample_keeps_order_and_even_distances(items: list[int], cap: int) -> None:
    numbered = list(enumerate(items))
    sample = plots.sampled(numbered, cap)
    assert len(sample) == min(cap, len(items)) and list(sample) == sorted(set(sample))
    if sample:
        assert sample[0] == numbered[0]
        gaps = {b[0] - a[0] for a, b in pairwise(sample)}
        assert not gaps or max(gaps) - min(gaps) <= 1


def svg(text: str) -> lxml_html.HtmlElement:
    return lxml_html.fragment_fromstring(text)


def number(element: lxml_html.HtmlElement, name: str) -> float:
    return float(element.get(name).rstrip("%"))


def test_the_interval_stands_where_the_numbers_say() -> None:
    drawn = svg(plots.interval_plot(12.5, 10.0, 17.5, label="BLEU"))
    [bar], [dot] = drawn.xpath(".//rect"), drawn.xpath(".//circle")
    # the axis is 0 to 100, so percent of the width is percent of the score
    assert (number(bar, "x"), number(bar, "width"), number(dot, "cx")) == (10.0, 7.5, 12.5)


def test_the_interval_axis_grows_for_a_ter_above_hundred() -> None:
    drawn = svg(plots.interval_plot(120.0, 90.0, 150.0, label="TER"))
    # at most five steps of 1, 2 or 5 · 10^k up to 150: steps of 50, end 150; 120 / 150 = 80 %
    assert texts(drawn, ".//text") == ["0", "50", "100", "150\u2009%"]
    assert number(drawn.xpath(".//circle")[0], "cx") == 80.0


def test_dots_of_the_length_plot_stand_where_the_lengths_say() -> None:
    # 40 characters → 10 words, 20 characters → 8 words: axes end at 40 (steps of 10) and 10 (steps of 2)
    rows = (sentence(1, "あ" * 40, " ".join(["w"] * 10)), sentence(2, "い" * 20, " ".join(["w"] * 8), (SPLIT,)))
    root = tree(render(bare((ParagraphView(0, rows, None, None),))))
    [drawn] = root.xpath("//*[contains(@class, 'scatter')]")
    dots = {a.get("href"): a.xpath("./circle")[0] for a in drawn.xpath(".//a")}
    assert (number(dots["#s1"], "cx"), number(dots["#s1"], "cy")) == (100.0, 0.0)
    assert (number(dots["#s2"], "cx"), number(dots["#s2"], "cy")) == (50.0, plots.SCATTER_HEIGHT * 0.2)
    assert drawn.xpath(".//a[contains(@class, 'marked')]/@href") == ["#s2"]
    assert drawn.xpath("string(.//a[@href='#s2']/title)") == "Sentence 2: 20 characters, 8 words (split)"
    # the line has the median slope, (10/40 + 8/20) / 2 = 0.325, and leaves the drawing where y = 10: x = 10 / 0.325
    [rule] = drawn.xpath(".//line[@class='rule']")
    assert number(rule, "x2") == pytest.approx(100 * 10 / 0.325 / 40, abs=0.01) and number(rule, "y2") == 0


def test_output_without_spaces_is_measured_in_characters() -> None:
    rows = (sentence(1, "A dog.", "犬である。"),)
    root = tree(render(page((ParagraphView(0, rows, None, None),), src_lang="en", tgt_lang="ja")))
    assert root.xpath("string(//*[contains(@class, 'scatter')]//a/title)") == "Sentence 1: 6 characters, 5 characters"


def test_bars_stand_on_the_axis_and_reach_their_value() -> None:
    rows = [
        plots.Bar(40.0, "#a", "a"),
        plots.Bar(None, "#b", "b"),
        plots.Bar(10.0, "#c", "c"),
        plots.Bar(0.0, "#d", "d"),
    ]
    drawn = svg(plots.bars(rows, y_title="y", x_title="x", label="bars", rule=20.0, height=200))
    shapes = {a.get("href"): a.xpath("./rect[not(@class)]")[0] for a in drawn.xpath(".//a")}
    assert set(shapes) == {"#a", "#c", "#d"}
    # axis 0 to 40; a place is 25 % wide and the bar takes its middle 80 %
    assert [number(shapes["#c"], k) for k in ("x", "width", "y", "height")] == [52.5, 20.0, 150.0, 50.0]
    assert [number(shapes["#a"], k) for k in ("y", "height")] == [0.0, 200.0]
    assert number(shapes["#d"], "height") == 1  # a paragraph of 0 is still seen
    assert {number(line, "y1") for line in drawn.xpath(".//line[@class='rule']")} == {100.0}


def test_too_many_points_are_thinned_and_the_caption_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_page, "SCATTER_CAP", 10)
    monkeypatch.setattr(run_page, "BARS_CAP", 7)
    root = tree(render(page(paragraphs(20))))
    assert len(root.xpath("//*[contains(@class, 'scatter')]//a")) == 10
    assert len(root.xpath("//*[contains(@class, 'bars')]//a")) == 7
    captions = texts(root, "//figcaption")
    assert "7 of 20 paragraphs, at even distances" in captions[0]
    assert "at even distances: 10 of 40 sentences without a flag." in captions[1]


# --- the page as a whole


def test_equal_runs_give_equal_pages() -> None:
    assert render(page(paragraphs(8))) == render(page(paragraphs(8)))


def test_five_thousand_paragraphs_in_seconds() -> None:
    views = paragraphs(5000, each=4)
    begin = time.perf_counter()
    text = render(page(views))
    # measured about 2 s on two busy cores; the limit only catches a quadratic step
    assert time.perf_counter() - begin < 30
    assert text.count('class="pair"') == 20_000 and text.count("<circle") < 2 * run_page.SCATTER_CAP


def palettes() -> dict[str, dict[str, str]]:
    """The variables of the light palette, and of the dark one laid over it."""
    blocks = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", b)) for b in re.findall(r":root \{([^}]*)\}", CSS)]
    light, dark = blocks[0], {**blocks[0], **blocks[1]}
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_can_be_read_on_every_ground_it_stands_on(scheme: str) -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)  # the definition's own extreme
    colours = palettes()[scheme]
    for ground in ("ground", "card", "soft"):
        for text in ("ink", "muted", "accent", "warn"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["warn"], colours["warn-soft"]) >= 4.5
    assert contrast(colours["card"], colours["accent"]) >= 4.5  # the chosen filter
    assert contrast(colours["dot"], colours["card"]) >= 3  # WCAG 1.4.11: graphics


def test_the_style_cares_for_print_dark_and_stillness() -> None:
    for query in ("@media print", "screen and (prefers-color-scheme: dark)", "(prefers-reduced-motion: no-preference)"):
        assert query in CSS


# --- scripts/screenshots.py


def test_screenshots_without_a_browser_end_in_one_line(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    report.write_text(render(page(paragraphs(1))), encoding="utf-8")
    script = ROOT / "scripts" / "screenshots.py"
    done = subprocess.run(
        [sys.executable, script, report], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60
    )
    expected = "screenshots: no browser found: expected one of chromium, chromium-browser, google-chrome on the PATH\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_screenshots_of_a_missing_report_end_in_one_line(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "screenshots.py"
    done = subprocess.run([sys.executable, script, tmp_path / "x.html"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.endswith("x.html: expected a report.html, found no file\n")


def test_screenshots_widths_cover_both_sides_of_each_breakpoint() -> None:
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for limit in map(int, re.findall(r"min-width: (\d+)px\)", CSS)):
        assert {limit - 1, limit} <= set(script.WIDTHS)
