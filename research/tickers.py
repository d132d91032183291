"""Tickers written so that nobody can mistake them for a word: with an exchange, a suffix, a $ or in parentheses.

"(NASDAQ: AAPL)", "TWSE: 2317", "2317.TW", "2317 TT", "$AAPL" and "(AAPL)" are; a bare "ON" or "KEY" is not.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import date
from typing import NamedTuple

from portfolios.exchange_names import family
from research.periods import Period, is_within


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PREFIXES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ["NYSE", "NASDAQ", "NASDAQGS", "NASDAQGM", "NASDAQCM", "NYSEARCA", "NYSE ARCA", "NYSE AMERICAN", "NYSEAMERICAN", "AMEX",
         "CBOE", "OTC", "OTCMKTS", "OTCPK", "OTCQX", "OTCQB", "OTC PINK", "PINK"], ("US",)
    ),
    **dict.fromkeys(["TWSE", "TPE", "TAIEX"], ("XTAI",)), "TPEX": ("ROCO",), "TWO": ("ROCO",),
    **dict.fromkeys(["HKG", "HKEX", "SEHK", "HKSE"], ("XHKG",)),
    **dict.fromkeys(["SHA", "SSE", "SHSE"], ("XSHG",)), **dict.fromkeys(["SHE", "SZSE", "SZ"], ("XSHE",)),
    **dict.fromkeys(["TYO", "JPX"], ("XTKS",)), "TSE": ("XTKS", "XTSE"),
    **dict.fromkeys(["KRX", "KOSPI", "KSE"], ("XKRX",)), "KOSDAQ": ("XKOS", "XKRX"),
    **dict.fromkeys(["LON", "LSE"], ("XLON",)), **dict.fromkeys(["ETR", "XETRA", "FRA", "FWB"], ("XETR", "XFRA")),
    **dict.fromkeys(["EPA", "EURONEXT PARIS"], ("XPAR",)), **dict.fromkeys(["AMS", "EURONEXT AMSTERDAM"], ("XAMS",)),
    "EURONEXT": ("XPAR", "XAMS", "XBRU", "XLIS"), "EBR": ("XBRU",), "BIT": ("XMIL",), "BME": ("XMAD",), "SWX": ("XSWX",),
    "SIX": ("XSWX",), "STO": ("XSTO",), "CPH": ("XCSE",), "HEL": ("XHEL",), "OSL": ("XOSL",), "TSX": ("XTSE",),
    "TSXV": ("XTSX",), "CVE": ("XTSX",), "ASX": ("XASX",), "NSE": ("XNSE",), "BSE": ("XBOM",), "BOM": ("XBOM",),
    "SGX": ("XSES",), "BVMF": ("BVMF",),
}  # fmt: skip
EXCHANGES = frozenset(_PREFIXES)
_SUFFIXES: dict[str, tuple[str, ...]] = {
    "US": ("US",), "O": ("US",), "N": ("US",), "OQ": ("US",), "TW": ("XTAI",), "TWO": ("ROCO",), "HK": ("XHKG",),
    "SS": ("XSHG",), "SH": ("XSHG",), "SZ": ("XSHE",), "T": ("XTKS",), "KS": ("XKRX",), "KQ": ("XKOS", "XKRX"),
    "L": ("XLON",), "DE": ("XETR",), "F": ("XFRA",), "PA": ("XPAR",), "AS": ("XAMS",), "BR": ("XBRU",), "MI": ("XMIL",),
    "MC": ("XMAD",), "SW": ("XSWX",), "ST": ("XSTO",), "CO": ("XCSE",), "HE": ("XHEL",), "OL": ("XOSL",), "TO": ("XTSE",),
    "V": ("XTSX",), "AX": ("XASX",), "NS": ("XNSE",), "BO": ("XBOM",), "SI": ("XSES",), "SA": ("BVMF",),
}  # fmt: skip
_BLOOMBERG: dict[str, tuple[str, ...]] = {
    "US": ("US",), "UN": ("US",), "UW": ("US",), "TT": ("XTAI", "ROCO"), "TW": ("XTAI", "ROCO"), "HK": ("XHKG",),
    "CH": ("XSHG", "XSHE"), "C1": ("XSHG",), "C2": ("XSHE",), "JP": ("XTKS",), "JT": ("XTKS",), "KS": ("XKRX",),
    "LN": ("XLON",), "GR": ("XETR",), "GY": ("XETR",), "FP": ("XPAR",), "NA": ("XAMS",), "IM": ("XMIL",), "SM": ("XMAD",),
    "SW": ("XSWX",), "SS": ("XSTO",), "CN": ("XTSE",), "AU": ("XASX",), "IN": ("XNSE", "XBOM"), "SP": ("XSES",),
}  # fmt: skip
# In parentheses these are nearly always the abbreviation.
_ABBREVIATIONS = _set_of(
    """
    AGM AI AMD API AR ASP AUM B2B BN CAD CEO CES CFO COO CPI CTO DC DNA EBIT EGM EPS ESG ETF EU EUR EV EVS FDA FED
    FOMC FX GAAP GB GBP GDP GM GMT GPU GPUS HQ HR ICE IDC IP IPO IRS IT JPY JV LLC LLM LTD M&A MD ML MOU NASA NAV
    NDA NFT OEM OPEC PC PCS PE PM PR PT Q1 Q2 Q3 Q4 QE R&D ROE ROI RS RSU RTX SA SEC SPAC TAM TV TVS UK UN US USA
    USD UTC VAR VAT VP VR XR YOY
    """
)

# What "$SOL" is where coins are traded.
_COINS = re.compile(
    r"\b(?:crypto|tokens?|coins?|cryptocurrenc(?:y|ies)|blockchain|altcoins?|bitcoin|ethereum|litecoin|dogecoin|btc)\b", re.I
)
_COIN_TICKERS = _set_of("ADA APE ATOM AVAX BNB BTC DOGE DOT ETH FIL LINK LTC MATIC NEAR SHIB SOL TRX UNI XLM XRP")

_TICKER = r"[A-Z0-9]{1,12}(?:[.\-/][A-Z]{1,2})?"
# Looked for from a colon, a point, a blank or a capital: these are few, and letters many.
_COLON = re.compile(rf":\s?\$?(?P<tickers>{_TICKER}(?:\s?(?:,|;|/|and|&)\s?{_TICKER}(?![A-Za-z0-9]|\s?:))*)(?![A-Za-z0-9])")
_EXCHANGE_BEFORE = re.compile(
    rf"(?<![A-Za-z0-9])(?i:(?P<exchange>{'|'.join(re.escape(p) for p in sorted(_PREFIXES, key=len, reverse=True))}))\s?$"
)
_SUFFIX = re.compile(rf"\.(?P<suffix>{'|'.join(_SUFFIXES)})(?![A-Za-z0-9.])")
_BEFORE_SUFFIX = re.compile(r"(?<![A-Za-z0-9.])[A-Z0-9]{1,12}$")
_BLANK = re.compile(rf" (?=[A-Z][A-Z12])(?P<suffix>{'|'.join(_BLOOMBERG)})(?P<equity> Equity)?(?![A-Za-z0-9])")
_BEFORE_BLANK = re.compile(r"(?<![A-Za-z0-9.$,])[A-Z0-9]{1,12}$")
LONGEST_EXCHANGE = max(map(len, _PREFIXES)) + 2
LONGEST_TICKER = 13
MANY, KNOWN_SHARE = 6, 0.7
_CASHTAG = re.compile(r"(?<![A-Za-z0-9$])\$(?P<ticker>[A-Z]{1,6}(?:[.\-][A-Z])?)(?![A-Za-z0-9]|-[a-z])")
_PARENTHESISED = re.compile(rf"\(\s?(?P<tickers>{_TICKER}(?:\s?[,;/]\s?{_TICKER})*)(?=\s?(?:\)|[,;+\-]|:[^A-Za-z]))")
_ANY = re.compile(_TICKER)
_CUT_OFF = re.compile(r"\.\.|…")  # "(NASDAQ: M...": where a description ends, a ticker may go on
_BARE = re.compile(r"[A-Z](?<![A-Za-z0-9.$&/'-][A-Z])[A-Z]{1,4}(?![A-Za-z0-9&/-]|\.[A-Za-z])")
_BESIDE = re.compile(r" (?:stock|shares?|calls|puts|options)\b", re.I)
_IN_LIST = re.compile(r"(?:,| and| &|,? and|;) (?=[A-Z]{2,5}\b)")


class ListingRow(NamedTuple):
    """A listing of an issuer: MIC and ticker, and between which days, both included, it was one."""

    issuer_id: int
    mic: str
    ticker: str
    since: date | None = None
    until: date | None = None


class TickerHit(NamedTuple):
    """A ticker found at text[start:end]. `is_alone`: bare in parentheses, so it needs its company's name in front."""

    issuer_id: int
    name: str
    start: int
    end: int
    is_alone: bool


class BareTicker(NamedTuple):
    """A word in capitals that is a ticker. `is_qualified`: in a list of such words, or with "stock" behind it."""

    issuer_id: int
    name: str
    start: int
    end: int
    is_qualified: bool


class Tickers:
    """The listings that have not ended, by where a ticker means one thing."""

    def __init__(self, listings: Iterable[ListingRow]) -> None:
        self._listed: dict[tuple[str, str], tuple[int, str]] = {}
        self._anywhere: dict[str, tuple[tuple[int, str], ...]] = {}
        self._issuers: set[int] = set()
        self._dated: list[ListingRow] = []
        for row in listings:
            if row.since or row.until:
                self._dated.append(row)
            self._issuers.add(row.issuer_id)
            if row.until is None:
                known = (row.issuer_id, f"{row.mic}:{row.ticker}")
                self._listed.setdefault((family(row.mic), spelled(row.ticker)), known)
                there = self._anywhere.get(spelled(row.ticker), ())
                if known not in there:
                    self._anywhere[spelled(row.ticker)] = (*there, known)

    @property
    def periods(self) -> list[Period]:
        return [(row.since, row.until) for row in self._dated]

    def on(self, day: date) -> "Tickers":
        """The listings as they were on that day: whose ticker it was then it is."""
        view = copy(self)
        view._listed, view._anywhere = dict(self._listed), dict(self._anywhere)
        # Those that had not begun go before those that had not ended come: a ticker may have gone from one to the other.
        for row in sorted(self._dated, key=lambda row: is_within(day, row.since, row.until)):
            place, ticker = (family(row.mic), spelled(row.ticker)), spelled(row.ticker)
            known = (row.issuer_id, f"{row.mic}:{row.ticker}")
            if is_within(day, row.since, row.until):
                view._listed[place] = known
                others = view._anywhere.get(ticker, ())
                view._anywhere[ticker] = (known, *(each for each in others if family(each[1].partition(":")[0]) != place[0]))
            elif view._listed.get(place) == known:
                del view._listed[place]
                view._anywhere[ticker] = tuple(other for other in view._anywhere[ticker] if other != known)
        return view

    def has(self, issuer_id: int) -> bool:
        """Whether the issuer has a listing."""
        return issuer_id in self._issuers

    def find(self, text: str) -> tuple[list[TickerHit], list[tuple[int, int]]]:
        """The qualified tickers in `text` by position, the better qualified one of two at the same place.

        And where exchanges stand in front of a ticker, known or not: there "NASDAQ" is no company.
        """
        prefixed = list(_prefixed(text)) if ":" in text else []
        found: dict[int, TickerHit] = {}
        for hit in self._qualified(text, prefixed):
            found.setdefault(hit.start, hit)
        if "(" in text:
            for hit in self._parenthesised(text):
                found.setdefault(hit.start, hit)
        return [found[start] for start in sorted(found)], [exchange.span("exchange") for exchange, _ in prefixed]

    def bare(self, text: str) -> Iterator[BareTicker]:
        """Words in capitals that are tickers in the US: "INTC stock", "SNOW, DLTR, APPS fall"; and what one may be."""
        words = list(_BARE.finditer(text))
        known = [
            (match.start(), match.end(), listed)
            for match in words
            if (listed := self._listed.get(("US", match[0]))) and not _is_abbreviation(match[0]) and not _is_coin(match[0], text)
        ]
        if len(words) >= MANY and len(known) < KNOWN_SHARE * len(words):
            return  # a list of tickers of another country, in which some have a namesake
        if not known:
            return
        starts = {start for start, _, _ in known}
        ends = set()
        for start, end, (issuer_id, name) in known:
            following = _IN_LIST.match(text, end)
            in_list = bool(following and following.end() in starts)
            if in_list and following:
                ends.add(following.end())
            is_qualified = in_list or start in ends or bool(_BESIDE.match(text, end))
            yield BareTicker(issuer_id, name, start, end, is_qualified)

    def _qualified(self, text: str, prefixed: Iterable[tuple[re.Match[str], re.Match[str]]]) -> Iterator[TickerHit]:
        for exchange, colon in prefixed:
            yield from self._listed_as(_PREFIXES[exchange["exchange"].upper()], text, *colon.span("tickers"))
        if "$" in text:
            for match in _CASHTAG.finditer(text):
                if not _is_coin(match["ticker"], text):
                    yield from self._hit(("US",), match["ticker"], *match.span())
        for match in _SUFFIX.finditer(text):
            if ticker := _BEFORE_SUFFIX.search(text, max(0, match.start() - LONGEST_TICKER), match.start()):
                yield from self._hit(_SUFFIXES[match["suffix"]], ticker[0], ticker.start(), match.end())
        for match in _BLANK.finditer(text):
            ticker = _BEFORE_BLANK.search(text, max(0, match.start() - LONGEST_TICKER), match.start())
            if ticker and _is_plainly_bloomberg(text, ticker, has_class=bool(match["equity"])):
                yield from self._hit(_BLOOMBERG[match["suffix"]], ticker[0], ticker.start(), match.end())

    def _listed_as(self, families: Iterable[str], text: str, start: int, end: int) -> Iterator[TickerHit]:
        """ "NASDAQ: GOOG, GOOGL" names two."""
        for ticker in _ANY.finditer(text, start, end):
            if not _CUT_OFF.match(text, ticker.end()):
                yield from self._hit(families, ticker.group(), *ticker.span())

    def _parenthesised(self, text: str) -> Iterator[TickerHit]:
        for match in _PARENTHESISED.finditer(text):
            for ticker in _ANY.finditer(text, match.start("tickers"), match.end("tickers")):
                if is_exchange(ticker.group()):
                    continue  # "(AMS: ADYEN)"
                for issuer_id, name in self._anywhere.get(spelled(ticker.group()), ()):
                    yield TickerHit(issuer_id, name, *ticker.span(), is_alone=True)

    def _hit(self, families: Iterable[str], ticker: str, start: int, end: int) -> Iterator[TickerHit]:
        for place in families:
            known = self._listed.get((place, spelled(ticker)))
            if known:
                yield TickerHit(*known, start, end, is_alone=False)
                return


def families_of(exchange: str) -> tuple[str, ...]:
    """Where a ticker that stands behind this name of an exchange may be listed; nowhere for a name we do not know."""
    return _PREFIXES.get(exchange.upper()) or _PREFIXES.get(exchange.upper().replace(" ", ""), ())


def is_exchange(word: str) -> bool:
    """ "Nasdaq" and "NYSE" are where others trade, not who does."""
    return word.upper() in _PREFIXES


def may_stand_alone(hit: TickerHit, text: str) -> bool:
    """Can "(AMD)" without its company's name in front be the ticker? Not when it abbreviates the words before it."""
    ticker = text[hit.start : hit.end]
    if len(ticker) < 3 or not ticker.isalpha() or ticker in _ABBREVIATIONS or _is_coin(ticker, text):
        return False
    before = re.findall(r"[A-Za-z]+", text[max(0, hit.start - 120) : hit.start])
    initials = "".join(
        word[0] for word in before[-len(ticker) - 2 :] if word[0].isupper()
    )  # "Competition Commission of India (CCI)"
    return ticker not in initials and bool(before) and before[-1][0].isupper()


def _is_abbreviation(word: str) -> bool:
    return word in _ABBREVIATIONS or is_exchange(word)


def _is_coin(ticker: str, text: str) -> bool:
    return ticker in _COIN_TICKERS and _COINS.search(text) is not None


def _prefixed(text: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Each "NASDAQ: AAPL, NVDA": the exchange, and from the colon on what is listed there."""
    for colon in _COLON.finditer(text):
        exchange = _EXCHANGE_BEFORE.search(text, max(0, colon.start() - LONGEST_EXCHANGE), colon.start())
        if exchange:
            yield exchange, colon


def _is_plainly_bloomberg(text: str, match: re.Match[str], *, has_class: bool) -> bool:
    ticker = match[0]
    in_parentheses = text[: match.start()].rstrip().endswith("(")
    is_year = ticker.isdigit() and 1900 <= int(ticker) < 2100
    return has_class or in_parentheses or (ticker.isdigit() and len(ticker) >= 4 and not is_year)


def spelled(ticker: str) -> str:
    """One spelling for BRK.B, BRK-B and BRK/B, and for 0700 and 700."""
    upper = ticker.upper().replace(".", "-").replace("/", "-")
    return upper.lstrip("0") or "0" if upper.isdigit() else upper
