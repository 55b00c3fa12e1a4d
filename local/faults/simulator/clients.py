"""People and their tools: they send a wish, and send it again under the same operation until they know its outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from local.faults.simulator.estate import Estate, Instance
from local.faults.simulator.scheduler import Task
from local.faults.simulator.truth import Truth
from shared.domain.errors import CommandRefused, PortError
from shared.domain.events import Verdict
from shared.domain.ids import PromotionId
from shared.workflow.instruct import Instruction, instruct
from shared.workflow.record_decision import DecisionRequest, record_decision


@dataclass(slots=True)
class Wish:
    """What somebody wants, sent under one operation. `outcome` is None until they were told."""

    what: str
    promotion: PromotionId
    operation: str
    send: Callable[[Instance], Any]
    outcome: str | None = None


class Clients:
    """Everybody who sends something. `open` are the wishes whose senders do not know yet what became of them."""

    def __init__(self, estate: Estate, truth: Truth, rng: Random) -> None:
        self.wishes: list[Wish] = []
        self._estate = estate
        self._truth = truth
        self._rng = rng

    @property
    def open(self) -> list[Wish]:
        """The wishes whose senders do not know yet what became of them."""
        return [wish for wish in self.wishes if wish.outcome is None]

    def answer(self, promotion: PromotionId, digest: str, verdict: Verdict, person_id: str) -> Wish:
        """A person's answer; who they are is looked up each time it arrives."""
        operation = f"answer-{len(self.wishes)}-{person_id}"
        request = DecisionRequest(promotion, digest, verdict)

        def send(instance: Instance) -> Any:
            person = self._estate.directory.everyone.resolve(person_id)
            if person is None:
                raise CommandRefused("unknown_person", f"{person_id} is nobody now.")
            return record_decision(
                instance.outside, request, person=person, spelling=person_id, channel="page", operation=operation
            )

        return self._sent(Wish(f"answer {person_id} {verdict}", promotion, operation, send))

    def instruct(self, promotion: PromotionId, command: Instruction) -> Wish:
        """An operator's or submitter's instruction."""
        operation = f"instruct-{len(self.wishes)}"

        def send(instance: Instance) -> Any:
            return instruct(instance.outside, promotion, command, operation=operation, actor=command.by)

        return self._sent(Wish(f"instruct {type(command).__name__}", promotion, operation, send))

    def send(self, wish: Wish) -> Task:
        """Send it once more, to any instance."""
        instance = self._rng.choice(self._estate.instances[-2:])
        return self._estate.scheduler.start(
            wish.what,
            str(wish.promotion),
            lambda: wish.send(instance),
            lambda task: self._ended(wish, task),
            owner=instance,
        )

    def _sent(self, wish: Wish) -> Wish:
        self.wishes.append(wish)
        self.send(wish)
        if self._rng.random() < 0.25:
            self.send(wish)  # the same, through the page and through the webhook's second delivery
        return wish

    def _ended(self, wish: Wish, task: Task) -> None:
        committed = self._truth.committed.get(wish.operation)
        if task.crashed or isinstance(task.error, PortError):
            if self._rng.random() < 0.7 and wish.outcome is None:
                again = self._estate.scheduler.now + timedelta(seconds=self._rng.choice((1, 5, 40)))
                self._estate.scheduler.later(again, lambda: self._send_again(wish))
        elif isinstance(task.error, CommandRefused):
            wish.outcome = wish.outcome or f"refused {task.error.code}"
            if committed is not None and (committed[0] < task.began or committed[1] is task):
                self._truth.fails(f"{wish.promotion}: {wish.what} was recorded, and its sender is told {task.error}")
        elif task.error is not None:
            self._truth.fails(f"{wish.promotion}: {wish.what} raised {task.error!r}")
            wish.outcome = "raised"
        else:
            wish.outcome = "taken"
            if committed is None and wish.what.startswith("answer"):
                self._truth.fails(f"{wish.promotion}: {wish.what} was acknowledged and is not recorded")

    def _send_again(self, wish: Wish) -> None:
        if wish.outcome is None:
            self.send(wish)
