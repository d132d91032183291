"""Delimited text from bytes of unknown make: encoding, and records counted as spreadsheets count rows. Knows no database."""

import csv
import io
from collections.abc import Iterator

MOST_BYTES = 5_000_000
LONGEST_FIELD = 64_000

MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive",
}
MARKUP = {"<": "a web page or XML", "{": "JSON", "[": "JSON"}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROLS = [bytes([code]) for code in range(32) if chr(code) not in "\t\n\r\f"]


def read_text(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or Windows-1252. Raises ValueError with a reason to show."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"The file is larger than {MOST_BYTES // 1_000_000} MB, the most we read.")
    kind = next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), None)
    if kind:
        raise ValueError(f"The file is {kind}. Save it as CSV first.")
    text = _decoded(data)
    if not text.strip("\ufeff \t\r\n,;|"):
        raise ValueError("The file is empty.")
    kind = MARKUP.get(text.lstrip()[:1])
    if kind:
        raise ValueError(f"The file is {kind}, not CSV.")
    return text


def _decoded(data: bytes) -> str:
    marked = data.startswith(UTF_16)
    if not marked and sum(data.count(code) for code in CONTROLS) > 1 + len(data) / 100:
        raise ValueError("The file is not text. Save the holdings as CSV (UTF-8).")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("The file is in an encoding we do not know. Save it as CSV (UTF-8).")


Record = tuple[int, list[str], str]  # row number, cells, and what is wrong with it


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Row number from 1, cells (none for a blank row), and the reason where a row cannot be read ('' where it can)."""
    # Strict: a quotation mark that is never closed would swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield row, [], _csv_reason(error)
            return
        cells = [cell.strip() for cell in cells]
        yield row, cells if any(cells) else [], _reason(cells)


def _csv_reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"A field is longer than {LONGEST_FIELD:,} characters. Reading stopped here."
    return "A quotation mark is not closed, or has text behind it. Reading stopped here."


def _reason(cells: list[str]) -> str:
    if any("\0" in cell for cell in cells):
        return "The row has a NUL character in it: the file was damaged on its way."
    if any(len(cell) > LONGEST_FIELD for cell in cells):
        return f"A field is longer than {LONGEST_FIELD:,} characters."
    return ""
