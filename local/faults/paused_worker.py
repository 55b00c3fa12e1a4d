"""Two workers on one promotion: side by side, and one of them stopped by SIGSTOP in an import until its lease is over."""

import signal
import threading
import time

from local.faults.azure_ml_scenarios import approve, ask, finish
from local.faults.calls import Call, Fault, Watch
from local.faults.estate import SHORT_WAITS
from local.faults.nursery import WorkerProcess
from local.faults.outcome import imports
from local.faults.race_verdict import Verdict, verdict_of
from local.faults.trial import Trial
from local.platform.estate import WORKSPACE
from shared.domain import events, states

_FIRST = "contoso-shared"


class Pause(Watch):
    """Stops a worker once, at the first call that `is_moment` says."""

    def __init__(self) -> None:
        self.worker: WorkerProcess | None = None
        self.paused = threading.Event()

    def arrived(self, call: Call) -> Fault | None:
        """Stop it before the call is carried out."""
        watches = call.service == "azure_ml" and self.worker is not None and not self.paused.is_set()
        if watches and self.is_moment(call) and self.worker:
            self.worker.stop()
            self.paused.set()
        return None

    def is_moment(self, call: Call) -> bool:
        """Whether this call of Azure ML is the one."""
        raise NotImplementedError


class PauseInImport(Pause):
    """Stops a worker that is about to import: it has seen that the target is absent, and asks for the copy when resumed."""

    def __init__(self) -> None:
        super().__init__()
        self._sharing = False

    def is_moment(self, call: Call) -> bool:
        """Its last read before the import; only an import reads the workspace itself."""
        self._sharing = self._sharing or call.path.endswith(f"/workspaces/{WORKSPACE.name}")
        return self._sharing and call.method == "GET" and "/registries/" in call.path and "/versions/" in call.path


class PauseInReadBack(Pause):
    """Stops a worker whose import has landed, and that is reading back what it left."""

    def __init__(self) -> None:
        super().__init__()
        self._imported = False

    def is_moment(self, call: Call) -> bool:
        """The files of what landed; before an import there are none to ask for."""
        self._imported = self._imported or (call.method == "POST" and call.path.endswith("/import"))
        return self._imported and "/datarefs/" in call.path


def stopped_meanwhile(trial: Trial) -> Verdict:
    """The promotion is rejected while an import is paused: what it leaves late is a conflict, and stays rejected."""
    paused, working = _pause(trial, PauseInImport())
    refused = trial.decide("rosa.risk", "reject", worker=1)
    over = time.monotonic() + SHORT_WAITS["LEASE"]
    trial.until(lambda case: time.monotonic() > over and _checked(case.targets[_FIRST]), "the lease to end", worker=1)
    _resume(paused, working)
    return _is_late(trial, refused)


def believed_too_late(trial: Trial) -> Verdict:
    """The same, where the import landed in time and its worker was paused until its lease was over: nobody else looked."""
    paused, working = _pause(trial, PauseInReadBack())
    refused = trial.decide("rosa.risk", "reject", worker=1)
    over = time.monotonic() + SHORT_WAITS["LEASE"]
    trial.wait(lambda _case: time.monotonic() > over, "the lease to end")
    _resume(paused, working)
    return _is_late(trial, refused)


def _is_late(trial: Trial, refused: int) -> Verdict:
    """What was found at the first target is a conflict of a promotion that stays rejected."""
    trial.until(lambda case: case.targets[_FIRST].status == "conflict", "the late import to be found", worker=1)
    case = trial.case()
    kinds = [
        row.event.kind for row in trial.stores.rows(trial.promotion) if isinstance(row.event, events.ConflictFound)
    ]
    ends_well = (case.status, kinds) == ("rejected", ["landed_late"])
    wrong = [
        *([f"the rejection was answered {refused}"] if refused != 200 else []),
        *([] if ends_well else [f"it ends as {case.status} with conflicts {kinds}"]),
    ]
    trial.until_left_alone()
    return verdict_of(wrong, [])


def overtaken(trial: Trial) -> Verdict:
    """Another worker takes the ended lease over and promotes the same content: the late import changes nothing."""
    paused, working = _pause(trial, PauseInImport())
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


def _pause(trial: Trial, pause: Pause) -> tuple[WorkerProcess, threading.Thread]:
    """Approved, and worker 0 stopped in the middle of its first import."""
    ask(trial)
    approve(trial)
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
