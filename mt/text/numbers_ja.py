"""Numbers of a Japanese text: digits of both widths, 漢数字, mixed forms, with what their counters and eras say of them.

A numeral kanji is a number only where it counts: before a counter, behind 第, as digits of a year (二〇二一) or with a scale (三百). So 一部, 千葉
and 三菱 hold none. What kanji say up to ten is never sure, since words are made of them (一人, 十分, 三条).
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from mt.text.quantity import LAST_MOON, Number, Value, decimal, distinct, exact

_KANJI_DIGITS = "〇零一二三四五六七八九"
_SMALL = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "億": 10**8, "兆": 10**12, "京": 10**16}
_TO_ARABIC = str.maketrans(_KANJI_DIGITS, "00123456789")
# One character for one, so that offsets hold; half-width text passes unchanged.
_NARROW = str.maketrans(
    {
        **{chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},
        "〜": "~",
        "—": "-",
        "–": "-",
        "―": "-",
        "−": "-",
        "\u3000": " ",
        **dict(zip("①②③④⑤⑥⑦⑧⑨", "123456789", strict=True)),
    }
)
# First year of each era less one (Cabinet Office; 明治 counted from 1868).
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERAS |= dict(zip("MTSHR", _ERAS.values(), strict=True))

_K, _S = f"[{_KANJI_DIGITS}]", "[十百千万億兆京]"
# 3・5 is a decimal or a list; where it is the only dot, the digits are kept together and stand for either.
# No number has more than 40 digits, since reading more takes quadratic time.
_D = (
    r"(?:(?<!・)[0-9]{1,40}・[0-9]{1,40}(?![0-9]{0,40}・)|"
    r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,12}(?![0-9])|[0-9]{1,40})(?:\.[0-9]{1,40})?)"
)
# Some writers set blanks between digits and scales: 1 万 5 千.
_ANY = rf"{_D}(?:{_S}(?:{_D})?| [万億兆京](?: {_D} [十百千]| {_D}(?= [万億兆京])|{_D})?)*|(?:{_K}{{0,40}}{_S})+{_K}{{0,40}}|{_K}{{1,40}}"
_PERCENT = ("パーセント", "%", "㌫", "ポイント", "㌽", "割")
_YEARS = ("年代", "年度", "年版", "年")
_SPANS = "年間|年前|年後|年目|年ぶり|年連続|年以上|年以内|年余|年半|年越し|年ほど|年来"
_LENGTHS = (
    "㌢|㌔|㌘|㌧|㍍|㍉|㌶|㍑|キロメートル|キロ|メートル|センチ|ミリ|ヘクタール|平方|立方|トン|グラム|リットル|"
    "km|cm|mm|kg|尺|寸|丈|里|坪|石|貫|斤|畳"
)
_MONEY = "㌦|円|銭|ドル|ユーロ|ウォン|元|ポンド|両|文"
# Longer before shorter: the first that fits is taken.
_COUNTERS = (
    f"{'|'.join(_PERCENT)}|{_SPANS}|年生|{'|'.join(_YEARS)}|[かカヵヶケ箇ヵ]月半|[かカヵヶケ箇ヵ](?:月|国|所|年|条|寺|村)|月期|月号|月|"
    "日間|日目|日|時間半|時間|時半|時|分間|分半|分|秒間|秒|週間|週|世紀|世代|世|番目|番手|番|位|等|回|度目|度|代目|代|号機|号|次|期|"
    "歳|才|つ目|つ|個|人|名|社|件|台|本|枚|冊|匹|頭|羽|隻|機|軒|戸|棟|階|層|倍|点|票|議席|席|勝|敗|分け|連勝|連敗|連覇|試合|戦|球|打|"
    "得点|失点|安打|三振|章|条|節|項|巻|話|編|行|面|段|区|丁目|番地|校|店|都|道|府|県|市|町|村|島|団体|組|班|隊|種|類|色|品|食|杯|皿|"
    "足|着|曲|語|字|文字|通|発|箱|袋|束|対|歩|塁|周|巡|泊|夜|晩|基|体|柱|門|流|派|家族|家|男|女|世帯|株|ページ|頁|チーム|クラス|セット|"
    f"ゲーム|ホール|アンダー|オーバー|差|{_LENGTHS}|{_MONEY}"
)
_ORDINALS = frozenset(["位", "番", "番目", "番手", "回", "度目", "代目", "号", "号機", "等", "期", "次"])
_MEASURES = frozenset(["", *_LENGTHS.split("|"), *_MONEY.split("|")])
_NUMBER = re.compile(
    rf"(?P<dotted>[0-9]+(?:\.[0-9]+){{2,}})|(?P<vague>[数何幾]{_S}+)|"
    rf"(?P<n>{_ANY}|元(?=年)|初)"
    rf"(?P<several>数{_S}*)?(?:分の(?P<part>{_ANY})|割(?P<bu>[0-9]|{_K})分(?:(?P<rin>[0-9]|{_K})厘)?|(?P<unit> ?(?:{_COUNTERS})))?"
)
_BEGINS = re.compile(f"[0-9数何幾元初{_KANJI_DIGITS}十百千万億兆京]")
_PIECES = re.compile(rf"{_D}|{_K}+|{_S}")
_SCALES_BEHIND = re.compile(f"{_S}+$")
_LATIN_UNIT = re.compile(
    r"(?:[kcm]?m2?|m[gl]|[kM]?[gWVHt]|[kKMGT]?B|Hz|ha|dl|[LlXx]|kcal|ppm|[ap]m|[AP]M|bps|fps|dpi|px|cc)(?![A-Za-z])"
)
_ABOUT_BEFORE = ("約", "およそ", "ほぼ", "おおよそ", "推定")
_ABOUT_BEHIND = re.compile(
    r"[^0-9、。]{0,3}?(?:前後|近く|程度|ほど|余|あまり|以上|超|弱|強|ぐらい|くらい|台|未満|を超)"
)
_RANGE = re.compile(r"\s?[~/-]\s?|[、,・]|から|ないし|または|か|と")
_LATE = re.compile(r"(?:午後|夕方?|夜|深夜|後|PM|pm)\s?$")
# Bases on a baseball field and lists of two are the only places where a single kanji counts without a counter: 一、二塁.
_LISTED = re.compile("[、・][一二三四五六七八九十]")
_SHORT_YEAR = re.compile(r"[(][^()]{1,8}[)]年")  # 23(大正12)年
_SCHOOL = ("小", "中", "高", "小学", "中学", "高校", "大学")
# Before a short year: kanji, a bracket or a blank that may belong to an era this program does not know (寛永3年, 元和 (日本)8年).
_UNKNOWN_ERA = re.compile(r"[\u4e00-\u9fff)]\s?$")
_BRACKETED_ERA = re.compile(r"[(/][\u4e00-\u9fff]{2,4}$")  # 925年(延長3)
_NAME_BEFORE = re.compile("[A-Za-z]-?$")
_LATIN_WORD_BEFORE = re.compile("[A-Za-z]{2} $")  # iPhone 13


def evaluate(run: str) -> Value | None:
    """Value of a numeral in ASCII digits, kanji or both; None where it is none (十百, 万).

    Scales below 万 add up to a section, which 万, 億, 兆 and 京 multiply; both descend. Digits without a scale are positional.

    Example:
        >>> evaluate("1億2千万"), evaluate("九百十二万二千三百四十一"), evaluate("二〇二一"), evaluate("3.5万"), evaluate("十百")
        (120000000, 9122341, 2021, 35000, None)
    """
    if run.isdecimal() and run.isascii():
        return int(run)
    total: Value = 0
    section: Value = 0
    digits: Value | None = None
    small, big = 10**4, 10**20
    for piece in _PIECES.findall(run):
        if piece in _SMALL:
            scale = _SMALL[piece]
            if scale >= small or (digits is not None and digits >= (1000 if piece == "千" else 10)):
                return None
            section, digits, small = section + (1 if digits is None else digits) * scale, None, scale
        elif piece in _BIG:
            scale = _BIG[piece]
            section += digits or 0
            if scale >= big or not section:
                return None
            total, section, digits, small, big = total + section * scale, 0, None, 10**4, scale
        else:
            digits = decimal(piece.replace("・", ".") if piece[0] < "〇" else piece.translate(_TO_ARABIC))
            if not (small == 10**4 and big == 10**20) and digits >= min(small, big):
                return None
    result = total + section + (digits or 0)
    return result if isinstance(result, int) else exact(result)


def parse(text: str) -> tuple[Number, ...]:
    """Numbers of a Japanese text, by offset.

    Example:
        >>> [(n.text, *map(str, n.values)) for n in parse("令和３年５月、約1億2000万人の3割が第二回に一部参加")]
        [('令和３年', '2021', '3'), ('５月', '5'), ('1億2000万人', '120000000'), ('3割', '30', '3/10'), ('二回', '2')]
    """
    narrow = text.translate(_NARROW)
    found = _BEGINS.search(narrow)
    numbers: list[Number] = []
    bare = False  # the last number has no unit, so that of the next may be meant for both
    while found is not None:
        match = _NUMBER.match(narrow, found.start())
        if match is None:
            found = _BEGINS.search(narrow, found.start() + 1)
            continue
        number = None if match["vague"] or match["several"] else _number(text, narrow, match)
        if number is not None:
            if bare and (gap := _RANGE.fullmatch(narrow, numbers[-1].end, number.start)):
                numbers[-1], number = _range(numbers[-1], number, match, gap[0])
            numbers.append(number)
            if (match["unit"] or "").strip() == "時半":
                numbers.append(Number(text[number.end - 1 : number.end], number.end - 1, number.end, (30,), sure=False))
        bare = number is not None and number.kind != "token" and number.end == match.end("n")
        found = _BEGINS.search(narrow, match.end())
    if any(map(_by_old_calendar, numbers)):
        return tuple(replace(n, sure=False) if n.kind in ("month", "day") else n for n in numbers)
    return tuple(numbers)


def _number(text: str, narrow: str, match: re.Match[str]) -> Number | None:
    """The number of one match, None where its kanji count nothing."""
    start, end = match.span()
    if match["dotted"]:
        return Number(text[start:end], start, end, (decimal(match["dotted"].split(".")[0]),), "token", False)
    run = match["n"]
    value = 1 if run in "元初" else evaluate(run)
    if value is None:
        return None
    before = narrow[max(0, start - 4) : start]
    arabic = run[0] <= "9"
    if arabic and run[0] == "1" and before.endswith(("数", "何")):
        return None  # 数10億: some billions
    if (
        arabic
        and _in_name(narrow, start, match.end("n"), end == match.end("n"))
        and not (before[-1:] in _ERAS and match["unit"] == "年")
    ):
        end = match.end("n")
        return Number(text[start:end], start, end, (value,), "token", False)
    counted = end > match.end("n") or before.endswith("第")
    if not arabic and not (
        counted or run == "初" or (len(run) > 1 and run[0] not in _BIG) or _LISTED.match(narrow, end)
    ):
        return None
    short = end == match.end("n") and _SHORT_YEAR.match(narrow, end) is not None
    values, kind, sure = _read(value, "年" if short else (match["unit"] or "").strip(), before, match)
    if not arabic and run != "元":
        sure = sure and value > 10 and len(run) > 1 and (counted or len(run) > 3)
    if kind == "year":
        start -= len(_era(before))
    about = before.endswith(_ABOUT_BEFORE) or _ABOUT_BEHIND.match(narrow, end) is not None
    return Number(text[start:end], start, end, values, kind, sure, about)


def _era(before: str) -> str:
    """The era whose year follows, "" for none."""
    return before[-2:] if before[-2:] in _ERAS else before[-1:] if before[-1:] in _ERAS else ""


def _read(value: Value, unit: str, before: str, match: re.Match[str]) -> tuple[tuple[Value, ...], str, bool]:
    """What a value stands for with its unit: values, kind, and whether it is sure."""
    values: tuple[Value, ...] = (value,)
    kind, sure = "number", True
    if match["part"]:
        part = evaluate(match["part"])
        share = Fraction(part or 0) / (value or 1)
        values, kind, sure = distinct(exact(share), exact(share * 100)), "fraction", bool(part and value)
    elif match["bu"]:
        tenths = "".join(c.translate(_TO_ARABIC) for c in (match["bu"], match["rin"] or ""))
        share = value * 10 + Fraction(int(tenths), 10 ** (len(tenths) - 1))
        values, kind = distinct(exact(share), exact(share / 100)), "percent"
    elif unit == "割":
        values, kind = distinct(value * 10, exact(Fraction(value, 10))), "percent"
    elif unit in _PERCENT:
        kind, sure = "percent", value != 1
    elif unit in _YEARS:
        values, kind, sure = _year(value, unit, before)
    elif unit in ("時", "時半"):
        values, kind = _hour(value, before), "hour"
    elif unit in ("月", "月期", "月号"):
        kind, sure = "month", unit == "月"
    elif unit == "日":
        kind, sure = "day", value > 1 or before.endswith("月")
    elif unit.endswith("半"):
        half = Fraction(1, 2)
        values = distinct(value, value + half, exact((value + half) * (12 if unit == "年半" else 60)))
        values += (half,) if value == 1 else ()  # a year and a half
    else:
        kind = "ordinal" if before.endswith("第") or unit in _ORDINALS else "number"
        sure = value > (1 if unit in _MEASURES else 2) and unit != "年生"
        sure = sure and not before.endswith(_SCHOOL) and not _BRACKETED_ERA.search(before)
        values = _dotted(value, match["n"], before)
    return values, kind, sure


def _dotted(value: Value, run: str, before: str) -> tuple[Value, ...]:
    """What digits around a middle dot may be besides a decimal, and digits behind a bare point: 9・11, 打率.346, 打率・346."""
    left, dot, right = run.partition("・")
    if dot and left.isdecimal() and right.isdecimal():
        last = (int(left) // 10 * 10 + int(right),) if len(right) == 1 and len(left) > 1 else ()  # 15・6歳
        return distinct(value, int(left), int(right), *last)
    if len(run) == 3 and before[-1:] in (".", "・") and not before[-2:-1].isdecimal():
        return value, exact(Fraction(value, 1000))
    return (value,)


def _year(value: Value, unit: str, before: str) -> tuple[tuple[Value, ...], str, bool]:
    """A year, short, of an era, or in full; 60年代 and 60年 may be of this century or of the last."""
    if era := _era(before):
        return distinct(_ERAS[era] + value, value), "year", True
    if value >= 100 and value == int(value):
        short = (value % 100,) if unit == "年代" and value % 100 else ()
        return distinct(value, *short), "year", True
    sure = value > 1 and not _UNKNOWN_ERA.search(before)
    return distinct(value, 1900 + value, 2000 + value), "year" if sure else "era", sure


def _hour(value: Value, before: str) -> tuple[Value, ...]:
    """An hour by either clock: 午後3時 is 3 or 15, 15時 likewise, 0時 also 12 and 24."""
    if value > 12:
        return distinct(value, value - 12)
    late = _LATE.search(before) is not None
    if value == 0:
        return (0, 12, 24)
    return distinct(value, *((value + 12,) if late else ()))


def _range(first: Number, second: Number, match: re.Match[str], gap: str) -> tuple[Number, Number]:
    """Two ends of a range: 2〜3万 is 20,000 to 30,000, 6、7割 is 60 to 70 per cent, 1914〜18年 ends in 1918."""
    scale = 1
    for char in behind[0] if (behind := _SCALES_BEHIND.search(match["n"] or "")) else "":
        scale *= _SMALL.get(char) or _BIG[char]
    if (match["unit"] or "").strip() == "割":
        scale *= 10
    a, b = first.values[0], second.values[0]
    values, kind, sure = first.values, first.kind, first.sure and second.sure
    if kind == "number":
        kind = second.kind
        if gap == "-" and kind == "number" and second.end == match.end("n"):  # a result: 2-1
            second, sure = replace(second, sure=True), True
        if kind == "year" and a < 100:
            values = distinct(a, 1900 + a, 2000 + a)
    if scale > 1 and a < scale:
        values = distinct(a * scale, a)
    if b == a + 1 and b < 10 and gap in ("、", "・", ","):  # 2、3人 are a few
        second, sure = replace(second, sure=False), False
    if 1000 <= a <= 2100 and b < 100:
        second = replace(second, values=distinct(*second.values, a - a % 100 + b))
    return replace(first, values=values, kind=kind, sure=sure), second


def _in_name(narrow: str, start: int, end: int, alone: bool) -> bool:
    """Whether digits belong to a Latin name: G7, F-35, 5G, iPhone 13 where they stand alone, but not 50km."""
    if _NAME_BEFORE.search(narrow, max(0, start - 2), start):
        return True
    if alone and _LATIN_WORD_BEFORE.search(narrow, max(0, start - 3), start):
        return True
    following = narrow[end : end + 1]
    return following.isascii() and following.isalpha() and not _LATIN_UNIT.match(narrow, end)


def _by_old_calendar(number: Number) -> bool:
    """A year in which months and days were those of the moon, which a translator converts: before 1873, or of an era long past."""
    return number.kind == "era" or (number.kind == "year" and 100 <= number.values[0] < LAST_MOON)
