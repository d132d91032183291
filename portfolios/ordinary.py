"""How ordinary a word is: what tells Apple, Target and Gap, which are words, from Nvidia, Boeing and Pfizer, which are names."""

from functools import cache, lru_cache

from spellchecker import SpellChecker

# Occurrences in the dictionary's corpus of spoken English, from which names were struck: Target 68,096, Apple 24,670, Oracle
# 1,646, Computing 1,013; Boeing 89, Nike 156, Disney 254, and none of Nvidia, Qualcomm or Uber.
ORDINARY = 600
VERY_COMMON = 100_000
# The corpus is of speech: learned words are rare in it, and are words all the same.
LEARNED = ("ility", "ism", "ment", "ness", "ology", "ship", "tion")
LEARNED_LENGTH = 7


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases between the commas of a text, as a set."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


# Younger than the corpus, or of this trade alone.
NEWER = words(
    """apac asean asia-pacific bancorp bancshares biotech bitcoin blockchain cannabis cleantech coronavirus covid
    crypto cryptocurrency cybersecurity defi downgrade downgraded downgrades ebook ecommerce email emea emoji esg etf
    etfs ethereum fintech genai google iot ipo latam lidar lithium metaverse nanotech nft nfts online opioid podcast
    proptech robotics saas selfie smartphone spac startup sustainability trims upgrade upgraded upgrades vape
    wearable webcast webinar wifi"""
)

# Fields and goods that are written with capitals like names.
FIELDS = phrases(
    """artificial intelligence, augmented reality, big data, clean energy, cloud computing, cloud security, consumer
    goods, cyber security, data center, data centers, data science, data security, data storage, digital assets,
    digital health, digital media, edge computing, electric vehicle, electric vehicles, financial services, global
    ai, global industrial, global technology, health care, high income, human resources, information services,
    intellectual property, internet of things, machine learning, medical devices, mobile gaming, national bank,
    natural gas, natural resources, new energy, new technology, precious metals, quantum computing, real estate,
    renewable energy, research solutions, smart home, social media, software solutions, solar energy, solar power,
    supply chain, venture capital, video games, virtual reality, wireless telecom"""
)


@cache
def _corpus() -> SpellChecker:
    return SpellChecker(language="en", distance=1)


@lru_cache(100_000)  # texts have any words
def commonness(word: str) -> int:
    """How often the corpus has the word, or the word it is the plural of; 0 where it is no English word."""
    known = _corpus().word_frequency
    lowered = word.lower()
    if lowered in NEWER or lowered in FIELDS:
        return VERY_COMMON
    if lowered in known:
        is_learned = len(lowered) > LEARNED_LENGTH and lowered.endswith(LEARNED)
        return max(int(known[lowered]), ORDINARY if is_learned else 0)
    singular = lowered.removesuffix("s")
    return int(known[singular]) if singular in known else 0


def is_ordinary(word: str) -> bool:
    return commonness(word) >= ORDINARY
