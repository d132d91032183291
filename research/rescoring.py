"""Stories read again, and what that changed: the report of manage.py rescore."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Avg

from accounts.scope import every_firm
from accounts.work import State
from research.analysis import NotRescored, request_of, rescore
from research.endpoint import CircuitOpen
from research.llm import ModelUnavailable
from research.models import Analysis, Reading, Story
from research.reply import ReplyRejected
from research.scoring import impact_word, sentiment_label
from research.spending import Busy, NotAsked

CHARACTERS_A_TOKEN = 4  # of English, roughly: for an estimate before anything is asked
BEING_READ = "it waits for a full reading anyway"
NOT_ASKED = "not asked: the model needs its operator, or is left alone for now"
GONE = "it was deleted meanwhile"


@dataclass(frozen=True, slots=True)
class Scores:
    """One version's scores of the company that the older version is about; None: not measured."""

    version: int
    primary: str
    sentiment: float | None
    impact: float | None


@dataclass(frozen=True, slots=True)
class Change:
    story: int
    before: Scores
    after: Scores
    tokens_in: int | None
    tokens_out: int | None

    def row(self) -> dict[str, Any]:
        """As it is printed: each pair is before and after."""
        pair = (self.before, self.after)
        return {
            "story": self.story,
            "version": [each.version for each in pair],
            "primary": [each.primary for each in pair],
            "sentiment": [each.sentiment for each in pair],
            "sentiment_label": [sentiment_label(each.sentiment) for each in pair],
            "impact": [each.impact for each in pair],
            "impact_word": [impact_word(each.impact) for each in pair],
            "tokens": [self.tokens_in, self.tokens_out],
        }


@dataclass
class Outcome:
    """What became of the stories: by reason those left out, and (story, why) of those that could not be read."""

    changes: list[Change] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str]] = field(default_factory=list)


def chosen(since: datetime, until: datetime | None) -> list[int]:
    """Stories that reached us from `since` on, before `until`, and have a reading; oldest first."""
    with every_firm():
        stories = Story.objects.live().filter(received_at__gte=since, current_analysis__primary_issuer__isnull=False)
        if until:
            stories = stories.filter(received_at__lt=until)
        return list(stories.order_by("received_at", "pk").values_list("pk", flat=True))


def estimate(stories: Sequence[int], prompt: str | None) -> dict[str, Any]:
    """What reading them again would send, and about what would come back: nothing is asked and nothing stored."""
    with every_firm():
        asked = [sum(len(message["content"]) for message in request_of(pk, prompt)) for pk in stories]
        out = Analysis.objects.filter(tokens_out__isnull=False).aggregate(mean=Avg("tokens_out"))["mean"]
    return {
        "stories": len(stories),
        "estimated_tokens_in": sum(asked) // CHARACTERS_A_TOKEN,
        "estimated_tokens_out": None if out is None else round(out * len(stories)),
    }


def rescore_all(stories: Sequence[int], prompt: str | None) -> Iterator[Outcome]:
    """Read them again, one after another; after each the outcome so far. It ends with a model that is not asked any more."""
    outcome = Outcome()
    for number, pk in enumerate(stories):
        if _waits(pk):
            outcome.skipped[BEING_READ] += 1
        else:
            try:
                outcome.changes.append(_change(pk, prompt))
            except NotRescored as error:
                outcome.skipped[f"{error}"] += 1
            except Story.DoesNotExist:
                outcome.skipped[GONE] += 1
            except ReplyRejected as error:
                outcome.failed.append((pk, f"its reply was refused twice: {error}"))
            except ModelUnavailable as error:
                outcome.failed.append((pk, f"the model did not answer ({error.kind}): {error}"))
                if error.needs_operator or isinstance(error, CircuitOpen):
                    outcome.skipped[NOT_ASKED] += len(stories) - number - 1
                    yield outcome
                    return
            except Busy as error:
                outcome.failed.append((pk, f"{error}"))
            except NotAsked as error:  # a budget of this firm alone may be spent: the others go on
                outcome.skipped[f"{error}"] += 1
        yield outcome


def _waits(pk: int) -> bool:
    with every_firm():
        return Story.objects.filter(pk=pk, state=State.WAITING).exists()


def _change(pk: int, prompt: str | None) -> Change:
    with every_firm():
        before = Analysis.objects.select_related("primary_issuer").get(
            pk=Story.objects.values("current_analysis").get(pk=pk)["current_analysis"]
        )
    after = rescore(pk, prompt)
    with every_firm():
        readings = {
            analysis: Reading.objects.filter(analysis=analysis, issuer=before.primary_issuer_id).first()
            for analysis in (before, after)
        }
    told = [
        Scores(
            version=analysis.version,
            primary=analysis.primary_issuer.slug if analysis.primary_issuer else "",
            sentiment=reading.sentiment_score if reading else None,
            impact=reading.market_impact_score if reading else None,
        )
        for analysis, reading in readings.items()
    ]
    return Change(pk, told[0], told[1], after.tokens_in, after.tokens_out)


# --- the report ------------------------------------------------------------------------------------------


def report(changes: Sequence[Change]) -> dict[str, Any]:
    """Each change, and over all of them: how far scores moved, how many crossed into another word, and what it took."""
    return {
        "rescored": len(changes),
        "primary_changed": sum(change.before.primary != change.after.primary for change in changes),
        "sentiment": _moved([(change.before.sentiment, change.after.sentiment) for change in changes], sentiment_label),
        "impact": _moved([(change.before.impact, change.after.impact) for change in changes], impact_word),
        "tokens_in": _sum(change.tokens_in for change in changes),
        "tokens_out": _sum(change.tokens_out for change in changes),
        "changes": [change.row() for change in changes],
    }


def _moved(pairs: Sequence[tuple[float | None, float | None]], word: Any) -> dict[str, Any]:
    measured = [(before, after) for before, after in pairs if before is not None and after is not None]
    apart = [abs(after - before) for before, after in measured]
    return {
        "compared": len(measured),
        "mean_absolute_change": round(sum(apart) / len(apart), 4) if apart else None,
        "largest_change": round(max(apart), 4) if apart else None,
        "crossed": sum(word(before) != word(after) for before, after in measured),
    }


def _sum(counts: Any) -> int | None:
    """Null where a server did not count some of them: a part is no sum."""
    told = list(counts)
    return sum(told) if told and None not in told else None
