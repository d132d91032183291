"""Companies that an event may reach through another: owners, suppliers, customers and competitors by the security master."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Now, TruncDate

from portfolios.models import Issuer, Relation

MOST_RELATED = 20


class Related(NamedTuple):
    """An issuer, and what ties it to one that the story names, in words."""

    pk: int
    slug: str
    name: str
    relation: str

    @property
    def told(self) -> tuple[str, str, str]:
        """Key, name and relation, as a model is told of it."""
        return self.slug, self.name, self.relation


def related_to(issuers: Iterable[Issuer]) -> dict[str, Related]:
    """By key, the companies with a relation that holds to one of these, themselves apart; twenty at most. One query."""
    named = {issuer.pk for issuer in issuers}
    found: dict[str, Related] = {}
    for relation in _relations(named):
        for beside in (relation.issuer, relation.other):
            if beside.pk not in named:
                found.setdefault(beside.slug, Related(beside.pk, beside.slug, beside.name, str(relation)))
    return dict(list(found.items())[:MOST_RELATED])


def _relations(issuers: Collection[int]) -> Iterable[Relation]:
    holds = Q(valid_to=None) | Q(valid_to__gte=TruncDate(Now()))
    touching = Q(issuer__in=issuers) | Q(other__in=issuers)
    return Relation.objects.filter(holds, touching).select_related("issuer", "other").order_by("pk")[: 2 * MOST_RELATED]
