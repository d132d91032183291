"""`manage.py evaluate sentiment` and `evaluate materiality`: their keys, their arithmetic, and what they refuse."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from config.evaluation.materiality import auc
from config.evaluation.sentiment import accuracy, calibration_error, macro_f1, places_of, spearman


def evaluate(kind: str, file: Path, *more: str) -> dict[str, object]:
    out = StringIO()
    call_command("evaluate", kind, str(file), *more, stdout=out)
    return dict(json.loads(out.getvalue()))


def written(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_sentiment_by_text_and_by_company(tmp_path: Path) -> None:
    file = written(
        tmp_path / "rows.jsonl",
        {"text": "Operating profit rose to EUR 13 million from EUR 8 million.", "label": "positive"},
        {"text": "Net sales fell by 10%.", "label": "negative"},
        {
            "text": "Acme soars, Brion tumbles",
            "entities": [{"name": "Acme", "label": "positive"}, {"name": "Brion", "label": "negative"}],
        },
        {"text": "Acme shares plunge", "entities": [{"name": "Acme", "score": -0.8}]},
    )
    found = evaluate("sentiment", file)
    assert list(found) == [
        "n", "accuracy", "macro_f1", "per_label", "spearman", "sign_accuracy", "ece", "conflicting", "texts_per_s", "model",
    ]  # fmt: skip
    assert (found["n"], found["accuracy"], found["macro_f1"], found["sign_accuracy"]) == (5, 1.0, 1.0, 1.0)
    assert found["conflicting"] == {"n": 2, "accuracy": 1.0, "macro_f1": 1.0}


def test_of_no_rows_nothing_was_measured(tmp_path: Path) -> None:
    found = evaluate("sentiment", written(tmp_path / "none.jsonl"))
    assert found["n"] == 0
    assert {found[key] for key in ("accuracy", "macro_f1", "spearman", "sign_accuracy", "ece", "texts_per_s")} == {None}


@pytest.mark.parametrize("row", [{"text": "Acme", "label": "good"}, {"label": "positive"}])
def test_refuses_what_it_cannot_read(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(SystemExit) as refused:
        evaluate("sentiment", written(tmp_path / "rows.jsonl", row))
    assert refused.value.code == 2


def test_materiality(tmp_path: Path) -> None:
    file = written(
        tmp_path / "rows.jsonl",
        {"title": "Nvidia cuts full-year guidance, shares plunge 20%", "description": "", "materiality": 3},
        {"title": "3 stocks to buy and hold forever", "description": "Nvidia is one.", "materiality": 0},
    )
    assert evaluate("materiality", file, "--master", str(tmp_path)) == {
        "n": 2, "positives": 1, "auc": 1.0, "auc_low": 1.0, "spearman": 1.0,
    }  # fmt: skip


def test_arithmetic() -> None:
    pairs = [("positive", "positive"), ("neutral", "positive"), ("negative", "negative"), ("negative", "neutral")]
    assert accuracy(pairs) == 0.5
    assert macro_f1(pairs) == pytest.approx(4 / 9, abs=1e-3)
    assert calibration_error([(0.9, True), (0.9, False)]) == 0.5
    assert spearman([1, 2, 3, 3], [1, 2, 9, 9]) == 1.0
    assert spearman([1, 1], [1, 2]) is None
    assert auc([0.1, 0.4, 0.4], [False, False, True]) == 0.75
    assert auc([0.1], [True]) is None


def test_places_are_whole_words() -> None:
    assert places_of("Gold", "Gold up, Goldman down; gold flat") == [(0, 4)]
    assert places_of("GOLD", "Gold up, gold flat") == [(0, 4), (9, 13)]
    assert places_of("TRX", "$TRX setup") == [(1, 4)]
