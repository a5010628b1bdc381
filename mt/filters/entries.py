"""The filters one by one, in the order in which a first reason is named, with the intervals of the profile `web`.

`same_as` names what other programs call the like: OpusFilter 3.3 (class names) and bicleaner-hardrules 2.10 (reasons). The units are ours, since
theirs are words between blanks where Japanese has none.
"""

from __future__ import annotations

from collections.abc import Callable

from mt.filters import (
    rules_begins,
    rules_codes,
    rules_copies,
    rules_damage,
    rules_lengths,
    rules_marks,
    rules_notices,
    rules_numbers,
    rules_repeats,
    rules_scripts,
    rules_web,
)
from mt.filters.filter import Filter, Limit, Numbers
from mt.filters.measures import Measures
from mt.filters.side import Side

VERSION = 2  # of what is measured; changes whenever a number can

_Rule = Callable[[Measures, Side], Numbers]
_ANY = Limit()


def _both(
    name: str, about: str, rule: _Rule, limits: tuple[Limit, Limit], same_as: tuple[str, ...] = ()
) -> tuple[Filter, Filter]:
    """The same rule for either side."""
    return (
        Filter(f"src-{name}", f"source: {about}", lambda m: rule(m, m.src), limits[0], same_as),
        Filter(f"tgt-{name}", f"target: {about}", lambda m: rule(m, m.tgt), limits[1], same_as),
    )


ENTRIES: tuple[Filter, ...] = (
    Filter(
        "empty",
        "characters that are no blanks, of the shorter side; more is better",
        rules_lengths.shorter,
        Limit(1),
        ("bicleaner:no_empty", "OpusFilter:LengthFilter"),
    ),
    Filter(
        "encoding",
        "signs of text decoded wrongly (U+FFFD, controls, private use, mojibake), both sides; 0 is good",
        rules_damage.encoding,
        Limit(high=0),
        ("bicleaner:no_bad_encoding", "bicleaner:no_unicode_noise"),
    ),
    Filter(
        "copy",
        "1 = both sides are the same but for case, width, blanks and punctuation; else 0",
        rules_copies.copy,
        Limit(high=0),
        ("bicleaner:no_identical", "OpusFilter:SimilarityFilter"),
    ),
    *_both(
        "length",
        "characters; the interval keeps what is neither too short nor too long",
        lambda m, s: rules_lengths.characters(s),
        (Limit(2, 400), Limit(2, 900)),
        ("OpusFilter:LengthFilter", "bicleaner:not_too_long", "bicleaner:not_too_short"),
    ),
    *_both(
        "language",
        "-1 = another language, 1 = the right one; by script, and by common words for Latin text; NaN where nothing is said",
        rules_scripts.language,
        (Limit(-0.3), Limit(-0.1)),
        ("bicleaner:no_wrong_language", "OpusFilter:LanguageIDFilter"),
    ),
    *_both(
        "script",
        "share of letters that the language is written with, 0 to 1; more is better",
        rules_scripts.own_script,
        (Limit(0.2), Limit(0.95)),
        ("OpusFilter:CharacterScoreFilter", "bicleaner:no_script_inconsistencies"),
    ),
    *_both(
        "letters",
        "share of letters among characters that are no blanks, 0 to 1; more is better",
        rules_scripts.letters,
        (Limit(0.3), Limit(0.3)),
        ("OpusFilter:AlphabetRatioFilter", "bicleaner:no_only_symbols"),
    ),
    *_both(
        "digits",
        "share of digits among characters that are no blanks, 0 to 1; less is better",
        rules_scripts.digits,
        (Limit(high=0.5), Limit(high=0.5)),
        ("bicleaner:no_only_numbers",),
    ),
    *_both(
        "words",
        "words between blanks; NaN for languages without blanks",
        rules_lengths.words,
        (Limit(high=150), Limit(high=150)),
        ("OpusFilter:LengthFilter",),
    ),
    *_both(
        "long-word",
        "characters of the longest word (of Latin letters, in languages without blanks)",
        rules_lengths.longest_word,
        (Limit(high=60), Limit(high=60)),
        ("OpusFilter:LongWordFilter",),
    ),
    *_both(
        "average-word",
        "characters a word on average; NaN below four words and for languages without blanks",
        rules_lengths.average_word,
        (Limit(2, 18), Limit(2, 18)),
        ("OpusFilter:AverageWordLengthFilter",),
    ),
    Filter(
        "length-ratio",
        "standard deviations by which the ratio of lengths is off; 0 is usual, positive = the target is long",
        rules_lengths.length_ratio,
        Limit(-3.5, 4),
        (
            "OpusFilter:LengthRatioFilter",
            "bicleaner:length_ratio",
        ),
    ),
    Filter(
        "copied",
        "share of the Latin words of the side with more of them that stand on both, 0 to 1; less is better; NaN below four",
        rules_copies.copied,
        Limit(high=0.8),
        ("OpusFilter:SimilarityFilter", "OpusFilter:LongestCommonSubstringFilter"),
    ),
    *_both(
        "repeats",
        "share of stretches (about two words) that stood in the text before, 0 to 1; less is better; NaN below four",
        rules_repeats.repeated,
        (Limit(high=0.4), Limit(high=0.4)),
        ("OpusFilter:RepetitionFilter", "bicleaner:no_repeated_words"),
    ),
    *_both(
        "run",
        "characters of the longest stretch that repeats one to four letters over and over; less is better",
        rules_repeats.longest_run,
        (Limit(high=12), Limit(high=12)),
        ("OpusFilter:RepetitionFilter",),
    ),
    Filter(
        "numbers",
        "numbers in digits of one side that the other has not, parsed, both ways; 0 is good; NaN without digits",
        rules_numbers.numbers,
        Limit(high=0),
        (
            "OpusFilter:NonZeroNumeralsFilter",
            "bicleaner:no_number_inconsistencies",
        ),
    ),
    Filter(
        "codes",
        "names with a number in them (i32, W3C) that stand for another one on the other side; 0 is good; NaN where none",
        rules_codes.codes,
        Limit(high=0),
    ),
    Filter(
        "links",
        "share of URLs and e-mail addresses that stand on both sides, 0 to 1; 1 is good; NaN where none",
        rules_web.links,
        Limit(0.6),
        ("OpusCleaner:url_mismatch",),
    ),
    Filter(
        "link-count",
        "URLs and e-mail addresses of the side with more; less is better",
        rules_web.links_count,
        _ANY,
        ("bicleaner:no_urls",),
    ),
    Filter(
        "tags",
        "share of tags, entities and placeholders that stand on both sides, 0 to 1; 1 is good; NaN where none",
        rules_web.tags,
        Limit(0.9),
        ("OpusFilter:HtmlTagFilter",),
    ),
    Filter(
        "debris",
        "share of the worse side that is left over from mark-up, 0 to 1; 0 is good",
        rules_web.debris,
        Limit(high=0.02),
        (
            "OpusFilter:HtmlTagFilter",
            "OpusCleaner:fix_wiki",
        ),
    ),
    Filter(
        "literals",
        "pieces of programs and threads (`Re:`, `{{`, `%s`, `+++`), both sides; 0 is good",
        rules_web.literals,
        _ANY,
        ("bicleaner:no_literals",),
    ),
    Filter(
        "escapes",
        r"escapes (`\u3042`, `&#12354;`, `%E3%81%82`) one side has more of; 0 is good",
        rules_damage.escapes,
        Limit(high=1),
        ("bicleaner:no_escaped_unicode",),
    ),
    Filter(
        "trail",
        "marks between the steps of a trail or menu (` » `, ` | `), of the side with more; less is better",
        rules_web.trail,
        Limit(high=1),
        ("bicleaner:no_breadcrumbs",),
    ),
    Filter(
        "notice",
        "share of a short text that is notices and menu entries (cookies, log in, 続きを読む), 0 to 1; less is better",
        rules_notices.notice,
        Limit(high=0.5),
    ),
    Filter(
        "dates",
        "share of characters that are dates, of the side with less, 0 to 1; 1 = nothing but a date",
        rules_web.dates,
        Limit(high=0.8),
    ),
    Filter(
        "header",
        "1 = one side begins with the mark of a heading or list, the other not; else 0",
        rules_web.header,
        _ANY,
    ),
    *_both(
        "brackets",
        "brackets without a partner; 0 is good",
        rules_marks.brackets,
        (Limit(high=1), Limit(high=1)),
        ("bicleaner:no_paren",),
    ),
    Filter(
        "quotations", "quotations and brackets that one side has more of; less is better", rules_marks.quotations, _ANY
    ),
    Filter(
        "names",
        "share of Latin words in text of another script that stand on the other side, 0 to 1; more is better; NaN where none",
        rules_copies.names,
        Limit(0.3),
    ),
    Filter(
        "sentences",
        "sentences that one side has more of, by their marks; less is better",
        rules_marks.sentences,
        Limit(high=4),
    ),
    Filter(
        "end-marks",
        "0 = both sides end alike, 1 = one has a stop, 2 = a colon against a stop, 3 = a question against none",
        rules_marks.end_marks,
        Limit(high=2),
        ("OpusFilter:TerminalPunctuationFilter",),
    ),
    Filter(
        "begins",
        "sides that start in the middle of a sentence (a small letter, を), 0 to 2; 0 is good",
        rules_begins.begins,
        _ANY,
    ),
    *_both(
        "spaced-out",
        "single letters with blanks between, the longest row of them; less is better",
        rules_damage.spaced_out,
        (Limit(high=7), Limit(high=7)),
        ("bicleaner:no_space_noise",),
    ),
    *_both(
        "glued",
        "capitals behind small letters within words; less is better",
        rules_damage.glued,
        (Limit(high=10), Limit(high=10)),
        ("bicleaner:no_glued_words",),
    ),
    *_both(
        "capitals", "share of capitals among Latin letters, 0 to 1; NaN below ten", rules_scripts.capitals, (_ANY, _ANY)
    ),
    *_both(
        "titles",
        "share of long Latin words that begin with a capital, 0 to 1; NaN below three",
        rules_web.titles,
        (_ANY, _ANY),
        ("bicleaner:no_titles",),
    ),
    Filter(
        "profanity",
        "words of your own list on either side; only where the configuration names one",
        None,
        _ANY,
    ),
    Filter(
        "probability",
        "probability of the bead the pair was aligned as, 0 to 1; more is better; given with the rows",
        None,
        _ANY,
    ),
    Filter(
        "cosine",
        "cosine of the two sentences' vectors, -1 to 1; more is better; needs an encoder",
        None,
        _ANY,
        ("OpusFilter:SentenceEmbeddingFilter",),
    ),
    Filter(
        "cosine-half",
        "cosine less the best one of a half of one side; low = one side translates half of the other; needs an encoder",
        None,
        _ANY,
    ),
    Filter(
        "margin", "ratio margin of a mined pair against its neighbours; more is better; given with the rows", None, _ANY
    ),
    Filter(
        "mt-chrf",
        "chrF2 of our translation of the source against the target, 0 to 100; more is better; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "mt-logprob",
        "mean log-probability of the target's pieces, its source given; more is better; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "mt-worst",
        "least mean log-probability of eight pieces in a row of the target; more is better; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "mt-sure",
        "the same plus 2.4, by the root of the length; high = the model is at its ease as with its own output; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "mt-end",
        "log-probability that the target ends where it does; low = it stops too early; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "mt-own",
        "log odds of the model's own output against people's text, by the root of the pieces; less is better; needs a model",
        None,
        _ANY,
    ),
    Filter(
        "dual",
        "difference of both directions' log-probabilities a piece, and their mean; less is better; needs two models",
        None,
        _ANY,
        ("OpusFilter:CrossEntropyDifferenceFilter",),
    ),
    Filter(
        "learned",
        "chance that a pair is clean, by the configuration's own classifier, 0 to 1; more is better; `mt corpus tune` makes one",
        None,
        _ANY,
        ("bicleaner:bicleaner_ai",),
    ),
)
