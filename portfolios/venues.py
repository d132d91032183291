"""The exchanges our listings trade on: the short code analysts read beside a ticker, their clock, and when they close."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Venue:
    """`closes` is the end of an ordinary session on its own clock; shorter days before holidays are not known."""

    code: str
    city: str
    zone: str
    closes: time


VENUES = {
    "XTAI": Venue("TT", "Taipei", "Asia/Taipei", time(13, 30)),
    "ROCO": Venue("TT", "Taipei", "Asia/Taipei", time(13, 30)),
    "US": Venue("US", "New York", "America/New_York", time(16)),
    "XNAS": Venue("US", "New York", "America/New_York", time(16)),
    "XNYS": Venue("US", "New York", "America/New_York", time(16)),
    "OTCM": Venue("US", "New York", "America/New_York", time(16)),
    "XKRX": Venue("KS", "Seoul", "Asia/Seoul", time(15, 30)),
    "XTKS": Venue("JP", "Tokyo", "Asia/Tokyo", time(15, 30)),
    "XHKG": Venue("HK", "Hong Kong", "Asia/Hong_Kong", time(16)),
    "XSHG": Venue("CH", "Shanghai", "Asia/Shanghai", time(15)),
    "XSHE": Venue("CH", "Shenzhen", "Asia/Shanghai", time(15)),
    "XAMS": Venue("NA", "Amsterdam", "Europe/Amsterdam", time(17, 30)),
    "XPAR": Venue("FP", "Paris", "Europe/Paris", time(17, 30)),
    "XETR": Venue("GY", "Frankfurt", "Europe/Berlin", time(17, 30)),
    "XLON": Venue("LN", "London", "Europe/London", time(16, 30)),
    "XSWX": Venue("SW", "Zurich", "Europe/Zurich", time(17, 30)),
}


def venue_code(mic: str) -> str:
    """The code to show; the market's own identifier where we know no shorter one."""
    return VENUES[mic].code if mic in VENUES else mic


def closed_at(mic: str, day: date) -> datetime:
    """When that day's close was known. Of a market whose hours we do not know: at the end of the day, UTC."""
    venue = VENUES.get(mic)
    if venue is None:
        return datetime.combine(day, time.max, UTC)
    return datetime.combine(day, venue.closes, ZoneInfo(venue.zone))
