#!/usr/bin/env python
"""Django's command line, which finds the embedded servers or starts them for as long as the command runs."""

import os
import sys

from config import embedded
from config.place import Refused

# These touch no database, or (up) start the servers themselves.
WITHOUT_DATABASE = {"up", "help", "version", "makemigrations", "evaluate", "collectstatic", "compilemessages", "makemessages"}


def needs_database(arguments: list[str]) -> bool:
    """Whether `manage.py arguments…` is a command that connects to a database."""
    if not arguments or arguments[0].startswith("-") or "--help" in arguments or "-h" in arguments:
        return False
    if arguments[0] == "check":
        return any(argument.startswith(("--database", "--deploy")) for argument in arguments)
    return arguments[0] not in WITHOUT_DATABASE


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if needs_database(sys.argv[1:]):
        try:
            embedded.ensure()
        except Refused as refused:
            sys.exit(str(refused))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
