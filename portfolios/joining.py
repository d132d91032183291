"""Two issuers that turn out to be one company: what the one has goes to the other, whoever keeps it."""

from typing import Any, cast

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.scope import every_firm
from portfolios.models import Alias, Holding, Issuer, Listing, MasterChange, Relation, Security


class CannotJoin(ValueError):
    """Why these two are not one company as they stand; nothing was changed."""


def move_security(security: Security, issuer: Issuer) -> None:
    """Make it a security of that issuer, for all who hold it too."""
    with every_firm():
        Security.objects.filter(pk=security.pk).update(issuer=issuer)
        Holding.objects.filter(security=security).update(issuer=issuer)


def join(kept: Issuer, gone: Issuer) -> None:
    """Give `kept` all that `gone` has: names, securities, relations, and what stories, alerts and people say of it.

    `gone` stays as the address that leads to `kept`. Raises CannotJoin: of one company no register has two numbers.
    """
    with every_firm(), transaction.atomic():
        locked = {issuer.pk: issuer for issuer in Issuer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk])}
        kept, gone = locked[kept.pk], locked[gone.pk]
        _check(kept, gone)
        _move_aliases(kept, gone)
        _move_relations(kept, gone)
        _point(gone, kept, apart_from=(Alias, Relation, Issuer, MasterChange))
        _leave_one_primary(kept)
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


def _point(was: models.Model, now: models.Model, apart_from: tuple[type[models.Model], ...] = ()) -> None:
    """Whatever points at the one row points at the other; a row that the other has the like of goes."""
    for relation in type(was)._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model in apart_from:
            continue
        model, name = cast("Any", relation.related_model), relation.field.name
        rows = model._base_manager.filter(**{name: was})
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields:
                same = {field: OuterRef(field) for field in constraint.fields if field != name}
                like = model._base_manager.filter(constraint.condition or Q(), **same, **{name: now})
                rows.filter(constraint.condition or Q()).filter(Exists(like)).delete()
        rows.update(**{name: now})


def _move_aliases(kept: Issuer, gone: Issuer) -> None:
    ours = {alias.text: alias for alias in kept.aliases.all()}
    for alias in gone.aliases.all():
        if alias.text in ours:
            _point(alias, ours[alias.text])
            alias.delete()
        else:
            Alias.objects.filter(pk=alias.pk).update(issuer=kept)


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
