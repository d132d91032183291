import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.evaluation.linking import evaluate_linking
from config.evaluation.master import MemoryMaster
from config.evaluation.rows import rows_of
from config.evaluation.stories import evaluate_stories
from portfolios.registers import NotARegister

MASTER = Path("../shared/data/master")
REFUSED = 2


class Command(BaseCommand):
    help = "Measure against a labelled file. Prints one JSON object; null is not measured. Needs no database, changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        linking = kinds.add_parser("linking", help="which companies articles are about")
        linking.add_argument("--masked", action="store_true", help="only the issuers whose ticker was struck out are labelled")
        stories = kinds.add_parser("stories", help="which articles tell of one event")
        for kind in (linking, stories):
            kind.add_argument("file", type=Path, help="JSON lines, plain or .gz")
            kind.add_argument("--master", type=Path, default=MASTER, help=f"folder with registers (default {MASTER})")

    def handle(self, *args: Any, kind: str, file: Path, master: Path, masked: bool = False, **options: Any) -> None:
        try:
            rows, known = rows_of(file), MemoryMaster.load(master)
            figures = evaluate_linking(rows, known, masked=masked) if kind == "linking" else evaluate_stories(rows, known)
        except (OSError, EOFError, KeyError, NotARegister, TypeError, ValueError) as error:
            self.stderr.write(f"Refused: {error!r}. Nothing was measured.")
            raise SystemExit(REFUSED) from error
        self.stdout.write(json.dumps(figures, ensure_ascii=False))
