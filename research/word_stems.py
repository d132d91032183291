"""Words by a common stem, so that "declined", "declines" and "declining" are one. English, rough and quick. Pure."""

from functools import lru_cache

_IRREGULAR = {
    form: base
    for base, forms in {
        "give": "gave given", "say": "said", "make": "made", "buy": "bought", "sell": "sold", "rise": "rose risen",
        "fall": "fell fallen",
        "hold": "held", "take": "took taken", "go": "went gone", "get": "got gotten", "build": "built", "pay": "paid",
        "leave": "left",
        "tell": "told", "see": "saw seen", "think": "thought", "lose": "lost", "win": "won", "grow": "grew grown", "meet": "met",
        "find": "found", "keep": "kept", "lead": "led", "begin": "began begun", "come": "came", "know": "knew known",
        "mean": "meant",
        "bring": "brought", "speak": "spoke spoken", "show": "shown", "write": "wrote written", "choose": "chose chosen",
        "do": "did done",
        "deny": "denied denies denial", "refuse": "refusal", "reject": "rejection", "decline": "declination",
        "spend": "spent", "send": "sent",
        "withdraw": "withdrew withdrawn", "stand": "stood", "understand": "understood", "drive": "drove driven",
        "become": "became",
        "have": "has had", "be": "is are was were been", "feel": "felt", "hear": "heard", "agree": "agreement",
        "approve": "approval",
        "propose": "proposal", "catch": "caught", "seek": "sought", "draw": "drew drawn", "run": "ran", "drop": "dropped",
        "cut": "cuts",
    }.items()
    for form in forms.split()
}  # fmt: skip
_ENDINGS = ("ingly", "edly", "ments", "ing", "ies", "ied", "ed", "ers", "es", "er", "ly", "s", "e", "y")
_SHORTEST = 3


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a word in lower case: what is left without its ending."""
    word = _IRREGULAR.get(word, word)
    while (shorter := _shorter(word)) != word:
        word = shorter
    return word


def _shorter(word: str) -> str:
    """Without one ending, so often that ordered and order end alike."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST and not word.endswith("ss"):
            return word[: -len(ending)]
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] else word


def stems(text: str) -> frozenset[str]:
    """The stems of the words of a text."""
    return frozenset(stem(word) for word in text.split())
