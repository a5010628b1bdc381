"""The rule of notices: lines around a page's text that are no sentences of it (cookies, copyright, log in, read more, 続きを読む).

A text that speaks of such things is none: "Learn more about slots", "Firefox blocks cookies", イベントを購読する. So a phrase counts by the share
of the text that it is, and a link's words only where they stand without what they lead to. What is a notice wherever it stands (`all rights
reserved`, `this site uses cookies`) counts as the whole of a short text.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mt.filters.classes import Kind, sign, table
from mt.filters.filter import Numbers
from mt.filters.measures import Measures
from mt.filters.rules_scripts import scripts
from mt.filters.side import Side
from mt.filters.words import Words

LONG = 90  # characters; a longer text may speak of cookies

_SURE_SIGNS = (
    r"(?:copyright ?)?(?:©|\(c\)) ?(?:\d{4}|copyright)|copyright ?(?:©|\(c\)|\d{4})|\d{4} ?©|all rights reserved"
)
_SURE_LATIN = (
    r"\b(?:we|our (?:web ?)?(?:sites?|pages?)|th(?:is|ese) (?:web ?)?(?:sites?|pages?)) uses? cookies\b",
    r"\bcookie (?:settings|preferences|policy|notice|consent)\b|\bskip to (?:the )?(?:main )?(?:content|navigation)\b",
    r"\byour e-?mail address will not be (?:published|shared)\b|\bunauthori[sz]ed (?:copying|reproduction|use) .*prohibited\b",
)
_SURE_JA = (
    r"[当本弊](?:ウェブ|web)?(?:サイト|ページ|ストア|ショップ).*(?:クッキー|(?<![a-zà-ɏ])cookies?(?![a-zà-ɏ])).*(?:使用|利用|使って)",
    r"無断(?:転載|複製|使用)|メールアドレスが公開されることは",
)
# Entries of menus and links. `more about cats` leads to something, `more` by itself is an entry.
_ENTRIES_LATIN = (
    r"(?:read|learn|show|see|view|load|find out|discover) (?:more|all|details)(?: here)?(?! \w)|(?:click|tap) here(?! to)",
    r"sign ?-?(?:in|up|out)(?! (?:to|for|with) )|log ?-?(?:in|out|on|off)(?! (?:to|with) )|register (?:now|here)|create an? (?:new )?account",
    r"forgot(?:ten)? (?:your |my )?password|remember me|my account",
    r"(?:subscribe to |sign up for |join |get )?(?:our |the |my )?(?:e-?mail )?newsletters?|subscribe(?: now| today)?(?! \w)",
    r"add to (?:my )?(?:cart|basket|bag|wish ?list|favou?rites)|buy now|(?:out of|in) stock|(?:my|shopping) (?:cart|basket)",
    r"(?:share(?: this(?: page| post| article| story)?)?(?: on| via|:)|share this(?: page| post| article| story)?|follow us(?: on)?)"
    r"(?:[ :,|/]*(?:facebook|twitter|linkedin|instagram|youtube|pinterest|reddit|bluesky|mastodon|whatsapp|e-?mail))*",
    r"(?:accept|allow|reject|decline|refuse|manage) (?:(?:all|our|the|additional|optional|non-essential) )*cookies",
    r"manage (?:my |your )?(?:preferences|choices|options|consent)",
    r"terms (?:and|&) conditions|terms of (?:use|service|sale)|privacy (?:policy|notice|statement)|legal notices?|site ?map|imprint",
    r"contact us|about us|(?:back|return|go) to (?:the )?top(?: of (?:the )?page)?|back to home",
    r"(?:previous|next|older|newer|related|recent|popular) (?:pages?|posts?|articles?|entry|entries|comments)",
    r"leave a (?:reply|comment)|post a comment|no comments|posted by|all categories|print(?:able|er-friendly)? (?:version|page)",
    r"last (?:updated|modified)(?: on)?|powered by|page not found|loading\.\.\.|please enable javascript",
)
_ENTRIES_JA = (
    r"続きを(?:読|見)(?:む|る)?|(?<![をはも])もっと(?:見|読)(?:る|む)|詳し(?:く|い情報)?は(?:こちら|コチラ)|(?:[こそ]ちら|ここ)をクリック(?!し)",
    r"(?:すべて|全て)(?:を?見る|を?表示)|一覧(?:へ|を見る|はこちら|に戻る)",
    r"ログ(?:イン|アウト)|サイン(?:イン|アウト|アップ)|(?:新規|会員|ユーザー?)(?:会員)?登録|パスワードを(?:お)?忘れ(?:た方|の方)?(?:はこちら)?",
    r"お問い?合わ?せ(?:フォーム|はこちら)?(?!くだ|下さ|いた|先)|サイトマップ|利用規約|プライバシー ?ポリシー",
    r"個人情報(?:保護(?:方針|ポリシー)?|の取り?扱い)",
    r"特定商取引(?:法|に関する法律)?(?:に基づく)?(?:表記|表示)?|会社概要|採用情報|著作権(?:について|表示)",
    r"(?:この)?ページの?(?:一番)?(?:先頭|トップ|上)(?:へ|に)?(?:戻る)?|トップ(?:ページ)?(?:へ|に)戻る|トップへ|ホーム(?:へ|に)(?:戻る)?",
    r"(?:次|前)の?(?:ページ|記事)(?:へ|に)?(?:戻る|進む)?|関連(?:記事|ページ|商品|リンク)|(?:最近|最新|人気)の?(?:投稿|記事|コメント)",
    r"(?:すべての)?(?:追加)? ?(?:クッキー|cookies?) ?(?:の(?:使用|利用))?(?:に同意|を(?:許可|受け入れ|承諾|拒否))(?:する|しない)?",
    r"(?:クッキー|cookies?) ?の?(?:設定|ポリシー)(?:を(?:変更|管理))?",
    r"カートに(?:入れる|追加)|お気に入り(?:に|へ)?(?:追加|登録)|在庫(?:あり|なし|切れ)|今すぐ(?:購入|買う)",
    r"(?:この)?(?:記事|ページ)?を?(?:シェア|ツイート)(?:する)?(?!し)|(?:メルマガ|メールマガジン|ニュースレター)(?:(?:を|の|に)?(?:購読|登録)(?:する)?)?",
    r"コンテンツ(?:へ|に)(?:スキップ|移動)|コメント(?:を(?:残す|書く|投稿))|印刷用(?:ページ|画面)?|メニュー(?:を(?:開|閉)|へ)|読み込み中|最終更新日?",
)
# Which rows are looked at: those with a word or a pair of characters of these,
_SURE_WORDS = "cookie cookies copyright rights skip email mail unauthorized"
_SURE_PAIRS = [np.uint64(ord(pair[0]) << 32 | ord(pair[1])) for pair in ("クッ", "無断")]
_SURE = len(_SURE_WORDS.split())
# or where a sixth of the words is of these, or a sixteenth of the letters begins a pair of these: less is no half of a text in any phrase above.
_LEAST_WORDS, _LEAST_LETTERS = 6, 16
_WORDS = (
    "more all details click tap sign signup signin signout log login logout logon logoff register create forgot forgotten remember account "
    "preferences choices options consent newsletter newsletters subscribe cart basket bag wishlist wish favorites favourites buy stock share "
    "follow terms privacy legal sitemap map imprint contact about top home previous next older newer related recent popular reply comment "
    "comments posted categories print printable printer last powered found loading javascript back return page here content navigation now "
    "out facebook twitter linkedin instagram youtube pinterest reddit bluesky mastodon whatsapp"
)
_PAIRS = (
    "クッ 無断 公開 続き もっ 詳し ちら ここ すべ 全て 一覧 ログ イン アウ アッ 登録 スワ 合わ 合せ サイ 規約 ポリ 情報 商取 法律 概要 著作 ペー "
    "トッ ホー 前の 次の 前ペ 次ペ 前記 次記 関連 最近 最新 人気 カー 気に 在庫 今す シェ ツイ メル ール スレ コン コメ 印刷 メニ 読み 最終"
)


@cache
def _patterns(latin: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is sure, and entries; of lower-case text, which is quicker than asking the pattern to ignore case."""
    if latin:
        return re.compile("|".join((_SURE_SIGNS, *_SURE_LATIN))), re.compile(rf"\b(?:{'|'.join(_ENTRIES_LATIN)})(?!\w)")
    return re.compile("|".join((_SURE_SIGNS, *_SURE_JA))), re.compile("|".join(_ENTRIES_JA))


def notice(m: Measures) -> Numbers:
    """Share of the letters that are notices and entries of menus, of the side with more, 0 to 1.

    0 for texts over 90 characters, and where what can be an entry is too little to be half of the text.

    Example:
        >>> from mt.block import Block
        >>> rows = [("a:1", "続きを読む »", "Read more »"), ("a:2", "見出しについて", "Read more about headings")]
        >>> notice(Measures(Block.of(rows), "ja", "en")).tolist()
        [1.0, 0.0]
    """
    found = np.zeros(len(m), np.float32)
    for side in m.sides:
        sure, entries = _patterns(scripts(side.lang) == scripts("en"))
        for row, text in side.texts_of((side.length <= LONG) & _may_be(side)):
            lower = text.lower()
            share = 1.0 if sure.search(lower) else _share(entries, lower)
            found[row] = max(found[row], np.float32(share))
    return found


def _share(entries: re.Pattern[str], text: str) -> float:
    said = sum(_letters(match[0]) for match in entries.finditer(text))
    return said / _letters(text) if said else 0.0


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _may_be(side: Side) -> NDArray[np.bool_]:
    """Rows that may hold a notice.

    Those with a word of `_SURE_WORDS`, a sign of copyright, or so many words or pairs of characters of entries that half of it may be entries.
    """
    words, pairs, firsts, seconds = _tables()
    kinds = side.kinds
    numbers = words.find(side)
    hits = np.flatnonzero(numbers >= 0)
    rows = side.word_row[hits]
    sure = side.tally(rows[numbers[hits] < _SURE])
    if scripts(side.lang) == scripts("en"):
        found = _LEAST_WORDS * side.tally(rows) >= np.maximum(side.word_count, 1)
    else:
        places = np.flatnonzero(side.look(firsts)[:-1] & side.look(seconds)[1:])
        codes = side.codes
        both = codes[places].astype(np.uint64) << np.uint64(32) | codes[places + 1]
        known = pairs.take(np.searchsorted(pairs, both), mode="clip") == both
        places, both = places[known], both[known]
        sure += side.per_row(places[(both == _SURE_PAIRS[0]) | (both == _SURE_PAIRS[1])])
        found = _LEAST_LETTERS * side.per_row(places) >= np.maximum(side.letters, 1)
    lone = np.flatnonzero(kinds[:-2] == sign("("))
    lone = lone[kinds[lone + 2] == sign(")")]
    sure += side.per_row(lone[side.low[lone + 1] == ord("c")]) + side.count(Kind.LATIN1)
    return found | (sure > 0)


@cache
def _tables() -> tuple[Words, NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint8]]:
    """Words; pairs of characters as numbers; and for each code point the pairs it begins and ends, as bits.

    Pairs that share a bit are told apart by their numbers; the tables of bits fit in the cache.
    """
    firsts, seconds = np.zeros((2, len(table())), np.uint8)
    pairs = _PAIRS.split()
    for number, pair in enumerate(pairs):
        firsts[ord(pair[0])] |= np.uint8(1 << number % 8)
        seconds[ord(pair[1])] |= np.uint8(1 << number % 8)
    numbers = np.array(sorted(ord(pair[0]) << 32 | ord(pair[1]) for pair in pairs), np.uint64)
    return Words([*_SURE_WORDS.split(), *_WORDS.split()]), numbers, firsts, seconds
