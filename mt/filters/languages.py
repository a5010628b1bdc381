"""Which language Latin text is in, by its commonest words: a light test of our own that tells English from its neighbours, not a classifier.

A word speaks for every language it is listed under; one that stands under the language that is expected, too, speaks for that alone. Single
letters are left out but for the English article, since they are names of variables and initials too. Of 27,000 English sentences of five
sources it takes one for foreign, which is French; of the German and French lines of a book (verse, headings, old spelling) it sees 80 and 76 in
a hundred, and says nothing of the others.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mt.filters.filter import Numbers
from mt.filters.side import Side, packed
from mt.filters.words import Words

VERSION = 1
LEAST = 2  # words of the table below which nothing is said

_WORDS = {
    "en": "a the of and to is that it for with was as on are be this by have from at not or which you were has his they their can will its "
    "your but what about when we he she who if there would been more other than these into after how my our no so do me an in all any could "
    "should did does them then some only also out up may use such while where because first i us said just very here let every each many "
    "most much new old",
    "de": "der die das und ist nicht ein eine einer einem einen zu den dem des mit von für auf im sich auch als es an werden aus er hat "
    "dass sie nach wird bei noch wie war über so zum zur haben oder aber vor nur ich wir kann durch wenn sind mehr diese ihre um",
    "fr": "le la les de des du et est une un en que qui dans pour pas sur au aux avec ce cette il elle par ne se sont nous vous mais ou où "
    "ont été son sa ses leur leurs être comme tout même aussi je si qu",
    "es": "el la los las de del que en un una por con para no es se su sus al lo como más pero este esta son fue ha también entre cuando "
    "muy sin sobre ser hay ya está todo desde nos porque si",
    "it": "il la lo gli le di che è un una per non con del della dei delle nel nella si da sono al alla come più ma anche ha questo questa "
    "essere suo sua ci se dal in tra",
    "pt": "os as de do da dos das que em um uma para não com por se na no nas nos mais como mas ao foi sua seu ou ser quando muito há já "
    "está também pelo pela isso são você",
    "nl": "de het een en van in is dat op te niet zijn met voor aan er die als ook maar om bij door nog naar wordt uit dan kan heeft werd "
    "hij zij wij deze over worden of ik je",
    "sv": "och att det en som är på av för med den till har de inte om ett han var men jag från kan vi sig så eller ut när hade nu du ska "
    "efter där vid",
    "da": "og at det en er som på af for med den til har de ikke om et han var men jeg fra kan vi sig så eller der nu når ved efter blev "
    "over",
    "fi": "ja on ei se että oli hän ovat mutta kun joka myös ole niin tai kuin sen hänen mitä vain jos minä ollut sitä jo nyt tämä",
    "pl": "na nie się do to że jest jak po co tak ale od za przez dla są był tym czy może już tylko jego które który oraz",
    "cs": "se na je že do to ale jako za by po pro jsem jsou byl od které který co když nebo při jeho také není",
    "hu": "az és hogy nem is egy ez volt meg de van ha már csak mint el még azt vagy lesz ezt ki",
    "ro": "și în de la cu nu pe că un din care este pentru mai sau ca fi au fost se al sunt dar lui",
    "tr": "ve bir bu da de için ile çok olarak gibi daha ne ama var olan kadar sonra değil ben mi en her",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka atau oleh sudah telah "
    "adalah",
    "vi": "và của là có không được cho trong một các với người này đã để những khi",
    "la": "et in est non ad ut cum qui sed quod ex sunt esse enim per aut quam",
}
LANGS = frozenset(_WORDS)


@cache
def _table() -> tuple[Words, NDArray[np.uint32]]:
    """The words, and the languages of each as bits."""
    bits: dict[int, int] = {}
    words: dict[int, str] = {}
    for number, line in enumerate(_WORDS.values()):
        for word in line.split():
            # words that differ in letters which share a byte are one word here
            bits[packed(word)] = bits.get(packed(word), 0) | 1 << number
            words.setdefault(packed(word), word)
    return Words(list(words.values())), np.array(list(bits.values()), np.uint32)


def latin(side: Side) -> Numbers:
    """(own - best other) / (own + best other), counted in words of the table, -1 to 1; NaN below three such words, or for a language without any.

    Example:
        >>> latin(Side(["This is the house that we have seen.", "Das ist das Haus, das ich nicht kenne.", "Kyoto"], "en")).tolist()
        [1.0, -1.0, nan]
    """
    if side.lang not in LANGS:
        return np.full(len(side), np.nan, np.float32)
    words, languages = _table()
    found = words.find(side)
    hit = np.flatnonzero(found >= 0)
    spoken, row = languages[found[hit]], side.word_row[hit]
    mine = np.uint32(1 << list(_WORDS).index(side.lang))
    own = side.tally(row[spoken & mine > 0])
    # a word of the language itself speaks for no other
    spoken, row = spoken[spoken & mine == 0], row[spoken & mine == 0]
    other = np.zeros_like(own)
    for number in range(len(_WORDS)):
        np.maximum(other, side.tally(row[spoken >> np.uint32(number) & np.uint32(1) == 1]), out=other)
    total = own + other
    balance = (own - other).astype(np.float32) / np.maximum(total, 1).astype(np.float32)
    return np.where(total >= LEAST, balance, np.float32(np.nan))
