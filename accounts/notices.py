"""A page that says one thing, and what to do about it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def notice(
    request: HttpRequest, title: str, text: str, *, status: int, link: str = "/", label: str = "Go to the first page"
) -> HttpResponse:
    """`link` with its `label` is what most people will want to do next."""
    context = {"title": title, "text": text, "link": link, "label": label}
    return render(request, "accounts/notice.html", context, status=status)
