"""How fast articles are linked with 100,000 issuers, against the bare automaton that finds the same names and decides nothing.

    python -m bench.linking [--issuers 100000] [--articles 4000] [--pairs 5]

`ours` and the reference are articles a second on one core, medians of interleaved pairs. Issuers are
those of the registers, and made ones; the articles are real where ../shared/data is, else made of the same names.
"""

import argparse
import gzip
import json
import platform
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs

from config.evaluation.master import MemoryMaster
from portfolios.company_names import Grade, grade_of
from research.folding import fold
from research.mentions import AliasRow, ListingRow, Names, document, find_mentions

MASTER = Path("../shared/data/master")
NEWS = Path("../shared/data/news/semi_2022_2023h1.jsonl.gz")
SYLLABLES = [first + second for first in "bcdfgklmnprstvx" for second in "aeio"]
FORMS = ("Inc.", "Corp.", "Holdings", "Technologies Ltd", "Group plc")


def made_names(count: int) -> list[str]:
    chance = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        word = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))).capitalize()
        found[f"{word} {chance.choice(('', '', 'Energy ', 'Bio ', 'Capital '))}{chance.choice(FORMS)}"] = None
    return list(found)


def articles(names: list[str], count: int) -> list[tuple[str, str]]:
    if NEWS.exists():
        with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
            return [(row["title"], row["description"]) for row in map(json.loads, (next(lines) for _ in range(count)))]
    chance = random.Random(8)
    return [(f"{chance.choice(names)} reports its results", f"Analysts of {chance.choice(names)} agree.") for _ in range(count)]


def rate(work: Callable[[str, str], object], texts: list[tuple[str, str]]) -> float:
    start = time.perf_counter()
    for title, text in texts:
        work(title, text)
    return len(texts) / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issuers", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    real = MemoryMaster.load(MASTER)
    aliases, listings = real.rows()
    known = len(real.aliases)
    for number, name in enumerate(made_names(max(0, options.issuers - known)), known + 1):
        texts_of = (name, " ".join(name.split()[:-1]))
        aliases += [AliasRow(number, text, needs_corroboration=grade_of(text) < Grade.DISTINCT) for text in texts_of]
        listings.append(ListingRow(number, "US", f"Q{number}"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    names = Names(aliases, listings)
    load_seconds = time.perf_counter() - start
    memory_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    bare = ahocorasick_rs.AhoCorasick([f" {alias.text.lower()} " for alias in aliases])

    def reference(title: str, text: str) -> object:
        return bare.find_matches_as_indexes(f" {fold(document(title, text)).text.lower()} ", overlapping=True)

    texts = articles([alias.text for alias in aliases], options.articles)
    pairs = [
        (rate(lambda title, text: find_mentions(names, title, text), texts), rate(reference, texts)) for _ in range(options.pairs)
    ]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [round(mine / other, 3) for mine, other in pairs]
    print(
        json.dumps(
            {
                "name": "linking",
                "ours": round(ours),
                "reference": {"name": "bare automaton", "value": round(theirs)},
                "unit": "articles/s",
                "ratio": statistics.median(ratios),
                "ratios": ratios,
                "issuers": len({alias.issuer_id for alias in aliases}),
                "load_seconds": round(load_seconds, 2),
                "memory_mib": round(memory_mib),
                "machine": platform.platform(),
            }
        )
    )


if __name__ == "__main__":
    main()
