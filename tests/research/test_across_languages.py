"""One event told in English, Chinese, Japanese and German is one story: by its company, its figures and its time."""

from datetime import UTC, datetime, timedelta

import pytest

from config.evaluation.stories import in_stories
from portfolios.models import Issuer
from research.across_languages import figures, share_figures
from research.fingerprints import Fingerprint, fingerprint
from research.mentions import AliasRow, Names, find_mentions
from research.models import Article
from research.new_facts import new_facts
from research.notation import in_english_notation, language_of
from research.reading import read_articles
from research.stories import told_alike
from tests.make import make_article, make_issuer, make_source

HON_HAI = ("Hon Hai", "Foxconn", "鴻海", "ホンハイ")
NAMES = Names([AliasRow(1, name, False) for name in HON_HAI] + [AliasRow(2, "Quanta", False), AliasRow(2, "廣達", False)], [])
ENGLISH = (
    "Hon Hai to invest $6.1 billion in Texas server plant",
    "Hon Hai, known as Foxconn, will invest $6.1 billion in a plant in Houston that makes AI servers, creating 3,500 jobs.",
)
CHINESE = (
    "鴻海砸61億美元赴德州建AI伺服器廠",
    "鴻海今（20）日宣布，將斥資61億美元在美國德州休士頓興建AI伺服器新廠，預計創造3,500個就業機會。",
)
JAPANESE = (
    "鴻海、米テキサス州に61億ドルのAIサーバー工場",
    "台湾の鴻海（ホンハイ）は20日、米テキサス州に61億ドルを投じ、AIサーバーの新工場を建設すると発表した。3500人を雇用する。",
)
GERMAN = (
    "Foxconn investiert 6,1 Mrd. Dollar in Serverwerk in Texas",
    "Der Auftragsfertiger Hon Hai (Foxconn) baut für 6,1 Milliarden Dollar ein Werk für KI-Server. Dort sollen 3.500 Stellen "
    "entstehen, teilte der Konzern am Donnerstag mit.",
)
REVENUE_IN_CHINESE = (
    "鴻海10月營收8,957億元 年增11.3%",
    "鴻海（2317）今（20）日公布10月營收8,957億元，月增6.95%，年增11.3%，創歷年同期新高。",
)
CHAIRMAN_IN_CHINESE = ("鴻海換帥 董座由電動車事業主管接任", "鴻海董事會20日通過人事案，由電動車事業群負責人接任董事長。")
ALL = (ENGLISH, CHINESE, JAPANESE, GERMAN, REVENUE_IN_CHINESE, CHAIRMAN_IN_CHINESE)


def told(title: str, text: str, at: float = 0.0, outlet: str = "wire") -> Fingerprint:
    return fingerprint(title, text, find_mentions(NAMES, title, text), outlet, at)


@pytest.mark.parametrize("first", range(4))
def test_one_event_in_four_languages_is_one_story_whichever_came_first(first: int) -> None:
    order = [*ALL[first:4], *ALL[:first], *ALL[4:]]
    articles = [told(*each, at=5.0 * n, outlet=f"outlet {n}") for n, each in enumerate(order)]
    assert in_stories(articles) == [0, 0, 0, 0, 4, 5]


def test_in_the_database_too(across_firms: None) -> None:
    hon_hai: Issuer = make_issuer(HON_HAI[0], aliases=HON_HAI[1:], listing="2317 XTAI")
    now = datetime.now(UTC)
    articles = [
        make_article(make_source(), title=title, text=text, published_at=now - timedelta(hours=20 - 3 * n))
        for n, (title, text) in enumerate(ALL)
    ]
    for article in articles:
        read_articles([article.pk])
    rows = Article.objects.filter(pk__in=[article.pk for article in articles]).order_by("pk")
    stories = [article.story_id for article in rows]
    assert [stories.index(story) for story in stories] == [0, 0, 0, 0, 4, 5]
    assert all(hon_hai in [mention.issuer for mention in article.mentions.all()] for article in rows)


def test_two_reports_in_chinese_are_one_story_and_the_companys_other_news_is_not() -> None:
    again = (
        "鴻海宣布投資61億美元 在德州休士頓蓋新廠",
        "鴻海（2317）20日公告，將在德州興建AI伺服器工廠，可望創造3,500個工作機會。",
    )
    articles = [told(*each, at=float(n)) for n, each in enumerate((CHINESE, again, REVENUE_IN_CHINESE, CHAIRMAN_IN_CHINESE))]
    assert in_stories(articles) == [0, 0, 2, 3]


@pytest.mark.parametrize(
    ("other", "hours"),
    [
        (CHINESE, 25),  # days later it is another matter
        (("廣達砸61億美元建廠", "廣達宣布，將斥資61億美元在美國德州休士頓興建新廠，創造3,500個就業機會。"), 1),  # another company
        (("鴻海砸16億美元赴德州建廠", "鴻海宣布，將斥資16億美元在德州建廠。"), 1),
        (("鴻海在德州建廠", "鴻海宣布在美國德州休士頓興建AI伺服器新廠。"), 1),  # nothing to tell it by
        (("鴻海股價漲10%", "鴻海股價20日上漲10%。"), 1),
    ],
)
def test_what_another_language_tells_of_something_else_stays_apart(other: tuple[str, str], hours: float) -> None:
    assert told_alike(told(*ENGLISH), told(*other, at=hours)) == 0.0


def test_where_neither_has_a_figure_the_words_decide() -> None:
    english = told("Foxconn and Microsoft extend cloud gaming partnership", "The companies said so on Thursday.")
    german = told("Foxconn und Microsoft bauen Cloud-Gaming-Partnerschaft aus", "Das teilten die Unternehmen am Donnerstag mit.")
    assert 0.0 < told_alike(english, german) < 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("\n\n".join(ENGLISH), "en"),
        ("\n\n".join(CHINESE), "zh"),
        ("\n\n".join(JAPANESE), "ja"),
        ("\n\n".join(GERMAN), "de"),
        ("삼성전자, 3분기 영업이익 12조원", "ko"),
        ("Microsoft et NVIDIA annoncent un accord dans le domaine des jeux", "fr"),
        ("Microsoft y NVIDIA anuncian un nuevo acuerdo para los juegos en la nube", "es"),
        ("AI Eye Podcast (NYSE: IBM) by Investorideas.com", "en"),
        ("Von der Leyen meets Die Hard star in Des Moines, as the mayor said", "en"),
        ("", "en"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It pays $6.1 billion, 11.3% more, on 20 November 2025 for 3,500 jobs.", "en", {"6100000000 ", "11.3 %", "3500 "}),
        ("斥資61億美元，年增11.3%，創造3,500個職缺", "zh", {"6100000000 ", "11.3 %", "3500 "}),
        ("營收1兆2,000億元", "zh", {"1200000000000 "}),
        ("資本額2億5千萬元，每股3.5萬元", "zh", {"250000000 ", "35000 "}),
        ("売上高は1兆2000億円", "ja", {"1200000000000 "}),
        (
            "6,1 Mrd. Dollar, 11,3 Prozent mehr, 3.500 Stellen, 12 Mio. Euro",
            "de",
            {"6100000000 ", "11.3 %", "3500 ", "12000000 "},
        ),
        ("6,1 milliards de dollars, 11,3 pour cent, 3 500 emplois", "fr", {"6100000000 ", "11.3 %", "3500 "}),
        ("6.100 millones de dólares, 6,1 mil millones", "es", {"6100000000 "}),
        ("6,1 miliardi, 12 mln", "it", {"6100000000 ", "12000000 "}),
        ("Top 5 of 10 (2317.TW) in 2025", "en", set()),
    ],
)
def test_figures_by_what_they_are_worth(text: str, language: str, expected: set[str]) -> None:
    assert figures(text, language) == expected


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ({"6100000000 "}, {"6100000000 ", "3500 "}, True),
        ({"895700000000 "}, {"896000000000 "}, True),  # rounded
        ({"6100000000 "}, {"1600000000 "}, False),
        ({"5000000000 "}, {"5000000000 "}, True),
        ({"10 %"}, {"10 %"}, False),  # said of anything
        ({"11.3 %"}, {"11.3 "}, False),
        ({"11.3 %", "400 ", "72 %", "81 %"}, {"11.3 %", "900 ", "65 %"}, False),  # one of many
        (set(), set(), False),
    ],
)
def test_whether_figures_are_those_of_one_event(one: set[str], other: set[str], shared: bool) -> None:
    assert share_figures(one, other) is share_figures(other, one) is shared


def test_what_is_told_again_in_german_is_nothing_new_and_what_is_new_stands_at_its_place() -> None:
    before, text = "\n\n".join(ENGLISH), "\n\n".join(GERMAN)
    assert new_facts([before], text) == []
    more = f"{text} Der Umsatz ist um 12,5 Prozent auf 1.234 Mio. Euro gestiegen."
    assert [fact.words for fact in new_facts([before], more)] == ["12,5 Prozent", "1.234 Mio. Euro"]
    assert new_facts([text], before) == []


def test_numbers_written_the_english_way_keep_their_places() -> None:
    german = "Der Umsatz der Firma ist um 12,5 Prozent auf 1.234,5 Mio. Euro, das Ergebnis auf 6,1 Milliarden gestiegen."
    assert len(in_english_notation(german)) == len(german)
    assert "12.5 %       auf 1,234.5 mn   Euro" in in_english_notation(german)
    assert in_english_notation(ENGLISH[1]) == ENGLISH[1]
