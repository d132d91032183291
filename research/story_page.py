"""The story page as plain values: claims with the quotes that bear them out, and the stored text with its quotes marked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from portfolios.glyphs import SoFar
from portfolios.venues import VENUES
from research.mentions import document
from research.models import Analysis, Article, Evidence, Reading, Story
from research.prose_marks import Mark, Part, marked, marks, prose
from research.reply import LIST_KEYS
from research.sentences import around, sentences_around

SUMMARY = "summary"
SECTION_TITLES = {
    "new": "What is new",
    "thesis": "Why it matters",
    "risk": "Execution risk",
    "unspecified": "Not disclosed",
    "supports": "Supports the position",
    "against": "Argues against adding",
    "watch": "What to watch",
}
CLAIM_TITLES = {SUMMARY: "Summary", **SECTION_TITLES}
WEIGHED = ("supports", "against")
_LEFT_OUT = {  # what it is, and what became of one and of several
    "quote": ("a quote, dropped", "1 quote was dropped", "{} quotes were dropped"),
    "number": ("a number, marked", "1 number is marked", "{} numbers are marked"),
    "date": ("a date, marked", "1 date is marked", "{} dates are marked"),
    "currency": ("a currency, marked", "1 currency is marked", "{} currencies are marked"),
    "scale": ("the size of a number, marked", "1 size of a number is marked", "{} sizes of numbers are marked"),
    "name": ("a name, marked", "1 name is marked", "{} names are marked"),
    "negation": ("what may be turned round, marked", "1 statement is marked", "{} statements are marked"),
    "issuer": ("a company, left out", "1 company was left out", "{} companies were left out"),
}


@dataclass(frozen=True)
class Claim:
    """What the analysis says, and the numbers of the quotes for it. `key` names its place on the page: thesis, supports.2."""

    key: str
    parts: tuple[Part, ...]
    cites: tuple[int, ...]
    is_borne_out: bool

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Section:
    """One section of the analysis: a claim in prose, or `items`, each a claim of its own.

    A list may have quotes for the whole of it (`cites`) as well as for single items. It `is_borne_out` by any of them.
    """

    key: str
    title: str
    parts: tuple[Part, ...]
    items: tuple[Claim, ...]
    cites: tuple[int, ...]
    is_borne_out: bool

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class Quote:
    """A quote in its sentence: `before` + `words` + `after`, where only `words` were matched.

    `bears` are the claims on the page that it bears out: key and section title.
    `is_in_text` says that the words still stand at their place, so that a link there leads somewhere.
    """

    number: int
    before: str
    words: str
    after: str
    bears: tuple[tuple[str, str], ...]
    article: Article
    is_in_text: bool


@dataclass(frozen=True)
class LeftOut:
    """What the reply said that the text does not bear out: the sentence for the page, and (words, why) of each."""

    sentence: str
    rows: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class TextPart:
    """A stretch of an article's text; `numbers` are the quotes it belongs to, `starts` those that begin here."""

    text: str
    numbers: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clock:
    city: str
    time: datetime

    @property
    def zone(self) -> str:
        return str(self.time.tzinfo)


def reading_context(analysis: Analysis, evidence: Sequence[Evidence], articles: Iterable[Article]) -> dict[str, Any]:
    """What the partials in templates/research/ say of an analysis, under their names for it; the range is so_far's."""
    written = sections(analysis, evidence)
    return {
        "primary": analysis.primary_reading,
        "is_quick": analysis.lane == Analysis.Lane.FLASH,
        "lede": lede(analysis, evidence),
        "sections": [section for section in written if section.key not in WEIGHED],
        "weigh": [section for section in written if section.key in WEIGHED],
        "quotes": quotes(analysis, evidence, articles),
        "left_out": left_out(analysis),
        "evidence_count": len(evidence),
    }


# --- claims ----------------------------------------------------------------------------------------------


def lede(analysis: Analysis, evidence: Iterable[Evidence]) -> Claim | None:
    """The summary with its quotes; none where there is no summary (a quick reading)."""
    if not analysis.summary:
        return None
    cites = cites_by_claim(evidence).get(SUMMARY, ())
    return Claim(SUMMARY, prose(analysis.summary, _marks(analysis, SUMMARY)), cites, bool(cites))


def sections(analysis: Analysis, evidence: Iterable[Evidence]) -> list[Section]:
    """The sections there are, in the order of the page."""
    cites = cites_by_claim(evidence)
    return [_section(analysis, key, cites) for key in SECTION_TITLES if analysis.sections.get(key)]


def cites_by_claim(evidence: Iterable[Evidence]) -> dict[str, tuple[int, ...]]:
    """The quotes that bear out each claim, by the numbers they have on the page."""
    cites: dict[str, tuple[int, ...]] = {}
    for number, same in enumerate(_distinct(evidence), start=1):
        for quote in same:
            cites[quote.claim] = (*cites.get(quote.claim, ()), number)
    return cites


def _distinct(evidence: Iterable[Evidence]) -> list[list[Evidence]]:
    """The evidence by its words: those that bear out several claims are one quote on the page."""
    found: dict[tuple[int, int, int], list[Evidence]] = {}
    for quote in evidence:
        found.setdefault((quote.article_id, quote.start, quote.end), []).append(quote)
    return list(found.values())


def _section(analysis: Analysis, key: str, cites: Mapping[str, tuple[int, ...]]) -> Section:
    text, left, own = analysis.sections[key], _marks(analysis, key), cites.get(key, ())
    if key not in LIST_KEYS:
        return Section(key, SECTION_TITLES[key], prose(text, left), (), own, bool(own))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    items = []
    for number, line in enumerate(lines, start=1):
        parts, left = marked(line, left)
        quotes = cites.get(f"{key}.{number}", ())
        items.append(Claim(f"{key}.{number}", parts, quotes, bool(quotes or own)))
    return Section(key, SECTION_TITLES[key], (), tuple(items), own, any(item.is_borne_out for item in items))


def _marks(analysis: Analysis, key: str) -> list[Mark]:
    return marks(analysis.dropped, analysis.derived, key)


# --- quotes ----------------------------------------------------------------------------------------------


def quotes(analysis: Analysis, evidence: Iterable[Evidence], articles: Iterable[Article]) -> list[Quote]:
    """The distinct quotes of the evidence, each within its sentence. `articles` are the story's, with their texts."""
    texts = {article.pk: document(article.title, article.text) for article in articles}
    shown = {SUMMARY: CLAIM_TITLES[SUMMARY]} if analysis.summary else {}
    for section in sections(analysis, ()):
        shown |= dict.fromkeys([section.key, *(item.key for item in section.items)], section.title)
    same = enumerate(_distinct(evidence), start=1)
    return [_quote(number, each, texts.get(each[0].article_id, ""), shown) for number, each in same]


def _quote(number: int, same: list[Evidence], text: str, shown: Mapping[str, str]) -> Quote:
    first = same[0]
    is_in_text = _stands(first, text)
    before, after = (
        around(text, first.start, first.end, *sentences_around(text, first.start, first.end)) if is_in_text else ("", "")
    )
    # One link per section: three items of a list borne out by the same words need one way back.
    bears = {shown[each.claim]: each.claim for each in reversed(same) if each.claim in shown}
    back = tuple((key, title) for title, key in reversed(bears.items()))
    return Quote(number, before, first.quote, after, back, first.article, is_in_text)


def _stands(evidence: Evidence, text: str) -> bool:
    """An article that was edited since may have moved or lost the words."""
    return text[evidence.start : evidence.end] == evidence.quote


def text_parts(article: Article, evidence: Iterable[Evidence]) -> list[TextPart]:
    """The stored text cut at the quotes' offsets. Where quotes overlap, a part belongs to several."""
    text = document(article.title, article.text)
    numbered = [(number, same[0]) for number, same in enumerate(_distinct(evidence), start=1)]
    marks = [(number, quote) for number, quote in numbered if quote.article_id == article.pk and _stands(quote, text)]
    cuts = sorted({0, len(text)}.union(*({quote.start, quote.end} for _, quote in marks)))
    return [_text_part(text, start, end, marks) for start, end in pairwise(cuts)]


def _text_part(text: str, start: int, end: int, marks: Sequence[tuple[int, Evidence]]) -> TextPart:
    covering = [(number, quote) for number, quote in marks if quote.start <= start and end <= quote.end]
    numbers, starts = [number for number, _ in covering], [number for number, quote in covering if quote.start == start]
    return TextPart(text[start:end], tuple(numbers), tuple(starts))


def left_out(analysis: Analysis) -> LeftOut:
    """Quotes and companies that were dropped, and what is marked in the prose, counted and listed."""
    kinds = [row["kind"] for row in analysis.dropped]
    counted = [
        one if kinds.count(kind) == 1 else several.format(kinds.count(kind))
        for kind, (_, one, several) in _LEFT_OUT.items()
        if kind in kinds
    ]
    sentence = f"{', '.join(counted)}: the sources do not bear that out." if counted else ""
    return LeftOut(
        sentence,
        tuple(
            (row["words"], f"{_LEFT_OUT[row['kind']][0]}, {row['reason']}")
            for row in analysis.dropped
            if row["kind"] in _LEFT_OUT
        ),
    )


# --- scores and clocks -----------------------------------------------------------------------------------


def so_far(analysis: Analysis) -> SoFar | None:
    """How far the readings of the primary company in this story lie apart, quick and full; none while there is one. One query."""
    scores = list(
        Reading.objects.filter(
            analysis__story=analysis.story_id,
            analysis__firm=analysis.firm_id,
            analysis__version__lte=analysis.version,
            issuer=analysis.primary_issuer_id,
            sentiment_score__isnull=False,
        )
        .order_by("analysis__version")
        .values_list("analysis__lane", "sentiment_score")
    )
    if len(scores) < 2:
        return None
    quick = [score for lane, score in scores if lane == Analysis.Lane.FLASH]
    is_quick = analysis.lane == Analysis.Lane.FLASH
    values = [score for _, score in scores if score is not None]
    return SoFar(min(values), max(values), None if is_quick or not quick else quick[-1])


def clocks(story: Story, primary: Reading | None) -> list[Clock]:
    """When it was published, at the reader's desk and at the exchange of the company it is about."""
    moment = story.published_at or story.received_at
    desk = timezone.get_current_timezone_name()
    shown = [Clock(desk.rpartition("/")[2].replace("_", " "), timezone.localtime(moment))]
    listing = primary.issuer.primary_listing if primary else None
    venue = VENUES.get(listing.mic) if listing else None
    if venue and venue.zone != desk:
        shown.append(Clock(venue.city, moment.astimezone(ZoneInfo(venue.zone))))
    return shown
