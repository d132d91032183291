"""Links drawn at random from real articles, for a person to judge by reading.

    python -m tools.draw_links ../shared/data/news/semi_2022_2023h1.jsonl.gz --seed 2 --count 300

Only of companies that no list made by hand names: neither our sample's nor those with press names. Prints JSON lines with the
text to read. Kept in tests/data/judged_links.jsonl are article, listing and verdict alone.
"""

import argparse
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.evaluation.master import MemoryMaster
from config.evaluation.rows import rows_of
from research.mentions import find_mentions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--master", type=Path, default=Path("../shared/data/master"))
    options = parser.parse_args()
    links = sorted(found_links(options.file, options.master), key=lambda link: (link["article"], link["listing"]))
    for link in random.Random(options.seed).sample(links, options.count):
        print(json.dumps(link, ensure_ascii=False))


def found_links(file: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Every link of the articles in a file to a company outside lists made by hand."""
    master = MemoryMaster.load(folder)
    names, by_hand, shown = master.names(), master.by_hand(), master.shown()
    for article in rows_of(file):
        for mention in find_mentions(names, article["title"], article["description"]):
            if mention.issuer_id not in by_hand and mention.issuer_id in shown:
                yield {
                    "article": article_id(article["url"]),
                    "listing": shown[mention.issuer_id][0],
                    "company": shown[mention.issuer_id][1],
                    "words": mention.words,
                    "resolved_by": mention.resolved_by,
                    "title": article["title"],
                    "description": article["description"],
                }


def article_id(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
