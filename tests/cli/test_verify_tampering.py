"""Every kind of tampering with every row, in an export and in real storage, through `clearance verify`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from azure.data.tables import TableClient, TableServiceClient
from azure.storage.blob import BlobServiceClient
from typer.testing import CliRunner, Result

from local.azurite import RunningAzurite
from shared.adapters.history_entities import event_entity, head_entity
from shared.cli.main import app
from shared.domain.canonical import canonical
from shared.domain.chain import Tip
from shared.domain.export import export_lines
from shared.domain.ids import PromotionId
from shared.domain.merkle import make_checkpoint
from tests.cli.tampering import KINDS, Held, Rows, Tampered, tip
from tests.contract.stores import blocked, grown, in_memory
from tests.domain.evidence_makers import NOW

OLD, GROWN, NEW = (PromotionId("risk-dev", "fraud", version) for version in "789")
# How many rows each has, and how many of them the checkpoint speaks of.
LENGTHS: Mapping[PromotionId, tuple[int, int]] = {OLD: (5, 5), GROWN: (5, 3), NEW: (3, 0)}
PROTECTED = {history.partition: protected for history, (_, protected) in LENGTHS.items()}
CASES = [
    pytest.param(kind, history, at, id=f"{kind}-{history.version}-{at + 1}")
    for kind in KINDS
    for history, (length, _) in LENGTHS.items()
    for at in range(length)
]


@dataclass(frozen=True)
class Kept:
    """Histories as they were written, by partition, and the checkpoint that was copied away."""

    histories: Mapping[str, Held]
    checkpoint: bytes

    def verified(self, folder: Path, histories: Mapping[str, tuple[Rows, Tip | None]]) -> Result:
        """Write an export of these histories, and have it verified."""
        export, checkpoint = folder / "export.jsonl", folder / "checkpoint.json"
        lines = export_lines(((rows, head) for rows, head in histories.values()), NOW, "1.0.0")
        export.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        checkpoint.write_bytes(self.checkpoint)
        return verify(export, checkpoint)


def verify(export: Path, checkpoint: Path) -> Result:
    return CliRunner().invoke(app, ["verify", str(export), "--checkpoint", str(checkpoint)])


@pytest.fixture(scope="module")
def kept() -> Kept:
    stores = in_memory()
    held: dict[str, Held] = {}
    heads = []
    for history, (length, protected) in LENGTHS.items():
        grown(stores, history, length)
        raw = stores.raw(history)
        rows = tuple(raw.rows)
        held[history.partition] = Held(rows, raw.head, protected)
        if protected:
            heads.append(Tip(history.partition, protected, rows[protected - 1].hash))
    return Kept(held, make_checkpoint(NOW, "1.0.0", heads))


def everything(kept: Kept) -> dict[str, tuple[Rows, Tip | None]]:
    return {name: (held.rows, held.head) for name, held in kept.histories.items()}


def newer(name: str, rows: Rows) -> list[str]:
    """How the rows that no checkpoint speaks of are named."""
    last = max((row.sequence for row in rows), default=0)
    first = PROTECTED[name] + 1
    return [f"  not yet protected  {name} rows {first} to {last}"] if last >= first else []


def told(result: Result) -> tuple[str, list[str], list[str]]:
    """The verdict, the findings, and what is not yet protected, as they are printed."""
    first, *lines = result.stdout.splitlines()
    unprotected = [line for line in lines if line.startswith("  not yet protected")]
    others = ("   ", "  not", "  body", "  checkpoint of")
    findings = [line for line in lines if line.startswith("  ") and not line.startswith(others)]
    return first.rpartition(": ")[2], findings, unprotected


def expect(result: Result, name: str, tampered: Tampered) -> None:
    """The first finding names kind, history and row; what cannot be found is named as not yet protected."""
    verdict, findings, unprotected = told(result)
    if tampered.told is None:
        assert (result.exit_code, verdict, findings) == (0, "hold", [])
        assert [line for line in unprotected if name in line] == newer(name, tampered.rows)
        return
    kind, sequence = tampered.told
    assert (result.exit_code, verdict) == (1, "DO NOT HOLD")
    assert findings[0] == f"  {kind}  {name}" + ("" if sequence is None else f" row {sequence}")
    assert all(name in line for line in findings)


def test_untouched_histories_hold_and_what_is_newer_than_the_checkpoint_is_named(kept: Kept, tmp_path: Path) -> None:
    verdict, findings, unprotected = told(result := kept.verified(tmp_path, everything(kept)))

    assert (result.exit_code, verdict, findings) == (0, "hold", [])
    assert unprotected == [
        "  not yet protected  promotion:risk-dev:fraud:8 rows 4 to 5",
        "  not yet protected  promotion:risk-dev:fraud:9 rows 1 to 3",
    ]


@pytest.mark.parametrize(("kind", "history", "at"), CASES)
def test_whatever_is_done_to_an_export_is_found(
    kept: Kept, tmp_path: Path, kind: str, history: PromotionId, at: int
) -> None:
    name = history.partition
    tampered = KINDS[kind](kept.histories[name], at)
    left = {**everything(kept), name: (tampered.rows, tampered.head)}

    expect(kept.verified(tmp_path, left), name, tampered)


def test_swapped_lines_are_found_though_no_row_was_changed(kept: Kept, tmp_path: Path) -> None:
    rows, head = everything(kept)[OLD.partition]
    for at in range(len(rows) - 1):
        swapped = (*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :])
        result = kept.verified(tmp_path, {**everything(kept), OLD.partition: (swapped, head)})

        assert result.exit_code == 1
        assert told(result)[1][0] == f"  swapped  {OLD.partition} row {at + 1}"


def test_a_checkpoint_that_was_edited_too_is_found(kept: Kept, tmp_path: Path) -> None:
    forgotten = Kept(kept.histories, kept.checkpoint.replace(b'"sequence":5', b'"sequence":4'))
    result = forgotten.verified(tmp_path, everything(kept))

    assert result.exit_code == 1
    assert any(line.startswith("  checkpoint_edited") for line in told(result)[1])


def test_rows_without_their_bodies_are_named_for_what_they_told_is_not_at_hand(kept: Kept, tmp_path: Path) -> None:
    rows, head = everything(kept)[OLD.partition]
    bare = (rows[0], replace(rows[1], body=None), *rows[2:4], replace(rows[4], body=None))
    result = kept.verified(tmp_path, {**everything(kept), OLD.partition: (bare, head)})

    assert (result.exit_code, told(result)[0]) == (0, "hold")
    assert [line for line in result.stdout.splitlines() if "body" in line] == [
        f"  body not at hand  {OLD.partition} row 2",
        f"  body not at hand  {OLD.partition} row 5",
    ]


# ------------------------------------------------------------------------------------------------ in real storage


@dataclass(frozen=True)
class Store:
    """Real storage that holds the same histories, and hands to tamper with it."""

    table: TableClient
    blobs: BlobServiceClient
    connection_string: str

    def hold(self, name: str, rows: Rows, head: Tip | None) -> None:
        """Make a partition hold exactly these rows, as whoever may write to the table can."""
        for entity in self.table.query_entities("PartitionKey eq @name", parameters={"name": name}):
            self.table.delete_entity(entity)
        for row in rows:
            self.table.create_entity(event_entity(row))
        if head is not None:
            self.table.create_entity(head_entity(head, {}))

    def verified(self, folder: Path, checkpoint: bytes) -> Result:
        """Export it, and have that verified."""
        export, kept = folder / "export.jsonl", folder / "checkpoint.json"
        kept.write_bytes(checkpoint)
        told = {"AzureWebJobsStorage": self.connection_string}
        written = CliRunner().invoke(app, ["export", str(export)], env=told)
        assert written.exit_code == 0, written.output
        return verify(export, kept)


@pytest.fixture(scope="module")
def store(kept: Kept) -> Iterator[Store]:
    with (
        RunningAzurite() as running,
        TableServiceClient.from_connection_string(running.connection_string) as tables,
        BlobServiceClient.from_connection_string(running.connection_string) as blobs,
    ):
        table = tables.create_table_if_not_exists("history")
        store = Store(table, blobs, running.connection_string)
        blobs.create_container("checkpoints").upload_blob("20261123T020000.000000Z", kept.checkpoint)
        blobs.create_container("evidence")
        for name, held in kept.histories.items():
            store.hold(name, held.rows, held.head)
        yield store


IN_A_TABLE = [kind for kind in KINDS if kind != "insert under a number that is taken"]  # a table holds one row a key


@pytest.mark.parametrize("history", [OLD, GROWN, NEW], ids=["protected", "in part", "not yet"])
@pytest.mark.parametrize("kind", IN_A_TABLE)
def test_whatever_is_done_in_the_table_is_found(
    kept: Kept, store: Store, tmp_path: Path, kind: str, history: PromotionId
) -> None:
    name = history.partition
    held = kept.histories[name]
    tampered = KINDS[kind](held, 1)
    store.hold(name, tampered.rows, tampered.head)
    try:
        expect(store.verified(tmp_path, kept.checkpoint), name, tampered)
    finally:
        store.hold(name, held.rows, held.head)


def test_a_large_body_that_was_edited_where_it_is_kept_is_not_at_hand(store: Store, kept: Kept, tmp_path: Path) -> None:
    stores = in_memory()
    large = PromotionId("risk-dev", "large", "1")
    history = stores.histories.load(large)
    stores.histories.append(history, [blocked(1, "x" * 60_000)], NOW, {})
    (row,) = stores.raw(large).rows
    store.hold(large.partition, (row,), tip((row,)))
    evidence = store.blobs.get_container_client("evidence")
    named = f"  body not at hand  {large.partition} row 1"
    for content, at_hand in ((canonical(row.body), True), (b'{"gates":[],"round":1}', False)):
        evidence.upload_blob(row.body_sha256, content, overwrite=True)
        result = store.verified(tmp_path, kept.checkpoint)

        assert result.exit_code == 0
        assert (named not in result.stdout) is at_hand
    store.hold(large.partition, (), None)
