"""Which model may read, by which prompt: a change of either waits for somebody who runs the installation."""

from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import User
from research import llm
from research.models import ModelApproval

FIRST_START = "first start"
RESCORED = "by manage.py rescore --prompt"


class NotApproved(Exception):
    """The model or the prompt is one that no approval names, in words for readers."""


def configured() -> ModelApproval:
    """The model, prompt and endpoint that the settings and the program name, as an approval that is not stored."""
    host = urlsplit(settings.OPENAI_BASE_URL or llm.DEFAULT_BASE_URL).hostname or ""
    return ModelApproval(model=settings.OPENAI_MODEL[:120], prompt_version=llm.prompt_version(), endpoint=host[:253])


def is_approved() -> bool:
    """Whether the model may read as it is configured. Before the first approval there is nothing to differ from."""
    return _has(configured()) or not ModelApproval.objects.exists()


def _has(wanted: ModelApproval) -> bool:
    return ModelApproval.objects.filter(model=wanted.model, prompt_version=wanted.prompt_version).exists()


def write_down(prompt_version: str) -> None:
    """That whoever runs the installation had stories read by that prompt, from its command line: the model card has it."""
    _begin()
    made = configured()
    made.prompt_version, made.note = prompt_version, RESCORED
    if not _has(made):
        made.save()


def require() -> None:
    """Raise NotApproved, unless it may. The first pair that is ever used is approved by being used. Call it under a lock."""
    if not is_approved():
        now = configured()
        raise NotApproved(f"{now.model} with prompt {now.prompt_version} is not approved yet: read by word rules until it is.")
    _begin()


def _begin() -> None:
    if not ModelApproval.objects.exists():
        first = configured()
        first.note = FIRST_START
        first.save()


def approve(person: User, note: str = "") -> ModelApproval:
    """Let the model read as it is configured now."""
    made = configured()
    made.approved_by, made.note = person, note[:300]
    made.save()
    return made
