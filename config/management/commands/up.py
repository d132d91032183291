"""Run the whole product on this machine. (manage.py goes straight to the supervisor; this is for `help` and `call_command`.)"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import supervisor
from config.place import Refused


class Command(BaseCommand):
    help = "Run everything on this machine: embedded servers, web, workers, beat and mail sink, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        supervisor.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            supervisor.run(port=options["port"], empty=options["empty"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
