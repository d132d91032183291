"""What a name learns from a correction that holds for everybody, and how it forgets just that."""

from collections.abc import Iterable, Sequence

from portfolios.company_names import Grade, grade_of
from portfolios.models import Alias
from research.models import Correction

LONGEST_WORDS = 300  # of a name's words against it or beside it
Kind = Correction.Kind


def teach(correction: Correction, words: Iterable[str], *, needs_reason: bool) -> None:
    """A wrong company: `words` speak against the name, which may need a reason from now on. A missing one gets the name, and
    `words` beside it speak for it. Kept with the correction, so that it can be forgotten."""
    alias, is_new = _alias_of(correction)
    wanted = list(dict.fromkeys(word.casefold() for word in words))
    correction.context, correction.alias = _within(wanted), alias
    correction.taught = {"words": [], "wants_reason": needs_reason, "needs_reason": False, "is_new": is_new}
    if alias:
        before = _words_of(alias, correction)
        after = _within([*before, *(word for word in wanted if word not in before)])
        correction.alias_source = correction.alias_source or alias.source
        correction.taught["words"] = after.split()[len(before) :]
        correction.taught["needs_reason"] = needs_reason and not alias.needs_corroboration
        _keep(alias, correction, after, alias.needs_corroboration or needs_reason)
    correction.save()


def forget(correction: Correction) -> None:
    """What it taught goes, but for what another correction that holds teaches as well: that is the other's then."""
    alias, taught = correction.alias, correction.taught
    if alias is None or not taught:
        return
    others = list(
        Correction.objects.accepted().filter(alias=alias, kind=correction.kind).exclude(pk=correction.pk).order_by("pk")
    )
    gone, needs_reason = set(), alias.needs_corroboration
    for word in taught["words"]:
        if heir := next((other for other in others if word in other.context.split()), None):
            heir.taught["words"].append(word)
        else:
            gone.add(word)
    if taught["needs_reason"]:
        heir = next((other for other in others if other.taught["wants_reason"]), None)
        needs_reason = heir is not None
        if heir:
            heir.taught["needs_reason"] = True
    if taught["is_new"] and others:
        others[0].taught["is_new"] = True
    Correction.objects.bulk_update(others, ["taught"])
    if taught["is_new"] and not others:
        alias.delete()
    else:
        _keep(alias, correction, " ".join(word for word in _words_of(alias, correction) if word not in gone), needs_reason)


def _alias_of(correction: Correction) -> tuple[Alias | None, bool]:
    if correction.kind == Kind.WRONG:
        return correction.alias, False
    doubtful = grade_of(correction.words) < Grade.DISTINCT
    return Alias.objects.get_or_create(
        issuer_id=correction.issuer_id,
        text=correction.words,
        defaults={"needs_corroboration": doubtful, "source": Alias.Source.PERSON},
    )


def _words_of(alias: Alias, correction: Correction) -> list[str]:
    return (alias.against if correction.kind == Kind.WRONG else alias.beside).split()


def _keep(alias: Alias, correction: Correction, words: str, needs_reason: bool) -> None:
    if correction.kind == Kind.WRONG:
        alias.against = words
    else:
        alias.beside = words
    alias.needs_corroboration, alias.source = needs_reason, Alias.Source.PERSON
    alias.save()


def _within(words: Sequence[str]) -> str:
    """As many of the words as have room."""
    kept = list(words)
    while len(" ".join(kept)) > LONGEST_WORDS:
        kept.pop()
    return " ".join(kept)
