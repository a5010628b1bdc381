"""Profiles of limits: what each changes of the profile `web`, whose intervals stand in the table itself.

`src-` is the Japanese side and `tgt-` the English one; `table.limits` turns them round where the languages are.

`web` was set on NTREX, PUD, Tatoeba, Coursera, Wikipedia on Kyoto, Wesnoth, the documentation of Python and Vue, of which it leaves out 1 to 10 %
(automatically aligned lectures most), 3.4 % on average. Looked at meanwhile, and a reason to tighten it once: the Rust book 0.9 %, React 1.6, the
open source guide 1.6, WMT23 en-ja 2.1 and ja-en 3.4, Angular 2.5, WMT24 4.1, mozilla.org 13.5 (half of them entries of menus, for which `tm` is
made). Looked at only when it was done: newstest2021 2.8 %, AMI meetings 3.4, WMT22 and manual pages of Linux 4.6, Let's Encrypt 7.0, the Tor
project 7.1, ruby-lang.org 12.6. None of these is free of bad pairs, and nobody has counted them.

Of noise planted (`mt.filters.noise`) in the eight sources it was set on it finds mojibake 100 %, copies 99, another language 97, mark-up 97,
changed numbers 93, boilerplate 89, pairs out of step 61, halves 33: the last two want `cosine`.
"""

from __future__ import annotations

from collections.abc import Mapping

from mt.filters.filter import Limit

CHANGES: Mapping[str, Mapping[str, Limit | None]] = {
    # crawled pages
    "web": {},
    # articles: sentences, some of them headlines; no lists of names
    "news": {
        "src-length": Limit(4, 400),
        "tgt-length": Limit(8, 900),
        "src-script": Limit(0.4),
        "sentences": Limit(high=2),
        "trail": Limit(high=0),
        "header": Limit(high=0),
    },
    # memories and documentation: short rows, code, tags are wanted; what must agree, must agree
    "tm": {
        "src-length": Limit(1, 600),
        "tgt-length": Limit(1, 1500),
        "src-words": Limit(high=250),
        "tgt-words": Limit(high=250),
        "src-script": None,
        "tgt-script": Limit(0.6),
        "tgt-language": Limit(-0.3),
        "names": None,
        "codes": None,
        "src-brackets": Limit(high=2),
        "tgt-brackets": Limit(high=2),
        "src-letters": None,
        "tgt-letters": None,
        "src-digits": None,
        "tgt-digits": None,
        "length-ratio": Limit(-4.5, 5),
        "tags": Limit(0.99),
        "links": Limit(0.6),
        "notice": None,
        "trail": None,
        "debris": None,
        "dates": None,
        "copied": None,
        "src-glued": None,
        "tgt-glued": None,
        "src-long-word": None,
        "tgt-long-word": None,
        "src-repeats": None,
        "tgt-repeats": None,
        "literals": None,
    },
    # little but good
    "strict": {
        "src-length": Limit(4, 250),
        "tgt-length": Limit(8, 600),
        "length-ratio": Limit(-2.5, 3),
        "src-script": Limit(0.5),
        "tgt-script": Limit(0.97),
        "src-letters": Limit(0.6),
        "tgt-letters": Limit(0.65),
        "names": Limit(0.5),
        "copied": Limit(high=0.5),
        "links": Limit(0.99),
        "tags": Limit(0.99),
        "src-brackets": Limit(high=0),
        "tgt-brackets": Limit(high=0),
        "quotations": Limit(high=3),
        "sentences": Limit(high=1),
        "end-marks": Limit(high=1),
        "trail": Limit(high=0),
        "header": Limit(high=0),
        "literals": Limit(high=0),
        "begins": Limit(high=1),
        "cosine": Limit(0.4),
    },
    # only what is certainly no pair
    "keep-most": {
        "src-length": Limit(1, 2000),
        "tgt-length": Limit(1, 5000),
        "src-words": None,
        "tgt-words": None,
        "src-script": Limit(0.05),
        "tgt-script": Limit(0.3),
        "tgt-language": Limit(-0.5),
        "codes": None,
        "src-letters": None,
        "tgt-letters": None,
        "src-digits": None,
        "tgt-digits": None,
        "length-ratio": Limit(-7, 7),
        "numbers": None,
        "names": None,
        "copied": None,
        "links": None,
        "tags": None,
        "debris": Limit(high=0.8),
        "src-brackets": None,
        "tgt-brackets": None,
        "quotations": None,
        "sentences": None,
        "end-marks": None,
        "notice": None,
        "trail": None,
        "dates": None,
        "src-long-word": None,
        "tgt-long-word": None,
        "src-average-word": None,
        "tgt-average-word": None,
        "src-glued": None,
        "tgt-glued": None,
        "src-repeats": Limit(high=0.8),
        "tgt-repeats": Limit(high=0.8),
        "src-run": None,
        "tgt-run": None,
        "literals": None,
    },
}
