"""What somebody sent to be imported: kept as it came, looked at on a preview, and applied when they say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from portfolios.columns import Layout, Sheet, lacking, lay_out, open_sheet
from portfolios.delimited import read_text
from portfolios.imports import ImportResult, import_holdings
from portfolios.models import Portfolio, Upload

KEPT = timedelta(days=7)
ROWS_SHOWN = 5


class AppliedBefore(Exception):
    """The upload was applied already: nothing was changed this time."""


@dataclass(frozen=True)
class Preview:
    """What an upload says and would do. `layout` and the first rows are None and empty where it is no table at all.

    `whole` is what applying all of it would do, `good` what leaving out its bad rows would: None where that is no choice, because
    nothing is wrong or nothing is right. While the columns are a guess neither is offered.
    """

    layout: Layout | None
    header: tuple[str, ...]
    first_rows: tuple[tuple[int, tuple[str, ...]], ...]
    whole: ImportResult
    good: ImportResult | None

    @property
    def is_guess(self) -> bool:
        return self.layout is not None and self.layout.is_guess


def keep(portfolio: Portfolio, data: bytes, name: str, by: User) -> Upload:
    """Store what was sent; nothing else changes."""
    return Upload.objects.create(firm_id=portfolio.firm_id, portfolio=portfolio, data=data, name=name[-200:], created_by=by)


def preview(upload: Upload) -> Preview:
    """Look at an upload without changing anything. The number of queries does not grow with its rows."""
    data = bytes(upload.data)
    try:
        sheet = open_sheet(read_text(data))
    except ValueError:
        # import_holdings says why, in the words for that.
        return Preview(None, (), (), import_holdings(upload.portfolio, data, dry_run=True), None)
    layout = _layout(upload, sheet)
    whole = import_holdings(upload.portfolio, data, dry_run=True, said=layout)
    good = import_holdings(upload.portfolio, data, dry_run=True, said=layout, good_only=True) if whole.problems else None
    header, first_rows = _head(sheet, layout)
    return Preview(layout, header, first_rows, whole, good if good and not good.is_refused else None)


def choose_columns(upload: Upload, columns: Sequence[str], *, has_header: bool) -> str:
    """Say what each column is, by its place. What is wrong with that choice, in which case nothing changes, or ''."""
    layout = Layout(tuple(columns), has_header=has_header)
    if reason := lacking(layout.columns):
        return f"The choice of columns {reason}"
    upload.columns = layout.as_json()
    upload.save(update_fields=["columns"])
    return ""


def apply(upload: Upload, *, good_only: bool) -> ImportResult:
    """Import it, all or the good rows alone; a result that is refused changed nothing. Raises AppliedBefore."""
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        if locked.applied_at:
            raise AppliedBefore
        said = Layout.from_json(locked.columns) if locked.columns else None
        result = import_holdings(locked.portfolio, bytes(locked.data), said=said, good_only=good_only)
        if not result.is_refused:
            Upload.objects.filter(pk=locked.pk).update(applied_at=Now())
        return result


def prune() -> int:
    """Forget uploads older than KEPT, applied or not. How many there were."""
    return Upload.objects.filter(created_at__lt=Now() - KEPT).delete()[0]


def _layout(upload: Upload, sheet: Sheet) -> Layout:
    return Layout.from_json(upload.columns) if upload.columns else lay_out(sheet)


def _head(sheet: Sheet, layout: Layout) -> tuple[tuple[str, ...], tuple[tuple[int, tuple[str, ...]], ...]]:
    """The header's cells, and the first rows below it, each as wide as the layout."""
    width = len(layout.columns)
    rows = [(row, _wide(cells, width)) for row, cells, _ in sheet.sample(ROWS_SHOWN + 1)]
    if layout.has_header:
        return rows[0][1], tuple(rows[1:])
    return ("",) * width, tuple(rows[:ROWS_SHOWN])


def _wide(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return tuple(cell[:80] for cell in (*cells[:width], *[""] * (width - len(cells))))
