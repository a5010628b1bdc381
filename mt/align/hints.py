"""What the names of two documents say of each other: paths and addresses that are the same but for the language in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import unquote

_NAMES = {
    "ja": ("ja", "jp", "jpn", "japanese", "日本語"),
    "en": ("en", "eng", "english"),
    "de": ("de", "deu", "ger", "german", "deutsch"),
    "fr": ("fr", "fra", "fre", "french", "francais"),
    "zh": ("zh", "cn", "zho", "chi", "chinese"),
    "ko": ("ko", "kr", "kor", "korean"),
    "es": ("es", "spa", "spanish", "espanol"),
}
_REGION = "(?:[-_](?:[a-z]{2}|hans|hant|latn|419))?"
_EXTENSION = re.compile(r"(?:\.(?:html?|xhtml|php|aspx?|jsp|txt|text|md|markdown|rst|xml|json|adoc|tex|gz|xz|zst))+\Z")
_INDEX = re.compile(r"(?:\A|(?<=/))index\Z")


def key(name: str, lang: str) -> str:
    """A path or an address without its language, protocol and extension; equal keys are a hint that documents are translations.

    A language is left out where it is a part of the path, a part of the host or the value of an option of its own (`?lang=ja`), or where a dot, a
    hyphen or an underline parts it from the rest of a name, at either end.

    Example:
        >>> key("https://ja.react.dev/learn/state?lang=ja", "ja"), key("http://www.react.dev/en-US/learn/state.html", "en")
        ('react.dev/learn/state', 'react.dev/learn/state')
        >>> key("docs/ja/install.md", "ja"), key("docs/install.en.md", "en"), key("docs/install_en.txt", "en")
        ('docs/install', 'docs/install', 'docs/install')
    """
    base = lang.lower().replace("_", "-").split("-")[0]
    codes = "(?:" + "|".join(map(re.escape, _NAMES.get(base, (base,)))) + ")" + _REGION
    text = unquote(name).strip().lower().replace("\\", "/")
    text = re.sub(r"\A[a-z][a-z0-9+.-]*://", "", text).removeprefix("www.")
    text, _, query = text.partition("#")[0].partition("?")
    kept = [p for p in query.split("&") if p and not re.fullmatch(rf"(?:lang|language|locale|hl|l)=(?:{codes})", p)]
    parts = [p for p in text.split("/") if p not in ("", ".") and not re.fullmatch(codes, p)]
    if parts:
        parts[0] = re.sub(rf"\A{codes}\.(?=.*\.)", "", parts[0]) if len(parts) > 1 else parts[0]
        last = _EXTENSION.sub("", parts[-1])
        last = re.sub(rf"(?<=.)[._-]{codes}\Z", "", last)
        last = re.sub(rf"\A{codes}[._-](?=.)", "", last)
        parts[-1] = _EXTENSION.sub("", last)
    path = _INDEX.sub("", "/".join(parts)).rstrip("/")
    return path + ("?" + "&".join(kept) if kept else "")


def matches(src: Sequence[str], tgt: Sequence[str]) -> dict[int, int]:
    """Places of equal keys, where a key stands on either side once; empty keys say nothing.

    Example:
        >>> matches(["a", "b", "b", ""], ["b", "a", ""])
        {0: 1}
    """
    one, two = Counter(src), Counter(tgt)
    places = {k: j for j, k in enumerate(tgt)}
    return {i: places[k] for i, k in enumerate(src) if k and one[k] == 1 and two[k] == 1}
