"""ModelCatalog: what every adapter promises."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from shared.domain.errors import DocumentInvalid, Unreadable
from shared.domain.evidence import Job, RunFile, Series
from shared.domain.ids import PromotionId
from shared.domain.results_file import LARGEST_FILE
from shared.ports import Listed
from tests.contract.azure_ml_worlds import WORKSPACE, World, world

PROMOTION = PromotionId(WORKSPACE, "churn", "3")


@pytest.fixture(params=["memory", "emulator"])
def azure_ml(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(request.param, tmp_path) as found:
        yield found


def test_a_version_is_read_as_it_was_registered(azure_ml: World) -> None:
    azure_ml.register(PROMOTION, {"a/weights.bin": "12345", "config": "{}"}, {"owner": "ann@contoso.com"})
    found = azure_ml.catalog.read(PROMOTION)
    assert found is not None
    assert found.tags == {"owner": "ann@contoso.com"}
    assert found.asset_type == "custom_model"
    assert found.incarnation.created_at.tzinfo == UTC
    assert [(file.path, file.size) for file in found.artifacts or ()] == [("a/weights.bin", 5), ("config", 2)]


def test_what_nobody_registered_is_none(azure_ml: World) -> None:
    assert azure_ml.catalog.read(PROMOTION) is None
    assert azure_ml.catalog.read_run(WORKSPACE, "no-such-run") is None
    assert azure_ml.catalog.job(WORKSPACE, "no-such-job") is None


def test_a_number_registered_again_has_the_same_id_and_another_time(azure_ml: World) -> None:
    azure_ml.register(PROMOTION, {"f": "1"}, {})
    before = azure_ml.catalog.read(PROMOTION)
    azure_ml.register_again(PROMOTION)
    after = azure_ml.catalog.read(PROMOTION)
    assert before is not None
    assert after is not None
    assert after.incarnation.asset_id == before.incarnation.asset_id
    assert after.incarnation.created_at > before.incarnation.created_at


def test_a_run_is_read_with_the_text_of_its_numbers(azure_ml: World) -> None:
    run = azure_ml.log_run({"auc": "0.93", "gap": "NaN"}, {"evaluated_model": "churn:3"}, ended=True)
    found = azure_ml.catalog.read_run(WORKSPACE, run)
    assert found is not None
    assert (found.id, found.status, found.model) == (run, "Completed", "churn:3")
    assert dict(found.metrics) == {"auc": "0.93", "gap": "NaN"}
    assert found.ended_at is not None
    assert found.ended_at.tzinfo == UTC
    assert azure_ml.catalog.job(WORKSPACE, run) == Job("Completed", found.submitter)
    assert found.submitter is not None


def test_a_run_tells_all_its_values_of_a_metric(azure_ml: World) -> None:
    run = azure_ml.log_run({"auc": "0.93"}, {}, ended=True)
    catalog = azure_ml.catalog
    assert catalog.read_series(WORKSPACE, run, "auc") == Series(("0.93",))
    assert catalog.read_series(WORKSPACE, run, "gap") == Series(())
    assert catalog.read_series(WORKSPACE, "no-such-run", "auc") == Series(())


def test_files_of_a_run_are_read_where_they_are_and_not_too_large(azure_ml: World) -> None:
    run = azure_ml.log_run({}, {}, ended=True)
    azure_ml.put_file(run, "evaluation/results.json", b"{}")
    azure_ml.put_file(run, "large.json", b"x" * (LARGEST_FILE + 1))
    paths = ["evaluation/results.json", "large.json", "not/there.json"]
    found = azure_ml.catalog.read_files(WORKSPACE, run, paths)
    assert found == {
        "evaluation/results.json": RunFile(run, "evaluation/results.json", 2, b"{}"),
        "large.json": RunFile(run, "large.json", LARGEST_FILE + 1, None),
    }
    assert azure_ml.catalog.read_files(WORKSPACE, "no-such-run", paths) == {}


def test_a_job_tells_the_commit_it_was_submitted_from(azure_ml: World) -> None:
    run = azure_ml.log_run({}, {"mlflow.source.git.commit": "1f" * 20}, ended=True)
    assert azure_ml.catalog.code_version(WORKSPACE, run) == "1f" * 20
    assert azure_ml.catalog.code_version(WORKSPACE, azure_ml.log_run({}, {}, ended=True)) is None
    assert azure_ml.catalog.code_version(WORKSPACE, "no-such-job") is None


def test_a_run_that_goes_on_has_no_end(azure_ml: World) -> None:
    run = azure_ml.log_run({}, {}, ended=False)
    found = azure_ml.catalog.read_run(WORKSPACE, run)
    assert found is not None
    assert found.ended_at is None
    assert azure_ml.catalog.job(WORKSPACE, run) == Job("Running", found.submitter)


def test_every_version_is_listed_once_with_the_time_it_was_registered(azure_ml: World) -> None:
    wanted = {PromotionId(WORKSPACE, name, str(number)) for name in ("a", "b", "c", "d", "e") for number in (1, 2)}
    for promotion in sorted(wanted):
        azure_ml.register(promotion, {"f": "1"}, {})
    found: list[Listed] = []
    cursor = None
    while True:
        page = azure_ml.catalog.versions(WORKSPACE, cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(listed.promotion for listed in found) == sorted(wanted)
    for listed in found[:2]:
        version = azure_ml.catalog.read(listed.promotion)
        assert version is not None
        assert version.incarnation.created_at == listed.created_at


def test_an_empty_workspace_lists_nothing(azure_ml: World) -> None:
    page = azure_ml.catalog.versions(WORKSPACE, None)
    assert (page.items, page.cursor) == ((), None)


def test_a_cursor_of_somebody_else_is_refused(azure_ml: World) -> None:
    with pytest.raises(DocumentInvalid):
        azure_ml.catalog.versions(WORKSPACE, "not ours")


def test_a_workspace_in_trouble_is_unreadable_everywhere(azure_ml: World) -> None:
    azure_ml.register(PROMOTION, {"f": "1"}, {})
    run = azure_ml.log_run({}, {}, ended=True)
    azure_ml.catalog.ping()
    azure_ml.break_workspace()
    catalog = azure_ml.catalog
    for ask in (
        lambda: catalog.read(PROMOTION),
        lambda: catalog.read_run(WORKSPACE, run),
        lambda: catalog.read_series(WORKSPACE, run, "auc"),
        lambda: catalog.read_files(WORKSPACE, run, ["results.json"]),
        lambda: catalog.code_version(WORKSPACE, run),
        lambda: catalog.job(WORKSPACE, run),
        lambda: catalog.versions(WORKSPACE, None),
        catalog.ping,
    ):
        with pytest.raises(Unreadable):
            ask()
