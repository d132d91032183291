"""Quotes are in the text or they are not, whatever way the text spells its quotes, blanks and dashes."""

import random
import unicodedata

import pytest

from research.folding import fold
from research.grounding import ground, locate

TEXTS = [
    "Hon Hai’s “server” business grew 52% — more than expected.",
    "The ﬁrst oﬃce opened\u00a0in 2\u00adParis;\u200b it cost €1,500.50 m.",
    "ＦＵＬＬＷＩＤＴＨ text, half ｶﾞ and 鴻海精密（2317）與OpenAI合作。",
    "e\u0301te\u0301 and été, A\u030angstro\u0308m, 가\u1100\u1161, \u0930\u094d\u0926",
    "line one\nline\ttwo\r\n\r\nline   three \u2028 four\u3000five",
    "½ of x² and ㎏, ①, …, ℡ and \u202eright-to-left\u202c \U000e0041tag",
    "",
]


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ('Hon Hai\'s "server" business', TEXTS[0], "Hon Hai’s “server” business"),
        ("grew 52% - more than", TEXTS[0], "grew 52% — more than"),
        ("first office opened in", TEXTS[1], "ﬁrst oﬃce opened\u00a0in"),
        ("opened in 2Paris; it", TEXTS[1], "opened\u00a0in 2\u00adParis;\u200b it"),
        ("FULLWIDTH text", TEXTS[2], "ＦＵＬＬＷＩＤＴＨ text"),
        ("half ガ and", TEXTS[2], "half ｶﾞ and"),
        ("鴻海精密(2317)", TEXTS[2], "鴻海精密（2317）"),
        ("海精", TEXTS[2], "海精"),
        ("été and e\u0301té", TEXTS[3], "e\u0301te\u0301 and été"),
        ("Ångström", TEXTS[3], "A\u030angstro\u0308m"),
        ("line one line two line three four five", TEXTS[4], TEXTS[4]),
        ("1⁄2 of x2", TEXTS[5], "½ of x²"),
        ("  of x²  ", TEXTS[5], "of x²"),
        ("hon hai’s", TEXTS[0], None),  # case counts
        ("business grew 5", TEXTS[0], None),  # half a number
        ("usiness grew", TEXTS[0], None),  # half a word
        ("500.50", TEXTS[1], None),
        ("€1,500", TEXTS[1], None),
        ("1,500.50 m", TEXTS[1], "1,500.50 m"),
        ("more than expected.", TEXTS[0], "more than expected."),
        ("", TEXTS[0], None),
        ("anything", "", None),
        ("a b", "xa b a b.", "a b"),
    ],
)  # fmt: skip
def test_locate(quote: str, text: str, found: str | None) -> None:
    span = locate(quote, text)
    assert (None if span is None else text[slice(*span)]) == found


def test_every_slice_at_word_ends_is_found_where_it_stands() -> None:
    chance = random.Random(7)
    for text in TEXTS:
        words = text.split()
        for _ in range(60 if words else 0):
            first = chance.randrange(len(words))
            quote = " ".join(words[first : chance.randrange(first, len(words)) + 1])
            if not fold(quote).text.strip():
                continue
            for form in ("NFC", "NFD", "NFKC"):
                span = locate(unicodedata.normalize(form, quote), text)
                assert span is not None
                assert fold(text[slice(*span)]).text.strip() == fold(quote).text.strip()


@pytest.mark.slow
def test_folding_keeps_offsets() -> None:
    chance = random.Random(11)
    letters = "ab .,1é“”’—\u00a0\u00ad\u200bﬁ½Ａｶﾞ\u0301\u0308鴻가\u1100\u1161\n\t\u3000İß\U0001f600\U000e0041"
    for _ in range(2000):
        text = "".join(chance.choices(letters, k=chance.randrange(1, 30)))
        for keep_lines in (False, True):
            folded = fold(text, keep_lines=keep_lines)
            assert fold(folded.text, keep_lines=keep_lines).text == folded.text
            for i in range(len(folded.text)):
                start, end = folded.original(i, i + 1)
                assert 0 <= start < end <= len(text)
                assert folded.text[i] in fold(text[start:end], keep_lines=keep_lines).text


def test_long_piles_of_marks_cost_linear_time() -> None:
    assert locate("word after", "a" + "\u0301" * 50_000 + " word after") is not None


def test_ground() -> None:
    texts = ["One plain sentence here.", "Another text: One plain sentence here, and “more words”."]
    said = [
        ("summary", "One plain sentence"),
        ("new", 'and "more words"'),
        ("risk", "never written anywhere"),
        ("risk", "short"),
        ("watch", " \u200b \u00ad  x     "),
    ]
    grounded = ground(said, texts)
    assert [(claim, index, texts[index][start:end]) for claim, _, index, start, end in grounded.kept] == [
        ("summary", 0, "One plain sentence"),
        ("new", 1, "and “more words”"),
    ]
    assert [(claim, reason) for claim, _, reason in grounded.dropped] == [
        ("risk", "not in the text"),
        ("risk", "too short"),
        ("watch", "too short"),
    ]
    assert ground([], texts) == ground(iter(()), [])
