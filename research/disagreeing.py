"""Where the sources of a story disagree, as the page shows it: both sentences, each with its article."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from research.contradictions import Contradiction, Figure, Name, contradictions
from research.mentions import document
from research.models import Article, Mention
from research.sentences import around

# Of a story: the first that told it, and what stands at their heads. A page must not take seconds for a long list of figures.
MOST_ARTICLES, MOST_CHARACTERS = 12, 6000


@dataclass(frozen=True, slots=True)
class Side:
    """What one article says: `before` + `words` + `after`, where `words` are the figure."""

    article: Article
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class SourcesDisagree:
    """Two sides or more of one thing, in the order in which the articles reached us."""

    subject: str
    sides: tuple[Side, ...]


def sources_disagree(articles: Iterable[Article]) -> list[SourcesDisagree]:
    """What these articles of one story disagree on; copies say nothing of their own. One query, none for a single article."""
    own = [article for article in articles if article.copy_of_id is None][:MOST_ARTICLES]
    if len(own) < 2:
        return []
    texts = [document(article.title, article.text)[:MOST_CHARACTERS] for article in own]
    return [_shown(found, own, texts) for found in contradictions(texts, _names(own, texts))]


def _names(articles: Sequence[Article], texts: Sequence[str]) -> list[list[Name]]:
    """Where the companies stand in each text, under the words they were found by."""
    words: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for article, said, issuer in Mention.objects.filter(article__in=articles).values_list("article", "words", "issuer"):
        words[article].append((said, issuer))
    return [
        [(*found.span(), issuer) for said, issuer in words[article.pk] for found in re.finditer(re.escape(said), text) if said]
        for article, text in zip(articles, texts, strict=True)
    ]


def _shown(found: Contradiction, articles: Sequence[Article], texts: Sequence[str]) -> SourcesDisagree:
    return SourcesDisagree(
        found.subject, tuple(_side(figure, articles[figure.article], texts[figure.article]) for figure in found.figures)
    )


def _side(figure: Figure, article: Article, text: str) -> Side:
    before, after = around(text, figure.start, figure.end, *figure.sentence)
    return Side(article, before, text[figure.start : figure.end], after)
