"""The sample firm: loaded once however often it is asked for, adding up, private, and gone without a trace when removed."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm, firm_scope
from alerts import matching
from alerts.models import Alert, AlertRule, Delivery
from config.sample import load_sample, remove_sample, sample_firm
from config.sample_sign_in import PASSWORD, SAMPLE_SIGN_IN
from portfolios.models import CashBalance, FxRate, Holding, Issuer, Listing, Portfolio, Price, Security
from portfolios.sample_files import rows
from research import analysis, feeds, ingest, reading
from research.models import Analysis, Source, Story
from research.sample import feed_xml, released
from tests.make import make_firm

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ALERTED = {"hon-hai", "super-micro", "sk-hynix", "amd", "tsmc", "nvidia"}


def firm_models() -> list[Any]:
    """Every model whose rows belong to a firm, those of later chapters too."""
    return [model for model in apps.get_models() if any(field.name == "firm" for field in model._meta.fields)]


def test_loading_twice_changes_nothing() -> None:
    first, second = load_sample(), load_sample()
    assert first.pop("created") is True
    assert second.pop("created") is False
    assert first == second
    assert first["people"] == 4
    assert first["portfolios"] == first["rules"] == 2
    assert first["holdings"] == len(rows("holdings"))
    assert first["prices"] == 60 * len(rows("prices"))


def test_what_people_changed_since_is_left_alone() -> None:
    load_sample()
    with every_firm():
        Portfolio.objects.filter(slug="asia-hardware-ai").update(name="Mine")
        AlertRule.objects.all().delete()
        Issuer.objects.filter(slug="hon-hai").update(sector="Corrected")
    assert load_sample()["rules"] == 0
    with every_firm():
        assert Portfolio.objects.get(slug="asia-hardware-ai").name == "Mine"
    assert Issuer.objects.get(slug="hon-hai").sector == "Corrected"


def test_people_can_sign_in_and_there_is_one_of_each_role() -> None:
    load_sample()
    user = User.objects.get(email=SAMPLE_SIGN_IN[0])
    assert user.check_password(PASSWORD)
    validate_password(PASSWORD, user)
    assert EmailAddress.objects.filter(user=user, email=user.email, verified=True, primary=True).exists()
    with every_firm():
        roles = dict(Membership.objects.values_list("user__name", "role"))
    visitor = {"Visitor": "visitor"}
    assert roles == {"Mei Chen": "analyst", "Jordan Ortiz": "portfolio_manager", "Priya Nair": "administrator"} | visitor
    assert len(set(User.objects.exclude(name="Visitor").values_list("time_zone", flat=True))) == 3


def test_market_values_and_cash_add_up_to_nav() -> None:
    load_sample()
    with every_firm():
        for portfolio in Portfolio.objects.all():
            cash = sum(
                balance.amount * (1 if balance.currency == "USD" else rate(balance.currency))
                for balance in CashBalance.objects.filter(portfolio=portfolio)
            )
            values = Holding.objects.filter(portfolio=portfolio).aggregate(total=Sum("market_value"), weight=Sum("weight"))
            assert portfolio.nav is not None
            assert abs(values["total"] + cash - portfolio.nav) < Decimal("0.5")
            assert values["weight"] == pytest.approx(1 - float(cash / portfolio.nav), abs=1e-6)
            assert str(portfolio.priced_on) == "2025-11-19"
            assert portfolio.price_source == "sample"
        weight = dict(Holding.objects.filter(portfolio__slug="asia-hardware-ai").values_list("issuer__slug", "weight"))
    assert weight["hon-hai"] == pytest.approx(0.041, abs=1e-3)
    assert weight["super-micro"] == pytest.approx(-0.016, abs=5e-4)


def rate(currency: str) -> Decimal:
    return FxRate.objects.filter(currency=currency).latest("date").usd


def test_source_follows_the_address_of_the_web_server(settings: Settings) -> None:
    for base_url in ("http://localhost:8000", "http://localhost:8123"):
        settings.BASE_URL = base_url
        load_sample()
        with every_firm():
            source = Source.objects.get(is_sample=True)
        assert source.url == f"{base_url}/sample/feed.xml"
        assert source.interval_seconds == 5


def test_no_other_firm_sees_the_sample() -> None:
    load_sample()
    other = Firm.objects.create(slug="other", name="Other")
    with firm_scope(other):
        assert not Source.objects.visible_to(other).exists()
        assert not Portfolio.objects.of(other).exists()
        assert not Source.objects.exists()
        assert not Holding.objects.exists()


def release(after: timedelta) -> None:
    """The stories that are out `after` the start, through the steps of the pipeline: from the feed's bytes to alerts."""
    with every_firm():
        source = Source.objects.get(is_sample=True)
    now = timezone.now()
    feed = feeds.parse(feed_xml(released(now - after, now), "http://localhost:8000"), None, source.url)
    read = reading.read_articles(ingest.store(source, feed.items).new)
    full = [analysis.analyse(story) for story in read.stories]
    matching.match_announced([*read.announcements, *(announced for announced in full if announced)])


def test_stories_become_alerts_for_the_people_of_the_firm() -> None:
    load_sample()
    release(timedelta(hours=1))
    with every_firm():
        first = Story.objects.get(title__startswith="OpenAI and Foxconn")
        assert first.current_analysis is not None
        assert first.current_analysis.engine == "recorded"
        assert first.current_analysis.dropped == []
        scores = first.current_analysis.readings.get(issuer__slug="hon-hai")
        assert scores.sentiment_score == pytest.approx(0.45)
        assert scores.market_impact_score == 0.35
        assert Story.objects.filter(current_analysis__lane="full").count() == 12
        assert not Analysis.objects.filter(lane="full").exclude(dropped=[]).exists()
        alerts = Alert.objects.exclude(status="corrected")
        assert set(alerts.values_list("issuer__slug", flat=True)) == {
            "hon-hai",
            "super-micro",
            "sk-hynix",
            "amd",
            "tsmc",
            "nvidia",
        }
        assert not Alert.objects.filter(story__title__startswith="Foxconn Industrial").exists()
        people = set(Delivery.objects.values_list("user__name", flat=True))
    assert people == {"Mei Chen", "Jordan Ortiz"}


def test_removed_with_its_news_and_alerts() -> None:
    load_sample()
    release(timedelta(seconds=10))
    counts = remove_sample()
    assert counts["stories"] == counts["articles"] == 1
    assert counts["alerts"] == 2
    assert counts["issuers_kept"] == 0
    assert rows_left() == {}


def rows_left() -> dict[str, int]:
    with every_firm():
        return {str(model): model._default_manager.count() for model in firm_models() if model._default_manager.exists()}


@pytest.mark.slow
def test_removed_without_a_trace_and_loaded_again() -> None:
    before = load_sample()
    counts = remove_sample()
    assert (counts["people"], counts["portfolios"], counts["sources"]) == (4, 2, 1)
    assert (counts["issuers"], counts["issuers_kept"]) == (before["issuers"], 0)
    assert rows_left() == {}
    assert not User.objects.exists()
    assert not Firm.objects.exists()
    assert not Price.objects.exists()
    assert not Issuer.objects.exists()
    assert load_sample() == before


def test_what_a_real_firm_holds_stays() -> None:
    load_sample()
    other = Firm.objects.create(slug="other", name="Other")
    with every_firm():
        held = Holding.objects.filter(issuer__slug="hon-hai")[0]
        portfolio = Portfolio.objects.create(firm=other, slug="real", name="Real")
        Holding.objects.create(firm=other, portfolio=portfolio, security=held.security, issuer=held.issuer, quantity=10)
        Membership.objects.create(firm=other, user=User.objects.get(name="Jordan Ortiz"), role=Membership.Role.ANALYST)
    counts = remove_sample()
    assert counts["issuers_kept"] == 1
    assert counts["people"] == 3
    assert [issuer.slug for issuer in Issuer.objects.all()] == ["hon-hai"]
    with firm_scope(other):
        assert Holding.objects.of(other).count() == 1


def test_an_issuer_with_a_price_from_elsewhere_stays() -> None:
    load_sample()
    listing = Listing.objects.get(mic="XTAI", ticker="2317")
    Price.objects.create(listing=listing, date=date(2025, 11, 20), close=240, source="exchange")
    security = Security.objects.create(issuer=Issuer.objects.get(slug="nvidia"), name="NVIDIA notes", currency="USD")
    assert remove_sample()["issuers_kept"] == 2
    assert list(Price.objects.values_list("source", flat=True)) == ["exchange"]
    assert Security.objects.filter(pk=security.pk).exists()


def test_removing_nothing() -> None:
    assert set(remove_sample().values()) == {0}


@pytest.mark.parametrize("command", ["load_sample", "remove_sample"])
def test_commands_print_one_json_object(command: str) -> None:
    out = StringIO()
    call_command(command, stdout=out)
    assert isinstance(json.loads(out.getvalue()), dict)


def test_a_start_brings_the_sample_to_an_empty_installation_alone(across_firms: None) -> None:
    call_command("load_sample", first=True, stdout=StringIO())
    assert sample_firm() is not None
    remove_sample()
    make_firm("Northlake Capital")
    call_command("load_sample", first=True, stdout=StringIO())
    assert sample_firm() is None, "what was removed stays away where a firm works"
