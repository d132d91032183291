"""An alert as a page or a mail shows it: plain values, so that both say the same."""

from dataclasses import dataclass
from datetime import datetime

from alerts.models import Alert, Step
from research.models import Analysis
from research.scoring import impact_word, sentiment_label


@dataclass(frozen=True)
class AlertItem:
    """`weight` is a share of NAV, negative when short."""

    id: int
    alert: Alert
    ticker: str
    venue: str
    company: str
    title: str
    story_url: str
    sentence: str
    sentiment: float
    sentiment_word: str
    impact: float
    impact_word: str
    relevance: float
    weight: float
    rule: str
    rule_sentence: str
    step: str
    is_quick: bool
    provisional: bool
    unanalysed: bool
    doubted: bool
    corrected: bool
    correction: str
    raised_at: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None
    delivery_line: str = ""


def alert_item(alert: Alert, delivery_line: str = "") -> AlertItem:
    """What to show of one alert."""
    ticker, venue = alert.issuer.ticker
    receipt = next((receipt for receipt in alert.receipts.all() if receipt.acknowledged_at), None)
    return AlertItem(
        id=alert.pk,
        alert=alert,
        ticker=ticker,
        venue=venue,
        company=alert.issuer.name,
        title=alert.story.title,
        story_url=alert.story.get_absolute_url(),
        sentence=_sentence(alert),
        sentiment=alert.sentiment_score,
        sentiment_word=sentiment_label(alert.sentiment_score),
        impact=alert.market_impact_score,
        impact_word=impact_word(alert.market_impact_score),
        relevance=alert.relevance,
        weight=alert.weight,
        rule=alert.rule.name,
        rule_sentence=alert.rule.sentence,
        step=Step(alert.step).label,
        is_quick=alert.analysis.lane == Analysis.Lane.FLASH,
        provisional=alert.status == Alert.Status.PROVISIONAL and not alert.story.is_unanalysed,
        unanalysed=alert.status == Alert.Status.PROVISIONAL and alert.story.is_unanalysed,
        doubted=alert.is_doubted,
        corrected=alert.status == Alert.Status.CORRECTED,
        correction=alert.correction,
        raised_at=alert.raised_at,
        acknowledged_by=(receipt.user.name or receipt.user.email) if receipt else "",
        acknowledged_at=receipt.acknowledged_at if receipt else None,
        delivery_line=delivery_line,
    )


def _sentence(alert: Alert) -> str:
    """The holding and what the news does to it, in words."""
    side = "You are short" if alert.weight < 0 else "You hold"
    effect = "in your favour" if alert.sentiment_score * alert.weight > 0 else "against you"
    return f"{side} {abs(alert.weight):.1%} of NAV in {alert.rule.portfolio.name}, so this works {effect}."
