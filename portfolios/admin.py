"""The administration pages of the security master, prices and portfolios. Positions come from holdings files alone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from portfolios.models import Alias, CashBalance, FxRate, Holding, Issuer, Listing, MasterConflict, Portfolio, Price, Security
from portfolios.valuation import revalue


class AliasInline(admin.TabularInline[Alias, Issuer]):
    model = Alias
    extra = 0


class SecurityInline(admin.TabularInline[Security, Issuer]):
    model = Security
    extra = 0
    show_change_link = True


class ListingInline(admin.TabularInline[Listing, Security]):
    model = Listing
    extra = 0


@admin.register(Issuer)
class IssuerAdmin(admin.ModelAdmin[Issuer]):
    list_display = ("name", "slug", "country", "sector", "is_private")
    list_filter = ("is_private", "country", "sector")
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
    prepopulated_fields = {"slug": ("name",)}
    inlines = (AliasInline, SecurityInline)


@admin.register(Security)
class SecurityAdmin(admin.ModelAdmin[Security]):
    list_display = ("name", "issuer", "isin", "asset_class", "currency")
    list_filter = ("asset_class", "currency")
    list_select_related = ("issuer",)
    search_fields = ("name", "isin", "figi", "issuer__name", "listings__ticker")
    autocomplete_fields = ("issuer",)
    inlines = (ListingInline,)


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin[Listing]):
    list_display = ("ticker", "mic", "security", "currency", "is_primary", "valid_to")
    list_filter = ("mic", "is_primary")
    list_select_related = ("security",)
    search_fields = ("=ticker", "security__name", "security__isin")
    autocomplete_fields = ("security",)


@admin.register(MasterConflict)
class MasterConflictAdmin(admin.ModelAdmin[MasterConflict]):
    """What a register says that the master contradicts. Whoever has settled it in the master says so here."""

    list_display = ("company", "reason", "register", "last_seen_at", "settled_at")
    list_filter = ("register", ("settled_at", admin.EmptyFieldListFilter))
    search_fields = ("company", "reason")
    readonly_fields = ("register", "company", "reason", "first_seen_at", "last_seen_at", "settled_at")
    actions = ("settle",)

    @admin.action(description="Settled", permissions=["change"])
    def settle(self, request: HttpRequest, queryset: QuerySet[MasterConflict]) -> None:
        count = queryset.filter(settled_at=None).update(settled_at=Now())
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
