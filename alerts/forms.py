from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.models import Firm, Membership, User
from alerts.models import AlertRule, RuleRecipient
from portfolios.models import Portfolio

MOST = {
    "min_impact": 1,
    "high_impact": 1,
    "critical_impact": 1,
    "min_sentiment": 1,
    "min_relevance": 100,
    "patience_seconds": 3600,
    "max_age_hours": 24 * 365,
}


class PeopleField(forms.ModelMultipleChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        return obj.name or obj.email


class RuleForm(forms.ModelForm[AlertRule]):
    """A rule as people write it: the weight in percent, the recipients among the firm's members."""

    weight_percent = forms.DecimalField(
        label="Weight, % of NAV",
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=1,
        help_text="Size of the position, long or short.",
    )
    recipients = PeopleField(
        User.objects.none(), widget=forms.CheckboxSelectMultiple, help_text="Who is told, on screen and by e-mail."
    )

    class Meta:
        model = AlertRule
        fields: ClassVar[list[str]] = [
            "name",
            "portfolio",
            "min_impact",
            "high_impact",
            "critical_impact",
            "min_sentiment",
            "min_relevance",
            "weight_percent",
            "patience_seconds",
            "max_age_hours",
            "recipients",
            "is_active",
        ]
        labels: ClassVar[dict[str, str]] = {
            "min_impact": "Market impact from",
            "high_impact": "High from",
            "critical_impact": "Critical from",
            "min_sentiment": "Sentiment, either way, from",
            "min_relevance": "Relevance from",
            "patience_seconds": "Wait for the full reading, seconds",
            "max_age_hours": "Ignore news older than, hours",
            "is_active": "Active",
        }

    def __init__(self, *args: Any, firm: Firm, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.firm = firm
        self.instance.firm = firm
        members = Membership.objects.of(firm).exclude(role=Membership.Role.VISITOR).values("user")
        self._choices("portfolio").queryset = Portfolio.objects.of(firm)
        self._choices("portfolio").empty_label = "Choose a portfolio"
        self._choices("recipients").queryset = User.objects.filter(pk__in=members, is_active=True).order_by("name")
        for name, most in MOST.items():
            self.fields[name].validators += [MinValueValidator(0), MaxValueValidator(most)]
        is_new = self.instance.pk is None
        self.initial["recipients"] = [viewer.pk] if is_new else list(self.instance.recipients.values_list("pk", flat=True))
        if not is_new:
            self.initial["weight_percent"] = round(Decimal(str(self.instance.min_weight)) * 100, 2)

    def _choices(self, name: str) -> forms.ModelChoiceField[Any]:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker what the class body says
        return field

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        same_name = AlertRule.objects.of(self.firm).filter(name=cleaned.get("name")).exclude(pk=self.instance.pk)
        if same_name.exists():
            self.add_error("name", "There is a rule of this name.")
        critical, least = cleaned.get("critical_impact"), cleaned.get("min_impact")
        if critical is not None and least is not None and critical <= least:
            self.add_error("critical_impact", "The critical step must be above the impact from which the rule alerts.")
        if "weight_percent" in cleaned:
            self.instance.min_weight = float(cleaned["weight_percent"] / 100)
        return cleaned

    def save(self, commit: bool = True) -> AlertRule:
        rule: AlertRule = forms.ModelForm.save(self, commit=False)
        rule.save()
        wanted = set(self.cleaned_data["recipients"])
        RuleRecipient.objects.filter(rule=rule).exclude(user__in=wanted).delete()
        RuleRecipient.objects.bulk_create(
            [RuleRecipient(firm=self.firm, rule=rule, user=user) for user in wanted], ignore_conflicts=True
        )
        return rule
