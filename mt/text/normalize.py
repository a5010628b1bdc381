"""One normaliser for training, inference, memory keys and scoring keys.

Version 1 is what the starter was trained on: Unicode NFKC, white space folded to single blanks and trimmed; on the English side curly quotes
made straight. It replaces the Moses-style tables that are common in this field, which turn the full-width digit `１` into a double quote
(a slip in `replace-unicode-punctuation.perl` that OPUS-MT inherited) and so destroy every date of a Japanese newspaper.
"""

from __future__ import annotations

import re
import unicodedata

from mt.signature import Signature

VERSION = 1

_SPACE = re.compile(r"\s+")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def normalize(text: str, lang: str = "ja") -> str:
    r"""Text as the models of this project read and write it. Applying it twice changes nothing.

    Args:
        text: any string, line breaks included (they become blanks).
        lang: `en` also makes curly quotes straight; other languages keep them.

    Example:
        >>> normalize("１２日、ＮＡＴＯは　３．５％増")
        '12日、NATOは 3.5%増'
        >>> normalize("It’s “fine”", "en")
        'It\'s "fine"'
    """
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return text.translate(_STRAIGHT) if lang == "en" else text


def signature() -> Signature:
    """What goes into the signature of everything that passed through here.

    Example:
        >>> str(signature())
        'norm:nfkc-ws-v1'
    """
    return Signature.of(norm=f"nfkc-ws-v{VERSION}")
