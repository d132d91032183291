"""What the joining makes of a file of news that nobody labelled: how many stories, how large, and whether copies find each other.

    python -m tools.story_figures ../shared/data/news/semi_2022_2023h1.jsonl.gz

Prints one JSON object; the first title of the largest story goes to stderr. Equal titles, letters and digits alone, are held to
be copies within a day, and another issue of a recurring title when more than seven days lie between them.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from config.evaluation.master import MemoryMaster
from config.evaluation.rows import rows_of
from config.evaluation.stories import fingerprint_of, in_stories
from research.fingerprints import Fingerprint
from tools.draw_links import article_id

COPY_HOURS, RECURRING_HOURS = 24.0, 7 * 24.0
DAY_HOURS = 24.0
Pair = tuple[int, int]


class Told(NamedTuple):
    """An article as it stands in the file, and what joining knows of it."""

    row: dict[str, Any]
    article: Fingerprint

    @property
    def id(self) -> str:
        return article_id(self.row["url"])


class Joined(NamedTuple):
    """Articles in order of time, the number of each one's story, and the seconds that linking, fingerprints and joining took."""

    told: list[Told]
    story_of: list[int]
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--master", type=Path, default=Path("../shared/data/master"))
    options = parser.parse_args()
    told, story_of, seconds = joined(options.file, options.master)
    stories = members(story_of)
    if told:
        largest = max(stories.values(), key=len)
        print(f"{len(largest)}: {told[largest[0]].row['title']}", file=sys.stderr)
    speed = {"articles_per_s": round(len(told) / seconds, 1) if told else None}
    print(json.dumps({**sizes(told, stories), **speed, **equal_titles(told, story_of)}))


def joined(file: Path, master: Path) -> Joined:
    """What the product would make of the articles of a file, in the order in which they were published."""
    names, rows = MemoryMaster.load(master).names(), in_order(file)
    start = time.perf_counter()
    told = [Told(row, fingerprint_of(row, names)) for row in rows]
    story_of = in_stories([each.article for each in told])
    return Joined(told, story_of, time.perf_counter() - start)


def in_order(file: Path) -> list[dict[str, Any]]:
    return sorted(rows_of(file), key=lambda row: str(row["published_at"]))


def members(story_of: Iterable[int]) -> dict[int, list[int]]:
    """The articles of each story, by their place in the file."""
    stories: dict[int, list[int]] = defaultdict(list)
    for number, story in enumerate(story_of):
        stories[story].append(number)
    return stories


def sizes(told: Sequence[Told], stories: dict[int, list[int]]) -> dict[str, float | None]:
    """Counts of articles and stories. `stories_per_day` is the median over days (UTC) on which one began; `longest_hours` lie
    between the first and the last article of the story that went on for longest.
    """
    begun = Counter(told[own[0]].article.moment // DAY_HOURS for own in stories.values())
    spans = [told[own[-1]].article.moment - told[own[0]].article.moment for own in stories.values()]
    return {
        "n": len(told),
        "stories": len(stories),
        "stories_with_several": sum(len(own) > 1 for own in stories.values()),
        "largest": max(map(len, stories.values()), default=0),
        "stories_per_day": statistics.median(begun.values()) if begun else None,
        "longest_hours": round(max(spans, default=0.0), 1),
    }


def equal_titles(told: Sequence[Told], story_of: Sequence[int]) -> dict[str, Any]:
    """Of pairs of equal titles, how many are in one story. Within a day those that follow each other, templates apart; over seven
    days every pair.
    """
    by_title: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(told):
        by_title[letters_and_digits(each.row["title"])].append(number)
    by_title.pop("", None)
    copies: dict[bool, list[Pair]] = {False: [], True: []}
    for pair in (pair for own in by_title.values() for pair in pairwise(own) if _hours(told, pair) <= COPY_HOURS):
        copies["template" in told[pair[0]].article.traits].append(pair)
    issues = [pair for own in by_title.values() for pair in combinations(own, 2) if _hours(told, pair) > RECURRING_HOURS]
    return {
        "equal_titles_within_24h": _share(copies[False], story_of),
        "equal_templates_within_24h": _share(copies[True], story_of),
        "equal_titles_over_7_days": _share(issues, story_of),
    }


def letters_and_digits(title: str) -> str:
    return "".join(letter for letter in title.lower() if letter.isalnum())


def _hours(told: Sequence[Told], pair: Pair) -> float:
    return told[pair[1]].article.moment - told[pair[0]].article.moment


def _share(pairs: Sequence[Pair], story_of: Sequence[int]) -> dict[str, float | None]:
    together = sum(story_of[one] == story_of[other] for one, other in pairs)
    return {"pairs": len(pairs), "joined": together, "share": round(together / len(pairs), 4) if pairs else None}


if __name__ == "__main__":
    main()
