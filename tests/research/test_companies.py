"""The pages of companies: who it is, what the firm holds of it, and its stories; and names worth adding."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.scope import every_firm
from portfolios.models import Alias, Issuer, MasterChange, Relation
from research.models import DismissedName, Mention, Story, UnknownName
from tests.cast import Cast, signed_in
from tests.make import (
    make_analysis,
    make_article,
    make_holding,
    make_issuer,
    make_listing,
    make_portfolio,
    make_source,
    make_story,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hon_hai(across_firms: None, cast: Cast) -> Issuer:
    issuer = make_issuer("Hon Hai Precision", aliases=["Foxconn"], listing="2317 XTAI", country="TW", slug="hon-hai")
    Alias.objects.filter(text="Foxconn").update(needs_corroboration=True, against="orchard")
    for firm, name, weight in ((cast.firm, "Alice’s book", 0.041), (cast.other_firm, "Charlie’s book", 0.02)):
        make_holding(make_portfolio(firm, name=name), issuer.securities.get(), weight=weight)
    return issuer


@pytest.fixture
def staff_client(cast: Cast) -> Client:
    with every_firm():
        staff = make_user(is_staff=True, is_superuser=True)
        Membership.objects.create(firm=cast.firm, user=staff, role=Membership.Role.ANALYST)
    return signed_in(staff)


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def told(issuer: Issuer, title: str, tier: str = "passing", **fields: Any) -> Story:
    story = make_story(title, **fields)
    make_analysis(story, {issuer: (0.45, 0.35)})
    Mention.objects.create(
        article=story.articles.get(), firm=story.firm, issuer=issuer, relevance=20, tier=tier, in_headline=False, words="Foxconn",
        resolved_by="name", confidence=0.9,
    )  # fmt: skip
    return story


def test_a_company_with_all_that_is_known(hon_hai: Issuer, alice_client: Client, cast: Cast) -> None:
    fii = make_issuer("Foxconn Industrial Internet", listing="601138 XSHG")
    Relation.objects.create(issuer=hon_hai, kind="owner", other=fii, quote="a subsidiary of Hon Hai", source="Accounts")
    make_listing(hon_hai.securities.get(), "HHPD", "XLON", valid_to=datetime(2020, 1, 2, tzinfo=UTC).date())
    told(hon_hai, "Foxconn sells more racks", "secondary")
    told(hon_hai, "Ours alone", firm=cast.other_firm)
    told(make_issuer("Other"), "Of another company")
    shown = page(alice_client, "/companies/hon-hai/")
    for words in ("Taiwan.", "2317", "XTAI", "Alice’s book", "4.10%", "Foxconn sells more racks", "Secondary", "needs a reason"):
        assert words in shown
    for words in ("not beside: orchard", "Owns", "a subsidiary of Hon Hai", "2 Jan 2020", "+0.45"):
        assert words in shown
    for words in ("Charlie’s book", "Ours alone", "Of another company", "Edit", "Changes by people"):
        assert words not in shown
    assert "Owned by" in page(alice_client, f"/companies/{fii.slug}/")
    assert alice_client.get("/companies/nobody/").status_code == 404


def test_a_private_company_and_one_without_names(alice_client: Client, across_firms: None) -> None:
    private = Issuer.objects.create(name="Anthropic", slug="anthropic", is_private=True)
    shown = page(alice_client, private.get_absolute_url())
    assert "Private: no listing." in shown
    assert "no article can be found to be about it" in shown


def test_one_that_turned_out_to_be_another_leads_there(hon_hai: Issuer, alice_client: Client, staff_client: Client) -> None:
    other = make_issuer("Foxconn Group", slug="foxconn-group", listing="HNHPF PINX")
    told(other, "Told under the other name")
    assert "Foxconn Group" in page(staff_client, "/companies/hon-hai/join/?q=foxconn+group")
    assert alice_client.post("/companies/hon-hai/join/", {"other": "foxconn-group"}).status_code == 403
    assert staff_client.post("/companies/hon-hai/join/", {"other": "foxconn-group"})["Location"] == "/companies/hon-hai/"
    assert alice_client.get("/companies/foxconn-group/")["Location"] == "/companies/hon-hai/"
    assert "Told under the other name" in page(alice_client, "/companies/hon-hai/")
    shown = page(staff_client, "/companies/hon-hai/")
    assert "Foxconn Group is Hon Hai Precision." in shown
    assert MasterChange.objects.filter(why="Foxconn Group is Hon Hai Precision.").exists()
    refused = staff_client.post("/companies/hon-hai/join/", {"other": "hon-hai"}, follow=True).content.decode()
    assert "joined already" in refused
    assert staff_client.post("/companies/hon-hai/join/", {"other": "nobody"}).status_code == 404


def test_held_companies_first_by_weight_and_whatever_is_looked_for(hon_hai: Issuer, alice_client: Client, cast: Cast) -> None:
    light = make_issuer("Light Mills", listing="LITE XNAS")
    make_holding(make_portfolio(cast.firm), light.securities.get(), weight=0.01)
    make_issuer("Nobody’s", listing="NOBO XNAS")
    told(hon_hai, "One of seven days")
    told(hon_hai, "Long ago", received_at=datetime.now(UTC) - timedelta(days=8))
    rows = alice_client.get("/companies/").context["rows"]
    assert [(row.issuer.name, row.story_count) for row in rows] == [("Hon Hai Precision", 1), ("Light Mills", 0)]
    found = page(alice_client, "/companies/?q=2317.TW")
    assert "1 company for “2317.TW”" in found
    assert "4.10%" in found
    assert "No company of the master has that name" in page(alice_client, "/companies/?q=unheard-of")
    assert "&lt;script&gt;" in page(alice_client, "/companies/?q=<script>")


def test_stories_are_paged(hon_hai: Issuer, alice_client: Client) -> None:
    for number in range(21):
        told(hon_hai, f"Number {number}")
    assert "Page 1 of 2" in page(alice_client, "/companies/hon-hai/")
    assert "Number 0<" in page(alice_client, "/companies/hon-hai/?page=2")
    assert page(alice_client, "/companies/hon-hai/?page=nonsense")


def test_as_many_queries_however_much_there_is(hon_hai: Issuer, alice_client: Client, cast: Cast) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(path).status_code == 200
        return len(captured)

    def more(count: int) -> None:
        for _ in range(count):
            told(hon_hai, "Foxconn again", "primary")
            other = make_issuer(listing=f"T{Issuer.objects.count()} XNAS")
            make_holding(make_portfolio(cast.firm), other.securities.get(), weight=0.01)
            Relation.objects.create(issuer=hon_hai, kind="supplier", other=other)
            Alias.objects.create(issuer=hon_hai, text=f"Name {other.pk}")
            unknown("Acme Robotics", hon_hai, other)

    more(1)
    paths = ("/companies/", "/companies/?q=hon", "/companies/hon-hai/", "/unknown-names/")
    before = [queries(path) for path in paths]
    more(6)
    assert [queries(path) for path in paths] == before
    assert max(before) <= 36


# --- names worth adding ----------------------------------------------------------------------------------


def unknown(text: str, *beside: Issuer, story: Story | None = None, **fields: Any) -> UnknownName:
    article = make_article(make_source(), story=story or make_story(f"{text} and others"), **fields)
    for issuer in beside:
        Mention.objects.create(
            article=article,
            issuer=issuer,
            relevance=50,
            tier="primary",
            in_headline=True,
            words="x",
            resolved_by="name",
            confidence=1,
        )
    return UnknownName.objects.create(article=article, key=text.casefold(), text=text, reason="legal form")


def test_names_beside_holdings_most_often_first(hon_hai: Issuer, alice_client: Client, staff_client: Client, cast: Cast) -> None:
    other = make_issuer("Not held")
    for _ in range(2):
        unknown("Acme Robotics", hon_hai)
    unknown("Beta Optics", hon_hai, other)
    unknown("Far Away", other)
    unknown("Long Ago", hon_hai, received_at=datetime.now(UTC) - timedelta(days=31))
    unknown("Foxconn", hon_hai)  # a name of the master by now
    rows = alice_client.get("/unknown-names/").context["rows"]
    assert [(row.text, row.article_count, row.beside) for row in rows] == [
        ("Acme Robotics", 2, [hon_hai]),
        ("Beta Optics", 1, [hon_hai]),
    ]
    assert rows[0].story is not None
    assert "Not one" not in page(alice_client, "/unknown-names/")
    assert "name=Beta%20Optics" in page(staff_client, "/unknown-names/")
    assert alice_client.post("/unknown-names/dismissals/", {"key": "beta optics"}).status_code == 403
    staff_client.post("/unknown-names/dismissals/", {"key": "beta optics", "text": "Beta Optics"})
    assert [row.text for row in alice_client.get("/unknown-names/").context["rows"]] == ["Acme Robotics"]
    assert isinstance(DismissedName.objects.get().dismissed_by, User)


def test_no_names_for_who_holds_nothing(hon_hai: Issuer, cast: Cast) -> None:
    unknown("Acme Robotics", make_issuer("Not held"))
    with every_firm():
        nobody = make_user()
        Membership.objects.create(firm=cast.other_firm, user=nobody, role=Membership.Role.ANALYST)
    assert "No unknown company stands beside your holdings" in page(signed_in(nobody), "/unknown-names/")
