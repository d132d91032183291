"""Where a text may name a company: the words that stand behind such names and before them, and how far a name goes from there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import ahocorasick_rs

from portfolios.exchange_names import family, split_suffix
from research.tickers import families_of
from research.unknown_words import BEFORE_NAME, CJK_FORMS, FIRST_IN_NONE, FORMS, KINDS, NO_COMMA

MOST_WORDS = 5
LONGEST, CJK_LONGEST = 80, 18  # characters
TICKER, FORM = "ticker", "legal form"


class Found(NamedTuple):
    """A name in a text at start:end, of which the words before `core_end` are more than its legal form, and why it may be one."""

    start: int
    core_end: int
    end: int
    reason: str


class Cue(NamedTuple):
    """Words at start:end of a text. A name may end where they start (`is_behind`), or start where they end."""

    words: str
    reason: str
    is_behind: bool
    start: int
    end: int


# What stands behind names of companies, and before them; first letters are left out where they may be capitals.
_BEHIND = {
    **{f"{comma} {form}": FORM for form in FORMS for comma in ("", ",") if not (comma and form in NO_COMMA)},
    **dict.fromkeys(CJK_FORMS, FORM),
    " (": TICKER,
    **dict.fromkeys([" shares ", " stock ", "'s shares", "'s stock"], "shares"),
    **dict.fromkeys(["'s CEO", "'s CFO", "'s chief executive", " CEO ", "'s co-founder"], "chief executive"),
    **dict.fromkeys([", a ", ", an ", ", the "], "described"),
}
_AHEAD = {
    **dict.fromkeys([f"{kind} " for kind in (*KINDS, "Chipmaker", "Startup", "giant", "rival")], "kind"),
    **dict.fromkeys(
        ["acquire ", "acquires ", "acquired ", "cquisition of ", "akeover of ", "acquiring ", "erger with "], "acquired"
    ),
    **dict.fromkeys(["artnership with ", "artnered with ", "ollaboration with ", "agreement with ", "enture with "], "partner"),
    **dict.fromkeys(["CEO of ", "hief executive of "], "chief executive"),
}
_CUES = [(words, reason, True) for words, reason in _BEHIND.items()]
_CUES += [(words, reason, False) for words, reason in _AHEAD.items()]
_AUTOMATON = ahocorasick_rs.AhoCorasick([words for words, _, _ in _CUES])
_FORM = "|".join(map(re.escape, sorted(FORMS, key=len, reverse=True)))
_FORM_HERE = re.compile(
    rf",? (?:{_FORM})(?![\w&-])(?<!Company)(?<!Holding)(?<!Holdings)(?! Edition)\.?(?!\.)"
    r"|,? (?:Company|Holdings?)(?= [a-z&]|\W?\W)(?! (?:in|of|by|from)\b)"
)
_FORM_BEFORE = re.compile(rf",? (?:{_FORM})\.?$")
TICKER_HERE = re.compile(
    r" \((?P<exchange>[A-Za-z][A-Za-z ]{1,17}?)\s?:\s?(?P<ticker>[A-Z0-9]{1,10}(?:[.\-][A-Z]{1,2})?)(?=[),;/ ])(?! ?\.\.)"
    r"| \((?P<suffixed>[A-Z0-9]{1,10}\.[A-Z]{1,3})\)"
)
_CJK_LETTERS = r"[\u3400-\u9fff\u30a0-\u30ffA-Za-z0-9]"
_CJK_RUN = re.compile(rf"{_CJK_LETTERS}{{2,}}$")
_CJK_CUT = re.compile("[與及由向於從是的]|收購|併購|投資|宣布|公司|對手|客戶|供應商|夥伴")
_CJK_AHEAD = re.compile(rf"株式会社 ?(?P<name>{_CJK_LETTERS}{{2,12}})")
_FUNDS = re.compile(r"ARCA|BATS|CBOE", re.I)  # where funds are listed
_MOVED = re.compile(
    r"'s |(?: shares| stock) (?:rose|fell|jump|slip|gain|tumbl|drop|surg|soar|plung|rall|climb|slid|were|was|is|are|have|has)"
)
_TITLE_OF = re.compile(r"'s| CEO [A-Z]")
_KIND_WORD = r"(?:(?!of |at |from |founder)[\w-]+ )"
_KIND = re.compile(rf", (?:an? {_KIND_WORD}{{0,5}}|the {_KIND_WORD}{{1,5}})(?:{'|'.join(KINDS)})\b")
_TOKEN = re.compile(r"[A-Z][\w&+.'-]*[\w&+]|[A-Z]|[a-z]{1,2}[A-Z]\w*|\d+[A-Z]\w*|(?:[A-Z]\.)+")
_LINKS = frozenset(["&", "de", "y"])
_ATTRIBUTE = re.compile(r"-(?:based|backed|owned|listed|led|style|like)$")
_GOES_ON = re.compile(r" ?\.\.|…| \d|TM\b")  # "Acme Robo...", "Studio 31"
_OF_THINGS_TOO = {"acquired", "partner"}  # "acquired Acme shares", "partnered with Acme star Ann Smith"
_ENDS = re.compile(
    r"'s|\W?(?:$|\n|[^\w\s'])| (?:to|for|in|on|and|will|from|by|at|as|has|was|is|that|which|with|through|over|after)\b"
)
_TICKER_BEFORE = re.compile(r"[A-Z]: [A-Z]{2,5} ")  # "TSXV: ABC Acme Robotics Inc."


def find_cues(text: str) -> Iterator[Cue]:
    """The words of the text that may stand beside a company's name."""
    for number, start, end in _AUTOMATON.find_matches_as_indexes(text, overlapping=True):
        words, reason, is_behind = _CUES[number]
        if is_behind and words not in CJK_FORMS:
            is_word = text[start - 1 : start].isalnum() and not (reason == FORM and text[end : end + 1].isalnum())
        else:
            is_word = not text[end : end + 2].islower()
        if is_word:
            yield Cue(words, reason, is_behind, start, end)


def name_at(text: str, cue: Cue) -> Found | None:
    """The name before or after a cue, if there is one."""
    if cue.words in CJK_FORMS:
        return _cjk_name(text, cue.start, cue.end)
    if not cue.is_behind:
        return _name_ahead(text, cue.end, cue.reason)
    end = _end_of(text, cue.reason, cue.start)
    return _name_behind(text, cue.start, end, cue.reason) if end else None


def _end_of(text: str, reason: str, start: int) -> int:
    """Where the name ends, with its legal form, if what stands behind it is what the cue promised; else 0."""
    if reason == FORM:
        form = _FORM_HERE.match(text, start)
        return form.end() if form else 0
    if reason == TICKER:
        ticker = TICKER_HERE.match(text, start)
        return start if ticker and not _FUNDS.search(ticker["exchange"] or "") and listed(ticker) else 0
    behind = {"shares": _MOVED, "chief executive": _TITLE_OF, "described": _KIND}.get(reason)
    return start if behind is None or behind.match(text, start) else 0


def listed(ticker: re.Match[str]) -> str:
    """ "US:XYZ" of "(NASDAQ: XYZ)"; empty where we do not know the exchange."""
    if ticker["suffixed"]:
        name, mic = split_suffix(ticker["suffixed"])
        return f"{family(mic)}:{name}" if mic else ""
    places = families_of(ticker["exchange"])
    return f"{places[0]}:{ticker['ticker']}" if len(places) == 1 else ticker["ticker"] if places else ""


def _name_behind(text: str, core_end: int, end: int, reason: str) -> Found | None:
    """The capitalised words that end before the cue."""
    if reason != FORM and (form := _FORM_BEFORE.search(text, max(0, core_end - 20), core_end)):
        core_end = form.start()
    starts: list[int] = []
    at = core_end
    floor = text.rfind("\n", max(0, core_end - LONGEST), core_end) + 1 or max(0, core_end - LONGEST)
    for _ in range(MOST_WORDS):
        begin = text.rfind(" ", floor, at) + 1 or floor
        word = text[begin:at].lstrip("\"'([")
        opening = at - len(word)
        is_link = bool(starts) and (word in _LINKS or (word == "of" and text.endswith("Bank", 0, begin - 1)))
        if not (is_link or _may_be_in_name(word)):
            break
        if not is_link:
            starts.append(opening)
        at = begin - 1
        if opening > begin or text[at : at + 1] != " ":
            break
    while starts and text[starts[-1] : core_end].partition(" ")[0].lower() in FIRST_IN_NONE:
        starts.pop()
    if len(starts) > 1 and _TICKER_BEFORE.match(text, starts[-1] - 3):
        starts.pop()
    return Found(starts[-1], core_end, end, reason) if starts else None


def _name_ahead(text: str, start: int, reason: str) -> Found | None:
    """The capitalised words that begin behind the cue."""
    end, at = start, start
    for _ in range(MOST_WORDS):
        token = _TOKEN.match(text, at)
        if not token or not _may_be_in_name(word := token[0].removesuffix("'s")):
            break
        end = at + len(word)
        at = token.end() + 1
        if end != token.end() or text[end : end + 1] != " ":
            break
    if end == start or _GOES_ON.match(text, end):
        return None
    form = _FORM_HERE.match(text, end)
    full_end = form.end() if form else end
    is_whole = reason not in _OF_THINGS_TOO or _ENDS.match(text, full_end)
    return Found(start, end, full_end, reason) if is_whole else None


def _cjk_name(text: str, start: int, end: int) -> Found | None:
    """The characters before a legal form, or behind it, as far as a mark or a word that is no part of a name."""
    core_end = start - 2 * text.endswith(("股份", "責任", "责任"), 0, start)
    run = _CJK_RUN.search(text, max(0, core_end - CJK_LONGEST), core_end)
    if run is None:
        ahead = _CJK_AHEAD.match(text, start)
        return Found(*ahead.span("name"), ahead.end(), FORM) if ahead else None
    begin = max((cut.end() for cut in _CJK_CUT.finditer(text, *run.span())), default=run.start())
    return Found(begin, core_end, end, FORM) if core_end - begin >= 2 else None


def _may_be_in_name(word: str) -> bool:
    if word.islower() or word.lower() in BEFORE_NAME or word.endswith(("'s", "TM")):  # "Acme™" is a product
        return False
    return _TOKEN.fullmatch(word) is not None and (word.isalpha() or not _ATTRIBUTE.search(word))
