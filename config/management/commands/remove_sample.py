import json
from typing import Any

from django.core.management.base import BaseCommand

from config.sample import remove_sample


class Command(BaseCommand):
    help = "Remove the sample firm and what only it uses, and print the counts as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(remove_sample()))
