"""Where people disagree with a score, and take that back."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import FirmRequest, member_required
from research import disagreements
from research.access import access_story
from research.correction_views import may_correct


class DisagreementForm(forms.Form):
    """A person's own scores: at least one of the two, and why."""

    sentiment = forms.FloatField(
        label="Sentiment, −1 to 1",
        required=False,
        min_value=-1,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "text"}),
        help_text="Leave empty what you do not dispute.",
    )
    impact = forms.FloatField(
        label="Market impact, 0 to 1",
        required=False,
        min_value=0,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "decimal"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput())  # of the reading that the person had before them
    reason = forms.CharField(label="Why", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> None:
        super().clean()
        if not self.errors and self.cleaned_data.get("sentiment") is None and self.cleaned_data.get("impact") is None:
            raise forms.ValidationError("Give a sentiment, an impact, or both.")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def disagreement(request: FirmRequest, pk: int) -> HttpResponse:
    """A score of one's own, beside ours."""
    may_correct(request)
    story = access_story(request.firm, pk)
    primary = story.current_analysis.primary_reading if story.current_analysis else None
    version = story.current_analysis.version if story.current_analysis else None
    form = DisagreementForm(request.POST if request.method == "POST" else None, initial={"version": version})
    if form.is_valid():
        said = form.cleaned_data
        if said["version"] not in (None, version):
            messages.warning(request, "A newer reading has come in meanwhile. Look at it first: your score was not taken.")
            return redirect(f"{story.get_absolute_url()}#scores")
        try:
            disagreements.disagree(
                request.membership, story, sentiment=said["sentiment"], impact=said["impact"], reason=said["reason"]
            )
        except disagreements.NotTaken as error:
            form.add_error(None, f"{error}")
        else:
            messages.success(request, "Your score stands beside ours, for your firm. Rules go on using ours.")
            return redirect(f"{story.get_absolute_url()}#scores")
    context = {"story": story, "primary": primary, "form": form}
    return render(request, "research/disagreement.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_required
def disagreement_undo(request: FirmRequest, pk: int) -> HttpResponse:
    """One's own score of that story, withdrawn."""
    may_correct(request)
    story = access_story(request.firm, pk)
    if disagreements.withdraw(request.membership, story):
        messages.success(request, "Your score was withdrawn.")
    else:
        messages.info(request, "You have no score of your own on this story.")
    return redirect(f"{story.get_absolute_url()}#scores")
