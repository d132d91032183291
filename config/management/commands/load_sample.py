import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import Firm
from config.newsroom import open_newsroom
from config.sample import load_sample, sample_firm


class Command(BaseCommand):
    help = "Load the sample firm and the published sample stories, as far as they are missing, and print what is there as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", action="store_true", help="Only where there is no firm yet, or the sample one is kept.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = not options["first"] or sample_firm() is not None or not Firm.objects.exists()
        found = load_sample() | {"published": open_newsroom()} if wanted else {"firm": None, "created": False}
        self.stdout.write(json.dumps(found))
