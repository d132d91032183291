#!/usr/bin/env python
"""Django's command line, which finds the embedded servers or starts them for as long as the command runs."""

import os
import sys

from config import embedded, supervisor
from config.place import Refused

# These touch no database.
WITHOUT_DATABASE = {"help", "version", "makemigrations", "evaluate", "collectstatic", "compilemessages", "makemessages"}


def needs_database(arguments: list[str]) -> bool:
    """Whether `manage.py arguments…` is a command that connects to a database."""
    if not arguments or arguments[0].startswith("-") or "--help" in arguments or "-h" in arguments:
        return False
    if arguments[0] == "check":
        return any(argument.startswith(("--database", "--deploy")) for argument in arguments)
    return arguments[0] not in WITHOUT_DATABASE


def main() -> None:
    if sys.argv[1:2] == ["up"]:  # before Django is loaded: the supervisor needs none, and starts a second earlier
        supervisor.main(sys.argv[2:])
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if needs_database(sys.argv[1:]):
        try:
            embedded.ensure()
        except Refused as refused:
            sys.exit(str(refused))

    from django.core.management import execute_from_command_line  # noqa: PLC0415  (reads the settings, so not sooner)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
