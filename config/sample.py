"""The sample firm: its people, portfolios, rules and source, loaded by one command and removed by another.

Everything of it is private to the firm, its news too: on an installation that also serves real firms, none of them sees it.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models

from accounts.models import ApiToken, Firm, Membership, User
from accounts.sample_desk import VISITOR
from accounts.scope import every_firm
from alerts.models import Alert, AlertReceipt, AlertRule, Candidate, Decision, Delivery, RuleRecipient, StreamEvent
from config.sample_sign_in import PASSWORD, SAMPLE_ADMINISTRATOR, SAMPLE_MANAGER, SAMPLE_SIGN_IN
from portfolios import sample as book
from portfolios.models import CashBalance, Holding, Issuer, Portfolio, Price
from portfolios.valuation import revalue
from research.models import (
    Analysis,
    Announcement,
    Article,
    ArticleRevision,
    Correction,
    Evidence,
    Mention,
    Reading,
    Source,
    Story,
    UnknownName,
)
from research.sample import SOURCE_NAME
from research.sample_feed import feed_path

SLUG = "sample-desk"
Role = Membership.Role
PEOPLE = (
    (SAMPLE_SIGN_IN[0], "Mei Chen", Role.ANALYST, "America/New_York"),
    (SAMPLE_MANAGER, "Jordan Ortiz", Role.PORTFOLIO_MANAGER, "Asia/Taipei"),
    (SAMPLE_ADMINISTRATOR, "Priya Nair", Role.ADMINISTRATOR, "Europe/London"),
)
RECIPIENTS = (SAMPLE_SIGN_IN[0], SAMPLE_MANAGER)
POLL_SECONDS = 5


def sample_firm() -> Firm | None:
    return Firm.objects.filter(slug=SLUG, is_sample=True).first()


def load_sample() -> dict[str, Any]:
    """Load what is missing of the sample, and count what is there. What its people have changed since is left alone."""
    with every_firm():
        book.load_master()
        book.load_prices()
        firm = sample_firm()
        created = firm is None
        if firm is None:
            firm = Firm.objects.create(slug=SLUG, name="Sample desk", is_sample=True)
            people = _add_people(firm)
            for portfolio in book.load_portfolios(firm):
                revalue(portfolio)
                add_rule(firm, portfolio, [people[email] for email in RECIPIENTS])
        _add_visitor(firm)
        for feeding in [firm, *Firm.objects.exclude(trial_ends_at=None)]:
            point_source(feeding)
        return {"firm": firm.name, "created": created, "sign_in": SAMPLE_SIGN_IN[0]} | _counts(firm)


def _add_people(firm: Firm) -> dict[str, User]:
    people = {}
    for email, name, role, zone in PEOPLE:
        user = User.objects.create_user(email, PASSWORD, name=name, time_zone=zone)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        Membership.objects.create(firm=firm, user=user, role=role)
        people[email] = user
    return people


def _add_visitor(firm: Firm) -> None:
    """Whoever tries the sample desk is this one. Without a password, and without a confirmed address to get one at."""
    if not Membership.objects.of(firm).filter(user__email=VISITOR).exists():
        user = User.objects.create_user(VISITOR, name="Visitor", alert_email=False)
        Membership.objects.create(firm=firm, user=user, role=Role.VISITOR)


def add_rule(firm: Firm, portfolio: Portfolio, recipients: Iterable[User]) -> None:
    rule = AlertRule.objects.create(
        firm=firm,
        portfolio=portfolio,
        name=f"Material news on {portfolio.name}",
        min_impact=0.30,
        high_impact=0.5,
        critical_impact=0.8,
        min_sentiment=0.35,
        min_relevance=50,
        min_weight=0.01,
        patience_seconds=60,
    )
    RuleRecipient.objects.bulk_create(RuleRecipient(firm=firm, rule=rule, user=user) for user in recipients)


def point_source(firm: Firm) -> None:
    """The firm's own source of sample stories, at our present address: the port may be another one than last time."""
    Source.objects.update_or_create(
        firm=firm,
        name=SOURCE_NAME,
        defaults={
            "kind": Source.Kind.FEED,
            "url": settings.BASE_URL + feed_path(None if firm.is_sample else firm),
            "interval_seconds": POLL_SECONDS,
            "is_sample": True,
        },
    )


def _counts(firm: Firm) -> dict[str, int]:
    return {
        "people": Membership.objects.of(firm).count(),
        "portfolios": Portfolio.objects.of(firm).count(),
        "holdings": Holding.objects.of(firm).count(),
        "rules": AlertRule.objects.of(firm).count(),
        "issuers": Issuer.objects.count(),
        "prices": Price.objects.filter(source=book.PRICE_SOURCE).count(),
    }


# In an order in which nothing protects what goes next.
OWN: dict[str, models.Manager[Any]] = {
    "stream_events": StreamEvent.objects,
    "receipts": AlertReceipt.objects,
    "deliveries": Delivery.objects,
    "alerts": Alert.objects,
    "decisions": Decision.objects,
    "candidates": Candidate.objects,
    "recipients": RuleRecipient.objects,
    "rules": AlertRule.objects,
    "evidence": Evidence.objects,
    "readings": Reading.objects,
    "announcements": Announcement.objects,
    "analyses": Analysis.objects,
    "mentions": Mention.objects,
    "unknown_names": UnknownName.objects,
    "corrections": Correction.objects,
    "revisions": ArticleRevision.objects,
    "articles": Article.objects,
    "stories": Story.objects,
    "sources": Source.objects,
    "holdings": Holding.objects,
    "cash_balances": CashBalance.objects,
    "portfolios": Portfolio.objects,
    "tokens": ApiToken.objects,
}
# A row of these protects the one it came after.
LAST_FIRST = {"analyses": "superseded_by", "stories": "merged"}


def remove_sample() -> dict[str, int]:
    """Remove the sample firm with all that is its own, and the prices and issuers that nobody else uses. Counts by name."""
    with every_firm():
        firm = sample_firm()
        counts = remove_firm(firm) if firm else {}
        return counts | book.remove_master()


def remove_firm(firm: Firm) -> dict[str, int]:
    """Remove a firm with all that is its own, and the people who belong to no other. Call it inside every_firm()."""
    counts = {name: _remove_all(name, firm) for name in OWN}
    elsewhere = Membership.objects.exclude(firm=firm).values("user")
    people = User.objects.filter(memberships__firm=firm, is_staff=False).exclude(pk__in=elsewhere)
    counts["people"] = people.count()
    people.delete()
    firm.delete()
    return counts


def _remove_all(name: str, firm: Firm) -> int:
    rows = OWN[name].filter(firm=firm)
    count = rows.count()
    while name in LAST_FIRST and rows.exists():
        rows.filter(**{LAST_FIRST[name]: None}).delete()
    rows.delete()
    return count
