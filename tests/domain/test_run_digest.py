"""What was taken from a run has one SHA-256, which anybody can make again from what was recorded of it."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evidence import Series
from shared.domain.run_digest import run_digest
from tests.domain.evidence_makers import NOW, a_run

ALL_OF_AUC = {"auc": Series(("0.91", "0.94"))}
WRITTEN = (
    '{"dataset":"holdout-2025q3","datasets":[],"ended_at":"2026-02-27T12:00:00.000000Z","id":"evaluate-7",'
    '"metrics":{"auc":"0.94","fairness_gap":"0.02"},"model":"fraud-detector:7",'
    '"series":{"auc":{"values":["0.91","0.94"],"whole":true}},"status":"FINISHED",'
    '"submitter":"dana.submitter@contoso.com"}'
)


def test_it_is_over_the_form_that_is_documented() -> None:
    digest = hashlib.sha256(WRITTEN.encode()).hexdigest()
    document = (Path(__file__).parents[2] / "docs" / "history-format.md").read_text(encoding="utf-8")
    assert run_digest(a_run(), ALL_OF_AUC) == digest
    assert WRITTEN in document
    assert digest in document


@pytest.mark.parametrize(
    "change",
    [
        {"id": "evaluate-8"},
        {"status": "FAILED"},
        {"submitter": None},
        {"ended_at": None},
        {"ended_at": NOW - timedelta(days=2, microseconds=1)},
        {"dataset": None},
        {"datasets": ("holdout-2025q3", "train-2025q3")},
        {"model": "fraud-detector:6"},
        {"metrics": {"auc": "0.940", "fairness_gap": "0.02"}},
        {"metrics": {"auc": "0.94", "fairness_gap": "0.02", "loss": "7"}},
    ],
    ids=str,
)
def test_whatever_was_taken_from_the_run_changes_it(change: dict[str, Any]) -> None:
    assert run_digest(a_run(**change), {}) != run_digest(a_run(), {})


@pytest.mark.parametrize(
    "series", [{}, {"auc": Series(("0.94", "0.91"))}, {"auc": Series(("0.91", "0.94"), whole=False)}], ids=str
)
def test_all_values_that_were_read_change_it(series: dict[str, Series]) -> None:
    assert run_digest(a_run(), series) != run_digest(a_run(), ALL_OF_AUC)


def test_a_note_on_a_run_that_has_ended_does_not_change_it() -> None:
    assert run_digest(a_run(tags={"mlflow.note.content": "well done"}), {}) == run_digest(a_run(), {})


def test_the_order_of_the_answer_does_not_show() -> None:
    turned = a_run(metrics={"fairness_gap": "0.02", "auc": "0.94"})
    assert run_digest(turned, {}) == run_digest(a_run(), {})


TEXTS = st.text(max_size=8) | st.just("\ud800") | st.just("\udfff")


@given(metrics=st.dictionaries(TEXTS, TEXTS, max_size=4), texts=st.tuples(TEXTS, TEXTS, TEXTS))
def test_any_text_that_a_service_may_send_has_one(metrics: dict[str, str], texts: tuple[str, str, str]) -> None:
    identifier, submitter, dataset = texts
    run = a_run(id=identifier, submitter=submitter, dataset=dataset, metrics=metrics)
    assert len(run_digest(run, {name: Series((text,)) for name, text in metrics.items()})) == 64


def test_text_that_is_none_is_told_apart() -> None:
    digests = {run_digest(a_run(submitter=text), {}) for text in ("\ud800", "\ud801", "?", "", None)}
    assert len(digests) == 5
