"""The table of filters: name → what it measures and what is accepted, and the profiles, which are choices of intervals."""

from __future__ import annotations

from collections.abc import Mapping

from mt.errors import OptionError
from mt.filters.filter import Filter, Limit
from mt.filters.measures import Measures

TABLE: Mapping[str, Filter] = {
    f.name: f
    for f in (
        Filter("src-length", "characters of the source", lambda m: m.src_length, Limit(1, 400)),
        Filter("tgt-length", "characters of the target", lambda m: m.tgt_length, Limit(1, 900)),
    )
}
PROFILES: Mapping[str, Mapping[str, Limit]] = {"web": {name: f.usual for name, f in TABLE.items()}}


def limits(profile: str, changes: Mapping[str, Limit | None]) -> dict[str, Limit]:
    """Filter → interval, in the table's order: those of a profile, changed. None takes a filter out.

    Raises:
        OptionError: for a profile or a filter that there is not.
    """
    if profile not in PROFILES:
        raise OptionError("profile", f"one of {', '.join(PROFILES)}", profile)
    for name in changes:
        if name not in TABLE:
            raise OptionError(f"filter.{name}", f"one of {', '.join(TABLE)}", name)
    found: dict[str, Limit | None] = {**PROFILES[profile], **changes}
    return {name: limit for name in TABLE if (limit := found.get(name)) is not None}


__all__ = ["PROFILES", "TABLE", "Measures", "limits"]
