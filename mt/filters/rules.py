"""What every pair of a corpus must pass, whether it is trained on, mined or published: normalisation, then rules that name their reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mt.errors import OptionError
from mt.signature import Signature
from mt.text.normalize import normalize, signature
from mt.types import check_range

# Kana and the common ideographs; one pattern for the Japanese share and for its presence.
_JA = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_SCRIPTS = {"ja": _JA, "en": _LATIN}


def clean(src: str, tgt: str, src_lang: str = "ja", tgt_lang: str = "en") -> tuple[str, str]:
    """Both sides as the models read and write them; invisible marks that web pages carry along are dropped first.

    Example:
        >>> clean("ＮＡＴＯは　拡大", "NATO’s\u00a0bigger")
        ('NATOは 拡大', "NATO's bigger")
    """
    return normalize(src.replace("\ufeff", ""), src_lang), normalize(tgt.replace("\ufeff", ""), tgt_lang)


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds of the rules, in characters of the cleaned text.

    The defaults are those the starter's mixture was cleaned with; the field's filters differ little (OpusFilter's LengthRatioFilter,
    CharacterScoreFilter, LengthFilter).

    Attributes:
        src_lang: `ja`, `en`, or another language, for which scripts are not looked at.
        tgt_lang: likewise.
        longest_src: more characters than this are too long.
        longest_tgt: likewise.
        script_share: smallest share of Japanese characters among those of the Japanese side that are no blanks, 0 to 1.
        shortest_ratio: smallest length of the target by that of the source (turned round where the target is Japanese); only looked at
            where both have more than ten characters.
        longest_ratio: largest.

    Example:
        >>> rules = Rules()
        >>> rules.reason("猫がいる。", "There is a cat.") is None
        True
        >>> rules.reason("猫がいる。", "猫がいる。")
        'tgt-script'
    """

    src_lang: str = "ja"
    tgt_lang: str = "en"
    longest_src: int = 400
    longest_tgt: int = 900
    script_share: float = 0.3
    shortest_ratio: float = 0.7
    longest_ratio: float = 7.0

    def __post_init__(self) -> None:
        """Raises OptionError for a threshold out of range."""
        check_range("longest_src", self.longest_src, 1, 1_000_000)
        check_range("longest_tgt", self.longest_tgt, 1, 1_000_000)
        check_range("script_share", self.script_share, 0, 1)
        check_range("shortest_ratio", self.shortest_ratio, 0, 1000)
        if not self.shortest_ratio <= self.longest_ratio <= 1000:
            raise OptionError("longest_ratio", "a number from shortest_ratio to 1,000", self.longest_ratio)

    def reason(self, src: str, tgt: str) -> str | None:
        """Why a cleaned pair is no use, None where it is: `empty`, `src-script`, `tgt-script`, `length`, `script-share` or `length-ratio`."""
        checks = (
            ("empty", not src or not tgt),
            ("src-script", not _has_script(src, self.src_lang)),
            ("tgt-script", not _has_script(tgt, self.tgt_lang)),
            ("length", len(src) > self.longest_src or len(tgt) > self.longest_tgt),
            (
                "script-share",
                any(self._sparse(t) for t, lang in ((src, self.src_lang), (tgt, self.tgt_lang)) if lang == "ja"),
            ),
            ("length-ratio", not self._ratio_fits(src, tgt)),
        )
        return next((name for name, failed in checks if failed), None)

    def signature(self) -> Signature:
        """Normalisation and all thresholds.

        Example:
            >>> str(Rules().signature())
            'norm:nfkc-ws-v1|rules:ja-en,400,900,0.3,0.7,7.0'
        """
        values = f"{self.longest_src},{self.longest_tgt},{self.script_share},{self.shortest_ratio},{self.longest_ratio}"
        return signature().plus(rules=f"{self.src_lang}-{self.tgt_lang},{values}")

    def _ratio_fits(self, src: str, tgt: str) -> bool:
        if len(src) <= 10 or len(tgt) <= 10:
            return True
        # the thresholds are those of other text by Japanese, whichever side it is on
        ratio = len(src) / len(tgt) if self.tgt_lang == "ja" else len(tgt) / len(src)
        return self.shortest_ratio < ratio < self.longest_ratio

    def _sparse(self, text: str) -> bool:
        return len(_JA.findall(text)) < self.script_share * len(text.replace(" ", ""))


def _has_script(text: str, lang: str) -> bool:
    script = _SCRIPTS.get(lang)
    return script is None or script.search(text) is not None
