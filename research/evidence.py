"""Is the company meant? What the text around a name says for it and against it.

A distinct name stands by itself. An ordinary word needs a reason: a ticker, the company's name elsewhere, its legal form, a word
of the stock market beside it, a list of companies that it stands in. The reason is kept, to be shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from portfolios.company_names import Grade
from portfolios.ordinary import commonness, words
from research.context import Article
from research.names import Hit
from research.tickers import BareTicker, TickerHit, is_exchange, may_stand_alone

LEGAL = re.compile(
    r",? (?:Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|LLC|L\.?P|PLC|plc|AG|SE|NV|N\.V|S\.?A|SpA|AB|ASA|Oyj|KK"
    r"|Holdings?)\b\.?"
)
# What stands behind a company in news of the market, and before one.
_AFTER = re.compile(
    r"(?:'s?)?[\s,(]+(?:[\w-]+\s)?(?:stocks?|shares?|shareholders?|investors?|earnings|quarterly|PT|price (?:target|objective)s?"
    r"|target price|options|whales?|CEO|CFO|COO|CTO|chief|executives?|dividends?|valuation|market cap|coverage|covered|ratings?"
    r"|announce[sd]?|report(?:s|ed)|unveil(?:s|ed)|upgraded|downgraded|launche[sd]|says?|said|posts|posted|beats|acquire[sd]?"
    r"|to acquire|had its|released its|suppliers?|receive[sd]|given (?:a|an|new)|given [\w-]+ rating|earns [\w-]+ rating"
    r"|analysts?|board|stake|(?:sets|hits|reaches) (?:a )?new)\b"
    r"|'? an? \$[\d.,]+ (?:price target|target price)|'s? (?:quarter|guidance|outlook|market)\b"
    r"|(?:'s?)? (?:profit|revenue|sales)\b"
    r"|(?:股價|股票|營收|法說|董事長|總經理|財報|獲利|公司|集團|宣布|公告|表示|指出|去年|今年|\s?[（(]\d{4})",
    re.I,
)
_BEFORE = re.compile(
    r"\b(?:(?:shares?|stake|position|stock|investors?|holdings?|interest) (?:of|in)|(?:stance|betting|bullish|bearish|coverage"
    r"|ratings?|targets?|upgrades?|downgrades?|sue[sd]?)(?: on| for| of)?|(?:CEO|CFO|chief executive|unit|maker|owner) of"
    r"|subsidiary of|rivals?|suppliers?|customers?|giants?|partners?|including|like|versus|vs\.?|trims|lowers|raises|boosts"
    r"|analyzing|reviewing|contrasting|acquires?|buys?|owns?|from) [\"']?$",
    re.I,
)
# Who rates: "Price Target Lowered to $3,000.00 at Barclays".
_RATED_BY = re.compile(
    r"\b(?:price target|target price|price objective|PT|rating|rated|coverage|downgraded|upgraded|downgrade|upgrade|estimates)\b"
    r"[^:;!?]{0,40} (?:at|by) $",
    re.I,
)
_BACKED = re.compile(
    r"-(?:based|backed|owned|made|led|listed|controlled|run|designed|supplied|funded|branded|related|linked|supplier)\b"
)
# At the start of a headline: "Target cuts prices", "Meta to build a data centre", "Apple's new store". Not "Shell companies",
# and not of things that do the like without an article.
_ACTS = re.compile(r"(?:,|'s(?= )| to [a-z]+| (?!companies|crops|firms|funds|games|prices|stocks|trees)[a-z]+s)\b")
_THINGS = words(
    """air aluminum bank beef best block bonds capital cash cloud coal coffee commodities construction copper corn
    credit crude data debt earnings energy finance food fuel futures gas gasoline gold growth health housing income
    industry inflation insurance intelligence internet iron lumber media metal metals money music nature news oil
    paper power property research rice security semiconductor silver software solar space steel stocks strategy sugar
    technology time trade travel unity value water wheat wood"""
)
_BYLINE_AFTER = re.compile(r"\s*(?:$|\n|\) [-–—])")
_PLACE = re.compile(r", [A-Z][\w.]+,? |,? [(]?[A-Z][a-z]{2}[.]? \d|, \d| [-–—]{1,2} ")
_LIST_GOES_ON = re.compile(r"(?:'s)?(?:,| and| &|,? and| or|/|、|與|和|及) ?(?=\S)")
_LIST_WENT_ON = re.compile(r"(?:,|,? and| &|/|、|與|和|及) ?$")
_PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Sir|Judge|Justice|Senator|Sen|Rep|President|Prof|Professor|[Aa]nalysts?)\.? $")
_NUMBER = re.compile(r"[ -]?\d")  # "RTX 4080", "Galaxy S23": a product
_WARRANT = re.compile(r"[\u4e00-\u9fffA-Z0-9]{0,6}[購售牛熊]\d{2}")  # 鴻海元大59購01: a warrant named after its underlying
_CORPORATE = words(
    """ag aerospace automotive bancorp bancshares biosciences biotherapeutics brands co company corp corporation
    enterprises group holding holdings inc incorporated industries laboratories limited llc lp ltd motors nv partners
    petroleum pharmaceuticals plc sa se technologies therapeutics"""
)
# An enum's member is slow to look up, and each hit would do it.
SHORT, NAME, PHRASE, DISTINCT = Grade.SHORT, Grade.NAME, Grade.PHRASE, Grade.DISTINCT
TOO_COMMON = 30_000  # a capital alone does not make a company of News or Best; of Apple, at 24,670, it does
MANY_TICKERS = 3
LONGEST_AND = len(", and \n")


def resolve(article: Article, tickers: Sequence[TickerHit], bare: Sequence[BareTicker]) -> list[Hit]:
    """The hits that stand, each for one issuer with the reason, and those of tickers, in order."""
    by_ticker = [*_ticker_hits(article, tickers), *_bare_hits(article, bare)] if tickers or bare else []
    ticked = {hit.issuers[0] for hit in by_ticker}
    kept: list[Hit] = []
    waiting: list[Hit] = []
    for hit in _of_one_company(article.hits, ticked):
        if not _is_something_else(article, hit):
            (kept if _stands(article, hit, ticked) else waiting).append(hit)
    if waiting:
        kept += _corroborated(article, waiting, [*kept, *by_ticker])
    return sorted([*kept, *by_ticker], key=attrgetter("start"))


def _of_one_company(hits: Sequence[Hit], ticked: set[int]) -> Sequence[Hit]:
    """Without the names of several companies where nothing tells which is meant."""
    if not [hit for hit in hits if len(hit.issuers) > 1]:
        return hits
    told = ticked | {hit.issuers[0] for hit in hits if hit.grade == DISTINCT and len(hit.issuers) == 1}
    return [hit for hit in hits if len(hit.issuers) == 1 or hit.narrow(told)]


# --- by what is beside it --------------------------------------------------------------------------------


def _is_something_else(article: Article, hit: Hit) -> bool:
    """Whether the same letters mean a word, a product, a person or a warrant here."""
    if hit.against and article.has_any(hit.against):
        return True
    if article.is_first_name_before(hit) or _is_byline(article, hit) or _is_dateline(article, hit):
        return True
    if hit.grade == DISTINCT:
        return _is_warrant(article, hit) or article.is_word_here(hit)
    if article.text[hit.start - 1 : hit.start] == "-" and article.text[hit.start - 2 : hit.start - 1].isalpha():
        return True  # "High-Bandwidth"
    following = article.text[hit.end : hit.end + 2]
    if following[:1] == "-" and following[1:].islower() and not _BACKED.match(article.text, hit.end):
        return True  # "Target-rich": a word made with the common one
    return _NUMBER.match(article.text, hit.end) is not None or _PERSON.search(article.word_before(hit)) is not None


def _is_warrant(article: Article, hit: Hit) -> bool:
    return not article.text.isascii() and _WARRANT.match(article.text, hit.end) is not None


def _is_dateline(article: Article, hit: Hit) -> bool:
    """Where it was written: "MADISON, Wis., Jan. 24"."""
    return hit.name.isupper() and hit.start == article.body_start and _PLACE.match(article.text, hit.end) is not None


def _is_byline(article: Article, hit: Hit) -> bool:
    """Who wrote it, not whom it is about: "By Reuters", "(Reuters) - Bullion rose"."""
    if not article.text.endswith(("By ", "Source: ", "("), 0, hit.start):
        return False
    after = _BYLINE_AFTER.match(article.text, hit.end)
    return after is not None and (article.text[hit.start - 1] != "(" or after[0].startswith(")"))


def _stands(article: Article, hit: Hit, ticked: set[int]) -> bool:
    """Whether the name counts by itself or by what is beside it; sets the reason."""
    name = hit.name
    if hit.grade == DISTINCT and not is_exchange(name) and not (hit.is_plain and article.goes_before(hit)):
        hit.reason = "full name" if " " in name else "name"
    elif hit.issuers[0] in ticked:
        hit.reason, hit.confidence = "name, corroborated by ticker", 0.97
    elif not is_exchange(name) and not article.goes_before(hit):
        is_part = article.goes_on(hit) or article.follows_determiner(hit)
        for reason in REASONS:
            if (reason.also_in_longer or not is_part) and reason.holds(article, hit):
                hit.reason, hit.confidence = reason.words, reason.confidence
                break
    return bool(hit.reason)


def _is_in_story_of_it(article: Article, hit: Hit) -> bool:
    return bool(hit.beside) and article.has_any(hit.beside)


def _is_phrase(article: Article, hit: Hit) -> bool:
    return hit.grade == PHRASE and (_is_long(hit.name) or not article.is_in_title(hit))


def _is_long(name: str) -> bool:
    """Three words in a row, or two of which the second is what companies call themselves, are no accident."""
    parts = re.findall(r"\w+", name)
    return len(parts) > 2 or parts[-1].lower() in _CORPORATE


def _has_legal_form(article: Article, hit: Hit) -> bool:
    return LEGAL.match(article.text, hit.end) is not None


def _is_rare(_: Article, hit: Hit) -> bool:
    return hit.grade == NAME


def _is_in_market(article: Article, hit: Hit) -> bool:
    if not _may_be_named(article, hit):
        return False  # "12 Best Stocks", "Crypto Whale"
    return (
        _AFTER.match(article.text, hit.end) is not None
        or (_BEFORE.search(article.before(hit)) or _RATED_BY.search(article.before(hit, 80))) is not None
    )


def _heads_headline(article: Article, hit: Hit) -> bool:
    is_thing = hit.name.lower() in _THINGS
    return article.opens_headline(hit) and not is_thing and _ACTS.match(article.text, hit.end) is not None


def _may_be_named(article: Article, hit: Hit) -> bool:
    """Whether a capital alone can make it the company: not News, Best, or an exchange."""
    name = hit.name
    return commonness(name) < TOO_COMMON and not is_exchange(name)


def _is_capitalised(article: Article, hit: Hit) -> bool:
    return hit.grade != SHORT and _may_be_named(article, hit) and article.is_on_purpose(hit)


class Reason(NamedTuple):
    """Why a name is the company, how sure that is, and when it holds; mostly only while no longer name goes on."""

    words: str
    confidence: float
    holds: Callable[[Article, Hit], bool]
    also_in_longer: bool = False


# The first that holds is given.
REASONS = (
    Reason("name, corroborated by words about the company", 0.85, _is_in_story_of_it),
    Reason("full name", 0.9, _is_phrase),
    Reason("name, corroborated by legal form", 0.93, _has_legal_form, also_in_longer=True),
    Reason("name", 0.8, _is_rare),
    Reason("name, corroborated by words of the market", 0.75, _is_in_market),
    Reason("name, capitalised", 0.6, _is_capitalised),
    Reason("name, at the head of a headline", 0.65, _heads_headline),
)


# --- by the rest of the text -----------------------------------------------------------------------------


def _corroborated(article: Article, waiting: Sequence[Hit], firm: Sequence[Hit]) -> list[Hit]:
    """Those of the waiting hits that the companies found already speak for; sets their reasons."""
    named = {hit.issuers[0] for hit in firm} | {hit.issuers[0] for hit in _in_lists(article, waiting, firm)}
    for hit in waiting:
        if hit.reason:
            continue
        if hit.issuers[0] in named:
            hit.reason, hit.confidence = "name, corroborated elsewhere in the text", 0.9
        elif named and _may_be_named(article, hit) and article.is_on_purpose(hit):
            hit.reason, hit.confidence = "name, corroborated by co-mention", 0.7
    return [hit for hit in waiting if hit.reason]


def _in_lists(article: Article, waiting: Sequence[Hit], firm: Sequence[Hit]) -> Iterator[Hit]:
    """Names in a list with companies: "Amazon, Microsoft, Snap, NTT"."""
    # Chinese names of two characters are words as well; two of them in a list are companies.
    known = [*firm, *(hit for hit in waiting if not hit.name.isascii())]
    starts, ends = {hit.start for hit in known}, {hit.end for hit in known}
    for hit in waiting:
        after = _LIST_GOES_ON.match(article.text, hit.end)
        before = _LIST_WENT_ON.search(article.before(hit, LONGEST_AND))
        is_listed = (after and after.end() in starts) or (before and hit.start - len(before[0]) in ends)
        if is_listed and _may_be_named(article, hit) and not article.goes_on(hit) and not article.goes_before(hit):
            hit.reason, hit.confidence = "name, in a list of companies", 0.85
            starts.add(hit.start)
            ends.add(hit.end)
            yield hit


# --- tickers ---------------------------------------------------------------------------------------------


def _ticker_hits(article: Article, tickers: Iterable[TickerHit]) -> Iterator[Hit]:
    for ticker in tickers:
        if not ticker.is_alone:
            yield _of_ticker(ticker, 0.99)
        elif _follows_its_name(article, ticker):
            yield _of_ticker(ticker, 0.97)
        elif may_stand_alone(ticker, article.text):
            yield _of_ticker(ticker, 0.8)


def _bare_hits(article: Article, bare: Sequence[BareTicker]) -> Iterator[Hit]:
    """Tickers without anything to mark them, where their company is named too, or several stand in a list."""
    if not bare:
        return
    meant = {issuer for hit in article.hits for issuer in hit.issuers}
    is_list = sum(ticker.is_qualified for ticker in bare) >= MANY_TICKERS
    for ticker in bare:
        if ticker.start not in article.begins and (is_list or ticker.is_qualified or ticker.issuer_id in meant):
            yield _of_ticker(ticker, 0.85)


def _of_ticker(ticker: TickerHit | BareTicker, confidence: float) -> Hit:
    return Hit(ticker.name, (ticker.issuer_id,), ticker.start, ticker.end, DISTINCT, confidence, reason=f"ticker {ticker.name}")


def _follows_its_name(article: Article, ticker: TickerHit) -> bool:
    """ "Apple (AAPL)", "Alphabet Inc. (GOOG, GOOGL)": the name stands right before the parenthesis."""
    opening = article.text.rfind("(", 0, ticker.start)
    return any(
        ticker.issuer_id in hit.issuers
        and hit.end <= opening
        and re.fullmatch(r"[\w.,'& ]{0,24}", article.text[hit.end : opening])
        for hit in article.hits
    )
