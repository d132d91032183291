"""Which language a text is in, and its numbers written the English way. Pure."""

import re
from typing import Final

from portfolios.ordinary import words
from research.folding import CJK

ENGLISH: Final = "en"
EAST_ASIAN: Final = ("zh", "ja", "ko")
LEAST_WORDS = 3  # of a language's own, each counted once
TOLD_BY = 1000  # characters

_KANA, _HANGUL = re.compile("[\u3041-\u30ff]"), re.compile("[\uac00-\ud7af]")
_LATIN = re.compile(r"[^\W\d_]+")
_OWN_WORDS = {
    "de": words("der die das und für mit auf den dem des ein eine im von zu bei nach wird sich sind mrd mio milliarden prozent"),
    "fr": words("le les des du et dans pour une sur avec par aux est qui au milliards millions cent"),
    "es": words("el los las del y en un una por con para que al y millones ciento su"),
    "it": words("il gli di del della dei che per con una nel alla per miliardi milioni cento ha"),
    "pt": words("os da do das dos um uma para por que ao à não bilhões milhões"),
    "nl": words("het een van en voor met op bij naar aan zijn wordt miljard miljoen procent"),
}
_ENGLISH_WORDS = words("the of and to in for on with by from at as is its that said will has an be it are was after")

# Where the comma is the decimal point: thousands are set off by points, blanks or apostrophes.
_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[. \u00a0\u202f']\d{3})+(?:,\d+)?|\d+,\d+)(?![\d.,]*\d)")
_SCALES = (  # each to a word that is no longer; the longest first
    (r"mil millones|mil milhões|milliard(?:en|e|s)?|mrd\.?|miliard[io]|mld|bilh(?:ões|ão)|miljard", "bn"),
    (r"million(?:en|s)?|mio\.?|mln|millones|millón|milion[ie]|milh(?:ões|ão)|miljoen", "mn"),
    (r"billion(?:en|s)?|billones|bilioni|trilh(?:ões|ão)|biljoen", "tn"),
    (r"tausend|mille|mila|mil|duizend", "k"),
    (r"prozent|pour cent|por ciento|per cento|por cento|procent", "%"),
)
_SCALED = re.compile(r"(?<=\d)(\s?)(?:" + "|".join(f"({pattern})" for pattern, _ in _SCALES) + r")(?!\w)", re.I)


def language_of(text: str) -> str:
    """The language of a text, by how it begins: en where nothing tells another."""
    text = text[:TOLD_BY]
    east = len(CJK.findall(text))
    if east * 4 > len(text):
        return "ja" if _KANA.search(text) else "ko" if _HANGUL.search(text) else "zh"
    found = set(_LATIN.findall(text.lower()))
    most = max(_OWN_WORDS, key=lambda language: len(found & _OWN_WORDS[language]))
    count = len(found & _OWN_WORDS[most])
    return most if count >= LEAST_WORDS and count > len(found & _ENGLISH_WORDS) else ENGLISH


def in_english_notation(text: str, language: str | None = None) -> str:
    """As long as before, with 6,1 Mrd. as 6.1 bn and 3.500 as 3,500; languages that write them so already stay as they are."""
    if (language or language_of(text)) not in _OWN_WORDS:
        return text
    return _SCALED.sub(_scale, _NUMBER.sub(lambda found: re.sub(r"\D", _separator, found[0]), text))


def _separator(found: re.Match[str]) -> str:
    return "." if found[0] == "," else ","


def _scale(found: re.Match[str]) -> str:
    word = _SCALES[(found.lastindex or 2) - 2][1]
    return f"{found[1]}{word}".ljust(len(found[0]))
