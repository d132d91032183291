"""The administration pages of the security master, prices and portfolios. Positions come from holdings files alone."""

from typing import Any, TypeVar, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from portfolios.changes import changes_by, in_words
from portfolios.company_names import Grade, grade_of
from portfolios.joining import move_security
from portfolios.models import (
    Alias,
    CashBalance,
    FxRate,
    Holding,
    Issuer,
    Listing,
    MasterChange,
    MasterConflict,
    Portfolio,
    Price,
    Relation,
    Security,
)
from portfolios.valuation import revalue

ModelT = TypeVar("ModelT", bound=Model)


class MasterAdmin(admin.ModelAdmin[ModelT]):
    """Of a part of the master: what is changed here is noted with who changed it."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with changes_by(staff(request)):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with changes_by(staff(request)):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with changes_by(staff(request)):
            return super().changelist_view(request, *args, **kwargs)


def staff(request: HttpRequest) -> User:
    return cast("User", request.user)


class AliasInline(admin.TabularInline[Alias, Issuer]):
    model = Alias
    extra = 0
    readonly_fields = ("source",)


class SecurityInline(admin.TabularInline[Security, Issuer]):
    model = Security
    extra = 0
    show_change_link = True


class RelationInline(admin.TabularInline[Relation, Issuer]):
    model = Relation
    fk_name = "issuer"
    extra = 0
    autocomplete_fields = ("other",)


class ListingInline(admin.TabularInline[Listing, Security]):
    model = Listing
    extra = 0


@admin.register(Issuer)
class IssuerAdmin(MasterAdmin[Issuer]):
    list_display = ("name", "slug", "country", "sector", "is_private", "joined_into")
    list_filter = ("is_private", "country")
    search_fields = (
        "name",
        "legal_name",
        "slug",
        "lei",
        "cik",
        "aliases__text",
        "securities__isin",
        "securities__listings__ticker",
    )
    list_select_related = ("joined_into",)
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("joined_into",)
    inlines = (AliasInline, SecurityInline, RelationInline)
    show_full_result_count = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new company that was given no other names is looked for under its own."""
        super().save_related(request, form, formsets, change)
        issuer = form.instance
        if not change and not issuer.aliases.exists():
            doubtful = grade_of(issuer.name) < Grade.DISTINCT
            Alias.objects.create(issuer=issuer, text=issuer.name, needs_corroboration=doubtful, source=Alias.Source.PERSON)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """A name that a person changed is that person's: no register and no list of ours changes it again."""
        if formset.model is Alias:
            for row in formset.forms:
                if row.has_changed():
                    row.instance.source = Alias.Source.PERSON
        super().save_formset(request, form, formset, change)


@admin.register(Security)
class SecurityAdmin(MasterAdmin[Security]):
    list_display = ("name", "issuer", "isin", "asset_class", "currency")
    list_filter = ("asset_class", "currency")
    list_select_related = ("issuer",)
    search_fields = ("name", "isin", "figi", "issuer__name", "listings__ticker")
    autocomplete_fields = ("issuer",)
    inlines = (ListingInline,)
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Security, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "issuer" in form.changed_data:
            move_security(obj, obj.issuer)


@admin.register(Listing)
class ListingAdmin(MasterAdmin[Listing]):
    list_display = ("ticker", "mic", "security", "currency", "is_primary", "valid_to")
    list_filter = ("is_primary",)
    list_select_related = ("security",)
    search_fields = ("=ticker", "security__name", "security__isin")
    autocomplete_fields = ("security",)
    show_full_result_count = False


@admin.register(MasterChange)
class MasterChangeAdmin(ReadOnlyAdmin[MasterChange]):
    """Who changed the master, and what: for good."""

    list_display = ("at", "by", "issuer", "what", "why")
    list_select_related = ("by", "issuer")
    search_fields = ("=issuer__slug", "=by__email", "why")
    date_hierarchy = "at"

    @admin.display(description="what")
    def what(self, change: MasterChange) -> str:
        return in_words(change)


@admin.register(MasterConflict)
class MasterConflictAdmin(admin.ModelAdmin[MasterConflict]):
    """What a register says that the master contradicts. Whoever has settled it in the master says so here."""

    list_display = ("company", "reason", "register", "last_seen_at", "settled_at", "settled_by")
    list_filter = ("register", ("settled_at", admin.EmptyFieldListFilter))
    list_select_related = ("settled_by",)
    search_fields = ("company", "reason")
    readonly_fields = ("register", "company", "reason", "first_seen_at", "last_seen_at", "settled_at", "settled_by")
    actions = ("settle",)

    @admin.action(description="Settled", permissions=["change"])
    def settle(self, request: HttpRequest, queryset: QuerySet[MasterConflict]) -> None:
        count = queryset.filter(settled_at=None).update(settled_at=Now(), settled_by=staff(request))
        self.message_user(request, f"{count} settled.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin[Price]):
    list_display = ("listing", "date", "close", "source")
    list_filter = ("source",)
    list_select_related = ("listing",)
    search_fields = ("=listing__ticker",)
    autocomplete_fields = ("listing",)
    date_hierarchy = "date"
    show_full_result_count = False


@admin.register(FxRate)
class FxRateAdmin(admin.ModelAdmin[FxRate]):
    list_display = ("currency", "date", "usd", "source")
    list_filter = ("currency", "source")
    date_hierarchy = "date"
    show_full_result_count = False


class CashBalanceInline(admin.TabularInline[CashBalance, Portfolio]):
    model = CashBalance
    fields = ("currency", "amount")
    extra = 0


class HoldingInline(admin.TabularInline[Holding, Portfolio]):
    model = Holding
    fields = readonly_fields = ("security", "quantity", "price", "price_currency", "market_value", "weight")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Portfolio | None = None) -> bool:
        return False


@admin.register(Portfolio)
class PortfolioAdmin(admin.ModelAdmin[Portfolio]):
    list_display = ("name", "firm", "base_currency", "nav", "priced_on", "price_source")
    list_filter = ("firm",)
    list_select_related = ("firm",)
    search_fields = ("name", "slug", "firm__name")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("nav", "priced_on", "price_source")
    inlines = (CashBalanceInline, HoldingInline)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance.firm_id = form.instance.firm_id
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        revalue(form.instance)
