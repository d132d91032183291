"""Where the articles of one story disagree: figures of the same thing that differ beyond rounding. Pure.

Only what is named in the tables below is compared, and only where period, place, company and direction do not differ: a missed
contradiction costs a reader less than a wrong one. An article that has both figures (raised from 5 to 6) contradicts nobody.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from research.numbers import Amount, Number, amounts, numbers
from research.sentences import enclosing, sentence_bounds

Name = tuple[int, int, int]  # start, end, company

MOST_APART = 3  # times: what differs by more is seldom the same thing
NEAR = 60  # characters between a sum and what it is
APPROXIMATE = Decimal("0.075")
LEAST_APART = Decimal("0.005")

_MONEY = {  # what a sum of money is
    "capital spending": r"capex|capital (?:expenditures?|spending|investments?)",
    "revenue": r"revenues?|net sales|turnover",
    "operating profit": r"operating (?:profit|income)",
    "net profit": r"net (?:profit|income|earnings)",
    "net loss": r"net loss",
    "fine": r"fined?|penalty|penalties",
    "investment": r"invest(?:s|ed|ing|ments?)?",
    "valuation": r"valuation|valued at|valu(?:es|ing)",
    "buyback": r"buybacks?|(?:share|stock) repurchases?",
    "funding": r"funding round|funding",
    "price of the deal": r"(?:acquire|buy|purchase)[sd]?|acquiring|buying|bought|acquisition|takeover|buyout",
}
_COUNTED = {  # the noun after a number
    "jobs": r"jobs|positions|roles|posts|layoffs|job cuts",
    "employees": r"employees|workers|staff(?:ers)?",
    "vehicles": r"vehicles|cars|trucks",
    "stores": r"stores|shops|branches|restaurants",
    "aircraft": r"aircraft|planes|jets|airplanes",
    "satellites": r"satellites",
    "factories": r"factories|plants",
}
_SHARES = {"stake": r"stake|interest|shareholding"}  # of a percentage
_PER_PERIOD = {"revenue", "operating profit", "net profit", "net loss"}  # a sum of another quarter is another sum

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_PERIOD = re.compile(
    rf"\b(?:(?:first|second|third|fourth)[- ](?:quarter|half)|[QH][1-4]|full[- ]year|fiscal|{_MONTHS}|(?:19|20)\d\d)\b", re.I
)
_RATE = re.compile(r"\b(?:(?:a|per|each|every) (year|quarter|month|week|day)|(annual|quarter|month|week)ly|(annual)\b)", re.I)
_PLACE = re.compile(rf"\b(?:in|at|across|from)\s+(?:the\s+)?(?!(?:{_MONTHS})\b)([A-Z][\w.]+(?:\s[A-Z][\w.]+)*)")
_DIRECTION = {
    "less": r"cut(?:s|ting)?|lay(?:s|ing)? off|laid off|layoffs?|slash\w*|eliminat\w+|shed(?:s|ding)?|axe[sd]?|clos\w+|los[et]\w*"
    r"|sell\w*|sold|recall\w*",
    "more": r"creat\w+|add(?:s|ed|ing)?|hir(?:e|es|ed|ing)|open\w*|buy\w*|bought|order\w*|acquir\w+|build\w*",
    "there": r"employ(?:s|ed|ing)|has|have|operat\w+",
}
# Somebody else's number, an older one, or a part: before it, and anywhere in its sentence.
_NOT_BEFORE = re.compile(
    r"\b(?:(?:from|versus|vs\.?|against|compared (?:with|to)|by|another|additional|further|extra)"
    r"|\b(?:initial|first|remaining|of which|(?:following|after|since|unlike)\b[^,;:]*))\s*$",
    re.I,
)
_NOT_WITH = re.compile(
    r"\b(?:analysts?|consensus|estimates?|year[- ](?:ago|earlier)|earlier|previous(?:ly)?|last year)\b"
    r"|\b(?:initially|originally|rumou?red)\b",
    re.I,
)
_AT_LEAST = re.compile(
    r"\b(?:more than|over|at least|above|exceed\w*|tops|topp(?:ed|ing)|surpass\w*|passe[sd])\s*$"
    r"|\b(?:upwards? of|no (?:less|fewer) than)\s*$",
    re.I,
)
_AT_MOST = re.compile(
    r"\b(?:up to|as (?:much|many) as|at most|under|(?:less|fewer) than|below|no more than|nearly|almost)\s*$", re.I
)
_ABOUT = re.compile(r"\b(?:about|around|roughly|some|approximately|close to|an estimated|estimated)\s*$", re.I)
_TO = re.compile(r"\s*(?:-|–|—|to|and)\s*")
_CLAUSE = re.compile(r"[;:]|, (?:while|but|with|and|which|as) ", re.I)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one article says: text[start:end] is the figure, `low` to `high` its value; None is open at that end.

    `article` is the index of its text, `sentence` where it stands, (start, end).
    """

    article: int
    start: int
    end: int
    sentence: tuple[int, int]
    subject: str
    low: Decimal | None
    high: Decimal | None
    rounding: Decimal
    unit: str
    direction: str
    companies: frozenset[int]
    periods: frozenset[str]
    rates: frozenset[str]
    places: frozenset[str]

    def is_same_thing(self, other: "Figure") -> bool:
        """Whether both speak of one thing, as far as their sentences say."""
        if (self.subject, self.unit, self.direction, self.places) != (other.subject, other.unit, other.direction, other.places):
            return False
        if self.subject in _PER_PERIOD and not (self.periods and self.periods == other.periods):
            return False
        pairs = ((self.companies, other.companies), (self.periods, other.periods), (self.rates, other.rates))
        return all(not ours or not theirs or ours & theirs for ours, theirs in pairs)

    def differs(self, other: "Figure") -> bool:
        """Whether both cannot be right: beyond rounding, and neither a bound nor a range that has room for the other."""
        slack = max(self.rounding, other.rounding, LEAST_APART * max(self.size, other.size))
        if self.is_range and other.is_range:
            return any(abs(ours - theirs) >= slack for ours, theirs in zip(self.ends, other.ends, strict=True))
        return _is_below(self, other, slack) or _is_below(other, self, slack)

    @property
    def is_range(self) -> bool:
        return self.low is not None and self.high is not None and self.low < self.high

    @property
    def size(self) -> Decimal:
        return next(value for value in (self.high, self.low) if value is not None)

    @property
    def ends(self) -> list[Decimal]:
        return [value for value in (self.low, self.high) if value is not None]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Articles that disagree on one thing, one figure of each, in the order of the texts."""

    subject: str
    figures: tuple[Figure, ...]


def contradictions(texts: Sequence[str], names: Sequence[Sequence[Name]] = ()) -> list[Contradiction]:
    """What these articles of one story disagree on. `names`: for each text where companies stand in it."""
    return list(_found(tuple(texts), tuple(map(tuple, names))))


@lru_cache(maxsize=256)  # a page asks for the same texts at each view
def _found(texts: Sequence[str], names: Sequence[Sequence[Name]]) -> list[Contradiction]:
    by_subject: dict[str, list[Figure]] = defaultdict(list)
    for index, text in enumerate(texts):
        for figure in _of_article(index, text, names[index] if names else ()):
            by_subject[figure.subject].append(figure)
    found = []
    for subject, figures in by_subject.items():
        disagreeing = {figure for pair in combinations(figures, 2) if _contradict(*pair, texts) for figure in pair}
        if disagreeing:
            found.append(Contradiction(subject, _distinct([figure for figure in figures if figure in disagreeing])))
    return found


def _contradict(one: Figure, other: Figure, texts: Sequence[str]) -> bool:
    if one.article == other.article or not one.is_same_thing(other) or not one.differs(other):
        return False
    if max(one.size, other.size) > MOST_APART * min(one.size, other.size):
        return False
    return not (_has(texts[one.article], other) or _has(texts[other.article], one))


def _has(text: str, figure: Figure) -> bool:
    """Whether that text has the figure too, wherever it stands and whatever it says of it."""
    return set(figure.ends) <= {amount.value for amount in amounts(text)}


def _distinct(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """The first of those that agree with one another."""
    kept: list[Figure] = []
    for figure in figures:
        if all(figure.differs(other) for other in kept):
            kept.append(figure)
    return tuple(kept)


def _is_below(one: Figure, other: Figure, slack: Decimal) -> bool:
    return one.high is not None and other.low is not None and one.high + slack <= other.low


# --- figures ---------------------------------------------------------------------------------------------


def _of_article(index: int, text: str, names: Sequence[Name]) -> Iterator[Figure]:
    """One figure for each thing; none where the article has several, for then it speaks of parts, or of then and now."""
    own: dict[tuple[str, str, str], list[Figure]] = defaultdict(list)
    for figure in _figures(index, text, names):
        own[figure.subject, figure.unit, figure.direction].append(figure)
    for same in own.values():
        if not any(one.differs(other) for one, other in combinations(same, 2)):
            yield same[-1]  # the text says more than the title


def _figures(index: int, text: str, names: Sequence[Name]) -> Iterator[Figure]:
    bounds = sentence_bounds(text)
    for left, right in _ranges(text):
        start, end = left.start, right.end
        since, until = enclosing(bounds, start, end)
        before, after = text[since:start], text[end:until]
        subject = _subject(before, after, right)
        if not subject or _NOT_BEFORE.search(before) or _NOT_WITH.search(text[since:until]):
            continue
        sentence = text[since:until]
        yield _bounded(
            Figure(
                article=index,
                start=start,
                end=end,
                sentence=(since, until),
                subject=subject,
                low=left.readings[-1].value,
                high=right.readings[-1].value,
                rounding=max(_rounding(text, left), _rounding(text, right)),
                unit=_unit(left, right),
                direction=_direction(sentence, start - since) if subject in _COUNTED else "",
                companies=frozenset(company for at, _, company in names if since <= at < until),
                periods=frozenset(found.group().lower() for found in _PERIOD.finditer(sentence)),
                rates=frozenset(
                    "".join(filter(None, found)).lower().replace("annual", "year") for found in _RATE.findall(sentence)
                ),
                places=frozenset(_PLACE.findall(after)),
            ),
            before,
        )


def _ranges(text: str) -> Iterator[tuple[Number, Number]]:
    """Each number, twice, or the two ends of a range."""
    found = numbers(text)
    at = 0
    while at < len(found):
        left = found[at]
        right = found[at + 1] if at + 1 < len(found) else left
        is_range = right is not left and bool(_TO.fullmatch(text[left.end : right.start]))
        if is_range and left.readings[-1].value < right.readings[-1].value and not _is_year(text, left):
            yield left, right
            at += 2
        else:
            if not _is_year(text, left):
                yield left, left
            at += 1


def _is_year(text: str, number: Number) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d", text[number.start : number.end]))


def _subject(before: str, after: str, number: Number) -> str:
    amount = number.readings[-1]
    if amount.unit == "%":
        return _noun(after, _SHARES)
    if amount.unit:
        return ""
    counted = _noun(after, _COUNTED)
    if counted and not amount.currency:
        return counted
    return _money(before, after) if amount.currency or amount.value >= 10**6 else ""


def _noun(after: str, table: Mapping[str, str]) -> str:
    """What is counted: the noun after the number, with at most two small words between."""
    for subject, pattern in table.items():
        if re.match(rf"\s*(?:[a-z-]+\s+){{0,2}}?(?:{pattern})\b", after):
            return subject
    return ""


def _money(before: str, after: str) -> str:
    """What a sum is: the nearest of the table's words in its clause. None where two are as near."""
    ahead = _CLAUSE.split(before)[-1][-NEAR:]
    behind = _CLAUSE.split(after)[0][: NEAR // 2]
    near: list[tuple[int, str]] = []
    for subject, pattern in _MONEY.items():
        word = re.compile(rf"\b(?:{pattern})\b", re.I)
        near += [(len(ahead) - found.end(), subject) for found in word.finditer(ahead)]
        near += [(found.start(), subject) for found in word.finditer(behind)]
    near.sort()
    is_clear = bool(near) and (len({subject for _, subject in near}) == 1 or near[0][0] + 5 < near[1][0])
    return near[0][1] if is_clear else ""


def _direction(sentence: str, at: int) -> str:
    """Whether they are cut, made or there: by the verb that stands nearest."""
    found = [
        (abs(verb.start() - at), way)
        for way, words in _DIRECTION.items()
        for verb in re.finditer(rf"\b(?:{words})\b", sentence, re.I)
    ]
    return min(found)[1] if found else ""


def _unit(left: Number, right: Number) -> str:
    amount: Amount = right.readings[-1]
    return amount.unit or amount.currency or left.readings[-1].currency


def _rounding(text: str, number: Number) -> Decimal:
    """One of the last place that was meant, for press cuts off as often as it rounds: of 4.6 billion .1 billion, of 1,330 ten.

    Two digits are always meant: 10,000 is not 12,000.
    """
    digits = re.sub(r"[^\d.]", "", re.match(r"[^\d.]*[\d.,]+", text[number.start : number.end])[0]).strip(".")  # type: ignore[index]
    written, value = Decimal(digits), number.readings[-1].value
    if not written:
        return Decimal(0)
    if "." in digits:
        place = -len(digits.partition(".")[2])
    else:
        place = min(len(digits) - len(digits.rstrip("0")), max(0, len(digits) - 2))
    return Decimal(10) ** place * (value / written)


def _bounded(figure: Figure, before: str) -> Figure:
    if figure.is_range:
        return figure
    if _AT_LEAST.search(before):
        return replace(figure, high=None)
    if _AT_MOST.search(before):
        # Nearly 10,000 is not 5,000: what is said to be the most is near to it.
        return replace(figure, low=figure.size * (1 - 2 * APPROXIMATE))
    if _ABOUT.search(before):
        return replace(figure, rounding=max(figure.rounding, figure.size * APPROXIMATE))
    return figure
