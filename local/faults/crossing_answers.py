"""Answers of two people, or twice of one, taken by two processes at the same moment; some replies are lost on the way."""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from local.faults.azure_ml_scenarios import ask
from local.faults.calls import Call, Fault
from local.faults.estate import SENDER
from local.faults.race_verdict import Verdict, verdict_of
from local.faults.trial import Trial
from shared.domain import events


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two answers, each a person and a verdict. `loses` is how many replies to appends are lost."""

    name: str
    answers: tuple[tuple[str, str], tuple[str, str]]
    loses: int = 0


_APPROVE = ("amir.approver", "approve"), ("rosa.risk", "approve")
_CONTRADICT = ("amir.approver", "approve"), ("rosa.risk", "reject")
_TWICE = ("rosa.risk", "approve"), ("rosa.risk", "approve")

CROSSINGS = (
    Crossing("both approve", _APPROVE),
    Crossing("both approve, replies lost", _APPROVE, loses=2),
    Crossing("approve and reject", _CONTRADICT),
    Crossing("approve and reject, replies lost", _CONTRADICT, loses=2),
    Crossing("one answer twice", _TWICE),
    Crossing("one answer twice, replies lost", _TWICE, loses=1),
)


class LosesReplies:
    """Loses the replies to the first appends; both were carried out."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._lock = threading.Lock()

    def arrived(self, call: Call) -> Fault | None:
        """Lose the reply to a transaction."""
        with self._lock:
            if call.service != "tables" or "$batch" not in call.path or not self._left:
                return None
            self._left -= 1
            return Fault.DROP_ANSWER

    def answered(self, call: Call) -> None:
        """Nothing more."""

    def revived(self) -> None:
        """Nothing more."""


def cross(trial: Trial, crossing: Crossing) -> Verdict:
    """Let two processes take the two answers at once, and compare what they said with what stands in the history."""
    ask(trial)
    signed = [trial.signed(person, verdict) for person, verdict in crossing.answers]
    workers = [trial.worker(0), trial.worker(1)]
    trial.watch(LosesReplies(crossing.loses))
    for worker, answer in zip(workers, signed, strict=True):
        worker.begin("decide", **answer)
    replies = [worker.finish() for worker in workers]
    told = [_final(trial, answer, reply) for answer, reply in zip(signed, replies, strict=True)]
    trial.until(lambda case: case.status != "promoting" and trial.stores.relayed(trial.promotion), "all to be relayed")
    return _compare(trial, [f"webhook:{SENDER}:{answer['headers']['webhook-id']}" for answer in signed], told)


def _final(trial: Trial, signed: dict[str, Any], reply: dict[str, Any]) -> int:
    """The status a sender ends with, who asks again after trouble on our side."""
    status = int(reply.get("status", 500))
    while status >= 500:
        trial.pause("an answer to a webhook")
        again = trial.ask("decide", signed)
        status = int((again or {}).get("status", 500))
    return status


def _compare(trial: Trial, operations: list[str], told: list[int]) -> Verdict:
    rows = trial.stores.rows(trial.promotion)
    recorded = Counter(row.operation for row in rows if isinstance(row.event, events.DecisionRecorded))
    kinds = [type(row.event) for row in rows]
    doubles = [f"{operation} stands {n} times" for operation, n in recorded.items() if n > 1]
    answers = list(zip(operations, told, strict=True))
    doubles += [
        f"{each} was told 200 and stands nowhere" for each, said in answers if said == 200 and not recorded[each]
    ]
    doubles += ["the quorum was reached twice"] if kinds.count(events.Approved) > 1 else []
    rejected = kinds.index(events.Rejected) if events.Rejected in kinds else len(kinds)
    doubles += ["approved after it was rejected"] if events.Approved in kinds[rejected:] else []
    lost = [f"{each} stands, and was told {said}" for each, said in answers if said != 200 and recorded[each]]
    return verdict_of(doubles, lost)
