"""Corrections by people: at once for their firm, for everybody when staff accept them, and a lesson for the next article."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import shorten

from django.db import transaction
from django.db.models.functions import Now

from accounts.doorbell import ring
from accounts.models import Membership, User
from accounts.scope import every_firm
from accounts.work import State
from portfolios.changes import changes_by
from portfolios.company_names import Grade, grade_of
from portfolios.models import Alias, Issuer
from research.learning import telling_words
from research.mentions import document
from research.models import Article, Correction, Mention, Story

MOST_RIGHT_TEXTS = 50
LONGEST_WORDS = 300  # of an alias's words against or beside
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
    folded = " ".join(words.split()).casefold()
    for article in story.articles.all() if folded else ():
        whole = document(article.title, article.text)
        if (start := whole.casefold().find(folded)) >= 0:
            return whole[start : start + len(folded)]
    return ""


def _make(member: Membership, correction: Correction) -> Correction:
    if Correction.objects.of(member.firm).standing().filter(story=correction.story, issuer=correction.issuer).exists():
        raise NotCorrected("Your firm has said so already.")
    correction.firm, correction.made_by, correction.state = member.firm, member.user, State.WAITING
    with transaction.atomic():
        correction.save()
        ring("tell_corrections", [correction.pk])
    return correction


def undo(correction: Correction, by: User) -> None:
    """Take it back: for everybody too, with what was learned from it. Alerts that were corrected stay so."""
    with transaction.atomic():
        undone = Correction.objects.filter(pk=correction.pk).standing().update(undone_at=Now(), undone_by=by)
        if undone and correction.verdict == Verdict.ACCEPTED:
            with every_firm(), changes_by(by, f"Correction {correction.pk} was taken back."):
                _unlearn(correction)
                read_again(correction.story_id)


# --- for everybody ---------------------------------------------------------------------------------------


def accept(correction: Correction, by: User, words: Sequence[str] = (), *, needs_reason: bool = False) -> None:
    """Let it hold for everybody: the story is read again, and its name learns. `words` tell in other texts as well.

    Of a wrong company they speak against the name, and `needs_reason` makes it need one; a missing one gets the name.
    """
    with every_firm(), changes_by(by, f"Correction {correction.pk}: {correction.get_kind_display()} in a story."):
        if not _judge(correction, by, Verdict.ACCEPTED, " ".join(words)):
            return
        if correction.kind == Kind.MISSING:
            _learn_name(correction, words)
        elif correction.alias:
            _learn_against(correction.alias, words, needs_reason=needs_reason)
        read_again(correction.story_id)


def refuse(correction: Correction, by: User) -> None:
    """Leave it to the firm that said so."""
    with every_firm():
        _judge(correction, by, Verdict.REFUSED, correction.context)


def _judge(correction: Correction, by: User, verdict: Correction.Verdict, context: str) -> bool:
    waiting = Correction.objects.filter(pk=correction.pk).unjudged()
    correction.verdict, correction.context = verdict, context[:LONGEST_WORDS]
    return bool(waiting.update(verdict=verdict, context=correction.context, judged_by=by, judged_at=Now()))


def _learn_against(alias: Alias, words: Collection[str], *, needs_reason: bool) -> None:
    alias.against = _joined(alias.against, words)
    alias.needs_corroboration = alias.needs_corroboration or needs_reason
    alias.source = Alias.Source.PERSON
    alias.save()


def _learn_name(correction: Correction, words: Collection[str]) -> None:
    alias, is_new = Alias.objects.get_or_create(
        issuer_id=correction.issuer_id,
        text=correction.words,
        defaults={"needs_corroboration": grade_of(correction.words) < Grade.DISTINCT, "source": Alias.Source.PERSON},
    )
    if words:
        alias.beside = _joined(alias.beside, words)
        alias.save()
    if is_new:
        Correction.objects.filter(pk=correction.pk).update(alias=alias, alias_source=alias.source)


def _unlearn(correction: Correction) -> None:
    """Words learned from it alone are forgotten; a name that came with it goes."""
    alias = correction.alias
    if alias is None:
        return
    if correction.kind == Kind.MISSING:
        alias.delete()
        return
    kept = Correction.objects.accepted().filter(alias=alias).exclude(pk=correction.pk).values_list("context", flat=True)
    forgotten = set(correction.context.split()) - {word for context in kept for word in context.split()}
    alias.against = " ".join(word for word in alias.against.split() if word not in forgotten)
    alias.save()


def _joined(before: str, words: Iterable[str]) -> str:
    return shorten(
        " ".join(dict.fromkeys([*before.split(), *(word.casefold() for word in words)])), LONGEST_WORDS, placeholder=""
    )


def read_again(story_id: int) -> None:
    """Link and score the story's articles anew. Call it inside every_firm()."""
    articles = Article.objects.filter(story=story_id)
    articles.update(state=State.WAITING, attempts=0, deferrals=0, lease_until=None, next_at=Now(), error="")
    ring("read_articles", list(articles.values_list("pk", flat=True)))


@dataclass
class Said:
    """What holds for everybody of one story: companies it is not about, and words under which it is about others."""

    wrong: set[int] = field(default_factory=set)
    missing: list[tuple[int, str]] = field(default_factory=list)


def said_of(story_ids: Iterable[int]) -> dict[int, Said]:
    """By story, what staff accepted. Call it inside every_firm()."""
    found: dict[int, Said] = {}
    accepted = Correction.objects.accepted().filter(story__in=list(story_ids)).order_by("pk")
    for story, kind, issuer, words in accepted.values_list("story", "kind", "issuer", "words"):
        said = found.setdefault(story, Said())
        if kind == Kind.WRONG:
            said.wrong.add(issuer)
        else:
            said.missing.append((issuer, words))
    return found
