"""The newest published story as the landing page shows it: scored for the sample portfolio, where one is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Firm, Membership
from accounts.scope import every_firm
from portfolios import formats
from research import published, story_page
from research.affected import Book, affected
from research.models import Analysis, Evidence, Reading
from research.published import Published
from research.story_page import Claim, Quote

MOST_STORIES = 7
MOST_QUOTES = 2


@dataclass(frozen=True)
class Step:
    """One step of the story's way, and what it left on record."""

    what: str
    record: str
    score: float | None = None


@dataclass(frozen=True)
class Preview:
    """`stories` begins with the one shown. `book` is the sample portfolio that it touches most; none where none is loaded."""

    stories: tuple[Published, ...]
    lede: Claim | None
    quotes: tuple[Quote, ...]
    book: Book | None
    trail: tuple[Step, ...]


def preview() -> Preview | None:
    """None while no story about a company is published. Ten queries, however many are."""
    stories = [each for each in published.published_stories(0, MOST_STORIES) if _is_about_somebody(each)]
    if not stories:
        return None
    published.complete(stories, quoted=stories[:1])
    shown, analysis = stories[0], stories[0].story.current_analysis
    if analysis is None or shown.reading is None:
        return None
    evidence = list(analysis.evidence.all())
    book = _sample_book(list(analysis.readings.all()))
    return Preview(
        stories=tuple(stories),
        lede=story_page.lede(analysis, evidence),
        quotes=tuple(story_page.quotes(analysis, evidence, shown.story.articles.all())[:MOST_QUOTES]),
        book=book,
        trail=tuple(_trail(shown, analysis, evidence, book)),
    )


def _is_about_somebody(each: Published) -> bool:
    """A correction may have taken the last company out of a story."""
    analysis = each.story.current_analysis
    return analysis is not None and analysis.primary_issuer_id is not None


def _sample_book(readings: Sequence[Reading]) -> Book | None:
    with every_firm():
        # The firm to look around in: other sample firms have no people.
        visited = Membership.objects.filter(role=Membership.Role.VISITOR, firm__is_sample=True).values("firm")
        firm = Firm.objects.filter(pk__in=visited).first()
        books = affected(firm, readings).books if firm else ()
    return books[0] if books else None


def _trail(shown: Published, analysis: Analysis, evidence: Sequence[Evidence], book: Book | None) -> list[Step]:
    articles = shown.story.articles.all()
    steps = [
        Step("First source seen", articles[0].outlet if articles else "none"),
        Step("Companies told apart", f"{len(analysis.readings.all())} named"),
        Step(f"Scored, {len(evidence)} quotes matched word for word", "", shown.sentiment),
    ]
    if book:
        steps.append(Step(f"Exposure found in {len(book.positions)} holdings", f"{formats.percent(book.share)} of NAV"))
    return [*steps, Step("An alert where a rule is crossed", "screen, email")]
