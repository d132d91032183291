"""How a story was told, as plain values: who came first, what each article added, who confirms it, and how much is written."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone

from accounts.models import Firm, User
from research import novelty
from research.attaching import hashed, moment_of
from research.fingerprints import issuer_key
from research.mentions import document
from research.merging import TAKEN_OUT
from research.models import Article, ArticleKey, Correction, Mention, Story, StoryMerge
from research.new_facts import Fact, new_facts, sentences_with
from research.piece import Kind, kind

MOST_ROWS = 8
MOST_SENTENCES = 3  # of an article
WINDOW_NAMES = ("12 h", "24 h", "3 d", "5 d", "7 d")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article. `is_new`: no earlier article of the story has this number or company."""

    text: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One article. `at` is when it was told; `gap` since the article before; `novelty` 0…100.

    `kind` where it reports no event; `copied_from` is the outlet whose article it repeats, or empty. `sentences` are those of its
    text with something new, at most three, and `more_count` how many more there are.
    """

    at: datetime
    outlet: str
    url: str
    title: tuple[Piece, ...]
    is_first: bool
    is_changed: bool
    kind: Kind | None
    copied_from: str
    gap: timedelta | None
    novelty: int
    sentences: tuple[tuple[Piece, ...], ...]
    more_count: int

    @property
    def adds(self) -> bool:
        return bool(self.sentences) or any(piece.is_new for piece in self.title)


@dataclass(frozen=True, slots=True)
class Merge:
    """Another story that turned out to be this one; with `is_split`, what was taken out of it. By whom: empty, later evidence."""

    title: str
    article_count: int
    reason: str
    made_by: str
    made_at: datetime
    undone_by: str
    undone_at: datetime | None
    is_split: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """`press_median` −1…1, of the primary company. `linked` and `volume` are counts up to now, by the windows of
    research.novelty: of the story's articles, and of all about that company that the firm may see. None is not measured.
    """

    rows: tuple[Row, ...]
    corroboration: int
    lead_time: timedelta | None
    press_median: float | None
    linked: tuple[int, ...]
    volume: tuple[int, ...] | None
    saturation: float | None
    merges: tuple[Merge, ...]

    @property
    def shown(self) -> tuple[Row, ...]:
        return self.rows[:MOST_ROWS]

    @property
    def folded(self) -> tuple[Row, ...]:
        return self.rows[MOST_ROWS:]

    @property
    def adding_count(self) -> int:
        """How many of the folded rows add something."""
        return sum(row.adds for row in self.folded)

    @property
    def windows(self) -> list[tuple[str, int, int | None]]:
        """Name, articles of the story and articles about the company, for each window."""
        volume: tuple[int | None, ...] = self.volume or (None,) * len(WINDOW_NAMES)
        return list(zip(WINDOW_NAMES, self.linked, volume, strict=True))


def timeline(
    firm: Firm,
    story: Story,
    articles: Iterable[Article],
    primary_issuer_id: int | None,
    *,
    corrections: Iterable[Correction] = (),
    now: datetime | None = None,
) -> Timeline | None:
    """How the story was told by these articles, with their sources; None where there is but one. At most three queries.

    `corrections` are the firm's: a company that it says the story is not about is nothing new in it.
    """
    told = sorted(articles, key=lambda article: (moment_of(article), article.pk))
    merges = _merges(firm, story)
    if len(told) < 2 and not merges:
        return None
    now = now or timezone.now()
    wrong = {correction.issuer_id for correction in corrections if correction.kind == Correction.Kind.WRONG}
    mentions = _mentions(told, wrong)
    originals = _originals(told)
    press = [
        novelty.Told(moment_of(each), each.outlet, each.pk in originals, _sentiment(mentions[each.pk], primary_issuer_id))
        for each in told
    ]
    linked = novelty.counts([each.at for each in press], now)
    volume = novelty.counts(_moments_about(firm, primary_issuer_id, now), now) if primary_issuer_id else None
    return Timeline(
        rows=tuple(_rows(told, originals, mentions)),
        corroboration=novelty.corroboration(press),
        lead_time=novelty.lead_time(press),
        press_median=novelty.press_median(press),
        linked=linked,
        volume=volume,
        saturation=novelty.saturation(linked, volume) if volume else None,
        merges=merges,
    )


# --- what there is ---------------------------------------------------------------------------------------


def _mentions(told: Sequence[Article], wrong: Collection[int]) -> dict[int, list[Mention]]:
    found: dict[int, list[Mention]] = defaultdict(list)
    for mention in Mention.objects.filter(article__in=told).exclude(issuer__in=wrong).order_by("pk"):
        found[mention.article_id].append(mention)
    return found


def _moments_about(firm: Firm, issuer_id: int, now: datetime) -> list[datetime]:
    """When the articles about a company were told, within the longest window: by key and time, whatever the archive has of it."""
    keys = ArticleKey.objects.visible_to(firm).filter(key=hashed(issuer_key(issuer_id)))
    recent = keys.filter(moment__gt=now - max(novelty.WINDOWS), moment__lte=now)
    return list(recent.values_list("moment", flat=True))


def _merges(firm: Firm, story: Story) -> tuple[Merge, ...]:
    rows = StoryMerge.objects.visible_to(firm).filter(story=story).select_related("other", "made_by", "undone_by")
    return tuple(
        Merge(
            title=row.other.title,
            article_count=len(row.articles),
            reason=row.reason,
            made_by=_who(row, row.made_by),
            made_at=row.made_at,
            undone_by=_who(row, row.undone_by),
            undone_at=row.undone_at,
            is_split=row.reason == TAKEN_OUT,
        )
        for row in rows.order_by("pk")
    )


def _who(row: StoryMerge, person: User | None) -> str:
    """Of a story of everybody, staff have no names for those who read it."""
    if person is None:
        return ""
    return person.name if row.firm_id else "staff"


def _sentiment(mentions: Iterable[Mention], issuer_id: int | None) -> float | None:
    own = next((mention for mention in mentions if mention.issuer_id == issuer_id), None)
    if own is None or own.p_positive is None or own.p_negative is None:
        return None
    return own.p_positive - own.p_negative


def _originals(told: Sequence[Article]) -> dict[int, Article]:
    """By its id, what each article repeats: the first that told it. What came in first may have been told last."""
    copied = {article.pk: article.copy_of_id for article in told}
    first: dict[int, Article] = {}
    originals: dict[int, Article] = {}
    for article in told:
        original = first.setdefault(_root(copied, article.pk), article)
        if original is not article:
            originals[article.pk] = original
    return originals


def _root(copied: dict[int, int | None], article: int) -> int:
    """The end of a chain of copies; the least of those that an edit made copies of one another."""
    seen = [article]
    while (before := copied.get(seen[-1])) is not None:
        if before in seen:
            return min(seen[seen.index(before) :])
        seen.append(before)
    return seen[-1]


# --- rows ------------------------------------------------------------------------------------------------


def _rows(told: Sequence[Article], originals: dict[int, Article], mentions: dict[int, list[Mention]]) -> Iterator[Row]:
    moments = [moment_of(article) for article in told]
    gaps = [None, *(after - before for before, after in pairwise(moments))]
    texts: list[str] = []
    named: set[str] = set()
    for article, at, gap, score in zip(told, moments, gaps, novelty.novelties(moments), strict=False):
        text, copied = document(article.title, article.text), originals.get(article.pk)
        names = list(_places(text, mentions[article.pk]))
        facts = [] if copied else new_facts(texts, text, names_before=named, names=names)
        sentences = _sentences(text, [fact for fact in facts if fact.start > len(article.title)])
        yield Row(
            at=at,
            outlet=article.outlet,
            url="" if article.source.is_sample else article.url,
            title=_pieces(text, 0, len(article.title), facts),
            is_first=not texts,
            is_changed=article.revision > 1,
            kind=kind(article.title),
            copied_from=copied.outlet if copied else "",
            gap=gap,
            novelty=score,
            sentences=tuple(_pieces(text, start, end, facts) for start, end in sentences[:MOST_SENTENCES]),
            more_count=max(0, len(sentences) - MOST_SENTENCES),
        )
        texts.append(text)
        named |= {name for _, _, name in names} | {str(mention.issuer_id) for mention in mentions[article.pk]}


def _places(text: str, mentions: Iterable[Mention]) -> Iterator[tuple[int, int, str]]:
    """Where the companies stand, under the words they were found by: (start, end, id)."""
    for mention in mentions:
        for found in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(mention.words)}(?![A-Za-z0-9])", text):
            yield *found.span(), str(mention.issuer_id)


def _sentences(text: str, facts: Iterable[Fact]) -> list[tuple[int, int]]:
    """The sentence of each fact where it first stands."""
    first = {fact.words.casefold(): fact for fact in reversed(list(facts))}
    return sorted({span for fact in first.values() for span in sentences_with(text, [fact])})


def _pieces(text: str, start: int, end: int, facts: Iterable[Fact]) -> tuple[Piece, ...]:
    """text[start:end] cut at the facts, which may overlap."""
    pieces, at = [], start
    for fact in facts:
        since, until = max(fact.start, at), min(fact.end, end)
        if since < until:
            pieces += [Piece(text[at:since]), Piece(text[since:until], is_new=True)]
            at = until
    return tuple(piece for piece in (*pieces, Piece(text[at:end])) if piece.text)
