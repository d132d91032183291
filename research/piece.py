"""What kind of piece a title and its lead are: a report, an opinion, a template that comes again and again."""

import re

from research.flash_events import ROUTINE

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
