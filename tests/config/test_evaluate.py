"""`manage.py evaluate`: figures of the functions that production runs on, in memory."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.evaluation.shares import share, share_low
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
