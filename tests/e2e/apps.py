"""The app on a storage account of its own, in this process: what a host would call, called by hand."""

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.faults.emulator import WatchedEmulator
from local.faults.estate import SHORT_WAITS, Account, Estate
from local.faults.samples import tags
from local.platform.estate import ALIAS, WORKSPACE
from shared import bootstrap
from shared.adapters.memory import InMemoryPublisher
from shared.domain.events import Recorded
from shared.domain.fold import fold
from shared.domain.ids import LineId, PromotionId
from shared.domain.line import champion_of
from shared.domain.states import Case
from shared.settings import Settings
from shared.workflow.advance import advance
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import ask_for_look
from shared.workflow.record_decision import DecisionRequest, record_decision
from shared.workflow.sweep import sweep

_PATIENCE = 60.0  # seconds
_PROCESS = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NO_PROXY")


class Killed(BaseException):
    """The worker dies."""


@dataclass(frozen=True)
class App:
    """`outside` are its ports, all of them real but the topic, which is remembered in `published`."""

    account: Account
    outside: Outside
    publisher: InMemoryPublisher
    queue: QueueClient

    @classmethod
    def on(cls, estate: Estate, lane: WatchedEmulator, account: Account, environment: pytest.MonkeyPatch) -> "App":
        """Start one on an account; this process gets what Azure's own clients read from the environment."""
        told = {**estate.settings(lane, account, SHORT_WAITS), "AzureWebJobsStorage": account.direct}
        for name in _PROCESS:
            environment.setenv(name, told[name])
        publisher = InMemoryPublisher()
        outside = replace(bootstrap.build(Settings.from_mapping({**os.environ, **told})), publisher=publisher)
        queue = QueueClient.from_connection_string(account.direct, "promotions")
        with contextlib.suppress(ResourceExistsError):
            queue.create_queue()
        return cls(account, outside, publisher, queue)

    # --- what triggers and timers do

    def work(self) -> None:
        """Handle messages until none is there."""
        while (message := self.queue.receive_message(visibility_timeout=60)) is not None:
            advance(self.outside, PromotionId.parse(str(message.content)))
            self.queue.delete_message(message)

    def until(self, reached: Callable[[], bool]) -> None:
        """Sweep and work until it is as wanted."""
        end = time.monotonic() + _PATIENCE
        while not reached():
            assert time.monotonic() < end, f"it never came: {self.table('worklist')}"
            sweep(self.outside)
            self.work()
            time.sleep(0.2)

    def until_left_alone(self) -> None:
        """Until nothing is due any more but what waits for people."""
        self.until(lambda: not self.outside.worklist.due(self.outside.clock.now() + timedelta(seconds=30), 1))

    def die_in_an_import(self, promotion: PromotionId, *, lands: bool) -> None:
        """Begin an import and die before it is judged; whether the registry has begun it by then."""

        def dies(call: Callable[[], None], _limit: timedelta) -> bool:
            if lands:
                call()
            raise Killed

        with pytest.raises(Killed):
            advance(replace(self.outside, call_apart=dies), promotion)

    def import_and_then(self, promotion: PromotionId, happens: Callable[[], object]) -> None:
        """Import, and have something happen before it is read back."""

        def imports(call: Callable[[], None], _limit: timedelta) -> bool:
            call()
            happens()
            return True

        advance(replace(self.outside, call_apart=imports), promotion)

    # --- what people do

    def announce(self, promotion: PromotionId) -> None:
        ask_for_look(self.outside, promotion)

    def answer(self, promotion: PromotionId, person: str, verdict: Any = "approve") -> None:
        known = self.outside.directory.people().resolve(person)
        evaluation = self.case(promotion).evaluation
        assert known is not None
        assert evaluation is not None
        record_decision(
            self.outside,
            DecisionRequest(promotion, evaluation.digest, verdict),
            person=known,
            spelling=person,
            channel="webhook:chatops",
            operation=f"webhook:chatops:{person}-{verdict}",
        )

    def approve(self, promotion: PromotionId) -> None:
        for person in ("amir.approver", "rosa.risk"):
            self.answer(promotion, person)

    # --- what there is

    def rows(self, promotion: PromotionId) -> tuple[Recorded, ...]:
        return self.outside.histories.load(promotion).rows

    def case(self, promotion: PromotionId) -> Case:
        return fold(promotion, self.rows(promotion))

    def champion(self, line: LineId) -> str | None:
        champion = champion_of(self.outside.histories.load(line).rows)
        return champion.promotion if champion else None

    def table(self, name: str) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Every row of a table as it stands, by its keys."""
        with TableServiceClient.from_connection_string(self.account.direct) as tables:
            rows = tables.create_table_if_not_exists(name).list_entities()
            return {(row["PartitionKey"], row["RowKey"]): dict(row) for row in rows}


def register(lane: WatchedEmulator, promotion: PromotionId, **changes: str | None) -> None:
    """A version with its run, registered long ago by Dana; nothing is announced."""
    run = lane.log_run(
        {"auc": "0.94", "fairness_gap": "0.02"},
        {"evaluated_model": f"{promotion.name}:{promotion.version}", "dataset": "holdout"},
    )
    lane.control.models(
        "register",
        promotion.name,
        promotion.version,
        workspace=WORKSPACE.name,
        event=False,
        model_type="mlflow_model",
        created_by="Dana Osei",
        created_at="2026-01-01T00:00:00.0000000+00:00",
        model_uri=f"azureml://jobs/{run}/outputs/artifacts/paths/model/",
        files={"MLmodel": "flavors: {sklearn: {}}\n", "model.pkl": f"weights of {promotion}"},
        tags=tags(**changes),
    )


def named(name: str, version: str = "1") -> PromotionId:
    return PromotionId(ALIAS, f"fraud-{name}", version)
