"""What happened, by rules, and how much it may move the share: the kind of event, whether it is a fact, the kind of piece."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from research import flash_events as tables
from research.piece import Kind, kind, traits

NO_CUE = 0.1
LEAST_HELD = 0.12  # of a piece that reports nothing
ADVICE, WIRE, ELSEWHERE, FORECAST = 0.55, 0.6, 0.6, 0.8
GRAVE = 0.45  # what a company says itself of less is mostly self-praise
_EVENTS = [(name, re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])"), size) for name, (pattern, size) in tables.EVENTS.items()]
_ROUTINE = [(re.compile(rf"(?<![a-z])(?:{pattern})"), most) for pattern, most in tables.ROUTINE]
_REFINED = {
    name: [(re.compile(rf"(?<![a-z])(?:{pattern})"), kind_of) for pattern, kind_of in refined]
    for name, refined in tables.REFINED.items()
}
_MOVE = re.compile(
    r"(?:shares?|stock|plung\w+|tumbl\w+|soar\w*|surg\w+|jump\w*|rocket\w*|fell|falls?|drop\w*|sinks?|crash\w*)[^.;%]{0,40}?"
    r"(\d{1,2}(?:\.\d+)?)\s?(?:%|percent|per cent)"
)
_TALK = re.compile(
    r"\b(?:pros and cons|evaluating|how the|what (?:to|needs)|takeaways|stock quote|movers|hot stocks|here's|explained)\b"
)
_FORECAST = re.compile(
    r"\b(?:may|might|could|would|plans?|considers?|considering|weighs|mulls|in talks|reportedly|sources|expected|expects?|likely|"
    r"sees?|poised|to (?:see|report)|set to|rumou?r\w*|debating|report says|: report)\b"
)
_SCHEDULED = {"earnings", "guidance", "calendar", "distribution"}
_SUDDEN = {"disaster", "security", "insolvency", "legal", "regulation", "trade", "workforce"}


class Happened(NamedTuple):
    """`impact` 0…1; `names` of the events seen, gravest first; `type` of the gravest ("" for none) and what is told of it."""

    impact: float
    names: tuple[str, ...]
    type: str = ""
    fact_level: str = "fact"
    scheduled: bool | None = None


def happened(title: str, near: str, in_headline: bool, outlet: str) -> Happened:
    """Of the clauses near the issuer (`near`, small letters), in a piece with this title.

    Pieces that report no event are held down, whatever they speak of: opinion, advice, round-ups and notices by the dozen.
    """
    low = title.lower()
    seen = sorted(((size, name) for name, pattern, size in _EVENTS if pattern.search(near)), reverse=True)
    size = seen[0][0] if seen else NO_CUE
    if move := max((float(match[1]) for match in _MOVE.finditer(near)), default=0.0):
        size = max(size, min(0.8, 0.2 + move / 40))
    if len(seen) > 1:
        size = min(0.95, size + 0.03 * min(3, len(seen) - 1))
    found = traits(title, "", outlet)
    opinion = kind(title) is Kind.OPINION or bool(found & {"opinion", "question"}) or bool(_TALK.search(low))
    level = "opinion" if opinion else "forecast" if _FORECAST.search(low) else "fact"
    size = _held(size, low, found, level=level) * (1.0 if in_headline else ELSEWHERE)
    names = tuple(name for _, name in seen)
    type_ = _type(names[0], near) if names else ""
    return Happened(round(size, 4), names, type_, level, _scheduled(type_))


def _held(size: float, title: str, found: frozenset[str], *, level: str) -> float:
    """The size, by what kind of piece it is."""
    if kind(title) is not None:
        return min(size * 0.2, LEAST_HELD)
    if level == "opinion":
        size = min(size * 0.4, 0.2)
    for trait, factor in (("advice", ADVICE), ("template", 0.4), ("wire", WIRE if size <= GRAVE else 1.0)):
        size *= factor if trait in found else 1.0
    size *= FORECAST if level == "forecast" else 1.0
    for pattern, most in _ROUTINE:
        if pattern.search(title):
            size = min(size, most)
    return size


def _type(name: str, near: str) -> str:
    """The type of research.events for a kind of ours, by the words that stand beside it."""
    return next((to for pattern, to in _REFINED.get(name, ()) if pattern.search(near)), tables.TYPE_OF[name])


def _scheduled(event_type: str) -> bool | None:
    group = event_type.partition(".")[0]
    return True if group in _SCHEDULED else False if group in _SUDDEN else None


# --- the issuer's part -----------------------------------------------------------------------------------

_DEALS = re.compile(r"\b(?:acquir\w+|buys?|bought|to buy|takes? over|takeover of|bid for)\b")
_STAKES = re.compile(r"\b(?:stake in|invests? \S+ in|invested \S+ in|takes? (?:an? )?(?:[\w$.,]+ ){0,4}?stake|backs)\b")
_SUITS = re.compile(r"\b(?:sues?|sued|suing|lawsuit against|accuses?)\b")
_SUPPLIES = re.compile(r"\b(?:wins?|won|secures?|supplies|to supply|receives?) \b")
_TURNED = re.compile(r"\b(?:acquired by|bought by|sued by|acquisition by|stake from)\b")
_SIDES = (
    ("deal", _DEALS, "acquirer", "target"),
    ("deal", _STAKES, "investor", "investee"),
    ("legal", _SUITS, "claimant", "defendant"),
)
_PARTS = {"partnership": "partner", "analyst_rating": "rated", "credit": "rated", "regulation": "defendant", "capital": "issuer"}


def role(event_type: str, title: str, spans: Sequence[tuple[int, int]]) -> str:
    """The part in it of the issuer that stands at `spans`: by the side of the verb on which its name is, in the headline."""
    own = [start for start, end in spans if end <= len(title)]
    group = event_type.partition(".")[0]
    if not event_type:
        return ""
    if not own:
        return "other"
    low = title.lower()
    for of, verb, before, after in _SIDES:
        if of == group and (found := verb.search(low)):
            is_before = (min(own) < found.start()) != bool(_TURNED.search(low))
            return before if is_before else after
    if group == "contract" and (found := _SUPPLIES.search(low)):
        return "supplier" if min(own) < found.start() else "customer"
    return _PARTS.get(group, "subject")
