"""What people and programs do to forms that anybody may send: each scenario of the collection, and some that it lacks."""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from accounts import demo
from accounts.forms import LONGEST_SECONDS
from accounts.invitations import invite, path_of
from accounts.mailbox import is_disposable
from accounts.models import DemoRequest, Invitation, Membership, OutgoingMail, User
from accounts.scope import every_firm
from tests.accounts.test_demo import fields, link_to, opened
from tests.at_once import at_once
from tests.cast import Cast
from tests.make import make_user
from tests.shared_data import shared, shared_lines

pytestmark = pytest.mark.django_db
RESET, LOGIN = "/accounts/password/reset/", "/accounts/login/"
SCENARIOS: dict[str, Callable[..., None]] = {}


def scenario(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def keep(test: Callable[..., None]) -> Callable[..., None]:
        SCENARIOS[name] = test
        return test

    return keep


def test_no_scenario_of_the_collection_is_left_out() -> None:
    assert {each["id"] for each in shared_lines("hostile/signup-abuse/scenarios.jsonl")} <= set(SCENARIOS)


def mails_to(*addresses: str) -> int:
    return OutgoingMail.objects.filter(to__in=addresses).count()


@scenario("sign-01")
@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "times", "stored"), [(0, 50, demo.MOST_PER_CLIENT), (1, 500, demo.MOST_PER_MAILBOX)])
def test_five_hundred_requests_for_one_mailbox_are_one_mail(
    settings: Any, monkeypatch: pytest.MonkeyPatch, proxies: int, times: int, stored: int
) -> None:
    """Without a proxy the addresses are made up, and all are one client's. With one they are as many as a botnet has, and the
    limit in all is lifted, so that only the mailbox's own is left."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    monkeypatch.setattr(demo, "MOST_IN_ALL", 10_000)
    for number in range(times):
        sent = fields(email="victim@firm.example", name=f"Name {number}")
        Client().post("/demo/", sent, headers={"X-Forwarded-For": f"10.{number % 250}.{number // 250}.7"})
    assert mails_to("victim@firm.example") == 1
    assert DemoRequest.objects.count() == stored


@scenario("sign-02")
def test_other_ways_to_write_an_address_are_the_same_mailbox(client: Client) -> None:
    ways = ["victim@gmail.com", "VICTIM@gmail.com", "vi.ctim@gmail.com", "victim+1@gmail.com", "v.i.c.t.i.m+x@googlemail.com"]
    for address in ways:
        client.post("/demo/", fields(email=address))
    assert OutgoingMail.objects.count() == 1


@scenario("sign-03")
def test_a_program_that_fills_in_everything_is_told_what_people_are_told(client: Client) -> None:
    person = client.post("/demo/", fields(email="a@firm.example"), follow=True)
    OutgoingMail.objects.all().delete()
    DemoRequest.objects.all().delete()
    program = Client().post("/demo/", fields(email="a@firm.example", reference="https://spam.example"), follow=True)
    assert (program.status_code, program.redirect_chain) == (person.status_code, person.redirect_chain)
    # The signed address differs by its time.
    assert len(program.content) == pytest.approx(len(person.content), abs=4)
    assert not DemoRequest.objects.exists()
    assert not OutgoingMail.objects.exists()


@scenario("sign-04")
@pytest.mark.parametrize("age", [0.3, LONGEST_SECONDS + 3600])
def test_a_form_sent_at_once_or_a_day_later_is_asked_for_again(client: Client, age: float) -> None:
    response = client.post("/demo/", fields(opened=opened(age)))
    assert response.status_code == 422
    assert "send it again" in response.content.decode()
    assert not DemoRequest.objects.exists()


@scenario("sign-05")
@pytest.mark.slow
def test_a_reset_of_the_password_tells_nobody_who_is_known(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": None}
    people = [make_user(f"known{number}@firm.example").email for number in range(200)]
    strangers = [f"other{number}@firm.example" for number in range(200)]
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    for known, unknown in zip(people, strangers, strict=True):
        for kind, address in (("known", known), ("unknown", unknown)):
            fresh = Client()
            began = time.perf_counter()
            response = fresh.post(RESET, {"email": address})
            seconds[kind].append(time.perf_counter() - began)
            answers.add((response.status_code, response.content, tuple(sorted(response.headers.items()))))
    assert len(answers) == 1
    assert mail.outbox == [], "mail was sent within the request"
    assert mails_to(*people) == mails_to(*strangers) == 200
    assert abs(median(seconds["known"]) - median(seconds["unknown"])) < 0.010


def forged(token: str) -> str:
    """One bit of it turned."""
    at = len(token) // 2
    return token[:at] + chr(ord(token[at]) ^ 1) + token[at + 1 :]


def aged(token: str, days: int, salt: str) -> str:
    """The token as it would have been signed that many days ago."""

    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            return signing.b62_encode(signing.b62_decode(super().timestamp()) - days * 24 * 3600)

    return Earlier(salt=salt).sign_object(signing.loads(token, salt=salt))


@scenario("sign-08")
def test_a_link_confirms_its_own_request_in_time_and_for_its_own_purpose(client: Client, cast: Cast) -> None:
    client.post("/demo/", fields(email="a@firm.example"))
    asked = DemoRequest.objects.get()
    good = demo.confirm_token(asked)
    address_key = EmailConfirmationHMAC(EmailAddress.objects.get(user=cast.alice)).key
    other_purposes = [signing.dumps([asked.pk, "x"], salt=demo.AGAIN), demo.again_token(asked.email), address_key]
    for token in (forged(good), *other_purposes):
        assert client.post(f"/demo/confirm/{token}/").status_code == 404
    assert client.post(f"/demo/confirm/{aged(good, 8, demo.LINK)}/").status_code == 410
    DemoRequest.objects.update(email="b@firm.example")
    assert client.post(f"/demo/confirm/{good}/").status_code == 404
    DemoRequest.objects.update(email="a@firm.example")
    assert DemoRequest.objects.get().confirmed_at is None
    assert EmailConfirmationHMAC.from_key(forged(address_key)) is None
    assert EmailConfirmationHMAC.from_key(good) is None
    # Once more it confirms nothing that was not confirmed before.
    client.post(f"/demo/confirm/{good}/")
    first = DemoRequest.objects.get().confirmed_at
    client.post(f"/demo/confirm/{good}/")
    assert DemoRequest.objects.get().confirmed_at == first
    assert OutgoingMail.objects.filter(kind="demo_notice").count() <= 1


@scenario("sign-08")
def test_an_invitation_that_was_forged_or_is_too_old_makes_nobody(client: Client, cast: Cast) -> None:
    with every_firm():
        invitation = invite(cast.firm, "new@firm.example", Membership.Role.ANALYST, cast.bob)
    path = path_of(invitation)
    people = User.objects.count()
    joining = {"name": "N", "password": "quartz-otter-88-lamp", "how": "password"}
    assert client.post(forged(path), joining).status_code == 404
    of_a_demo = demo.again_token("new@firm.example")
    assert client.post(f"/invitation/{of_a_demo}/", joining).status_code == 404
    with every_firm():
        Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert client.post(path, joining).status_code == 410
    assert User.objects.count() == people


def reset_link(email: str) -> str:
    """The path in the newest mail by which that person may choose a new password."""
    Client().post(RESET, {"email": email})
    found = re.search(
        r"http://testserver(/accounts/password/reset/key/\S+)", OutgoingMail.objects.filter(to=email).latest("pk").text
    )
    assert found
    return found[1]


def reset_by(link: str, password: str) -> None:
    """Choose a password as somebody with a browser of their own does who got hold of the link."""
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def another_uid(link: str, cast: Cast) -> str:
    head, key = link.rstrip("/").rsplit("/", 1)
    return f"{head}/{user_pk_to_url_str(cast.bob)}-{key.split('-', 1)[1]}/"


@scenario("sign-08")
@pytest.mark.parametrize("spoilt", ["forged", "for somebody else", "too old", "of another purpose", "address changed", "used"])
def test_a_link_for_a_new_password_that_is_not_good_changes_none(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": None}
    link = reset_link(cast.alice.email)
    if spoilt == "forged":
        link = link[:-2] + chr(ord(link[-2]) ^ 1) + link[-1]
    if spoilt == "for somebody else":
        link = another_uid(link, cast)
    if spoilt == "too old":
        later = datetime.now() + timedelta(days=8)  # noqa: DTZ005 (as Django counts here)
        monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda generator: later)
    if spoilt == "of another purpose":
        key = EmailConfirmationHMAC(EmailAddress.objects.get(user=cast.alice)).key
        link = f"{link.rpartition('-')[0]}-{key.rpartition(':')[2]}/"
    if spoilt == "address changed":
        EmailAddress.objects.filter(user=cast.alice).update(email="alice@else.example")
        User.objects.filter(pk=cast.alice.pk).update(email="alice@else.example")
    if spoilt == "used":
        reset_by(link, "the-first-of-two-passwords")
    before = set(User.objects.values_list("pk", "password"))
    reset_by(link, "another-good-password")
    assert set(User.objects.values_list("pk", "password")) == before


def test_a_good_link_for_a_new_password_changes_it(cast: Cast) -> None:
    """So that the refusals above are owed to what was spoilt."""
    reset_by(reset_link(cast.alice.email), "another-good-password")
    cast.alice.refresh_from_db()
    assert cast.alice.check_password("another-good-password")


@scenario("sign-09")
@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "chain"), [(0, "1.2.3.{}"), (1, "1.2.3.{}, 192.0.2.7")])
def test_a_made_up_chain_of_proxies_does_not_lift_the_limit_on_signing_in(
    client: Client, settings: Any, proxies: int, chain: str
) -> None:
    """The limit is allauth's own, over a window that a slow machine does not outlive."""
    assert app_settings.RATE_LIMITS["login"] == "30/m/ip"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/h/ip", "login_failed": None}
    statuses = [
        client.post(
            LOGIN,
            {"login": f"known{number}@firm.example", "password": "wrong"},
            headers={"X-Forwarded-For": chain.format(number)},
        ).status_code
        for number in range(200)
    ]
    assert statuses == [200] * 30 + [429] * 170


def test_a_wrong_password_tells_nobody_who_is_known() -> None:
    make_user("known@firm.example")
    said = []
    for address in ("known@firm.example", "other@firm.example"):
        page = Client().post(LOGIN, {"login": address, "password": "wrong"}).content.decode()
        said.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(address, ""))
    assert said[0] == said[1]


@scenario("sign-12")
def test_fields_that_the_form_does_not_have_are_ignored(client: Client) -> None:
    extra = {
        "is_staff": "1",
        "org": "2",
        "role_in_firm": "owner",
        "status": "provisioned",
        "confirmed_at": "2020-01-01",
        "trial": "1",
    }
    client.post("/demo/", {**fields(), **extra, "owner": "1", "notes": "mine", "is_disposable": "1"})
    stored = DemoRequest.objects.get()
    assert (stored.status, stored.confirmed_at, stored.trial, stored.owner, stored.notes) == ("unconfirmed", None, None, None, "")
    assert not stored.is_disposable


def test_throw_away_addresses_of_the_collection_are_flagged_and_none_is_refused(client: Client) -> None:
    domains = shared("hostile/signup-abuse/disposable_sample.txt").read_text(encoding="utf-8").split()
    assert [domain for domain in domains if not is_disposable(f"a@{domain}")] == []
    client.post("/demo/", fields(email=f"ada@{domains[0]}"))
    assert DemoRequest.objects.get().is_disposable


@pytest.mark.parametrize("name", ["name", "firm_name", "role", "holds"])
def test_no_line_of_a_mail_is_written_by_a_visitor(client: Client, settings: Any, name: str) -> None:
    settings.STAFF_EMAIL = "desk@bellwether.example"
    client.post("/demo/", fields(**{name: "Ada\r\nBcc: all@firm.example"}))
    client.post(link_to(DemoRequest.objects.get()))
    notice = OutgoingMail.objects.get(kind="demo_notice")
    assert "\n" not in notice.subject
    assert "\nBcc:" not in notice.text


@pytest.mark.parametrize(
    "text",
    [
        "a\x01b",
        "\x1b[31m",
        "\ufffe\uffff",
        "\u202eabc",
        "]]>",
        "<!--",
        "<mj-text>",
        "a&amp;<b>&nbsp;",
        "{{ x }}{% y %}",
        "\U0001f600",
    ],
)
def test_whatever_characters_a_visitor_types_the_request_is_taken(client: Client, settings: Any, text: str) -> None:
    settings.STAFF_EMAIL = "desk@bellwether.example"
    client.post("/demo/", fields(name=text, firm_name=text, role=text, note=f"{text}\nsecond line"))
    link = link_to(DemoRequest.objects.get())
    client.post(link)
    notice = OutgoingMail.objects.get(kind="demo_notice")
    assert "second line" in notice.text
    assert "second line" in notice.html
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("domain", ["\ufdfa" * 50 + ".com", "\u4e2d" * 60 + ".example", "[192.0.2.1]", "localhost"])
def test_an_address_that_no_name_server_can_be_asked_for_is_refused(client: Client, domain: str) -> None:
    assert client.post("/demo/", fields(email=f"ada@{domain}")).status_code == 422


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_fifty_forms_at_once_from_one_address_ten_are_stored() -> None:
    forms, statuses = [fields(email=f"p{number}@firm{number}.example") for number in range(50)], []
    at_once(50, lambda number: statuses.append(Client().post("/demo/", forms[number]).status_code))
    assert (statuses.count(302), statuses.count(429)) == (demo.MOST_PER_CLIENT, 40)
    assert DemoRequest.objects.count() == OutgoingMail.objects.count() == demo.MOST_PER_CLIENT


def test_a_visitor_behind_no_proxy_is_counted_by_where_they_are_whatever_they_say(client: Client) -> None:
    answers = [
        client.post("/demo/", fields(email=f"p{number}@firm.example"), headers={"X-Forwarded-For": f"1.2.3.{number}"})
        for number in range(demo.MOST_PER_CLIENT + 5)
    ]
    assert [answer.status_code for answer in answers] == [302] * demo.MOST_PER_CLIENT + [429] * 5


@pytest.mark.slow
def test_the_time_it_takes_tells_nobody_whether_a_mailbox_asked_before(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "MOST_PER_CLIENT", 10_000)
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(30):
        client.post("/demo/", fields(email=f"known{number}@firm.example"))
        for kind, taken in seconds.items():
            sent = fields(email=f"{kind}{number}@firm.example", note=kind)
            began = time.perf_counter()
            Client().post("/demo/", sent)
            taken.append(time.perf_counter() - began)
    assert abs(median(seconds["known"]) - median(seconds["unknown"])) < 0.010


@pytest.mark.parametrize(("page", "most"), [("/demo/", 0), ("/demo/sent/", 0)])
def test_a_visitors_pages_ask_the_database_for_nothing(
    client: Client, django_assert_max_num_queries: Any, page: str, most: int
) -> None:
    with django_assert_max_num_queries(most):
        assert client.get(page).status_code == 200


def test_a_request_takes_few_questions_to_the_database(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(9):
        client.post("/demo/", fields())
    link = link_to(DemoRequest.objects.get())
    with django_assert_max_num_queries(1):
        client.get(link)
    with django_assert_max_num_queries(5):
        client.post(link)


def test_known_and_unknown_visitors_are_told_the_same(client: Client) -> None:
    first = client.post("/demo/", fields(email="a@firm.example"), follow=True)
    again = Client().post("/demo/", fields(email="a@firm.example", note="again"), follow=True)
    assert first.redirect_chain == again.redirect_chain
    assert len(first.content) == pytest.approx(len(again.content), abs=4)
