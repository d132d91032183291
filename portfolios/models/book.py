"""What a firm holds. Quantities are signed: a short is negative."""

from django.db import models

from accounts.scope import FirmQuerySet, FirmRow
from portfolios.models.master import Issuer, Security


class Portfolio(FirmRow):
    """A portfolio with its last valuation. `nav`, `gross` and `net` are in the base currency; null until it can be valued."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60)
    base_currency = models.CharField(max_length=3, default="USD")
    nav = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True, editable=False)
    priced_on = models.DateField(null=True, blank=True, editable=False, help_text="Date of the oldest price in the valuation.")
    price_source = models.CharField(max_length=20, blank=True, editable=False)

    objects = FirmQuerySet["Portfolio"].as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["firm", "slug"], name="one_portfolio_per_slug")]

    def __str__(self) -> str:
        return self.name


class CashBalance(FirmRow):
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="cash_balances")
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=24, decimal_places=2)

    objects = FirmQuerySet["CashBalance"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["portfolio", "currency"], name="one_balance_per_currency")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Holding(FirmRow):
    """A position, with its value and weight at the portfolio's last valuation; both null while a price is missing.

    `issuer` repeats the security's: with its index it is how a story finds the portfolios that hold its companies.
    """

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="holdings")
    security = models.ForeignKey(Security, on_delete=models.PROTECT, related_name="+")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=24, decimal_places=6)
    price = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True, editable=False)
    price_currency = models.CharField(max_length=3, blank=True, editable=False)
    market_value = models.DecimalField(max_digits=24, decimal_places=2, null=True, blank=True, editable=False)
    weight = models.FloatField(null=True, blank=True, editable=False, help_text="Market value ÷ NAV.")

    objects = FirmQuerySet["Holding"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "security"], name="one_holding_per_security"),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="holding_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.security}"
