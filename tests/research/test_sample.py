"""The sample stories: their quotes and numbers stand in their texts, and the feed releases them in order."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from portfolios.sample_files import rows
from research import feeds, sample
from research.cleaning import visible_text
from research.feeds import ParsedFeed
from research.grounding import locate
from research.mentions import AliasRow, ListingRow, Names, find_mentions
from research.reply import LIST_KEYS, parse_reply
from research.sample import SampleStory, feed_xml, released, reply_for, stories
from research.scoring import impact_word, sentiment_label, sentiment_score
from research.slips import check_prose

START = datetime(2025, 11, 20, 14, 0, tzinfo=UTC)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
STORIES = pytest.mark.parametrize("story", stories(), ids=lambda story: story.guid)
# Stories that pass the sample rules: impact ≥ .3, |sentiment| ≥ .35, on an issuer that a sample portfolio holds at 1 % or more.
FIRING = {"01": "hon-hai", "03": "super-micro", "04": "sk-hynix", "06": "amd", "09": "tsmc", "11": "nvidia"}


def text_of(story: SampleStory) -> str:
    return f"{story.title}\n\n{visible_text(story.html)}"


def test_twelve_stories_with_openai_and_hon_hai_first() -> None:
    assert len(stories()) == 12
    assert len({story.guid for story in stories()}) == len({story.url for story in stories()}) == 12
    assert "OpenAI and Foxconn" in stories()[0].title


@STORIES
def test_length_of_a_short_news_item(story: SampleStory) -> None:
    assert 120 <= len(visible_text(story.html).split()) <= 350


@STORIES
def test_reply_is_one_a_model_may_give(story: SampleStory) -> None:
    reply = parse_reply(story.reply)
    slugs = {row["slug"] for row in rows("issuers")}
    assert {reading.issuer for reading in reply.issuers} <= slugs
    assert reply.primary in {reading.issuer for reading in reply.issuers}


@STORIES
def test_every_claim_has_a_quote(story: SampleStory) -> None:
    """The summary, each section in prose, and each line of the lists."""
    reply = parse_reply(story.reply)
    lists = {key: text for key, text in reply.sections.items() if key in LIST_KEYS}
    lines = {f"{key}.{number}" for key, text in lists.items() for number, _ in enumerate(text.splitlines(), start=1)}
    assert {evidence.claim for evidence in reply.evidence} == {"summary", *reply.sections} - set(lists) | lines


@STORIES
def test_date_is_that_of_the_event(story: SampleStory) -> None:
    assert story.published_at is not None
    assert story.published_at.tzinfo == UTC
    dates = re.findall(r"on (\d+ [A-Z][a-z]+ \d{4})|of (\d+ [A-Z][a-z]+ \d{4})", visible_text(story.html))
    local = story.published_at + timedelta(hours=9)
    stated = [datetime.strptime("".join(found), "%d %B %Y").replace(tzinfo=UTC).date() for found in dates[:1]]
    assert not stated or stated[0] in (story.published_at.date(), local.date())


@STORIES
def test_every_quote_stands_in_the_text(story: SampleStory) -> None:
    text = visible_text(story.html)
    reply = parse_reply(story.reply)
    assert reply.dropped_evidence == 0
    for evidence in reply.evidence:
        found = locate(evidence.quote, text)
        assert found is not None, evidence.quote
        assert text[found[0] : found[1]] == evidence.quote


@STORIES
def test_every_number_stands_in_the_text(story: SampleStory) -> None:
    reply = parse_reply(story.reply)
    checked = check_prose(
        {"summary": reply.summary, **reply.sections},
        [story.title, visible_text(story.html)],
        [each.issuer for each in reply.issuers],
    )
    assert checked.slips == []
    for prose in (reply.summary, *reply.sections.values()):
        assert set(NUMBER.findall(prose)) <= set(NUMBER.findall(text_of(story)))


def test_first_reply_gives_the_scores_everyone_can_check() -> None:
    reply = parse_reply(stories()[0].reply)
    reading = next(reading for reading in reply.issuers if reading.issuer == "hon-hai")
    score = sentiment_score(reading.p_positive, reading.p_negative)
    assert reply.primary == "hon-hai"
    assert score == pytest.approx(0.45)
    assert sentiment_label(score) == "moderately positive"
    assert reading.market_impact == 0.35
    assert impact_word(0.35) == "modest"
    assert set(reply.sections) == {"new", "thesis", "risk", "unspecified", "supports", "against", "watch"}
    assert len(reply.evidence) >= 5
    assert next(reading for reading in reply.issuers if reading.issuer == "openai").market_impact is None


def test_half_of_the_stories_pass_the_sample_rules() -> None:
    listing_of = {(row["mic"], row["ticker"]): row["security"] for row in rows("listings")}
    issuer_of = {row["key"]: row["issuer"] for row in rows("securities")}
    held = {issuer_of[listing_of[row["mic"], row["ticker"]]] for row in rows("holdings")}
    fired = {
        story.guid[-2:]: reading.issuer
        for story in stories()
        for reading in parse_reply(story.reply).issuers
        if reading.issuer in held
        and reading.market_impact is not None
        and reading.market_impact >= 0.3
        and abs(sentiment_score(reading.p_positive, reading.p_negative)) >= 0.35
    }
    assert fired == FIRING


def test_foxconn_industrial_internet_story_is_about_no_other_foxconn() -> None:
    story = stories()[1]
    assert "Foxconn" not in text_of(story).replace("Foxconn Industrial Internet", "")
    assert "Hon Hai" not in text_of(story)
    assert [reading.issuer for reading in parse_reply(story.reply).issuers] == ["foxconn-industrial-internet"]


@pytest.fixture(scope="module")
def names() -> Names:
    """The names of the sample security master; its slugs stand for the issuers' ids, by their order."""
    issuer_of = {row["key"]: ids()[row["issuer"]] for row in rows("securities")}
    return Names(
        [AliasRow(ids()[row["issuer"]], row["text"], row["needs_corroboration"] == "yes") for row in rows("aliases")],
        [ListingRow(issuer_of[row["security"]], row["mic"], row["ticker"]) for row in rows("listings")],
    )


def ids() -> dict[str, int]:
    return {row["slug"]: number for number, row in enumerate(rows("issuers"))}


@STORIES
def test_every_company_of_the_reply_is_found_in_the_text(story: SampleStory, names: Names) -> None:
    slugs = {number: slug for slug, number in ids().items()}
    mentions = {slugs[found.issuer_id]: found for found in find_mentions(names, story.title, visible_text(story.html))}
    related = {row["issuer"] for row in rows("relations")} - set(mentions)
    reply = parse_reply(story.reply, mentions, related)
    assert (reply.unknown_issuers, reply.unknown_words) == ((), ())
    assert mentions[reply.primary].in_headline
    assert mentions[reply.primary].relevance == max(found.relevance for found in mentions.values()) >= 50
    assert set(mentions) == {reading.issuer for reading in reply.issuers}


def test_reply_for() -> None:
    assert reply_for("bellwether-sample-01") == stories()[0].reply
    assert reply_for("unknown") is None


@pytest.mark.parametrize(
    ("seconds", "count"), [(-1, 0), (0, 0), (7.9, 0), (8, 1), (27.9, 1), (28, 2), (8 + 20 * 11, 12), (86_400, 12)]
)
def test_released(seconds: float, count: int) -> None:
    items = released(START, START + timedelta(seconds=seconds))
    assert [story for story, _ in items] == list(stories()[:count])
    assert [at for _, at in items] == [START + timedelta(seconds=8 + 20 * number) for number in range(count)]


def test_nothing_is_released_before_the_start() -> None:
    assert released(None, START) == []


def parsed(content: bytes) -> ParsedFeed:
    return feeds.parse(content, "application/rss+xml", "http://localhost:8000/sample/feed.xml")


def test_feed_is_well_formed_and_newest_first() -> None:
    feed = parsed(feed_xml(released(START, START + timedelta(seconds=60)), "http://localhost:8000"))
    assert feed.problems == []
    assert feed.title == sample.SOURCE_NAME
    assert [item.guid for item in feed.items] == ["bellwether-sample-03", "bellwether-sample-02", "bellwether-sample-01"]
    item, story = feed.items[-1], stories()[0]
    assert (item.title, item.url, item.published_at) == (story.title, story.url, START + timedelta(seconds=8))
    assert visible_text(item.html) == visible_text(story.html)


def test_feed_escapes_what_stands_in_a_story() -> None:
    story = SampleStory("g", "https://a.example/?a=1&b=2", "R&D <up>", "desk", "<p>1 &lt; 2 &amp; 3</p>", "{}")
    item = parsed(feed_xml([(story, START)], "http://localhost:8000")).items[0]
    assert (item.url, item.title) == (story.url, story.title)
    assert visible_text(item.html) == "1 < 2 & 3"


def test_empty_feed() -> None:
    assert parsed(feed_xml([], "http://localhost:8000")).items == []
