"""Rows for tests, each with what it needs around it. Call them inside every_firm(), as the fixture `across_firms` does.

Every builder takes the fields of its model as keywords; what is not given is made up, and unlike that of any other row.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import Firm, Membership, User
from alerts.models import AlertRule, RuleRecipient
from portfolios.models import Alias, CashBalance, FxRate, Holding, Issuer, Listing, Portfolio, Price, Security
from research.models import Analysis, Article, Reading, Source, Story

PASSWORD = "granite-heron-2317"
PRICE_SOURCE = "test"
_numbers = count(1)


def make_firm(name: str = "", **fields: Any) -> Firm:
    number = next(_numbers)
    return Firm.objects.create(**{"name": name or f"Firm {number}", "slug": f"firm-{number}", **fields})


def make_user(email: str = "", **fields: Any) -> User:
    """A person with a verified address, who can sign in with PASSWORD."""
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_member(
    firm: Firm | None = None, role: str = Membership.Role.ANALYST, user: User | None = None, **user_fields: Any
) -> Membership:
    return Membership.objects.create(firm=firm or make_firm(), user=user or make_user(**user_fields), role=role)


def make_issuer(
    name: str = "", *, aliases: Iterable[str] = (), listing: str = "", currency: str = "USD", **fields: Any
) -> Issuer:
    """An issuer known by its name and the aliases; `listing` as “2317 XTAI” gives it a share listed there."""
    number = next(_numbers)
    issuer = Issuer.objects.create(**{"name": name or f"Issuer {number}", "slug": f"issuer-{number}", **fields})
    for text in {issuer.name: None, **dict.fromkeys(aliases)}:
        Alias.objects.create(issuer=issuer, text=text)
    if listing:
        ticker, mic = listing.split()
        make_listing(make_security(issuer, currency=currency), ticker, mic)
    return issuer


def make_security(issuer: Issuer | None = None, **fields: Any) -> Security:
    issuer = issuer or make_issuer()
    return Security.objects.create(**{"issuer": issuer, "name": f"{issuer.name} shares", "currency": "USD", **fields})


def make_listing(security: Security | None = None, ticker: str = "", mic: str = "XNAS", **fields: Any) -> Listing:
    security = security or make_security()
    ticker = ticker or f"T{next(_numbers)}"
    return Listing.objects.create(**{"security": security, "ticker": ticker, "mic": mic, "currency": security.currency, **fields})


def make_price(listing: Listing | None = None, close: Decimal | float | str = 10, **fields: Any) -> Price:
    """A close in the listing's currency."""
    defaults = {"date": date(2025, 11, 19), "source": PRICE_SOURCE}
    return Price.objects.create(listing=listing or make_listing(), close=Decimal(str(close)), **{**defaults, **fields})


def make_rate(currency: str, usd: Decimal | float | str, **fields: Any) -> FxRate:
    """What one unit of the currency is worth in US dollars."""
    defaults = {"date": date(2025, 11, 19), "source": PRICE_SOURCE}
    return FxRate.objects.create(currency=currency, usd=Decimal(str(usd)), **{**defaults, **fields})


def make_portfolio(firm: Firm | None = None, *, cash: Mapping[str, float | str] | None = None, **fields: Any) -> Portfolio:
    """A portfolio that is not yet valued, with cash by currency."""
    number = next(_numbers)
    defaults = {"firm": firm or make_firm(), "name": f"Portfolio {number}", "slug": f"portfolio-{number}"}
    portfolio = Portfolio.objects.create(**{**defaults, **fields})
    for currency, amount in (cash or {}).items():
        CashBalance.objects.create(firm=portfolio.firm, portfolio=portfolio, currency=currency, amount=Decimal(str(amount)))
    return portfolio


def make_holding(
    portfolio: Portfolio | None = None,
    security: Security | None = None,
    quantity: Decimal | float | str = 100,
    *,
    price: Decimal | float | str | None = None,
    **fields: Any,
) -> Holding:
    """A position; with `price` its security gets a listing with that close. revalue() values it, or `weight` as given."""
    portfolio = portfolio or make_portfolio()
    security = security or make_security()
    if price is not None:
        make_price(security.listings.first() or make_listing(security), price)
    defaults = {"firm": portfolio.firm, "issuer": security.issuer, "quantity": Decimal(str(quantity))}
    return Holding.objects.create(portfolio=portfolio, security=security, **{**defaults, **fields})


def make_source(firm: Firm | None = None, **fields: Any) -> Source:
    """A source of everybody, or of one firm."""
    number = next(_numbers)
    defaults = {"name": f"Source {number}", "url": f"https://news.example/{number}/feed.xml"}
    return Source.objects.create(firm=firm, **{**defaults, **fields})


def make_article(source: Source | None = None, story: Story | None = None, **fields: Any) -> Article:
    number = next(_numbers)
    now = datetime.now(UTC)
    defaults = {
        "source": source or make_source(story.firm if story else None),
        "guid": f"article-{number}",
        "url": f"https://news.example/{number}",
        "canonical_url": f"https://news.example/{number}",
        "title": f"Article {number}",
        "text": f"What article {number} says.",
        "content_hash": f"{number:064x}",
        "published_at": now,
        "received_at": now,
    }
    fields = {**defaults, **fields}
    return Article.objects.create(firm=fields["source"].firm, story=story, **fields)


def make_story(title: str = "", firm: Firm | None = None, **fields: Any) -> Story:
    """A story of everybody, or of one firm, with one article of the same title."""
    now = datetime.now(UTC)
    defaults = {"title": title or f"Story {next(_numbers)}", "published_at": now, "received_at": now}
    story = Story.objects.create(firm=firm, **{**defaults, **fields})
    make_article(story=story, title=story.title, published_at=story.published_at, received_at=story.received_at)
    return story


def make_analysis(
    story: Story | None = None, readings: Mapping[Issuer, tuple[float | None, float | None]] | None = None, **fields: Any
) -> Analysis:
    """The story's current analysis, with (sentiment, impact) by issuer; the first issuer is the primary one."""
    story = story or make_story()
    readings = readings if readings is not None else {make_issuer(): (0.45, 0.35)}
    before = story.current_analysis
    defaults = {
        "version": before.version + 1 if before else 1,
        "supersedes": before,
        "lane": Analysis.Lane.FULL,
        "engine": Analysis.Engine.MODEL,
        "prompt_version": "0" * 12,
        "input_hash": "0" * 64,
        "summary": f"What happened in {story.title}.",
        "primary_issuer": next(iter(readings), None),
        "confidence": 0.8,
        "received_at": story.received_at,
    }
    analysis = Analysis.objects.create(story=story, firm=story.firm, **{**defaults, **fields})
    for issuer, (sentiment, impact) in readings.items():
        make_reading(analysis, issuer, sentiment, impact)
    story.current_analysis = analysis
    story.save(update_fields=["current_analysis"])
    return analysis


def make_reading(analysis: Analysis, issuer: Issuer, sentiment: float | None, impact: float | None, **fields: Any) -> Reading:
    """A reading whose probabilities give that sentiment; None is not measured."""
    measured = (
        {}
        if sentiment is None
        else {"p_positive": max(sentiment, 0), "p_neutral": 1 - abs(sentiment), "p_negative": max(-sentiment, 0)}
    )
    return Reading.objects.create(
        analysis=analysis,
        firm=analysis.firm,
        issuer=issuer,
        sentiment_score=sentiment,
        market_impact_score=impact,
        **{**measured, "relevance": 90, **fields},
    )


def make_rule(portfolio: Portfolio | None = None, recipients: Iterable[User] = (), **fields: Any) -> AlertRule:
    portfolio = portfolio or make_portfolio()
    rule = AlertRule.objects.create(firm=portfolio.firm, portfolio=portfolio, **{"name": f"Rule {next(_numbers)}", **fields})
    RuleRecipient.objects.bulk_create(RuleRecipient(firm=rule.firm, rule=rule, user=user) for user in recipients)
    return rule
