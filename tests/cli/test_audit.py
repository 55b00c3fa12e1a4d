"""`clearance export` and `clearance verify`: from real storage to a verdict offline, and a change found."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from typer.testing import CliRunner, Result

from local.azurite import RunningAzurite
from local.ports import free_ports
from shared import bootstrap
from shared.cli.main import app
from shared.domain.events import Registered
from shared.domain.ids import PromotionId
from shared.ports import NewEvent
from shared.settings import Settings
from shared.workflow.daily_checkpoint import daily_checkpoint
from tests.domain.evidence_makers import NOW, a_model_version
from tests.settings.makers import environment

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPORT, CHECKPOINT = FIXTURES / "history-v1.jsonl", FIXTURES / "checkpoint-v1.json"


def run(*arguments: str | Path, **settings: str) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env=settings)


def test_an_untouched_export_holds() -> None:
    verified = run("verify", EXPORT, "--checkpoint", CHECKPOINT)

    assert verified.exit_code == 0, verified.output
    assert ": hold" in verified.stdout


def test_without_a_checkpoint_it_says_what_that_leaves_open() -> None:
    assert "No checkpoint was given" in run("verify", EXPORT).stdout


def test_a_flipped_byte_is_found_and_its_row_named(tmp_path: Path) -> None:
    flipped = tmp_path / "export.jsonl"
    flipped.write_text(EXPORT.read_text().replace('"actor":"clearance"', '"actor":"clearancf"', 1))

    verified = run("verify", flipped, "-o", "json")

    report = json.loads(verified.stdout)
    assert verified.exit_code == 1
    assert report["ok"] is False
    assert report["findings"][0]["kind"] == "edited"
    assert report["findings"][0]["sequence"] >= 1


def test_what_is_no_export_is_refused_with_its_line(tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"{}\n\xff\n")

    verified = run("verify", other)

    assert verified.exit_code == 1
    assert "- Line 1:" in verified.stderr
    assert "- Line 2:" in verified.stderr


def test_a_file_that_is_not_there_is_a_fault_of_usage(tmp_path: Path) -> None:
    assert run("verify", tmp_path / "none.jsonl").exit_code == 2


@pytest.fixture(scope="module")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


def test_an_export_of_real_storage_is_verified_against_its_checkpoint(azurite: RunningAzurite, tmp_path: Path) -> None:
    told = {"AzureWebJobsStorage": azurite.connection_string}
    # A managed identity is promised where nobody listens: nothing here asks it for a token.
    managed = {"IDENTITY_ENDPOINT": "http://127.0.0.1:9/msi/token", "IDENTITY_HEADER": "x"}
    with pytest.MonkeyPatch.context() as process:
        for name, value in managed.items():
            process.setenv(name, value)
        outside = bootstrap.build(Settings.from_mapping(environment(**told, **managed)))
    for name in ("fraud", "defects"):
        by = "dana.submitter@contoso.com" if name == "fraud" else "d" * 60_000  # too much for its row
        event = Registered(a_model_version().incarnation, by)
        history = outside.histories.load(PromotionId("risk-dev", name, "1"))
        outside.histories.append(history, [NewEvent(event, f"op-{name}", "clearance")], NOW, {"open": True})
    daily_checkpoint(outside)
    file, checkpoint = tmp_path / "export.jsonl", tmp_path / "checkpoint.json"

    exported = run("export", file, "--checkpoint", checkpoint, **told)
    assert exported.exit_code == 0, exported.output
    assert run("verify", file, "--checkpoint", checkpoint).exit_code == 0
    assert [len(body["registrant"]) for body in bodies(file)] == [60_000, 26]

    with TableServiceClient.from_connection_string(azurite.connection_string) as service:
        service.get_table_client("history").delete_entity("promotion:risk-dev:fraud:1", "head")
    run("export", file, **told)
    beheaded = run("verify", file, "--checkpoint", checkpoint)
    assert beheaded.exit_code == 1
    assert "head_missing  promotion:risk-dev:fraud:1" in beheaded.stdout

    with BlobServiceClient.from_connection_string(azurite.connection_string) as service:
        service.get_container_client("evidence").delete_container()
    assert run("export", file, **told).exit_code == 0
    assert bodies(file)[0] is None


def bodies(export: Path) -> list[Any]:
    """The body of each row of an export, in order."""
    rows = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    return [row["body"] for row in rows if row["kind"] == "row"]


def test_storage_that_is_away_is_unreachable(tmp_path: Path) -> None:
    [closed] = free_ports(1)
    away = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aGVsbG8=;" + ";".join(
        f"{service}Endpoint=http://127.0.0.1:{closed}/a" for service in ("Blob", "Queue", "Table")
    )

    assert run("export", tmp_path / "x.jsonl", AzureWebJobsStorage=away).exit_code == 3


def test_no_storage_named_is_a_fault_of_usage(tmp_path: Path) -> None:
    exported = run("export", tmp_path / "x.jsonl", AzureWebJobsStorage="")

    assert exported.exit_code == 2
    assert "AzureWebJobsStorage__accountName: it is not set" in exported.stderr
