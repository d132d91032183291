"""What an article adds to the story it joins: a company or a number that none of the others has. A copy adds nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from research.attaching import New
from research.mentions import document
from research.models import Article, Mention
from research.new_facts import new_facts
from research.novelty import Document, as_compared, copied


@dataclass
class _Told:
    """What a story has told so far, in order of time."""

    articles: list[Article] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    issuers: set[int] = field(default_factory=set)

    def add(self, article: Article) -> None:
        self.articles.append(article)
        self.documents.append(as_compared(article.title, article.text))


def mark_copies(joined: Sequence[New]) -> set[int]:
    """Say of each article that joined a story what it is a copy of. The ids of those that add something new. Two queries."""
    stories = {each.story.pk for each in joined if each.story}
    own = {each.article.pk for each in joined}
    told: dict[int, _Told] = defaultdict(_Told)
    for article in Article.objects.filter(story__in=stories).exclude(pk__in=own).order_by("received_at", "pk"):
        told[article.story_id or 0].add(article)
    for story, issuer in (
        Mention.objects.filter(article__story__in=stories).exclude(article__in=own).values_list("article__story", "issuer")
    ):
        told[story or 0].issuers.add(issuer)
    return {each.article.pk for each in joined if each.story and _adds(each, told[each.story.pk])}


def _adds(new: New, told: _Told) -> bool:
    article, before = new.article, list(told.articles)
    told.add(article)
    original = copied(told.documents[-1], told.documents[:-1])
    article.copy_of = before[original] if original is not None else None
    issuers = new.fingerprint.issuers - told.issuers
    told.issuers |= issuers
    if article.copy_of or not before:
        return bool(issuers)
    texts = [document(each.title, each.text) for each in before]
    return bool(issuers) or bool(new_facts(texts, document(article.title, article.text)))
