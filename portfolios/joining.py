"""Two issuers that turn out to be one company: what the one has goes to the other."""

from django.db import transaction
from django.db.models import Q

from accounts.scope import every_firm
from portfolios.models import Alias, Holding, Issuer, Listing, Relation, Security


class CannotJoin(ValueError):
    """Why these two are not one company as they stand; nothing was changed."""


def move_security(security: Security, issuer: Issuer) -> None:
    """Make it a security of that issuer, for all who hold it too."""
    with every_firm():
        Security.objects.filter(pk=security.pk).update(issuer=issuer)
        Holding.objects.filter(security=security).update(issuer=issuer)


@transaction.atomic
def join(kept: Issuer, gone: Issuer) -> None:
    """Give `kept` the names, securities and relations of `gone`, which stays for the stories that were about it.

    Raises CannotJoin: of one company no register has two numbers.
    """
    locked = {issuer.pk: issuer for issuer in Issuer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk])}
    kept, gone = locked[kept.pk], locked[gone.pk]
    _check(kept, gone)
    for security in list(gone.securities.all()):
        move_security(security, kept)
    _leave_one_primary(kept)
    for alias in gone.aliases.exclude(text__in=kept.aliases.values("text")):
        Alias.objects.filter(pk=alias.pk).update(issuer=kept)
    gone.aliases.all().delete()
    _move_relations(kept, gone)
    cik, lei = kept.cik or gone.cik, kept.lei or gone.lei
    Issuer.objects.filter(pk=gone.pk).update(cik="", lei="", joined_into=kept)
    Issuer.objects.filter(joined_into=gone).update(joined_into=kept)
    Issuer.objects.filter(pk=kept.pk).update(cik=cik, lei=lei, is_private=not kept.securities.exists())


def _check(kept: Issuer, gone: Issuer) -> None:
    if kept.pk == gone.pk or gone.joined_into_id or kept.joined_into_id:
        raise CannotJoin("One of them is joined already. Nothing was changed.")
    for name, ours, theirs in (("CIK", kept.cik, gone.cik), ("LEI", kept.lei, gone.lei)):
        if ours and theirs and ours != theirs:
            raise CannotJoin(f"They have different numbers, {name} {ours} and {theirs}: two companies. Nothing was changed.")


def _leave_one_primary(issuer: Issuer) -> None:
    primary = Listing.objects.current().filter(security__issuer=issuer, is_primary=True).order_by("pk")
    Listing.objects.filter(pk__in=list(primary.values_list("pk", flat=True)[1:])).update(is_primary=False)


def _move_relations(kept: Issuer, gone: Issuer) -> None:
    """But those between the two, and those that `kept` has already."""
    for relation in Relation.objects.filter(Q(issuer=gone) | Q(other=gone)):
        issuer = kept.pk if relation.issuer_id == gone.pk else relation.issuer_id
        other = kept.pk if relation.other_id == gone.pk else relation.other_id
        same = Relation.objects.filter(issuer=issuer, other=other, kind=relation.kind)
        if issuer == other or same.exists():
            relation.delete()
        else:
            Relation.objects.filter(pk=relation.pk).update(issuer=issuer, other=other)
