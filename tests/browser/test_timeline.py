"""A story of many articles, merges and scripts: it fits at every width, in both themes, opened as far as it goes."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.scope import every_firm
from research.models import Mention, Story, StoryMerge
from tests.browser.conftest import Visit
from tests.browser.looker import Looker
from tests.cast import Cast
from tests.make import make_analysis, make_article, make_issuer, make_source, make_story, make_user
from tests.research.test_across_languages import CHINESE, ENGLISH, GERMAN, JAPANESE
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime.now(UTC)
LONG = "Meridian Newsroom of Industry and Technology"
TOLD = (  # hours ago, outlet, title and text
    (50, "Harbour Wire", ENGLISH),
    (49, "Central News", CHINESE),
    (48, "Nikkei", JAPANESE),
    (47, LONG, GERMAN),
    (
        46,
        "Filing wire",
        ("Hon Hai reports transactions under its share buyback programme", "It bought 12,500 shares at TWD 236.50."),
    ),
    (
        20,
        "Ledger",
        ("Texas grants Hon Hai $220 million for the plant", "It is 480 MW. It is 72 acres. It is $31 an hour. It is 90% off."),
    ),
    (19, "Ledger", ("Hon Hai plant: what 3,500 jobs mean", "No more is known.")),
    (2, "Post", ("Hon Hai breaks ground", "Work began with 640 people.")),
    (1, "Post", ("Hon Hai breaks ground on $6.1 billion plant", "Work began with 660 people.")),
    (0, LONG, ("A headline without blanks: " + "Hon-Hai-" * 30, "https://news.example/" + "a" * 200)),
)


@pytest.fixture
def story(cast: Cast) -> Story:
    with every_firm():
        hon_hai = make_issuer("Hon Hai", aliases=["Foxconn"], listing="2317 XTAI")
        began = NOW - timedelta(hours=50)
        story = Story.objects.create(title=ENGLISH[0], published_at=began, received_at=began, state="done")
        for hours, outlet, (title, text) in TOLD:
            at = NOW - timedelta(hours=hours)
            article = make_article(
                make_source(),
                story,
                source_name=outlet,
                title=title,
                text=text,
                published_at=at,
                received_at=at,
                revision=1 + hours % 2,
            )
            Mention.objects.create(
                article=article, issuer=hon_hai, relevance=90, tier="primary", in_headline=True, words="Hon Hai",
                resolved_by="name", confidence=0.9, p_positive=0.5, p_neutral=0.4, p_negative=0.1,
            )  # fmt: skip
        make_analysis(story, {hon_hai: (0.45, 0.35)})
        staff = make_user(is_staff=True)
        StoryMerge.objects.create(story=story, other=make_story("Foxconn to build a plant"), articles=[1], reason="One event.")
        StoryMerge.objects.create(
            story=story, other=make_story("Homes"), articles=[1], reason="One.", made_by=staff, undone_by=staff, undone_at=NOW
        )
    return story


def test_a_story_told_by_many_fits_at_every_width(web: Stack, cast: Cast, story: Story, visit: Visit) -> None:
    alice, looker = visit(web.url, cast.alice), Looker()
    alice.open(story.get_absolute_url())
    for fold in alice.page.locator(".c-timeline details").all():
        fold.locator("summary").click()
    assert alice.page.locator(".c-timeline li").last.is_visible()
    looker.look(alice.page, "a long story")
    assert not looker.findings, "\n".join(looker.findings)
