"""Stories of several articles drawn at random, for a person to judge by reading.

    python -m tools.draw_stories ../shared/data/news/semi_2022_2023h1.jsonl.gz --seed 11 --count 50

Prints JSON lines with what there is to read. Kept in tests/data/judged_stories.jsonl are the articles of each story in order of
time and the verdicts alone: whether each belongs to the event that most of its story's articles tell.
"""

import argparse
import json
import random
from pathlib import Path
from typing import Any

from tools.story_figures import Told, joined, members


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--master", type=Path, default=Path("../shared/data/master"))
    options = parser.parse_args()
    for story in random.Random(options.seed).sample(several(options.file, options.master), options.count):
        print(json.dumps({"articles": [_shown(each) for each in story]}, ensure_ascii=False))


def several(file: Path, master: Path) -> list[list[Told]]:
    """The stories of more than one article, by the hash of their first."""
    told, story_of, _ = joined(file, master)
    stories = [[told[number] for number in own] for own in members(story_of).values() if len(own) > 1]
    return sorted(stories, key=lambda story: story[0].id)


def _shown(each: Told) -> dict[str, Any]:
    told = {key: each.row[key] for key in ("published_at", "source", "title", "description")}
    return {"article": each.id, **told}


if __name__ == "__main__":
    main()
