"""From a correction to the words that tell."""

from research.learning import MOST_WORDS, telling_words

EYES = """AMD drug helps

Patients with wet AMD had better eyesight after macular injections. The retina heals. Shares of the maker rose."""


def test_rarer_words_of_the_sentences_with_the_name() -> None:
    assert telling_words(EYES, "AMD") == ["macular", "injections", "eyesight", "patients"]


def test_not_those_of_texts_in_which_it_was_right() -> None:
    assert telling_words(EYES, "AMD", ["AMD chips help patients", "Injections of AMD cash"]) == ["macular", "eyesight"]


def test_no_more_than_can_be_looked_at() -> None:
    words = " ".join(f"quark{chr(97 + number)}" for number in range(20))
    assert len(telling_words(f"Gap {words}.", "Gap")) == MOST_WORDS


def test_where_the_words_stand_nowhere_the_whole_text_tells() -> None:
    assert telling_words("Orchards bloom.", "Apple") == ["orchards", "bloom"]
    assert telling_words("", "Apple") == []
