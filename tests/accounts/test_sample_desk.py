"""The sample desk: anybody comes in, nobody changes anything."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.limits import allow
from accounts.middleware import OPEN_TO_VISITORS, PUBLIC
from accounts.models import Firm, Limit, Membership, User
from accounts.sample_desk import MOST_IN_ALL, MOST_PER_ADDRESS, VISITOR, WINDOW
from accounts.scope import every_firm
from alerts.forms import RuleForm
from config.sample import load_sample
from tests.cast import Cast, signed_in
from tests.config.test_walls import OBJECTS, PAGES
from tests.estate import make_estate
from tests.make import PASSWORD, make_firm, make_member

pytestmark = pytest.mark.django_db
ACCOUNT = (
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
)


@pytest.fixture
def sample(db: None) -> Firm:
    with every_firm():
        firm = make_firm("Sample desk", is_sample=True)
        make_member(firm, Membership.Role.VISITOR, email=VISITOR, name="Visitor")
        return firm


@pytest.fixture
def visitor(sample: Firm) -> Client:
    client = Client()
    client.post(reverse("accounts:sample_desk"))
    return client


def test_a_visitor_lands_on_today_and_starts_the_news(client: Client, sample: Firm) -> None:
    response = client.post(reverse("accounts:sample_desk"))
    assert (response.status_code, response["Location"]) == (302, reverse("alerts:today"))
    assert client.get("/today/").status_code == 200
    sample.refresh_from_db()
    assert sample.sample_started_at is not None
    assert Session.objects.get().expire_date < timezone.now() + timedelta(hours=5)


def test_without_a_sample_firm_the_page_says_so(client: Client) -> None:
    response = client.post(reverse("accounts:sample_desk"))
    assert response.status_code == 404
    assert "no sample desk" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_only_the_visitor_of_a_sample_firm_is_signed_in(client: Client) -> None:
    with every_firm():
        make_member(make_firm(), Membership.Role.VISITOR, email=VISITOR)
    assert client.post(reverse("accounts:sample_desk")).status_code == 404


def test_ten_an_hour_from_one_address(sample: Firm) -> None:
    answers = [
        Client().post(reverse("accounts:sample_desk"), headers={"X-Forwarded-For": f"1.2.3.{number}"}).status_code
        for number in range(MOST_PER_ADDRESS + 1)
    ]
    assert answers == [302] * MOST_PER_ADDRESS + [429]


def test_so_many_an_hour_in_all(client: Client, sample: Firm) -> None:
    assert allow("sample-desk", "all", MOST_IN_ALL, WINDOW)
    Limit.objects.filter(key="sample-desk:all").update(count=MOST_IN_ALL)
    response = client.post(reverse("accounts:sample_desk"))
    assert response.status_code == 429
    assert "full" in response.content.decode()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://testserver.evil.example", "http://[bad"])
def test_another_site_cannot_send_a_browser_in(client: Client, sample: Firm, origin: str) -> None:
    response = client.post(reverse("accounts:sample_desk"), headers={"Origin": origin})
    assert response["Location"] == reverse("accounts:landing")
    assert "_auth_user_id" not in client.session


def test_whoever_is_signed_in_stays_who_they_are(cast: Cast, sample: Firm) -> None:
    client = signed_in(cast.alice)
    assert client.post(reverse("accounts:sample_desk"))["Location"] == reverse("alerts:today")
    assert client.session["_auth_user_id"] == str(cast.alice.pk)


def every_row() -> dict[str, list[Any]]:
    """All there is in the database, but for sessions and limits."""
    with every_firm():
        return {
            model._meta.label: sorted(map(repr, model._default_manager.values_list()))
            for model in apps.get_models()
            if model not in (Session, Limit)
        }


@pytest.mark.slow
def test_a_visitor_is_refused_whatever_would_change_something(visitor: Client, sample: Firm) -> None:
    with every_firm():
        estate = make_estate(sample)
    urls = {name: reverse(name) for name in PAGES} | {
        name: reverse(name, kwargs=arguments(estate)) for name, arguments in OBJECTS.items()
    }
    urls |= {name: reverse(name) for name in ACCOUNT}
    before = every_row()
    for name, url in urls.items():
        if url.startswith((*PUBLIC, *OPEN_TO_VISITORS)):
            continue
        for method in ("post", "delete"):
            response = getattr(visitor, method)(url)
            assert response.status_code == 403, (name, method)
            assert "sample desk is for looking" in response.content.decode()
    assert every_row() == before


def test_a_script_that_is_refused_is_sent_where_it_says_why(visitor: Client) -> None:
    refused = visitor.post("/alerts/1/acknowledgement/", headers={"HX-Request": "true"})
    assert refused.status_code == 403
    assert "sample desk is for looking" in visitor.get(refused["HX-Redirect"]).content.decode()


def test_a_visitor_is_no_one_to_be_told_of_alerts(sample: Firm) -> None:
    with every_firm():
        analyst = make_member(sample)
        form = RuleForm(firm=sample, viewer=analyst.user)
        offered = str(form["recipients"])
    assert analyst.user.email in offered
    assert "Visitor" not in offered


@pytest.mark.slow
def test_opening_any_page_writes_nothing(visitor: Client, sample: Firm) -> None:
    with every_firm():
        estate = make_estate(sample)
    before = every_row()
    for name, arguments in OBJECTS.items():
        assert visitor.get(reverse(name, kwargs=arguments(estate))).status_code < 500, name
    for name in PAGES:
        assert visitor.get(reverse(name)).status_code < 500 or name == "status", name
    assert every_row() == before


def test_the_database_itself_takes_nothing_from_a_visitor(visitor: Client) -> None:
    modes: list[str] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "alerts_alert" in sql and not modes:
            with connection.cursor() as cursor:
                modes.append("asked")
                cursor.execute("SHOW transaction_read_only")
                modes.append(cursor.fetchone()[0])
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        visitor.get("/today/")
    assert modes == ["asked", "on"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)


def test_the_account_that_all_visitors_share_has_no_pages(visitor: Client) -> None:
    for name in ACCOUNT:
        assert visitor.get(reverse(name)).status_code == 403, name


def test_a_visitor_is_told_so_and_is_offered_nothing_that_changes_something(visitor: Client, sample: Firm) -> None:
    with every_firm():
        make_estate(sample)
    for url in ("/today/", "/alerts/", "/portfolios/", "/portfolios/zirconium-book/", "/rules/"):
        page = visitor.get(url).content.decode()
        assert "look at everything, change nothing" in page
        assert page.count('method="post"') == 1, f"{url}: to sign out and nothing else"
        assert '/new/"' not in page, url
        assert "/import/" not in page, url


def test_a_visitor_may_leave_and_ask_for_a_demo(visitor: Client) -> None:
    assert visitor.post(reverse("accounts:demo"), {"name": "Dana"}).status_code == 422
    assert visitor.post(reverse("account_logout")).status_code == 302
    assert "_auth_user_id" not in visitor.session


def test_the_visitor_of_the_loaded_sample_comes_in_here_and_nowhere_else(client: Client) -> None:
    load_sample()
    user = User.objects.get(email=VISITOR)
    assert not user.has_usable_password()
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": VISITOR, "password": PASSWORD})
    assert "_auth_user_id" not in client.session, "as if somebody had got hold of a link to set one"
    assert client.post(reverse("accounts:sample_desk"))["Location"] == reverse("alerts:today")
    assert client.get("/today/").status_code == 200


@pytest.mark.parametrize("path", ["/privacy/", "/terms/", "/news/", "/robots.txt"])
def test_pages_for_everybody_know_no_cookie(path: str, cast: Cast) -> None:
    for client in (Client(), signed_in(cast.alice)):
        response = client.get(path)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")
