"""`manage.py evaluate`: figures of the functions that production runs on, in memory."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.evaluation.shares import share, share_low
from config.evaluation.stories import b_cubed, f1_low, pairwise_f1
from tests.shared_data import shared

KEYS = [
    "n", "gold", "predicted", "not_in_master", "precision", "recall", "f1", "precision_low", "recall_low", "primary_agreement",
    "tiers", "articles_per_s",
]  # fmt: skip
ROWS = [
    {
        "title": "OpenAI and Foxconn to co-design racks",
        "description": "Nvidia was not named. By Apple Inc.",
        "issuers": [
            {"listing": "2317.TW", "relevance": "primary"},
            {"listing": "NVDA", "relevance": "passing"},
            {"listing": "AAPL", "optional": True},
            {"listing": None, "name": "OpenAI"},
            {"listing": "VOD.L"},
        ],
    },
    {"title": "Quanta falls", "text": "", "issuers": [{"exchange": "TWSE", "ticker": "2382"}]},
    {"title": "Microsoft rises", "text": "", "issuers": [{"exchange": "NASDAQ", "ticker": "INTC"}]},
]
STORY_KEYS = ["n", "stories", "precision", "recall", "f1", "f1_low", "pairwise_f1", "articles_per_s"]
STORY_ROWS = [
    {"title": title, "description": text, "source": source, "published_at": f"2031-03-0{day}T10:00:00Z", "story": story}
    for story, day, source, title, text in (
        ("plant", 4, "a", "Foxconn to build server plant in Ohio", "Foxconn said the plant will cost $2 billion."),
        ("chief", 5, "b", "Intel names new finance chief", "The chipmaker appointed a veteran of the industry."),
        ("plant", 4, "c", "Foxconn to build server plant in Ohio", "The plant is to cost $2 billion."),
        ("plant", 5, "d", "Local museum reopens after long repairs", "Labelled as no joining could find it."),
    )
]
# Two articles of one event and two of another were put into one story, the last of the other was left out.
FOUND, GOLD = [1, 1, 1, 1, 2], ["a", "a", "b", "b", "b"]


def evaluate(*args: str) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate", *args, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def test_linking_on_our_own_master(file: Path, tmp_path: Path) -> None:
    found = evaluate("linking", str(file), "--master", str(tmp_path))
    assert list(found) == KEYS
    # Microsoft is wrong, Intel is missed; Apple counts neither way, OpenAI has no listing, Vodafone is not in the master.
    assert {key: found[key] for key in KEYS[:7]} == {
        "n": 3, "gold": 4, "predicted": 4, "not_in_master": 1, "precision": 0.75, "recall": 0.75, "f1": 0.75,
    }  # fmt: skip
    assert found["primary_agreement"] == 1
    assert found["tiers"]["primary as primary"] == 1


def test_of_masked_tickers_there_is_no_precision(file: Path, tmp_path: Path) -> None:
    found = evaluate("linking", str(file), "--masked", "--master", str(tmp_path))
    assert (found["precision"], found["f1"], found["recall"]) == (None, None, 0.75)


def test_stories(tmp_path: Path) -> None:
    path = tmp_path / "stories.jsonl"
    path.write_text("\n".join(map(json.dumps, STORY_ROWS)))
    found = evaluate("stories", str(path), "--master", str(tmp_path))
    assert list(found) == STORY_KEYS
    # The two copies are found, the museum is not: recall is 2/3, 2/3, 1/3 and 1, F1 is 0.8. Of three pairs one is found.
    assert {key: found[key] for key in ("n", "stories", "precision", "recall", "f1", "pairwise_f1")} == {
        "n": 4, "stories": 3, "precision": 1.0, "recall": 0.6667, "f1": 0.8, "pairwise_f1": 0.5,
    }  # fmt: skip
    assert found["f1_low"] <= found["f1"]
    assert found["articles_per_s"] > 0


def test_of_no_articles_nothing_is_measured(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    found = evaluate("stories", str(tmp_path / "empty.jsonl"), "--master", str(tmp_path))
    assert found == {"n": 0, "stories": 0} | dict.fromkeys(STORY_KEYS[2:])


def test_b_cubed_as_worked_out_by_hand() -> None:
    # Precision: 2/4 for each of four, 1 for the fifth. Recall: 1 for both of a; 2/3, 2/3 and 1/3 for those of b.
    assert b_cubed(FOUND, GOLD) == pytest.approx((3 / 5, 11 / 15))
    assert b_cubed(GOLD, FOUND) == pytest.approx((11 / 15, 3 / 5))
    assert b_cubed(GOLD, GOLD) == (1.0, 1.0)
    assert b_cubed([], []) == (None, None)


def test_pairs_as_counted_by_hand() -> None:
    assert pairwise_f1(FOUND, GOLD) == pytest.approx(2 * 2 / (6 + 4))  # six pairs put together, four right ones, two are both
    assert pairwise_f1([1, 2, 3], ["a", "b", "c"]) is None, "there is no pair to find"


def test_the_lower_bound_is_no_higher_and_always_the_same() -> None:
    f1 = 2 * (3 / 5) * (11 / 15) / (3 / 5 + 11 / 15)
    assert 0 < (f1_low(FOUND, GOLD) or 0) <= f1
    assert f1_low(FOUND, GOLD) == f1_low(FOUND, GOLD)
    assert f1_low(GOLD, GOLD) == 1.0
    assert f1_low([], []) is None


@pytest.mark.parametrize(
    "content",
    [
        None,  # no such file
        "{",
        json.dumps({key: value for key, value in STORY_ROWS[0].items() if key != "story"}),
        json.dumps(STORY_ROWS[0] | {"published_at": "some day"}),
    ],
)
def test_stories_that_cannot_be_read_are_refused(content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if content is not None:
        (tmp_path / "stories.jsonl").write_text(content)
    with pytest.raises(SystemExit) as refused:
        evaluate("stories", str(tmp_path / "stories.jsonl"), "--master", str(tmp_path))
    assert refused.value.code == 2
    assert "Nothing was measured" in capsys.readouterr().err


GROUNDING = {
    "id": "a",
    "texts": ["Foxconn said on 14 May 2026 that sales rose 20% to $1.2bn. It did not elaborate."],
    "candidates": ["Hon Hai Precision Industry"],
    "reply": {
        "summary": "Hon Hai's sales were up 20 percent to 1.2 billion dollars, it said on May 14, 2026, and did not elaborate.",
        "sections": {"new": "Sales of $1,200 million.", "risk": None},
        "evidence": [{"claim": "summary", "quote": "sales rose 20% to $1.2bn"}],
    },
    "spoiled": None,
}


def spoiled(kind: str, old: str, new: str) -> dict[str, Any]:
    reply = json.loads(json.dumps(GROUNDING["reply"]).replace(old, new))
    assert reply != GROUNDING["reply"]
    return GROUNDING | {"id": kind, "reply": reply, "spoiled": kind}


def test_grounding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        GROUNDING,
        spoiled("number", "20 percent", "30 percent"),
        spoiled("date", "May 14", "May 15"),
        spoiled("currency", "1.2 billion dollars", "1.2 billion euros"),
        spoiled("scale", "1.2 billion", "1.2 million"),
        spoiled("quote", "sales rose 20% to", "sales fell 20% to"),
        spoiled("name", "Hon Hai's", "Siemens's"),
        spoiled("negation", "did not elaborate", "elaborated"),
    ]
    (tmp_path / "replies.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = evaluate("grounding", str(tmp_path / "replies.jsonl"))
    assert list(found) == ["n", "spoiled_caught", "true_refused", "by_kind"]
    assert (found["n"], found["spoiled_caught"], found["true_refused"]) == (8, 1.0, 0.0)
    assert found["by_kind"] == dict.fromkeys(("number", "date", "currency", "scale", "quote", "name", "negation"), 1.0)
    (tmp_path / "true.jsonl").write_text(json.dumps(GROUNDING))
    found = evaluate("grounding", str(tmp_path / "true.jsonl"))
    assert (found["spoiled_caught"], found["by_kind"]["date"]) == (None, None)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        json.dumps(GROUNDING | {"spoiled": "tone"}),
        json.dumps(GROUNDING | {"texts": "a"}),
        json.dumps(GROUNDING | {"reply": {}}),
    ],
)
def test_replies_that_cannot_be_read_are_refused(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "replies.jsonl").write_text(content)
    with pytest.raises(SystemExit) as refused:
        evaluate("grounding", str(tmp_path / "replies.jsonl"))
    assert refused.value.code == 2
    assert "Nothing was measured" in capsys.readouterr().err


def test_what_cannot_be_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        evaluate("linking", str(tmp_path / "missing.jsonl"))
    assert refused.value.code == 2
    assert "Nothing was measured" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("hits", "of", "low"),
    [(0, 0, None), (0, 10, 0.0), (10, 10, 0.7411), (97, 100, 0.9243), (291, 300, 0.9483)],  # as tables give them
)
def test_lower_bounds(hits: int, of: int, low: float | None) -> None:
    assert share_low(hits, of) == (None if low is None else pytest.approx(low, abs=2e-4))
    assert share(hits, of) == (round(hits / of, 4) if of else None)


@pytest.mark.slow
def test_labelled_news() -> None:
    found = evaluate("linking", str(shared("labelled/news_dev.jsonl")), "--master", str(shared("master")))
    assert found["f1"] >= 0.97
    assert found["precision"] >= 0.97
    assert found["recall"] >= 0.96
    assert found["primary_agreement"] >= 0.88


@pytest.mark.slow
def test_masked_tickers() -> None:
    path = shared("entities/masked_tickers_2022_2023h1.jsonl.gz")
    assert evaluate("linking", str(path), "--masked", "--master", str(shared("master")))["recall"] >= 0.96


@pytest.mark.slow
def test_labelled_stories() -> None:
    found = evaluate("stories", str(shared("labelled/news_dev.jsonl")), "--master", str(shared("master")))
    assert found["f1"] >= 0.82
    assert found["precision"] >= 0.9
