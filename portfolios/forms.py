from django import forms


class HoldingsForm(forms.Form):
    # An empty file is refused like any other, with its reason.
    file = forms.FileField(
        label="Holdings file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        error_messages={"required": "Choose the file to import."},
    )
