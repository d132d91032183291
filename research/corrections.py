"""Corrections by people: at once for their firm, for everybody when staff accept them, and a lesson for the next article."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.doorbell import ring
from accounts.models import Membership, User
from accounts.scope import every_firm
from accounts.work import State
from portfolios.changes import changes_by
from portfolios.models import Issuer
from research.learning import telling_words
from research.lessons import LONGEST_WORDS, forget, teach
from research.mentions import document
from research.models import Article, Correction, Mention, Story

MOST_RIGHT_TEXTS = 50
LONGEST_NAME = 200
Kind, Verdict = Correction.Kind, Correction.Verdict


class NotCorrected(ValueError):
    """Why the correction was not taken; nothing was changed."""


def said_wrong(member: Membership, story: Story, issuer: Issuer, *, context: str = "", note: str = "") -> Correction:
    """This story is not about that company. Raises NotCorrected."""
    mention = mention_of(story, issuer)
    if mention is None:
        raise NotCorrected(f"We do not link this story to {issuer}. Nothing was changed.")
    alias = issuer.aliases.filter(text__iexact=mention.words).first()
    return _make(
        member,
        Correction(
            kind=Kind.WRONG,
            story=story,
            issuer=issuer,
            words=mention.words,
            resolved_by=mention.resolved_by,
            alias=alias,
            alias_source=alias.source if alias else "",
            context=context[:LONGEST_WORDS],
            note=note,
        ),
    )


def said_missing(member: Membership, story: Story, issuer: Issuer, words: str, *, note: str = "") -> Correction:
    """This story is about that company too, under those words of its text. Raises NotCorrected."""
    written = _as_written(story, words)
    if not written:
        raise NotCorrected(f"“{words}” stands in no text of this story. Give the words as they are written there.")
    if mention_of(story, issuer):
        raise NotCorrected(f"This story is linked to {issuer} already. Nothing was changed.")
    return _make(member, Correction(kind=Kind.MISSING, story=story, issuer=issuer, words=written, note=note))


def mention_of(story: Story, issuer: Issuer) -> Mention | None:
    """The mention that says most, over the story's articles."""
    return Mention.objects.filter(article__story=story, issuer=issuer).order_by("-relevance").select_related("article").first()


def suggested_words(mention: Mention) -> list[str]:
    """Words beside the mention that may tell why it is not the company: of no other text that we link to it by that name."""
    others = Mention.objects.filter(issuer=mention.issuer_id, words__iexact=mention.words).exclude(article=mention.article_id)
    right = others.order_by("-pk").values_list("article__title", "article__text")[:MOST_RIGHT_TEXTS]
    article = mention.article
    return telling_words(document(article.title, article.text), mention.words, [document(*each) for each in right])


def _as_written(story: Story, words: str) -> str:
    """The words in the letters of the first article that has them, or nothing."""
    parts = [re.escape(part) for part in words.split()]
    for article in story.articles.all() if parts else ():
        found = re.search(r"\s+".join(parts), document(article.title, article.text), re.I)
        if found and len(found[0]) <= LONGEST_NAME:
            return " ".join(found[0].split())
    return ""


def _make(member: Membership, correction: Correction) -> Correction:
    correction.firm, correction.made_by, correction.state = member.firm, member.user, State.WAITING
    before = Correction.objects.of(member.firm).standing().filter(story=correction.story, issuer=correction.issuer).first()
    if before:
        raise NotCorrected(f"Your firm has said “{before.get_kind_display()}” of {before.issuer} already. Undo that first.")
    try:
        with transaction.atomic():
            correction.save()
            ring("tell_corrections", [correction.pk])
    except IntegrityError as error:
        raise NotCorrected("A colleague said something of it in this moment. Look at the story again.") from error
    return correction


def undo(correction: Correction, by: User) -> None:
    """Take back what the firm said. Alerts that were corrected stay so. Raises NotCorrected where it holds for everybody."""
    with transaction.atomic():
        now = Correction.objects.select_for_update().get(pk=correction.pk)
        if now.verdict == Verdict.ACCEPTED:
            raise NotCorrected("It holds for everybody by now: only those who keep the security master can take it back.")
        if now.undone_at is None:
            Correction.objects.filter(pk=now.pk).update(undone_at=Now(), undone_by=by)


# --- for everybody ---------------------------------------------------------------------------------------


def accept(correction: Correction, by: User, words: Sequence[str] = (), *, needs_reason: bool = False) -> Correction:
    """Let it hold for everybody: the story is read again, and its name learns. `words` tell in other texts as well."""
    with every_firm(), changes_by(by, f"Correction {correction.pk}: {correction.get_kind_display()} in a story."):
        now = _locked(correction)
        if now.undone_at is None and not now.verdict:
            now.verdict, now.judged_by, now.judged_at = Verdict.ACCEPTED, by, timezone.now()
            teach(now, words, needs_reason=needs_reason)
            read_again(now.story_id)
        return now


def refuse(correction: Correction, by: User) -> None:
    """Leave it to the firm that said so."""
    with every_firm():
        waiting = Correction.objects.filter(pk=correction.pk).unjudged()
        waiting.update(verdict=Verdict.REFUSED, judged_by=by, judged_at=Now())


def revoke(correction: Correction, by: User) -> None:
    """It no longer holds for everybody: what was learned from it is forgotten, and the story is read again."""
    with every_firm(), changes_by(by, f"Correction {correction.pk} was revoked."):
        now = _locked(correction)
        if now.verdict == Verdict.ACCEPTED:
            Correction.objects.filter(pk=now.pk).update(verdict=Verdict.REVOKED, judged_by=by, judged_at=Now())
            forget(now)
            read_again(now.story_id)


def _locked(correction: Correction) -> Correction:
    return Correction.objects.select_for_update(of=("self",)).select_related("alias").get(pk=correction.pk)


def read_again(story_id: int) -> None:
    """Link and score the story's articles anew. Call it inside every_firm()."""
    articles = Article.objects.filter(story=story_id)
    articles.retry()
    ring("read_articles", list(articles.values_list("pk", flat=True)))


@dataclass
class Said:
    """What holds for everybody of one story: companies it is not about, and words under which it is about others."""

    wrong: set[int] = field(default_factory=set)
    missing: list[tuple[int, str]] = field(default_factory=list)


def said_of(articles: Iterable[Article]) -> dict[int | None, Said]:
    """By the story of these articles, what staff accepted: of most nothing. Call it inside every_firm()."""
    found: dict[int | None, Said] = defaultdict(Said)
    stories = {article.story_id for article in articles if article.story_id}
    accepted = Correction.objects.accepted().filter(story__in=stories).order_by("pk")
    for story, kind, issuer, words in accepted.values_list("story", "kind", "issuer", "words"):
        if kind == Kind.WRONG:
            found[story].wrong.add(issuer)
        else:
            found[story].missing.append((issuer, words))
    return found
