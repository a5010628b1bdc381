"""How sentences are aligned: every choice that changes the result, and so is in the signature."""

from __future__ import annotations

from dataclasses import dataclass

from mt.signature import Signature
from mt.types import check_range


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """Options of sentence alignment, shared by all methods.

    Attributes:
        longest: most sentences on one side of a bead, 1 to 10.
        hard: paragraph borders are borders of beads: paragraph k of one side holds what paragraph k of the other holds. Both sides must have
            the same number of paragraphs.
        chapters: headings are borders of beads, down to the deepest level to which both sides have the same levels in the same order (see
            `mt.align.pieces.chapters`); none are where that is no level.
        soft: paragraph borders make a bead that begins or ends at one on both sides likelier, and one that crosses one less likely.

    Example:
        >>> str(AlignOptions().signature())
        'longest:4|hard:no|soft:yes'
    """

    longest: int = 4
    hard: bool = False
    soft: bool = True
    chapters: bool = False

    def __post_init__(self) -> None:
        """Raises OptionError naming the option, its range and what was found."""
        check_range("longest", self.longest, 1, 10)

    def signature(self) -> Signature:
        """All fields."""
        made = Signature.of(longest=self.longest, hard=self.hard, soft=self.soft)
        return made.plus(chapters=True) if self.chapters else made
