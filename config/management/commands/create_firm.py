"""The first firm and its administrator, asked for at the terminal or taken from the environment."""

import os
import sys
from getpass import getpass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils.text import slugify

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm

VARIABLES = {
    "firm": "FIRST_FIRM",
    "name": "FIRST_ADMIN_NAME",
    "email": "FIRST_ADMIN_EMAIL",
    "password": "FIRST_ADMIN_PASSWORD",
}
QUESTIONS = {"firm": "Name of the firm", "name": "Your name", "email": "Your e-mail address"}


class Command(BaseCommand):
    help = "Create a firm and its administrator. Asks at a terminal; elsewhere FIRST_FIRM, FIRST_ADMIN_EMAIL and so on tell."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", action="store_true", help="do nothing where there is a firm already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"] and Firm.objects.exists():
            return
        answers = ask(self) if sys.stdin.isatty() else from_environment()
        firm = create_firm(**answers)
        self.stdout.write(f"{firm.name} is there; its administrator signs in as {answers['email']}.")


def create_firm(firm: str, name: str, email: str, password: str) -> Firm:
    """Create the firm and its administrator, whose address counts as verified. Raises CommandError naming what is wrong."""
    check("email", email)
    check("password", password, User(email=email, name=name))
    slug = slugify(firm)[:60]
    if not slug or Firm.objects.filter(slug=slug).exists():
        raise CommandError(f"“{firm}” cannot be the name of a new firm: it has no letters, or there is one of that name.")
    with every_firm():
        made = Firm.objects.create(name=firm, slug=slug)
        user = User.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        Membership.objects.create(firm=made, user=user, role=Membership.Role.ADMINISTRATOR)
    return made


def check(field: str, value: str, user: User | None = None) -> None:
    """Raise CommandError when that is no e-mail address, one that is taken, or no good password."""
    try:
        if field == "email":
            validate_email(value)
            if User.objects.filter(email=value.lower()).exists():
                raise ValidationError("Somebody has that address already.")
        elif field == "password":
            validate_password(value, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def from_environment() -> dict[str, str]:
    """The answers from FIRST_FIRM, FIRST_ADMIN_EMAIL, FIRST_ADMIN_PASSWORD, and FIRST_ADMIN_NAME if there is one."""
    answers = {field: os.environ.get(variable, "") for field, variable in VARIABLES.items()}
    answers["name"] = answers["name"] or answers["email"].partition("@")[0]
    missing = [VARIABLES[field] for field, value in answers.items() if not value and field != "name"]
    if missing:
        raise CommandError(f"There is no firm yet and no terminal to ask at: set {', '.join(missing)}.")
    return answers


def ask(command: BaseCommand) -> dict[str, str]:
    """The answers of the person at the terminal, each asked for until it can be used."""
    answers = {field: _ask_until_good(command, field, question) for field, question in QUESTIONS.items()}
    user = User(email=answers["email"], name=answers["name"])
    while True:
        password = getpass("Password (at least 12 characters): ")
        try:
            check("password", password, user)
        except CommandError as error:
            command.stderr.write(str(error))
            continue
        if password == getpass("The same again: "):
            return answers | {"password": password}
        command.stderr.write("The two are not the same.")


def _ask_until_good(command: BaseCommand, field: str, question: str) -> str:
    while True:
        answer = input(f"{question}: ").strip()
        try:
            check(field, answer)
        except CommandError as error:
            command.stderr.write(str(error))
            continue
        if answer:
            return answer
