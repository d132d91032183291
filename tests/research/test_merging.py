"""What people say of stories: that two are one, or one is two. Staff do so, in the administration."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import Firm, User
from accounts.scope import every_firm
from accounts.work import State
from portfolios.models import Issuer
from research.merging import NotMerged, split, undo, unite
from research.models import Analysis, Announcement, Article, Publication, Story, StoryMerge
from research.reading import read_articles
from tests.cast import Cast, signed_in
from tests.make import make_analysis, make_article, make_issuer, make_source, make_user

pytestmark = pytest.mark.django_db

BUSES = ("Hon Hai opens a plant for electric buses", "The first buses leave the plant in Ohio.")
RACKS = ("Foxconn to design server racks with OpenAI", "The companies will build racks in America.")


@pytest.fixture
def staff(across_firms: None) -> User:
    make_issuer("Hon Hai", aliases=["Foxconn"], listing="2317 XTAI")
    return make_user(is_staff=True, is_superuser=True)


def story_of(*articles: Article) -> Story:
    read_articles([article.pk for article in articles])
    stories = {Article.objects.get(pk=article.pk).story for article in articles}
    assert len(stories) == 1
    story = stories.pop()
    assert story is not None
    return story


def told(title: str, text: str, firm: Firm | None = None) -> Article:
    return make_article(make_source(firm), title=title, text=text)


def test_two_are_one_by_a_persons_word_and_nobody_is_told(staff: User) -> None:
    buses, racks = story_of(told(*BUSES)), story_of(told(*RACKS))
    announced = Announcement.objects.count()
    goes_on = unite([racks, buses], staff)
    assert goes_on == buses
    assert set(goes_on.articles.values_list("title", flat=True)) == {BUSES[0], RACKS[0]}
    made = StoryMerge.objects.get()
    assert (made.story, made.other, made.made_by) == (buses, racks, staff)
    assert Announcement.objects.count() == announced
    assert Analysis.objects.filter(story=buses).latest("version").version == 2


def test_a_story_that_was_read_in_full_keeps_its_summary_and_is_read_again(staff: User, settings: LazySettings) -> None:
    buses, racks = story_of(told(*BUSES)), story_of(told(*RACKS))
    full = make_analysis(buses, version=2, lane="full", engine="model", summary="Buses.")
    Story.objects.filter(pk=buses.pk).update(current_analysis=full, state=State.DONE)
    third = story_of(told("Hon Hai names a chairman", "The board voted."))
    unite([buses, racks], staff)
    buses.refresh_from_db()
    assert (buses.current_analysis, buses.state) == (full, State.DONE)
    settings.MODEL_CONFIGURED = True
    unite([buses, third], staff)
    buses.refresh_from_db()
    assert (buses.current_analysis, buses.state) == (full, State.WAITING)


def test_one_that_waited_to_be_read_in_full_does_so_in_the_one_it_went_into(staff: User, settings: LazySettings) -> None:
    buses, racks = story_of(told(*BUSES)), story_of(told(*RACKS))
    settings.MODEL_CONFIGURED = settings.READ_EVERYTHING = True
    Story.objects.filter(pk=racks.pk).update(state=State.WAITING)
    unite([buses, racks], staff)
    buses.refresh_from_db()
    assert buses.state == State.WAITING


def test_of_two_the_published_one_goes_on(staff: User) -> None:
    buses, racks = story_of(told(*BUSES)), story_of(told(*RACKS))
    Publication.objects.create(story=racks, slug="racks")
    assert unite([racks, buses], staff) == racks
    third = story_of(told("Hon Hai names a chairman", "The board voted."))
    Publication.objects.create(story=third, slug="chairman")
    with pytest.raises(NotMerged, match="public pages"):
        unite([racks, third], staff)


def test_undone_they_are_two_again_and_are_read_anew(staff: User) -> None:
    buses, racks = story_of(told(*BUSES)), story_of(told(*RACKS))
    unite([buses, racks], staff)
    undo(StoryMerge.objects.get(), staff)
    assert list(Story.objects.live().order_by("pk")) == [buses, racks]
    assert [article.title for article in racks.articles.all()] == [RACKS[0]]
    assert Article.objects.filter(state=State.WAITING).count() == 2
    undo(StoryMerge.objects.get(), staff)
    assert StoryMerge.objects.get().undone_by == staff


def test_an_article_that_tells_of_another_event_is_taken_out_and_stays_out(staff: User) -> None:
    first, copy = told(*BUSES), told(*BUSES)
    old = story_of(first, copy)
    new = split([copy], staff)
    read_articles([first.pk, copy.pk])
    copy.refresh_from_db()
    assert (copy.story, copy.copy_of) == (new, None)
    assert new.analyses.exists()
    with pytest.raises(NotMerged, match="nothing would be left"):
        split([first], staff)
    with pytest.raises(NotMerged, match="articles of one story"):
        split([first, copy], staff)
    story_of(third := told(*BUSES))
    third.refresh_from_db()
    assert Story.objects.live().count() == 2, "whichever it joins, it unites them not"
    assert old.pk in {story.pk for story in Story.objects.live()}


@pytest.mark.parametrize("number", [0, 1])
def test_one_story_is_no_two(staff: User, number: int) -> None:
    with pytest.raises(NotMerged, match="two stories or more"):
        unite([story_of(told(*BUSES))][:number], staff)


def test_what_is_private_is_united_with_nothing_of_others(staff: User, cast: Cast) -> None:
    public, own = story_of(told(*BUSES)), story_of(told(*RACKS, cast.firm))
    with pytest.raises(NotMerged, match="same firm"):
        unite([public, own], staff)
    assert not StoryMerge.objects.exists()


@pytest.mark.slow
def test_staff_unite_and_take_apart_in_the_administration(cast: Cast) -> None:
    boss = make_user(is_staff=True, is_superuser=True)
    with every_firm():
        make_issuer("Hon Hai", aliases=["Foxconn"], listing="2317 XTAI")
        stories = [story_of(told(*BUSES)), story_of(told(*RACKS))]
        articles = [Article.objects.get(story=story).pk for story in stories]

    def act(client: Client, page: str, action: str, *chosen: int) -> str:
        form = {"action": action, "_selected_action": chosen}
        return client.post(f"/admin/research/{page}/", form, follow=True).content.decode()

    staff = signed_in(boss)
    assert "Choose two stories or more" in act(staff, "story", "unite", stories[0].pk)
    assert "They are one story now" in act(staff, "story", "unite", *[story.pk for story in stories])
    with every_firm():
        made = StoryMerge.objects.get()
    act(signed_in(make_user(is_staff=True)), "storymerge", "undo", made.pk)
    assert "1 taken apart" in act(staff, "storymerge", "undo", made.pk)
    assert "nothing would be left" in act(staff, "article", "take_out", articles[0])
    assert "0 taken apart" in act(staff, "storymerge", "undo", made.pk)


def test_a_company_read_only_in_what_went_over_is_read_in_the_one(staff: User) -> None:
    nvidia: Issuer = make_issuer("Nvidia", listing="NVDA XNAS")
    buses, chips = story_of(told(*BUSES)), story_of(told("Nvidia opens a laboratory", "Nvidia hires in Munich."))
    goes_on = unite([buses, chips], staff)
    goes_on.refresh_from_db()
    assert goes_on.current_analysis is not None
    assert nvidia.pk in set(goes_on.current_analysis.readings.values_list("issuer", flat=True))
