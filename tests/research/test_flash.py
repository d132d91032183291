"""The quick reading: sign, negation, what moved, whose clause it is, and how large an effect to expect."""

import pytest

from research.flash import FLASH_VERSION, FlashReading, flash_reading
from research.mentions import document
from research.scoring import sentiment_score


def score(reading: FlashReading) -> float:
    return sentiment_score(reading.p_positive, reading.p_negative)


def places(name: str, title: str, text: str = "") -> list[tuple[int, int]]:
    whole = document(title, text)
    return [(at, at + len(name)) for at in range(len(whole)) if whole.startswith(name, at)]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Acme profit rose 20%", 1),
        ("Acme profit fell 20%", -1),
        ("Acme losses widened", -1),
        ("Acme net loss narrows to $5 million", 1),
        ("Acme costs fell", 1),
        ("Acme cuts costs", 1),
        ("Costs rise at Acme", -1),
        ("Acme debt declines", 1),
        ("Acme beats quarterly estimates", 1),
        ("Acme misses revenue expectations", -1),
        ("Acme raises full-year guidance", 1),
        ("Acme cuts its full-year outlook", -1),
        ("Acme wins supply contract from OpenAI", 1),
        ("Acme recalls 40,000 cars", -1),
        ("Acme files for bankruptcy", -1),
        ("Regulators open probe into Acme", -1),
        ("Acme downgraded to sell", -1),
        ("Broker upgrades Acme to buy", 1),
        ("Acme shares hit record high", 1),
        ("Acme shares at 52-week low", -1),
        ("Acme swings to a profit", 1),
        ("Acme fails to win contract", -1),
        ("Acme did not miss estimates", 1),
        ("Acme reports no growth", -1),
        ("Acme to hold its annual meeting in May", 0),
        ("Acme appoints a head of research", 0),
    ],
)
def test_sign(text: str, sign: int) -> None:
    reading = flash_reading(text, "", places("Acme", text))
    if sign:
        assert score(reading) * sign >= 0.15
    else:
        assert abs(score(reading)) < 0.15


def test_charges_of_a_text_without_issuer() -> None:
    assert score(flash_reading("Acme expects charges of up to $5 billion", "")) < -0.15


def test_winner_and_loser_of_one_headline() -> None:
    title = "Acme shares jump while Brion shares tumble"
    acme, brion = places("Acme", title), places("Brion", title)
    assert score(flash_reading(title, "", acme, brion)) > 0.15
    assert score(flash_reading(title, "", brion, acme)) < -0.15


def test_other_sentences_do_not_count() -> None:
    text = "Brion went bankrupt after fraud. Acme opened an office."
    reading = flash_reading("A look at the industry", text, places("Acme", "A look at the industry", text))
    assert reading.p_neutral > 0.6
    assert not reading.cues


@pytest.mark.parametrize(("title", "text"), [("", ""), ("  ", "\n"), ("Acme", ""), ("The weather", "It rained. \u200b\x00")])
def test_no_cue_is_neutral_with_low_confidence(title: str, text: str) -> None:
    reading = flash_reading(title, text)
    assert reading.p_neutral > 0.5
    assert reading.p_positive == reading.p_negative
    assert reading.confidence == 0.3


def test_no_text_is_not_measured() -> None:
    assert flash_reading("", "").market_impact is None
    assert flash_reading("Acme sells cars", "", [(900, 904)]).market_impact is None


@pytest.mark.parametrize(
    ("title", "least", "most"),
    [
        ("Acme files for bankruptcy", 0.8, 1.0),
        ("Acme cuts full-year guidance", 0.6, 0.8),
        ("Acme agrees to be acquired by Brion", 0.4, 0.8),
        ("Acme quarterly profit rises", 0.4, 0.6),
        ("Acme and OpenAI form a partnership", 0.2, 0.4),
        ("Acme opens a canteen", 0.0, 0.2),
        ("3 stocks to buy now: Acme and others after takeover", 0.0, 0.2),
        ("Acme to present at technology conference", 0.0, 0.2),
        ("Acme shares plunge 24%", 0.6, 0.9),
    ],
)
def test_size_of_effect(title: str, least: float, most: float) -> None:
    impact = flash_reading(title, "", places("Acme", title)).market_impact
    assert impact is not None
    assert least <= impact < most


def test_story_of_somebody_else_weighs_less() -> None:
    title, text = "Brion files for bankruptcy", "Brion owes money to Acme, which agreed to a merger with Cole."
    own = flash_reading(title, text, places("Brion", title, text)).market_impact
    theirs = flash_reading(title, text, places("Acme", title, text)).market_impact
    assert own is not None
    assert theirs is not None
    assert theirs < own


@pytest.mark.parametrize("text", ["Acme " * 2000, "rose fell " * 500, "a,b;c - d " * 300, "no " * 3000 + "win"])
def test_probabilities_always_sum_to_one(text: str) -> None:
    reading = flash_reading("Acme", text, places("Acme", "Acme", text)[:50])
    assert reading.p_positive + reading.p_neutral + reading.p_negative == pytest.approx(1, abs=1e-9)
    assert min(reading.p_positive, reading.p_neutral, reading.p_negative) >= 0
    assert reading.market_impact is None or 0 <= reading.market_impact <= 1


def test_version_is_of_the_tables() -> None:
    assert len(FLASH_VERSION) == 12
    assert int(FLASH_VERSION, 16) >= 0
