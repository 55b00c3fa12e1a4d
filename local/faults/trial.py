"""One promotion on storage of its own, its workers, and the hands that move it: announce, mend, answer, sweep, look."""

import contextlib
import json
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from azure.core.exceptions import AzureError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient

from local.azure_ml.client import ControlRefused
from local.faults.calls import Counting, Watch
from local.faults.emulator import WatchedEmulator
from local.faults.estate import SHORT_WAITS, Account, Estate
from local.faults.nursery import WorkerProcess
from local.faults.samples import tags
from local.faults.senders import Given, Sent, Way, sent
from local.faults.stores import Stores
from local.platform.estate import ALIAS, WORKSPACE
from shared.domain.ids import PromotionId
from shared.domain.states import Case

_QUEUES = ("model-events", "promotions", "model-events-poison", "promotions-poison")
_TABLES = ("history", "worklist", "timeline", "catalog", "webhookids", "quarantine")
_POLL_SECONDS = 0.25
_LAST_SHOWN = 8
_MOST_DEATHS = 3  # that nobody caused: a worker that cannot start would be forked for ever


class Stuck(Exception):
    """A goal was not reached in time; the text says where the promotion stands."""


class WorkersDie(Stuck):
    """Workers end by themselves, one after the other; the text says what the last of them said."""


class Trial:
    """One run, for the length of a `with` block.

    `acknowledged` are the operations that somebody outside was told are done (2xx); `lost` is what was acknowledged
    and was gone when a worker had died; `shots` are deaths that were meant. `troubles` are errors that the app expects
    and reports, `crashes` exceptions that it does not, and workers that ended by themselves.

    Args:
        estate: what it stands on.
        lane: the emulator it has to itself.
        waits: settings that replace some of the short waits, in seconds.
        patience: seconds until a goal that is not reached counts as stuck.
    """

    def __init__(
        self,
        estate: Estate,
        lane: WatchedEmulator,
        *,
        waits: Mapping[str, float] | None = None,
        patience: float = 90.0,
    ) -> None:
        self.lane = lane
        self.account: Account = estate.new_account()
        self.promotion = PromotionId(ALIAS, f"fraud-{self.account.name}", "1")
        self.acknowledged: list[str] = []
        self.lost: list[str] = []
        self.shots = 0
        self._shot: set[int] = set()
        self._died_by_themselves = 0
        self.crashes: list[str] = []
        self.troubles: list[str] = []
        self._estate = estate
        self._watch: Watch = Counting()
        self._settings = estate.settings(lane, self.account, {**SHORT_WAITS, **(waits or {})})
        self._deadline = time.monotonic() + patience
        self._workers: list[WorkerProcess | None] = [None]
        self._locks = threading.Lock()

    def __enter__(self) -> Self:
        _make_storage(self.account)
        self.stores = Stores(self.account.direct)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.lane.watch = None
        self.account.proxy.watches.pop(self.account.name, None)
        for number in range(len(self._workers)):
            self.kill(number)
        with contextlib.suppress(ControlRefused):
            self.change("delete")  # the next trial on this lane has a workspace of its own
        self.stores.close()

    def watch(self, watch: Watch) -> None:
        """Show all further calls to this watch."""
        self._watch = watch
        self.lane.watch = watch
        self.account.proxy.watches[self.account.name] = watch

    # ---------------------------------------------------------------- workers

    def worker(self, number: int = 0) -> WorkerProcess:
        """A worker, forked where there is none."""
        with self._locks:
            self._workers += [None] * (number + 1 - len(self._workers))
            found = self._workers[number]
            if found is None:
                found = self._workers[number] = self._estate.nursery.worker(self._settings)
        return found

    def kill(self, number: int = 0) -> None:
        """End a worker with SIGKILL, if there is one."""
        with self._locks:
            worker, self._workers[number] = self._workers[number], None
        if worker is not None:
            worker.kill()

    def shoot(self) -> None:
        """End worker 0 with SIGKILL in the middle of what it does, from within a watch."""
        worker = self.worker()
        self.shots += 1
        self._shot.add(worker.pid)
        worker.signal(signal.SIGKILL)

    def ask(self, do: str, arguments: Mapping[str, Any] | None = None, *, worker: int = 0) -> dict[str, Any] | None:
        """Have a worker do one thing; None where it died over it, and a new one takes its place next time.

        Raises:
            WorkersDie: a few have died that nobody shot.
        """
        process = self.worker(worker)
        try:
            answer: dict[str, Any] = process.ask(do, **(arguments or {}))
        except ConnectionError:
            self.kill(worker)
            self._note_death(meant=process.pid in self._shot)
            return None
        self._watch.told()
        self._note(answer)
        return answer

    def _note_death(self, *, meant: bool) -> None:
        if not meant:
            self._died_by_themselves += 1
            if self._died_by_themselves > _MOST_DEATHS:
                said = "; ".join(self.crashes[-1:])
                raise WorkersDie(f"{self._died_by_themselves} workers have ended by themselves. {said}")
            self.crashes.append("a worker ended by itself")
        self._note_loss()
        self._watch.revived()

    def _note_loss(self) -> None:
        """Note an event that was acknowledged and stands nowhere, once."""
        set_aside = self.stores.holds_message("model-events-poison") or self.stores.is_quarantined()
        if not self.lost and not set_aside and self.is_forgotten():
            self.lost.append("the event ModelRegistered")

    def _note(self, answer: Mapping[str, Any]) -> None:
        self.crashes += answer.get("crashes", [])
        self.troubles += answer.get("troubles", [])
        self.crashes += [answer["crash"]] if "crash" in answer else []
        self.troubles += [f"{answer['trouble']}: {answer.get('said', '')}"] if "trouble" in answer else []

    def is_forgotten(self) -> bool:
        """Whether a message was acknowledged of which nothing is left: neither a worklist row nor a history."""
        if self.stores.holds_message("model-events"):
            return False
        return not self.stores.is_listed(self.promotion) and not self.stores.rows(self.promotion)

    # ---------------------------------------------------------------- what people and Azure do

    def register(self, **changes: Any) -> None:
        """A version with its run, registered long ago by Dana; announced as Event Grid does."""
        run = _log_run(self.lane, f"{self.promotion.name}:{self.promotion.version}")
        fields = {"tags": tags(), "created_at": "2026-01-01T00:00:00.0000000+00:00", **changes}
        self.change(
            "register",
            model_type="mlflow_model",
            created_by="Dana Osei",
            model_uri=f"azureml://jobs/{run}/outputs/artifacts/paths/model/",
            files={"MLmodel": "flavors: {sklearn: {}}\n", "model.pkl": f"weights of {self.promotion}"},
            **fields,
        )
        self.announce()

    def refuse_identity(self) -> None:
        """From now on the platform gives the app no token; a new worker takes over, who has none."""
        self._estate.identity.refuse(self.lane.port)
        self.kill()

    def give_identity(self) -> int:
        """The platform gives tokens again; how often it refused one."""
        return self._estate.identity.give(self.lane.port)

    def change(self, action: str, **fields: Any) -> None:
        """Change the version in its workspace behind everybody's back; nothing is announced."""
        version, name = self.promotion.version, self.promotion.name
        self.lane.control.models(action, name, version, workspace=WORKSPACE.name, event=False, **fields)

    def announce(self) -> None:
        """Deliver the event ModelRegistered."""
        event = {
            "id": str(uuid4()),
            "topic": WORKSPACE.arm_id,
            "subject": f"models/{self.promotion.name}:{self.promotion.version}",
            "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
            "eventTime": datetime.now(UTC).isoformat(),
            "data": {"ModelName": self.promotion.name, "ModelVersion": int(self.promotion.version)},
            "dataVersion": "",
            "metadataVersion": "1",
        }
        with QueueClient.from_connection_string(self.account.direct, "model-events") as queue:
            queue.send_message(json.dumps(event))

    def answer(self, person: str, verdict: str = "approve", *, attempt: str = "1", way: Way = "webhook") -> Sent:
        """Somebody's answer on the current evaluation."""
        evaluation = self.case().evaluation
        digest = evaluation.digest if evaluation else ""
        return sent(self._estate, Given(self.promotion, digest, person, verdict, attempt), way)

    def decide(self, person: str, verdict: str = "approve", *, attempt: str = "1", worker: int = 0) -> int:
        """Send somebody's answer until it is answered, as their tool does; the status it ends with.

        A sender whose answer was recorded by a worker that died over it never asks again, and ends with 0: nothing but
        the machinery itself may then go on with it.
        """
        given = self.answer(person, verdict, attempt=attempt)
        while True:
            answer = self.ask("decide", given.arguments, worker=worker)
            if answer is None and self._stands(given.operation):
                return 0
            status = int(answer.get("status", 500)) if answer else 500
            if status == 200:
                self.acknowledged.append(given.operation)
            if status < 500:
                return status
            self.pause("an answer to a webhook")

    def instruct(self, kind: str, **fields: str) -> None:
        """Tell the machinery something until it is taken in; who is recorded and hears nothing never asks again."""
        operation = f"{kind}-{uuid4().hex}"
        told = {"kind": kind, "promotion": str(self.promotion), **fields}
        while True:
            answer = self.ask("instruct", arguments={**told, "operation": operation})
            if answer is None and self._stands(operation):
                return
            if answer and ("status" in answer or "refused" in answer):
                if "status" in answer and kind != "reevaluate":
                    self.acknowledged.append(operation)
                return
            self.pause(f"{kind} to be taken in")

    def _stands(self, operation: str) -> bool:
        return any(row.operation == operation for row in self.stores.rows(self.promotion))

    # ---------------------------------------------------------------- time

    def until(self, reached: Callable[[Case], bool], what: str, *, worker: int = 0) -> Case:
        """Work, and sweep what is due, until the case is as wanted.

        Raises:
            Stuck: it is not in time.
        """
        while True:
            if self.stores.shows_message("model-events", "promotions"):
                self.ask("work", worker=worker)
            case = self.case()
            if reached(case):
                return case
            self._tidy(worker)
            self.pause(what)

    def _tidy(self, worker: int) -> None:
        """What timers and the poison queues' triggers do."""
        if self.stores.is_due(self.promotion):
            self.ask("sweep", worker=worker)
        if self.troubles and self.stores.shows_message("model-events-poison", "promotions-poison"):
            self.ask("quarantine", worker=worker)
        if self.troubles and self.is_forgotten():
            self._note_loss()
            self.ask("find_missed", worker=worker)

    def wait(self, reached: Callable[[Case], bool], what: str) -> None:
        """Only look on until the case is as wanted; others work.

        Raises:
            Stuck: it is not in time.
        """
        while not reached(self.case()):
            self.pause(what)

    def until_left_alone(self) -> None:
        """Work and sweep until the promotion is off the worklist: settled, relayed, forgotten by the machinery."""
        self.until(lambda _case: not self.stores.is_listed(self.promotion), "it to leave the worklist")

    def pause(self, what: str) -> None:
        """Let a little time pass.

        Raises:
            Stuck: there is none left.
        """
        if time.monotonic() > self._deadline:
            last = [type(row.event).__name__ for row in self.stores.rows(self.promotion)[-_LAST_SHOWN:]]
            said = [
                *self.troubles[-1:],
                *self.stores.tries(self.promotion),
                f"last came {', '.join(last) or 'nothing'}",
            ]
            raise Stuck("; ".join([f"{self.promotion} is {self.case().status}, waiting for {what}", *said]))
        time.sleep(_POLL_SECONDS)

    def case(self) -> Case:
        """As its history says it is now."""
        return self.stores.case(self.promotion)


def _make_storage(account: Account) -> None:
    with TableServiceClient.from_connection_string(account.direct) as tables:
        for name in _TABLES:
            tables.create_table(name)
    with QueueServiceClient.from_connection_string(account.direct) as queues:
        for name in _QUEUES:
            with contextlib.suppress(AzureError):
                queues.create_queue(name)


def _log_run(lane: WatchedEmulator, evaluated: str) -> str:
    return lane.log_run({"auc": "0.94", "fairness_gap": "0.02"}, {"evaluated_model": evaluated, "dataset": "holdout"})
