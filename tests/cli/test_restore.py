"""`clearance restore`: what comes back is byte for byte what was exported, or nothing is written at all."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from typer.testing import CliRunner, Result

from local.azurite import ACCOUNT, ACCOUNT_KEY, RunningAzurite
from local.ports import free_ports
from shared.adapters import memory
from shared.adapters.blob_evidence import BlobEvidence
from shared.adapters.history_rows import new_rows
from shared.adapters.storage_account import StorageAccount
from shared.adapters.table_history import TableHistories
from shared.adapters.table_service import Tables
from shared.cli import restore as restoring
from shared.cli.export_file import lines_of, sha256_of
from shared.cli.main import app
from shared.domain.chain import Row, Tip
from shared.domain.errors import Unreadable
from shared.domain.events import Event, Registered
from shared.domain.export import LONGEST_LINE, export_lines
from shared.domain.ids import PromotionId
from shared.ports import History, NewEvent
from shared.workflow.plan_restore import plan_restore
from shared.workflow.restore_histories import Destination
from tests.cli.tampering import chained, tip
from tests.domain.evidence_makers import NOW, a_model_version

ROOT = Path(__file__).parents[2]
EXPORT, CHECKPOINT = ROOT / "tests/fixtures/history-v1.jsonl", ROOT / "tests/fixtures/checkpoint-v1.json"
MOST_ACCOUNTS = 60

Account = Callable[[], str]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Makes storage accounts that nobody has used; the connection string of each."""
    with pytest.MonkeyPatch.context() as environment:
        names = [f"r{number:03d}" for number in range(MOST_ACCOUNTS)]
        environment.setenv("AZURITE_ACCOUNTS", ";".join(f"{name}:{ACCOUNT_KEY}" for name in names))
        with RunningAzurite() as running:
            left = iter(names)
            yield lambda: running.connection_string.replace(ACCOUNT, next(left))


def run(*arguments: str | Path, storage: str = "", **told: str) -> Result:
    environment = {"AzureWebJobsStorage": storage, **told}
    return CliRunner().invoke(app, [str(each) for each in arguments], env=environment)


def restore(export: Path, storage: str, *arguments: str | Path) -> Result:
    return run("restore", export, "--yes", *arguments, storage=storage)


def exported(storage: str, folder: Path) -> list[str]:
    """What an export of the account holds, without its first line, which says when it was made."""
    file = folder / "again.jsonl"
    told = run("export", file, storage=storage)
    assert told.exit_code == 0, told.output
    return file.read_text("utf-8").splitlines()[1:]


def rows_in(storage: str) -> int:
    """How many rows the table of histories has, claims included."""
    with TableServiceClient.from_connection_string(storage) as tables:
        return len(list(tables.create_table_if_not_exists("history").list_entities()))


def bookmarks_in(storage: str) -> list[str]:
    with TableServiceClient.from_connection_string(storage) as tables:
        worklist = tables.create_table_if_not_exists("worklist")
        return [str(row["RowKey"]) for row in worklist.list_entities() if row["PartitionKey"] == "bookmark"]


def written(folder: Path, *histories: tuple[tuple[Row, ...], Tip | None]) -> Path:
    file = folder / "made.jsonl"
    lines = export_lines(histories, NOW, "0.1.0")
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def whole(version: str, *happened: Event) -> tuple[tuple[Row, ...], Tip]:
    """One history that holds by itself."""
    history = PromotionId("risk-dev", "fraud", version)
    told = happened or (registered(),)
    new = [NewEvent(event, f"op-{number}", "clearance") for number, event in enumerate(told)]
    rows = new_rows(History(history), new, NOW)
    return rows, Tip(history.partition, len(rows), rows[-1].hash)


def registered(by: str = "Dana Osei") -> Registered:
    return Registered(a_model_version().incarnation, by)


# ------------------------------------------------------------------------------------------------ what comes back


def test_an_export_of_every_type_of_event_comes_back_as_it_was(account: Account, tmp_path: Path) -> None:
    storage = account()
    restored = restore(EXPORT, storage, "--checkpoint", CHECKPOINT)

    assert restored.exit_code == 0, restored.output
    assert exported(storage, tmp_path) == EXPORT.read_text("utf-8").splitlines()[1:]
    assert run("verify", tmp_path / "again.jsonl", "--checkpoint", CHECKPOINT).exit_code == 0
    assert bookmarks_in(storage) == []


def test_it_says_where_to_and_what_before_it_writes(account: Account) -> None:
    storage = account()
    said = restore(EXPORT, storage, "--checkpoint", CHECKPOINT)

    assert "3 histories, 48 rows: hold" in said.stdout
    assert (
        f"into    http://127.0.0.1:{storage.partition('TableEndpoint=http://127.0.0.1:')[2].split(';')[0]}"
        in said.stdout
    )
    assert "writes  2 promotions, " in said.stdout
    assert "SHA-256 " in said.stdout
    assert "3 of 3 histories" in said.stderr
    assert said.stdout.splitlines()[-1].startswith("Restored 3 histories, 48 rows")
    assert ACCOUNT_KEY not in said.output


def test_large_bodies_go_where_they_belong(account: Account, tmp_path: Path) -> None:
    old, new = account(), account()
    stores = StorageAccount(old)
    histories = TableHistories(Tables(stores.tables()), BlobEvidence(stores.blobs()))
    for version, by in (("1", "d" * 60_000), ("2", "Dana Osei"), ("3", "é𝄞\u202e" * 20_000)):
        loaded = histories.load(PromotionId("risk-dev", "fraud", version))
        histories.append(loaded, [NewEvent(registered(by), f"op-{version}", "clearance")], NOW, {"open": True})
    before = exported(old, tmp_path)
    restored = restore(tmp_path / "again.jsonl", new)

    assert restored.exit_code == 0, restored.output
    assert exported(new, tmp_path) == before
    with BlobServiceClient.from_connection_string(new) as blobs:
        kept = {blob.name for blob in blobs.get_container_client("evidence").list_blobs()}
    digests = {json.loads(line)["body_sha256"] for line in before if json.loads(line).get("body_size", 0) > 48 * 1024}
    assert kept == digests
    assert len(kept) == 2


def test_a_body_that_is_not_in_the_export_is_named_and_the_rest_comes_back(account: Account, tmp_path: Path) -> None:
    storage = account()
    (row,), head = whole("1")
    file = written(tmp_path, ((replace(row, body=None),), head), whole("2"))
    restored = restore(file, storage)

    assert restored.exit_code == 0, restored.output
    assert "cannot be worked on until its bodies are put back  promotion:risk-dev:fraud:1" in restored.stdout
    assert exported(storage, tmp_path) == file.read_text("utf-8").splitlines()[1:]


# ------------------------------------------------------------------------------------------------ again, and interrupted


def test_a_second_restore_finds_an_account_that_is_not_empty(account: Account, tmp_path: Path) -> None:
    storage = account()
    restore(EXPORT, storage)
    before = rows_in(storage)
    again = restore(EXPORT, storage)

    assert again.exit_code == 1
    assert "holds histories already" in again.stderr
    assert "Nothing is merged" in again.stderr
    assert rows_in(storage) == before


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-c", "from shared.cli.main import app; app()", *map(str, arguments)]


def test_a_restore_that_was_killed_goes_on_where_it_was(account: Account, tmp_path: Path) -> None:
    storage = account()
    file = written(tmp_path, *(whole(str(number)) for number in range(101, 301)))
    told = {**os.environ, "AzureWebJobsStorage": storage}
    with subprocess.Popen(
        command("restore", file, "--yes"),
        cwd=ROOT,
        env=told,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as killed:
        assert killed.stderr is not None
        assert killed.stderr.readline() == "20 of 200 histories\n"
        killed.send_signal(signal.SIGKILL)
    assert 0 < rows_in(storage) < 600
    assert bookmarks_in(storage) == ["restore"]

    other = restore(EXPORT, storage)
    assert other.exit_code == 1
    assert "is being filled from another export" in other.stderr
    again = restore(file, storage)
    assert again.exit_code == 0, again.output
    assert "A restore of this very export has begun there" in again.stdout
    assert exported(storage, tmp_path) == file.read_text("utf-8").splitlines()[1:]
    assert bookmarks_in(storage) == []


def test_rows_that_an_app_wrote_in_between_are_left_and_told(account: Account, tmp_path: Path) -> None:
    storage = account()
    file = written(tmp_path, whole("1"), whole("2"))
    with TableServiceClient.from_connection_string(storage) as tables:
        theirs = {"PartitionKey": "promotion:risk-dev:fraud:2", "RowKey": "e0000000001", "actor": "somebody"}
        tables.create_table_if_not_exists("history").create_entity(theirs)
    assert restore(file, storage).exit_code == 1
    assert rows_in(storage) == 1

    with TableServiceClient.from_connection_string(storage) as tables:
        digest = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout.split()[0]
        begun = {"document": json.dumps({"sha256": digest, "begun_at": "2026-03-01T12:00:00.000000Z"})}
        tables.create_table_if_not_exists("worklist").create_entity(
            {"PartitionKey": "bookmark", "RowKey": "restore", **begun}
        )
    stopped = restore(file, storage)
    assert stopped.exit_code == 1
    assert "Row e0000000001 of promotion:risk-dev:fraud:2 stands there already" in stopped.stderr
    assert "Traceback" not in stopped.output


def test_storage_that_goes_away_is_told_with_what_to_do_then() -> None:
    histories = memory.InMemoryHistories()
    destination = Destination(
        "the account",
        histories,
        memory.InMemoryClaims(),
        memory.InMemoryBookmarks(),
        memory.SettableClock(NOW),
        lambda _seconds, _trouble: None,
    )
    plan = plan_restore(histories, lines_of(EXPORT))
    histories.unreachable = True
    with pytest.raises(Unreadable, match=r"told to be unreachable\..*the same command goes on from there"):
        restoring._write(destination, plan, EXPORT, sha256_of(EXPORT))


# ------------------------------------------------------------------------------------------------ who is asked


def test_where_nobody_can_be_asked_it_wants_to_be_told(account: Account) -> None:
    storage = account()
    asked = run("restore", EXPORT, storage=storage)

    assert asked.exit_code == 2
    assert "--yes" in asked.stderr
    assert rows_in(storage) == 0


@pytest.mark.parametrize(("answer", "code", "rows"), [("y", 0, True), ("n", 1, False), ("", 1, False)])
def test_on_a_terminal_it_asks(account: Account, answer: str, code: int, rows: bool) -> None:
    storage = account()
    ours, theirs = pty.openpty()
    told = {**os.environ, "AzureWebJobsStorage": storage}
    os.write(ours, f"{answer}\n".encode())
    asked = subprocess.run(
        command("restore", EXPORT), cwd=ROOT, env=told, stdin=theirs, capture_output=True, text=True, check=False
    )
    os.close(theirs)
    os.close(ours)

    assert asked.returncode == code, asked.stderr
    assert "Write this? [y/N]" in asked.stdout
    assert (rows_in(storage) > 0) is rows
    assert ("Nothing was written." in asked.stderr) is not rows


# ------------------------------------------------------------------------------------------------ what does not come back


def test_an_export_that_does_not_hold_is_not_restored(account: Account, tmp_path: Path) -> None:
    storage = account()
    bad = tmp_path / "bad.jsonl"
    bad.write_text(EXPORT.read_text("utf-8").replace('"actor":"clearance"', '"actor":"clearancf"', 3), "utf-8")
    refused = restore(bad, storage)

    assert refused.exit_code == 1
    assert refused.stdout.count("  edited  ") == 3
    assert "DO NOT HOLD" in refused.stdout
    assert "Nothing was restored" in refused.stderr
    assert rows_in(storage) == 0


def test_an_export_that_is_older_than_the_checkpoint_is_not_restored_with_it(account: Account, tmp_path: Path) -> None:
    storage = account()
    lines = EXPORT.read_text("utf-8").splitlines()
    cut = max(number for number, line in enumerate(lines) if '"kind":"head"' in line and "fraud:7" in line)
    older = tmp_path / "older.jsonl"
    older.write_text("".join(f"{line}\n" for line in lines[: cut + 1]), "utf-8")

    refused = restore(older, storage, "--checkpoint", CHECKPOINT)
    assert refused.exit_code == 1
    assert "removed_history  promotion:risk-dev:fraud:8" in refused.stdout
    assert rows_in(storage) == 0
    assert restore(older, storage).exit_code == 0


def out_of_order(folder: Path) -> Path:
    rows, head = whole("1", *[registered()] * 3)
    return written(folder, ((rows[0], rows[2], rows[1]), head))


def duplicated(folder: Path) -> Path:
    rows, head = whole("1", *[registered()] * 2)
    return written(folder, ((rows[0], rows[0], rows[1]), head))


def before_the_first(folder: Path) -> Path:
    rows, _ = whole("1", *[registered()] * 2)
    first = chained([replace(rows[0], sequence=0)])[0]
    shifted = chained([replace(first, sequence=0), rows[1]], 1)
    return written(folder, ((replace(shifted[0], sequence=0), *shifted[1:]), tip(shifted)))


def unknown_types(folder: Path) -> Path:
    made = [chained([replace(whole(version)[0][0], type="Beamed")]) for version in "12"]
    return written(folder, *((rows, tip(rows)) for rows in made))


def of_claims(folder: Path) -> Path:
    rows = chained([replace(whole("1")[0][0], history="claim:contoso-shared:fraud")])
    return written(folder, (rows, tip(rows)))


def too_long_to_keep(folder: Path) -> Path:
    rows = chained([replace(whole("1")[0][0], operation="x" * 1_000_000)])
    return written(folder, (rows, tip(rows)))


def interleaved(folder: Path) -> Path:
    one, other = whole("1", *[registered()] * 2), whole("2")
    return written(folder, (one[0][:1], None), other, (one[0][1:], one[1]))


def somebody_elses(folder: Path) -> Path:
    file = folder / "their.jsonl"
    file.write_bytes(b"\x00\xff\xfe\nname,value\n" + b'{"a":1}\n{"kind":[]}\n{"kind":"row"}\n[]\n')
    return file


def nothing(folder: Path) -> Path:
    file = folder / "empty.jsonl"
    file.write_bytes(b"")
    return file


def a_line_without_end(folder: Path) -> Path:
    file = folder / "long.jsonl"
    with file.open("wb") as content:
        content.write(EXPORT.read_bytes() + b"[")
        content.truncate(LONGEST_LINE * 3)  # a hole, which reads as zeros
    with file.open("ab") as content:
        content.write(b"\n{}\n")
    return file


Made = Callable[[Path], Path]
HOSTILE: list[tuple[Made, str]] = [
    (out_of_order, "  swapped  promotion:risk-dev:fraud:1 row 2"),
    (duplicated, "  inserted  promotion:risk-dev:fraud:1 row 1"),
    (before_the_first, "  inserted  promotion:risk-dev:fraud:1 row 0"),
    (
        unknown_types,
        "- promotion:risk-dev:fraud:2: Row 1: The event Beamed in schema version 1: This program knows no such",
    ),
    (of_claims, "is no history: expected promotion:"),
    (too_long_to_keep, "Row 1: The row promotion:risk-dev:fraud:1 e0000000001: operation is 1000000 characters long"),
    (interleaved, "its lines do not stand together, those from line 5 on are apart"),
    (somebody_elses, '- Line 4: It is no object whose "kind" is one of'),
    (nothing, "the export holds no history"),
    (a_line_without_end, "- Line 53: It has 67108866 bytes; at most 67108864 are read.\n- Line 54: "),
]


@pytest.mark.parametrize(("make", "said"), HOSTILE, ids=lambda each: getattr(each, "__name__", ""))
def test_what_is_no_sound_export_is_refused_whole(account: Account, tmp_path: Path, make: Made, said: str) -> None:
    storage = account()
    refused = restore(make(tmp_path), storage)

    assert refused.exit_code == 1, refused.output
    assert isinstance(refused.exception, SystemExit)
    assert said in refused.output
    assert rows_in(storage) == 0
    assert bookmarks_in(storage) == []


def test_a_pipe_cannot_be_read_twice(tmp_path: Path, account: Account) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)

    refused = restore(pipe, account())
    assert refused.exit_code == 2
    assert "no pipe" in refused.stderr


def test_storage_that_is_away_is_unreachable() -> None:
    [closed] = free_ports(1)
    away = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aGVsbG8=;" + ";".join(
        f"{service}Endpoint=http://127.0.0.1:{closed}/a" for service in ("Blob", "Queue", "Table")
    )

    assert restore(EXPORT, away).exit_code == 3


def test_no_storage_named_is_a_fault_of_usage() -> None:
    refused = restore(EXPORT, "")

    assert refused.exit_code == 2
    assert "AzureWebJobsStorage__accountName: it is not set" in refused.stderr
