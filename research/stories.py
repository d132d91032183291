"""Which story is it: articles about one event join, one after the other, in a single pass. Plain values in and out.

An article is compared with those of the last and next seven days that share an issuer, its title or two rare words of it with it;
found by those keys, so that the cost does not depend on how many articles there are. It joins the story whose three most alike
articles are alike enough. What that shows of other stories may let two of them turn out to be one.
"""

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from research.across_languages import share_figures
from research.fingerprints import Fingerprint, is_word_key
from research.notation import ENGLISH
from research.pairs import OURS, Weights, same_event

JOIN: Final = 0.75  # mean of the three largest probabilities
ONE_STORY: Final = 0.75  # how alike two stories are, from both sides
TELLING: Final = 0.5  # a pair below says nothing of its two stories
CLOSEST = 3
LIVE_HOURS = 7 * 24.0  # of a story, from its first article to its last
ACROSS: Final = 0.95  # of what was told of one company with the same figures within a day, in two languages
COPY_HOURS, RECURRING_HOURS = 24.0, 48.0  # of equal titles
LEAST_TITLE_WORDS = 4
MOST_A_KEY, MOST_COMPARED = 200, 120  # newest first: a company of which thousands of articles come in a week
MOST_OF_A_STORY = 20
ENOUGH = 2  # of the worth of shared keys, for two articles to be compared


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs: `story` is None for a new one. `same` are stories that turned out to be that one."""

    story: int | None
    same: tuple[int, ...] = ()


@dataclass(slots=True)
class _Member:
    number: int
    fingerprint: Fingerprint
    story: int


@dataclass(slots=True)
class LiveStories:
    """The articles of some days and the stories they are in, by whatever numbers the caller gives them."""

    weights: Weights = OURS
    _members: dict[int, _Member] = field(default_factory=dict)
    _stories: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_key: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    _apart: set[frozenset[int]] = field(default_factory=set)
    _known: dict[tuple[int, int], float] = field(default_factory=dict)

    def add(self, number: int, fingerprint: Fingerprint, story: int) -> None:
        """That article is in that story."""
        if number in self._members:
            return
        self._members[number] = _Member(number, fingerprint, story)
        self._stories[story].append(number)
        for key in fingerprint.index_keys():
            insort(self._by_key[key], (fingerprint.moment, number))

    def keep_apart(self, one: int, other: int) -> None:
        """A person said that these are two stories."""
        self._apart.add(frozenset((one, other)))

    def place(self, number: int, fingerprint: Fingerprint) -> Placed:
        """Where an article belongs that is not among them yet; `add` puts it there, `unite` the stories that are the same."""
        alike: dict[int, list[float]] = defaultdict(list)
        for other in self._comparable(fingerprint):
            alike[other.story].append(self._probability(number, fingerprint, other))
        fitting = {story: self._closeness(story, found) for story, found in alike.items() if self._is_live(story, fingerprint)}
        story = max(fitting, key=lambda each: (fitting[each], -each), default=None)
        if story is None or fitting[story] < JOIN:
            return Placed(None)
        others = sorted(
            (each for each in fitting if each != story and max(alike[each]) >= TELLING), key=lambda each: -fitting[each]
        )
        return Placed(story, tuple(each for each in others if self._are_one(story, each, number, fingerprint)))

    def unite(self, story: int, same: Iterable[int]) -> None:
        """Put the articles of these stories into the first."""
        for other in same:
            for number in self._stories.pop(other, []):
                self._members[number].story = story
                self._stories[story].append(number)

    def forget_before(self, moment: float) -> None:
        """Let go of articles older than that: nothing newer is compared with them."""
        for key, entries in list(self._by_key.items()):
            entries[:] = [entry for entry in entries if entry[0] >= moment]
            if not entries:
                del self._by_key[key]
        gone = {number for number, member in self._members.items() if member.fingerprint.moment < moment}
        for number in gone:
            self._stories[self._members.pop(number).story].remove(number)
        self._known = {pair: known for pair, known in self._known.items() if gone.isdisjoint(pair)}

    def _comparable(self, new: Fingerprint) -> list[_Member]:
        shared: Counter[int] = Counter()
        for key in new.index_keys():
            for number in self._near(key, new.moment):
                shared[number] += worth(key)
        enough = [number for number, told in shared.most_common(MOST_COMPARED) if told >= ENOUGH]
        return [self._members[number] for number in enough]

    def _near(self, key: str, moment: float) -> Iterator[int]:
        entries = self._by_key.get(key, [])
        return islice((number for at, number in reversed(entries) if abs(at - moment) <= LIVE_HOURS), MOST_A_KEY)

    def _probability(self, number: int, new: Fingerprint, other: _Member) -> float:
        pair = (min(number, other.number), max(number, other.number))
        if pair not in self._known:
            self._known[pair] = told_alike(new, other.fingerprint, self.weights)
        return self._known[pair]

    def _closeness(self, story: int, found: list[float]) -> float:
        closest = sorted(found, reverse=True)[:CLOSEST]
        return sum(closest) / min(CLOSEST, len(self._stories[story]))

    def _is_live(self, story: int, new: Fingerprint) -> bool:
        moments = [self._members[number].fingerprint.moment for number in self._stories[story]]
        return max(*moments, new.moment) - min(*moments, new.moment) <= LIVE_HOURS

    def _are_one(self, story: int, other: int, number: int, new: Fingerprint) -> bool:
        if frozenset((story, other)) in self._apart:
            return False
        here = [*(self._members[each] for each in self._stories[story][-MOST_OF_A_STORY:]), _Member(number, new, story)]
        there = [self._members[each] for each in self._stories[other][-MOST_OF_A_STORY:]]
        moments = [each.fingerprint.moment for each in [*here, *there]]
        if max(moments) - min(moments) > LIVE_HOURS:
            return False
        rows = [[self._probability(each.number, each.fingerprint, one) for one in there] for each in here]
        from_here = sum(map(max, rows)) / len(here)
        from_there = sum(map(max, zip(*rows, strict=True))) / len(there)
        return bool((from_here + from_there) / 2 >= ONE_STORY)


def worth(key: str) -> int:
    """Of a key that two articles share: an issuer or the title is enough, of words two."""
    return 1 if is_word_key(key) else ENOUGH


def told_alike(one: Fingerprint, other: Fingerprint, weights: Weights = OURS) -> float:
    """The probability 0…1 that both tell of one event. Equal titles do within a day; days apart they are another issue of it."""
    if one.key == other.key and len(one.key.split()) >= LEAST_TITLE_WORDS:
        hours = abs(one.moment - other.moment)
        if hours > RECURRING_HOURS:
            return 0.0
        if hours <= COPY_HOURS and (one.issuers == other.issuers or not one.issuers.isdisjoint(other.issuers)):
            return 1.0
    if not one.language == other.language == ENGLISH and _same_by_figures(one, other):
        return ACROSS
    if one.language != other.language and (one.figures or other.figures):
        return 0.0
    return same_event(one, other, weights)


def _same_by_figures(one: Fingerprint, other: Fingerprint) -> bool:
    is_of_one_company = not one.primary.isdisjoint(other.primary) and "wrap" not in one.traits | other.traits
    is_near = abs(one.moment - other.moment) <= COPY_HOURS
    return is_of_one_company and is_near and share_figures(one.figures, other.figures)
