"""manage.py rescore: stories read again with the configured model, or by another prompt, and what that changed."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.scope import every_firm
from research import approvals, llm, rescoring

LONGEST_PROMPT = 100_000


class Command(BaseCommand):
    help = "Read stories again: a new version of each, of which no rule is told. Prints one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, metavar="TIME", help="Stories received from then on (ISO 8601).")
        parser.add_argument("--until", metavar="TIME", help="And before then.")
        parser.add_argument("--prompt", type=Path, metavar="FILE", help="In place of research/prompts/story.md.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Count stories and estimate tokens: ask nothing, store nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = _moment(options["since"]), _moment(options["until"]) if options["until"] else None
        if until and until <= since:
            raise _refused("--until is not after --since")
        prompt = _prompt(options["prompt"]) if options["prompt"] else None
        stories = rescoring.chosen(since, until)
        said = {"dry_run": options["dry_run"], "model": settings.OPENAI_MODEL, "prompt_version": llm.prompt_version(prompt)}
        if options["dry_run"]:
            self.stdout.write(json.dumps(said | rescoring.estimate(stories, prompt)))
            return
        if not settings.MODEL_CONFIGURED:
            raise _refused("no model is configured")
        if prompt:
            with every_firm():
                approvals.write_down(llm.prompt_version(prompt))
        started, outcome = time.monotonic(), rescoring.Outcome()
        for number, outcome in enumerate(rescoring.rescore_all(stories, prompt), start=1):
            print(f"{number} of {len(stories)}: {len(outcome.changes)} read again", file=sys.stderr)  # noqa: T201
        said |= {
            "stories": len(stories),
            **rescoring.report(outcome.changes),
            "skipped": dict(outcome.skipped),
            "failed": [{"story": story, "reason": why} for story, why in outcome.failed],
            "seconds": round(time.monotonic() - started, 3),
        }
        self.stdout.write(json.dumps(said))


def _refused(why: str) -> CommandError:
    return CommandError(f"{why[:1].upper()}{why[1:]}. Nothing was changed.", returncode=2)


def _moment(said: str) -> datetime:
    """ISO 8601; without an offset it is UTC, the clock of the server."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise _refused(f"{said!r} is no time") from None
    return at if at.tzinfo else timezone.make_aware(at, timezone.get_default_timezone())


def _prompt(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"the prompt {file} cannot be read ({type(error).__name__})") from None
    if not text.strip() or len(text) > LONGEST_PROMPT:
        raise _refused(f"the prompt {file} is empty, or longer than {LONGEST_PROMPT:,} characters")
    return text
