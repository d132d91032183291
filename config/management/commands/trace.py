"""manage.py trace article|story|alert ID : its whole life, one line a step."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.scope import every_firm
from alerts.models import Alert, AlertReceipt, Candidate, Decision, Delivery
from research.models import Article, Story

Line = tuple[datetime | None, str]


class Command(BaseCommand):
    help = "The whole life of an article, a story or an alert, from the feed to the mailbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["article", "story", "alert"])
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        with every_firm():
            story = self._story(options["kind"], options["id"])
            for moment, line in [*_articles(story), *_gates(story), *_analyses(story), *_alerts(story)]:
                self.stdout.write(f"{moment:%Y-%m-%d %H:%M:%S.%f} {line}" if moment else f"{'-':26} {line}")

    def _story(self, kind: str, pk: int) -> Story:
        story: Story | None = None
        if kind == "story":
            story = Story.objects.filter(pk=pk).first()
        elif kind == "article":
            article = Article.objects.filter(pk=pk).select_related("story").first()
            story = article.story if article else None
        else:
            alert = Alert.objects.filter(pk=pk).select_related("story").first()
            story = alert.story if alert else None
        if story is None:
            raise CommandError(f"There is no {kind} {pk}, or it has no story yet.", returncode=2)
        return story


def _articles(story: Story) -> Iterator[Line]:
    for article in story.articles.select_related("source").prefetch_related("mentions__issuer"):
        yield article.published_at, f"article {article.pk} published: {article.title} ({article.outlet})"
        yield article.received_at, f"article {article.pk} received, revision {article.revision}, {_work(article)}"
        for mention in article.mentions.all():
            yield (
                None,
                f"  mentions {mention.issuer}: “{mention.words}”, {mention.resolved_by}, relevance {mention.relevance:.0f}",
            )
    yield story.received_at, f"story {story.pk}, {_work(story)}"
    for made in story.merges.select_related("made_by"):
        who = made.made_by or "later evidence"
        yield made.made_at, f"story {made.other_id} went into it, articles {made.articles}, by {who}: {made.reason}"
        if made.undone_at:
            yield made.undone_at, f"story {made.other_id} was taken apart from it again by {made.undone_by}"


def _gates(story: Story) -> Iterator[Line]:
    for decision in story.reading_decisions.all():
        outcome = "passed" if decision.passed else "not passed"
        yield decision.decided_at, f"gate “{decision.gate}” before the full reading {outcome}: {decision.detail}"


def _analyses(story: Story) -> Iterator[Line]:
    for analysis in story.analyses.order_by("version").prefetch_related("readings__issuer"):
        yield (
            analysis.scored_at,
            f"analysis {analysis.pk}, version {analysis.version}, {analysis.lane} lane, engine {analysis.engine}",
        )
        for reading in analysis.readings.all():
            scores = (
                f"sentiment {reading.sentiment_score}, impact {reading.market_impact_score}, relevance {reading.relevance:.0f}"
            )
            yield None, f"  {reading.issuer}: {scores}"


def _alerts(story: Story) -> Iterator[Line]:
    for decision in Decision.objects.filter(story=story).select_related("rule", "issuer").order_by("pk"):
        yield decision.decided_at, f"rule “{decision.rule}”, {decision.issuer}: {decision.detail}"
    for candidate in Candidate.objects.filter(story=story).select_related("rule"):
        yield candidate.decided_at, f"candidate of rule “{candidate.rule}”, {_work(candidate)}"
    for alert in Alert.objects.filter(story=story).select_related("rule", "issuer"):
        yield alert.raised_at, f"alert {alert.pk} of rule “{alert.rule}” on {alert.issuer}, step {alert.step}, {alert.status}"
    for delivery in Delivery.objects.filter(story=story).select_related("user"):
        yield (
            delivery.sent_at,
            f"delivery {delivery.pk} to {delivery.user} by {delivery.channel}, step {delivery.step}, {_work(delivery)}",
        )
    for receipt in AlertReceipt.objects.filter(alert__story=story).select_related("user"):
        yield receipt.acknowledged_at, f"acknowledged by {receipt.user}"


def _work(row: Any) -> str:
    return f"{row.state} after {row.attempts} attempts{': ' + row.error if row.error else ''}"
