"""The forms of portfolios: what to import, and a new one."""

from typing import Any, ClassVar

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.utils.text import slugify

from accounts.models import Firm
from portfolios.columns import COLUMNS
from portfolios.delimited import MOST_BYTES
from portfolios.models import Portfolio

NOT_READ = "not read"


class UploadForm(forms.Form):
    """A file, or cells pasted from a spreadsheet: one of the two."""

    is_one_enough = True  # so neither of them is called optional
    # An empty file is kept like any other: the preview says what is wrong with it.
    file = forms.FileField(
        label="Holdings file",
        required=False,
        allow_empty_file=True,
        help_text="CSV, or text with tabs, semicolons or bars. At most 5 MB and 100,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    cells = forms.CharField(
        label="Or paste the cells",
        required=False,
        strip=False,
        max_length=MOST_BYTES,
        help_text="Mark them in your spreadsheet, with the header row if there is one, copy, and paste them here.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB, the most we read.")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given = [cleaned.get("file") is not None, bool((cleaned.get("cells") or "").strip())]
        if not self.errors and sum(given) != 1:
            self.add_error(
                None, "Choose a file or paste the cells, not both." if all(given) else "Choose a file, or paste cells."
            )
        return cleaned

    def sent(self) -> tuple[bytes, str]:
        """The bytes, and the file's name, or none for pasted cells."""
        file = self.cleaned_data["file"]
        if file is None:
            return self.cleaned_data["cells"].encode(), ""
        return file.read(), file.name


class ColumnsForm(forms.Form):
    """What each column of an upload is."""

    CHOICES: ClassVar[list[tuple[str, str]]] = [("", NOT_READ), *((column, column) for column in COLUMNS)]
    header = forms.BooleanField(label="The first row is a header", required=False)

    def __init__(self, *args: Any, width: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(width):
            self.fields[f"column-{place}"] = forms.ChoiceField(label=f"Column {place + 1}", choices=self.CHOICES, required=False)

    def columns(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.fields if name.startswith("column-")]


# Those that most portfolios are kept in come first.
USUAL = ("USD", "EUR", "GBP", "CHF", "JPY", "TWD", "HKD", "CNY", "KRW", "SGD", "AUD", "CAD")


def _currencies() -> list[tuple[str, str]]:
    """The currencies that are legal tender somewhere today, by their ISO codes."""
    current = {code for territory in get_global("territory_currencies") for code in get_territory_currencies(territory)}
    names = Locale("en").currencies
    return [(code, f"{code}, {names[code]}") for code in (*USUAL, *sorted(current - set(USUAL)))]


class PortfolioForm(forms.ModelForm[Portfolio]):
    base_currency = forms.ChoiceField(label="Base currency", choices=_currencies, initial="USD")

    class Meta:
        model = Portfolio
        fields: ClassVar[list[str]] = ["name", "base_currency"]

    def __init__(self, *args: Any, firm: Firm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.firm = firm

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        # Of two made at once, the second waits here and then sees the first.
        Firm.objects.select_for_update(no_key=True).get(pk=self.firm.pk)
        if Portfolio.objects.of(self.firm).filter(name__iexact=name).exists():
            raise forms.ValidationError("There is a portfolio of that name already.")
        return name

    def save(self, commit: bool = True) -> Portfolio:
        self.instance.firm = self.firm
        self.instance.slug = self._free_slug()
        return super().save(commit)

    def _free_slug(self) -> str:
        base = slugify(self.instance.name)[:50] or "portfolio"
        if base == "new":  # the address of the page that makes one
            base = "new-portfolio"
        taken = set(Portfolio.objects.of(self.firm).filter(slug__startswith=base).values_list("slug", flat=True))
        return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 10_000))) if slug not in taken)
