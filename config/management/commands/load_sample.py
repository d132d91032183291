import json
from typing import Any

from django.core.management.base import BaseCommand

from config.sample import load_sample


class Command(BaseCommand):
    help = "Load the sample firm, as far as it is missing, and print what is there as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(load_sample()))
