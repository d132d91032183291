"""Replies written by hand to real texts, joined with these, and half of them spoiled by code: a file for `manage.py
evaluate grounding`.

    python -m tools.spoil_replies OUT [--part tuned|aside|second-a|second-b|second-c] [--seed 1]

tests/data/grounding_replies.jsonl has what a good model might have written, quotes as offsets; the texts are in ../shared/data.
"""

import argparse
import gzip
import hashlib
import html
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from research.claimed_names import all_names
from research.dates import DAYS, MONTHS, Day, dates, days, is_dated
from research.numbers import all_numbers, amounts

REPLIES = Path(__file__).resolve().parent.parent / "tests" / "data" / "grounding_replies.jsonl"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
COMPANIES = (
    "Pfizer", "Boeing", "Toyota", "Oracle", "Siemens", "Walmart", "Exxon Mobil", "Goldman Sachs", "Applied Materials",
    "Volkswagen",
    "Cisco", "Netflix", "General Motors", "Micron", "Lockheed Martin", "Best Buy", "Salesforce", "Delta Electronics",
    "Quanta Computer",
    "Marvell", "Coca-Cola", "Nestlé", "Unilever", "HSBC", "IBM", "Dell", "Visa", "Ford",
)  # fmt: skip
_SWAPS = {
    "$": ["€", "£", "NT$"], "€": ["$", "£"], "£": ["$", "€"], "₹": ["$"], "US dollars": ["euros", "Taiwan dollars"],
    "dollars": ["euros", "yen", "pounds"],
    "dollar": ["euro"], "euros": ["dollars"], "rupees": ["dollars", "euros"],
    "trillion won": ["trillion yen"], "billion won": ["billion yen"],
    "reais": ["pesos"],
    "rand": ["euros"],
    "Rs": ["$"],
}  # fmt: skip
_SCALES = {
    "trillion": "billion",
    "billion": "million",
    "million": "billion",
    "thousand": "million",
    "tn": "bn",
    "bn": "mn",
    "mn": "bn",
    "crore": "lakh",
    "m": "bn",
}
_AUXILIARY = r"\b(is|are|was|were|will|has|have|can|may|could|would)\b"
_PAST = {
    "rose": "rise",
    "fell": "fall",
    "gained": "gain",
    "raised": "raise",
    "expects": "expect",
    "sees": "see",
    "reported": "report",
    "closed": "close",
    "bought": "buy",
    "says": "say",
    "said": "say",
    "asked": "ask",
    "lost": "lose",
    "announced": "announce",
    "agreed": "agree",
    "published": "publish",
    "jumped": "jump",
    "rates": "rate",
    "drives": "drive",
    "offers": "offer",
    "puts": "put",
}
PARTS = ("tuned", "aside", "second-a", "second-b", "second-c")
Spoiler = Callable[[dict[str, Any], random.Random], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=(*PARTS, "all"), default="all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines = [json.dumps(row, ensure_ascii=False) for row in rows(options.part, options.seed)]
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def rows(part: str = "all", seed: int = 1) -> list[dict[str, Any]]:
    """Each reply as it was written, and once more spoiled, in the kinds in turn."""
    draw, made, counted = random.Random(seed), [], Counter[str]()
    for number, (row, its_part) in enumerate(true_rows()):
        if part in {"all", its_part}:
            made.append({**row, "id": f"{row['id']}-{number}", "spoiled": None})
            kinds = sorted(SPOILERS, key=lambda kind: (counted[kind], draw.random()))
            spoiled, kind = next((each, kind) for kind in kinds if (each := spoil(row, kind, draw)))
            counted[kind] += 1
            made.append({**spoiled, "id": f"{row['id']}-{number}-{kind}", "spoiled": kind})
    return made


def true_rows() -> Iterator[tuple[dict[str, Any], str]]:
    """The replies as written, each with its part. Of the first ones every third was kept aside from tuning."""
    news = _news()
    for number, line in enumerate(REPLIES.read_text(encoding="utf-8").splitlines()):
        kept = json.loads(line)
        keys = kept.get("articles") or [kept["article"]]
        texts = [news.get(key) or plain(SHARED / "edgar" / "8k_6k" / key) for key in keys]
        evidence = [{"claim": claim, "quote": texts[of[0] if of else 0][start:end]} for claim, start, end, *of in kept["quotes"]]
        reply = {"summary": kept["summary"], "sections": kept["sections"], "evidence": evidence}
        part = kept.get("part") or ("aside" if number % 3 == 2 else "tuned")
        yield {"id": "+".join(keys), "texts": texts, "candidates": kept["candidates"], "reply": reply}, part


def _news() -> dict[str, str]:
    found: dict[str, str] = {}
    dev = (SHARED / "labelled" / "news_dev.jsonl").open(encoding="utf-8")
    with dev, gzip.open(SHARED / "news" / "semi_2022_2023h1.jsonl.gz", "rt", encoding="utf-8") as news:
        for line in (*dev, *news):
            row = json.loads(line)
            key = hashlib.sha256(row["url"].encode()).hexdigest()[:12]
            found.setdefault(key, f"{row['title']}\n\n{row.get('description') or ''}")
    return found


def plain(path: Path) -> str:
    """The words of a filing."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", text)
    text = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d|/li)\b[^>]*>", "\n", text)
    text = re.sub(r"[^\S\n]+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)))
    return re.sub(r" ?\n[\n ]*", "\n", text)


# --- spoiling --------------------------------------------------------------------------------------------


def spoil(row: dict[str, Any], kind: str, draw: random.Random) -> dict[str, Any] | None:
    """The row with one thing made false; None where it has nothing of that kind."""
    spoiled: dict[str, Any] = json.loads(json.dumps(row))
    return spoiled if SPOILERS[kind](spoiled, draw) else None


def _in_prose(row: dict[str, Any], draw: random.Random, change: Callable[[str], str | None]) -> bool:
    """Change one of the sections, in an order drawn."""
    reply = row["reply"]
    keys = ["summary", *reply["sections"]]
    draw.shuffle(keys)
    for key in keys:
        holder = reply if key == "summary" else reply["sections"]
        changed = change(holder[key])
        if changed and changed != holder[key]:
            holder[key] = changed
            return True
    return False


def _number(row: dict[str, Any], draw: random.Random) -> bool:
    known = {amount.value for text in row["texts"] for amount in amounts(text)}

    def change(prose: str) -> str | None:
        days = dates(prose)
        found = [
            number
            for number in all_numbers(prose)
            if not number.is_word and not any(day.start <= number.start < day.end for day in days)
        ]
        draw.shuffle(found)
        for number in found:
            words = prose[number.start : number.end]
            digits = re.search(r"\d[\d,.]*", words)
            if not digits:
                continue
            places = [at for at, letter in enumerate(digits[0]) if letter.isdigit()]
            at = draw.choice(places)
            other = str((int(digits[0][at]) + draw.randrange(1, 9)) % 10)
            if at == places[0] and other == "0":
                other = "7" if digits[0][at] != "7" else "3"
            changed = words[: digits.start()] + digits[0][:at] + other + digits[0][at + 1 :] + words[digits.end() :]
            again = all_numbers(changed)
            if again and not {reading.value for reading in again[0].readings} & known:
                return prose[: number.start] + changed + prose[number.end :]
        return None

    return _in_prose(row, draw, change)


def _date(row: dict[str, Any], draw: random.Random) -> bool:
    text = " ".join(row["texts"])

    def change(prose: str) -> str | None:
        found = dates(prose)
        draw.shuffle(found)
        for each in found:
            words = prose[each.start : each.end]
            moved = _moved(words, draw)
            known = frozenset[Day]().union(*map(days, row["texts"]))
            if moved and moved.lower() not in text.lower() and not any(is_dated(day, known) for day in dates(moved)):
                return prose[: each.start] + moved + prose[each.end :]
        return None

    return _in_prose(row, draw, change)


def _moved(words: str, draw: random.Random) -> str | None:
    ordinals = ("first", "second", "third", "fourth")
    ways = [
        words.replace(one, draw.choice([other for other in names if other != one]))
        for names in (MONTHS, DAYS, ordinals)
        for one in names
        if re.search(rf"\b{one}\b", words)
    ]
    if year := re.search(r"(?:19|20)\d\d", words):
        ways.append(words.replace(year[0], str(int(year[0]) + draw.choice((-3, -1, 1, 2)))))
    if day_number := re.search(r"(?<!\d)([1-9]|[12]\d|30)(?=(?:st|nd|rd|th)?\b)(?!\d)", words):
        number = int(day_number[0])
        ways.append(words[: day_number.start()] + str(number % 28 + 1) + words[day_number.end() :])
    if quarter := re.search(r"Q([1-4])|([1-4])Q", words):
        ways.append(words.replace(quarter[0], quarter[0].translate(str.maketrans("1234", "2341"))))
    return draw.choice(ways) if ways else None


def _swap(words: Sequence[tuple[str, str]]) -> Callable[[str], str | None]:
    def change(prose: str) -> str | None:
        for old, new in words:
            if found := re.search(
                rf"(?<![A-Za-z]){re.escape(old)}(?![A-Za-z])" if old[-1].isalpha() else rf"(?<![A-Za-z]){re.escape(old)}", prose
            ):
                return prose[: found.start()] + new + prose[found.end() :]
        return None

    return change


def _currency(row: dict[str, Any], draw: random.Random) -> bool:
    return _in_prose(row, draw, _swap([(old, draw.choice(new)) for old, new in _SWAPS.items()]))


def _scale(row: dict[str, Any], draw: random.Random) -> bool:
    def change(prose: str) -> str | None:
        found = list(re.finditer(rf"(?<=[\d ])({'|'.join(_SCALES)})\b", prose))
        if not found:
            return None
        one = draw.choice(found)
        return prose[: one.start()] + _SCALES[one[0]] + prose[one.end() :]

    return _in_prose(row, draw, change)


def _quote(row: dict[str, Any], draw: random.Random) -> bool:
    quote = draw.choice(row["reply"]["evidence"])
    parts = quote["quote"].split(" ")
    at = draw.randrange(len(parts))
    others = [
        word
        for word in ["rose", "fell", "major", "several", "early", "strong", "no", "new", "about", "European"]
        if word != parts[at]
    ]
    changed = " ".join([*parts[:at], draw.choice(others), *parts[at + 1 :]])
    if any(changed in text for text in row["texts"]):
        return False
    quote["quote"] = changed
    return True


def _name(row: dict[str, Any], draw: random.Random) -> bool:
    text = " ".join([*row["texts"], *row["candidates"]]).lower()
    other = draw.choice([name for name in COMPANIES if name.split()[0].lower() not in text])
    names = sorted({name for candidate in row["candidates"] for name in all_names(candidate)}, key=len, reverse=True)
    return _in_prose(row, draw, _swap([(name, other) for name in names if len(name) > 2]))


def _negation(row: dict[str, Any], draw: random.Random) -> bool:
    ways = [_dropped, _added]
    draw.shuffle(ways)
    reply = row["reply"]
    for way in ways:
        # What a story does not tell is in "unspecified": nothing is added there.
        left_out = reply["sections"].pop("unspecified", None) if way is _added else None
        done = _in_prose(row, draw, lambda prose, way=way: way(prose, draw))  # type: ignore[misc]
        if left_out is not None:
            reply["sections"]["unspecified"] = left_out
        if done:
            return True
    return False


def _dropped(prose: str, draw: random.Random) -> str | None:
    for pattern, instead in (
        (r"\b(does|did|do) not (\w+)", r"\1 \2"), (r"\bwon't\b", "will"), (r"\bcan't\b", "can"),
        (r"n't\b", ""), (r" not\b(?! (?:only|undertake))", ""),
        (r"\b([Nn])o longer ", ""),
        (r"\bNo (?=\w)", "A "), (r"\bno (?=\w)", "a "), (r" never\b", ""), (r"\bwithout\b", "with"), (r"\bdeclined to\b",
        "agreed to"),
        (r"\bdenies that\b", "confirms that"), (r"\bdenied\b", "confirmed"), (r"\brefused\b", "granted"),
    ):  # fmt: skip
        if re.search(pattern, prose):
            return re.sub(pattern, instead, prose, count=1)
    return None


def _added(prose: str, draw: random.Random) -> str | None:
    sentences = re.split(r"(?<=[.;]) ", prose)
    order = list(range(len(sentences)))
    draw.shuffle(order)
    for at in order:
        sentence = sentences[at]
        if re.search(r"\bnot\b|n't|\bno\b|\bnever\b|\bcould\b|\bmay\b", sentence, re.I):
            continue
        changed = re.sub(_AUXILIARY, r"\1 not", sentence, count=1)
        if changed == sentence:
            changed = re.sub(
                rf"\b({'|'.join(_PAST)})\b",
                lambda found: f"{'does' if found[1].endswith('s') else 'did'} not {_PAST[found[1]]}",
                sentence,
                count=1,
            )
        if changed != sentence:
            return " ".join([*sentences[:at], changed, *sentences[at + 1 :]])
    return None


SPOILERS: dict[str, Spoiler] = {
    "number": _number, "date": _date, "currency": _currency, "scale": _scale, "quote": _quote,
    "name": _name, "negation": _negation,
}  # fmt: skip

if __name__ == "__main__":
    main()
