"""Prices and exchange rates by day, each with the source that said so."""

from django.db import models

from portfolios.models.master import Listing


class Price(models.Model):
    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="prices")
    date = models.DateField()
    close = models.DecimalField(max_digits=20, decimal_places=6)
    source = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "date"], name="one_price_per_day"),
            models.CheckConstraint(condition=models.Q(close__gt=0), name="price_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.listing} {self.date}: {self.close}"


class FxRate(models.Model):
    """What one unit of the currency is worth in US dollars on that day."""

    currency = models.CharField(max_length=3)
    date = models.DateField()
    usd = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "date"], name="one_rate_per_day"),
            models.CheckConstraint(condition=models.Q(usd__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.usd} USD on {self.date}"
