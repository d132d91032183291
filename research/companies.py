"""The pages of companies as plain values: who it is, under which names we look for it, where it is listed, and its stories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import Locale
from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from accounts.models import Firm
from portfolios.company_search import Found, search_companies
from portfolios.held import Book, Held
from portfolios.models import Alias, Holding, Issuer, Listing, Relation
from portfolios.venues import VENUES
from research import access
from research.links import tiers_of
from research.models import Reading, Story, StoryQuerySet
from research.rollup import RollUp
from research.rollups import roll_ups

RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A company in a list, with the stories that the firm may see; `by` is what it was found by, where that is not its name."""

    issuer: Issuer
    by: str
    held: Held | None
    story_count: int
    last_story_at: datetime | None
    rollup: RollUp  # over 7 days


@dataclass(frozen=True, slots=True)
class CompanyStory:
    """A story with what it says of this company; no reading where the firm added the company to it."""

    story: Story
    reading: Reading | None
    tier: str

    @property
    def sentiment(self) -> float | None:
        return self.reading.sentiment_score if self.reading else None

    @property
    def impact(self) -> float | None:
        return self.reading.market_impact_score if self.reading else None

    @property
    def why(self) -> str:
        if self.reading is None:
            return "Added by your firm: not scored yet."
        return self.reading.reason or self.reading.role


@dataclass(frozen=True, slots=True)
class Link:
    """A relation as it reads on the page of one of the two: “Owner of” with the other company."""

    words: str
    other: Issuer
    relation: Relation


def held_companies(firm: Firm, held: Book) -> list[CompanyRow]:
    """What the firm holds, heaviest first."""
    issuers = Issuer.objects.filter(pk__in=held).prefetch_related("securities__listings")
    rows = _rows(firm, [Found(issuer, "") for issuer in issuers], held)
    return sorted(rows, key=lambda row: (-(row.held.size if row.held else 0), row.issuer.name))


def found_companies(firm: Firm, said: str, held: Book) -> list[CompanyRow]:
    """What fits those words, best first."""
    return _rows(firm, search_companies(said), held)


def _rows(firm: Firm, found: Sequence[Found], held: Book) -> list[CompanyRow]:
    recent = Story.objects.live().visible_to(firm).filter(received_at__gte=Now() - RECENT)
    counted = (
        access.believed_readings(firm)
        .filter(analysis__in=recent.values("current_analysis"), issuer__in=[each.issuer.pk for each in found])
        .order_by()
        .values_list("issuer")
        .annotate(Count("analysis"), Max("analysis__story__received_at"))
    )
    news = {issuer: (count, last) for issuer, count, last in counted}
    rolled = roll_ups(firm, [each.issuer.pk for each in found])
    return [
        CompanyRow(
            each.issuer, each.by, held.get(each.issuer.pk), *news.get(each.issuer.pk, (0, None)), _week(rolled[each.issuer.pk])
        )
        for each in found
    ]


def _week(rollups: Sequence[RollUp]) -> RollUp:
    return next(rollup for rollup in rollups if rollup.days == RECENT.days)


def positions(firm: Firm, issuer: Issuer) -> list[Holding]:
    """The firm's positions in it, heaviest first."""
    held = Holding.objects.of(firm).filter(issuer=issuer).select_related("portfolio", "security")
    return sorted(held, key=lambda holding: -abs(holding.weight or 0))


def names_of(issuer: Issuer) -> list[Alias]:
    """Under which names we look for it: those of today first."""
    return sorted(issuer.aliases.all(), key=lambda alias: (alias.valid_to is not None, alias.text.casefold()))


def listings_of(issuer: Issuer) -> list[Listing]:
    """Current ones first, the main one before the others."""
    listings = Listing.objects.filter(security__issuer=issuer).select_related("security")
    return sorted(listings, key=lambda listing: (listing.valid_to is not None, not listing.is_primary, listing.mic))


def venue_city(listing: Listing) -> str:
    return VENUES[listing.mic].city if listing.mic in VENUES else ""


_WORDS = {  # of a relation, as seen from its company and from the other
    Relation.Kind.OWNER: ("Owns", "Owned by"),
    Relation.Kind.SUPPLIER: ("Supplies", "Supplied by"),
    Relation.Kind.CUSTOMER: ("Buys from", "Sells to"),
    Relation.Kind.COMPETITOR: ("Competes with", "Competes with"),
}


def links_of(issuer: Issuer) -> list[Link]:
    """What it is to other companies and they to it: owners first, competitors last, and those that are over at the end."""
    relations = Relation.objects.filter(Q(issuer=issuer) | Q(other=issuer)).select_related("issuer", "other")
    relations = relations.prefetch_related("issuer__securities__listings", "other__securities__listings")
    order = list(_WORDS)
    links = [_link(issuer, relation) for relation in relations]
    return sorted(
        links, key=lambda link: (link.relation.valid_to is not None, order.index(_kind(link)), link.words, link.other.name)
    )


def _link(issuer: Issuer, relation: Relation) -> Link:
    ours, theirs = _WORDS[Relation.Kind(relation.kind)]
    return Link(ours, relation.other, relation) if relation.issuer_id == issuer.pk else Link(theirs, relation.issuer, relation)


def _kind(link: Link) -> Relation.Kind:
    return Relation.Kind(link.relation.kind)


def stories_about(firm: Firm, issuer: Issuer) -> StoryQuerySet:
    """Its stories, newest first."""
    return access.stories_about(firm, [issuer.pk]).order_by("-received_at", "-pk")


def company_stories(issuer: Issuer, stories: Iterable[Story]) -> list[CompanyStory]:
    """Those stories with what each says of the company. One query."""
    stories = list(stories)
    tiers = tiers_of(stories, [issuer.pk])
    return [CompanyStory(story, _reading(story, issuer), tiers.get((story.pk, issuer.pk), "")) for story in stories]


def _reading(story: Story, issuer: Issuer) -> Reading | None:
    readings = story.current_analysis.readings.all() if story.current_analysis else ()
    return next((reading for reading in readings if reading.issuer_id == issuer.pk), None)


def about(issuer: Issuer) -> str:
    """Who it is in a few words: legal name, country, sector."""
    legal_name = issuer.legal_name if issuer.legal_name != issuer.name else ""
    country = str(Locale("en").territories.get(issuer.country, issuer.country))
    facts = [legal_name, country, issuer.sector, "Private: no listing" if issuer.is_private else ""]
    return " ".join(f"{fact.rstrip('.')}." for fact in facts if fact)
