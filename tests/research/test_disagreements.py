"""Disagreeing with a score: for the firm alone, one word a person, withdrawn and kept, and counted."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from accounts.scope import every_firm
from alerts.matching import match_announced
from alerts.models import Alert
from portfolios.models import Issuer
from research import disagreements
from research.models import Analysis, Announcement, Disagreement, Story
from tests.cast import Cast, signed_in
from tests.make import make_analysis, make_holding, make_issuer, make_member, make_portfolio, make_rule

pytestmark = pytest.mark.django_db
OWN = {"sentiment": "-0.4", "impact": "", "reason": "The order is not binding."}


@pytest.fixture
def issuer(across_firms: None) -> Issuer:
    return make_issuer("Hon Hai", listing="2317 XTAI")


@pytest.fixture
def story(issuer: Issuer) -> Story:
    return make_analysis(None, {issuer: (0.45, 0.35)}).story


def page(client: Client, story: Story) -> str:
    response = client.get(story.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_stands_beside_ours_for_the_firm_alone(
    story: Story, alice_client: Client, bob_client: Client, charlie_client: Client, cast: Cast
) -> None:
    address = f"/stories/{story.pk}/disagreement/"
    assert "+0.45" in alice_client.get(address).content.decode()
    assert alice_client.post(address, OWN).status_code == 302
    for client in (alice_client, bob_client):
        shown = page(client, story)
        assert "Alice Ahn</b> disagrees" in shown
        assert "−0.40" in shown
        assert "+0.45" in shown
        assert OWN["reason"] in shown
    assert OWN["reason"] not in page(charlie_client, story)
    said = Disagreement.objects.get()
    assert (said.firm, said.made_by, said.analysis_id) == (cast.firm, cast.alice, story.current_analysis_id)
    assert said.market_impact_score is None


def test_a_newer_word_replaces_ones_own_and_nobody_elses(story: Story, alice_client: Client, bob_client: Client) -> None:
    address = f"/stories/{story.pk}/disagreement/"
    alice_client.post(address, OWN)
    bob_client.post(address, {**OWN, "reason": "I agree with Alice."})
    alice_client.post(address, {"sentiment": "0", "impact": "0.9", "reason": "Seen again."})
    standing = Disagreement.objects.standing().order_by("pk")
    assert [row.reason for row in standing] == ["I agree with Alice.", "Seen again."]
    assert standing[1].sentiment_score == 0
    assert Disagreement.objects.count() == 3  # what was said is kept


def test_undone_it_is_gone_from_the_page_and_kept_with_who_and_when(
    story: Story, alice_client: Client, bob_client: Client
) -> None:
    alice_client.post(f"/stories/{story.pk}/disagreement/", OWN)
    undo = f"/stories/{story.pk}/disagreement/undo/"
    assert bob_client.post(undo).status_code == 302  # it is not his
    assert OWN["reason"] in page(bob_client, story)
    assert undo not in page(bob_client, story)
    assert undo in page(alice_client, story)
    alice_client.post(undo)
    assert OWN["reason"] not in page(alice_client, story)
    said = Disagreement.objects.get()
    assert said.withdrawn_at is not None
    assert said.withdrawn_by is not None


@pytest.mark.parametrize(
    "sent",
    [
        {"sentiment": "", "impact": "", "reason": "Nothing is given."},
        {"sentiment": "1.2", "impact": "", "reason": "Out of range."},
        {"sentiment": "nan", "impact": "", "reason": "No number."},
        {"sentiment": "0.1", "impact": "-0.1", "reason": "Out of range."},
        {"sentiment": "0.1", "impact": "", "reason": ""},
    ],
)
def test_what_makes_no_sense_is_refused(story: Story, alice_client: Client, sent: dict[str, str]) -> None:
    assert alice_client.post(f"/stories/{story.pk}/disagreement/", sent).status_code == 422
    assert not Disagreement.objects.exists()


def test_a_visitor_may_only_look_and_without_a_score_there_is_nothing(cast: Cast, story: Story, alice_client: Client) -> None:
    visitor = signed_in(make_member(cast.firm, Membership.Role.VISITOR).user)
    assert visitor.post(f"/stories/{story.pk}/disagreement/", OWN).status_code == 403
    bare = make_analysis(None, {}).story
    assert alice_client.post(f"/stories/{bare.pk}/disagreement/", OWN).status_code == 422
    assert not Disagreement.objects.exists()


def test_rules_never_hear_of_it(story: Story, issuer: Issuer, cast: Cast, alice_client: Client) -> None:
    rule = make_rule(make_portfolio(cast.firm), [cast.alice], name="Large")
    make_holding(rule.portfolio, issuer.securities.get(), price=10, weight=0.05)
    alice_client.post(f"/stories/{story.pk}/disagreement/", {"sentiment": "-1", "impact": "1", "reason": "Worse."})
    analysis = Analysis.objects.get(story=story)
    match_announced([Announcement.objects.create(analysis=analysis).pk])
    assert {(alert.sentiment_score, alert.market_impact_score) for alert in Alert.objects.all()} <= {(0.45, 0.35)}


def test_the_database_holds_ranges_and_one_word_a_person(story: Story, issuer: Issuer, cast: Cast) -> None:
    fields = {"firm": cast.firm, "story": story, "analysis": story.current_analysis, "made_by": cast.alice, "reason": "x"}
    for scores in ({"sentiment_score": 1.1}, {"market_impact_score": -0.1}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disagreement.objects.create(**fields, issuer=issuer, **scores)
    Disagreement.objects.create(**fields, issuer=issuer, sentiment_score=0.1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disagreement.objects.create(**fields, issuer=issuer, sentiment_score=0.2)


def test_how_often_each_prompt_was_disagreed_with(cast: Cast, issuer: Issuer) -> None:
    alice = Membership.objects.select_related("firm", "user").get(user=cast.alice)
    for number in range(4):
        story = make_analysis(None, {issuer: (0.4, 0.3), make_issuer(): (0.9, 0.9)}, model="small", prompt_version="a" * 12).story
        if number < 2:
            disagreements.disagree(alice, story, sentiment=0.4 - 0.2 * number, impact=None, reason="x")
    make_analysis(None, {issuer: (0.4, 0.3)}, model="large", prompt_version="a" * 12)
    with CaptureQueriesContext(connection) as captured:
        (found,) = disagreements.quality()
    assert len(captured) == 2
    assert (found.model, found.scored, found.disputed, found.share) == ("small", 4, 2, 0.5)
    assert found.sentiment_apart == pytest.approx(0.1)
    assert found.impact_apart is None


def test_staff_see_the_counts(cast: Cast, story: Story, alice_client: Client) -> None:
    alice_client.post(f"/stories/{story.pk}/disagreement/", OWN)
    with every_firm():
        assert Analysis.objects.count() == 1
        boss = make_member(cast.other_firm, is_staff=True, is_superuser=True).user
    assert "Scores people disagreed with" in signed_in(boss).get("/corrections/").content.decode()
    assert "Scores people disagreed with" not in alice_client.get("/corrections/").content.decode()


def test_a_score_that_was_not_before_them_is_not_disagreed_with(alice_client: Client, story: Story) -> None:
    address = f"/stories/{story.pk}/disagreement/"
    assert 'name="version" value="1"' in alice_client.get(address).content.decode()
    with every_firm():
        make_analysis(story, {Issuer.objects.get(): (-0.8, 0.1)})
    assert alice_client.post(address, OWN | {"version": "1"}).status_code == 302
    assert "newer reading has come in" in alice_client.get(story.get_absolute_url()).content.decode()
    with every_firm():
        assert not Disagreement.objects.exists()
