"""Phrases that models say when they know nothing, and what in a source would explain them.

Subtitles, letters and web pages are what models read, so that is what they fall back on; the list is of what users of Japanese models report
(Helsinki-NLP/OPUS-MT-train#56: 彼らは夫婦になった。 became "I'm sorry."; UKPLab/EasyNMT#38) and of the same kind.
"""

from __future__ import annotations

import re

# cues, and the phrases they explain
_TABLE = {
    "すみません|すいません|ごめん|申し訳|お詫び|悪い|残念|気の毒|失礼|謝": (
        "i'm sorry|i am sorry|we're sorry|we are sorry|sorry|i'm sorry about that|i'm sorry for that|excuse me|i apologize|my apologies"
    ),
    "ありがと|有難|有り難|感謝|お礼|御礼|サンキュ|清聴|どうも|謝": (
        "thank you|thanks|thanks a lot|thank you for your attention|thank you for your time|thank you for your support|"
        "thank you for your cooperation|thank you for your understanding|thank you for your interest|thank you for your visit|"
        "thank you for visiting|thank you for watching|thanks for watching|thank you for listening|thank you for reading|"
        "thank you for your patience|thank you for your help"
    ),
    "問い合わせ|問合せ|連絡|お尋ね|相談": (
        "contact us|contact|feel free to contact us|contact us for more information|contact us for details|contact us today|contact us now"
    ),
    "クリック|こちら|続き|詳し|もっと|ホーム|家|自宅|トップ|登録|ログイン|シェア|共有|購読|読|見|戻": (
        "click here|click here for more information|click here for details|read more|learn more|see more|share this|home|back to top|"
        "sign up|log in|login|subscribe|click to continue"
    ),
    "著作|権|転載|コピーライト|無断": "all rights reserved|copyright",
    "知ら|分から|わから|分かん|わかん|何|なに|なん|どう|どれ|さあ": (
        "i don't know|i do not know|i don't know what to say|i don't know what to do|i have no idea|what do you mean|what is this|"
        "what's this|what's that|what is that|what's wrong|what's up|what's going on"
    ),
    "さようなら|さよなら|バイバイ|じゃあ|また|では|こんにち|もしもし|やあ|おはよう|おやすみ|こんばん|ハロー|頑張|がんば|幸運|挨拶|ハイ|よろしく": (
        "goodbye|good bye|bye|bye bye|see you|see you later|see you soon|see you tomorrow|see you again|hello|hi|good morning|"
        "good night|good evening|good luck"
    ),
    "神|はい|いいえ|うん|いや|ええ|ああ|おお|オーケー|OK|よし|大丈夫|分か|わか|行こ|行く|さあ|見|あら|まさか|違|ノー|イエス|そう|ない|賛|反対|否": (
        "oh my god|my god|okay|ok|yes|no|all right|oh|come on|let's go|look at this|look at that"
    ),
    "次|以下|上記|下記|前述|詳|本稿|記事|動画|節|初|最初|今回": (
        "the following|the following is|the following are|for more information|in this article|in this video|in this section|"
        "this is the first time"
    ),
    "字幕|翻訳|訳|文字起こし|編集": "subtitles|translated by|subtitles by",
}
_CUES = {phrase: re.compile(cue) for cue, phrases in _TABLE.items() for phrase in phrases.split("|")}
_SENTENCE = re.compile(r"[.!?;…]")
_FILLERS = re.compile(
    r"^(?:please|so|but|and|well|oh|yes|no),? +(?=\w)|\b(?:so|very|really|much)\b +(?=sorry|much)|(?: very| so)? much\b"
)


def stock(text: str, source: str, longest: int) -> str:
    """A whole sentence of the list, in words; "" where there is none or where the source explains it.

    Args:
        text: the translation.
        source: its normalised Japanese source.
        longest: characters of a source that may be answered by nothing but such phrases, where it has their cue.

    Example:
        >>> stock("I'm so sorry.", "彼らは夫婦になった。", 40), stock("I'm sorry.", "ごめんなさい。", 40)
        ("'i'm sorry'", '')
    """
    parts = [part.strip(" \"'“”()[]-,:") for part in _SENTENCE.split(text.lower().replace("’", "'"))]
    parts = [part for part in parts if part]
    found = [phrase for part in parts if len(part) < 50 and (phrase := _known(part))]
    only = len(found) == len(parts)
    for phrase in found:
        if not _CUES[phrase].search(source) or (only and len(source) > longest):
            return f"'{phrase}'"
    return ""


def _known(sentence: str) -> str:
    """The phrase a sentence is, polite and empty words aside; "" where it is none."""
    if sentence in _CUES:
        return sentence
    plain = _FILLERS.sub("", sentence)
    return plain if plain in _CUES else ""
