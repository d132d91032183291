import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.evaluation.grounding import evaluate_grounding
from config.evaluation.linking import evaluate_linking
from config.evaluation.master import MemoryMaster
from config.evaluation.materiality import evaluate_materiality
from config.evaluation.rows import rows_of
from config.evaluation.sentiment import evaluate_sentiment
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
        grounding = kinds.add_parser("grounding", help="what replies say that their texts do not bear out")
        sentiment = kinds.add_parser("sentiment", help="what texts, or companies in them, are told to be: good or bad news")
        sentiment.add_argument("--lane", choices=("flash", "full"), default="flash", help="which reading (default flash)")
        materiality = kinds.add_parser("materiality", help="whether what matters has the higher market impact")
        for kind in (linking, stories, grounding, sentiment, materiality):
            kind.add_argument("file", type=Path, help="JSON lines, plain or .gz")
        for kind in (linking, stories, materiality):
            kind.add_argument("--master", type=Path, default=MASTER, help=f"folder with registers (default {MASTER})")

    def handle(self, *args: Any, kind: str, file: Path, master: Path = MASTER, masked: bool = False, **options: Any) -> None:
        try:
            rows = rows_of(file)
            if kind == "grounding":
                figures = evaluate_grounding(rows)
            elif kind == "linking":
                figures = evaluate_linking(rows, MemoryMaster.load(master), masked=masked)
            elif kind == "sentiment":
                figures = evaluate_sentiment(rows)
            elif kind == "materiality":
                figures = evaluate_materiality(rows, MemoryMaster.load(master))
            else:
                figures = evaluate_stories(rows, MemoryMaster.load(master))
        except (AttributeError, OSError, EOFError, KeyError, NotARegister, TypeError, ValueError) as error:
            self.stderr.write(f"Refused: {error!r}. Nothing was measured.")
            raise SystemExit(REFUSED) from error
        self.stdout.write(json.dumps(figures, ensure_ascii=False))
