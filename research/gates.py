"""What a story has to pass before a model reads it in full: each gate leaves a ReadingDecision, for people to see.

A reading costs money and time, and sends a text away. So: the sources' licences must allow it; there must be something that was
not read before; somebody must hold one of its companies (or staff have put it on the public pages); and it must be no notice of
the kind that comes by the dozen. A recorded reply (the sample desk) is sent nowhere and costs nothing: it meets no gate. What the
budget and the approval say is decided where the money is counted (`gating.py`).

Who holds is asked by the index of holdings: the cost follows the companies of these stories, never how many portfolios there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left, Now

from accounts.work import State
from portfolios.models import Holding, Issuer
from research import sample
from research.models import Analysis, Article, Mention, Publication, ReadingDecision, Source, Story
from research.piece import traits

Gate = ReadingDecision.Gate
DOZENS = {"template", "wrap"}
WORTH_READING = 0.3  # a quick impact score from which a notice is read all the same: that of a rule as it comes
LEAD_CHARACTERS = 300
RECENT = timedelta(days=7)
MOST_ASKED = 50  # stories that a new holding may ask for at once
NOT_HELD = "Nobody here holds any company of this story"
EVERYTHING = "This installation reads everything"


@dataclass
class Facts:
    """What the gates look at in one story. `impact`: the largest of the quick scores; null is not measured."""

    story: Story
    articles: list[Article] = field(default_factory=list)
    issuers: set[int] = field(default_factory=set)
    impact: float | None = None
    is_held: bool = False
    is_published: bool = False

    @property
    def own(self) -> list[Article]:
        """The articles that are no copies of others."""
        return [article for article in self.articles if article.copy_of_id is None] or self.articles

    @property
    def is_asked_for(self) -> bool:
        """Whether a person wants it read."""
        return any(article.source.kind == Source.Kind.ASKED for article in self.articles)

    @property
    def is_recorded(self) -> bool:
        return any(article.source.is_sample and sample.reply_for(article.guid) is not None for article in self.articles)


@dataclass(frozen=True)
class Met:
    """One gate, and what was found there: a sentence without its full stop."""

    gate: ReadingDecision.Gate
    passed: bool
    detail: str


def admit(stories: Collection[int]) -> set[int]:
    """Those of these stories that a model should read, with a decision kept for each gate. A handful of queries for all."""
    admitted, met, held = set(), {}, set()
    for facts in _facts(stories):
        own = [] if facts.is_recorded else gates_met(facts)
        met[facts.story] = own
        if all(gate.passed for gate in own):
            admitted.add(facts.story.pk)
        if facts.is_held or facts.is_asked_for:
            held.add(facts.story.pk)
    keep(met)
    Story.objects.filter(pk__in=held, priority=0).update(priority=1)
    Story.objects.filter(pk__in=set(stories) - held, priority=1).update(priority=0)
    return admitted


def keep(met: dict[Story, list[Met]]) -> None:
    """Write what was decided, over what was decided before at the same gates."""
    ReadingDecision.objects.bulk_create(
        [
            ReadingDecision(
                firm_id=story.firm_id, story=story, gate=each.gate, passed=each.passed, detail=each.detail[:300], decided_at=Now()
            )
            for story, gates in met.items()
            for each in gates
        ],
        update_conflicts=True,
        unique_fields=["story", "gate"],
        update_fields=["passed", "detail", "decided_at"],
    )


def keep_copies(copies: Iterable[tuple[Story, Article]]) -> None:
    """That these articles repeat what their stories have: nothing of them is sent to a model."""
    found = {story: [Met(Gate.DUPLICATE, False, f"“{article.outlet}” repeats what the story has")] for story, article in copies}
    keep(found)


def ask_again(portfolios: Collection[int] | None = None, most: int = MOST_ASKED) -> set[int]:
    """Recent stories that nobody held and these portfolios (or any) hold now, newest first: those that may be read after all."""
    holdings = Holding.objects.all() if portfolios is None else Holding.objects.filter(portfolio__in=portfolios)
    touching = holdings.filter(issuer__mentions__article__story=OuterRef("pk"))
    held = Q(Exists(touching), firm=None) | Q(Exists(touching.filter(firm=OuterRef("firm"))))
    recent = Story.objects.live().filter(held, is_backfill=False, received_at__gte=Now() - RECENT)
    left = recent.filter(reading_decisions__gate=Gate.RELEVANCE, reading_decisions__passed=False)
    return set(left.order_by("-received_at").values_list("pk", flat=True)[:most])


def why_not_read(story: Story) -> ReadingDecision | None:
    """The first gate that a story did not pass which no model has read, or will."""
    analysis = story.current_analysis
    if story.state != State.DONE or (analysis and analysis.lane == Analysis.Lane.FULL):
        return None
    against = {decision.gate: decision for decision in story.reading_decisions.against()}
    return next((against[gate] for gate in Gate if gate in against), None)


# --- the gates -------------------------------------------------------------------------------------------


def gates_met(facts: Facts) -> list[Met]:
    """All of them: the first that is not passed is the reason that people are given."""
    return [_rights(facts.own), _duplicate(facts), _relevance(facts), _novelty(facts)]


def may_be_read(article: Article) -> bool:
    return article.source.rights == Source.Rights.READ


def _rights(own: Sequence[Article]) -> Met:
    closed = [article for article in own if not may_be_read(article)]
    if closed and len(closed) == len(own):
        return Met(Gate.RIGHTS, False, f"The licence of {_names(closed)} does not let a model read this story")
    if closed:
        return Met(Gate.RIGHTS, True, f"A model may read it, but what came from {_names(closed)}")
    return Met(Gate.RIGHTS, True, "A model may read it")


def _duplicate(facts: Facts) -> Met:
    return Met(Gate.DUPLICATE, True, f"{len(facts.own)} of {len(facts.articles)} articles are no copies")


def _relevance(facts: Facts) -> Met:
    if facts.is_held:
        return Met(Gate.RELEVANCE, True, "Somebody holds a company of this story")
    if facts.is_asked_for:
        return Met(Gate.RELEVANCE, True, "Somebody asked for it to be read")
    if facts.is_published:
        return Met(Gate.RELEVANCE, True, "It is on the public pages")
    return Met(Gate.RELEVANCE, settings.READ_EVERYTHING, EVERYTHING if settings.READ_EVERYTHING else NOT_HELD)


def _novelty(facts: Facts) -> Met:
    kinds = [traits(article.title, article.text[:LEAD_CHARACTERS], article.outlet) & DOZENS for article in facts.own]
    if not kinds or not all(kinds):
        return Met(Gate.NOVELTY, True, "No notice that comes by the dozen")
    kind = "/".join(sorted(set.union(*map(set, kinds))))
    if facts.impact is not None and facts.impact >= WORTH_READING:
        return Met(Gate.NOVELTY, True, f"By its title a notice ({kind}), but its quick impact is {facts.impact:.2f}")
    if settings.READ_EVERYTHING or facts.is_asked_for:
        return Met(Gate.NOVELTY, True, EVERYTHING if settings.READ_EVERYTHING else "Somebody asked for it to be read")
    return Met(Gate.NOVELTY, False, f"By its title it is a notice of the kind that comes by the dozen ({kind})")


def _names(articles: Iterable[Article]) -> str:
    return ", ".join(sorted({article.outlet for article in articles}))


# --- what they look at -----------------------------------------------------------------------------------


def _facts(ids: Collection[int]) -> list[Facts]:
    found = {story.pk: Facts(story) for story in Story.objects.filter(pk__in=ids).order_by("pk")}
    articles = Article.objects.filter(story__in=found).select_related("source").annotate(lead=Left("text", LEAD_CHARACTERS))
    for article in articles.defer("text").order_by("pk"):
        article.text = article.lead
        found[article.story_id or 0].articles.append(article)
    said = Mention.objects.filter(article__story__in=found).values_list("article__story", "issuer", "market_impact_score")
    for pk, issuer, impact in said:
        facts = found[pk]
        facts.issuers.add(issuer)
        facts.impact = max((score for score in (facts.impact, impact) if score is not None), default=None)
    published = set(Publication.objects.filter(story__in=found).values_list("story", flat=True))
    held = _held(found.values())
    for pk, facts in found.items():
        facts.is_held = bool(held[facts.story.firm_id] & facts.issuers)
        facts.is_published = pk in published
    return list(found.values())


def _held(all_facts: Iterable[Facts]) -> dict[int | None, set[int]]:
    """Of the companies of these stories those that are held: by anybody, and by the firm of each private story."""
    wanted: dict[int | None, set[int]] = defaultdict(set)
    for facts in all_facts:
        wanted[facts.story.firm_id] |= facts.issuers
    held: dict[int | None, set[int]] = defaultdict(set)
    for firm, issuers in wanted.items():
        holdings = Holding.objects.filter(issuer=OuterRef("pk"), **({"firm": firm} if firm else {}))
        held[firm] = set(Issuer.objects.filter(Exists(holdings), pk__in=issuers).values_list("pk", flat=True))
    return held
