"""The full reading of one story: claim it, ask the model, check what it says against the text, keep the result as a new version.

The model gets the story's text and our own candidates, and nothing of anybody's holdings. Its raw reply is stored whole.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db.models import Max

from accounts.scope import every_firm
from accounts.work import State, attempt
from portfolios.models import Issuer
from research import endpoint, gating, llm, sample, spending
from research.events import group_of
from research.gates import may_be_read
from research.grounding import Grounded, ground
from research.mentions import document
from research.models import Analysis, Announcement, Article, Evidence, Mention, Reading, SecondOrderEffect, Story
from research.quick_readings import ask_for_full_readings
from research.related import Related, related_to
from research.reply import Reply, ReplyRejected, parse_reply, reply_schema
from research.scoring import sentiment_score
from research.slips import Checked, check_prose
from research.suspicion import is_suspect, without_orders

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

    @property
    def given(self) -> list[str]:
        """What the model gets of each text: of one that looks made to steer it not the sentences that do."""
        pairs = zip(self.articles, self.texts, strict=True)
        return [without_orders(text) if is_suspect(article.flags) else text for article, text in pairs]

    @property
    def given_title(self) -> str:
        is_doubtful = any(is_suspect(article.flags) for article in self.articles)
        return without_orders(self.story.title) if is_doubtful else self.story.title

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


def analyse(story_id: int) -> int | None:
    """Read one story in full. The id of its announcement to the rules; null if there is none, and the row says why."""
    with every_firm():
        claimed = Story.objects.claim([story_id])
    return _read(claimed[0]) if claimed else None


def analyse_first() -> int | None:
    """Read what is to be read first of the stories that are due, whichever the bell was rung for. Returns as `analyse` does."""
    with every_firm():
        claimed = Story.objects.claim_first()
    return _read(claimed) if claimed else None


def _read(story_id: int) -> int | None:
    with every_firm():
        task = _load(story_id)
    with Story.objects.kept([story_id]), attempt(task.story):
        answer = _answer_or_wait(task)
        if answer:
            with every_firm():
                announcement = _store(task, answer)
                return announcement.pk if announcement else None
    return None


class NotRescored(Exception):
    """Why a story was left with the reading it has."""


def rescore(story_id: int, prompt: str | None = None) -> Analysis:
    """Read a story again, by that prompt where one is given: a new version, of which no rule is told.

    Its work is not touched, so that a run that dies leaves nothing for a worker to announce. Raises NotRescored, ReplyRejected,
    llm.ModelUnavailable, spending.NotAsked or spending.Busy, and then nothing is stored.
    """
    with every_firm():
        task = _load(story_id)
    if not task.issuers:
        raise NotRescored("it is about no company we know")
    task.prompt = prompt
    answer = _ask(task)
    with every_firm():
        story = Story.objects.select_for_update().get(pk=story_id)
        if why := _changed(task, story):
            raise NotRescored(why)
        analysis = _add_version(task, story, answer)
        if story.state == State.WAITING:  # asked for while it was read: that reading is still to come
            Story.objects.filter(pk=story_id).update(current_analysis=analysis)
        else:
            story.finish(current_analysis=analysis)
        return analysis


def request_of(story_id: int, prompt: str | None = None) -> list[llm.Message]:
    """What the model would be asked of that story: nothing is sent. Call it inside every_firm()."""
    task = _load(story_id)
    task.prompt = prompt
    return _messages(task) if task.issuers else []


def _answer_or_wait(task: Task) -> Answer | None:
    try:
        answer = _recorded(task)
        if answer is None and not (settings.MODEL_CONFIGURED and task.issuers and any(map(str.strip, task.given))):
            # No model to ask (any more), no company left to ask about, or nothing to give it: the quick reading is the reading.
            with every_firm():
                task.story.finish()
            return None
        return answer or _ask(task)
    except endpoint.CircuitOpen as error:
        with every_firm():
            task.story.defer(str(error), error.retry_after)
    except llm.ModelUnavailable as error:
        why = f"The model did not answer ({error.kind}): {error}"
        wait = max(error.retry_after or 0, endpoint.OPERATOR_WAIT.total_seconds()) if error.needs_operator else error.retry_after
        with every_firm():
            task.story.defer(why, wait) if error.worth_retrying else task.story.give_up(why)
    except ReplyRejected as error:
        with every_firm():
            task.story.give_up(f"The model's reply was refused twice: {error}")
    except spending.Busy as error:
        with every_firm():
            task.story.defer(str(error), spending.BUSY_SECONDS)
    except spending.NotAsked as gate:
        gating.hold(task.story, gate)
    return None


def _load(story_id: int) -> Task:
    story = Story.objects.get(pk=story_id)
    articles = _worth_reading(list(story.articles.select_related("source").order_by("received_at", "pk")))
    mentions = _worth_asking(articles)
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


def _worth_asking(articles: Sequence[Article]) -> list[Mention]:
    """The companies to ask about. A ticker in passing, without its company's name, is no news: lists of them are stuffed."""
    rows = Mention.objects.filter(article__in=articles).select_related("issuer")
    found = list(rows.prefetch_related("issuer__securities", "issuer__aliases"))
    named = [each for each in found if each.tier != Mention.Tier.PASSING or not each.resolved_by.startswith("ticker")]
    return named or found


def _isin(issuer: Issuer) -> str | None:
    return next((security.isin for security in issuer.securities.all() if security.isin), None)


def _recorded(task: Task) -> Answer | None:
    """The sample desk's stories come with a model's recorded reply. It passes the same checks as any other."""
    for article in task.articles:
        raw = sample.reply_for(article.guid) if article.source.is_sample else None
        if raw is not None:
            return _checked(task, raw, Analysis.Engine.RECORDED)
    return None


def _messages(task: Task) -> list[llm.Message]:
    related = [each.told for each in task.related.values()]
    return llm.build_messages(task.given_title, "\n\n".join(task.given), task.candidates, related, task.prompt)


def _ask(task: Task) -> Answer:
    messages = _messages(task)
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
    return _repaired(task, [*messages, *llm.repair_messages(completion.text, problem)], first)


def _repaired(task: Task, messages: Sequence[llm.Message], first: Answer | None) -> Answer:
    """Of two replies the one with fewer slips. There is no third; a usable one is kept whatever becomes of the second."""
    try:
        completion = _complete(task, messages)
        second = _checked(task, completion.text, Analysis.Engine.MODEL, completion)
    except (llm.ModelUnavailable, ReplyRejected, spending.Busy, spending.NotAsked) as error:
        if first is None:
            raise
        log.warning("Story %d: no better reply came: %s", task.story.pk, error)
        second = first
    best = first if first and len(first.failures) <= len(second.failures) else second
    return replace(best, was_repaired=True)


def _complete(task: Task, messages: Sequence[llm.Message]) -> llm.Completion:
    """One request, on the budget: a repair is one too."""
    schema = reply_schema()
    return spending.counted(task.story, messages, schema, lambda: endpoint.ask(messages, schema))


def _checked(task: Task, raw: str, engine: Analysis.Engine, completion: llm.Completion | None = None) -> Answer:
    reply = task.parsed(raw)
    grounded = ground([(item.claim, item.quote) for item in reply.evidence], task.texts)
    checked = check_prose({"summary": reply.summary, **reply.sections}, task.given, task.names)
    return Answer(reply, raw, engine, grounded, checked, completion)


def _store(task: Task, answer: Answer) -> Announcement | None:
    story = Story.objects.select_for_update().get(pk=task.story.pk)
    if story.merged_into_id:
        story.drop("It was merged into another story while it was read.")
        return None
    if why := _changed(task, story):
        story.defer(f"{why}: it is read again.", 0)
        return None
    analysis = _add_version(task, story, answer)
    story.finish(current_analysis=analysis)
    if story.asked_at != task.story.asked_at:  # something was added while it was read
        ask_for_full_readings([story.pk])
    return Announcement.objects.create(firm_id=story.firm_id, analysis=analysis)


def _changed(task: Task, story: Story) -> str:
    """What became of the story while it was read, if anything."""
    if story.merged_into_id:
        return "It was merged into another story while it was read"
    read = story.articles.filter(pk__in=[article.pk for article in task.articles])
    if dict(read.values_list("pk", "revision")) != {article.pk: article.revision for article in task.articles}:
        return "Its articles changed while it was read"
    linked = {mention.issuer_id for mention in _worth_asking(task.articles)}
    is_same = linked == {issuer.pk for issuer in task.issuers.values()}
    return "" if is_same else "It was linked to other companies while it was read"


def _add_version(task: Task, story: Story, answer: Answer) -> Analysis:
    reply, completion = answer.reply, answer.completion
    newest = story.analyses.aggregate(Max("version"))["version__max"] or 0
    analysis = Analysis.objects.create(
        firm_id=story.firm_id,
        story=story,
        version=newest + 1,
        supersedes_id=story.current_analysis_id,
        lane=Analysis.Lane.FULL,
        engine=answer.engine,
        model=completion.model if completion else "",
        prompt_version=llm.prompt_version(task.prompt),
        input_hash=_input_hash(task),
        raw_reply=answer.raw,
        summary=reply.summary,
        sections=reply.sections,
        primary_issuer=task.issuers[reply.primary],
        event={"group": group_of(reply.event.type), **reply.event.model_dump()} if reply.event else {},
        horizon=reply.horizon or "",
        confidence=reply.confidence,
        dropped=_dropped(answer),
        derived=[{"claim": each.where, "words": each.words, "reason": each.how} for each in answer.checked.derived],
        was_repaired=answer.was_repaired,
        tokens_in=completion.tokens_in if completion else None,
        tokens_out=completion.tokens_out if completion else None,
        latency_ms=completion.latency_ms if completion else None,
        cost=completion.cost if completion else None,
        received_at=max(article.received_at for article in task.articles),
    )
    Reading.objects.bulk_create(_readings(task, analysis, reply))
    SecondOrderEffect.objects.bulk_create(_second_order(task, analysis, reply))
    Evidence.objects.bulk_create(_evidence(task, analysis, answer.grounded))
    return analysis


def _readings(task: Task, analysis: Analysis, reply: Reply) -> list[Reading]:
    return [
        Reading(
            firm_id=analysis.firm_id,
            analysis=analysis,
            issuer=task.issuers[said.issuer],
            p_positive=said.p_positive,
            p_neutral=said.p_neutral,
            p_negative=said.p_negative,
            sentiment_score=sentiment_score(said.p_positive, said.p_negative),
            market_impact_score=said.market_impact,
            relevance=task.relevance[task.issuers[said.issuer].pk],
            role=said.role,
            reason=said.reason,
        )
        for said in reply.issuers
    ]


def _second_order(task: Task, analysis: Analysis, reply: Reply) -> list[SecondOrderEffect]:
    ids = {slug: issuer.pk for slug, issuer in task.issuers.items()} | {slug: each.pk for slug, each in task.related.items()}
    return [
        SecondOrderEffect(
            firm_id=analysis.firm_id, analysis=analysis, issuer_id=ids[said.issuer], role=said.role, reason=said.reason
        )
        for said in reply.second_order
    ]


def _evidence(task: Task, analysis: Analysis, grounded: Grounded) -> list[Evidence]:
    return [
        Evidence(
            firm_id=analysis.firm_id,
            analysis=analysis,
            article=task.articles[text_index],
            number=number,
            claim=claim,
            quote=task.texts[text_index][start:end],
            start=start,
            end=end,
        )
        for number, (claim, _, text_index, start, end) in enumerate(grounded.kept, start=1)
    ]


def _dropped(answer: Answer) -> list[dict[str, str]]:
    """What the reply said that the text does not bear out: quotes left out, prose marked, companies that are no candidates."""
    reply = answer.reply
    quotes = [
        {"kind": "quote", "claim": claim, "words": quote, "reason": reason} for claim, quote, reason in answer.grounded.dropped
    ]
    quotes += [{"kind": "quote", "claim": "", "words": "", "reason": "unusable"}] * reply.dropped_evidence
    prose = [
        {"kind": slip.kind, "claim": slip.where, "words": slip.words, "reason": slip.reason} for slip in answer.checked.slips
    ]
    issuers = [{"kind": "issuer", "claim": "", "words": slug, "reason": "not a candidate"} for slug in reply.unknown_issuers]
    words = [{"kind": "word", "claim": "", "words": word, "reason": "not one of ours"} for word in reply.unknown_words]
    return quotes + prose + issuers + words


def _input_hash(task: Task) -> str:
    told = json.dumps([task.texts, task.candidates, [each.told for each in task.related.values()]], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
