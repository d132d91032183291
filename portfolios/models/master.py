"""The security master: who exists, under which names, and where it is listed. Shared by all firms."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from stdnum import isin as isin_number

from portfolios.venues import venue_code


class Issuer(models.Model):
    """A company or other legal entity. It may be private: no listing."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    legal_name = models.CharField(max_length=200, blank=True)
    lei = models.CharField(max_length=20, blank=True)
    cik = models.CharField(max_length=10, blank=True, default="", help_text="The SEC's number of the company, ten digits.")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code.")
    sector = models.CharField(max_length=80, blank=True)
    is_private = models.BooleanField(default=False)
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="joined",
        help_text="The company that this turned out to be.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["lei"], condition=~Q(lei=""), name="one_issuer_per_lei"),
            models.UniqueConstraint(fields=["cik"], condition=~Q(cik=""), name="one_issuer_per_cik"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/companies/{self.slug}/"

    @property
    def primary_listing(self) -> "Listing | None":
        """The main current listing; none for a private company. Prefetch `securities__listings` where there are many issuers."""
        listings = [
            listing for security in self.securities.all() for listing in security.listings.all() if listing.valid_to is None
        ]
        return min(listings, key=lambda listing: (not listing.is_primary, listing.pk), default=None)

    @property
    def ticker(self) -> tuple[str, str]:
        """The ticker and short venue code to show; the name and no venue for a private company."""
        listing = self.primary_listing
        return (listing.ticker, venue_code(listing.mic)) if listing else (self.name, "")


class Alias(models.Model):
    """A name an issuer is known by. A common word (Apple, Target) needs corroboration before it counts."""

    class Source(models.TextChoices):
        PERSON = "person", "a person"
        SAMPLE = "sample", "the sample"
        PRESS = "press", "our list of press names"
        SEC = "sec", "SEC"
        TWSE = "twse", "Taiwan Stock Exchange"
        CSV = "csv", "CSV"

    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=200)
    needs_corroboration = models.BooleanField(default=False)
    is_shared = models.BooleanField(default=False, help_text="Names of other companies begin with it too.")
    against = models.CharField(
        max_length=300, blank=True, default="", help_text="Words of a text in which it means something else."
    )
    beside = models.CharField(max_length=300, blank=True, default="", help_text="Words of a text that is about the company.")
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.PERSON)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [models.UniqueConstraint(fields=["issuer", "text"], name="one_alias_per_text")]
        indexes = [  # for people who look for a company
            GinIndex(SearchVector("text", config="simple"), name="alias_words"),
            models.Index(OpClass(Upper("text"), name="text_pattern_ops"), name="alias_beginning"),
        ]

    def __str__(self) -> str:
        return self.text


class Relation(models.Model):
    """What one company is to another: `issuer` is the supplier, customer, owner or competitor of `other`."""

    class Kind(models.TextChoices):
        OWNER = "owner", "owner"
        SUPPLIER = "supplier", "supplier"
        CUSTOMER = "customer", "customer"
        COMPETITOR = "competitor", "competitor"

    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    other = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="relations_to_it")
    quote = models.CharField(max_length=500, blank=True, help_text="The words of the source that say so.")
    source = models.CharField(max_length=200, blank=True, help_text="Where it stands.")
    as_of = models.DateField(null=True, blank=True, help_text="The day of the source.")
    valid_to = models.DateField(null=True, blank=True, help_text="The last day, of one that is over.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "kind", "other"], name="one_relation_of_a_kind"),
            models.CheckConstraint(condition=~Q(issuer=models.F("other")), name="no_relation_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer}, {self.get_kind_display()} of {self.other}"


class MasterVersion(models.Model):
    """One row, which the database itself changes with every change to a name or a listing, for whoever keeps them in memory."""

    version = models.UUIDField()

    def __str__(self) -> str:
        return str(self.version)


class MasterConflict(models.Model):
    """Where a register and the master contradict each other: for a person to settle. Nothing was changed."""

    register = models.CharField(max_length=8, choices=Alias.Source.choices)
    company = models.CharField(max_length=200, help_text="As the register has it.")
    reason = models.CharField(max_length=500)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "company", "reason"], name="one_row_per_conflict")]

    def __str__(self) -> str:
        return f"{self.company}: {self.reason}"


class Market(models.Model):
    """A market by its ISO 10383 code."""

    mic = models.CharField(max_length=4, primary_key=True)
    operating_mic = models.CharField(max_length=4)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.mic}, {self.name}"


def validate_isin(value: str) -> None:
    if not isin_number.is_valid(value):
        raise ValidationError(f"“{value}” is not an ISIN: its check digit or form is wrong.")


class Security(models.Model):
    """One instrument of an issuer."""

    class AssetClass(models.TextChoices):
        EQUITY = "equity", "ordinary share"
        DEPOSITARY_RECEIPT = "depositary_receipt", "depositary receipt"

    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="securities")
    name = models.CharField(max_length=200)
    isin = models.CharField(max_length=12, unique=True, null=True, blank=True, validators=[validate_isin])
    figi = models.CharField(max_length=12, blank=True, help_text="Share-class FIGI.")
    asset_class = models.CharField(max_length=20, choices=AssetClass.choices, default=AssetClass.EQUITY)
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name_plural = "securities"

    def __str__(self) -> str:
        return self.name


class ListingQuerySet(models.QuerySet["Listing"]):
    def current(self) -> Self:
        """Listings that have not ended."""
        return self.filter(valid_to=None)


class Listing(models.Model):
    """A security on a venue. The ticker is text: 2317 and 005930 are tickers."""

    security = models.ForeignKey(Security, on_delete=models.CASCADE, related_name="listings")
    mic = models.CharField(max_length=4, help_text="ISO 10383 market identifier code.")
    ticker = models.CharField(max_length=20)
    currency = models.CharField(max_length=3, help_text="Trading currency. GBX is pence.")
    is_primary = models.BooleanField(default=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mic", "ticker"], condition=Q(valid_to=None), name="one_current_listing_per_ticker"),
        ]
        indexes = [models.Index(fields=["ticker"], name="listing_ticker")]

    def __str__(self) -> str:
        return f"{self.ticker} {self.mic}"
