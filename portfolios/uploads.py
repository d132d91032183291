"""What somebody sent to be imported: kept as it came, looked at on a preview, and applied when they say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from portfolios.columns import Layout, Sheet, lacking, lay_out, open_sheet
from portfolios.delimited import read_text
from portfolios.holdings_file import LONGEST_SHOWN, FileRow, HoldingsFile, read_sheet, unreadable
from portfolios.import_words import in_words
from portfolios.imports import ImportResult, import_file, import_holdings
from portfolios.models import Portfolio, Upload

KEPT = timedelta(days=7)
ROWS_SHOWN = 5


class NotApplied(Exception):
    """Nothing was changed: it was applied before, or would not change any more what the preview showed."""


@dataclass(frozen=True, slots=True)
class FirstRow:
    """A row as it came, and what was read in it: None where it has no position, or is wrong."""

    number: int
    cells: tuple[str, ...]
    read: FileRow | None
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload says and would do: all of it, or where something is wrong, its good rows alone.

    `layout`, header and first rows are None and empty where it is no table at all. While the columns are a guess it cannot be
    applied.
    """

    layout: Layout | None
    header: tuple[str, ...]
    first_rows: tuple[FirstRow, ...]
    result: ImportResult

    @property
    def is_guess(self) -> bool:
        return self.layout is not None and self.layout.is_guess


def keep(portfolio: Portfolio, data: bytes, name: str, by: User) -> Upload:
    """Store what was sent; nothing else changes."""
    return Upload.objects.create(firm_id=portfolio.firm_id, portfolio=portfolio, data=data, name=name[-200:], created_by=by)


def preview(upload: Upload) -> Preview:
    """Look at an upload without changing anything. The number of queries does not grow with its rows."""
    try:
        sheet = open_sheet(read_text(bytes(upload.data)))
    except ValueError as error:
        return Preview(None, (), (), import_file(upload.portfolio, unreadable(str(error)), dry_run=True))
    layout = _layout(upload, sheet)
    file = read_sheet(sheet, layout)
    header, first_rows = _head(sheet, layout, file)
    return Preview(layout, header, first_rows, import_file(upload.portfolio, file, dry_run=True, good_only=True))


def choose_columns(upload: Upload, columns: Sequence[str], *, has_header: bool) -> str:
    """Say what each column is, by its place. What is wrong with that choice, in which case nothing changes, or ''."""
    layout = Layout(tuple(columns), has_header=has_header)
    if reason := lacking(layout.columns):
        return f"The choice of columns {reason}"
    upload.columns = layout.as_json()
    upload.save(update_fields=["columns"])
    return ""


def apply(upload: Upload, *, good_only: bool, seen: str) -> None:
    """Import it, all or the good rows alone, and keep in words what that did. `seen` is the fingerprint of the preview's result.

    Raises NotApplied, and has then changed nothing.
    """
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        if locked.applied_at:
            raise NotApplied("This was imported already. Nothing was changed.")
        result = _import(locked, good_only=good_only)
        if result.is_refused:
            raise NotApplied("There is something to put right first. Nothing was changed.")
        if result.fingerprint != seen:
            raise NotApplied("The portfolio or the columns have changed since you looked. Nothing was changed: look again.")
        words = in_words(result, locked.portfolio.base_currency)
        Upload.objects.filter(pk=locked.pk).update(applied_at=Now(), outcome=words)


def _import(upload: Upload, *, good_only: bool) -> ImportResult:
    data = bytes(upload.data)
    if not upload.columns:
        return import_holdings(upload.portfolio, data, good_only=good_only)
    sheet = open_sheet(read_text(data))
    return import_file(upload.portfolio, read_sheet(sheet, _layout(upload, sheet)), good_only=good_only)


def prune() -> int:
    """Forget uploads older than KEPT, applied or not. How many there were."""
    return Upload.objects.filter(created_at__lt=Now() - KEPT).delete()[0]


def _layout(upload: Upload, sheet: Sheet) -> Layout:
    return Layout.from_json(upload.columns) if upload.columns else lay_out(sheet)


def _head(sheet: Sheet, layout: Layout, file: HoldingsFile) -> tuple[tuple[str, ...], tuple[FirstRow, ...]]:
    """The header's cells, and the first rows below it, each as wide as the layout."""
    width = len(layout.columns)
    read = {row.row: row for row in file.rows[:ROWS_SHOWN]}
    wrong = {row.row for row in file.spoiled[:ROWS_SHOWN]}
    rows = [
        FirstRow(number, _wide(cells, width), read.get(number), number in wrong)
        for number, cells, _ in sheet.sample(ROWS_SHOWN + 1)
    ]
    return (rows[0].cells, tuple(rows[1:])) if layout.has_header else (("",) * width, tuple(rows[:ROWS_SHOWN]))


def _wide(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(cell[:LONGEST_SHOWN].replace("\0", "\ufffd") for cell in (*cells[:width], *[""] * (width - len(cells))))
