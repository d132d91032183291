"""The picture that stands for a published story where its link is shown elsewhere: 1200 × 630, drawn by ourselves."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
FINE = 2  # drawn this many times larger, so that round edges are smooth
MARGIN = 72
IMPACT_LEFT = 800
GAUGE_WIDTH = 640
BARS_TOP = 534
TITLE_LINES = 3
TITLE_SIZES = (60, 54, 48)
BANDS = (-1.0, -0.65, -0.35, -0.15, 0.15, 0.35, 0.65, 1.0)
NEUTRAL_BELOW = 0.15
PIPS = 5
LEAST_READABLE = 0.6  # the share of a title's characters that our fonts must have

CANVAS, INK, QUIET, LINE, TRACK = "#f5f5f2", "#14171c", "#646a75", "#dcdcd5", "#e3e3dd"
TONES = {"pos": "#00758a", "neg": "#bb3d0b", "neu": "#656c78"}
WASHES = {"pos": "#d3eaef", "neg": "#f8ddd0", "neu": "#e3e3dd"}

VENDORED = Path(__file__).resolve().parent.parent / "static" / "vendor"
FACES = {"ui": "inter-*/inter-latin-wght-normal.woff2", "prose": "source-serif-4-*/source-serif-4-latin-wght-normal.woff2"}
NO_CHARACTER = "\uffff"


@dataclass(frozen=True)
class Card:
    """What stands on it. `sentiment` is −1…1, `impact` 0…1, null where not measured; the rest is text as it is to be shown."""

    title: str
    company: str
    dated: str
    sentiment: float | None
    sentiment_text: str
    sentiment_word: str
    impact: float | None
    impact_text: str
    impact_word: str


def draw(card: Card) -> bytes:
    """The picture as a PNG."""
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), CANVAS)
    canvas = ImageDraw.Draw(image)
    _masthead(canvas, card)
    _title(canvas, card)
    _sentiment(canvas, card)
    _impact(canvas, card)
    image = image.resize(SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(colors=128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _masthead(canvas: ImageDraw.ImageDraw, card: Card) -> None:
    points = [(0, 33), (15, 0), (27, 24), (33.6, 11), (42, 33)]
    canvas.line([(_fine(MARGIN + x), _fine(62 + y)) for x, y in points], fill=INK, width=_fine(6), joint="curve")
    _write(canvas, (MARGIN + 60, 78), "Bellwether", _font("ui", 32, 600), INK)
    dated = drawable(card.dated, "ui")
    _write(canvas, (SIZE[0] - MARGIN - _width(dated, _font("ui", 24, 400)), 78), dated, _font("ui", 24, 400), QUIET)
    canvas.line([(_fine(MARGIN), _fine(122)), (_fine(SIZE[0] - MARGIN), _fine(122))], fill=LINE, width=_fine(2))


def _title(canvas: ImageDraw.ImageDraw, card: Card) -> None:
    title = drawable(card.title, "prose")
    if not title or len(title) < LEAST_READABLE * len(card.title.strip()):
        title = drawable(card.company, "prose") or "A story on Bellwether"
    size, lines = _fitted(title, SIZE[0] - 2 * MARGIN)
    for number, line in enumerate(lines):
        _write(canvas, (MARGIN, 186 + number * size * 1.16), line, _font("prose", size, 600), INK)


def _sentiment(canvas: ImageDraw.ImageDraw, card: Card) -> None:
    company = drawable(card.company, "ui")
    name = f"Overall sentiment, {company}" if company else "Overall sentiment"
    figure = None if card.sentiment is None else card.sentiment_text
    _value(canvas, MARGIN, name, figure, colour=TONES[_tone(card.sentiment)], word=card.sentiment_word)
    for low, high in pairwise(BANDS):
        _bar(canvas, _on_gauge(low) + 2, _on_gauge(high) - 2, WASHES[_tone((low + high) / 2)])
    canvas.line([(_fine(_on_gauge(0)), _fine(BARS_TOP - 8)), (_fine(_on_gauge(0)), _fine(BARS_TOP + 34))], QUIET, _fine(2))
    if card.sentiment is not None:
        for radius, colour in ((19, CANVAS), (16, TONES[_tone(card.sentiment)]), (6, "#ffffff")):
            _disc(canvas, _on_gauge(max(-1.0, min(1.0, card.sentiment))), BARS_TOP + 13, radius, colour)


def _impact(canvas: ImageDraw.ImageDraw, card: Card) -> None:
    figure = None if card.impact is None else card.impact_text
    _value(canvas, IMPACT_LEFT, "Market impact", figure, colour=INK, word=card.impact_word)
    filled = 0 if card.impact is None else min(PIPS, int(card.impact * PIPS + 1e-9) + 1)
    for number in range(PIPS):
        left = IMPACT_LEFT + number * 66
        _bar(canvas, left, left + 58, INK if number < filled else TRACK)


def _value(canvas: ImageDraw.ImageDraw, left: float, name: str, figure: str | None, *, colour: str, word: str) -> None:
    small, large = _font("ui", 24, 400), _font("ui", 64, 600)
    _write(canvas, (left, 418), _cut(name, small, IMPACT_LEFT - MARGIN - 30), small, QUIET)
    if figure:
        _write(canvas, (left, 474), figure, large, colour)
        left += _width(figure, large) + 22
    _write(canvas, (left, 480), word.capitalize(), _font("ui", 32, 600), INK)


def _on_gauge(score: float) -> float:
    return MARGIN + (score + 1) / 2 * GAUGE_WIDTH


# --- words -----------------------------------------------------------------------------------------------


def drawable(text: str, face: str) -> str:
    """The text in the characters that the face has: marks are left off letters that it lacks, and what is left is left out."""
    shown = "".join(_shown(character, face) for character in unicodedata.normalize("NFC", text))
    return " ".join(shown.split())


@lru_cache(maxsize=4096)
def _shown(character: str, face: str) -> str:
    if character.isspace():
        return " "
    if _has(character, face):
        return character
    if unicodedata.category(character) == "Pd":
        return "-"
    plain = unicodedata.normalize("NFKD", character)
    if plain == character:
        plain = _base_letter(character)
    return "".join(each for each in plain if each != character and not unicodedata.combining(each) and _has(each, face))


def _base_letter(character: str) -> str:
    """Ł is an L with a stroke by its name alone: it decomposes into nothing."""
    name, _, mark = unicodedata.name(character, "").partition(" WITH ")
    try:
        return unicodedata.lookup(name) if mark and name.startswith("LATIN") else ""
    except KeyError:  # a letter that exists with its mark alone
        return ""


def _has(character: str, face: str) -> bool:
    if unicodedata.category(character)[0] == "C":
        return False
    font = _font(face, 24, 400)
    return bytes(font.getmask(character)) != bytes(font.getmask(NO_CHARACTER))


def _fitted(title: str, width: float) -> tuple[int, Sequence[str]]:
    """The largest size in which the title stands whole, and its lines; in the smallest, cut off where it must be."""
    for size in TITLE_SIZES:
        lines = _wrapped(title, _font("prose", size, 600), width)
        if len(lines) <= TITLE_LINES:
            return size, lines
    font = _font("prose", TITLE_SIZES[-1], 600)
    kept = lines[:TITLE_LINES]
    return TITLE_SIZES[-1], [*kept[:-1], _cut(f"{kept[-1]} …", font, width)]


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", font) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(_cut(word, font, width))
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, or as much of it as has room before an ellipsis."""
    if _width(text, font) <= width:
        return text
    while text and _width(f"{text}…", font) > width:
        text = text[:-1].rstrip(" …")
    return f"{text}…"


# --- drawing ---------------------------------------------------------------------------------------------


def _tone(score: float | None) -> str:
    if score is None or abs(score) < NEUTRAL_BELOW:
        return "neu"
    return "pos" if score > 0 else "neg"


def _fine(length: float) -> int:
    return round(length * FINE)


@cache
def _font(face: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    (path,) = VENDORED.glob(FACES[face])
    font = ImageFont.truetype(str(path), _fine(size))
    font.set_variation_by_axes([weight])
    return font


def _width(text: str, font: ImageFont.FreeTypeFont) -> float:
    return font.getlength(text) / FINE


def _write(canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, font: ImageFont.FreeTypeFont, colour: str) -> None:
    """`at` is the left end of the line, at half its height."""
    canvas.text((_fine(at[0]), _fine(at[1])), text, font=font, fill=colour, anchor="lm")


def _bar(canvas: ImageDraw.ImageDraw, left: float, right: float, colour: str) -> None:
    box = (_fine(left), _fine(BARS_TOP), _fine(right), _fine(BARS_TOP + 26))
    canvas.rounded_rectangle(box, radius=_fine(4), fill=colour)


def _disc(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    canvas.ellipse((_fine(x - radius), _fine(y - radius), _fine(x + radius), _fine(y + radius)), fill=colour)
