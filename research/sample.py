"""The sample stories, the replies a model would give on them, and the feed that releases them one after another.

The texts are ours, on public facts. The replies go the way of any model's reply: parsed, checked against the text, scored.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

FILES = Path(__file__).with_name("sample") / "stories"
SOURCE_NAME = "Bellwether sample desk"
FIRST_AFTER = timedelta(seconds=8)
EVERY = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class SampleStory:
    """`html` is the item's body, `reply` the raw text of a model's full reading, `published_at` when the event was in the news.

    On the sample desk each comes out anew, by the desk's own clock.
    """

    guid: str
    url: str
    title: str
    source_name: str
    html: str
    reply: str
    published_at: datetime | None = None


@cache
def stories() -> tuple[SampleStory, ...]:
    """All sample stories in the order of their release."""
    found = []
    for path in sorted(FILES.glob("*.json")):
        fields = json.loads(path.read_text(encoding="utf-8"))
        reply = json.dumps(fields.pop("reply"), ensure_ascii=False)
        published_at = datetime.fromisoformat(fields.pop("published_at"))
        found.append(SampleStory(**fields, reply=reply, published_at=published_at))
    return tuple(found)


def reply_for(guid: str) -> str | None:
    """The recorded reply on the item with that guid, or None where there is none."""
    return next((story.reply for story in stories() if story.guid == guid), None)


def released(started_at: datetime | None, now: datetime) -> list[tuple[SampleStory, datetime]]:
    """What the feed shows at `now`, each with the time it came out: the first after 8 s, then one every 20 s."""
    if started_at is None:
        return []
    times = [started_at + FIRST_AFTER + EVERY * number for number in range(len(stories()))]
    return [(story, at) for story, at in zip(stories(), times, strict=True) if at <= now]


def feed_xml(items: list[tuple[SampleStory, datetime]], base_url: str) -> bytes:
    """The items as RSS 2.0, newest first; times must be aware, in UTC."""
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _put(
        channel, title=SOURCE_NAME, link=base_url, description="Sample stories in our own words, on public facts.", language="en"
    )
    for story, published_at in sorted(items, key=lambda item: item[1], reverse=True):
        item = ET.SubElement(channel, "item")
        published = format_datetime(published_at, usegmt=True)
        _put(item, title=story.title, link=story.url, description=story.html, pubDate=published)
        ET.SubElement(item, "guid", isPermaLink="false").text = story.guid
        ET.SubElement(item, "source", url=base_url).text = story.source_name
    content: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return content


def _put(parent: ET.Element, **texts: str) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = text
