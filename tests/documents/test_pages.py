"""Markdown and HTML pages → prose: text blocks only, code counted."""

from pathlib import Path

import pytest

from mt.documents import html, markdown
from mt.documents.prose import Dropped
from mt.errors import EncodingError

PAGES = Path("../shared/data/document-pairs")
HTML = Path("../shared/data/formats/html")

# expected values are what CommonMark, GitHub, MDX, kramdown, Liquid and Hugo show a reader of the page
CASES = {
    "settings": ("---\ntitle: \"A 'b'\"\nlayout: x\ndescription: 'it''s'\n---\ntext\n", ["A 'b'", "it's", "text"]),
    "no settings": ("a\n\n---\n\nb\n", ["a", "b"]),
    "heading": ("# One {#one}\n## Two {/*two*/} ##\n### \n", ["One", "Two"]),
    "underlined heading": ("One\n===\ntext\n", ["One", "text"]),
    "wrapped": ("one\n  two\nthree\n\nfour\n", ["one two three", "four"]),
    "list": ("* a\n* b\n  goes on\n\n  second\n1. c\n   - d\n", ["a", "b goes on", "second", "c", "d"]),
    "quotation": ("> a\n> b\n>\n> c\n\n> [!NOTE]\n> d\n", ["a b", "c", "d"]),
    "table": ("| a | `b\\|c` |\n|---|:-:|\n| *d* | |\n", ["a", "b\\|c", "d"]),
    "emphasis": ("**a** *b* __c__ _d_ ~~e~~ **_f_** snake_case_x 2 * 3 * 4\n", ["a b c d e f snake_case_x 2 * 3 * 4"]),
    "japanese emphasis": ("これを*部品*と呼ぶ。\nReact の\n話。\n", ["これを部品と呼ぶ。 React の話。"]),
    "links": ('[a](/x "t") ![b](y.png) [c][d] <https://e.f> [g (h)](/i_(j))\n\n[d]: /x\n', ["a b c https://e.f g (h)"]),
    "code span": ("use `<b>` and ``a`b`` and `*x*`\n", ["use <b> and a`b and *x*"]),
    "escaped": ("\\*a\\* \\_b\\_ \\`c\\` &amp; &nbsp;d\n", ["*a* _b_ `c` & d"]),
    "html": ('<div class="a">\n\ntext<br>more <b>bold</b>\n\n</div>\n', ["text more bold"]),
    "jsx": (
        "<img src='x' style={{margin: '0 > 1'}} />\n\n<Intro>\n\ntext <Foo bar={a > b}>x</Foo>\n\n</Intro>\n",
        ["text x"],
    ),
    "tag over lines": ('<img\n  src="x"\n  alt="y"\n/>\n\ntext\n', ["text"]),
    "comments": ("a <!-- b\n\nc --> d\n\n{/* e */}f\n", ["a", "d", "f"]),
    "liquid": ('{% assign x = "y" %}\n\na {{ b.c }} d {{< e f="g" >}}\n{: .class}\n', ["a d"]),
    "footnote": ("a[^1].\n\n[^1]: the note\n", ["a.", "the note"]),
    "module": ('import X from "y";\n\nexport const a = 1;\n\ntext\n', ["text"]),
    "nothing": ("\n---\n***\n| |\n<p></p>\n", []),
}


@pytest.mark.parametrize("name", CASES)
def test_marks_are_taken_off(name):
    text, expected = CASES[name]
    lang = "ja" if name.startswith("japanese") else "en"
    assert list(markdown.prose(text, lang).paragraphs) == expected


@pytest.mark.parametrize(
    ("text", "paragraphs", "lines"),
    [
        ("a\n```js\n# b\n\n```\nc\n", ["a", "c"], [2]),
        ("~~~\n```\n~~~\na\n````\n```\n````\n", ["a"], [1, 5]),
        ("a\n\n    code\n\n    more\n\nb\n", ["a", "b"], [3]),
        ("* <x>\n\n      SIZE: 1\n      SHA: 2\n\n* b\n", ["b"], [3]),
        ("- a\n\n    second paragraph\n", ["a", "second paragraph"], []),
        ("- a\n  ```\n  code\n  ```\n  b\n", ["a", "b"], [2]),
        ("{% highlight ruby %}\nx\n{% endhighlight %}\na\n", ["a"], [1]),
        ("a\n    goes on\n", ["a goes on"], []),
        ("```\nnever closed\n", [], [1]),
    ],
)
def test_code_is_left_out_and_counted(text, paragraphs, lines):
    made = markdown.prose(text, "en")
    assert list(made.paragraphs) == paragraphs
    assert [(d.line, d.reason) for d in made.dropped] == [(line, "code-block") for line in lines]


def test_real_pages_have_no_marks_left():
    if not PAGES.is_dir():
        pytest.skip("needs ../shared/data/document-pairs")
    paths = [
        p for folder in ("react_learn", "letsencrypt_docs", "opensource_guide") for p in (PAGES / folder).glob("*.md")
    ]
    kept = total = 0
    for path in paths:
        made = markdown.prose(path.read_text(encoding="utf-8"), path.name.split(".")[-2])
        total += len(made.paragraphs)
        kept += sum("](" in p or "**" in p or "{/*" in p or "```" in p or "<!--" in p for p in made.paragraphs)
        assert all(p == p.strip() and "\n" not in p for p in made.paragraphs)
    assert total > 4000
    assert kept < 0.003 * total


def test_both_languages_of_real_pages_have_the_same_blocks():
    if not PAGES.is_dir():
        pytest.skip("needs ../shared/data/document-pairs")
    # their README: of React, blocks are nearly parallel
    counts = [
        [
            len(markdown.prose(p.read_text(encoding="utf-8"), lang).paragraphs)
            for p in sorted((PAGES / "react_learn").glob(f"*.{lang}.md"))
        ]
        for lang in ("ja", "en")
    ]
    assert sum(abs(a - b) for a, b in zip(*counts, strict=True)) < 0.01 * sum(counts[0])


BODY = "<p>" + "The cat sat on the mat and looked at the dog. " * 8 + "</p>"


def test_the_main_text_of_a_page():
    pytest.importorskip("trafilatura", reason="needs the extra `corpora`")
    page = (
        "<html><head><title>x</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Cats</h1>"
        f"{BODY}<ul><li>one <b>two</b></li></ul><pre><code>a = 1\nb = 2</code></pre>{BODY}</article>"
        "<footer>Imprint</footer></body></html>"
    )
    made = html.prose(page, "en")
    assert made.paragraphs[0] == "Cats"
    assert made.paragraphs[2] == "one two"
    assert "Home" not in made.paragraphs
    assert made.dropped == (Dropped(None, "code-block", "a = 1\nb = 2"),)
    assert html.prose("<html></html>", "en").dropped == (Dropped(None, "no-text"),)


def test_pages_in_other_encodings():
    page = "<meta charset='{}'><p>猫がいる。</p>"
    for name in ("shift_jis", "euc-jp", "utf-8"):
        assert "猫がいる" in html.decoded(page.format(name).encode(name), "x")
    assert "猫がいる" in html.decoded(page.format("us-ascii").encode(), "x")  # it lies
    with pytest.raises(EncodingError, match="x: expected a page, found an empty file"):
        html.decoded(b" ", "x")


def test_real_html_pages():
    pytest.importorskip("trafilatura", reason="needs the extra `corpora`")
    if not HTML.is_dir():
        pytest.skip("needs ../shared/data/formats")
    ja, en = (
        html.prose(html.decoded((HTML / f"snowflake.{x}.html").read_bytes(), x), x).paragraphs for x in ("ja", "en")
    )
    assert ja[0] == en[0] == "SNOWFLAKE"
    assert len(ja) >= 10
    assert len(en) >= 10
