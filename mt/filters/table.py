"""The table of filters: name → what it measures and what is accepted, and the profiles, which are choices of intervals.

Its order is the order in which a first reason is named: what is cheap and certain stands before what is a matter of degree. Every filter is
measured for every row, whatever the profile, so that a profile can change without scoring again; those without `score` need a model and are
measured by the build where a profile or a configuration asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mt.errors import OptionError
from mt.filters.entries import ENTRIES, VERSION
from mt.filters.filter import Filter, Limit, Numbers
from mt.filters.lengths import WIDE, oriented
from mt.filters.measures import Measures
from mt.filters.profiles import CHANGES
from mt.signature import Signature

_PART = 1000  # rows measured together: their characters and counts stay in the cache

TABLE: Mapping[str, Filter] = {f.name: f for f in ENTRIES}


def _profile(changes: Mapping[str, Limit | None]) -> dict[str, Limit]:
    # what a filter of the profile `web` would accept anyway is not asked
    found: dict[str, Limit | None] = {name: f.usual for name, f in TABLE.items() if f.usual != Limit()}
    found |= changes
    return {name: limit for name in TABLE if (limit := found.get(name)) is not None}


PROFILES: Mapping[str, Mapping[str, Limit]] = {name: _profile(changes) for name, changes in CHANGES.items()}


def limits(
    profile: str, changes: Mapping[str, Limit | None], langs: tuple[str, str] = ("ja", "en")
) -> dict[str, Limit]:
    """Filter → interval, in the table's order: those of a profile, changed. None takes a filter out.

    Profiles are written for Japanese and English, in characters of each. For other languages a side takes the intervals of the one it is like:
    those of Japanese where it is Japanese, Chinese or Korean, else those of English. Changes are taken as they are.

    Raises:
        OptionError: for a profile or a filter that there is not.

    Example:
        >>> found = limits("web", {"src-brackets": None, "names": Limit(0.5)})
        >>> "src-brackets" in found, found["names"].low, found["src-script"].low
        (False, 0.5, 0.2)
        >>> limits("web", {}, ("en", "ja"))["tgt-script"].low
        0.2
    """
    if profile not in PROFILES:
        raise OptionError("profile", f"one of {', '.join(PROFILES)}", profile)
    for name in changes:
        if name not in TABLE:
            raise OptionError(f"filter.{name}", f"one of {', '.join(TABLE)}", name)
    found: dict[str, Limit | None] = {**_oriented(PROFILES[profile], langs), **changes}
    return {name: limit for name in TABLE if (limit := found.get(name)) is not None}


def _oriented(profile: Mapping[str, Limit], langs: tuple[str, str]) -> dict[str, Limit]:
    found: dict[str, Limit] = {}
    for name in TABLE:
        side = {"src-": 0, "tgt-": 1}.get(name[:4])
        like = name if side is None else f"{'src-' if langs[side] in WIDE else 'tgt-'}{name[4:]}"
        if like in profile:
            limit = profile[like]
            # positive is a long target, so what Japanese allows English is the other way round when it is the source
            turned = name == "length-ratio" and not oriented(*langs)
            found[name] = Limit(-limit.high, -limit.low) if turned else limit
    return found


def score(measures: Measures) -> dict[str, Numbers]:
    """The numbers of all filters that need no model, by name: float32, one a row, NaN where a rule does not apply.

    They depend on the row alone: whatever rows stand beside it and however many, the bits are the same.

    Example:
        >>> from mt.block import Block
        >>> found = score(Measures(Block.of([("a:1", "猫が3匹いる。", "There are 4 cats.")]), "ja", "en"))
        >>> float(found["numbers"][0]), float(found["src-length"][0])
        (2.0, 7.0)
    """
    count = len(measures)
    parts = [measures.part(start, min(start + _PART, count)) for start in range(0, count, _PART)] or [measures]
    found = [{name: f.score(part) for name, f in TABLE.items() if f.score is not None} for part in parts]
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


def signature(src_lang: str, tgt_lang: str) -> Signature:
    """What the numbers of `score` depend on: the version of the rules, and the languages.

    Example:
        >>> str(signature("ja", "en")).split("|")[1]
        'langs:ja-en'
    """
    return Signature.of(filters=VERSION, langs=f"{src_lang}-{tgt_lang}")


def limits_signature(chosen: Mapping[str, Limit]) -> Signature:
    """Which numbers are accepted, as `limits` chose them: one key a filter, `low..high`.

    Example:
        >>> str(limits_signature({"src-length": Limit(1, 400)}))
        'src-length:1..400'
    """
    return Signature.of(**{name: f"{one.low:g}..{one.high:g}" for name, one in chosen.items()})


__all__ = ["PROFILES", "TABLE", "Measures", "limits", "limits_signature", "score", "signature"]
