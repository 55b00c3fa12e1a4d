"""A deployment that lived, was exported and lost, and lives on in another storage account before the same registries."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from local.faults.emulator import WatchedEmulator
from local.faults.estate import Estate, running_estate
from shared.cli.main import app
from shared.domain.events import TargetPromoted
from shared.domain.ids import LineId, PromotionId
from shared.workflow.daily_checkpoint import daily_checkpoint
from shared.workflow.find_missed_registrations import find_missed_registrations
from tests.e2e.apps import App, named, register

pytestmark = pytest.mark.slow

FIRST, SECOND = named("good"), named("good", "2")
ASKED, REJECTED, BLOCKED = named("asked"), named("rejected"), named("blocked")
LANDED, CUT_OFF, ERRORED = named("landed"), named("cut-off"), named("errored")
LATER, MISSED = named("later"), named("missed")
SETTLED = (FIRST, SECOND, ASKED, REJECTED, BLOCKED, LATER)
ALL = (*SETTLED, LANDED, CUT_OFF, ERRORED)

Rows = Mapping[tuple[str, str], Mapping[str, Any]]
Tables = Mapping[str, Rows]


def clearance(account: str, *arguments: str | Path) -> Result:
    told = {"AzureWebJobsStorage": account}
    ran = CliRunner().invoke(app, [str(each) for each in arguments], env=told)
    assert ran.exit_code == 0, ran.output
    return ran


def lines_after_first(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()[1:]


@dataclass(frozen=True)
class Lived:
    """A deployment as it was exported, and the one that took its place.

    Attributes:
        old: before. It has gone on since the export: what it did then is lost.
        new: after; the app has brought back what follows from the histories, and waits for people.
        folder: holds the export, the checkpoint, and an export of what was restored.
        exported, restored, followed: tables of the old one at the export, and of the new one before and after its app ran.
        put_back: promotions that its first daily checkpoint made due.
        imports: what registries had been asked for at the restore.
        published: ids of the events that the new one had published when it was left alone.
    """

    old: App
    new: App
    lane: WatchedEmulator
    folder: Path
    exported: Tables
    restored: Tables
    followed: Tables
    put_back: tuple[str, ...]
    imports: Mapping[str, Mapping[str, int]]
    published: tuple[str, ...]

    def rows_of(self, promotion: PromotionId) -> int:
        """How many rows of it are in the export."""
        documents = map(json.loads, lines_after_first(self.folder / "backup.jsonl"))
        return max(int(each["sequence"]) for each in documents if each["history"] == promotion.partition)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("restore")
    with running_estate(1) as estate, pytest.MonkeyPatch.context() as environment:
        yield _told(estate, folder, environment)


def _told(estate: Estate, folder: Path, environment: pytest.MonkeyPatch) -> Lived:
    [lane], export, checkpoint = estate.lanes, folder / "backup.jsonl", folder / "checkpoint.json"
    old, new = (App.on(estate, lane, estate.new_account(), environment) for _ in range(2))
    _live(old, lane)
    daily_checkpoint(old.outside)
    exported = tables_of(old)
    clearance(old.account.direct, "export", export, "--checkpoint", checkpoint)
    _live_on(old, lane)
    clearance(new.account.direct, "restore", export, "--checkpoint", checkpoint, "--yes")
    restored, imports = tables_of(new), lane.control.imports()
    clearance(new.account.direct, "export", folder / "again.jsonl")
    put_back = daily_checkpoint(new.outside).put_back
    new.until_left_alone()
    published = tuple(str(event["id"]) for event in new.publisher.published)
    return Lived(old, new, lane, folder, exported, restored, tables_of(new), put_back, imports, published)


def _live(old: App, lane: WatchedEmulator) -> None:
    """Some promotions are settled, some wait for people, some are in the middle of an import."""
    for promotion in (FIRST, ASKED, REJECTED, LATER, LANDED, CUT_OFF, ERRORED):
        register(lane, promotion)
        old.announce(promotion)
    register(lane, BLOCKED, owner="somebody@example.com")
    old.announce(BLOCKED)
    old.work()
    old.approve(FIRST)
    old.answer(ASKED, "amir.approver")
    old.answer(REJECTED, "rosa.risk", "reject")
    old.work()
    register(lane, SECOND)
    old.announce(SECOND)
    old.work()
    old.approve(SECOND)
    old.until_left_alone()
    old.approve(ERRORED)
    away = {"action": "status", "match": {"operation": "registry_read"}, "times": -1}
    old.import_and_then(ERRORED, lambda: lane.control.add_faults(away))
    assert [target.error is not None for target in old.case(ERRORED).targets.values() if target.intent] == [True]
    lane.control.clear_faults()
    for promotion, lands in ((LANDED, True), (CUT_OFF, False)):
        old.approve(promotion)
        old.die_in_an_import(promotion, lands=lands)


def _live_on(old: App, lane: WatchedEmulator) -> None:
    """What happens after the export, and is lost with the account."""
    old.approve(LATER)
    while (message := old.queue.receive_message()) is not None:
        old.queue.delete_message(message)
    old.outside.queue.send(LATER)
    old.work()
    assert old.case(LATER).status == "promoted"
    register(lane, MISSED)
    old.announce(MISSED)


def tables_of(app: App) -> Tables:
    return {name: app.table(name) for name in ("history", "catalog", "timeline")}


def of(rows: Rows, *promotions: PromotionId) -> dict[tuple[str, str], Any]:
    """The rows that speak of these promotions."""
    names = [f"{each.name}:{each.version}" for each in promotions]
    return {key: row for key, row in rows.items() if any(name in json.dumps(row, default=str) for name in names)}


def without_relays(rows: Rows) -> Rows:
    """What each sink took is told apart: the tables begin anew."""
    return {key: row for key, row in rows.items() if key[1] != "relay"}


def test_the_table_of_histories_is_byte_for_byte_what_it_was(lived: Lived) -> None:
    after = without_relays(lived.restored["history"])

    assert after == without_relays(lived.exported["history"])
    assert {key[0].partition(":")[0] for key in after} == {"promotion", "line", "claim"}
    assert {key[1] for key in after if key[0] == ASKED.partition} >= {"e0000000001", "head"}


def test_an_export_of_it_is_the_same_export(lived: Lived) -> None:
    assert lines_after_first(lived.folder / "again.jsonl") == lines_after_first(lived.folder / "backup.jsonl")


def test_the_timers_and_their_messages_bring_the_rest_back(lived: Lived) -> None:
    assert set(lived.put_back) == {str(promotion) for promotion in ALL}
    for name in ("catalog", "timeline"):
        before, after = of(lived.exported[name], *SETTLED), of(lived.followed[name], *SETTLED)
        assert after == before
        assert len(after) >= len(SETTLED)


def test_what_was_settled_or_waits_for_people_is_as_it_was(lived: Lived) -> None:
    before, after = (of(each["history"], *SETTLED) for each in (lived.exported, lived.followed))

    assert without_relays(after) == without_relays(before)
    assert lived.new.case(SECOND) == lived.old.case(SECOND)
    assert lived.new.case(BLOCKED) == lived.old.case(BLOCKED)


def test_imports_that_were_under_way_are_read_back_and_none_is_made_twice(lived: Lived) -> None:
    for promotion in (LANDED, CUT_OFF, ERRORED):
        assert lived.new.case(promotion).status == "promoted", promotion
    counted = lived.lane.control.imports()

    assert {key: counts["effective"] for key, counts in counted.items() if counts["effective"] != 1} == {}
    for landed in (key for key, counts in lived.imports.items() if counts["effective"]):
        assert counted[landed] == lived.imports[landed]
    assert [happened(lived.new, each).count("ImportNotLanded") for each in (LANDED, CUT_OFF, ERRORED)] == [0, 1, 0]
    # The registry whose import had been announced is the first; that of the other goes its own way.
    assert since(lived, LANDED, "contoso-shared") == ["TargetPromoted", "TargetMarked"]
    assert since(lived, ERRORED, "contoso-shared") == ["PromotionRecovered", "TargetPromoted", "TargetMarked"]
    assert since(lived, CUT_OFF, "contoso-shared")[:2] == ["ImportNotLanded", "ImportStarted"]


def happened(app: App, promotion: PromotionId) -> list[str]:
    return [type(row.event).__name__ for row in app.rows(promotion)]


def since(lived: Lived, promotion: PromotionId, registry: str) -> list[str]:
    """What has happened in a registry since the restore."""
    later = [row.event for row in lived.new.rows(promotion)][lived.rows_of(promotion) :]
    told = [(type(event).__name__, getattr(event, "target", event)) for event in later]
    return [name for name, place in told if getattr(place, "registry", "") == registry]


def test_nobody_is_told_anything_again(lived: Lived) -> None:
    before = {str(event["id"]) for event in lived.old.publisher.published}

    assert len(lived.published) == len(set(lived.published)) > 0
    assert not before & set(lived.published)
    for event in lived.published:
        subject, _, sequence = event.partition("#")
        promotion = PromotionId(*subject.split("/")[1:])
        assert promotion in {LANDED, CUT_OFF, ERRORED}
        assert int(sequence) > lived.rows_of(promotion)


def test_lines_have_the_champions_that_they_had(lived: Lived) -> None:
    for line in (LineId("contoso-shared", "fraud-good"), LineId("contoso-eu", "risk-dev-fraud-good")):
        assert lived.new.champion(line) == lived.old.champion(line) == str(SECOND)
        assert len(lived.new.outside.histories.load(line).rows) == 2
    assert lived.new.champion(LineId("contoso-shared", "fraud-landed")) == str(LANDED)


def test_people_go_on_where_they_were(lived: Lived) -> None:
    lived.new.answer(ASKED, "rosa.risk")
    lived.new.until_left_alone()

    assert lived.new.case(ASKED).status == "promoted"
    assert lived.new.case(REJECTED).status == "rejected"


def test_what_was_promoted_after_the_export_is_found_by_its_mark_and_not_imported_again(lived: Lived) -> None:
    before = imports_of(lived, LATER)
    assert lived.new.case(LATER).status == "awaiting_approval"
    lived.new.approve(LATER)
    lived.new.until_left_alone()

    assert lived.new.case(LATER).status == "promoted"
    judged = [row.event for row in lived.new.rows(LATER) if isinstance(row.event, TargetPromoted)]
    assert [each.adopted for each in judged] == [True, True]
    assert imports_of(lived, LATER) == before
    assert len(before) == 2


def imports_of(lived: Lived, promotion: PromotionId) -> dict[str, Any]:
    counted = lived.lane.control.imports().items()
    return {key: counts for key, counts in counted if f"{promotion.name}:{promotion.version}" in key}


def test_what_was_registered_after_the_export_is_found_in_its_workspace(lived: Lived) -> None:
    assert find_missed_registrations(lived.new.outside).found == [str(MISSED)]
    lived.new.until_left_alone()

    assert lived.new.case(MISSED).status == "awaiting_approval"


def test_the_checkpoint_of_before_holds_for_what_has_become_of_it(lived: Lived) -> None:
    export, newest = lived.folder / "afterwards.jsonl", lived.folder / "newest.json"
    daily_checkpoint(lived.new.outside)
    clearance(lived.new.account.direct, "export", export, "--checkpoint", newest)
    verified = clearance("", "verify", export, "--checkpoint", lived.folder / "checkpoint.json")

    assert ": hold" in verified.stdout
    assert f"not yet protected  {LANDED.partition}" in verified.stdout
    assert "not yet protected" not in clearance("", "verify", export, "--checkpoint", newest).stdout
