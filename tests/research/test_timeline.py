"""How a story was told: who was first, what each article added, who repeats whom, and what the page says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Firm
from accounts.scope import every_firm
from portfolios.models import Issuer
from research.attaching import hashed, moment_of
from research.fingerprints import issuer_key
from research.models import Article, ArticleKey, Correction, Mention, Story, StoryMerge
from research.timeline import MOST_ROWS, Piece, Timeline, timeline
from tests.cast import Cast
from tests.make import make_analysis, make_article, make_firm, make_issuer, make_source, make_story, make_user

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
BEGAN = NOW - timedelta(hours=3)


@pytest.fixture
def issuer(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai")


@pytest.fixture
def story(issuer: Issuer) -> Story:
    """One article at Reuters."""
    story = Story.objects.create(title="Racks", received_at=BEGAN, state="done")
    told(story, 0, "Reuters", "Hon Hai will pay $4 billion.")
    return story


def told(story: Story, minutes: int, outlet: str, text: str, **fields: Any) -> Article:
    at = BEGAN + timedelta(minutes=minutes)
    fields = {"published_at": at, "received_at": at, "source_name": outlet, "title": f"Racks at {outlet}", **fields}
    return make_article(make_source(), story, text=text, **fields)


def mention(article: Article, issuer: Issuer, sentiment: float | None = None, **fields: Any) -> Mention:
    scores = {} if sentiment is None else {"p_positive": (1 + sentiment) / 2, "p_neutral": 0, "p_negative": (1 - sentiment) / 2}
    common = {"relevance": 90, "tier": "primary", "in_headline": False, "words": issuer.name, "resolved_by": "", "confidence": 1}
    key = hashed(issuer_key(issuer.pk))
    ArticleKey.objects.create(article=article, firm=article.firm, key=key, moment=moment_of(article))
    return Mention.objects.create(article=article, firm=article.firm, issuer=issuer, **{**common, **scores, **fields})


def seen(story: Story, issuer: Issuer | None = None, firm: Firm | None = None, **given: Any) -> Timeline:
    articles = Article.objects.filter(story=story).select_related("source")
    found = timeline(firm or make_firm(), story, articles, issuer.pk if issuer else None, now=NOW, **given)
    assert found
    return found


def marked(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_new]


def test_one_article_is_no_timeline(story: Story) -> None:
    assert timeline(make_firm(), story, list(story.articles.all()), None) is None


def test_articles_stand_in_the_order_they_were_told_in(story: Story) -> None:
    told(story, 12, "Nikkei", "It is so.", received_at=NOW, revision=2)
    told(story, 5, "CNA", "It is said.")
    rows = seen(story).rows
    assert [row.outlet for row in rows] == ["Reuters", "CNA", "Nikkei"]
    assert [row.novelty for row in rows] == [100, 75, 56]
    assert [row.gap for row in rows] == [None, timedelta(minutes=5), timedelta(minutes=7)]
    assert [row.is_first for row in rows] == [True, False, False]
    assert [row.is_changed for row in rows] == [False, False, True]


def test_new_numbers_are_marked_in_their_sentences(story: Story) -> None:
    told(story, 5, "CNA", "It will pay $4 billion. It will cut 1,200 jobs. No more is known.")
    told(story, 9, "Nikkei", "Jobs: 1,200.", title="The price is now $5 billion")
    first, second, third = seen(story).rows
    assert (first.sentences, first.adds) == ((), False)
    (sentence,) = second.sentences
    assert "".join(piece.text for piece in sentence) == "It will cut 1,200 jobs."
    assert marked(sentence) == ["1,200"]
    assert (marked(third.title), third.sentences, third.adds) == (["$5 billion"], (), True)


def test_no_more_than_three_sentences_of_an_article(story: Story) -> None:
    told(story, 5, "CNA", " ".join(f"Plant {name} has {n}00 people." for n, name in enumerate("ABCDE", start=1)))
    row = seen(story).rows[1]
    assert (len(row.sentences), row.more_count) == (3, 2)


def test_a_new_company_is_marked_unless_the_firm_says_it_is_wrong(story: Story) -> None:
    other = make_issuer("Zephyr")
    mention(told(story, 5, "CNA", "It buys from Zephyr."), other)
    wrong = Correction(kind=Correction.Kind.WRONG, story=story, issuer=other)
    assert marked(seen(story).rows[1].sentences[0]) == ["Zephyr"]
    assert seen(story, corrections=[wrong]).rows[1].sentences == ()


def test_copies_confirm_nothing(story: Story, issuer: Issuer) -> None:
    first = story.articles.get()
    copy = told(story, 4, "Yahoo", "Hon Hai will pay $4 billion.", copy_of=first)
    again = told(story, 6, "MSN", "Hon Hai will pay $4 billion.", copy_of=copy)
    own = told(story, 12, "Nikkei", "It is so.")
    for article, sentiment in ((first, 0.2), (copy, -0.9), (again, -0.9), (own, 0.4)):
        mention(article, issuer, sentiment)
    found = seen(story, issuer)
    assert [row.copied_from for row in found.rows] == ["", "Reuters", "Reuters", ""]
    assert (found.corroboration, found.lead_time) == (2, timedelta(minutes=12))
    assert found.press_median == pytest.approx(0.3)


def test_of_two_with_the_same_words_the_later_is_the_copy_whichever_came_in_first(story: Story) -> None:
    first = story.articles.get()
    later = told(story, 30, "Yahoo", "Hon Hai will pay $4 billion.")
    Article.objects.filter(pk=first.pk).update(copy_of=later)
    assert [row.copied_from for row in seen(story).rows] == ["", "Reuters"]
    Article.objects.filter(pk=later.pk).update(copy_of=first)  # and each of the other, after an edit
    assert [row.copied_from for row in seen(story).rows] == ["", "Reuters"]


def test_what_was_not_measured_is_none(story: Story, issuer: Issuer) -> None:
    mention(told(story, 5, "CNA", "It is said."), issuer)
    found = seen(story, issuer)
    assert (found.press_median, found.lead_time) == (None, timedelta(minutes=5))
    found = seen(story)
    assert (found.volume, found.saturation) == (None, None)
    assert [volume for _, _, volume in found.windows] == [None] * 5


def test_volume_counts_what_the_firm_may_see_of_the_company(story: Story, issuer: Issuer, cast: Cast) -> None:
    second = told(story, 5, "CNA", "It is said.")
    for article in (*story.articles.all(), make_article(published_at=NOW - timedelta(days=2), received_at=NOW)):
        mention(article, issuer)
    mention(make_article(published_at=None, received_at=NOW - timedelta(days=8)), issuer)
    mention(make_article(make_source(cast.firm), published_at=None, received_at=second.received_at), issuer)
    theirs, ours = seen(story, issuer, cast.other_firm), seen(story, issuer, cast.firm)
    assert (theirs.linked, theirs.volume, theirs.saturation) == ((2, 2, 2, 2, 2), (2, 2, 3, 3, 3), 1.0)
    assert ours.volume == (3, 3, 4, 4, 4)
    assert ours.saturation == pytest.approx(2 / 3)


def test_merges_say_what_who_and_whether_it_was_undone(story: Story) -> None:
    other, staff = make_story("Racks again"), make_user("staff@bellwether.example", name="Sam Staff")
    StoryMerge.objects.create(story=story, other=other, articles=[1, 2], reason="One event.", made_by=staff)
    StoryMerge.objects.create(story=story, other=make_story(), articles=[3], reason="One.", undone_by=staff, undone_at=NOW)
    one, two = seen(story).merges
    assert (one.title, one.article_count, one.made_by, one.undone_at) == ("Racks again", 2, "staff", None)
    assert (two.made_by, two.undone_by, two.undone_at) == ("", "staff", NOW)


# --- the page --------------------------------------------------------------------------------------------


def page_of(client: Client, story: Story) -> str:
    return " ".join(client.get(story.get_absolute_url()).content.decode().split())


def test_the_page_says_who_was_first_and_what_is_new(story: Story, issuer: Issuer, alice_client: Client) -> None:
    second = told(story, 12, "Nikkei", "It will cut 1,200 <b>jobs</b>.")
    for article, sentiment in zip((story.articles.get(source_name="Reuters"), second), (0.2, 0.42), strict=True):
        mention(article, issuer, sentiment)
    make_analysis(story, {issuer: (0.45, 0.35)})
    page = page_of(alice_client, story)
    assert "First at Reuters, <time" in page
    assert "2 independent outlets, the second 12 min later." in page
    assert 'Press median <b class="u-num">+0.31</b>.' in page
    assert "<q>It will cut <mark>1,200</mark> &lt;b&gt;jobs&lt;/b&gt;.</q>" in page
    assert "Saturation 100%" in page


def test_the_page_says_what_was_not_measured(story: Story, alice_client: Client) -> None:
    told(story, 12, "Reuters", "It is so.")
    page = page_of(alice_client, story)
    assert "no other outlet tells it independently. Press median not measured." in page
    assert "Saturation" not in page


def test_a_story_of_one_article_has_no_timeline_on_its_page(story: Story, alice_client: Client) -> None:
    assert "How the story was told" not in page_of(alice_client, story)


def test_long_stories_are_folded_and_take_no_more_queries(issuer: Issuer, alice_client: Client) -> None:
    def visit(count: int) -> tuple[int, str]:
        with every_firm():
            story = Story.objects.create(title="Racks", received_at=BEGAN, state="done")
            for n in range(count):
                mention(told(story, n, f"Outlet {n}", f"It has {n + 11} plants."), issuer, 0.1)
            make_analysis(story, {issuer: (0.45, 0.35)})
        with CaptureQueriesContext(connection) as queries:
            page = page_of(alice_client, story)
        return len(queries), page

    visit(2)
    few, short = visit(2)
    many, long = visit(12)
    assert many == few
    assert "later article" not in short
    assert f"{12 - MOST_ROWS} later articles, {12 - MOST_ROWS} with new facts" in long
