"""Two workers on one promotion: side by side, and one of them stopped by SIGSTOP in an import until its lease is over."""

import signal
import threading
import time

from local.faults.azure_ml_scenarios import approve, ask, finish
from local.faults.calls import Call, Fault
from local.faults.estate import SHORT_WAITS
from local.faults.nursery import WorkerProcess
from local.faults.outcome import imports
from local.faults.race_verdict import Verdict, verdict_of
from local.faults.trial import Trial
from local.platform.estate import WORKSPACE
from shared.domain import events, states

_FIRST = "contoso-shared"


class PauseInImport:
    """Stops a worker that is about to import: it has seen that the target is absent, and asks for the copy when resumed."""

    def __init__(self) -> None:
        self.worker: WorkerProcess | None = None
        self.paused = threading.Event()
        self._sharing = False

    def arrived(self, call: Call) -> Fault | None:
        """Stop it at its last read before the import; only an import reads the workspace itself."""
        if call.service != "azure_ml" or self.worker is None or self.paused.is_set():
            return None
        self._sharing = self._sharing or call.path.endswith(f"/workspaces/{WORKSPACE.name}")
        last_read = call.method == "GET" and "/registries/" in call.path and "/versions/" in call.path
        if self._sharing and last_read:
            self.worker.signal(signal.SIGSTOP)
            self.paused.set()
        return None

    def answered(self, call: Call) -> None:
        """Nothing more."""

    def revived(self) -> None:
        """Nothing more."""


def stopped_meanwhile(trial: Trial) -> Verdict:
    """The promotion is rejected while an import is paused: what it leaves late is a conflict, and stays rejected."""
    paused, working = _pause(trial)
    refused = trial.decide("rosa.risk", "reject", worker=1)
    over = time.monotonic() + SHORT_WAITS["LEASE"]
    trial.until(lambda case: time.monotonic() > over and _checked(case.targets[_FIRST]), "the lease to end", worker=1)
    _resume(paused, working)
    trial.until(lambda case: case.targets[_FIRST].status == "conflict", "the late import to be found", worker=1)
    case = trial.case()
    kinds = [
        row.event.kind for row in trial.stores.rows(trial.promotion) if isinstance(row.event, events.ConflictFound)
    ]
    wrong = [
        *([f"the rejection was answered {refused}"] if refused != 200 else []),
        *(
            [f"it ends as {case.status} with conflicts {kinds}"]
            if (case.status, kinds) != ("rejected", ["landed_late"])
            else []
        ),
    ]
    trial.until_left_alone()
    return verdict_of(wrong, [])


def overtaken(trial: Trial) -> Verdict:
    """Another worker takes the ended lease over and promotes the same content: the late import changes nothing."""
    paused, working = _pause(trial)
    trial.until(lambda case: case.status == "promoted", "the other worker to promote", worker=1)
    before = len(trial.stores.rows(trial.promotion))
    asked_before = _requested(trial)
    _resume(paused, working)
    _wait_for_late_import(trial, asked_before)
    finish(trial)
    after = [type(row.event).__name__ for row in trial.stores.rows(trial.promotion)[before:]]
    wrong = [
        *([f"the late worker appended {after}"] if after else []),
        *([f"it ends as {trial.case().status}"] if trial.case().status != "promoted" else []),
        *(["the paused worker never asked for its import"] if _requested(trial) == asked_before else []),
    ]
    return verdict_of(wrong, [])


def two_workers(trial: Trial) -> Verdict:
    """Both take every message and sweep, from the registration to the end."""
    trial.register()
    trial.announce()
    both = [threading.Thread(target=_work, args=(trial, number)) for number in (0, 1)]
    for thread in both:
        thread.start()
    trial.wait(lambda case: case.status == "awaiting_approval", "people to be asked")
    approve(trial)
    for thread in both:
        thread.join()
    trial.until_left_alone()
    kinds = [type(row.event) for row in trial.stores.rows(trial.promotion)]
    doubles = [kind.__name__ for kind in (events.Registered, events.Approved) if kinds.count(kind) != 1]
    doubles += [f"{kinds.count(events.TargetPromoted)} promotions"] if kinds.count(events.TargetPromoted) != 2 else []
    return verdict_of(doubles, [])


def _work(trial: Trial, number: int) -> None:
    trial.until(lambda case: case.status == "promoted", "the promotion", worker=number)


def _pause(trial: Trial) -> tuple[WorkerProcess, threading.Thread]:
    """Approved, and its first import stopped in the middle of worker 0."""
    ask(trial)
    approve(trial)
    pause = PauseInImport()
    pause.worker = trial.worker(0)
    trial.watch(pause)
    working = threading.Thread(target=trial.ask, args=("work",))
    working.start()
    while not pause.paused.wait(0.1):
        trial.pause("the import to begin")
    return pause.worker, working


def _resume(paused: WorkerProcess, working: threading.Thread) -> None:
    paused.signal(signal.SIGCONT)
    working.join()


def _wait_for_late_import(trial: Trial, asked_before: int) -> None:
    """The call goes on without the worker that began it, where that has waited long enough."""
    for _ in range(50):
        if _requested(trial) > asked_before:
            return
        trial.pause("the paused import to go on")


def _checked(target: states.TargetCase) -> bool:
    """Whether somebody has read the target back after the lease."""
    return target.intent is not None and target.intent.checks > 0


def _requested(trial: Trial) -> int:
    return sum(counts["requested"] for counts in imports(trial).values())
