"""A story's quick reading: what word rules made of each of its articles, weighed by how much each is about the company."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Now

from accounts.work import State
from research import gates
from research.events import group_of, items_of_filing
from research.flash import FLASH_VERSION
from research.models import Analysis, Announcement, Article, Mention, Reading, Story
from research.scoring import sentiment_score
from research.suspicion import is_suspect

MORE_TO_COME = timedelta(minutes=2)  # new facts come in bursts: the next full reading takes them together
DAY = timedelta(hours=24)
MOST_A_DAY = 6  # full readings of one story
READ_OFTEN = f"It was read in full {MOST_A_DAY} times within 24 hours. It is read again when the first of these is a day old."
PROBABILITIES = ("p_positive", "p_neutral", "p_negative")


def add_quick_readings(stories: Collection[Story]) -> list[Analysis]:
    """A new version of each of these stories' analyses, from the mentions of all their articles. Four queries."""
    own = {story.pk: story for story in stories}
    mentions: dict[int, list[Mention]] = defaultdict(list)
    articles: dict[int, list[Article]] = defaultdict(list)
    for mention in Mention.objects.filter(article__story__in=own).select_related("article").order_by("-relevance", "pk"):
        mentions[mention.article.story_id or 0].append(mention)
    mentions = defaultdict(list, {pk: _clean_first(own) for pk, own in mentions.items()})
    for article in Article.objects.filter(story__in=own).only("content_hash", "received_at", "story").order_by("pk"):
        articles[article.story_id or 0].append(article)
    newest = dict(Analysis.objects.filter(story__in=own).values_list("story").annotate(Max("version")))
    analyses = Analysis.objects.bulk_create(
        [_analysis(own[pk], newest.get(pk, 0) + 1, mentions[pk], articles[pk]) for pk in sorted(own)]
    )
    Reading.objects.bulk_create(
        [reading for analysis in analyses for reading in _readings(analysis, mentions[analysis.story_id])]
    )
    for analysis in analyses:
        own[analysis.story_id].current_analysis = analysis
    Story.objects.bulk_update(own.values(), ["current_analysis"])
    return analyses


def quick_readings_of(story: Story, analysis: Analysis) -> list[Reading]:
    """What word rules make of the story as it is now, beside that analysis of it; not stored."""
    mentions = Mention.objects.filter(article__story=story).select_related("article").order_by("-relevance", "pk")
    return _readings(analysis, _clean_first(list(mentions)))


def tell_quickly(stories: Collection[Story]) -> list[int]:
    """A quick reading of each of these stories, told to the rules but for old news: the ids of the announcements."""
    fresh = [analysis for analysis in add_quick_readings(stories) if not analysis.story.is_backfill]
    made = Announcement.objects.bulk_create([Announcement(firm_id=each.firm_id, analysis=each) for each in fresh])
    return [announcement.pk for announcement in made]


def read_together(stories: Iterable[Story]) -> None:
    """After a merge: a reading of all that is in it now, announced to nobody.

    A quick one would take away the summary of a story that was read in full: a model reads that one again, where there is one.
    It reads the others too, if they pass the gates: what went over may have been read, or have waited to be.
    """
    own = {story.pk: story for story in stories if story.current_analysis_id}
    full = {pk for pk, story in own.items() if story.current_analysis and story.current_analysis.lane == Analysis.Lane.FULL}
    add_quick_readings([story for pk, story in own.items() if pk not in full])
    if settings.MODEL_CONFIGURED:
        ask_for_full_readings({pk for pk, story in own.items() if pk in full or not story.is_backfill}, MORE_TO_COME)


def ask_for_full_readings(stories: Collection[int], wait: timedelta = timedelta(0)) -> set[int]:
    """Put those of these stories that pass the gates to the model's work, from that time on. Which of them are read by then.

    Those that were read often lately are read when a day of that is over, and are not among these.
    """
    admitted = gates.admit(stories)
    asked = {"state": State.WAITING, "attempts": 0, "deferrals": 0, "asked_at": Now()}
    over = _read_often(admitted)
    Story.objects.filter(pk__in=admitted - set(over)).update(**asked, error="", next_at=Now() + wait)
    for pk, at in over.items():
        Story.objects.filter(pk=pk).update(**asked, error=READ_OFTEN, next_at=at)
    return admitted - set(over)


def _read_often(stories: Collection[int]) -> dict[int, datetime]:
    """Of these stories those that a model has read as often as it may within a day, and when it may again. One query."""
    read: dict[int, list[datetime]] = defaultdict(list)
    lately = Analysis.objects.filter(story__in=stories, engine=Analysis.Engine.MODEL, scored_at__gt=Now() - DAY)
    for story, scored_at in lately.order_by("-scored_at").values_list("story", "scored_at"):
        read[story].append(scored_at)
    return {pk: times[MOST_A_DAY - 1] + DAY for pk, times in read.items() if len(times) >= MOST_A_DAY}


def ask_for_held(portfolios: Collection[int] | None = None) -> list[int]:
    """Recent stories that nobody held before and these portfolios (or any) hold now are read in full after all."""
    return sorted(ask_for_full_readings(gates.ask_again(portfolios))) if settings.MODEL_CONFIGURED else []


def _analysis(story: Story, version: int, mentions: Sequence[Mention], articles: Sequence[Article]) -> Analysis:
    main = mentions[0].issuer_id if mentions else None
    return Analysis(
        firm_id=story.firm_id,
        story=story,
        version=version,
        supersedes_id=story.current_analysis_id,
        lane=Analysis.Lane.FLASH,
        engine=Analysis.Engine.RULES,
        prompt_version=FLASH_VERSION,
        input_hash=_input_hash(articles),
        primary_issuer_id=main,
        event=_filed(mentions),
        confidence=weighted(mention for mention in mentions if mention.issuer_id == main)["score_confidence"] if main else None,
        received_at=max(article.received_at for article in articles),
    )


def _filed(mentions: Iterable[Mention]) -> dict[str, str]:
    """The gravest item of a current report among the articles; empty where there is none."""
    for article in {mention.article_id: mention.article for mention in mentions}.values():
        for event_type in items_of_filing(article.title, article.text):
            return {"group": group_of(event_type), "type": event_type, "fact_level": "fact"}
    return {}


def _clean_first(mentions: list[Mention]) -> list[Mention]:
    """A text that looks made to steer a model adds nothing where a story has others."""
    return [mention for mention in mentions if not is_suspect(mention.article.flags)] or mentions


def _input_hash(articles: Sequence[Article]) -> str:
    hashes = [article.content_hash for article in articles]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _readings(analysis: Analysis, mentions: Iterable[Mention]) -> list[Reading]:
    by_issuer: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_issuer[mention.issuer_id].append(mention)
    return [_reading(analysis, own) for own in by_issuer.values()]


def _reading(analysis: Analysis, own: Sequence[Mention]) -> Reading:
    means = weighted(own)
    positive, negative = means["p_positive"], means["p_negative"]
    return Reading(
        firm_id=analysis.firm_id,
        analysis=analysis,
        issuer_id=own[0].issuer_id,
        **{name: means[name] for name in PROBABILITIES},
        sentiment_score=None if positive is None or negative is None else sentiment_score(positive, negative),
        market_impact_score=means["market_impact_score"],
        relevance=max(mention.relevance for mention in own),
    )


def weighted(mentions: Iterable[Mention]) -> dict[str, float | None]:
    """The means of the articles' quick scores, each weighed by its relevance; of what was measured, null where nothing was."""
    own = list(mentions)
    return {name: _mean(name, own) for name in (*PROBABILITIES, "market_impact_score", "score_confidence")}


def _mean(name: str, mentions: Sequence[Mention]) -> float | None:
    told = [(getattr(mention, name), max(mention.relevance, 1.0)) for mention in mentions if getattr(mention, name) is not None]
    return round(sum(value * weight for value, weight in told) / sum(weight for _, weight in told), 4) if told else None
