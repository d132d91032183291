"""Numbers as people and spreadsheets write them, read without guessing. Knows no database."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

MARKS = ",."
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d{1,2}", re.IGNORECASE)
# One mark and three digits behind it: 1,250 is a thousand here and one and a quarter there.
AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
# Plain, in groups of three, or in the groups of two that India writes.
WHOLE = re.compile(r"\d+|\d{1,3}(?P<mark>[ ',.])\d{3}(?:(?P=mark)\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}", re.ASCII)
SIGNS_OF_MONEY = "$€£¥"
NOT_A_NUMBER = "This is not a number."


def read_number(text: str, decimal_mark: str | None = None) -> Decimal:
    """The number written there. `decimal_mark` is what the rest of the file shows, where it shows one.

    Reads thousands marks (comma, point, space, apostrophe), a decimal comma or point, a minus before or after, parentheses for
    negatives, one currency sign and powers of ten. Raises ValueError, with a reason to show, on everything else.
    """
    if text.isascii() and text.isdigit():
        return Decimal(text)
    negative, body = _unsigned(text)
    if SCIENTIFIC.fullmatch(body):
        number = Decimal(f"{Decimal(body.replace(',', '.')):f}")
    else:
        number = _plain_number(body, _shown_mark(body) or decimal_mark)
    return -number if negative else number


def is_scientific(text: str) -> bool:
    """Whether a number is written as a power of ten, in which spreadsheets drop digits."""
    return "e" in text.lower() and SCIENTIFIC.fullmatch(_unsigned(text)[1]) is not None


def shown_decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal mark these numbers show; None where they show none, or do not agree. Texts that are no numbers do not count."""
    shown = set()
    for text in texts:
        if "," not in text and "." not in text:
            continue
        _, body = _unsigned(text)
        mark = _shown_mark(body)
        if mark and _is_number(body, mark):
            shown.add(mark)
    return shown.pop() if len(shown) == 1 else None


def _unsigned(text: str) -> tuple[bool, str]:
    # Compatibility forms first: full-width digits, and the no-break spaces between thousands, become their plain selves.
    body = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'").strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    elif body.startswith("-") or body.endswith("-"):
        negative, body = True, body.removeprefix("-").removesuffix("-") if body.count("-") == 1 else body
    elif body.startswith("+"):
        body = body[1:]
    return negative, _without_sign_of_money(body.strip())


def _without_sign_of_money(body: str) -> str:
    if body[:1] and body[0] in SIGNS_OF_MONEY:
        return body[1:].lstrip()
    return body[:-1].rstrip() if body[-1:] and body[-1] in SIGNS_OF_MONEY else body


def _shown_mark(body: str) -> str | None:
    last = max(body.rfind(","), body.rfind("."))
    if last < 0 or AMBIGUOUS.fullmatch(body):
        return None
    mark = body[last]
    other = MARKS.replace(mark, "")
    return other if body.count(mark) > 1 and other not in body else mark


def _plain_number(body: str, mark: str | None) -> Decimal:
    if mark is None and AMBIGUOUS.fullmatch(body):
        if "." in body:
            raise ValueError(f"This may be {body} or {body.replace('.', '')}. Write it without a mark between thousands.")
        mark = "."
    if not _is_number(body, mark or "."):
        raise ValueError(NOT_A_NUMBER)
    whole, _, fraction = body.partition(mark or ".")
    return Decimal(re.sub(r"\D", "", whole) + (f".{fraction}" if fraction else ""))


def _is_number(body: str, mark: str) -> bool:
    whole, _, fraction = body.partition(mark)
    whole_fits = WHOLE.fullmatch(whole) is not None or (not whole and bool(fraction))
    return whole_fits and (not fraction or (fraction.isascii() and fraction.isdigit()))
