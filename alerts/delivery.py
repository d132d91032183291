"""Who is told of an alert and on which channel; and the sending: send, then mark, under a lease, with a key that stays."""

from collections.abc import Iterable

from django.db.models.functions import Abs, Now

from accounts.doorbell import ring
from accounts.models import Membership, User
from accounts.scope import every_firm
from accounts.work import attempt
from alerts.channels import CHANNELS, ChannelDown
from alerts.events import tell
from alerts.models import Alert, Delivery, StreamEvent


def recipients(alert: Alert) -> list[User]:
    """The people to tell: those the rule names, while they are active members of its firm, and its trial is not over."""
    members = Membership.objects.at_work().filter(firm_id=alert.firm_id).values("user")
    return list(alert.rule.recipients.filter(pk__in=members).order_by("pk"))


def deliver(alert: Alert, step: int) -> None:
    """One delivery to each recipient on each of their channels; who already got one for this story and step gets no second."""
    people = recipients(alert)
    wanted = [(user, Delivery.Channel.SCREEN) for user in people]
    wanted += [(user, Delivery.Channel.EMAIL) for user in people if user.alert_email]
    same = {"firm_id": alert.firm_id, "story_id": alert.story_id, "step": step}
    Delivery.objects.bulk_create(
        [Delivery(user=user, channel=channel, **same) for user, channel in wanted], ignore_conflicts=True
    )
    theirs = Delivery.objects.filter(user__in=people, **same)
    # Of a further alert on what somebody was told before their open pages hear: that is no second message.
    shown = theirs.filter(channel=Delivery.Channel.SCREEN).exclude(sent_at=None)
    for user_id in shown.values_list("user", flat=True):
        tell(alert.firm_id, StreamEvent.Kind.ALERT, alert.pk, f"alert:{alert.pk}:{user_id}:step{step}", user_id=user_id)
    waiting = theirs.filter(sent_at=None).due()
    for delivery_id in waiting.values_list("pk", flat=True):
        ring("send_delivery", [delivery_id])


def tell_recipients(alert: Alert, what: str) -> None:
    """Let the recipients' open pages know that an alert they have has changed."""
    for user in recipients(alert):
        tell(alert.firm_id, StreamEvent.Kind.ALERT, alert.pk, f"alert:{alert.pk}:{user.pk}:{what}", user_id=user.pk)


def alerts_of(delivery: Delivery) -> list[Alert]:
    """The alerts a delivery carries: all of that story and step, or all corrected ones, that its person is a recipient of;
    the largest position first, long or short.
    """
    alerts = Alert.objects.filter(firm=delivery.firm_id, story=delivery.story_id, rule__recipients=delivery.user_id)
    alerts = alerts.filter(step=delivery.step) if delivery.step else alerts.filter(status=Alert.Status.CORRECTED)
    return list(
        alerts.select_related("rule__portfolio", "story", "issuer", "analysis", "firm").order_by(Abs("weight").desc(), "pk")
    )


def send_deliveries(ids: Iterable[int]) -> None:
    """Send these, those of them that are due. The channel is asked outside any transaction."""
    with every_firm():
        taken = Delivery.objects.claim(ids)
        deliveries = list(Delivery.objects.filter(pk__in=taken).select_related("user", "story"))
    with Delivery.objects.kept(taken):
        for delivery in deliveries:
            with attempt(delivery):
                _send(delivery)


def _send(delivery: Delivery) -> None:
    with every_firm():
        still_member = Membership.objects.at_work().filter(firm=delivery.firm_id, user=delivery.user_id).exists()
        alerts = alerts_of(delivery)
    if not (still_member and alerts):
        with every_firm():
            delivery.drop("Its recipient has left the firm, or its rule, since; or its trial is over.")
        return
    try:
        CHANNELS[delivery.channel].send(delivery, alerts)
    except ChannelDown as error:
        with every_firm():
            delivery.defer_for_a_day(str(error))
        return
    with every_firm():
        delivery.finish(sent_at=Now())
