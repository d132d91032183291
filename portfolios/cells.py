"""Cells of files that spreadsheets open: what they would run as a formula is made text, and text again on the way back."""

import re

# Spreadsheets trim before they look, so invisible characters in front do not help. OWASP's list, with full-width forms.
FORMULA = re.compile(r"[\s\0\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?")


def guarded(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula; numbers stay numbers."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
