"""The administration pages of firms, people, keys and demo requests, and what all pages of work rows have in common."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, ReadOnlyPasswordHashField
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from accounts import demo
from accounts.doorbell import ring
from accounts.models import ApiToken, DemoRequest, Firm, Membership, OutgoingMail, User
from accounts.work import WorkQuerySet, WorkRow

admin.site.site_header = "Bellwether administration"
admin.site.site_title = "Bellwether"
admin.site.index_title = "What people may have to look after"

WorkT = TypeVar("WorkT", bound=WorkRow)
RowT = TypeVar("RowT", bound=Model)


class WorkAdmin(admin.ModelAdmin[WorkT]):
    """Rows that are a queue: their state and what went wrong, and a way back to work for those in quarantine.

    `step` is the background step that takes them up.
    """

    step: ClassVar[str]
    list_filter: ClassVar[Any] = ("state",)
    actions: Any = ("put_back_to_work",)
    show_full_result_count = False
    work_fields: ClassVar[tuple[str, ...]] = ("state", "attempts", "next_at", "error")

    @admin.action(description="Put back to work", permissions=["change"])
    def put_back_to_work(self, request: HttpRequest, rows: QuerySet[WorkT]) -> None:
        ids = list(rows.values_list("pk", flat=True))
        # The page's own query is sorted and joined for display, which an update cannot be.
        count = cast("WorkQuerySet[WorkT]", self.model._default_manager.filter(pk__in=ids)).retry()
        for pk in ids:
            # One by one, so that a row that fails again takes no other with it.
            ring(self.step, [pk])
        self.message_user(request, f"{count} put back to work.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class ReadOnlyAdmin(admin.ModelAdmin[RowT]):
    """Records: to be looked at, never changed."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RowT | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RowT | None = None) -> bool:
        return False


class MembershipInline(admin.TabularInline[Membership, Firm]):
    model = Membership
    extra = 0
    raw_id_fields = ("user",)
    readonly_fields = ("created_at",)


@admin.register(Firm)
class FirmAdmin(admin.ModelAdmin[Firm]):
    list_display = ("name", "slug", "is_sample", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    readonly_fields = ("is_sample", "sample_started_at", "created_at")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Firm | None = None) -> bool:
        return False


class PersonCreationForm(BaseUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        # Sign-in looks for the address in small letters.
        return str(self.cleaned_data["email"]).lower()


class PersonForm(ModelForm[User]):
    password = ReadOnlyPasswordHashField()

    class Meta:
        model = User
        fields = ("email", "password", "name", "time_zone", "theme", "alert_email", "is_active", "is_staff", "is_superuser")


@admin.register(User)
class PersonAdmin(DjangoUserAdmin[User]):
    form = PersonForm
    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "time_zone", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("Settings", {"fields": ("time_zone", "theme", "alert_email")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Whoever saw and acknowledged an alert stays on record. A person who leaves is made inactive.
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ("user", "firm", "role", "created_at")
    list_filter = ("role", "firm")
    search_fields = ("user__email", "firm__name")
    raw_id_fields = ("firm", "user")
    list_select_related = ("user", "firm")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Keys for programs. The key is shown once, when it is made: only its hash is stored."""

    list_display = ("name", "firm", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("firm",)
    raw_id_fields = ("firm",)
    fields = ("firm", "name", "expires_at", "created_by", "created_at", "last_used_at", "revoked_at")
    readonly_fields = ("created_by", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("firm", "created_by")
    actions = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return (*self.readonly_fields, "firm") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made, key = ApiToken.issue(obj.firm, obj.name, cast("User", request.user), expires_at=obj.expires_at)
        obj.pk, obj.digest = made.pk, made.digest
        self.message_user(request, f"The key of {obj.name}, shown this once: {key}", messages.WARNING)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        count = tokens.filter(revoked_at=None).update(revoked_at=Now())
        self.message_user(request, f"{count} revoked.")


class QueueFilter(admin.SimpleListFilter):
    """At first what waits for one of us; a search looks through all."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "all of them"), *((str(value), str(label)) for value, label in DemoRequest.Status.choices)]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield {**first, "display": "to look after"}
        yield from rest

    def queryset(self, request: HttpRequest, rows: QuerySet[DemoRequest]) -> QuerySet[DemoRequest]:
        chosen = self.value()
        if chosen == "all" or (not chosen and request.GET.get("q")):
            return rows
        open_ones = [DemoRequest.Status.NEW.value, DemoRequest.Status.CONTACTED.value]
        return rows.filter(status__in=[chosen] if chosen else open_ones)


@admin.register(DemoRequest)
class DemoRequestAdmin(admin.ModelAdmin[DemoRequest]):
    """The queue of visitors whose mailbox has confirmed their request, and those that wait for that."""

    list_display = ("age", "firm_name", "email", "status", "flags", "looked_after_by", "trial_page")
    list_display_links = ("age", "firm_name")
    list_editable = ("status",)
    list_filter = (QueueFilter, "is_duplicate", "is_disposable", ("owner", admin.RelatedOnlyFieldListFilter), "created_at")
    list_select_related = ("owner", "trial")
    search_fields = ("name", "firm_name", "email", "email_key")
    fieldsets = (
        (None, {"fields": ("status", "owner", "notes")}),
        ("What the visitor wrote", {"fields": ("name", "firm_name", "email", "role", "holds", "note", "came_from")}),
        ("On record", {"fields": ("flags", "others", "mail", "trial_page", "consented_at", "created_at", "confirmed_at")}),
    )
    readonly_fields = (
        *("name", "firm_name", "email", "role", "holds", "note", "came_from"),
        *("flags", "others", "mail", "trial_page", "consented_at", "created_at", "confirmed_at"),
    )
    actions = ("take", "send_confirmation_again")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        kept = f"Requests whose address is not confirmed are deleted after {demo.UNCONFIRMED_KEPT.days} days."
        return super().changelist_view(request, {"subtitle": kept, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="age", ordering="created_at")
    def age(self, asked: DemoRequest) -> str:
        return timesince(asked.created_at, depth=1)

    @admin.display(description="owner", ordering="owner")
    def looked_after_by(self, asked: DemoRequest) -> str:
        return (asked.owner.name or asked.owner.email) if asked.owner else "nobody"

    @admin.display(description="others of that mailbox or firm")
    def others(self, asked: DemoRequest) -> str:
        page = "admin:accounts_demorequest_change"
        links = [(reverse(page, args=[other.pk]), other, other.get_status_display()) for other in demo.others_like(asked)[:20]]
        return format_html_join(", ", '<a href="{}">{}</a> ({})', links) or "none"

    @admin.display(description="mail with the link")
    def mail(self, asked: DemoRequest) -> str:
        last = demo.last_mail(asked.email_key)
        if last is None:
            return "none on record"
        if last.sent_at:
            return f"sent {date_format(last.sent_at, 'DATETIME_FORMAT')}"
        return f"{last.get_state_display()}: {last.error}" if last.error else last.get_state_display()

    @admin.display(description="flags")
    def flags(self, asked: DemoRequest) -> str:
        said = [("asked before", asked.is_duplicate), ("throw-away address", asked.is_disposable)]
        return ", ".join(words for words, is_so in said if is_so) or "none"

    @admin.display(description="came from the story")
    def came_from(self, asked: DemoRequest) -> str:
        if not asked.about:
            return "none"
        return format_html('<a href="{}">{}</a>', reverse("research:news_story", args=[asked.about]), asked.about)

    @admin.display(description="trial")
    def trial_page(self, asked: DemoRequest) -> str:
        if asked.trial is None:
            return "none"
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_firm_change", args=[asked.trial.pk]), asked.trial)

    @admin.action(description="Take it", permissions=["change"])
    def take(self, request: HttpRequest, rows: QuerySet[DemoRequest]) -> None:
        count = rows.filter(owner=None).update(owner=cast("User", request.user))
        left = rows.count() - count
        had = f" {left} had an owner already: nothing was changed there." if left else ""
        self.message_user(request, f"{count} taken.{had}")

    @admin.action(description="Send the confirmation again", permissions=["change"])
    def send_confirmation_again(self, request: HttpRequest, rows: QuerySet[DemoRequest]) -> None:
        waiting = list(rows.filter(status=DemoRequest.Status.UNCONFIRMED))
        sent = sum(demo.send_again(asked) for asked in waiting)
        held, past = len(waiting) - sent, rows.count() - len(waiting)
        said = [f"{sent} sent."]
        said += [f"{held} not sent: a mailbox gets one such mail in 24 hours."] if held else []
        said += [f"{past} need none: they are past that."] if past else []
        self.message_user(request, " ".join(said))


@admin.register(OutgoingMail)
class OutgoingMailAdmin(WorkAdmin[OutgoingMail]):
    """What a mail says is not shown, sent or not: its link may sign somebody in."""

    step = "send_mail"
    list_display = ("created_at", "kind", "to", "subject", "sent_at", "state", "error")
    list_filter = ("state", "kind")
    search_fields = ("to", "subject")
    fields: ClassVar[tuple[str, ...]] = ("kind", "to", "reply_to", "subject", "created_at", "sent_at", *WorkAdmin.work_fields)
    readonly_fields = fields
    ordering = ("-pk",)
