"""Which characters a feed's bytes are: valid UTF-8 first, then what the server and the document declare, never a blind guess."""

import codecs
import re
from dataclasses import dataclass

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How the first characters of a document without a byte order mark look: "<" in two or four bytes.
OPENINGS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# A declared name (as Python spells it) and what documents that declare it are really written in, as the WHATWG Encoding Standard
# reads them. Others are not read: utf-7 and the like exist to smuggle markup.
READ_AS = {
    "ascii": ("cp1252", "latin-1"),
    "big5": ("cp950", "big5hkscs"),
    "big5hkscs": ("big5hkscs",),
    "cp1250": ("cp1250",),
    "cp1251": ("cp1251",),
    "cp1252": ("cp1252", "latin-1"),
    "cp1253": ("cp1253",),
    "cp1254": ("cp1254",),
    "cp1255": ("cp1255",),
    "cp1256": ("cp1256",),
    "cp1257": ("cp1257",),
    "cp1258": ("cp1258",),
    "cp866": ("cp866",),
    "cp874": ("cp874", "tis-620"),
    "cp932": ("cp932",),
    "cp949": ("cp949",),
    "cp950": ("cp950", "big5hkscs"),
    "euc_jis_2004": ("euc_jis_2004",),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("cp949",),
    "gb18030": ("gb18030",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext"),
    "iso8859-1": ("cp1252", "latin-1"),
    "iso8859-9": ("cp1254",),
    "koi8-r": ("koi8-r",),
    "koi8-u": ("koi8-u",),
    "mac-roman": ("mac-roman",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "shift_jis_2004": ("shift_jis_2004",),
    "shift_jisx0213": ("shift_jisx0213",),
    "tis-620": ("cp874", "tis-620"),
} | {f"iso8859-{part}": (f"iso8859-{part}",) for part in (2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16)}

XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:-]{1,40})")
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
HIGH_RUN = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document's text, or None when its encoding cannot be told; and the problem, if any, for the source's owner."""

    text: str | None
    problem: str = ""


def decode(body: bytes, content_type: str | None) -> Decoded:
    """A document's text from its bytes and the Content-Type header they came with.

    Valid UTF-8 wins over whatever is declared, a declaration over a guess, and the only guess is Windows-1252 for text whose
    other bytes are letters that stand alone. A few damaged characters become U+FFFD; more make it unreadable.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return _tolerant(body.removeprefix(mark), encoding)
    for opening, encoding in OPENINGS:
        if body.startswith(opening):
            return _tolerant(body, encoding)
    declared = [name for name in (_charset(content_type), _xml_encoding(body)) if name]
    if "iso2022_jp" in declared and b"\x1b" in body:
        return _tolerant(body, "iso2022_jp")
    try:
        return Decoded(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    for encoding in [real for name in declared for real in READ_AS.get(name, ())]:
        decoded = _tolerant(body, encoding)
        if decoded.text is not None:
            return decoded
    return _undeclared(body)


def _tolerant(body: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(body.decode(encoding))
    except UnicodeDecodeError:
        text = body.decode(encoding, "replace")
    if _is_mostly_whole(text):
        return Decoded(text, f"some characters are damaged ({encoding})")
    return Decoded(None, f"the text is not {encoding}")


def _is_mostly_whole(text: str) -> bool:
    foreign = sum(character > "\x7f" for character in text)
    return text.count("\ufffd") * 10 <= foreign


def _undeclared(body: bytes) -> Decoded:
    as_utf8 = _tolerant(body, "utf-8")
    if as_utf8.text is not None:
        return as_utf8
    runs = HIGH_RUN.findall(body)
    # In CJK, Cyrillic and Thai encodings such bytes come in long runs; in western ones a letter or two stand between ASCII.
    if max(map(len, runs)) <= 2 and sum(map(len, runs)) * 5 <= len(body):
        return Decoded(body.decode("cp1252", "replace"), "no valid encoding is declared: read as windows-1252")
    return Decoded(None, "the characters cannot be read: they are not UTF-8 nor what the feed declares")


def _charset(content_type: str | None) -> str:
    match = CHARSET.search(content_type or "")
    return _python_name(match[1]) if match else ""


def _xml_encoding(body: bytes) -> str:
    match = XML_DECLARATION.match(body[:400].decode("latin-1"))
    return _python_name(match[1]) if match else ""


def _python_name(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
