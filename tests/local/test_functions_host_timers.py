"""Timers: schedules, past due over restarts, no overlap, and firing by hand."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.blob import BlobServiceClient

from local.azurite import RunningAzurite
from local.functions_host.schedules import parse_schedule
from local.processes import Child, ChildFailed
from tests.local.sample_app import NOTE, SampleApp, wait_for

SOURCE = (
    NOTE
    + """
app = func.FunctionApp()

@app.timer_trigger(arg_name="timer", schedule="%HOURLY%", run_on_startup=False)
def hourly(timer: func.TimerRequest) -> None:
    note("hourly", timer.past_due, timer.schedule_status, timer.schedule)

@app.timer_trigger(arg_name="timer", schedule="0 0 4 * * *", run_on_startup=True)
async def at_start(timer: func.TimerRequest) -> None:
    note("at_start", timer.past_due)

@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def slow(timer: func.TimerRequest) -> None:
    note("slow began")
    time.sleep(1.2)
    note("slow ended")
    raise RuntimeError("a failing run does not stop the schedule")

@app.timer_trigger(arg_name="timer", schedule="0 0 5 * * *")
def off(timer: func.TimerRequest) -> None:
    note("off")
"""
)
SETTINGS = {"HOURLY": "0 0 * * * *", "AzureWebJobs.off.Disabled": "true"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> SampleApp:
    return SampleApp(tmp_path_factory.mktemp("timer-app"), SOURCE)


@pytest.fixture(scope="module")
def host(app: SampleApp) -> Iterator[Child]:
    with app.running(**SETTINGS) as child:
        yield child


def notes(app: SampleApp, kind: str) -> list[Any]:
    return [note for note in app.seen() if note[1] == kind]


def fire(host: Child, name: str) -> int:
    return httpx.post(f"{host.ready['url']}/admin/functions/{name}", json={}).status_code


def test_a_timer_is_fired_by_hand(app: SampleApp, host: Child) -> None:
    assert fire(host, "hourly") == 202
    wait_for(lambda: notes(app, "hourly"))
    _, _, past_due, _, schedule = notes(app, "hourly")[0]
    assert past_due is False
    assert schedule == {"AdjustForDST": True}


def test_what_cannot_be_fired(host: Child) -> None:
    assert fire(host, "nothing") == 404
    url = f"{host.ready['url']}/admin/functions/hourly"
    assert httpx.post(url, content=b"{").status_code == 400
    assert httpx.post(url, content=b"").status_code == 400
    assert httpx.get(url).status_code == 404


def test_a_disabled_timer_can_still_be_fired_by_hand(app: SampleApp, host: Child) -> None:
    assert fire(host, "OFF") == 202
    wait_for(lambda: notes(app, "off"))


def test_run_on_startup_fires_once_at_the_start(app: SampleApp, host: Child) -> None:
    wait_for(lambda: notes(app, "at_start"))
    assert [note[2] for note in notes(app, "at_start")] == [False]


def test_runs_never_overlap_and_go_on_after_a_failure(app: SampleApp, host: Child) -> None:
    wait_for(lambda: len(notes(app, "slow ended")) >= 2)
    kinds = [note[1] for note in app.seen() if note[1].startswith("slow")]
    assert kinds[:4] == ["slow began", "slow ended", "slow began", "slow ended"]


def test_a_run_missed_while_down_comes_at_the_start_as_past_due(azurite: RunningAzurite, tmp_path: Path) -> None:
    app = SampleApp(tmp_path / "app", SOURCE)
    settings = {
        **SETTINGS,
        "AzureWebJobsStorage": azurite.connection_string,
        "AzureFunctionsWebHost__hostid": "past-due",
        "AzureWebJobs.slow.Disabled": "true",
    }
    with app.running(**settings):
        wait_for(lambda: status(azurite, "hourly"))
    assert not notes(app, "hourly"), "a timer seen for the first time has missed nothing"
    status(azurite, "hourly", '{"Last": "2026-01-01T00:00:00", "Next": null, "LastUpdated": "2026-01-01T00:00:00"}')
    with app.running(**settings):
        wait_for(lambda: notes(app, "hourly"))
    assert notes(app, "hourly")[0][2:4] == [
        True,
        {"Last": "2026-01-01T00:00:00", "Next": None, "LastUpdated": "2026-01-01T00:00:00"},
    ]
    with app.running(**settings):
        wait_for(lambda: len(notes(app, "at_start")) == 3)
    assert len(notes(app, "hourly")) == 1, "it is remembered that it has run"


def status(azurite: RunningAzurite, timer: str, text: str | None = None) -> bool:
    """Whether the timer's status is kept; writes it if a text is given."""
    with BlobServiceClient.from_connection_string(azurite.connection_string) as blobs:
        path = f"timers/past-due/Host.Functions.{timer}/status"
        with blobs.get_blob_client("azure-webjobs-hosts", path) as blob:
            if text is not None:
                blob.upload_blob(text, overwrite=True)
            return blob.exists()


def test_a_schedule_that_cannot_be_read_is_told_with_its_function(tmp_path: Path) -> None:
    app = SampleApp(tmp_path / "app", SOURCE)
    with pytest.raises(ChildFailed, match="hourly: '61' is no second"), app.running(HOURLY="61 0 * * * *"):
        pass
    with pytest.raises(ChildFailed, match=r"hourly:.*HOURLY, which is not set"), app.running():
        pass
    with (
        pytest.raises(ChildFailed, match="WEBSITE_TIME_ZONE: Mars/North is no time zone"),
        app.running(**SETTINGS, WEBSITE_TIME_ZONE="Mars/North"),
    ):
        pass


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        ("0 */5 * * * *", "2026-03-01T10:04:59", "2026-03-01T10:05:00"),
        ("*/5 * * * *", "2026-03-01T10:05:00", "2026-03-01T10:10:00"),
        ("30 0 9-17/4 * * *", "2026-03-01T13:00:30", "2026-03-01T17:00:30"),
        ("0 0 0 1 * *", "2026-12-31T23:59:59.9", "2027-01-01T00:00:00"),
        ("0 30 9 * * Mon-Fri", "2026-02-28T00:00:00", "2026-03-02T09:30:00"),
        ("0 0 0 13 * 5", "2026-01-01T00:00:00", "2026-02-13T00:00:00"),
        ("0 0 0 29 Feb *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("0,15,30/10 0 0 * * *", "2026-01-01T00:00:15", "2026-01-01T00:00:30"),
        ("00:01:30", "2026-01-01T00:00:00", "2026-01-01T00:01:30"),
        ("0 0 0 30 2 *", "2026-01-01T00:00:00", None),
    ],
)
def test_schedules(schedule: str, after: str, due: str | None) -> None:
    found = parse_schedule(schedule).next_after(datetime.fromisoformat(after))
    assert found == (datetime.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "* * * *",
        "60 * * * * *",
        "* * * 0 * *",
        "* * * * 13 *",
        "* * * * * 7",
        "a * * * * *",
        "*/0 * * * * *",
        "00:00:00",
        "5-1 * * * * *",
    ],
)
def test_schedules_that_cannot_be_read(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"schedule|fields|time"):
        parse_schedule(schedule)
