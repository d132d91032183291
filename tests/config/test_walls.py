"""The two walls between firms: scoped queries, and row-level security for when a query forgets its scope."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from psycopg import sql

from accounts.models import Invitation, Membership
from accounts.scope import every_firm, firm_scope
from alerts.models import Alert, AlertRule
from portfolios.models import Portfolio, Upload
from research.models import Correction, Reading, ReadRequest, Story
from tests.cast import Cast
from tests.estate import SECRET, firm_models, make_estate

pytestmark = pytest.mark.slow

Estate = dict[type[Model], Any]
BY_MODEL = pytest.mark.parametrize("model", firm_models(), ids=lambda model: model._meta.label)

# How to ask for an object of a firm: every address with something in it to fill in.
OBJECTS: dict[str, Callable[[Estate], dict[str, Any]]] = {
    "portfolios:portfolio": lambda estate: {"slug": estate[Portfolio].slug},
    "portfolios:holdings": lambda estate: {"slug": estate[Portfolio].slug},
    "portfolios:import": lambda estate: {"slug": estate[Portfolio].slug},
    "portfolios:upload": lambda estate: {"slug": estate[Portfolio].slug, "pk": estate[Upload].pk},
    "portfolios:upload_application": lambda estate: {"slug": estate[Portfolio].slug, "pk": estate[Upload].pk},
    "research:story": lambda estate: {"pk": estate[Story].pk},
    "research:story_version": lambda estate: {"pk": estate[Story].pk, "version": 1},
    "research:disagreement": lambda estate: {"pk": estate[Story].pk},
    "research:disagreement_undo": lambda estate: {"pk": estate[Story].pk},
    "research:missing_company": lambda estate: {"pk": estate[Story].pk},
    "research:wrong_company": lambda estate: {"pk": estate[Story].pk, "slug": estate[Reading].issuer.slug},
    "research:read_request": lambda estate: {"pk": estate[ReadRequest].pk},
    "research:read_retry": lambda estate: {"pk": estate[ReadRequest].pk},
    "research:correction_undo": lambda estate: {"pk": estate[Correction].pk},
    "alerts:acknowledge": lambda estate: {"pk": estate[Alert].pk},
    "alerts:rule": lambda estate: {"pk": estate[AlertRule].pk},
    "accounts:withdraw": lambda estate: {"pk": estate[Invitation].pk},
}
MISSING: dict[str, Any] = {"slug": "no-such-thing", "pk": 987_654_321, "version": 987_654_321}
# Addresses that name no object. What they show to Charlie must not be Alice's.
PAGES = {
    "accounts:landing",
    "accounts:demo",
    "accounts:demo_sent",
    "accounts:demo_again",
    "accounts:how_scores_work",
    "accounts:privacy",
    "accounts:terms",
    "accounts:security",
    "accounts:security_txt",
    "accounts:sample_desk",
    "accounts:team",
    "accounts:theme",
    "portfolios:list",
    "portfolios:new",
    "research:sample_feed",
    "research:news",
    "research:news_feed",
    "research:companies",
    "research:corrections",
    "research:read",
    "research:unknown_names",
    "research:dismissals",
    "research:costs",
    "research:cost_export",
    "research:models",
    "research:model_approval",
    "research:sitemap",
    "research:robots",
    "research:api_articles",
    "research:model_probe",
    "alerts:today",
    "alerts:today_alerts",
    "alerts:today_new",
    "alerts:alerts",
    "alerts:rules",
    "alerts:rule_new",
    "status",
    "csp_report",
    "mail",
}
# What staff have published is everybody's; that nothing of a firm is published stands in tests/research/test_published.py.
PUBLISHED = ("research:news_story", "research:news_card")
# Companies are everybody's; what their pages say of a firm stands in tests/research/test_companies.py. Verdicts are staff's.
MASTER = ("research:company", "research:company_join", "research:correction_verdict", "research:correction_revocation")
# Not a firm's: allauth's pages are about the person who asks, an invitation and a demo request are shown to whoever has the
# link (their own tests say to whom it does what), and the mail viewer is for embedded servers alone.
ELSEWHERE = ("admin:", "account_", "mfa_", "accounts:invitation", "accounts:demo_confirm", "mail_message", *MASTER, *PUBLISHED)


@pytest.fixture
def estate(cast: Cast) -> Estate:
    with every_firm():
        return make_estate(cast.firm)


def count(model: type[Model]) -> int:
    """Rows seen by a query that names no firm, not even through the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(model._meta.db_table)))
        (number,) = cursor.fetchone()
        return int(number)


# --- The second wall: the database.


def test_the_estate_has_a_row_of_every_kind(estate: Estate) -> None:
    assert sorted(model._meta.label for model in estate) == [model._meta.label for model in firm_models()]


@pytest.mark.django_db
def test_every_table_of_a_firm_is_policed_and_the_application_cannot_pass() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'firm_id'"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity"
            " AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) AND NOT pg_has_role(c.relowner, 'MEMBER')"
        )
        policed = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
    assert policed == {model._meta.db_table for model in firm_models()}


@BY_MODEL
def test_a_query_that_forgot_its_scope_gets_nothing(estate: Estate, model: type[Model]) -> None:
    assert count(model) == 0
    assert not model._default_manager.filter(pk=estate[model].pk).exists()


@BY_MODEL
def test_another_firm_sees_changes_and_deletes_nothing(cast: Cast, estate: Estate, model: type[Model]) -> None:
    row = estate[model]
    with firm_scope(cast.other_firm):
        assert not model._default_manager.filter(firm=cast.firm).exists()
        assert model._default_manager.filter(pk=row.pk).update(firm=cast.other_firm) == 0
        with connection.cursor() as cursor:
            table, key = sql.Identifier(model._meta.db_table), sql.Identifier(model._meta.pk.attname)
            cursor.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(table, key), [row.pk])
            assert cursor.rowcount == 0
    with firm_scope(cast.firm):
        assert model._default_manager.filter(pk=row.pk).exists()


@BY_MODEL
def test_another_firm_can_put_nothing_here(cast: Cast, estate: Estate, model: type[Model]) -> None:
    row = estate[model]
    for firm in (cast.firm, None):
        if firm is None and not model._meta.get_field("firm").null:
            continue
        row.pk, row.firm = None, firm
        with pytest.raises(ProgrammingError, match="violates row-level security"), firm_scope(cast.other_firm):
            row.save(force_insert=True)


@BY_MODEL
def test_a_row_cannot_be_given_away(cast: Cast, estate: Estate, model: type[Model]) -> None:
    row = estate[model]
    with pytest.raises(ProgrammingError, match="violates row-level security"), firm_scope(cast.firm):
        model._default_manager.filter(pk=row.pk).update(firm=cast.other_firm)


def test_public_rows_are_read_by_every_firm_and_changed_by_none(cast: Cast) -> None:
    with every_firm():
        story = Story.objects.create(title="Everybody's", received_at="2025-11-20T08:00Z")
    assert count(Story) == 1
    with firm_scope(cast.firm):
        assert Story.objects.filter(pk=story.pk).exists()
    with pytest.raises(ProgrammingError, match="violates row-level security"), firm_scope(cast.firm):
        Story.objects.filter(pk=story.pk).update(title="Mine")


def memberships() -> set[str]:
    return set(Membership.objects.values_list("user__name", flat=True))


def test_scopes_nest_and_come_back(cast: Cast) -> None:
    theirs, ours, everybody = {"Charlie Cole"}, {"Alice Ahn", "Bob Bauer"}, {"Alice Ahn", "Bob Bauer", "Charlie Cole"}
    with firm_scope(cast.firm):
        with firm_scope(cast.other_firm):
            assert memberships() == theirs
            with every_firm():
                assert memberships() == everybody
            assert memberships() == theirs
        assert memberships() == ours
    assert memberships() == set()


def test_an_exception_leaves_the_outer_scope_as_it_was(cast: Cast) -> None:
    with firm_scope(cast.firm):
        with pytest.raises(RuntimeError), firm_scope(cast.other_firm), every_firm():
            raise RuntimeError
        assert memberships() == {"Alice Ahn", "Bob Bauer"}
    with pytest.raises(RuntimeError), every_firm():
        raise RuntimeError
    assert memberships() == set()


@pytest.mark.django_db(transaction=True)
def test_the_setting_ends_with_its_transaction(cast: Cast) -> None:
    with firm_scope(cast.firm):
        assert len(memberships()) == 2
    with connection.cursor() as cursor:
        # Not NULL any more, as it was before the first scope of this connection: the policy must know both.
        cursor.execute("SELECT current_setting('app.firm', true), current_setting('app.every_firm', true)")
        assert cursor.fetchone() == ("", "")
    assert memberships() == set()
    with transaction.atomic():
        assert memberships() == set()


# --- The first wall: what pages ask for.


def named_urls(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_urls(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


def test_every_address_is_in_one_of_the_tables() -> None:
    urls = {name: pattern for name, pattern in named_urls(get_resolver()) if not name.startswith(ELSEWHERE)}
    assert {name for name, pattern in urls.items() if pattern.pattern.converters} == set(OBJECTS)
    assert {name for name, pattern in urls.items() if not pattern.pattern.converters} == PAGES


def ask(client: Client, method: str, url: str) -> HttpResponse:
    response: HttpResponse = getattr(client, method)(url)
    return response


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", OBJECTS)
def test_charlie_gets_404_as_if_it_did_not_exist(
    bob_client: Client, charlie_client: Client, estate: Estate, name: str, method: str
) -> None:
    url = reverse(name, kwargs=OBJECTS[name](estate))
    own = ask(bob_client, method, url)
    refused = ask(charlie_client, method, url)
    missing = ask(charlie_client, method, reverse(name, kwargs={key: MISSING[key] for key in OBJECTS[name](estate)}))
    # An address that does not take the method says so to everybody, before it looks for anything. Bob's role may not do all.
    assert own.status_code in (200, 302, 403, 405, 422)
    assert refused.status_code == (405 if own.status_code == 405 else 404)
    assert refused.content == missing.content


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_page_of_charlie_shows_anything_of_alice(charlie_client: Client, estate: Estate, name: str) -> None:
    for response in (ask(charlie_client, "get", reverse(name)), ask(charlie_client, "post", reverse(name))):
        assert SECRET.lower() not in response.content.decode().lower()
        assert "northlake" not in response.content.decode().lower()


@contextmanager
def second_wall_down(owner: psycopg.Connection) -> Iterator[None]:
    def switch(how: str) -> None:
        for model in firm_models():
            table = sql.Identifier(model._meta.db_table)
            owner.execute(sql.SQL("ALTER TABLE {} {} ROW LEVEL SECURITY").format(table, sql.SQL(how)))

    switch("DISABLE")
    try:
        yield
    finally:
        switch("ENABLE")


@pytest.mark.django_db(transaction=True)
def test_pages_hold_without_the_second_wall(
    owner: psycopg.Connection, bob_client: Client, charlie_client: Client, estate: Estate
) -> None:
    open_to_charlie = []
    with second_wall_down(owner):
        assert count(Portfolio) == 1, "the wall still stands: this test would prove nothing"
        for name, arguments in OBJECTS.items():
            for method in ("get", "post"):
                response = ask(charlie_client, method, reverse(name, kwargs=arguments(estate)))
                if response.status_code not in (404, 405):
                    open_to_charlie.append((name, method, response.status_code))
        for name in PAGES:
            response = ask(charlie_client, "get", reverse(name))
            if SECRET.lower() in response.content.decode().lower():
                open_to_charlie.append((name, "get", response.status_code))
        assert SECRET in ask(bob_client, "get", reverse("alerts:rules")).content.decode()
    assert open_to_charlie == []


def test_charlie_cannot_watch_alices_portfolio(charlie_client: Client, cast: Cast, estate: Estate) -> None:
    rule = {
        "name": "Theirs",
        "portfolio": estate[Portfolio].pk,
        "recipients": [cast.alice.pk],
        "min_impact": 0.3,
        "min_sentiment": 0.3,
        "min_relevance": 50,
        "weight_percent": 1,
        "patience_seconds": 60,
        "max_age_hours": 24,
    }
    response = charlie_client.post(reverse("alerts:rule_new"), rule)
    assert response.status_code == 422
    assert set(response.context["form"].errors) >= {"portfolio", "recipients"}
    with every_firm():
        assert not AlertRule.objects.of(cast.other_firm).exists()
