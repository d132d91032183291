from typing import Any, ClassVar

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin, WorkAdmin
from alerts.models import Alert, AlertReceipt, AlertRule, Candidate, Decision, Delivery, RuleRecipient


class RecipientInline(admin.TabularInline[RuleRecipient, AlertRule]):
    model = RuleRecipient
    extra = 0
    can_delete = False
    readonly_fields = fields = ("user",)


@admin.register(AlertRule)
class AlertRuleAdmin(ReadOnlyAdmin[AlertRule]):
    """A firm changes its rules on its own pages, where they are checked against its people and portfolios."""

    list_display = ("name", "firm", "portfolio", "sentence", "is_active")
    list_filter = ("is_active", "firm")
    search_fields = ("name", "portfolio__name")
    list_select_related = ("firm", "portfolio")
    inlines = (RecipientInline,)


@admin.register(Candidate)
class CandidateAdmin(WorkAdmin[Candidate]):
    step = "decide_candidates"
    list_display = ("story", "rule", "firm", "state", "attempts", "next_at", "error")
    list_filter: ClassVar[Any] = ("state", "firm")
    list_select_related = ("story", "rule", "firm")
    fields: ClassVar[tuple[str, ...]] = (*WorkAdmin.work_fields, "story", "rule", "firm", "decided_by", "decided_at")
    readonly_fields = fields


@admin.register(Delivery)
class DeliveryAdmin(WorkAdmin[Delivery]):
    step = "send_delivery"
    list_display = ("story", "step", "user", "channel", "firm", "state", "attempts", "next_at", "sent_at", "error")
    list_filter: ClassVar[Any] = ("state", "channel", "firm")
    search_fields = ("user__email", "story__title")
    list_select_related = ("story", "user", "firm")
    fields: ClassVar[tuple[str, ...]] = (
        *WorkAdmin.work_fields, "story", "step", "user", "channel", "firm", "key", "created_at", "sent_at",
    )  # fmt: skip
    readonly_fields = fields


class ReceiptInline(admin.TabularInline[AlertReceipt, Alert]):
    model = AlertReceipt
    extra = 0
    can_delete = False
    readonly_fields = fields = ("user", "seen_at", "acknowledged_at")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    list_display = ("story", "rule", "issuer", "step", "status", "firm", "raised_at")
    list_filter = ("status", "step", "firm")
    list_select_related = ("story", "rule", "issuer", "firm")
    date_hierarchy = "raised_at"
    inlines = (ReceiptInline,)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin[Decision]):
    list_display = ("story", "rule", "issuer", "gate", "passed", "detail", "firm", "decided_at")
    list_filter = ("gate", "passed", "firm")
    list_select_related = ("story", "rule", "issuer", "firm")
