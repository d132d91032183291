import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.scope import every_firm
from portfolios.registers import NotARegister, read_markets, read_register
from portfolios.securities_loading import LoadResult, load_markets, load_register

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Load a register of companies or markets into the security master. Prints one JSON object; 2: refused, nothing changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["sec", "twse", "csv", "mic"])
        parser.add_argument("path", type=Path, help="plain or .gz")

    def handle(self, *args: Any, kind: str, path: Path, **options: Any) -> None:
        try:
            result = _load(kind, path)
        except NotARegister as error:
            self.stderr.write(f"Refused: {error} Nothing was changed.")
            raise SystemExit(REFUSED) from error
        self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))


def _load(kind: str, path: Path) -> LoadResult:
    if kind == "mic":
        return load_markets(*read_markets(path))
    register = read_register(kind, path)
    with every_firm():
        return load_register(kind, register)
