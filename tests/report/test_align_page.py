"""The page of an alignment, read back with lxml; what a person does to beads, run by node where there is one; the page itself, by Chromium.

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
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from mt.bitext.beads import person_made, read_beads, to_alignment
from mt.report.align_page import SHAPES, AlignPage, render
from mt.types import Alignment, Bead, Links

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "mt" / "report"
CSS = (REPORT / "align.css").read_text("utf-8")
MODEL = (REPORT / "align_beads.js").read_text("utf-8")
SCRIPT = (REPORT / "align.js").read_text("utf-8")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH")

EVIL = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "\"'><svg onload=alert(4)>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- &amp; &lt; ]]>",
)


def page(**changes: object) -> AlignPage:
    """1-1, 1-2, a source without partner, 2-1, a target without partner; probabilities of every kind."""
    beads = (
        Bead(range(1), range(1), 1.5, 0.97),
        Bead(range(1, 2), range(1, 3), 1.0, 0.75),
        Bead(range(2, 3), range(3, 3), 0.2, 0.5),
        Bead(range(3, 5), range(3, 4), 0.1, 0.05),
        Bead(range(5, 5), range(4, 5), None, None),
    )
    base = AlignPage(
        "A pair",
        Alignment("a.ja.txt", "b & c.en.txt", beads),
        [f"文{n}。" for n in range(5)],
        [f"Sentence {n}." for n in range(5)],
        man=frozenset({0}),
        tables=(("alignment", "x.jsonl"),),
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def tree(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


def rows(root: lxml_html.HtmlElement) -> list[lxml_html.HtmlElement]:
    return list(root.xpath("//div[@id='beads']//div[@role='listitem']"))


def texts(root: lxml_html.HtmlElement, path: str) -> list[str]:
    return [str(e.text_content()) for e in root.xpath(path)]


# --- structure


def test_every_sentence_stands_once_in_its_bead_on_its_side() -> None:
    shown = page()
    root = tree(render(shown))
    for row, bead in zip(rows(root), shown.alignment.beads, strict=True):
        assert texts(row, ".//div[contains(@class,'src')]//span[@class='t']") == [shown.src[n] for n in bead.src]
        assert texts(row, ".//div[contains(@class,'tgt')]//span[@class='t']") == [shown.tgt[n] for n in bead.tgt]
        assert row.get("data-s") == f"{bead.src.start} {bead.src.stop}"
        assert row.get("data-t") == f"{bead.tgt.start} {bead.tgt.stop}"
        assert row.xpath(".//path/@d") == [
            SHAPES["band" if bead.src and bead.tgt else "only-src" if bead.src else "only-tgt"]
        ]


def test_confidence_is_said_in_words_and_numbers_not_by_colour_alone() -> None:
    found = rows(tree(render(page())))
    assert [row.get("aria-label") for row in found] == [
        "source 1, target 1: right, says a person",
        "source 2, target 2 to 3: likely, 75 percent",
        "source 3, no target: doubtful, 50 percent",
        "source 4 to 5, target 4: weak, 5 percent",
        "no source, target 5: not measured",
    ]
    assert [texts(row, ".//b[@class='value']") for row in found] == [["97 %"], ["75 %"], ["50 %"], ["5 %"], [""]]
    assert [texts(row, ".//i") for row in found] == [[""], ["1–2"], ["1–0"], ["2–1"], ["0–1"]]
    assert ["likely" in row.get("class") for row in found] == [False, True, False, False, False]
    # outlines differ too
    assert ".doubt .ribbon { stroke-dasharray" in CSS
    assert ".weak .ribbon { stroke-dasharray" in CSS


def test_a_percentage_is_never_rounded_up_to_certainty() -> None:
    for probability, shown in ((0.999, "99 %"), (1.0, "100 %"), (0.8999, "89 %"), (0.9, "90 %"), (0.0, "0 %")):
        alignment = Alignment("a", "b", (Bead(range(1), range(1), None, probability),))
        root = tree(render(AlignPage("x", alignment, ["a"], ["b"])))
        assert texts(root, "//div[@id='beads']//b[@class='value']") == [shown]


def test_the_legend_counts_what_is_there() -> None:
    root = tree(render(page()))
    assert [" ".join(t.split()) for t in texts(root, "//section[contains(@class,'legend')]//li")] == [
        "likely, 70 to 90 % 1",
        "weak, below 40 % 1",
        "without a partner 2",
        "right, says a person 1",
    ]


def test_scores_without_probabilities_are_ranked_and_the_page_says_so() -> None:
    beads = tuple(Bead(range(n, n + 1), range(n, n + 1), float(-n)) for n in range(100))
    alignment = Alignment("a", "b", beads)
    root = tree(render(AlignPage("x", alignment, ["x"] * 100, ["y"] * 100)))
    classes = [row.get("class").split()[2] for row in rows(root)]
    # of a hundred scores the lowest two are weak, three more doubtful, up to a fifth likely: by the table of ranks
    assert [classes.count(name) for name in ("sure", "likely", "doubt", "weak")] == [80, 15, 3, 2]
    assert texts(rows(root)[99], ".//b[@class='value']") == ["\N{MINUS SIGN}99"]
    assert "scores and no probabilities" in texts(root, "//section[contains(@class,'legend')]")[0]
    assert root.body.get("data-measure") == "score"


def test_a_gold_file_has_nothing_to_doubt() -> None:
    alignment = Alignment("a", "b", (Bead(range(1), range(1)),))
    root = tree(render(AlignPage("x", alignment, ["x"], ["y"])))
    assert "neither probabilities nor scores" in texts(root, "//section[contains(@class,'legend')]")[0]
    assert rows(root)[0].get("data-v") is None


@pytest.mark.parametrize("sizes", [(0, 0), (3, 0), (0, 2)])
def test_empty_sides(sizes: tuple[int, int]) -> None:
    beads = [Bead(range(n, n + 1), range(0)) for n in range(sizes[0])]
    beads += [Bead(range(sizes[0], sizes[0]), range(n, n + 1)) for n in range(sizes[1])]
    root = tree(
        render(AlignPage("x", Alignment("a", "b", tuple(beads)), ["", "y", "z"][: sizes[0]], ["", "y"][: sizes[1]]))
    )
    assert len(rows(root)) == sum(sizes)
    assert ("Both documents are empty." in texts(root, "//p[@class='none']")) == (sizes == (0, 0))


def test_the_alignment_must_be_of_these_sentences() -> None:
    with pytest.raises(ValueError, match=r"page: expected \(1, 0\) sentences in the beads, found \(1, 1\)"):
        AlignPage("x", Alignment("a", "b", (Bead(range(1), range(1)),)), ["x"], [])


def test_ids_are_unique_and_what_refers_to_one_finds_it() -> None:
    root = tree(render(page()))
    found = root.xpath("//@id")
    assert len(found) == len(set(found))
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        assert set(root.xpath(f"//@{attribute}")) <= set(found)
    assert {h[1:] for h in root.xpath("//a/@href")} <= set(found)
    # every element the script asks for by its id is there
    assert set(re.findall(r'\bby\("([a-z-]+)"\)', SCRIPT)) <= {*found, "links"}
    # and every button does something the script knows
    assert set(root.xpath("//@data-do")) <= set(re.findall(r'^    "?([a-z-]+)"?: ', SCRIPT, re.M))


def test_every_key_is_in_the_help_and_leads_to_an_action() -> None:
    table = re.search(r"const keys = \{(.*?)\};", SCRIPT, re.S)
    assert table
    keys = {a or b: c for a, b, c in re.findall(r'(?:"([^"]+)"|(\w+)): "([a-z-]+)"', table[1])}
    actions = set(re.findall(r'^    "?([a-z-]+)"?: ', SCRIPT, re.M))
    assert set(keys.values()) <= actions
    shown = {
        t.replace("Space", " ").replace("↓", "ArrowDown").replace("↑", "ArrowUp")
        for t in texts(tree(render(page())), "//dialog//kbd")
    }
    assert shown == set(keys)


def test_nothing_is_loaded_from_anywhere_and_the_policy_names_our_own_code() -> None:
    text = render(page())
    root = tree(text)
    assert not root.xpath("//link | //img | //iframe | //script[@src]")
    assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.sub(r"http://www\.w3\.org/\S+", "", text))
    assert "url(" not in CSS
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    for tag, name in (("style", "style-src"), ("script[not(@type)]", "script-src")):
        [element] = root.xpath(f"//{tag}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not root.xpath("//@style | //@onclick | //@onload")


@pytest.mark.parametrize("evil", EVIL)
def test_a_text_adds_no_element(evil: str) -> None:
    good, bad = page(), page(title=evil, src=[evil] * 5, tgt=[evil] * 5, tables=((evil, evil),), verdict=evil)
    good = dataclasses.replace(good, verdict="x")
    bad = dataclasses.replace(bad, alignment=dataclasses.replace(bad.alignment, src_id=evil, tgt_id=evil))
    assert [e.tag for e in tree(render(good)).iter()] == [e.tag for e in tree(render(bad)).iter()]
    assert set(texts(tree(render(bad)), "//span[@class='t']")) == {evil}


def test_what_a_page_would_hide_is_shown_by_number_and_white_space_is_kept() -> None:
    root = tree(render(page(src=["a\u202eb", "  x  ", "\u3000猫", "c\x00", ""])))
    assert texts(root, "//div[contains(@class,'src')]//span[@class='t']") == [
        "a⟨U+202E⟩b",
        "  x  ",
        "\u3000猫",
        "c⟨U+0000⟩",
        "",
    ]


def test_equal_pages_are_equal_and_ten_thousand_sentences_take_seconds() -> None:
    assert render(page()) == render(page())
    beads = tuple(Bead(range(n, n + 1), range(n, n + 1), None, 0.5) for n in range(10_000))
    many = AlignPage("x", Alignment("a", "b", beads), ["文です。"] * 10_000, ["A sentence."] * 10_000)
    start = time.process_time()
    text = render(many)
    assert time.process_time() - start < 8
    assert len(text) < 12_000_000
    assert text.count('class="block long"') == 250  # laid out only near the window
    assert "content-visibility: auto" in CSS


# --- word links


def test_links_are_cut_at_sentences_and_counted_in_the_browsers_units() -> None:
    # 𠮷 is one character and two units; a hidden character shows as eight: ⟨U+0000⟩
    alignment = Alignment("a", "b", (Bead(range(2), range(2)),))
    links = Links((((0, 1), (0, 2)), ((1, 4), (3, 4))))
    shown = AlignPage("x", alignment, ["𠮷猫", "\x00犬"], ["ab", "cd"], links={0: links})
    [holder] = tree(render(shown)).xpath("//script[@id='links']/text()")
    # joined: 𠮷 猫 NUL 犬; "ab cd". (0,1)→𠮷 = units 0-2 of sentence 0, "ab". (1,4) → 猫 (2-3 of 0), NUL and 犬 (0-9 of 1); (3,4) → "c".
    assert json.loads(holder) == [[0, 0, 2, 0, 0, 2], [0, 2, 3, 1, 0, 1], [1, 0, 9, 1, 0, 1]]
    assert not tree(render(page())).xpath("//script[@id='links']")


# --- looks


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(top: str, ground: str, share: float) -> str:
    pairs = [(int(top[k : k + 2], 16), int(ground[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground_and_every_ribbon(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.S)
    values = dict(re.findall(r"--([a-z-]+): ([^;]+);", blocks[0]))
    if scheme == "dark":
        values |= dict(re.findall(r"--([a-z-]+): ([^;]+);", blocks[1]))
    for text in ("ink", "muted", "accent"):
        for ground in ("ground", "card", "soft"):
            assert contrast(values[text], values[ground]) >= 4.5, (text, ground)
    for tone in ("sure", "likely", "doubt", "weak", "null", "none"):
        ribbon = mixed(values[tone], values["ground"], float(values["fill"]))
        assert contrast(values["ink"], ribbon) >= 4.5, tone
    assert contrast(values["card"], values["accent"]) >= 4.5


def test_the_style_cares_for_print_dark_phones_and_stillness() -> None:
    for rule in ("@media print", "prefers-color-scheme: dark", "max-width: 699px", "prefers-reduced-motion"):
        assert rule in CSS


# --- what a person can do, in node

HARNESS = """
const { start, doings } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const beads = start.map(([s, t, p, score, man]) => ({ s, t, v: p, p, score, man }));
const first = JSON.parse(JSON.stringify(beads));
const stack = [], states = [];
for (const [name, i, side] of doings) {
  if (i >= beads.length) continue;
  const what = Beads[name](beads, i, side);
  if (!what) continue;
  stack.push(Beads.apply(beads, what));
  states.push(JSON.parse(JSON.stringify(beads)));
}
const last = JSON.parse(JSON.stringify(beads));
const packed = Beads.unpacked(Beads.packed(beads), first);
const difference = Beads.difference(first, beads);
const patched = JSON.parse(JSON.stringify(first));
if (difference) Beads.apply(patched, difference);
const sides = [[], []];
for (const bead of beads) { sides[0].push(...Array(Beads.size(bead.s)).fill("文。")); sides[1].push(...Array(Beads.size(bead.t)).fill("A.\\u2028")); }
const jsonl = Beads.jsonl(beads, sides, ["a", "b"], ["", " "]);
const vecalign = [false, true].map((mine) => Beads.vecalign(beads, mine));
while (stack.length) Beads.apply(beads, stack.pop());
console.log(JSON.stringify({ states, last, packed, patched, undone: beads, first, jsonl, vecalign }));
"""


def run(start: list[object], doings: list[object]) -> dict[str, object]:
    done = subprocess.run(
        ["node", "-e", MODEL + HARNESS],
        input=json.dumps({"start": start, "doings": doings}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def runs(beads: list[dict[str, object]]) -> list[tuple[list[int], list[int], bool]]:
    return [(bead["s"], bead["t"], bead["man"]) for bead in beads]  # type: ignore[misc]


def start_of(shapes: list[tuple[int, int]]) -> list[object]:
    start: list[object] = []
    src = tgt = 0
    for n, m in shapes:
        start.append([[src, src + n], [tgt, tgt + m], 0.5, 1.25, False])
        src, tgt = src + n, tgt + m
    return start


names = st.sampled_from(["merge", "split", "unlink", "take", "give", "mark"])
doings = st.lists(st.tuples(names, st.integers(0, 6), st.sampled_from(["s", "t"])), max_size=12)
shapes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any), min_size=1, max_size=6)


@needs_node
@given(shapes, doings)
@settings(max_examples=12, deadline=None)
def test_whatever_is_done_every_sentence_stays_in_exactly_one_bead_and_can_be_undone(
    tmp_path_factory, shapes, doings
) -> None:
    done = run(start_of(shapes), [list(d) for d in doings])
    counts = [sum(n for n, _ in shapes), sum(m for _, m in shapes)]
    for state in [*done["states"], done["last"]]:
        at = [0, 0]
        for bead in state:
            assert [bead["s"][0], bead["t"][0]] == at
            at = [bead["s"][1], bead["t"][1]]
            assert at[0] - bead["s"][0] + at[1] - bead["t"][0] > 0
        assert at == counts
    assert done["undone"] == done["first"]
    assert runs(done["packed"]) == runs(done["patched"]) == runs(done["last"])
    # what is saved is what mt reads
    path = tmp_path_factory.mktemp("page") / "x.jsonl"
    path.write_text(str(done["jsonl"]), "utf-8")
    read = read_beads(path)
    expected = [(tuple(range(*b["s"])), tuple(range(*b["t"]))) for b in done["last"]]
    assert [(row.src, row.tgt) for row in read.rows] == expected
    assert [row.status == "man" for row in read.rows] == [b["man"] for b in done["last"]]
    to_alignment(read, *counts)
    whole, mine = done["vecalign"]
    path.with_name("x.path").write_text(whole, "utf-8")
    assert [(row.src, row.tgt) for row in read_beads(path.with_name("x.path")).rows] == expected
    if any(b["man"] for b in done["last"]):
        path.with_name("y.path").write_text(mine, "utf-8")
        found = [(row.src, row.tgt) for row in read_beads(path.with_name("y.path")).rows]
        assert found == [(row.src, row.tgt) for row in person_made(read)]


@needs_node
@pytest.mark.parametrize(
    ("shapes", "doing", "expected"),
    [
        # written as (source, target) sizes; what is done; what must be there, with a star for a person's bead
        ([(1, 1), (1, 2)], ("merge", 0, ""), "2-3*"),
        ([(2, 3)], ("split", 0, ""), "1-1* 1-2*"),
        ([(1, 3)], ("split", 0, ""), "1-1* 0-1* 0-1*"),
        ([(3, 0)], ("split", 0, ""), "1-0* 1-0* 1-0*"),
        ([(1, 1)], ("split", 0, ""), "1-1"),  # nothing to split: unlink is another key
        ([(2, 1)], ("unlink", 0, ""), "2-0* 0-1*"),
        ([(1, 0)], ("unlink", 0, ""), "1-0"),
        ([(1, 1), (2, 1)], ("take", 0, "s"), "2-1* 1-1*"),
        ([(1, 1), (1, 0)], ("take", 0, "s"), "2-1*"),  # a bead that has lost its last sentence is gone
        (
            [(1, 1), (0, 1), (1, 1)],
            ("take", 0, "s"),
            "2-1* 0-1 0-1*",
        ),  # over a bead that has none on this side, which stays as it was
        ([(1, 1)], ("take", 0, "s"), "1-1"),  # nothing below
        ([(2, 1), (1, 1)], ("give", 0, "s"), "1-1* 2-1*"),
        ([(1, 2)], ("give", 0, "t"), "1-1* 0-1*"),  # the last bead gives to a new one
        ([(1, 0)], ("give", 0, "s"), "1-0"),
        ([(1, 1), (0, 1)], ("give", 0, "s"), "0-1* 1-1*"),
        ([(1, 1)], ("mark", 0, ""), "1-1*"),
    ],
)
def test_each_thing_that_can_be_done(shapes, doing, expected) -> None:
    done = run(start_of(shapes), [list(doing)])
    found = " ".join(f"{b['s'][1] - b['s'][0]}-{b['t'][1] - b['t'][0]}{'*' if b['man'] else ''}" for b in done["last"])
    assert found == expected


@needs_node
def test_the_script_of_the_page_parses(tmp_path: Path) -> None:
    (tmp_path / "x.js").write_text(MODEL + SCRIPT, "utf-8")
    done = subprocess.run(["node", "--check", tmp_path / "x.js"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- the page itself, in a browser


@pytest.mark.slow
def test_keys_buttons_filters_and_saving_in_a_browser(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("screenshots", ROOT / "scripts" / "screenshots.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not any(shutil.which(name) for name in module.BROWSERS):
        pytest.skip("no Chromium on the PATH")
    (tmp_path / "view.html").write_text(render(page()), "utf-8")
    with module.Browser() as browser:
        module.check_widths(browser, tmp_path / "view.html")
        browser.window(1280)
        browser.open(tmp_path / "view.html")

        def key(name: str) -> None:
            browser.value(
                "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
                f"{{key: {json.dumps(name)}, bubbles: true, cancelable: true}})) || 1"
            )

        def current() -> str:
            return str(browser.value("document.activeElement.getAttribute('aria-label')"))

        key("j")
        assert current().startswith("source 1, target 1")
        key("n")  # below 70 %: the null bead of 50 %
        assert current().startswith("source 3, no target")
        key("m")
        assert current() == "source 3 to 5, target 4: right, says a person"
        assert browser.value("document.getElementById('mine').textContent") == "2"
        key("z")
        assert current() == "source 3, no target: doubtful, 50 percent"
        key("y")
        key("o")
        # the merged one is a person's now, so none is doubtful; the other null bead was never measured
        assert browser.value("document.querySelectorAll('#beads .bead:not([hidden])').length") == 0
        key("o")
        browser.value("document.querySelector('#panel [data-do=unlink]').click()")
        browser.value("URL.createObjectURL = (blob) => { window.saved = blob; return '#'; }; 1")
        browser.value("document.querySelector('[data-save=jsonl]').click()")
        (tmp_path / "x.jsonl").write_text(browser.value("window.saved.text()"), "utf-8")
        browser.value("new Promise((done) => setTimeout(done, 400))")
        browser.open(tmp_path / "view.html")  # closed and opened again: the corrections are still there
        assert browser.value("document.getElementById('restored').hidden") is False
        assert browser.value("document.getElementById('mine').textContent") == "3"
        browser.value("document.getElementById('forget').click() || 1")
        assert browser.value("document.getElementById('mine').textContent") == "1"
    read = read_beads(tmp_path / "x.jsonl")
    assert read.sentences == (tuple(page().src), tuple(page().tgt))
    assert [(row.src, row.tgt) for row in person_made(read)] == [((0,), (0,)), ((2, 3, 4), ()), ((), (3,))]
