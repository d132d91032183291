"""What people say of links: at once for their firm, for everybody when staff accept it, and a lesson for the next article."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Firm, Membership, User
from accounts.scope import every_firm, firm_scope
from accounts.work import State
from alerts.matching import match_announced, tell_corrections
from alerts.models import Alert, Delivery, Step
from portfolios.joining import join
from portfolios.models import Alias, Issuer, MasterChange
from research import corrections, reading
from research.access import stories_about
from research.corrections import NotCorrected, accept, refuse, revoke, said_missing, said_wrong, undo
from research.models import Article, Correction, Mention, Story
from research.precision import link_precision
from research.reading import read_articles
from tests.cast import Cast, signed_in
from tests.make import make_article, make_holding, make_issuer, make_portfolio, make_rule, make_source, make_user

pytestmark = pytest.mark.django_db

EYES = ("Trial of a drug against AMD", "AMD patients had better eyesight after macular injections.")
CHIPS = ("AMD raises its outlook", "AMD sells more chips for servers.")


@pytest.fixture
def amd(across_firms: None) -> Issuer:
    return make_issuer("Advanced Micro Devices", aliases=["AMD"], listing="AMD XNAS")


@pytest.fixture
def staff(db: None) -> User:
    return make_user(is_staff=True, is_superuser=True, name="Sam Staff")


@pytest.fixture
def alice(cast: Cast) -> Membership:
    with every_firm():
        return Membership.objects.select_related("firm", "user").get(user=cast.alice)


def news(title: str, text: str, weeks_ago: int = 0) -> Story:
    """An article of everybody that was just read. Weeks apart two are two stories, however alike."""
    at = datetime.now(UTC) - timedelta(weeks=2 * weeks_ago)
    article = make_article(make_source(), title=title, text=text, published_at=at)
    read_articles([article.pk])
    article.refresh_from_db()
    assert article.story is not None
    return article.story


def linked(story: Story) -> set[str]:
    return set(Mention.objects.filter(article__story=story).values_list("issuer__name", flat=True))


def seen_by(firm: Firm, issuer: Issuer) -> list[str]:
    with firm_scope(firm):
        return [story.title for story in stories_about(firm, [issuer.pk])]


# --- for the firm, at once -------------------------------------------------------------------------------


def test_a_wrong_company_is_gone_for_the_firm_alone(amd: Issuer, alice: Membership, cast: Cast) -> None:
    story = news(*EYES)
    assert seen_by(cast.firm, amd) == [EYES[0]]
    correction = said_wrong(alice, story, amd, context="macular", note="The eye disease.")
    assert (correction.words, correction.resolved_by, correction.alias_source) == ("AMD", "name", "person")
    assert (seen_by(cast.firm, amd), seen_by(cast.other_firm, amd)) == ([], [EYES[0]])
    assert linked(story) == {"Advanced Micro Devices"}  # for everybody nothing has changed
    with pytest.raises(NotCorrected, match="of Advanced Micro Devices already"):
        said_wrong(alice, story, amd)
    undo(correction, cast.alice)
    assert seen_by(cast.firm, amd) == [EYES[0]]
    assert said_wrong(alice, story, amd).pk != correction.pk  # what was taken back can be said again


def test_a_missing_company_is_there_for_the_firm_alone(amd: Issuer, alice: Membership, cast: Cast) -> None:
    story = news("Lisa’s chip house raises its outlook", "More servers are sold.")
    with pytest.raises(NotCorrected, match="stands in no text"):
        said_missing(alice, story, amd, "the chip maker")
    assert said_missing(alice, story, amd, "chip  HOUSE").words == "chip house"
    assert (seen_by(cast.firm, amd), seen_by(cast.other_firm, amd)) == ([story.title], [])


def test_only_what_is_linked_is_wrong_and_only_what_is_not_is_missing(amd: Issuer, alice: Membership) -> None:
    story = news(*CHIPS)
    with pytest.raises(NotCorrected, match="do not link this story to Intel"):
        said_wrong(alice, story, make_issuer("Intel"))
    with pytest.raises(NotCorrected, match="linked to Advanced Micro Devices already"):
        said_missing(alice, story, amd, "AMD")
    assert Correction.objects.count() == 0


def test_alerts_on_it_are_taken_back_and_told_why(amd: Issuer, alice: Membership, cast: Cast) -> None:
    for firm, people in ((cast.firm, [cast.alice, cast.bob]), (cast.other_firm, [cast.charlie])):
        portfolio = make_portfolio(firm)
        make_holding(portfolio, amd.securities.get(), weight=0.05)
        make_rule(portfolio, people, min_impact=0, min_sentiment=0, patience_seconds=0)
    article = make_article(make_source(), title="AMD wins record order and beats estimates", text="AMD profit soars.")
    match_announced(read_articles([article.pk]).announcements)
    article.refresh_from_db()
    assert article.story is not None
    assert Alert.objects.count() == 2
    correction = said_wrong(alice, article.story, amd)
    tell_corrections([correction.pk, correction.pk])
    tell_corrections([correction.pk])
    own, others = Alert.objects.get(firm=cast.firm), Alert.objects.get(firm=cast.other_firm)
    assert (own.status, own.correction) == ("corrected", "Alice Ahn said that the story is not about Advanced Micro Devices.")
    assert others.status != "corrected"
    told = Delivery.objects.filter(step=Step.CORRECTION)
    assert {delivery.user for delivery in told} == {cast.alice, cast.bob}
    correction.refresh_from_db()
    assert correction.state == State.DONE


def test_the_rule_goes_on_to_the_next_company(amd: Issuer, alice: Membership, cast: Cast) -> None:
    other, portfolio = make_issuer("Zephyrion Robotics", listing="ZEPH XNAS"), make_portfolio(cast.firm)
    make_holding(portfolio, amd.securities.get(), weight=0.05)
    make_holding(portfolio, other.securities.get(), weight=0.02)
    make_rule(portfolio, [cast.alice], min_impact=0, min_sentiment=0, min_relevance=0, min_weight=0, patience_seconds=0)
    article = make_article(make_source(), title="AMD and Zephyrion Robotics win record orders", text="Profit soars.")
    match_announced(read_articles([article.pk]).announcements)
    article.refresh_from_db()
    assert Alert.objects.get().issuer == amd
    assert article.story is not None
    tell_corrections([said_wrong(alice, article.story, amd).pk])
    alert = Alert.objects.get()
    assert (alert.issuer, alert.weight, alert.status, alert.correction) == (other, 0.02, "confirmed", "")


def test_the_firm_is_not_alerted_on_it_again(amd: Issuer, alice: Membership, cast: Cast) -> None:
    portfolio = make_portfolio(cast.firm)
    make_holding(portfolio, amd.securities.get(), weight=0.05)
    story = news(*EYES)
    said_wrong(alice, story, amd)
    make_rule(portfolio, [cast.alice], min_impact=0, min_sentiment=0, patience_seconds=0)
    assert story.current_analysis is not None
    match_announced([story.current_analysis.announcement.pk])
    assert Alert.objects.count() == 0


# --- for everybody ---------------------------------------------------------------------------------------


def read_what_waits() -> None:
    read_articles(list(Article.objects.due().values_list("pk", flat=True)))


def test_what_staff_accept_is_read_again_and_learned(amd: Issuer, alice: Membership, cast: Cast, staff: User) -> None:
    story = news(*EYES)
    correction = said_wrong(alice, story, amd)
    accept(correction, staff, ["Macular", "retina"])
    accept(correction, staff, ["chips"])  # judged once
    read_what_waits()
    assert (linked(story), seen_by(cast.other_firm, amd)) == (set(), [])
    assert Alias.objects.get(text="AMD").against == "macular retina"
    assert linked(news("AMD of the retina", "Help is near.")) == set()
    assert linked(news(*CHIPS)) == {"Advanced Micro Devices"}
    change = MasterChange.objects.get()
    assert (change.by, change.why) == (staff, f"Correction {correction.pk}: wrong company in a story.")


def test_a_revision_of_the_article_does_not_bring_it_back(amd: Issuer, alice: Membership, staff: User) -> None:
    story = news(*EYES)
    accept(said_wrong(alice, story, amd), staff)
    Article.objects.filter(story=story).update(title="AMD drug works", state=State.WAITING)
    read_what_waits()
    assert linked(story) == set()


def test_a_name_can_be_made_to_need_a_reason(amd: Issuer, alice: Membership, staff: User) -> None:
    accept(said_wrong(alice, news(*EYES), amd), staff, needs_reason=True)
    assert Alias.objects.get(text="AMD").needs_corroboration


def test_revoked_it_is_forgotten_but_for_what_another_lesson_has(amd: Issuer, alice: Membership, staff: User) -> None:
    Alias.objects.filter(text="AMD").update(against="wet")
    first, second = news(*EYES), news("AMD and the macula", "Retina clinics see more AMD.", weeks_ago=1)
    one = accept(said_wrong(alice, first, amd), staff, ["Macular", "retina", "wet"], needs_reason=True)
    other = accept(said_wrong(alice, second, amd), staff, ["retina", "clinics"], needs_reason=True)
    alias = Alias.objects.get(text="AMD")
    assert alias.against == "wet macular retina clinics"
    revoke(one, staff)
    alias.refresh_from_db()
    assert (alias.against, alias.needs_corroboration) == ("wet retina clinics", True)
    revoke(other, staff)
    revoke(other, staff)
    read_what_waits()
    alias.refresh_from_db()
    assert (alias.against, alias.needs_corroboration) == ("wet", False)
    assert linked(first) == {"Advanced Micro Devices"}
    assert Correction.objects.get(pk=one.pk).verdict == "revoked"


def test_no_firm_takes_back_what_holds_for_everybody(amd: Issuer, alice: Membership, cast: Cast, staff: User) -> None:
    story = news(*EYES)
    stale = said_wrong(alice, story, amd)
    accept(stale, staff, ["macular"])
    with pytest.raises(NotCorrected, match="holds for everybody by now"):
        undo(stale, cast.alice)  # as it was before staff accepted it
    read_what_waits()
    assert (linked(story), Alias.objects.get(text="AMD").against) == (set(), "macular")


def test_a_missing_name_is_learned_with_its_context(amd: Issuer, alice: Membership, cast: Cast, staff: User) -> None:
    story = news("Chiplet House raises its outlook", "More servers are sold.")
    correction = accept(said_missing(alice, story, amd, "Chiplet House"), staff, ["servers"])
    read_what_waits()
    assert (linked(story), seen_by(cast.other_firm, amd)) == ({"Advanced Micro Devices"}, [story.title])
    mention = Mention.objects.get(article__story=story)
    assert (mention.words, mention.in_headline, mention.tier) == ("Chiplet House", True, "primary")
    alias = Alias.objects.get(text="Chiplet House")
    assert (alias.source, alias.beside) == ("person", "servers")
    assert linked(news("Chiplet House wins again", "The servers sell.")) == {"Advanced Micro Devices"}
    revoke(correction, staff)
    read_what_waits()
    assert (linked(story), Alias.objects.filter(text="Chiplet House").count()) == (set(), 0)


def test_a_name_that_two_taught_goes_with_the_second(amd: Issuer, alice: Membership, staff: User) -> None:
    stories = [news("The chip house grows", "A lot."), news("The chip house shrinks", "A bit.", weeks_ago=1)]
    both = [said_missing(alice, story, amd, "chip house") for story in stories]
    first, second = (accept(correction, staff, ["lot"]) for correction in both)
    revoke(first, staff)
    assert Alias.objects.get(text="chip house").beside == "lot"
    revoke(second, staff)
    assert Alias.objects.filter(text="chip house").count() == 0


def test_words_are_found_as_they_are_written(amd: Issuer, alice: Membership) -> None:
    story = news("Großstraßenbahn: Straße und Red team wins", "The blue\nteam loses.")
    assert said_missing(alice, story, amd, "red TEAM").words == "Red team"
    undo(Correction.objects.get(), alice.user)
    assert said_missing(alice, story, amd, "Blue team").words == "blue team"
    with pytest.raises(NotCorrected, match="already"):
        said_missing(alice, story, amd, "Red team")
    with pytest.raises(NotCorrected, match="stands in no text"):
        said_missing(alice, story, make_issuer(), "ß" * 150)


def test_what_is_accepted_while_the_story_is_read_is_not_lost(
    amd: Issuer, alice: Membership, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = news(*EYES)
    correction = said_wrong(alice, story, amd)
    Article.objects.filter(story=story).update(state=State.WAITING)
    seen = reading._untouched

    def accepted_meanwhile(drafts: Sequence[reading.Draft]) -> list[reading.Draft]:
        accept(correction, staff)
        return seen(drafts)

    monkeypatch.setattr(reading, "_untouched", accepted_meanwhile)
    read_what_waits()
    monkeypatch.undo()
    assert Article.objects.due().count() == 1
    read_what_waits()
    assert linked(story) == set()


def test_what_is_refused_stays_with_the_firm(amd: Issuer, alice: Membership, cast: Cast, staff: User) -> None:
    story = news(*EYES)
    correction = said_wrong(alice, story, amd)
    refuse(correction, staff)
    accept(correction, staff)
    correction.refresh_from_db()
    assert correction.verdict == "refused"
    assert (seen_by(cast.firm, amd), linked(story)) == ([], {"Advanced Micro Devices"})


def test_precision_by_name_origin_and_source(amd: Issuer, alice: Membership, staff: User) -> None:
    wrong, *_ = news(*EYES), news(*CHIPS), news("AMD up", "AMD.", 1), news("Advanced Micro Devices (NASDAQ: AMD)", "", 2)
    accept(said_wrong(alice, wrong, amd), staff)
    read_what_waits()
    said_missing(alice, news("Red team wins", ""), amd, "Red team")
    found = link_precision()
    assert [(row.name, row.linked, row.wrong, row.missed) for row in found.names] == [
        ("“amd” for Advanced Micro Devices", 3, 1, 0),
        ("“red team” for Advanced Micro Devices", 0, 0, 1),
    ]
    assert found.names[0].precision == pytest.approx(2 / 3)
    assert found.names[1].precision is None
    by_person = next(row for row in found.origins if row.name == "names from a person")
    assert (by_person.linked, by_person.wrong) == (4, 1)
    assert sum(row.wrong for row in found.sources) == 1


# --- the pages -------------------------------------------------------------------------------------------


@pytest.fixture
def eyes(amd: Issuer) -> Story:
    return news(*EYES)


def test_an_analyst_says_so_and_takes_it_back(eyes: Story, amd: Issuer, alice_client: Client, cast: Cast) -> None:
    story = alice_client.get(f"/stories/{eyes.pk}/").content.decode()
    assert "Why is this linked?" in story
    assert "“AMD” in the headline" in story
    where = f"/stories/{eyes.pk}/wrong-company/{amd.slug}/"
    assert 'value="macular"' in alice_client.get(where).content.decode()
    assert alice_client.post(where, {"context": "nonsense"}).status_code == 422
    done = alice_client.post(where, {"context": ["macular"], "note": "Eyes."}, follow=True).content.decode()
    assert "Not about" in done
    assert "By what we know and what your firm said, this story is about no company" in done
    assert alice_client.post(where, {}).status_code == 422
    correction = Correction.objects.get()
    assert (correction.context, correction.note, correction.made_by) == ("macular", "Eyes.", cast.alice)
    assert "Eyes." in alice_client.get("/corrections/").content.decode()
    assert "Said wrong" not in alice_client.get("/corrections/").content.decode()
    undone = alice_client.post(f"/corrections/{correction.pk}/undo/", follow=True).content.decode()
    assert "Taken back" in undone


def test_an_analyst_adds_what_is_missing(alice_client: Client, amd: Issuer, across_firms: None) -> None:
    story = news("Red team wins", "An order.")
    where = f"/stories/{story.pk}/missing-company/"
    assert "No company of the security master" in alice_client.get(where, {"q": "nobody"}).content.decode()
    assert "AMD US" in alice_client.get(where, {"q": "amd"}).content.decode()
    refused = alice_client.post(f"{where}?q=amd", {"company": amd.slug, "words": "Blue team"})
    assert (refused.status_code, "stands in no text of this story" in refused.content.decode()) == (422, True)
    done = alice_client.post(f"{where}?q=amd", {"company": amd.slug, "words": "red team"}, follow=True).content.decode()
    assert "Also about" in done
    assert amd.name in alice_client.get(f"/companies/{amd.slug}/").content.decode()
    assert "Red team wins" in alice_client.get(f"/companies/{amd.slug}/").content.decode()


def test_staff_judge_what_all_firms_said(
    eyes: Story, amd: Issuer, alice: Membership, staff: User, alice_client: Client, cast: Cast
) -> None:
    correction = said_wrong(alice, eyes, amd, context="macular")
    with every_firm():
        Membership.objects.create(firm=cast.other_firm, user=staff, role=Membership.Role.ANALYST)
    client, verdict = signed_in(staff), f"/corrections/{correction.pk}/verdict/"
    page = client.get("/corrections/").content.decode()
    assert "Northlake Capital" in page
    assert 'value="macular"' in page
    assert alice_client.post(verdict, {"verdict": "accepted"}).status_code == 403
    assert client.post(verdict, {"verdict": "perhaps"}).status_code == 403
    judged = client.post(verdict, {"verdict": "accepted", "words": "macular", "needs_reason": "on"}, follow=True)
    assert "the name has learned" in judged.content.decode()
    refused = alice_client.post(f"/corrections/{correction.pk}/undo/", follow=True).content.decode()
    assert "only those who keep the security master" in refused
    assert client.post(verdict, {"verdict": "accepted"}).status_code == 404
    alias = Alias.objects.get(text="AMD")
    assert (alias.against, alias.needs_corroboration) == ("macular", True)
    assert alice_client.post(f"/corrections/{correction.pk}/revocation/").status_code == 403
    client.post(f"/corrections/{correction.pk}/revocation/")
    assert client.post(f"/corrections/{correction.pk}/revocation/").status_code == 404
    alias.refresh_from_db()
    assert (alias.against, alias.needs_corroboration) == ("", False)


def test_a_private_story_is_marked_and_its_words_are_not_offered(amd: Issuer, alice: Membership, staff: User, cast: Cast) -> None:
    article = make_article(make_source(cast.firm), title=EYES[0], text=EYES[1])
    read_articles([article.pk])
    article.refresh_from_db()
    assert article.story is not None
    said_wrong(alice, article.story, amd, context="projectnightingale")
    with every_firm():
        Membership.objects.create(firm=cast.other_firm, user=staff, role=Membership.Role.ANALYST)
    page = signed_in(staff).get("/corrections/").content.decode()
    assert "Private story" in page
    assert "projectnightingale" not in page


def test_joining_keeps_what_was_said_and_seen(amd: Issuer, alice: Membership, cast: Cast, staff: User) -> None:
    story = news(*EYES)
    correction = said_wrong(alice, story, amd)
    accept(correction, staff)
    right = news("Advanced Micro Devices grows", "A lot.")
    assert seen_by(cast.firm, amd) == [right.title]
    twin = make_issuer("AMD of Santa Clara", aliases=["AMD"])
    with firm_scope(cast.other_firm):
        join(twin, amd)
    assert seen_by(cast.firm, twin) == [right.title]
    Article.objects.filter(story__in=[story, right]).update(state=State.WAITING)
    read_what_waits()
    assert (linked(story), linked(right)) == (set(), {"AMD of Santa Clara"})
    correction.refresh_from_db()
    assert (correction.issuer, correction.alias and correction.alias.issuer) == (twin, twin)


def test_staff_say_it_for_everybody_at_once(eyes: Story, amd: Issuer, staff: User, cast: Cast) -> None:
    with every_firm():
        Membership.objects.create(firm=cast.firm, user=staff, role=Membership.Role.ANALYST)
    signed_in(staff).post(f"/stories/{eyes.pk}/wrong-company/{amd.slug}/", {"context": ["macular"]})
    read_what_waits()
    assert (linked(eyes), Alias.objects.get(text="AMD").against) == (set(), "macular")


@pytest.mark.parametrize("path", ["/stories/{}/wrong-company/{}/", "/stories/{}/missing-company/"])
def test_who_may_only_look_corrects_nothing(path: str, eyes: Story, amd: Issuer, cast: Cast) -> None:
    with every_firm():
        visitor = make_user()
        Membership.objects.create(firm=cast.firm, user=visitor, role=Membership.Role.VISITOR)
    assert signed_in(visitor).post(path.format(eyes.pk, amd.slug)).status_code == 403
    assert "Wrong company" not in signed_in(visitor).get(f"/stories/{eyes.pk}/").content.decode()


def test_a_correction_of_another_firm_is_out_of_reach(
    eyes: Story, amd: Issuer, alice: Membership, charlie_client: Client
) -> None:
    correction = said_wrong(alice, eyes, amd)
    assert charlie_client.post(f"/corrections/{correction.pk}/undo/").status_code == 404
    assert "Not about" not in charlie_client.get(f"/stories/{eyes.pk}/").content.decode()
    assert "AMD" not in charlie_client.get("/corrections/").content.decode()


def test_as_many_queries_however_much_was_corrected(
    amd: Issuer, alice: Membership, staff: User, cast: Cast, across_firms: None
) -> None:
    with every_firm():
        Membership.objects.create(firm=cast.firm, user=staff, role=Membership.Role.ANALYST)

    def queries(client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/corrections/").status_code == 200
        return len(captured)

    weeks = count()

    def correct() -> None:
        corrections.said_wrong(alice, news(*EYES, weeks_ago=next(weeks)), amd)

    clients: list[Client] = [signed_in(staff), signed_in(cast.alice)]
    correct()
    before = [queries(client) for client in clients]
    steps: list[Callable[[], None]] = [correct] * 4
    for step in steps:
        step()
    assert [queries(client) for client in clients] == before
