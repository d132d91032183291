"""The exchanges our listings trade on: the short code analysts read beside a ticker, and the clock on their wall."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Venue:
    code: str
    city: str
    zone: str


VENUES = {
    "XTAI": Venue("TT", "Taipei", "Asia/Taipei"),
    "ROCO": Venue("TT", "Taipei", "Asia/Taipei"),
    "XNAS": Venue("US", "New York", "America/New_York"),
    "XNYS": Venue("US", "New York", "America/New_York"),
    "OTCM": Venue("US", "New York", "America/New_York"),
    "XKRX": Venue("KS", "Seoul", "Asia/Seoul"),
    "XTKS": Venue("JP", "Tokyo", "Asia/Tokyo"),
    "XHKG": Venue("HK", "Hong Kong", "Asia/Hong_Kong"),
    "XSHG": Venue("CH", "Shanghai", "Asia/Shanghai"),
    "XSHE": Venue("CH", "Shenzhen", "Asia/Shanghai"),
    "XAMS": Venue("NA", "Amsterdam", "Europe/Amsterdam"),
    "XPAR": Venue("FP", "Paris", "Europe/Paris"),
    "XETR": Venue("GY", "Frankfurt", "Europe/Berlin"),
    "XLON": Venue("LN", "London", "Europe/London"),
    "XSWX": Venue("SW", "Zurich", "Europe/Zurich"),
}


def venue_code(mic: str) -> str:
    """The code to show; the market's own identifier where we know no shorter one."""
    return VENUES[mic].code if mic in VENUES else mic
