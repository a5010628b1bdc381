"""Normalising of a corpus: from its configuration to one function a language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from mt.pipeline.corpus_config import NormalizeConfig
from mt.text import normalize
from mt.text.repair import VERSION, repair, suspicious, unseen

_BREAKS = re.compile(r"[ \t]*[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]\s*")
_BLANKS = re.compile(r"[ \t]{2,}")


def normaliser(config: NormalizeConfig, lang: str) -> Callable[[str], str]:
    r"""A function from text as it was read to text as the corpus has it: one line, applied twice the same.

    Repairs come first, since wide and narrow forms are bytes to them; then unseen characters go; then the form. `nfkc` is `mt.text.normalize`,
    as the models read it; `nfc` composes, and folds blanks and line breaks, but keeps full-width signs, blanks and curly quotes; `none` turns line
    breaks and tabs into blanks, as a row is a line, and nothing else.

    Text that needs nothing, as nearly all does, costs a microsecond or two.

    Args:
        config: what is to be done.
        lang: `ja`, `en` or another.

    Example:
        >>> fix = normaliser(NormalizeConfig(), "ja")
        >>> fix("ＮＡＴＯは\u200b　拡大\n"), fix("縺ｯ")
        ('NATOは 拡大', 'は')
        >>> normaliser(NormalizeConfig(form="nfc"), "ja")("ＮＡＴＯは\u200b　拡大\n")
        'ＮＡＴＯは　拡大'
    """
    form = _FORMS[config.form]
    normal = {"nfkc": "NFKC", "nfc": "NFC", "none": ""}[config.form]
    straight = config.form == "nfkc" and lang == "en"
    repairs, drops = config.mojibake, config.controls

    def fix(text: str) -> str:
        if not text.isascii():
            if repairs and suspicious(text):
                text = repair(text)
            if straight:
                # nearly all that happens to good English; the form leaves quotes as they are, so that they may go first
                if "’" in text or "‘" in text:
                    text = text.replace("’", "'").replace("‘", "'")
                if "“" in text or "”" in text:
                    text = text.replace("“", '"').replace("”", '"')
        folded = "  " not in text and text[:1] != " " and text[-1:] != " "
        if folded and text.isprintable() and (not normal or unicodedata.is_normalized(normal, text)):  # type: ignore[arg-type]
            return text
        text = form(text, lang)
        if drops and not text.isprintable():
            text = form(unseen(text), lang)  # what stood between is gone: blanks meet, marks join their letters
        return text

    return fix


def signature(config: NormalizeConfig) -> str:
    """What normalising depends on, for a fingerprint.

    Example:
        >>> signature(NormalizeConfig())
        'nfkc-ws-v1|repair:1|controls:yes'
    """
    form = f"nfkc-ws-v{normalize.VERSION}" if config.form == "nfkc" else config.form
    return f"{form}|repair:{VERSION if config.mojibake else 'no'}|controls:{'yes' if config.controls else 'no'}"


def _nfkc(text: str, lang: str) -> str:
    if lang != "en":
        made = unicodedata.normalize("NFKC", text)
        # without white space but single blanks there is nothing else that the normaliser does
        if "  " not in made and made[:1] != " " and made[-1:] != " " and made.isprintable():
            return made
    return normalize.normalize(text, lang)


def _nfc(text: str, _: str) -> str:
    text = _BREAKS.sub(" ", unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", text).strip()


def _none(text: str, _: str) -> str:
    return _BREAKS.sub(" ", text)


_FORMS: dict[str, Callable[[str, str], str]] = {"nfkc": _nfkc, "nfc": _nfc, "none": _none}
