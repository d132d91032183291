"""A model's answer as rows: a new version of a story's analysis, which supersedes the one before and changes nothing of it."""

import hashlib
import json

from django.db.models import Max

from research import llm
from research.asking import Answer, Task
from research.events import group_of
from research.grounding import Grounded
from research.models import Analysis, Evidence, Reading, SecondOrderEffect, Story
from research.reply import Reply, plain
from research.scoring import sentiment_score


def add_version(task: Task, story: Story, answer: Answer) -> Analysis:
    """The next version of a story's analysis, with its readings and evidence. The story, locked, does not point at it yet."""
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
    """What the reply said that the text does not bear out: quotes left out, prose marked, companies that are no candidates.

    It is shown: what is not in the text has no links and no addresses, as the prose has none.
    """
    reply = answer.reply
    quotes = [
        {"kind": "quote", "claim": claim, "words": plain(quote), "reason": reason}
        for claim, quote, reason in answer.grounded.dropped
    ]
    quotes += [{"kind": "quote", "claim": "", "words": "", "reason": "unusable"}] * reply.dropped_evidence
    prose = [
        {"kind": slip.kind, "claim": slip.where, "words": slip.words, "reason": slip.reason} for slip in answer.checked.slips
    ]
    issuers = [
        {"kind": "issuer", "claim": "", "words": plain(slug), "reason": "not a candidate"} for slug in reply.unknown_issuers
    ]
    words = [{"kind": "word", "claim": "", "words": plain(word), "reason": "not one of ours"} for word in reply.unknown_words]
    return quotes + prose + issuers + words


def _input_hash(task: Task) -> str:
    told = json.dumps([task.texts, task.candidates, [each.told for each in task.related.values()]], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
