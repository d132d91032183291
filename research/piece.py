"""What kind of piece a title and its lead are: a report, an opinion, a template that comes again and again."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from research.flash_events import ROUTINE


class Kind(StrEnum):
    """What a reader is told of a piece that reports no event, in the page's words."""

    NOTICE = "Routine notice"
    OPINION = "Opinion"
    ROUND_UP = "Market round-up"


# Which patterns on small letters, in the title alone; a piece may have several traits.
_OF_TITLE = {
    "wrap": ROUTINE[-1][0],
    "routine": "|".join(f"(?:{pattern})" for pattern, _ in ROUTINE[:-1]),
    # Notices that are written by the dozen: only the name and the number change.
    "template": r"whale|shares (?:sold|bought|acquired|purchased) by|[\d,]+ shares of"
    r"|(?:stake|holdings|position|shares) in .*\((?:nyse|nasdaq|otc\w*)|insider|years ago|reports transactions|class action"
    r"|(?:shareholder|investor|stockholder)s? (?:alert|notice|action)|law (?:firm|offices)|competitors$|\bpeers$|rivals$"
    r"|compared to competitors|head[- ]to[- ]head|^(?:reviewing|contrasting|comparing|analyzing) "
    r"|(?:price target|\bpt) (?:raised|lowered|cut|increased)|(?:raises|lowers|cuts|boosts|trims) .*price target",
    "advice": r"\b(?:buy|sell|hold|why|here's|best|should|top \d|\d+ (?:\w+ ){0,3}stocks|rating (?:up|down)grade|opinion)\b",
    "question": r"\?$",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _OF_TITLE.items()}
_OPINION = re.compile(r"[\w.&' -]{2,40}(?:\([\w:. ]+\))?(?: stock| inc\.?)?: (?!report)")
_RESULTS = re.compile(
    r"\b(?:earnings|q[1-4]|quarter(?:ly|s)?|results|revenues?|guidance|outlook|forecasts?|estimates|eps|profits?|beats?|misses"
    r"|fiscal|transcript|sales)\b"
)
_FOREIGN = re.compile(
    r"\b(?:el|la|los|las|y|de|en|un|una|le|les|des|du|et|dans|der|die|das|und|für|mit|auf|il|di|per|com|os|uma|para)\b"
)
_WIRED = re.compile(r"/(?:prnewswire|globe newswire|business wire)")
_WIRES = ("globenewswire", "prnewswire", "businesswire", "accesswire", "newsfilecorp")
_RESULT_WORDS = 2
_FOREIGN_WORDS = 4


def traits(title: str, lead: str, outlet: str) -> frozenset[str]:
    """Some of: results, wrap, routine, template, advice, opinion, question, foreign, wire."""
    low = title.lower().strip()
    both = f"{low} {lead.lower()}"
    is_wire = outlet.casefold().startswith(_WIRES) or bool(_WIRED.search(both))
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(low)}
    found |= {"wire"} if is_wire else {"opinion"} if _OPINION.match(low) else set()
    found |= {"results"} if len(set(_RESULTS.findall(both))) >= _RESULT_WORDS else set()
    found |= {"foreign"} if len(_FOREIGN.findall(both)) >= _FOREIGN_WORDS else set()
    return frozenset(found)


# --- for readers -----------------------------------------------------------------------------------------

# Traits weigh in a sum and may be wrong now and then; what is printed beside a headline may not, so these patterns are narrower.
_NOTICE = re.compile(
    r"what whales are doing|\bwhale (?:trades|activity)|\bunusual options|\bshares (?:sold|bought|acquired|purchased) by\b"
    r"|[\d,]+ shares (?:of|in)\b.*\((?:nyse|nasdaq|otc)|\b(?:stake|holdings|position|shares) in .*\((?:nyse|nasdaq|otc)"
    r"|\binsider (?:buying|selling)\b|\breports transactions\b"
    r"|\b(?:shareholder|investor|stockholder)s? (?:alert|notice)\b|\blaw (?:firm|offices) |\bdeadline alert\b"
    r"|\bhead[- ]to[- ]head (?:review|comparison|contrast|survey|analysis)"
    r"|^(?:critical|financial) (?:survey|analysis|contrast|review|comparison)"
    r"|\b(?:vs\.?|versus) (?:its|the) (?:competition|rivals|peers)|\bannounces (?:upcoming|(?:its )?participation|dates? of)\b"
    r"|\b(?:to|will) (?:present|participate|speak) (?:[\w'-]+ ){0,6}?(?:conference|webinar|summit)"
    r"|\bmarket (?:size|share|to|is|was|expected|worth|report)\b.*\bcagr\b"
)
_OPINION_PIECE = re.compile(
    r"opinion[:|]|.*\bbetter (?:[\w'-]+ ){0,3}?(?:buy|stock)\b|.*\bstocks? to (?:buy|sell|own|avoid|hold)\b"
    r"|.*\bshould (?:you|i|investors) (?:buy|sell|invest)\b|.*\btime to (?:buy|sell)\b"
    r"|(?!exclusive|breaking|update|trending|report|in brief)[\w.&' -]{2,40}(?:\([\w:. ]+\))?(?: stock)?: "
    r"(?:.*\b(?:a|strong|still) (?:buy|sell|hold)\b|.*\b(?:buy|sell) the (?:dips?|news|rally)\b"
    r"|[^(]*\((?:nyse|nasdaq|otc\w*):[\w. ]+\)$)"
)
_ROUND_UP = re.compile(
    r"(?:stock market today|market wrap|(?:us |u\.s\. |european |asian )?(?:stocks?|shares|markets?|futures)"
    r"|wall st(?:reet|\.)?(?: stocks?)?|dow(?: jones)?(?: futures)?|nasdaq|s&p 500|sensex|nifty|nikkei(?: 225)?"
    r"|ftse(?: 100)?|taiex|hang seng|dax):? (?:[\w,'-]+ ){0,3}?"
    r"(?:close[sd]?|end(?:s|ed)?|open(?:s|ed)?|f[ae]ll(?:s|ing)?|r[io]ses?|slid(?:es?|ing)"
    r"|slips?|sinks?|drops?|tumbles?|jumps?|gains?|climbs?|surges?|rall(?:y|ies)|mixed|higher|lower|settles?)\b"
)
_KINDS = {Kind.NOTICE: _NOTICE.search, Kind.ROUND_UP: _ROUND_UP.match, Kind.OPINION: _OPINION_PIECE.match}


@lru_cache(20_000)  # a page of stories asks for each of their articles, and the next page for the same again
def kind(title: str) -> Kind | None:
    """What kind of piece this is, where it reports no event; None of a report."""
    low = title.lower().strip()
    return next((each for each, matches in _KINDS.items() if matches(low)), None)


def kind_of_all(titles: Iterable[str]) -> Kind | None:
    """The kind of pieces that are all of one: as soon as one of them reports, it is a story like any other."""
    kinds = {kind(title) for title in titles}
    return kinds.pop() if len(kinds) == 1 else None
