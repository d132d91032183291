"""An analyst's own page or text, read like any other article, for their firm alone. It never alerts anybody."""

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q

from accounts.models import Membership
from accounts.scope import every_firm
from accounts.work import State, attempt
from research import ingest
from research.cleaning import canonical_url, plain_text
from research.feed_process import FeedTooHeavy, parse_isolated
from research.feeds import FeedItem
from research.fetching import FetchFailed, FetchRefused, fetch
from research.models import Article, ReadRequest, Source, Story

SOURCE_NAME = "Read this"


def ask_for_page(membership: Membership, url: str) -> ReadRequest:
    """A request to fetch and read that page: ring "fetch_pages" with its id."""
    return ReadRequest.objects.create(firm=membership.firm, url=url, made_by=membership.user)


def ask_for_text(membership: Membership, title: str, text: str) -> ReadRequest:
    """A request whose article is stored already: ring "read_articles" with that one's id."""
    told = hashlib.sha256(f"{title}\n\n{text}".encode()).hexdigest()
    head = title or plain_text(text).partition("\n")[0][:200]
    article = _store(membership.firm_id, FeedItem(guid=f"sha256:{told}", url="", title=head, text=text))
    return ReadRequest.objects.create(
        firm=membership.firm, title=head, made_by=membership.user, article_id=article, state=State.DONE
    )


def story_at(firm_id: int, url: str) -> Story | None:
    """The story of an article with that address, which is everybody's or the firm's own."""
    found = canonical_url(url)
    same = Article.objects.filter(Q(firm=None) | Q(firm=firm_id), canonical_url=found, story__isnull=False)
    same = same.select_related("story__merged_into").order_by("firm")
    article = same.first() if found else None
    return article.story if article else None


def fetch_pages(ids: Iterable[int]) -> list[int]:
    """Fetch these pages and store what is on them. The articles to read; a page without one says why, and is not tried again."""
    stored: list[int] = []
    for pk in ids:
        with every_firm():
            request = ReadRequest.objects.filter(pk__in=ReadRequest.objects.claim([pk])).first()
        if request:
            with ReadRequest.objects.kept([pk]), attempt(request):
                stored += _fetch_page(request)
    return stored


def _fetch_page(request: ReadRequest) -> list[int]:
    try:
        fetched = fetch(request.url, allow=settings.OUTBOUND_ALLOW)
        fetched.raise_for_status()
        page = parse_isolated(fetched.body, fetched.headers.get("content-type"), fetched.url, "page")
    except (FetchFailed, FetchRefused, FeedTooHeavy) as error:
        return _give_up(request, str(error))
    if not page.items:
        return _give_up(request, "; ".join(page.problems))
    with every_firm():
        article = _store(request.firm_id, page.items[0])
        request.finish(article_id=article, title=page.items[0].title[:500])
    return [article]


def _store(firm_id: int, item: FeedItem) -> int:
    """The id of the article that this item is now, or was before."""
    source, _ = Source.objects.get_or_create(firm_id=firm_id, name=SOURCE_NAME, defaults={"kind": Source.Kind.ASKED})
    ingest.store(source, [item])
    found = ingest.known(source, item)
    if found is None:
        raise ValueError("There is nothing in it that a reader could see.")
    return found


def _give_up(request: ReadRequest, why: str) -> list[int]:
    with every_firm():
        request.give_up(why)
    return []
