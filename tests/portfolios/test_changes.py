"""Who changed the security master is kept for good, and two issuers can be made one."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.scope import every_firm
from portfolios.changes import changes_by, in_words
from portfolios.joining import CannotJoin, join, move_security
from portfolios.models import Alias, Holding, Issuer, Listing, MasterChange, MasterConflict, Relation
from tests.cast import signed_in
from tests.make import make_holding, make_issuer, make_listing, make_portfolio, make_security, make_user


@pytest.fixture
def editor(db: None) -> User:
    return make_user(is_staff=True, is_superuser=True)


def told() -> list[str]:
    return [in_words(change) for change in MasterChange.objects.order_by("pk")]


def test_what_a_person_changes_is_told_in_words(editor: User) -> None:
    apple = make_issuer("Apple", listing="AAPL XNAS")
    assert MasterChange.objects.count() == 0  # nobody said that a person did it: a register was loaded
    with changes_by(editor, "A fruit too."):
        alias = Alias.objects.get(text="Apple")
        alias.needs_corroboration = True
        alias.save()
        Alias.objects.create(issuer=apple, text="Apple of Cupertino")
        Listing.objects.filter(ticker="AAPL").update(ticker="APPL")
        Issuer.objects.filter(pk=apple.pk).update(country="US")
        Alias.objects.get(text="Apple of Cupertino").delete()
        Alias.objects.get(text="Apple").save()
    Alias.objects.filter(text="Apple").update(needs_corroboration=False)  # after it, nobody said so again
    assert told() == [
        "Name “Apple”: needs corroboration no → yes",
        "Name “Apple of Cupertino” added",
        "Listing “APPL”: ticker “AAPL” → “APPL”",
        "Company “Apple”: country none → “US”",
        "Name “Apple of Cupertino” removed",
    ]
    assert {(change.by, change.issuer, change.why) for change in MasterChange.objects.all()} == {(editor, apple, "A fruit too.")}


def test_what_was_told_stays(editor: User) -> None:
    with changes_by(editor):
        issuer = make_issuer("Gone Mills")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        MasterChange.objects.update(why="")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        MasterChange.objects.all().delete()
    issuer.delete()
    editor.delete()
    assert told() == ["Company “Gone Mills” added", "Name “Gone Mills” added"]


def test_the_administration_pages_note_who_did_it(editor: User) -> None:
    apple = make_issuer("Apple")
    alias = apple.aliases.get()
    alias.source = Alias.Source.SEC
    alias.save()
    fields = {
        "slug": apple.slug,
        "name": "Apple",
        "aliases-TOTAL_FORMS": 1,
        "aliases-INITIAL_FORMS": 1,
        "aliases-0-id": alias.pk,
        "aliases-0-issuer": apple.pk,
        "aliases-0-text": "Apple",
        "aliases-0-needs_corroboration": "on",
        "aliases-0-against": "orchard",
        "securities-TOTAL_FORMS": 0,
        "securities-INITIAL_FORMS": 0,
        "relations-TOTAL_FORMS": 0,
        "relations-INITIAL_FORMS": 0,
    }
    client = signed_in(editor)
    response = client.post(reverse("admin:portfolios_issuer_change", args=[apple.pk]), fields)
    assert response.status_code == 302
    assert told() == ["Name “Apple”: against none → “orchard”, needs corroboration no → yes"]
    alias.refresh_from_db()
    assert (alias.source, MasterChange.objects.get().by) == (Alias.Source.PERSON, editor)
    assert b"orchard" in client.get(reverse("admin:portfolios_masterchange_changelist")).content
    client.post(reverse("admin:portfolios_issuer_delete", args=[apple.pk]), {"post": "yes"})
    assert told()[-1] == "Company “Apple” removed"


def test_a_company_that_is_added_is_looked_for_under_its_name(editor: User) -> None:
    empty = {f"{rows}-{count}_FORMS": 0 for rows in ("aliases", "securities", "relations") for count in ("TOTAL", "INITIAL")}
    client = signed_in(editor)
    assert b'value="Quillara Photonics Inc."' in client.get("/admin/portfolios/issuer/add/?name=Quillara+Photonics+Inc.").content
    fields = {"slug": "quillara", "name": "Quillara Photonics Inc.", **empty}
    assert client.post(reverse("admin:portfolios_issuer_add"), fields).status_code == 302
    alias = Alias.objects.get(issuer__slug="quillara")
    assert (alias.text, alias.needs_corroboration, alias.source) == ("Quillara Photonics Inc.", False, "person")
    assert "Name “Quillara Photonics Inc.” added" in told()


def test_a_settled_conflict_says_by_whom(editor: User, client: Client) -> None:
    conflict = MasterConflict.objects.create(register="sec", company="Apple Inc.", reason="Two of them.")
    data = {"action": "settle", "_selected_action": [conflict.pk]}
    signed_in(editor).post(reverse("admin:portfolios_masterconflict_changelist"), data)
    conflict.refresh_from_db()
    assert conflict.settled_at is not None
    assert conflict.settled_by == editor


def test_a_security_that_was_another_companys_takes_its_holders_along(across_firms: None) -> None:
    security = make_security(make_issuer("Meta Materials"))
    holding = make_holding(make_portfolio(), security, 10)
    meta = make_issuer("Meta Platforms")
    move_security(security, meta)
    holding.refresh_from_db()
    assert holding.issuer == meta


def test_two_issuers_that_are_one_company(across_firms: None) -> None:
    umc = make_issuer("UMC", aliases=["聯電"], listing="2303 XTAI", lei="213800Z1EBQF2VUNXM09")
    receipt = make_issuer("United Microelectronics", aliases=["UMC"], listing="UMC XNYS", cik="0001033767")
    make_listing(receipt.securities.get(), "UMCX", "XNAS")
    holder, customer = make_portfolio(), make_issuer("Customer")
    make_holding(holder, receipt.securities.get(), 10)
    Relation.objects.create(issuer=umc, kind="owner", other=receipt)
    Relation.objects.create(issuer=receipt, kind="supplier", other=customer)
    join(umc, receipt)
    umc.refresh_from_db()
    receipt.refresh_from_db()
    assert (umc.cik, umc.lei, receipt.cik, receipt.joined_into) == ("0001033767", "213800Z1EBQF2VUNXM09", "", umc)
    assert set(umc.aliases.values_list("text", flat=True)) == {"UMC", "聯電", "United Microelectronics"}
    assert (umc.securities.count(), receipt.securities.count(), receipt.aliases.count()) == (2, 0, 0)
    assert Listing.objects.filter(security__issuer=umc, is_primary=True).count() == 1
    assert umc.ticker == ("2303", "TT")
    assert Holding.objects.get(portfolio=holder).issuer == umc
    assert [f"{relation}" for relation in Relation.objects.all()] == ["UMC, supplier of Customer"]
    with pytest.raises(CannotJoin, match="joined already"):
        join(umc, receipt)


def test_two_companies_with_numbers_of_their_own_are_not_one(across_firms: None) -> None:
    one, other = make_issuer("Alpha", cik="0000000001"), make_issuer("Beta", cik="0000000002", listing="BETA XNAS")
    with pytest.raises(CannotJoin, match="CIK 0000000001 and 0000000002"):
        join(one, other)
    assert other.securities.count() == 1
    with every_firm(), pytest.raises(CannotJoin):
        join(one, one)
