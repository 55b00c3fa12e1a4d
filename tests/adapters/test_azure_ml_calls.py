"""The tables of docs/azure-ml-calls.md are what is sent: no call more, none less, in that order."""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from shared.domain.evidence import Job
from shared.domain.ids import PromotionId, Target
from tests.emulated import Estate, clean, emulated

PAGE = Path(__file__).parents[2] / "docs" / "azure-ml-calls.md"
PROMOTION = PromotionId("risk-dev", "counted", "1")
TARGET = Target("contoso-shared", "counted", "1")
DISCOVERY = "GET /registrymanagement/v1.0/registries/{registry}/discovery"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with emulated(tmp_path_factory.mktemp("azure-ml")) as estate:
        estate.register("counted")
        estate.put_in("contoso-shared", "held")
        yield estate


@pytest.fixture
def estate(running: Estate) -> Iterator[Estate]:
    yield running
    clean(running)


def documented(heading: str, table: int = 0) -> list[str]:
    """The calls of a table below a heading of the page."""
    section = PAGE.read_text().partition(f"## {heading}")[2].partition("\n## ")[0]
    tables = [list(rows) for is_row, rows in groupby(section.splitlines(), lambda line: line.startswith("|")) if is_row]
    return [match[1] for row in tables[table] if (match := re.match(r"\| `([^`]+)`", row))]


def sent(estate: Estate) -> list[str]:
    """The calls that were sent, polls of one operation as one."""
    polls = "GET /registries/{registry}/operationsStatus/{operation}"
    return [call for call, group in groupby(estate.calls()) for _ in (group if call != polls else [call])]


def test_reading_a_version(estate: Estate) -> None:
    assert estate.catalog.read(PROMOTION) is not None
    assert sent(estate) == documented("Read a version")


def test_reading_a_version_that_is_not_there(estate: Estate) -> None:
    assert estate.catalog.read(PromotionId("risk-dev", "counted", "9")) is None
    assert sent(estate) == documented("Read a version", table=1)


def test_reading_a_registry(estate: Estate) -> None:
    registry, held = estate.registry, Target("contoso-shared", "held", "1")
    assert registry.read(held) is not None
    assert sent(estate) == [DISCOVERY, *documented("Read a registry")], "the first time"
    estate.forget_calls()
    assert registry.read(held) is not None
    assert sent(estate) == documented("Read a registry")
    estate.forget_calls()
    assert registry.read(Target("contoso-shared", "held", "9")) is None
    assert sent(estate) == documented("Read a registry")[:1]


def test_reading_a_run_and_a_job(estate: Estate) -> None:
    run = estate.log_run(status="FINISHED")
    estate.forget_calls()
    assert estate.catalog.read_run("risk-dev", run) is not None
    assert sent(estate) == documented("Read a run")
    estate.forget_calls()
    assert estate.catalog.job("risk-dev", run) == Job("Completed", "Emulator User")
    assert sent(estate) == documented("Read a job")


def test_reading_all_values_of_a_metric(estate: Estate) -> None:
    run = estate.log_run(metrics={"auc": 0.9})
    estate.forget_calls()
    assert estate.catalog.read_series("risk-dev", run, "auc").values == ("0.9",)
    assert sent(estate) == documented("Read all values of a metric")


def test_reading_a_file_of_a_run(estate: Estate) -> None:
    run = estate.log_run()
    estate.put_file(run, "evaluation/results.json", b"{}")
    estate.forget_calls()
    assert len(estate.catalog.read_files("risk-dev", run, ["evaluation/results.json"])) == 1
    assert sent(estate) == documented("Read files of a run")


def test_reading_a_code_version(estate: Estate) -> None:
    run = estate.log_run(tags={"mlflow.source.git.commit": "1f" * 20})
    estate.forget_calls()
    assert estate.catalog.code_version("risk-dev", run) == "1f" * 20
    assert sent(estate) == documented("Read a code version")


def test_an_import_then_its_mark(estate: Estate) -> None:
    registry = estate.registry
    registry.share(PROMOTION, TARGET)
    assert sent(estate) == documented("Import")
    registry.read(TARGET)
    estate.forget_calls()
    registry.mark(TARGET, {"clearance_promotion": str(PROMOTION)})
    assert sent(estate) == documented("Mark")


def test_listing_a_page(estate: Estate) -> None:
    estate.catalog.versions("risk-dev", None)
    assert sent(estate) == documented("List a workspace")


def test_signs_of_life(estate: Estate) -> None:
    estate.catalog.ping()
    estate.registry.ping()
    assert sent(estate) == ["GET /workspaces/{workspace}", DISCOVERY, DISCOVERY]
