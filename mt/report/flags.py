"""What the flags of a sentence mean, for readers."""

from __future__ import annotations

from mt.types import (
    BRACKETS,
    COPIED,
    EMPTY,
    HUMAN,
    LENGTH,
    LINKS,
    NAMES,
    NUMBERS,
    PASSED_THROUGH,
    REPETITION,
    RETRIED,
    SCRIPT,
    SPLIT,
    STOCK,
    UNFINISHED,
    UNKNOWN,
    UNLIKELY,
)

FLAGS = {
    PASSED_THROUGH: "Nothing to translate (symbols, digits, Latin script alone): the source stands unchanged.",
    SPLIT: "Longer than the model takes: cut at clause marks, translated in parts and joined.",
    RETRIED: "The first answer gave reason to doubt it, so the sentence was decoded again; the least doubtful answer stands.",
    UNFINISHED: "The decoder reached its length limit before it ended the sentence: not a translation to rely on.",
    EMPTY: "The model answered nothing, although the source has text.",
    REPETITION: "A phrase comes again and again, more often than in the source.",
    LENGTH: "Much shorter or longer than translations of such sentences are: something may be missing or made up.",
    NUMBERS: "A number of the source is missing, or one stands there that the source has not.",
    SCRIPT: "Japanese characters are left in the English.",
    UNKNOWN: "The model wrote its sign for what it cannot write.",
    BRACKETS: "Quotes or brackets do not close, though the source's do.",
    NAMES: "A name that the source has in Latin script is missing.",
    LINKS: "A URL or an e-mail address is missing or changed.",
    STOCK: "A phrase that models say when they know nothing.",
    COPIED: "A copy of the source.",
    UNLIKELY: "The model itself gives this answer a low probability.",
    HUMAN: "A person's translation, from an imported memory.",
}
