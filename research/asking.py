"""What a model is given of a story, and what it answers: a reply that passed its checks, after one repair at most."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from portfolios.models import Issuer
from research import endpoint, llm, sample, spending
from research.gates import may_be_read
from research.grounding import Grounded, ground
from research.mentions import document
from research.models import Analysis, Article, Mention, Story
from research.related import Related, related_to
from research.reply import Reply, ReplyRejected, parse_reply, reply_schema
from research.slips import Checked, check_prose
from research.suspicion import LEFT_OUT, is_suspect, without_orders

log = logging.getLogger(__name__)

MOST_ARTICLES = 8
MOST_FAILURES = 20  # told to the model when it is asked again


@dataclass
class Task:
    """One story to read, loaded whole: no database is open while the model is asked."""

    story: Story
    articles: list[Article]
    issuers: dict[str, Issuer]
    relevance: dict[int, float]
    related: dict[str, Related] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # of the issuers, under which the prose may speak of them
    prompt: str | None = None  # in place of the story prompt

    @cached_property
    def given(self) -> list[str]:
        """What the model gets of each text: of one that looks made to steer it not the sentences that do."""
        pairs = zip(self.articles, self.texts, strict=True)
        return [without_orders(text) if is_suspect(article.flags) else text for article, text in pairs]

    @property
    def has_text(self) -> bool:
        """Whether anything is left of it for a model to read."""
        return any(text.replace(LEFT_OUT.strip(), "").strip() for text in self.given)

    @property
    def given_title(self) -> str:
        """That of the first article given: the story's own may be of one that no model may read, or that is left out."""
        first = self.articles[0]
        return without_orders(first.title) if is_suspect(first.flags) else first.title

    @property
    def candidates(self) -> list[tuple[str, str, str | None, str]]:
        """Key, name, ISIN and sector of each issuer the model may speak of, most relevant first."""
        ranked = sorted(self.issuers.values(), key=lambda issuer: -self.relevance[issuer.pk])
        return [(issuer.slug, issuer.name, _isin(issuer), issuer.sector) for issuer in ranked]

    def parsed(self, raw: str) -> Reply:
        """The reply, of companies that were asked about alone."""
        return parse_reply(raw, self.issuers, self.related)


@dataclass(frozen=True)
class Answer:
    """A reply that has its shape, what the texts do not bear out of it, and the receipt of what it took to get it."""

    reply: Reply
    raw: str
    engine: Analysis.Engine
    grounded: Grounded
    checked: Checked
    completion: llm.Completion | None = None
    was_repaired: bool = False

    @property
    def failures(self) -> list[str]:
        """What is wrong with it, in words that may go back to the model, which has the story and its own reply."""
        quotes = [f"evidence for {claim}: {reason}: {json.dumps(quote)}" for claim, quote, reason in self.grounded.dropped]
        return quotes + [f"{slip.where}: {slip.kind} {slip.reason}: {json.dumps(slip.words)}" for slip in self.checked.slips]


def load(story_id: int) -> Task:
    """The story with what a model may be given of it. Call it inside every_firm()."""
    story = Story.objects.get(pk=story_id)
    articles = _worth_reading(list(story.articles.select_related("source").order_by("received_at", "pk")))
    mentions = worth_asking(articles)
    relevance: dict[int, float] = {}
    for mention in mentions:
        relevance[mention.issuer_id] = max(mention.relevance, relevance.get(mention.issuer_id, 0.0))
    issuers = {mention.issuer.slug: mention.issuer for mention in mentions}
    texts = [document(article.title, article.text) for article in articles]
    related = related_to(issuers.values())
    names = [name for issuer in issuers.values() for name in (issuer.name, *(alias.text for alias in issuer.aliases.all()))]
    names += [each.name for each in related.values()]
    return Task(story, articles, issuers, relevance, related, texts, names)


def _worth_reading(articles: Sequence[Article]) -> list[Article]:
    """Those that a model may read. Copies say nothing more, and what looks manipulated is left out where there is anything else.

    Of many, the first, which reported it, and the newest, which know most.
    """
    open_to_models = [article for article in articles if may_be_read(article)]
    own = [article for article in open_to_models if article.copy_of_id is None] or open_to_models
    own = [article for article in own if not is_suspect(article.flags)] or own
    return own if len(own) <= MOST_ARTICLES else [*own[:2], *own[2 - MOST_ARTICLES :]]


def worth_asking(articles: Sequence[Article]) -> list[Mention]:
    """The companies to ask about. A ticker in passing, without its company's name, is no news: lists of them are stuffed."""
    rows = Mention.objects.filter(article__in=articles).select_related("issuer")
    found = list(rows.prefetch_related("issuer__securities", "issuer__aliases"))
    named = [each for each in found if each.tier != Mention.Tier.PASSING or not each.resolved_by.startswith("ticker")]
    return named or found


def _isin(issuer: Issuer) -> str | None:
    return next((security.isin for security in issuer.securities.all() if security.isin), None)


def recorded(task: Task) -> Answer | None:
    """The sample desk's stories come with a model's recorded reply. It passes the same checks as any other."""
    for article in task.articles:
        raw = sample.reply_for(article.guid) if article.source.is_sample else None
        if raw is not None:
            return _checked(task, raw, Analysis.Engine.RECORDED)
    return None


def messages_of(task: Task) -> list[llm.Message]:
    """The request, as it would be sent."""
    related = [each.told for each in task.related.values()]
    return llm.build_messages(task.given_title, "\n\n".join(task.given), task.candidates, related, task.prompt)


def ask(task: Task) -> Answer:
    """Ask the model, and once more where its reply was refused or says what the text does not.

    Raises ReplyRejected, llm.ModelUnavailable, spending.NotAsked or spending.Busy.
    """
    messages = messages_of(task)
    completion = _complete(task, messages)
    try:
        first = _checked(task, completion.text, Analysis.Engine.MODEL, completion)
        problem = "; ".join(first.failures[:MOST_FAILURES])
    except ReplyRejected as error:
        first, problem = None, str(error)
    if first and not problem:
        return first
    what = f"{len(first.failures)} slips" if first else problem  # the words of a private story are not for the log
    log.warning("Story %d: asking the model to repair its reply: %s", task.story.pk, what)
    again = [*messages, *llm.repair_messages(completion.text, problem)]
    return _repaired(task, again, first, completion)


def _repaired(task: Task, messages: Sequence[llm.Message], first: Answer | None, before: llm.Completion) -> Answer:
    """Of two replies the one with fewer slips. There is no third; a usable one is kept whatever becomes of the second."""
    try:
        completion = _complete(task, messages)
        both = _together(before, completion)
        second = _checked(task, completion.text, Analysis.Engine.MODEL, both)
        first = replace(first, completion=both) if first else None
    except (llm.ModelUnavailable, ReplyRejected, spending.Busy, spending.NotAsked) as error:
        if first is None:
            raise
        log.warning("Story %d: no better reply came: %s", task.story.pk, error)
        second = first
    best = first if first and len(first.failures) <= len(second.failures) else second
    return replace(best, was_repaired=True)


def _together(before: llm.Completion, completion: llm.Completion) -> llm.Completion:
    """The receipt of two requests for one reading; what one of them lacks is not known of both."""
    return replace(
        completion,
        tokens_in=_sum(before.tokens_in, completion.tokens_in),
        tokens_out=_sum(before.tokens_out, completion.tokens_out),
        latency_ms=before.latency_ms + completion.latency_ms,
        cost=None if before.cost is None or completion.cost is None else before.cost + completion.cost,
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _complete(task: Task, messages: Sequence[llm.Message]) -> llm.Completion:
    """One request, on the budget: a repair is one too."""
    schema = reply_schema()
    return spending.counted(task.story, messages, schema, lambda: endpoint.ask(messages, schema), task.prompt)


def _checked(task: Task, raw: str, engine: Analysis.Engine, completion: llm.Completion | None = None) -> Answer:
    reply = task.parsed(raw)
    grounded = ground([(item.claim, item.quote) for item in reply.evidence], task.texts)
    checked = check_prose({"summary": reply.summary, **reply.sections}, task.given, task.names)
    return Answer(reply, raw, engine, grounded, checked, completion)
