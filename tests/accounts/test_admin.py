"""The administration pages: staff alone, every list and form opens, quarantine has a way out, a key is shown once."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import demo
from accounts.admin import WorkAdmin
from accounts.models import ApiToken, DemoRequest, Firm, OutgoingMail, User
from accounts.scope import every_firm
from accounts.work import State, WorkRow
from config.celery import app
from research.models import Publication
from tests.cast import Cast, signed_in
from tests.estate import SECRET, make_estate
from tests.make import make_story, make_user

pytestmark = pytest.mark.slow

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=|javascript:")
WORK = [model for model in REGISTERED if issubclass(model, WorkRow)]


def label(model: type[Model]) -> str:
    return model._meta.label


@pytest.fixture
def staff(db: None) -> User:
    return make_user("sam@bellwether.example", name="Sam Staff", is_staff=True, is_superuser=True)


@pytest.fixture
def staff_client(staff: User) -> Client:
    return signed_in(staff)


@pytest.fixture
def estate(cast: Cast) -> dict[type[Model], Any]:
    with every_firm():
        DemoRequest.objects.create(
            firm_name="Ito", name="Ada", email="ada@ito.example", consented_at="2025-11-20T08:00Z", note="Hello"
        )
        mail = OutgoingMail.objects.create(kind="account", to="ada@ito.example", subject="Hello", text="Nobody reads this here.")
        estate = make_estate(cast.firm)
        publication = Publication.objects.create(story=make_story("Everybody's"), slug="everybodys")
        return estate | {OutgoingMail: mail, Publication: publication}


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_every_list_and_form_opens_and_keeps_to_the_policy(
    staff_client: Client, estate: dict[type[Model], Any], model: type[Model]
) -> None:
    with every_firm():
        row = model._default_manager.first()
    pages = [url(model, "changelist")]
    pages += [url(model, "change", row.pk)] if row else []
    pages += [url(model, "add")] if admin.site._registry[model].has_add_permission(_request(staff_client)) else []
    for page in pages:
        response = staff_client.get(page)
        assert response.status_code == 200
        assert not INLINE.search(response.content.decode()), page


def _request(client: Client) -> Any:
    return client.get("/admin/").wsgi_request


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_a_member_of_a_firm_sees_none_of_it(charlie_client: Client, model: type[Model]) -> None:
    response = charlie_client.get(url(model, "changelist"))
    assert response.status_code in (302, 403)
    assert SECRET not in response.content.decode()


def test_every_queue_has_its_page() -> None:
    assert {model.__name__ for model in WORK} == {
        "Article",
        "Story",
        "Announcement",
        "Candidate",
        "Correction",
        "Delivery",
        "OutgoingMail",
    }


@pytest.mark.parametrize("model", WORK, ids=label)
def test_what_is_in_quarantine_is_found_and_put_back_to_work(
    staff_client: Client, estate: dict[type[Model], Any], model: type[WorkRow], django_capture_on_commit_callbacks: Any
) -> None:
    row = estate[model]
    with every_firm():
        model._default_manager.update(state=State.QUARANTINED, attempts=3, error="The text has no end.")
    page = staff_client.get(url(model, "changelist"), {"state__exact": "quarantined"}).content.decode()
    assert "The text has no end." in page
    assert "The text has no end." not in staff_client.get(url(model, "changelist"), {"state__exact": "done"}).content.decode()

    with django_capture_on_commit_callbacks() as rung:
        done = staff_client.post(
            url(model, "changelist"), {"action": "put_back_to_work", "_selected_action": [row.pk]}, follow=True
        )
    assert "1 put back to work." in done.content.decode()
    with every_firm():
        row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == (State.WAITING, 0, "")
    step = admin.site._registry[model].step  # type: ignore[attr-defined]
    assert [(bell.args[0], bell.args[1]) for bell in rung] == [(step, [row.pk])]


def test_what_a_mail_says_is_not_shown(staff_client: Client, estate: dict[type[Model], Any]) -> None:
    for page in (url(OutgoingMail, "changelist"), url(OutgoingMail, "change", estate[OutgoingMail].pk)):
        assert "Nobody reads this" not in staff_client.get(page).content.decode()


def test_the_steps_are_those_of_the_pipeline() -> None:
    app.loader.import_default_modules()
    steps = {page.step for page in admin.site._registry.values() if isinstance(page, WorkAdmin)}
    assert steps <= set(app.tasks)


def test_a_key_is_shown_once(staff_client: Client, staff: User, cast: Cast) -> None:
    fields = {"firm": cast.firm.pk, "name": "desk feed", "expires_at_0": "", "expires_at_1": ""}
    page = staff_client.post(url(ApiToken, "add"), fields, follow=True).content.decode()
    (key,) = set(re.findall(r"bw_[\w-]{43}", page))
    with every_firm():
        token = ApiToken.objects.get()
    assert (token.digest, token.firm_id, token.created_by_id) == (ApiToken.digest_of(key), cast.firm.pk, staff.pk)
    for again in (url(ApiToken, "changelist"), url(ApiToken, "change", token.pk), "/admin/"):
        assert key not in staff_client.get(again).content.decode()


def test_a_revoked_key_opens_nothing(staff_client: Client, cast: Cast) -> None:
    with every_firm():
        token, _ = ApiToken.issue(cast.firm, "desk feed")
    staff_client.post(url(ApiToken, "changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    with every_firm():
        assert not ApiToken.objects.valid().exists()


def test_a_demo_request_goes_from_new_to_contacted(staff_client: Client, estate: dict[type[Model], Any]) -> None:
    request = DemoRequest.objects.get()
    form = {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-id": request.pk,
        "form-0-status": "contacted",
        "_save": "Save",
    }
    assert staff_client.post(url(DemoRequest, "changelist"), form).status_code == 302
    request.refresh_from_db()
    assert request.status == DemoRequest.Status.CONTACTED


def queue(count: int) -> None:
    for number in range(count):
        DemoRequest.objects.create(
            firm_name=f"Firm {number}",
            name=f"Name {number}",
            email=f"n{number}@firm{number}.example",
            email_key=f"n{number}@firm{number}.example",
            consented_at="2025-11-20T08:00Z",
            status=["unconfirmed", "new", "contacted", "closed"][number % 4],
            owner=make_user(is_staff=True),
            trial=Firm.objects.create(name=f"Trial {number}", slug=f"trial-of-{number}"),
        )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {1, 2}),
        ("?status=unconfirmed", {0}),
        ("?status=all", {0, 1, 2, 3}),
        ("?q=firm3", {3}),
        ("?status=new&is_duplicate__exact=1", set()),
    ],
)
def test_the_queue_shows_what_waits_for_one_of_us_unless_asked_for_more(
    staff_client: Client, query: str, shown: set[int]
) -> None:
    queue(4)
    page = staff_client.get(url(DemoRequest, "changelist") + query).content.decode()
    assert {number for number in range(4) if f"n{number}@firm{number}.example" in page} == shown
    assert "deleted after 14 days" in page


def test_a_longer_queue_asks_the_database_no_more_often(staff_client: Client, django_assert_max_num_queries: Any) -> None:
    queue(40)
    with django_assert_max_num_queries(15):
        page = staff_client.get(url(DemoRequest, "changelist") + "?status=all").content.decode()
    assert ">Trial 39</a>" in page


def test_staff_see_who_else_asked_and_what_became_of_the_mail(staff_client: Client) -> None:
    queue(2)
    first, second = DemoRequest.objects.order_by("pk")
    DemoRequest.objects.filter(pk=second.pk).update(firm_name="FIRM 0")
    page = url(DemoRequest, "change", first.pk)
    assert "none on record" in staff_client.get(page).content.decode()
    demo.send_confirmation(first)
    OutgoingMail.objects.update(state="quarantined", error="The mail server refused the recipient ([550]).")
    shown = staff_client.get(page).content.decode()
    assert url(DemoRequest, "change", second.pk) in shown
    assert "quarantined: The mail server refused the recipient" in shown


def test_staff_take_a_request_that_nobody_has(staff_client: Client, staff: User, estate: dict[type[Model], Any]) -> None:
    asked = DemoRequest.objects.get()
    DemoRequest.objects.update(status="new")
    chosen = {"action": "take", "_selected_action": [asked.pk]}
    assert "1 taken." in staff_client.post(url(DemoRequest, "changelist"), chosen, follow=True).content.decode()
    asked.refresh_from_db()
    assert asked.owner == staff
    other = signed_in(make_user("pat@bellwether.example", is_staff=True, is_superuser=True))
    assert "had an owner already" in other.post(url(DemoRequest, "changelist"), chosen, follow=True).content.decode()
    asked.refresh_from_db()
    assert asked.owner == staff


@pytest.mark.parametrize(("status", "sent"), [("unconfirmed", 1), ("new", 0)])
def test_staff_have_the_link_sent_again_once_a_day(
    staff_client: Client, estate: dict[type[Model], Any], status: str, sent: int
) -> None:
    DemoRequest.objects.update(status=status)
    before = OutgoingMail.objects.filter(kind="demo_confirm").count()
    chosen = {"action": "send_confirmation_again", "_selected_action": [DemoRequest.objects.get().pk]}
    for _ in range(2):
        said = staff_client.post(url(DemoRequest, "changelist") + "?status=all", chosen, follow=True).content.decode()
    assert ("one such mail in 24 hours" if sent else "1 need none") in said
    assert OutgoingMail.objects.filter(kind="demo_confirm").count() - before == sent


def test_staff_invite_a_person_whose_address_is_kept_in_small_letters(staff_client: Client) -> None:
    fields = {
        "email": "New.Person@Northlake.example",
        "name": "New",
        "password1": "granite-heron-9",
        "password2": "granite-heron-9",
    }
    assert staff_client.post(url(User, "add"), fields).status_code == 302
    assert User.objects.filter(email="new.person@northlake.example").exists()


def test_records_cannot_be_changed_or_deleted(staff_client: Client, estate: dict[type[Model], Any]) -> None:
    for model in REGISTERED:
        if model._meta.label in ("alerts.Alert", "alerts.Decision", "research.Analysis"):
            assert staff_client.post(url(model, "change", estate[model].pk), {}).status_code == 403
            assert staff_client.post(url(model, "delete", estate[model].pk), {"post": "yes"}).status_code == 403
