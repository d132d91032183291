"""The pages of what the model costs and which model may read: for staff, for a firm's administrators, and for nobody else."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.scope import every_firm
from portfolios.bars import bar_chart, share_bar
from portfolios.charts import NARROW, WIDE
from research import approvals, costs, model_card, spending
from research.budget import Caps
from research.models import FirmBudget, ModelApproval, ModelCall, Source, Spend
from tests.cast import Cast, signed_in
from tests.make import make_analysis, make_source, make_story

pytestmark = pytest.mark.django_db


def make_call(**fields: Any) -> ModelCall:
    firm = fields.get("firm")
    name = f"Wire of {firm.name if firm else 'everybody'}"
    defaults = {
        "story": make_story(firm=firm),
        "source": fields.get("source") or Source.objects.filter(name=name).first() or make_source(firm, name=name),
        "model": "gpt-4o-mini",
        "answered_by": "gpt-4o-mini-2024",
        "prompt_version": "abc",
        "day": spending.today(),
        "expires_at": Now(),
        "settled_at": Now(),
        "outcome": "answered",
        "tokens_in": 1000,
        "tokens_out": 100,
        "cost": Decimal("0.25"),
        "is_estimated": False,
        "latency_ms": 800,
    }
    return ModelCall.objects.create(**{**defaults, **fields})


@pytest.fixture
def staff(cast: Cast) -> Client:
    with every_firm():
        person = User.objects.get(pk=cast.bob.pk)
        person.is_staff = person.is_superuser = True
        person.save()
    return signed_in(person)


def text(client: Client, url: str = "/costs/") -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(re.sub(r"<(?!/?(?:td|th))[^>]+>", " ", response.content.decode()).split())


def test_those_who_look_after_it_see_it_and_nobody_else(
    cast: Cast, staff: Client, alice_client: Client, charlie_client: Client
) -> None:
    for url in ("/costs/", "/costs/export.csv", "/models/"):
        assert alice_client.get(url).status_code == 403
        assert staff.get(url).status_code == charlie_client.get(url).status_code == 200
    assert charlie_client.post("/models/approvals/").status_code == 403
    assert 'href="/costs/"' in charlie_client.get("/today/").content.decode()
    assert 'href="/costs/"' not in alice_client.get("/today/").content.decode()


def test_staff_see_all_and_an_administrator_their_own_firm(cast: Cast, staff: Client, charlie_client: Client) -> None:
    with every_firm():
        make_call()
        make_call(firm=cast.firm, model="zirconium", cost=None, is_estimated=True)
        make_call(firm=cast.other_firm, cost=Decimal("0.5"))
        FirmBudget.objects.create(firm=cast.firm, daily_tokens=987_654)
    all_of_it = text(staff)
    for shown in ("zirconium", "Northlake Capital", "Harbour Partners", "Wire of everybody", "$0.75", "987,654 tokens"):
        assert shown in all_of_it
    own = text(charlie_client)
    assert "Wire of Harbour Partners" in own
    assert "$0.50" in own
    for hidden in ("zirconium", "Northlake", "everybody", "987,654"):
        assert hidden not in own
    exported = charlie_client.get("/costs/export.csv").content.decode()
    assert "Harbour" in exported
    assert "Northlake" not in exported
    assert "zirconium" not in exported
    assert "zirconium" not in text(charlie_client, "/models/")


def test_what_is_not_measured_is_not_shown_as_nothing(cast: Cast, staff: Client) -> None:
    with every_firm():
        make_call(cost=None)
    page = text(staff)
    assert re.search(r"Cost n/a Requests 1 ", page)
    assert "By day Tokens" in page


def test_limits_are_shown_against_what_was_taken(cast: Cast, staff: Client, settings: LazySettings) -> None:
    settings.MODEL_CAPS = Caps(day_tokens=1000, month_cost=Decimal(10))
    with every_firm():
        Spend.objects.create(day=spending.today(), tokens=1000, cost=Decimal("8.50"))
    page = text(staff)
    assert "1,000 tokens" in page
    assert "Spent: word rules read" in page
    assert "$8.50" in page
    assert "Nearly spent" in page
    assert "100%" in page


def test_a_month_that_is_over_has_its_page_and_a_strange_one_is_this_one(cast: Cast, staff: Client) -> None:
    with every_firm():
        make_call(day=date(2026, 2, 28), model="of-february")
    assert "of-february" in text(staff, "/costs/?month=2026-02")
    for month in ("2026-03", "x", "2026-13", "9999-12", "0001-01"):
        assert "of-february" not in text(staff, f"/costs/?month={month}")
    assert "No model was asked in March 2026." in text(staff, "/costs/?month=2026-03")


def test_the_export_guards_what_a_spreadsheet_would_run(cast: Cast, staff: Client) -> None:
    with every_firm():
        make_call(source=make_source(name="=HYPERLINK(1)"), cost=None)
        make_call(source=make_source(name="Wire"), cost=Decimal("1.5"))
    response = staff.get("/costs/export.csv")
    head, *rows = csv.reader(io.StringIO(response.content.decode()))
    cells = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["source"], row["cost_usd"], row["requests_without_price"]) for row in cells] == [
        ("'=HYPERLINK(1)", "", "1"),
        ("Wire", "1.500000", "0"),
    ]


def test_the_pages_take_as_many_queries_for_many_as_for_few(cast: Cast, staff: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            text(staff, url)
        return len(captured)

    with every_firm():
        make_call()
        approvals.approve(cast.bob)
    text(staff)  # what is looked up once
    few = [queries("/costs/"), queries("/models/")]
    with every_firm():
        for number in range(6):
            make_call(model=f"model-{number}", day=spending.today() - timedelta(days=number))
            approvals.approve(cast.bob)
    assert [queries("/costs/"), queries("/models/")] == few
    assert max(few) < 30


# --- The model card


def test_the_card_has_the_figures_of_a_model_and_its_prompt(cast: Cast, staff: Client) -> None:
    with every_firm():
        ModelApproval.objects.create(model="gpt-4o-mini", prompt_version="abc", endpoint="api.example", note="first start")
        first = make_call(latency_ms=500)
        make_call(story=first.story, is_repair=True, latency_ms=700)
        make_call(outcome="refused", latency_ms=None, cost=Decimal("0.10"), answered_by="")
        make_analysis(
            first.story, model="gpt-4o-mini-2024", prompt_version="abc", dropped=[{"kind": "quote"}, {"kind": "number"}]
        )
        make_call(prompt_version="another")
    page = text(staff, "/models/")
    for shown in (
        "nobody: first start",
        "3, about 2 stories",
        "600 ms",
        "$0.3000",
        "0 quotes kept, 2 left out or marked, in 1 reading",
    ):
        assert shown in page


def test_the_card_marks_what_reads_and_not_the_newest_entry(across_firms: None, settings: LazySettings) -> None:
    settings.OPENAI_MODEL = "gpt-4o-mini"
    approvals.require()
    approvals.write_down("0" * 12)
    assert [(entry.approval.note, entry.is_current) for entry in model_card.entries()] == [
        ("by manage.py rescore --prompt", False),
        ("first start", True),
    ]
    settings.OPENAI_MODEL = "another"
    assert not any(entry.is_current for entry in model_card.entries())


def test_a_change_is_approved_on_the_page_once_and_only_as_it_was_shown(
    cast: Cast, staff: Client, settings: LazySettings
) -> None:
    settings.MODEL_CONFIGURED = True
    with every_firm():
        approvals.require()
    assert "Waits for approval" not in text(staff, "/models/")
    settings.OPENAI_MODEL = "another"
    assert "Waits for approval" in text(staff, "/models/")
    assert "is not approved yet" in text(staff)
    now = approvals.configured()
    shown = {"model": now.model, "prompt": now.prompt_version, "note": "Compared."}
    for wrong in ({**shown, "model": "gpt-4o-mini"}, {**shown, "note": "x" * 301}, {}):
        assert "Nothing was approved" in " ".join(staff.post("/models/approvals/", wrong, follow=True).content.decode().split())
    for _ in range(2):
        staff.post("/models/approvals/", shown)
    first, second = ModelApproval.objects.order_by("pk")
    assert (first.note, second.note, second.approved_by) == ("first start", "Compared.", cast.bob)
    assert "Compared." in text(staff, "/models/")


# --- The drawings


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_bars_keep_within_their_box_and_say_what_they_show(size: Any) -> None:
    values = [None, 0.0, 1e-9, 3.0, *[1.0] * 27]
    svg = bar_chart(values, [f"{n} Nov" for n in range(31)], 'A "quoted" one', size=size, said=lambda level: f"${level:g}")
    assert "A &quot;quoted&quot; one" in svg
    bars = re.findall(r'class="g-ink" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    assert len(bars) == 29
    for x, y, width, height in (map(float, bar) for bar in bars):
        assert 0 <= x <= size.width - width
        assert 0 <= y <= y + height <= size.height
    assert 'width="120.0"' in share_bar(7.5)
    assert 'width="0.0"' in share_bar(-1)


def test_days_without_a_request_are_days_too() -> None:
    with every_firm():
        make_call(day=date(2026, 2, 27))
        rows = costs.rows_by_day(costs.calls_of(None, date(2026, 2, 1)), date(2026, 2, 1), date(2026, 3, 9))
    assert len(rows) == 28
    assert [at.day for at, row in rows if row] == [27]
