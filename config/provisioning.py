"""Trials: a firm of its own for whoever asked for a demo, with a sample portfolio, a rule, and news that starts with them."""

from datetime import timedelta

from django.utils import timezone

from accounts.invitations import Refused, account_of, invite
from accounts.models import DemoRequest, Firm, Membership, User
from accounts.scope import every_firm
from alerts.models import AlertRule, RuleRecipient
from config.sample import add_rule, point_source, remove_firm
from portfolios import sample as book
from portfolios.valuation import revalue

PORTFOLIO = "asia-hardware-ai"
LASTS = timedelta(days=30)


def provision(request: DemoRequest, by: User) -> Firm:
    """The trial firm of a confirmed request, with the invitation mailed to whoever asked; the same one however often called.

    Raises Refused for an address that was not confirmed, or that belongs to somebody who is in a firm already.
    """
    with every_firm():
        locked = DemoRequest.objects.select_for_update(of=("self",)).select_related("trial").get(pk=request.pk)
        if locked.trial:
            return locked.trial
        if locked.confirmed_at is None:
            raise Refused("No trial was made", f"{locked.email} was not confirmed: anybody may have typed it.", 409)
        if working := Membership.objects.filter(user=account_of(locked.email)).select_related("firm").first():
            raise Refused(
                "No trial was made", f"{locked.email} works in {working.firm.name} here, and a person works in one firm.", 409
            )
        firm = _make_firm(locked)
        locked.trial, locked.status = firm, DemoRequest.Status.PROVISIONED
        locked.save(update_fields=["trial", "status"])
        invite(firm, locked.email, Membership.Role.ADMINISTRATOR, by, locked.name)
    return firm


def _make_firm(request: DemoRequest) -> Firm:
    firm = Firm.objects.create(slug=f"trial-{request.pk}", name=request.firm_name, trial_ends_at=timezone.now() + LASTS)
    book.load_master()
    book.load_prices()
    [portfolio] = book.load_portfolios(firm, [PORTFOLIO])
    revalue(portfolio)
    add_rule(firm, portfolio, [])  # of those who accept: see welcome
    point_source(firm)
    return firm


def unwelcomed() -> list[int]:
    """The memberships of administrators in trial firms that have a rule which tells nobody. Call it inside every_firm()."""
    silent = AlertRule.objects.exclude(firm__trial_ends_at=None).filter(recipients=None)
    found = Membership.objects.filter(role=Membership.Role.ADMINISTRATOR, user__is_active=True, firm__in=silent.values("firm"))
    return list(found.values_list("pk", flat=True))


def welcome(membership_ids: list[int]) -> None:
    """Make the administrators of trial firms, those of these memberships, hear of the rules that tell nobody yet."""
    with every_firm():
        for membership in Membership.objects.filter(pk__in=set(unwelcomed()) & set(membership_ids)):
            silent = AlertRule.objects.of(membership.firm).filter(recipients=None)
            RuleRecipient.objects.bulk_create(
                [RuleRecipient(firm=membership.firm, rule=rule, user=membership.user) for rule in silent], ignore_conflicts=True
            )


def remove_ended_trials() -> int:
    """Remove the trial firms whose time to go on is over, with all that is theirs. How many there were."""
    with every_firm():
        ended = list(Firm.objects.filter(trial_ends_at__lt=timezone.now() - Firm.KEPT_AFTER_TRIAL))
        for firm in ended:
            remove_firm(firm)
    return len(ended)
