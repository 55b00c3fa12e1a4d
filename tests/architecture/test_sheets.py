"""What the sheets of cost and scale take from the deployment is what the deployment says."""

import json
import re

import pytest

from functions import schedule
from local.sheets import ours
from local.sheets.demand import Demand
from shared.workflow import find_missed_registrations, sweep
from tests.architecture.project import ROOT

HOST = json.loads((ROOT / "host.json").read_text("utf-8"))
_A_DAY = {
    schedule.EVERY_MINUTE: ours.SWEEPS,
    schedule.EVERY_FIVE_MINUTES: ours.COLLECTIONS,
    schedule.EVERY_QUARTER: ours.COMPARISONS,
    schedule.EVERY_NIGHT: ours.CHECKPOINTS,
}


def infra(name: str) -> str:
    return (ROOT / "infra" / name).read_text("utf-8")


def runs_a_day(schedule_: str) -> int:
    """Of an NCRONTAB expression that leaves days, months and weekdays open."""
    _, minutes, hours, *rest = schedule_.split()
    assert rest == ["*", "*", "*"]
    return _times(minutes, 60) * _times(hours, 24)


def _times(field: str, of: int) -> int:
    return of if field == "*" else of // int(field[2:]) if field.startswith("*/") else 1


@pytest.mark.parametrize(("schedule_", "runs"), _A_DAY.items())
def test_timers_run_as_often_as_the_schedule_says(schedule_: str, runs: int) -> None:
    assert runs_a_day(schedule_) == runs


def test_batches_and_time_limit_are_those_of_the_host() -> None:
    queues = HOST["extensions"]["queues"]
    assert (queues["batchSize"], queues["newBatchThreshold"]) == (ours.BATCH, 0)
    hours, minutes, seconds = map(int, HOST["functionTimeout"].split(":"))
    assert 3600 * hours + 60 * minutes + seconds == ours.TIMEOUT_SECONDS


def test_bounds_of_a_run_are_those_of_the_code() -> None:
    assert sweep._MOST == ours.SWEPT_A_RUN
    assert find_missed_registrations._MOST_NEW == ours.FOUND_A_RUN
    assert find_missed_registrations._MOST_PAGES == ours.PAGES_A_RUN


def test_instances_retention_rules_and_endpoints_are_those_of_the_templates() -> None:
    main, app = infra("main.bicep"), infra("modules/app.bicep")
    assert f"param maximumInstanceCount int = {Demand().instances:g}" in main
    assert f"param logRetentionDays int = {Demand().retention_days:g}" in main
    assert f"instanceMemoryMB: {1024 * ours.INSTANCE_GB}" in app
    rules = re.findall(r"^    name: '([a-z-]+)'$", infra("monitoring/alerts.bicep"), re.MULTILINE)
    assert len(rules) == ours.ALERT_RULES
    assert "evaluationFrequency: 'PT5M'" in infra("monitoring/alerts.bicep")
    services = re.search(r"for service in \[([^\]]*)\]", main)
    assert services
    assert len(services[1].split(",")) + main.count("module vaultEndpoint") == ours.PRIVATE_ENDPOINTS


def test_the_account_is_the_one_whose_prices_are_stated() -> None:
    assert "sku: { name: 'Standard_ZRS' }" in infra("modules/storage.bicep")


def test_a_blocked_version_is_looked_at_as_often_as_the_page_says() -> None:
    page = (ROOT / "docs" / "costs.md").read_text("utf-8")
    assert f"looked at {ours.looks_again()} times in a week" in page
