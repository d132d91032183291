"""What other systems call an exchange, as ISO 10383 market identifier codes. Knows no database."""

import re

# Where a ticker means one thing: the venues of the United States share theirs. US alone is some venue there, by a register that
# does not say which.
US = "US"
US_MICS = frozenset(
    [
        US,
        "ARCX",
        "BATS",
        "EXPM",
        "IEXG",
        "OTCB",
        "OTCM",
        "OTCQ",
        "PINX",
        "PSGM",
        "XASE",
        "XNAS",
        "XNCM",
        "XNGS",
        "XNMS",
        "XNYS",
        "XOTC",
    ]
)

# As Yahoo, and the many files that copy it, write them behind a ticker.
SUFFIXES = {
    "AS": "XAMS",
    "AX": "XASX",
    "BO": "XBOM",
    "BR": "XBRU",
    "CO": "XCSE",
    "DE": "XETR",
    "F": "XFRA",
    "HE": "XHEL",
    "HK": "XHKG",
    "IL": "XLON",
    "JO": "XJSE",
    "KQ": "XKOS",
    "KS": "XKRX",
    "L": "XLON",
    "LS": "XLIS",
    "MC": "XMAD",
    "MI": "XMIL",
    "NS": "XNSE",
    "OL": "XOSL",
    "PA": "XPAR",
    "SA": "BVMF",
    "SI": "XSES",
    "SS": "XSHG",
    "ST": "XSTO",
    "SW": "XSWX",
    "SZ": "XSHE",
    "T": "XTKS",
    "TA": "XTAE",
    "TO": "XTSE",
    "TW": "XTAI",
    "TWO": "ROCO",
    "V": "XTSX",
    "VI": "XWBO",
}

NAMES = {
    "amsterdam": "XAMS",
    "euronextamsterdam": "XAMS",
    "euronextparis": "XPAR",
    "frankfurt": "XFRA",
    "hkex": "XHKG",
    "hongkong": "XHKG",
    "korea": "XKRX",
    "kospi": "XKRX",
    "krx": "XKRX",
    "london": "XLON",
    "londonstockexchange": "XLON",
    "lse": "XLON",
    "nasdaq": "XNAS",
    "newyorkstockexchange": "XNYS",
    "nse": "XNSE",
    "nyse": "XNYS",
    "paris": "XPAR",
    "sehk": "XHKG",
    "shanghai": "XSHG",
    "shenzhen": "XSHE",
    "six": "XSWX",
    "sse": "XSHG",
    "szse": "XSHE",
    "taiwan": "XTAI",
    "taiwanstockexchange": "XTAI",
    "tokyo": "XTKS",
    "tokyostockexchange": "XTKS",
    "tpex": "ROCO",
    "tsx": "XTSE",
    "twse": "XTAI",
    "xetra": "XETR",
}
KNOWN = {*SUFFIXES.values(), *NAMES.values(), "ARCX", "BATS", "OTCM", "XASE"}


def family(mic: str) -> str:
    """Where a ticker means one thing: the country for a venue of the United States, elsewhere the venue."""
    return US if mic in US_MICS else mic


def mic_of(exchange: str) -> str | None:
    """The MIC an exchange is named by, whether it is a MIC already or a usual name; None where we know neither."""
    code = exchange.strip().upper()
    if re.fullmatch(r"[A-Z0-9]{4}", code) and code.lower() not in NAMES:
        return code
    return NAMES.get(re.sub(r"[\W_]+", "", exchange).lower())


def split_suffix(ticker: str) -> tuple[str, str | None]:
    """“2317.TW” as the ticker 2317 and the MIC XTAI; a ticker without a suffix we know as it is, and None."""
    bare, dot, suffix = ticker.rpartition(".")
    mic = SUFFIXES.get(suffix.upper()) if dot and bare else None
    return (bare, mic) if mic else (ticker, None)


def known_mic(exchange: str) -> str | None:
    """The MIC of an exchange that we know by this name or code; None for everything else, even if it has the form of a code."""
    code = exchange.strip().upper()
    return code if code in KNOWN else NAMES.get(re.sub(r"[\W_]+", "", exchange).lower())
