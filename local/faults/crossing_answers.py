"""Answers of two people, or twice of one, taken by two processes at the same moment; some replies are lost on the way.

A tool sends signed webhooks, a page sends the sign-in of a browser; both come in over HTTP, to the app's own routes.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from local.faults.azure_ml_scenarios import ask
from local.faults.calls import Call, Fault, Watch
from local.faults.nursery import WorkerProcess
from local.faults.race_verdict import Verdict, verdict_of
from local.faults.senders import Sent, Way
from local.faults.simulator.approvals import standing, why_not_approved
from local.faults.trial import Stuck, Trial
from shared.domain import events

_MAKERS = frozenset({"dana.submitter"})
_ANSWERED = (200, 409)  # taken, or too late: any other answer means that nothing raced
_ONCE = (events.Approved, events.Rejected)
_STAGGER_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two answers, each a person and a verdict, and how each is sent. `loses` is how many replies to appends are lost."""

    name: str
    answers: tuple[tuple[str, str], tuple[str, str]]
    loses: int = 0
    ways: tuple[Way, Way] = ("webhook", "webhook")


_APPROVE = ("amir.approver", "approve"), ("rosa.risk", "approve")
_CONTRADICT = ("amir.approver", "approve"), ("rosa.risk", "reject")
_TWICE = ("rosa.risk", "approve"), ("rosa.risk", "approve")
_CHANGED = ("rosa.risk", "approve"), ("rosa.risk", "reject")
_BOTH_WAYS: tuple[Way, Way] = ("page", "webhook")

CROSSINGS = (
    Crossing("both approve", _APPROVE),
    Crossing("both approve, replies lost", _APPROVE, loses=2),
    Crossing("approve and reject", _CONTRADICT),
    Crossing("approve and reject, replies lost", _CONTRADICT, loses=2),
    Crossing("one answer twice", _TWICE),
    Crossing("one answer twice, replies lost", _TWICE, loses=1),
    Crossing("one person through page and webhook", _TWICE, ways=_BOTH_WAYS),
    Crossing("one person through page and webhook, replies lost", _TWICE, loses=2, ways=_BOTH_WAYS),
    Crossing("approves on the page, rejects by webhook, replies lost", _CHANGED, loses=2, ways=_BOTH_WAYS),
)


class LosesReplies(Watch):
    """Loses the replies to the first appends; all were carried out."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._lock = threading.Lock()
        self.lost = 0

    def arrived(self, call: Call) -> Fault | None:
        """Lose the reply to a transaction."""
        with self._lock:
            if call.service != "tables" or "$batch" not in call.path or not self._left:
                return None
            self._left -= 1
            return Fault.DROP_ANSWER

    def struck(self, call: Call, fault: Fault) -> None:  # noqa: ARG002 - the watch's signature
        """Count it."""
        with self._lock:
            self.lost += 1


def cross(trial: Trial, chance: random.Random, crossing: Crossing) -> Verdict:
    """Let two processes take the two answers at once, and compare what they said with what stands in the history."""
    ask(trial)
    answers = [trial.answer(*answer, way=way) for answer, way in zip(crossing.answers, crossing.ways, strict=True)]
    workers = [trial.worker(number) for number in range(len(answers))]
    _warm_up(workers, answers)
    watch = LosesReplies(crossing.loses)
    trial.watch(watch)
    told = [
        _final(trial, answer, status) for answer, status in zip(answers, _race(workers, answers, chance), strict=True)
    ]
    trial.until(lambda case: case.status != "promoting" and trial.stores.relayed(trial.promotion), "all to be relayed")
    if crossing.loses and not watch.lost:
        raise Stuck(f"{trial.promotion} has lost no reply")
    return _compare(trial, [answer.operation for answer in answers], told)


def _warm_up(workers: Sequence[WorkerProcess], answers: Sequence[Sent]) -> None:
    """Have each process build its app and fetch keys: who begins with that comes too late to any race."""
    for worker, answer in zip(workers, answers, strict=True):
        worker.ask("decide", **replace(answer, body="{}").arguments)


def _race(workers: Sequence[WorkerProcess], answers: Sequence[Sent], chance: random.Random) -> list[int]:
    """The statuses with which they are answered, in the order of `answers`; chance says who begins, and by how much."""
    runners = list(zip(workers, answers, strict=True))
    for worker, answer in chance.sample(runners, len(runners)):
        worker.begin("decide", **answer.arguments)
        time.sleep(chance.random() * _STAGGER_SECONDS)
    return [int(str(worker.finish().get("status", 500))) for worker in workers]


def _final(trial: Trial, answer: Sent, status: int) -> int:
    """The status a sender ends with, who asks again after trouble on our side."""
    while status >= 500:
        trial.pause("an answer to a decision")
        again = trial.ask("decide", answer.arguments)
        status = int((again or {}).get("status", 500))
    return status


def _compare(trial: Trial, operations: list[str], told: list[int]) -> Verdict:
    rows = trial.stores.rows(trial.promotion)
    recorded = Counter(row.operation for row in rows if isinstance(row.event, events.DecisionRecorded))
    kinds = [type(row.event) for row in rows]
    answers = list(zip(operations, told, strict=True))
    doubles = [f"{operation} stands {n} times" for operation, n in recorded.items() if n > 1]
    doubles += [f"{each} was told {said}" for each, said in answers if said not in _ANSWERED]
    doubles += [
        f"{each} was told 200 and stands nowhere" for each, said in answers if said == 200 and not recorded[each]
    ]
    doubles += [f"{kinds.count(each)} times {each.__name__}" for each in _ONCE if kinds.count(each) > 1]
    for number, row in enumerate(rows):
        lacking = why_not_approved(standing(rows[:number]), _MAKERS)
        doubles += [f"approved although {lacking}"] if isinstance(row.event, events.Approved) and lacking else []
    rejected = kinds.index(events.Rejected) if events.Rejected in kinds else len(kinds)
    doubles += ["approved after it was rejected"] if events.Approved in kinds[rejected:] else []
    lost = [f"{each} stands, and was told {said}" for each, said in answers if said != 200 and recorded[each]]
    return verdict_of(doubles, lost)
