"""A firm with something of everything, so that each page has something to show. Call it inside every_firm()."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from django.conf import settings

from alerts.models import Alert, AlertReceipt, AlertRule, Delivery, Step
from portfolios.models import Alias, Holding, Issuer, Portfolio, Relation, Security
from portfolios.valuation import revalue
from research.mentions import document
from research.models import Analysis, Correction, Disagreement, Evidence, Mention, Reading, Story, UnknownName
from research.published import publish
from tests.cast import Cast
from tests.make import (
    make_analysis,
    make_article,
    make_holding,
    make_issuer,
    make_portfolio,
    make_price,
    make_rate,
    make_reading,
    make_rule,
    make_source,
    make_story,
)

TITLE = "OpenAI and Foxconn to co-design AI data-center racks, with no purchase commitments"
TEXT = """OpenAI and Hon Hai Technology Group (Foxconn) said they will work together on the design of racks for AI data centers.

Foxconn will make cabling, networking and power systems for the racks at its plants in the United States. OpenAI will share
what it sees coming in hardware. The plants are to create 1,000 jobs.

The initial agreement does not include purchase commitments or financial obligations.

“This partnership is a step toward ensuring the core technologies of the AI era are built here,” OpenAI said."""
QUOTES = {
    "summary": "work together on the design of racks for AI data centers",
    "thesis": "cabling, networking and power systems for the racks",
    "risk": "does not include purchase commitments or financial obligations",
}
SECTIONS = {
    "new": "Design work moves upstream: the manufacturer is in the room before the specification is fixed.",
    "thesis": "A place in the design makes later volume orders more likely, at better margins than assembly alone.",
    "risk": "Nothing is ordered yet. Revenue depends on programmes that have neither a date nor a size.",
    "unspecified": "Capacity, prices and the share of each plant.",
    "supports": "Design role ahead of orders\nUnited States capacity is there already",
    "against": "No purchase commitment\nRacks are a small part of group revenue",
    "watch": "A first purchase order\nCapital spending guided at the next results",
}
SUMMARY = "OpenAI and Foxconn will design data-center racks together; the agreement has no purchase commitments."


@dataclass(frozen=True)
class Scene:
    """Addresses are those of the rows, for the pages that show one."""

    full: Story
    quick: Story
    calm: Story
    unread: Story
    failed: Story
    book: Portfolio
    unpriced: Portfolio
    empty: Portfolio
    rule: AlertRule
    company: Issuer


def raise_alert(issuer: Issuer, title: str, sentiment: float = 0.45, impact: float = 0.35, **fields: Any) -> Alert:
    """An alert of the issuer's only rule on a story of its own, as it stands once it was matched and sent."""
    holding = Holding.objects.filter(issuer=issuer).order_by("pk")[0]
    analysis = make_analysis(make_story(title, state="done"), {issuer: (sentiment, impact)})
    return alert_on(analysis, holding, AlertRule.objects.get(portfolio=holding.portfolio), sentiment, impact, **fields)


def alert_on(
    analysis: Analysis,
    holding: Holding,
    rule: AlertRule,
    sentiment: float,
    impact: float,
    *,
    step: int = Step.NOTICE,
    **fields: Any,
) -> Alert:
    now = datetime.now(UTC)
    for person in rule.recipients.all():
        for channel, sent_at in ((Delivery.Channel.SCREEN, now), (Delivery.Channel.EMAIL, None)):
            Delivery.objects.create(
                firm=rule.firm, story=analysis.story, step=step, user=person, channel=channel, sent_at=sent_at, state="done"
            )
    return Alert.objects.create(
        **{
            "firm": rule.firm,
            "rule": rule,
            "story": analysis.story,
            "step": step,
            "issuer": holding.issuer,
            "analysis": analysis,
            "sentiment_score": sentiment,
            "market_impact_score": impact,
            "relevance": 90,
            "weight": holding.weight or 0.02,
            "status": Alert.Status.CONFIRMED,
            **fields,
        }
    )


def make_scene(cast: Cast) -> Scene:
    hon_hai = make_issuer("Hon Hai Precision Industry", aliases=["Foxconn"], listing="2317 XTAI", currency="TWD")
    nvidia = make_issuer("NVIDIA", listing="NVDA XNAS")
    vertiv = make_issuer("Vertiv Holdings", listing="VRT XNYS")
    openai = make_issuer("OpenAI", is_private=True)
    make_rate("TWD", "0.032")
    book = make_portfolio(cast.firm, name="Global AI infrastructure", slug="global-ai", cash={"USD": 350_000, "TWD": -90_000})
    shares: dict[Issuer, Security] = {issuer: issuer.securities.get() for issuer in (hon_hai, nvidia, vertiv)}
    make_holding(book, shares[hon_hai], 40_000, price="236.5")
    make_holding(book, shares[nvidia], 2_500, price="186.52")
    make_holding(book, shares[vertiv], -900, price="171.03")
    revalue(book)
    unpriced = make_portfolio(cast.firm, name="Asia hardware", slug="asia", cash={"KRW": 5_000_000})
    make_holding(unpriced, shares[hon_hai], 1_000)
    make_holding(unpriced, make_issuer("Unpriced Robotics", listing="6999 XTKS", currency="JPY").securities.get(), 12_345)
    revalue(unpriced)
    rule = make_rule(book, [cast.alice, cast.bob], name="Material news on Global AI", high_impact=0.5, critical_impact=0.8)
    make_rule(unpriced, [], name="Asia, nobody is told", is_active=False)

    full = _full_story(hon_hai, openai)
    _links(cast, full, hon_hai, openai, vertiv)
    publish(full, cast.bob)
    quick = make_story("Vertiv warns of slower cooling orders", state="done", received_at=datetime.now(UTC) - timedelta(hours=3))
    make_analysis(quick, {vertiv: (-0.5, 0.62)}, lane="flash", engine="rules", summary="", confidence=None, prompt_version="")
    split = {"p_positive": 0.05, "p_neutral": 0.47, "p_negative": 0.48, "sentiment_score": -0.43}
    Reading.objects.filter(analysis=quick.current_analysis).update(**split)
    calm = make_story("NVIDIA moves its annual meeting", state="done", received_at=datetime.now(UTC) - timedelta(days=1, hours=2))
    make_analysis(calm, {nvidia: (0.02, None)})
    for days in range(8):  # before and after that story: it has a line of prices
        make_price(
            shares[nvidia].listings.get(), 186.52 - 1.4 * (days - 3) ** 2, date=datetime.now(UTC).date() - timedelta(days=days)
        )
    _alerts(cast, rule, {story: story.current_analysis for story in (full, quick, calm)}, [hon_hai, vertiv, nvidia])
    _mail()
    failed = make_story("Vertiv names a new finance chief", state="quarantined", error="The reply was refused twice.")
    make_analysis(failed, {vertiv: (0.0, 0.05)}, lane="flash", engine="rules", summary="", confidence=None, prompt_version="")
    return Scene(
        full,
        quick,
        calm,
        make_story("Not read yet"),
        failed,
        book,
        unpriced,
        make_portfolio(cast.firm, name="Not filled yet", slug="empty"),
        rule,
        hon_hai,
    )


def _full_story(hon_hai: Issuer, openai: Issuer) -> Story:
    story = Story.objects.create(title=TITLE, published_at=datetime.now(UTC), received_at=datetime.now(UTC), state="done")
    article = make_article(make_source(name="Harbour Wire"), story, title=TITLE, text=TEXT)
    make_article(
        make_source(name="Meridian Newsroom of Industry and Technology"),
        story,
        title=TITLE,
        text="It is 1,200 racks. Foxconn will create 1,400 jobs.",
    )
    make_analysis(story, {hon_hai: (0.3, 0.4)}, lane="flash", engine="rules", summary="", confidence=0.6, prompt_version="f" * 12)
    analysis = make_analysis(
        story,
        {hon_hai: (0.45, 0.35)},
        summary=SUMMARY,
        raw_reply='{"summary": "' + SUMMARY + '"}',
        sections=SECTIONS,
        event={"group": "partnership", "type": "announcement"},
        model="gpt-4o-mini",
        tokens_in=912,
        tokens_out=388,
        latency_ms=2140,
        dropped=[{"kind": "quote", "claim": "watch", "words": "a first order in March", "reason": "not in the text"}],
    )
    make_reading(analysis, openai, None, None, role="partner", reason="Shares what it sees coming in hardware")
    text = document(TITLE, TEXT)
    for number, (claim, quote) in enumerate(QUOTES.items(), 1):
        start = text.index(quote)
        Evidence.objects.create(
            analysis=analysis, article=article, number=number, claim=claim, quote=quote, start=start, end=start + len(quote)
        )
    return story


def _links(cast: Cast, story: Story, hon_hai: Issuer, openai: Issuer, vertiv: Issuer) -> None:
    """Why the story is linked, what was said of it, what its companies are to each other, and a name that nobody knows."""
    article = story.articles.order_by("pk")[0]
    for issuer, words, tier in ((hon_hai, "Foxconn", "primary"), (openai, "OpenAI", "secondary")):
        others = [{"issuer": vertiv.pk, "why": "another company of that name, which nothing else in the text names"}]
        Mention.objects.create(
            article=article, issuer=issuer, relevance=80, tier=tier, in_headline=True, words=words, count=3, resolved_by="name",
            confidence=0.93, others=others if tier == "primary" else [],
        )  # fmt: skip
    said = {"firm": cast.firm, "story": story, "made_by": cast.bob, "state": "done"}
    Disagreement.objects.create(
        firm=cast.firm, story=story, analysis=story.analyses.latest("version"), issuer=hon_hai, sentiment_score=0.1,
        market_impact_score=0.2, reason="Nothing is ordered, and racks are a small part of revenue.", made_by=cast.bob,
    )  # fmt: skip
    Correction.objects.create(**said, issuer=vertiv, kind="missing", words="cooling")
    UnknownName.objects.create(
        article=article, key="acme robotics", text="Acme Robotics Inc.", ticker="ACME", reason="legal form"
    )
    Relation.objects.create(issuer=hon_hai, kind="supplier", other=openai, quote=QUOTES["thesis"], source="Harbour Wire")
    Alias.objects.filter(issuer=hon_hai, text="Foxconn").update(against="orchard", beside="racks", needs_corroboration=True)


def _alerts(cast: Cast, rule: AlertRule, analyses: dict[Story, Analysis | None], issuers: list[Issuer]) -> None:
    """One of each kind: confirmed, provisional and high, corrected, acknowledged."""
    [full, quick, calm] = [analysis for analysis in analyses.values() if analysis]
    [hon_hai, vertiv, nvidia] = [Holding.objects.get(portfolio=rule.portfolio, issuer=issuer) for issuer in issuers]
    alert_on(full, hon_hai, rule, 0.45, 0.35)
    alert_on(quick, vertiv, rule, -0.5, 0.62, step=Step.HIGH, status=Alert.Status.PROVISIONAL)
    said = "The full reading puts the impact at 0.10, under the rule's 0.30."
    alert_on(calm, nvidia, rule, 0.4, 0.5, status=Alert.Status.CORRECTED, correction=said)
    seen = alert_on(calm, nvidia, rule, 0.6, 0.55, step=Step.HIGH)
    AlertReceipt.objects.create(firm=rule.firm, alert=seen, user=cast.bob, acknowledged_at=datetime.now(UTC))


def _mail() -> None:
    message = EmailMessage()
    message["Subject"], message["To"] = f"2317 TT +0.45: {TITLE} (4.1% NAV)", "Mei Chen <mei.chen@sample.example>"
    message["From"], message["Message-ID"] = "Bellwether <alerts@bellwether.example>", "<0b4c@bellwether.example>"
    message.set_content(f"{SUMMARY}\n\nhttp://localhost:8000/stories/1/")
    message.add_alternative(f"<h1>{TITLE}</h1><p>{SUMMARY}</p><table><tr><td>Sentiment</td><td>+0.45</td></tr></table>", "html")
    (settings.MAIL_DIR / "0b4c.eml").write_bytes(bytes(message))  # the server under test has the tests' environment
