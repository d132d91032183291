"""The first sample story as the landing page shows it: from the sample's own files, so it is there before anything is loaded.

Scores and weights are computed as everywhere else; prices are simulated, and the page says that these are sample data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from portfolios import exposure
from portfolios.sample import rows
from portfolios.venues import venue_code
from research.reply import IssuerReading, Reply, parse_reply
from research.sample import SampleStory, stories
from research.scoring import sentiment_score

PORTFOLIO = "asia-hardware-ai"


@dataclass(frozen=True)
class Headline:
    title: str
    sentiment: float
    impact: float | None


@dataclass(frozen=True)
class Quote:
    number: int
    quote: str
    outlet: str


@dataclass(frozen=True)
class PreviewHolding:
    """A position that the story touches; `weight` is its share of the sample portfolio's NAV."""

    ticker: str
    venue: str
    role: str
    weight: float
    sentiment: float


@dataclass(frozen=True)
class Preview:
    title: str
    tag: str
    summary: str
    sentiment: float
    impact: float | None
    evidence: tuple[Quote, ...]
    holdings: tuple[PreviewHolding, ...]
    stories: tuple[Headline, ...]


@cache
def preview() -> Preview:
    first = stories()[0]
    reply = parse_reply(first.reply)
    primary = _primary(reply)
    return Preview(
        title=first.title,
        tag=reply.event.group if reply.event else "",
        summary=reply.summary,
        sentiment=sentiment_score(primary.p_positive, primary.p_negative),
        impact=primary.market_impact,
        evidence=tuple(Quote(number, quote.quote, first.source_name) for number, quote in enumerate(reply.evidence, start=1)),
        holdings=tuple(_holdings(reply)),
        stories=tuple(_headline(story) for story in stories()),
    )


def _primary(reply: Reply) -> IssuerReading:
    return next(reading for reading in reply.issuers if reading.issuer == reply.primary)


def _headline(story: SampleStory) -> Headline:
    primary = _primary(parse_reply(story.reply))
    return Headline(story.title, sentiment_score(primary.p_positive, primary.p_negative), primary.market_impact)


def _holdings(reply: Reply) -> Iterator[PreviewHolding]:
    """The sample portfolio's positions in the companies of that reply, in the reply's order."""
    weights = _weights()
    issuers = {row["key"]: row["issuer"] for row in rows("securities")}
    for reading in reply.issuers:
        for listing in rows("listings"):
            market = (listing["mic"], listing["ticker"])
            if issuers[listing["security"]] == reading.issuer and market in weights:
                score = sentiment_score(reading.p_positive, reading.p_negative)
                yield PreviewHolding(listing["ticker"], venue_code(listing["mic"]), reading.role, weights[market], score)


def _weights() -> dict[tuple[str, str], float]:
    held = [row for row in rows("holdings") if row["portfolio"] == PORTFOLIO]
    closes = {(row["mic"], row["ticker"]): Decimal(row["close"]) for row in rows("prices")}
    currencies = {(row["mic"], row["ticker"]): row["currency"] for row in rows("listings")}
    markets = [(row["mic"], row["ticker"]) for row in held]
    positions = [
        exposure.Position(Decimal(row["quantity"]), closes[market], currencies[market])
        for row, market in zip(held, markets, strict=True)
    ]
    cash = {row["currency"]: Decimal(row["amount"]) for row in rows("cash") if row["portfolio"] == PORTFOLIO}
    valued = exposure.value(positions, cash, exposure.DOLLAR, {row["currency"]: Decimal(row["usd"]) for row in rows("fx")})
    return {market: float(weight) for market, weight in zip(markets, valued.weights, strict=True) if weight is not None}
