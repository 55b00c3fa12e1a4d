"""Runs keep every digit, and say only what the service said."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.adapters.azure_ml_runs import parse_run, parse_values
from shared.domain.errors import Unreadable
from shared.domain.evidence import Job, Series
from tests.emulated import Estate, clean, emulated


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with emulated(tmp_path_factory.mktemp("azure-ml")) as estate:
        yield estate


@pytest.fixture
def estate(running: Estate) -> Iterator[Estate]:
    yield running
    clean(running)


def answer(metrics: str = "[]", info: str = "", **rest: Any) -> str:
    """An answer of `runs/get` as text, so that numbers are spelled as the case wants them."""
    body = json.dumps({"tags": [], **rest.pop("content", {})})[:-1] + f', "metrics": {metrics}}}'
    head = f'{{"run_id": "r1", "status": "FINISHED", "user_id": "ann", "end_time": 1767225600123{info}}}'
    return f'{{"run": {{"info": {head}, "data": {body}, "inputs": {json.dumps(rest.get("inputs", {}))}}}}}'


@pytest.mark.parametrize(
    ("spelled", "kept"),
    [
        ("0.90", "0.90"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1e-7", "1e-7"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("9" * 5000, "9" * 5000),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ('"NaN"', "NaN"),
        ('"Infinity"', "Infinity"),
        ('"-inf"', "-Infinity"),
        ('"0.5"', "0.5"),
    ],
)
def test_a_metric_keeps_the_digits_it_came_with(spelled: str, kept: str) -> None:
    found = parse_run("Reading", answer(f'[{{"key": "auc", "value": {spelled}}}]'))
    assert found.metrics == {"auc": kept}


@pytest.mark.parametrize("metrics", ['[{"key": "auc"}]', '[{"key": "auc", "value": null}]', '[{"value": 1}]', "7"])
def test_a_metric_of_another_form_is_not_understood(metrics: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        parse_run("Reading", answer(metrics))
    assert trouble.value.code == "azure_ml_not_understood"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": null}', '{"run": {"info": {"run_id": "x"}}}', "<html>"])
def test_an_answer_that_is_no_run_is_not_understood(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_run("Reading", text)


def test_the_end_is_exact_to_the_millisecond() -> None:
    assert parse_run("Reading", answer()).ended_at == datetime(2026, 1, 1, 0, 0, 0, 123000, UTC)


def test_a_run_that_goes_on_has_no_end() -> None:
    found = parse_run("Reading", answer(info=', "status": "RUNNING"'))
    assert (found.status, found.ended_at) == ("Running", None)


@pytest.mark.parametrize(
    ("tags", "digests", "expected", "several"),
    [
        ({"dataset": "gold-7"}, ["a1"], "gold-7", ()),
        ({"dataset": "gold-7"}, ["a1", "b2"], "gold-7", ()),
        ({"evaluation_dataset": "gold-8"}, [], "gold-8", ()),
        ({}, ["a1"], "a1", ()),
        ({}, ["a1", "a1"], "a1", ()),
        ({}, ["b2", "a1"], None, ("a1", "b2")),
        ({}, [], None, ()),
    ],
)
def test_the_data_set_is_the_tagged_one_or_the_only_one_logged(
    tags: dict[str, str], digests: list[str], expected: str | None, several: tuple[str, ...]
) -> None:
    content = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
    inputs = {"dataset_inputs": [{"dataset": {"name": "eval", "digest": digest}} for digest in digests]}
    found = parse_run("Reading", answer(content=content, inputs=inputs))
    assert (found.dataset, found.datasets) == (expected, several)


def test_the_submitter_is_the_service_s_own_word_before_the_tag() -> None:
    content = {"tags": [{"key": "mlflow.user", "value": "somebody"}]}
    assert parse_run("Reading", answer(content=content)).submitter == "ann"
    assert parse_run("Reading", answer(info=', "user_id": null', content=content)).submitter == "somebody"


def test_a_run_is_read_over_mlflow(estate: Estate) -> None:
    run = estate.log_run(
        metrics={"auc": 0.93, "gap": "NaN"},
        tags={"evaluated_model": "churn:3", "evaluation_dataset": "holdout-1"},
        status="FINISHED",
        end_time=1767225600123,
    )
    found = estate.catalog.read_run("risk-dev", run)
    assert found is not None
    assert (found.id, found.status, found.metrics) == (run, "Completed", {"auc": "0.93", "gap": "NaN"})
    assert (found.dataset, found.model) == ("holdout-1", "churn:3")
    assert found.submitter == "Emulator User"


@pytest.mark.parametrize(
    ("said", "expected"), [("FINISHED", "Completed"), ("FAILED", "Failed"), ("KILLED", "Canceled")]
)
def test_the_status_of_a_job_that_is_a_run_costs_one_call(estate: Estate, said: str, expected: str) -> None:
    run = estate.log_run(status=said)
    estate.forget_calls()
    assert estate.catalog.job("risk-dev", run) == Job(expected, "Emulator User")
    assert len(estate.calls()) == 1


def test_a_job_that_still_runs_says_so(estate: Estate) -> None:
    assert estate.catalog.job("risk-dev", estate.log_run()) == Job("Running", "Emulator User")


def test_a_job_that_is_no_run_is_looked_for_in_the_control_plane(estate: Estate) -> None:
    assert estate.catalog.job("risk-dev", "no-such-job") is None
    assert estate.calls()[-1] == "GET /workspaces/{workspace}/jobs/{job}"


@pytest.mark.parametrize("made_up", ["", "../../workspaces/other", "a/b", "run?x=1", "x" * 256, "ein lauf"])
def test_what_cannot_be_the_id_of_a_run_is_not_sent(estate: Estate, made_up: str) -> None:
    assert estate.catalog.read_run("risk-dev", made_up) is None
    assert estate.catalog.job("risk-dev", made_up) is None
    assert estate.calls() == []


def test_the_tracking_host_is_looked_up_once_where_it_is_not_configured(estate: Estate) -> None:
    place = estate.settings.workspaces["risk-dev"]
    plain = type(place)(place.subscription_id, place.resource_group, place.name, None)
    catalog = estate.with_settings(workspaces={"risk-dev": plain}).catalog
    run = estate.log_run(status="FINISHED")
    estate.forget_calls()
    for _ in range(2):
        assert catalog.read_run("risk-dev", run) is not None
    assert [call.split()[1].rpartition("/")[2] for call in estate.calls()] == ["{workspace}", "get", "get"]


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500])
def test_a_run_that_cannot_be_read_now_is_no_absent_run(estate: Estate, code: int) -> None:
    run = estate.log_run(status="FINISHED")
    estate.fault("status", "mlflow", code=code, times=-1)
    with pytest.raises(Unreadable):
        estate.catalog.read_run("risk-dev", run)
    with pytest.raises(Unreadable):
        estate.catalog.job("risk-dev", run)


# ------------------------------------------------------------------------------------------------ all values of a metric


def test_all_values_of_a_metric_are_read_in_the_order_logged(estate: Estate) -> None:
    run = estate.log_run(metrics={"auc": [0.9, "NaN", 0.7]}, status="FINISHED")
    assert estate.catalog.read_series("risk-dev", run, "auc") == Series(("0.9", "NaN", "0.7"))


@pytest.mark.parametrize(("run", "metric"), [("no-such-run", "auc"), ("../runs", "auc")])
def test_a_run_that_is_not_there_logged_no_values(estate: Estate, run: str, metric: str) -> None:
    assert estate.catalog.read_series("risk-dev", run, metric) == Series(())


def test_a_metric_may_have_a_hostile_name(estate: Estate) -> None:
    name = "../../runs/get?run_id=x&metric_key=\u202e'\"<script>"
    run = estate.log_run(metrics={name: 0.9})
    assert estate.catalog.read_series("risk-dev", run, name) == Series(("0.9",))
    assert estate.catalog.read_series("risk-dev", run, "auc") == Series(())


def many(estate: Estate, count: int) -> str:
    run = estate.log_run()
    estate.log_values(run, "loss", [0.5] * count)
    estate.forget_calls()
    return run


def test_a_long_series_is_read_page_by_page(estate: Estate) -> None:
    found = estate.catalog.read_series("risk-dev", many(estate, 5_001), "loss")
    assert (len(found.values), found.whole) == (5_001, True)
    assert len(estate.calls()) == 2


def test_of_a_series_too_long_no_more_than_five_pages_are_read(estate: Estate) -> None:
    found = estate.catalog.read_series("risk-dev", many(estate, 25_001), "loss")
    assert (len(found.values), found.whole) == (25_000, False)
    assert len(estate.calls()) == 5


@pytest.mark.parametrize("text", ["", "[]", '{"metrics": [{"key": "auc"}]}', '{"metrics": 7}', "<html>"])
def test_an_answer_that_is_no_series_is_not_understood(text: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        parse_values("Reading", text)
    assert trouble.value.code == "azure_ml_not_understood"


@pytest.mark.parametrize("code", [401, 404, 429, 500])
def test_values_that_cannot_be_read_now_are_not_absent_values(estate: Estate, code: int) -> None:
    run = estate.log_run(metrics={"auc": 0.9})
    estate.fault("status", "mlflow", code=code, times=-1)
    with pytest.raises(Unreadable):
        estate.catalog.read_series("risk-dev", run, "auc")


# ------------------------------------------------------------------------------------------------ the code version


@pytest.mark.parametrize(
    ("tags", "commit", "calls"),
    [
        ({"mlflow.source.git.commit": "1f" * 20}, "1f" * 20, 1),
        ({"azureml.git.commit": "2e" * 20}, "2e" * 20, 2),
        ({"azureml.git.commit": "2e" * 20, "azureml.git.dirty": "True"}, f"{'2e' * 20}-dirty", 2),
        ({}, None, 2),
    ],
)
def test_the_commit_stands_in_the_tags_of_the_run_else_in_the_properties_of_the_job(
    estate: Estate, tags: dict[str, str], commit: str | None, calls: int
) -> None:
    run = estate.log_run(tags=tags)
    estate.forget_calls()
    assert estate.catalog.code_version("risk-dev", run) == commit
    assert len(estate.calls()) == calls


@pytest.mark.parametrize("job", ["no-such-job", "../jobs/other"])
def test_a_job_that_is_not_there_names_no_commit(estate: Estate, job: str) -> None:
    assert estate.catalog.code_version("risk-dev", job) is None


def test_a_commit_that_cannot_be_read_now_is_not_absent(estate: Estate) -> None:
    run = estate.log_run()
    estate.fault("status", "workspace_read", code=503, times=-1)
    with pytest.raises(Unreadable):
        estate.catalog.code_version("risk-dev", run)
