"""The picture of link previews: its size, what changes it, and words that its fonts do not have."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from research.card import SIZE, TITLE_LINES, Card, _fitted, draw, drawable

pytestmark = pytest.mark.slow

CARD = Card(
    title="OpenAI and Foxconn to co-design AI data-center racks and build key components in the US",
    company="Hon Hai Precision Industry (2317 TT)",
    dated="20 Nov 2025",
    sentiment=0.45,
    sentiment_text="+0.45",
    sentiment_word="moderately positive",
    impact=0.35,
    impact_text="0.35",
    impact_word="modest",
)
TITLE, SCORES = (0, 140, 1200, 400), (0, 400, 1200, 630)


def picture(card: Card) -> Image.Image:
    image = Image.open(io.BytesIO(draw(card)), formats=["PNG"])
    image.load()
    return image.convert("RGB")


@pytest.fixture(scope="module")
def seed() -> Image.Image:
    return picture(CARD)


def differ(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> bool:
    """In more than the last bits, which follow from how many colours the rest of the picture takes."""
    difference = ImageChops.difference(one.crop(box), other.crop(box)).convert("L")
    return difference.point([255 if level > 40 else 0 for level in range(256)]).getbbox() is not None


def test_size_and_that_something_is_on_it(seed: Image.Image) -> None:
    assert seed.size == SIZE == (1200, 630)
    colours = seed.getcolors(SIZE[0] * SIZE[1])
    assert colours is not None
    assert len(colours) > 20
    assert max(count for count, _ in colours) < 0.95 * SIZE[0] * SIZE[1]
    assert len(draw(CARD)) < 150_000


def test_the_same_each_time() -> None:
    assert draw(CARD) == draw(CARD)


@pytest.mark.parametrize(
    "other",
    [
        replace(CARD, sentiment=-0.45, sentiment_text="−0.45", sentiment_word="moderately negative"),
        replace(CARD, sentiment=0.46),  # the marker alone
        replace(CARD, impact=0.41),  # one pip more
        replace(CARD, sentiment=None, sentiment_word="not measured"),
        replace(CARD, impact=None, impact_word="not measured"),
    ],
)
def test_other_scores_are_another_picture(seed: Image.Image, other: Card) -> None:
    drawn = picture(other)
    assert differ(seed, drawn, SCORES)
    assert not differ(seed, drawn, TITLE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("co‑design – “quoted” … 5,4 € ≥ £3", "co-design – “quoted” … 5,4 € £3"),
        ("Škoda, Łódź and Nestlé", "Skoda, Lódź and Nestlé"),
        ("ƛ Ɋ", ""),
        ("ﬁrst ½ Ⅷ", "first ½ VIII"),
        ("鴻海 buys racks 🚀", "buys racks"),
        ("a\u202eb\u200bc\x00\ud800d\ne", "abcd e"),
        ("", ""),
    ],
)
def test_words_in_characters_that_the_font_has(text: str, shown: str) -> None:
    assert drawable(text, "prose") == shown


ANY = ["鴻海與OpenAI合作設計機架", "\U0001f680" * 40, "", " ", "word " * 200, "x" * 500, "<b>\x00</b>\u202e", "شركة هون هاي"]


@pytest.mark.parametrize("title", ANY)
def test_any_title_has_a_picture(title: str) -> None:
    drawn = picture(replace(CARD, title=title))
    assert drawn.size == SIZE
    assert drawn.crop(TITLE).getcolors(2) is None, "the title's place is empty"


def test_title_is_whole_where_it_fits_and_cut_with_an_ellipsis_where_not() -> None:
    size, lines = _fitted(CARD.title, 1056)
    assert " ".join(lines) == CARD.title
    smaller, cut = _fitted("somewhat longer words " * 20, 1056)
    assert smaller < size
    assert len(cut) == TITLE_LINES
    assert cut[-1].endswith("…")
