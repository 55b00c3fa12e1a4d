"""Files of results: what they say, or one sentence on why they cannot be used; they never raise."""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evidence import Results, RunFile
from shared.domain.results_file import LARGEST_FILE, read_results

OURS: dict[str, Any] = {
    "producer": "evaluate.py 3.1",
    "created_at": "2026-02-27T12:00:00+01:00",
    "dataset": "holdout-2025q3",
    "metrics": {"auc": 0.94, "rows": 120},
}


def read(content: bytes | str, form: str = "clearance") -> Results:
    data = content.encode() if isinstance(content, str) else content
    return read_results(RunFile("evaluate-7", "evaluation/results.json", len(data), data), form)


def ours(**changes: Any) -> Results:
    return read(json.dumps({**OURS, **changes}))


def test_our_own_format_says_who_made_it_when_and_on_what() -> None:
    found = ours()
    assert (found.metrics, found.dataset, found.fault) == ({"auc": "0.94", "rows": "120"}, "holdout-2025q3", "")
    assert (found.source.producer, found.source.at) == ("evaluate.py 3.1", datetime(2026, 2, 27, 11, tzinfo=UTC))
    assert (found.source.kind, found.source.run, found.source.path) == (
        "results", "evaluate-7", "evaluation/results.json",
    )  # fmt: skip
    assert found.source.sha256 == hashlib.sha256(json.dumps(OURS).encode()).hexdigest()


def test_a_text_may_have_256_characters_and_no_more() -> None:
    assert ours(producer="x" * 256).source.producer == "x" * 256
    assert ours(producer="x" * 257).fault == "producer is no text of 1 to 256 characters."


def test_a_file_need_not_name_its_data_set() -> None:
    plain = {key: value for key, value in OURS.items() if key != "dataset"}
    assert read(json.dumps(plain)).dataset is None


def test_what_mlflow_saves_is_one_object_of_metrics() -> None:
    found = read('{"accuracy_score": 0.97, "log_loss": 1e-7, "example_count": 114}', "mlflow_evaluate")
    assert found.metrics == {"accuracy_score": "0.97", "log_loss": "1E-7", "example_count": "114"}
    assert (found.source.producer, found.source.at, found.dataset) == (None, None, None)


def test_a_number_keeps_every_digit() -> None:
    digits = "0.8999999999999999999999999999999999999"
    assert read(f'{{"auc": {digits}}}', "mlflow_evaluate").metrics == {"auc": digits}


@pytest.mark.parametrize(
    ("value", "text"), [("0.9", '"0.9"'), (True, "true"), (None, "null"), ([0.9], '["0.9"]'), ({}, "{}")]
)
def test_what_is_no_number_in_the_file_is_none_for_a_gate(value: Any, text: str) -> None:
    assert ours(metrics={"auc": value}).metrics == {"auc": text}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "It is not JSON"),
        (b"\xff", "It is not UTF-8"),
        ('{"auc": NaN}', "NaN is no JSON number."),
        ('{"auc": Infinity}', "Infinity is no JSON number."),
        ('{"auc": 1, "auc": 2}', "The key 'auc' stands twice"),
        ('{"auc": ' + "1" * 65 + "}", "A number has 65 characters"),
        ("[" * 17 + "]" * 17, "nested deeper than 16"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
        ("[]", "It is no object of metrics"),
    ],
)
def test_a_file_that_two_readers_could_understand_differently_is_not_used(content: bytes | str, fault: str) -> None:
    found = read(content, "mlflow_evaluate")
    assert fault in found.fault
    assert found.metrics == {}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"producer": ""}, "producer is no text of 1 to 256 characters."),
        ({"producer": "x" * 257}, "producer is no text of 1 to 256 characters."),
        ({"created_at": "2026-02-27T12:00:00"}, "created_at is no time with an offset"),
        ({"created_at": "yesterday"}, "created_at is no time with an offset"),
        ({"created_at": 1767225600}, "created_at is no time with an offset"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at is no time with an offset"),
        ({"dataset": 7}, "dataset is no text"),
        ({"metrics": [1]}, "metrics is no object"),
        ({"note": "x"}, "The key 'note' is not known"),
    ],
)
def test_every_fault_of_our_own_format_is_told(changes: dict[str, Any], fault: str) -> None:
    assert fault in ours(**changes).fault
    assert "producer" in ours(**{**changes, "producer": None}).fault


def test_our_own_format_is_an_object() -> None:
    assert read("[]").fault == "It is no object with producer, created_at, dataset, metrics."


def test_of_a_file_too_large_nothing_is_read() -> None:
    found = read_results(RunFile("evaluate-7", "results.json", 10_000_000, None), "clearance")
    assert found.fault == f"It has 10000000 bytes; at most {LARGEST_FILE} are read."
    assert found.source.sha256 is None


def test_ten_thousand_metrics_with_hostile_names_cost_little_time() -> None:
    metrics = {f"{number}\u202e<script>": number for number in range(10_000)}
    begun = time.process_time()
    assert len(ours(metrics=metrics).metrics) == 10_000
    assert time.process_time() - begun < 2


@given(st.binary(max_size=200), st.sampled_from(["mlflow_evaluate", "clearance"]))
def test_no_bytes_raise(content: bytes, form: str) -> None:
    found = read(content, form)
    assert found.fault == "" or found.metrics == {}
