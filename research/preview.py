"""The newest published story as the landing page shows it: scored for the sample portfolio, where one is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Firm, Membership
from accounts.scope import every_firm
from portfolios import formats
from research import published, story_page
from research.affected import Book, affected
from research.models import Analysis, Article, Evidence, Reading
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
    """`stories` begins with the story shown. `book` is the sample portfolio that it touches most; none where none is loaded."""

    stories: tuple[Published, ...]
    analysis: Analysis
    primary: Reading
    lede: Claim | None
    quotes: tuple[Quote, ...]
    book: Book | None
    trail: tuple[Step, ...]
    is_sample: bool


def preview() -> Preview | None:
    """None while no story is published. Ten queries, however many are."""
    stories = [each for each in published.published_stories(0, MOST_STORIES) if each.story.current_analysis]
    if not stories:
        return None
    published.complete(stories, quoted=True)
    shown = stories[0].story
    analysis, articles = shown.current_analysis, list(shown.articles.all())
    primary = analysis.primary_reading if analysis else None
    if analysis is None or primary is None:
        return None
    evidence = list(analysis.evidence.all())
    quotes = story_page.quotes(analysis, evidence, articles)
    book = _sample_book(list(analysis.readings.all()))
    return Preview(
        stories=tuple(stories),
        analysis=analysis,
        primary=primary,
        lede=story_page.lede(analysis, evidence),
        quotes=tuple(quotes[:MOST_QUOTES]),
        book=book,
        trail=tuple(_trail(articles, analysis, primary, evidence, book)),
        is_sample=any(article.source.is_sample for article in articles),
    )


def _sample_book(readings: Sequence[Reading]) -> Book | None:
    with every_firm():
        # The firm to look around in: other sample firms have no people.
        visited = Membership.objects.filter(role=Membership.Role.VISITOR, firm__is_sample=True).values("firm")
        firm = Firm.objects.filter(pk__in=visited).first()
        books = affected(firm, readings).books if firm else ()
    return books[0] if books else None


def _trail(
    articles: Sequence[Article], analysis: Analysis, primary: Reading, evidence: Sequence[Evidence], book: Book | None
) -> list[Step]:
    companies = len(analysis.readings.all())
    steps = [
        Step("First source seen", articles[0].outlet if articles else "none"),
        Step("Companies told apart", f"{companies} named"),
        Step(f"Scored, {len(evidence)} quotes matched word for word", "", primary.sentiment_score),
    ]
    if book:
        steps.append(Step(f"Exposure found in {len(book.positions)} holdings", f"{formats.percent(book.share)} of NAV"))
    return [*steps, Step("An alert where a rule is crossed", "screen, email")]
