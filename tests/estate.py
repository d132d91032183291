"""One row of every kind that belongs to a firm: what the tests of the walls try to reach from another."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db.models import Model

from accounts.models import ApiToken, Firm, Invitation, Membership
from alerts.models import Alert, AlertReceipt, Candidate, Decision, Delivery, RuleRecipient, Step, StreamEvent
from portfolios.models import CashBalance, Upload
from research.models import (
    Announcement,
    ArticleFingerprint,
    ArticleKey,
    ArticleRevision,
    Correction,
    Disagreement,
    Evidence,
    FirmBudget,
    Mention,
    ModelCall,
    ReadingDecision,
    ReadRequest,
    SecondOrderEffect,
    Spend,
    StoryMerge,
    UnknownName,
)
from tests.make import (
    make_analysis,
    make_holding,
    make_issuer,
    make_member,
    make_portfolio,
    make_rule,
    make_security,
    make_story,
)

# Stands in the name or text of whatever a page could show.
SECRET = "Zirconium"


def firm_models() -> list[type[Model]]:
    """The models whose rows belong to a firm, by their names."""
    found = [model for model in apps.get_models() if any(field.name == "firm" for field in model._meta.fields)]
    return sorted(found, key=lambda model: model._meta.label)


def make_estate(firm: Firm) -> dict[type[Model], Any]:
    """One row of each of `firm_models()`, all of that firm, by model. Call it inside every_firm()."""
    member = Membership.objects.of(firm).first() or make_member(firm)
    issuer = make_issuer(f"{SECRET} Industries", listing="ZRCN XNAS")
    portfolio = make_portfolio(firm, name=f"{SECRET} book", slug="zirconium-book", cash={"USD": 1000})
    holding = make_holding(portfolio, make_security(issuer), price=12, weight=0.04)
    story = make_story(f"{SECRET} wins an order", firm=firm)
    analysis = make_analysis(story, {issuer: (0.5, 0.6)}, summary=f"{SECRET} in short.")
    rule = make_rule(portfolio, [member.user], name=f"{SECRET} rule")
    rows: list[Model] = [member, portfolio, holding, story, analysis, rule, ApiToken.issue(firm, f"{SECRET} key")[0]]
    rows += [
        Upload.objects.create(firm=firm, portfolio=portfolio, name=f"{SECRET}.csv", data=b"ticker,mic,quantity\nZRCN,XNAS,5\n"),
        Invitation.objects.create(firm=firm, email="zirconium@example.com", role=member.role, expires_at=datetime.now(UTC)),
    ]
    rows += [CashBalance.objects.get(portfolio=portfolio), RuleRecipient.objects.get(rule=rule), analysis.readings.get()]
    rows += _research(firm, story, analysis, issuer) + _alerts(firm, story, analysis, rule, member)
    return {type(row): row for row in rows}


def _research(firm: Firm, story: Any, analysis: Any, issuer: Any) -> list[Model]:
    article = story.articles.get()
    same = {"firm": firm, "article": article}
    return [
        article,
        article.source,
        ArticleRevision.objects.create(**same, revision=1, title=f"{SECRET} won", text="", content_hash="0"),
        Mention.objects.create(
            **same, issuer=issuer, relevance=90, tier="primary", in_headline=True, words=SECRET, resolved_by="name", confidence=1
        ),
        Evidence.objects.create(**same, analysis=analysis, number=1, claim="summary", quote=SECRET, start=0, end=len(SECRET)),
        SecondOrderEffect.objects.create(firm=firm, analysis=analysis, issuer=issuer, role="supplier", reason=SECRET),
        Announcement.objects.create(firm=firm, analysis=analysis),
        Correction.objects.create(firm=firm, story=story, issuer=issuer, kind="missing", words=SECRET),
        Disagreement.objects.create(
            firm=firm, story=story, analysis=analysis, issuer=issuer, sentiment_score=-0.5, reason=f"{SECRET} lost it."
        ),
        ReadRequest.objects.create(firm=firm, url=f"https://news.example/{SECRET}"),
        UnknownName.objects.create(**same, key="zirconium", text=SECRET, reason="legal form"),
        ArticleFingerprint.objects.create(**same, moment=article.received_at, data={"key": SECRET}, vectors=b""),
        ArticleKey.objects.create(**same, key=1, moment=article.received_at),
        ModelCall.objects.create(
            firm=firm,
            story=story,
            source=article.source,
            model=SECRET,
            prompt_version="0" * 12,
            day=article.received_at.date(),
            expires_at=article.received_at,
            tokens_in=987_654,
            tokens_out=1,
        ),
        Spend.objects.create(firm=firm, day=article.received_at.date(), tokens=10),
        FirmBudget.objects.create(firm=firm, daily_tokens=987_654),
        ReadingDecision.objects.create(firm=firm, story=story, gate="rights", passed=True, detail=SECRET),
        StoryMerge.objects.create(firm=firm, story=story, other=story, articles=[article.pk], reason=SECRET),
    ]


def _alerts(firm: Firm, story: Any, analysis: Any, rule: Any, member: Membership) -> list[Model]:
    issuer = analysis.primary_issuer
    about = {"firm": firm, "rule": rule, "story": story}
    alert = Alert.objects.create(
        **about,
        step=Step.NOTICE,
        issuer=issuer,
        analysis=analysis,
        sentiment_score=0.5,
        market_impact_score=0.6,
        relevance=90,
        weight=0.04,
        status=Alert.Status.CONFIRMED,
    )
    return [
        alert,
        AlertReceipt.objects.create(firm=firm, alert=alert, user=member.user, seen_at=datetime.now(UTC)),
        Decision.objects.create(**about, analysis=analysis, issuer=issuer, gate="impact", passed=True, detail="0.60"),
        Candidate.objects.create(**about),
        Delivery.objects.create(firm=firm, story=story, step=Step.NOTICE, user=member.user, channel=Delivery.Channel.EMAIL),
        StreamEvent.objects.create(firm=firm, kind=StreamEvent.Kind.ALERT, object_id=alert.pk, key=f"estate:{firm.pk}"),
    ]
