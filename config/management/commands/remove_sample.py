import json
from typing import Any

from django.core.management.base import BaseCommand

from config.newsroom import close_newsroom
from config.sample import remove_sample


class Command(BaseCommand):
    help = "Remove the sample firm, the published sample stories and what only they use, and print the counts as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        close_newsroom()
        self.stdout.write(json.dumps(remove_sample()))
