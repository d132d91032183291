import gzip
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils.text import slugify

from accounts.models import Firm
from accounts.scope import every_firm
from portfolios.delimited import MOST_BYTES
from portfolios.holdings_file import problem
from portfolios.imports import ImportResult, Standing, import_holdings
from portfolios.models import Portfolio

REFUSED = 2


class Command(BaseCommand):
    help = "Make a portfolio's positions those of a CSV file. Prints one JSON object; exits with 2 if the file is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("portfolio", help="its id, or firm-slug/portfolio-slug")
        parser.add_argument("file", type=Path, help="CSV, plain or .gz")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--create", action="store_true", help="make the portfolio, in US dollars, if the firm has none by that slug"
        )

    def handle(self, *args: Any, portfolio: str, file: Path, dry_run: bool, create: bool, **options: Any) -> None:
        with every_firm(), transaction.atomic():
            result = _import(portfolio, file, dry_run=dry_run, create=create)
            if result.is_refused or dry_run:
                transaction.set_rollback(True)
        for warning in result.warnings:
            self.stderr.write(f"Row {warning.row}, {warning.column} “{warning.value}”: {warning.reason}")
        self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
        if result.is_refused:
            raise SystemExit(REFUSED)


def _import(name: str, file: Path, *, dry_run: bool, create: bool) -> ImportResult:
    portfolio = _portfolio(name, create=create)
    if portfolio is None:
        return _refused("portfolio", name, "There is no such portfolio.")
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        return _refused("file", str(file), f"The file cannot be read: {getattr(error, 'strerror', None) or error}.")
    return import_holdings(portfolio, data, dry_run=dry_run)


def _portfolio(name: str, *, create: bool) -> Portfolio | None:
    if name.isdigit():
        return Portfolio.objects.filter(pk=name).first()
    firm_slug, _, slug = name.partition("/")
    found = Portfolio.objects.filter(firm__slug=firm_slug, slug=slug).first()
    firm = Firm.objects.filter(slug=firm_slug).first()
    if found or not firm or not create or not slug or slug != slugify(slug):
        return found
    return Portfolio.objects.create(firm=firm, slug=slug, name=slug.replace("-", " ").capitalize())


def _refused(column: str, value: str, reason: str) -> ImportResult:
    nothing = Standing(0, None)
    return ImportResult(0, 0, 0, (problem(None, column, value, reason),), (), (), nothing, nothing)
